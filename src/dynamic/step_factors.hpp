// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <vector>

#include "dynamic/banded.hpp"
#include "dynamic/dense.hpp"
#include "dynamic/observed_band.hpp"

namespace antler::dynamic {

/// The real and the complex matrix lambda / h - J of one step of Radau IIA, factored, in the structure's own storage.
template <class Structure>
class StepFactors {
 public:
  explicit StepFactors(const Structure& structure);

  static std::size_t numbers(int n, std::size_t matrix_size) { return 3 * matrix_size + static_cast<std::size_t>(n); }

  /// To be told of every new J, in the storage of the structure.
  void observe(const double* /*jacobian*/) {}
  /// @param jacobian  the J that was observed last
  /// @return          false when a matrix is singular or not finite
  [[nodiscard]] bool factor(const double* jacobian, double h);

  /// x <- (gamma / h - J)^{-1} x, n numbers.
  void solve_real(double* x);
  /// The same for the three transformed stages, n numbers each, with the matrix of their eigenvalue.
  void solve_stages(double* w);
  /// What factor() costs, in solutions.
  [[nodiscard]] double factor_cost() const { return structure_.factor_flops() / structure_.solve_flops(); }

 private:
  Structure structure_;
  std::size_t n_;
  std::unique_ptr<double[]> real_, re_, im_;
  std::vector<int> real_pivots_, pair_pivots_;
};

/// A dense matrix may turn out to have few entries that are not zero: then it is factored as the band that a good order of the
/// components makes of it (ObservedBand), which solves the same equations in a fraction of the time.
template <>
class StepFactors<Dense> {
 public:
  explicit StepFactors(const Dense& structure);

  static std::size_t numbers(int n, std::size_t matrix_size) {
    return 3 * matrix_size + 5 * static_cast<std::size_t>(n) + ObservedBand::numbers(n);
  }

  void observe(const double* jacobian) { observed_.observe(jacobian); }
  [[nodiscard]] bool factor(const double* jacobian, double h);
  void solve_real(double* x);
  void solve_stages(double* w);
  [[nodiscard]] double factor_cost() const {
    return observed_.is_band() ? observed_.band().factor_flops() / observed_.band().solve_flops()
                               : structure_.factor_flops() / structure_.solve_flops();
  }

 private:
  Dense structure_;
  std::size_t n_;
  std::unique_ptr<double[]> real_, re_, im_;
  std::vector<int> real_pivots_, pair_pivots_;
  ObservedBand observed_;
  std::vector<double> ordered_;
};

}  // namespace antler::dynamic
