// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "antler/core/finite.hpp"
#include "antler/core/matrix.hpp"

namespace antler::inline ANTLER_LANES {

/// A x = b with m equations in n >= m unknowns by Gaussian elimination with complete pivoting, on the host; rows and columns are
/// scaled to one first.
///
/// With n = m + 1 the unknown that is left over is free: solve() sets it to zero, null_vector() to one.
/// Cost: 2/3 m^2 n flops; for the small dense systems at the end of a structured elimination [GolubVanLoan2013, sec. 3.4.8].
template <class T, int m, int n>
class CompletePivoting {
  static_assert(n >= m);

 public:
  CompletePivoting() = default;

  explicit CompletePivoting(const Matrix<T, m, n>& a) : lu_(a) {
    equilibrate();
    for (int i = 0; i < m; ++i) row_[i] = i;
    for (int j = 0; j < n; ++j) column_[j] = j;
    for (int k = 0; k < m; ++k) {
      choose_pivot(k);
      for (int i = k + 1; i < m; ++i) {
        lu_(i, k) /= lu_(k, k);
        for (int j = k + 1; j < n; ++j) lu_(i, j) -= lu_(i, k) * lu_(k, j);
      }
    }
  }

  /// The smallest pivot over the largest, zero when one is not finite: below some units of rounding the equations contradict or
  /// repeat each other.
  [[nodiscard]] double pivot_ratio() const {
    double smallest = HUGE_VAL, largest = 0;
    for (int k = 0; k < m; ++k) {
      const double pivot = std::abs(static_cast<double>(lu_(k, k)));
      if (!is_finite(pivot)) return 0;
      smallest = std::min(smallest, pivot);
      largest = std::max(largest, pivot);
    }
    return largest > 0 ? smallest / largest : 0;
  }

  [[nodiscard]] Vector<T, n> solve(const Vector<T, m>& b) const {
    Vector<T, n> x{};
    for (int i = 0; i < m; ++i) x[i] = b[row_[i]] * row_scale_[row_[i]];
    for (int i = 1; i < m; ++i)
      for (int k = 0; k < i; ++k) x[i] -= lu_(i, k) * x[k];
    return unpermuted(back_substituted(x));
  }

  [[nodiscard]] Vector<T, n> null_vector() const {
    static_assert(n == m + 1, "antler::CompletePivoting: one unknown more than equations has a null vector");
    Vector<T, n> x{};
    for (int i = 0; i < m; ++i) x[i] = -lu_(i, m);
    x[m] = T(1);
    return unpermuted(back_substituted(x));
  }

 private:
  void equilibrate() {
    for (int i = 0; i < m; ++i) {
      T largest = T(0);
      for (int j = 0; j < n; ++j) largest = std::max(largest, std::abs(lu_(i, j)));
      row_scale_[i] = largest > T(0) ? T(1) / largest : T(1);
      for (int j = 0; j < n; ++j) lu_(i, j) *= row_scale_[i];
    }
    for (int j = 0; j < n; ++j) {
      T largest = T(0);
      for (int i = 0; i < m; ++i) largest = std::max(largest, std::abs(lu_(i, j)));
      column_scale_[j] = largest > T(0) ? T(1) / largest : T(1);
      for (int i = 0; i < m; ++i) lu_(i, j) *= column_scale_[j];
    }
  }

  void choose_pivot(int k) {
    int row = k, column = k;
    for (int i = k; i < m; ++i)
      for (int j = k; j < n; ++j)
        if (std::abs(lu_(i, j)) > std::abs(lu_(row, column))) {
          row = i;
          column = j;
        }
    std::swap(row_[k], row_[row]);
    std::swap(column_[k], column_[column]);
    for (int j = 0; j < n; ++j) std::swap(lu_(k, j), lu_(row, j));
    for (int i = 0; i < m; ++i) std::swap(lu_(i, k), lu_(i, column));
  }

  [[nodiscard]] Vector<T, n> back_substituted(Vector<T, n> x) const {
    for (int k = m - 1; k >= 0; --k) {
      for (int j = k + 1; j < m; ++j) x[k] -= lu_(k, j) * x[j];
      x[k] /= lu_(k, k);
    }
    return x;
  }
  [[nodiscard]] Vector<T, n> unpermuted(const Vector<T, n>& x) const {
    Vector<T, n> y;
    for (int j = 0; j < n; ++j) y[column_[j]] = x[j] * column_scale_[column_[j]];
    return y;
  }

  Matrix<T, m, n> lu_;
  int row_[m], column_[n];
  Vector<T, m> row_scale_;
  Vector<T, n> column_scale_;
};

}  // namespace antler::inline ANTLER_LANES
