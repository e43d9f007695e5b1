// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/lanes_math.hpp"
#include "antler/core/math.hpp"
#include "antler/core/matrix.hpp"

namespace antler::inline ANTLER_LANES {

/// A^{-1} applied to many columns: Gaussian elimination with partial pivoting [GolubVanLoan2013, alg. 3.4.1]. One matrix, or one
/// per SIMD lane with a pivoting of its own.
///
/// What differs from LU: columns are solved where they are needed, one at a time in registers, and exchanges cost nothing where
/// there were none, as nearly always with the blocks of an elliptic equation. A zero pivot gives values that are not finite.
/// 2/3 n^3 flops to factor, 2 n^2 per column.
template <class U, int n>
class BlockFactors {
 public:
  BlockFactors() = default;

  KOKKOS_FORCEINLINE_FUNCTION explicit BlockFactors(const Matrix<U, n>& a) : lu_(a) {
    for (int k = 0; k < n; ++k) {
      exchange(k);
      const U reciprocal = U(1) / lu_(k, k);
      lu_(k, k) = reciprocal;
      for (int i = k + 1; i < n; ++i) {
        const U factor = lu_(i, k) * reciprocal;
        lu_(i, k) = factor;
        for (int j = k + 1; j < n; ++j) lu_(i, j) -= factor * lu_(k, j);
      }
    }
  }

  /// x <- A^{-1} x.
  KOKKOS_FORCEINLINE_FUNCTION void solve(Vector<U, n>& x) const {
    if (exchanged_) permute(x);
    for (int i = 1; i < n; ++i)
      for (int k = 0; k < i; ++k) x[i] -= lu_(i, k) * x[k];
    for (int i = n - 1; i >= 0; --i) {
      for (int k = i + 1; k < n; ++k) x[i] -= lu_(i, k) * x[k];
      x[i] *= lu_(i, i);
    }
  }

  /// 1 / u_kk.
  KOKKOS_FORCEINLINE_FUNCTION U reciprocal_pivot(int k) const { return lu_(k, k); }

 private:
  /// Brings the row with the largest entry of column k into row k, in every lane by itself.
  KOKKOS_FORCEINLINE_FUNCTION void exchange(int k) {
    U largest = abs(lu_(k, k)), row = U(k);
    for (int i = k + 1; i < n; ++i) {
      const U size = abs(lu_(i, k));
      const mask_of<U> better = size > largest;
      largest = select(better, size, largest);
      row = select(better, U(i), row);
    }
    pivot_[k] = row;
    if (!any(row != U(k))) return;
    exchanged_ = true;
    for (int i = k + 1; i < n; ++i) {
      const mask_of<U> swap = row == U(i);
      for (int j = 0; j < n; ++j) swap_where(swap, lu_(k, j), lu_(i, j));
    }
  }

  KOKKOS_FORCEINLINE_FUNCTION void permute(Vector<U, n>& x) const {
    for (int k = 0; k < n - 1; ++k)
      for (int i = k + 1; i < n; ++i) swap_where(pivot_[k] == U(i), x[k], x[i]);
  }

  KOKKOS_FORCEINLINE_FUNCTION static void swap_where(const mask_of<U>& mask, U& a, U& b) {
    const U old = a;
    a = select(mask, b, a);
    b = select(mask, old, b);
  }

  Matrix<U, n> lu_;
  U pivot_[n];
  bool exchanged_ = false;
};

namespace detail {

/// Brings the row with the largest entry of column k of A into row k of A and B.
template <class T, int n, int m>
KOKKOS_FORCEINLINE_FUNCTION void exchange_rows(Matrix<T, n>& a, Matrix<T, n, m>& b, int k) {
  int row = k;
  for (int i = k + 1; i < n; ++i)
    if (abs(a(i, k)) > abs(a(row, k))) row = i;
  if (row == k) return;
  for (int j = k; j < n; ++j) {
    const T old = a(k, j);
    a(k, j) = a(row, j);
    a(row, j) = old;
  }
  for (int j = 0; j < m; ++j) {
    const T old = b(k, j);
    b(k, j) = b(row, j);
    b(row, j) = old;
  }
}

}  // namespace detail

/// B <- A^{-1} B, the same for numbers: both matrices are eliminated together, so that the columns of B fill vectors. A is
/// overwritten and holds the reciprocals of the pivots on its diagonal. 2/3 n^3 + 2 n^2 m flops.
template <class T, int n, int m>
KOKKOS_FORCEINLINE_FUNCTION void solve_columns(Matrix<T, n>& a, Matrix<T, n, m>& b) {
  for (int k = 0; k < n; ++k) {
    detail::exchange_rows(a, b, k);
    const T reciprocal = T(1) / a(k, k);
    a(k, k) = reciprocal;
    for (int i = k + 1; i < n; ++i) {
      const T factor = a(i, k) * reciprocal;
      for (int j = k + 1; j < n; ++j) a(i, j) -= factor * a(k, j);
      for (int j = 0; j < m; ++j) b(i, j) -= factor * b(k, j);
    }
  }
  for (int i = n - 1; i >= 0; --i) {
    for (int k = i + 1; k < n; ++k)
      for (int j = 0; j < m; ++j) b(i, j) -= a(i, k) * b(k, j);
    for (int j = 0; j < m; ++j) b(i, j) *= a(i, i);
  }
}

}  // namespace antler::inline ANTLER_LANES
