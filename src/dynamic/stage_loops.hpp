// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace antler::dynamic {

/// The loops over the components of one step of Radau IIA, in the widest vectors of the processor. Arrays of stages hold three
/// times n numbers; T, Lambda and w are those of collocation_step.hpp.
struct StageLoops {
  /// z_k <- y + (T w)_k
  void (*stages)(std::size_t n, const double* y, const double* w, double* z);
  /// p <- T^{-1} p - Lambda w / h
  void (*residual)(std::size_t n, double h, const double* w, double* p);
  /// w <- w + p; returns the sum of (p_c weight_c)^2.
  double (*update)(std::size_t n, const double* weight, const double* p, double* w);
  /// w <- M last with a 3 x 3 matrix M, row by row
  void (*combine)(std::size_t n, const double* matrix, const double* last, double* w);
  /// x <- value + sum_k e_k w_k
  void (*estimate)(std::size_t n, const double* e, const double* value, const double* w, double* x);
  /// weight_c <- 1 / (rtol |y_c| + atol_c)
  void (*weigh)(std::size_t n, double rtol, const double* atol, const double* y, double* weight);
  /// The sum of (v_c weight_c)^2.
  double (*square)(std::size_t n, const double* weight, const double* v);
};

[[nodiscard]] const StageLoops& stage_loops();

}  // namespace antler::dynamic
