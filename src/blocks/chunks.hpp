// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The kernels of inverse/block_chunks.hpp for blocks of a size known at run time. Matrices row by row.

#include <vector>

#include "antler/inverse/block_monitor.hpp"
#include "antler/inverse/dynamic_blocks.hpp"

namespace antler::blocks {

/// What is solved: the blocks of a system, and any right-hand side.
struct Rows {
  const DynamicBlockTridiagonal* system;
  const double* r;

  [[nodiscard]] Index length() const { return system->length; }
  [[nodiscard]] bool periodic() const { return system->ends == Ends::periodic; }
  [[nodiscard]] std::size_t n() const { return static_cast<std::size_t>(system->size); }
  [[nodiscard]] const double* lower(Index i) const { return system->L.data() + static_cast<std::size_t>(i) * n() * n(); }
  [[nodiscard]] const double* diagonal(Index i) const { return system->D.data() + static_cast<std::size_t>(i) * n() * n(); }
  [[nodiscard]] const double* upper(Index i) const { return system->U.data() + static_cast<std::size_t>(i) * n() * n(); }
  [[nodiscard]] const double* right(Index i) const { return r + static_cast<std::size_t>(i) * n(); }
  /// Whether U of row i acts.
  [[nodiscard]] bool has_upper(Index i) const { return periodic() || i + 1 < length(); }
};

/// Separators, and what the chunk before each contributes to its D and r.
struct Separators {
  DynamicBlockTridiagonal system;
  std::vector<double> from_left, right_from_left, x;

  Separators(Index length, int size, Ends ends);
  [[nodiscard]] Rows rows() const { return {&system, system.r.data()}; }
  /// D and r get what the chunks before contributed.
  void merge();
};

/// What a worker needs to reduce or to substitute a chunk.
struct Workspace {
  std::vector<double> row, next, product, own, ahead, block;

  explicit Workspace(std::size_t n);
};

/// Reduces rows k chunk .. to the separator k of `to`; returns the largest entry of V and W, infinite when one is not finite.
double reduce_chunk(const Rows& rows, Index k, Index chunk, Separators& to, Workspace& work);

/// [W y] of row i into `to` (n rows of n + 1) from that of the row before, nullptr where it has none; returns the largest of W.
double eliminate_row(const Rows& rows, Index i, const double* before, double* to, Workspace& work);

/// x_i = y - W x_{i+1} from [W y] of row i; x_{i+1} may be nullptr: W is zero.
void substitute_row(std::size_t n, const double* row, const double* x_next, double* x);

/// Solves what is left of row i of the system, A x = b; returns the largest reciprocal of a pivot, scaled by row i.
double solve_root(const Rows& rows, Index i, std::vector<double> a, std::vector<double> b, double* x);

/// residual <- r - A x; returns the largest backward error of a row.
double backward_error(const Rows& rows, const double* x, std::vector<double>& residual);

/// The largest |v| in units of the entries of its row.
double scaled_size(const Rows& rows, const double* v);

}  // namespace antler::blocks
