// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Structures of the matrices lambda / h - J: where their entries lie, their LU factorisations with partial pivoting and the
/// solves. Every structure has the members of this one; Cells is RealCells or ComplexCells.

#include "antler/problem/jacobian_pattern.hpp"
#include "dynamic/cells.hpp"

namespace antler::dynamic {

/// A dense matrix of n rows, column by column.
class Dense {
 public:
  explicit Dense(int n) : n_(n) {}

  [[nodiscard]] int components() const { return static_cast<int>(n_); }
  /// Numbers of one real matrix.
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(n_ * n_); }
  [[nodiscard]] std::ptrdiff_t diagonal(std::ptrdiff_t i) const { return i * (n_ + 1); }
  [[nodiscard]] JacobianEntries::Layout layout() const {
    return {static_cast<int>(n_), static_cast<int>(n_) - 1, static_cast<int>(n_) - 1, 0, n_, nullptr};
  }
  [[nodiscard]] double factor_flops() const { return 0.7 * static_cast<double>(n_) * static_cast<double>(n_ * n_); }
  [[nodiscard]] double solve_flops() const { return 2.0 * static_cast<double>(n_ * n_); }

  /// P A = L U in place, by blocks of columns [GolubVanLoan2013, sec. 3.4]. The diagonal holds the reciprocals of U's.
  /// @param pivots  out: n row numbers
  /// @return        false when a pivot is zero or not finite
  template <class Cells>
  [[nodiscard]] bool factor(Cells a, int* pivots) const;

  /// x <- A^{-1} x.
  template <class Cells>
  void solve(Cells lu, const int* pivots, Cells x) const;

  /// solve() of a real and of a complex system.
  void solve_both(RealCells a, const int* a_pivots, RealCells x, ComplexCells b, const int* b_pivots, ComplexCells y) const {
    solve(a, a_pivots, x);
    solve(b, b_pivots, y);
  }

 private:
  std::ptrdiff_t n_;
};

}  // namespace antler::dynamic
