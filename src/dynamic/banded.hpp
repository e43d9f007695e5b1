// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>

#include "antler/problem/jacobian_pattern.hpp"
#include "dynamic/cells.hpp"

namespace antler::dynamic {

/// A matrix of n rows with `lower` subdiagonals and `upper` superdiagonals, in LAPACK's band storage: column by column, `lower`
/// more superdiagonals for what row exchanges fill in.
class Banded {
 public:
  Banded(int n, int lower, int upper) : n_(n), lower_(lower), upper_(upper), reach_(lower + upper), rows_(2 * lower + upper + 1) {}

  [[nodiscard]] int components() const { return static_cast<int>(n_); }
  /// Numbers of one real matrix.
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(n_ * rows_); }
  [[nodiscard]] std::ptrdiff_t diagonal(std::ptrdiff_t i) const { return i * rows_ + reach_; }
  [[nodiscard]] JacobianEntries::Layout layout() const {
    return {static_cast<int>(n_), static_cast<int>(lower_), static_cast<int>(upper_), reach_, rows_ - 1, nullptr};
  }
  [[nodiscard]] double factor_flops() const { return 2.0 * static_cast<double>(n_ * (lower_ + 1) * (reach_ + 1)); }
  [[nodiscard]] double solve_flops() const { return 2.0 * static_cast<double>(n_ * rows_); }

  /// P A = L U in place, row exchanges as they come [GolubVanLoan2013, sec. 4.3]. The diagonal holds the reciprocals of U's.
  /// @param pivots  out: n row numbers
  /// @return        false when a pivot is zero or not finite
  template <class Cells>
  [[nodiscard]] bool factor(Cells a, int* pivots) const;

  /// x <- A^{-1} x.
  template <class Cells>
  void solve(Cells lu, const int* pivots, Cells x) const;

  /// solve() of a real and of a complex system, row by row in turn: each is a chain of dependent operations, two overlap.
  void solve_both(RealCells a, const int* a_pivots, RealCells x, ComplexCells b, const int* b_pivots, ComplexCells y) const;

 private:
  template <class Cells>
  void forward(std::ptrdiff_t k, Cells lu, const int* pivots, Cells x) const;
  template <class Cells>
  void backward(std::ptrdiff_t k, Cells lu, Cells x) const;
  [[nodiscard]] std::ptrdiff_t below(std::ptrdiff_t k) const { return std::min(lower_, n_ - 1 - k); }

  std::ptrdiff_t n_, lower_, upper_, reach_, rows_;
};

/// A band is factored row by row, a dense matrix by blocks in wide vectors: below a third of the storage the band is faster.
[[nodiscard]] inline bool is_worth_a_band(int n, int lower, int upper) {
  constexpr int advantage = 3;
  return advantage * (2 * lower + upper + 1) <= n;
}

}  // namespace antler::dynamic
