// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Two neighbouring block rows of an AlmostBlockDiagonal system become one, without the unknown d_1 between them:
///
///     S_1 d_0 + R_1 d_1             + C_1 e = r_1             U d_1 = t - E d_0 - G d_2 - H e
///               S_2 d_1 + R_2 d_2   + C_2 e = r_2    ==>      S d_0 + R d_2 + C e = r
///
/// A factorisation of the 2 n x n matrix (R_1; S_2) does it: orthogonal, or triangular with row interchanges [Wright1992].

#include "antler/core/householder.hpp"
#include "antler/deer/almost_block_diagonal.hpp"

namespace antler::inline ANTLER_LANES {

/// P A = L (U; 0) with partial pivoting, m x n with m >= n: the same members as Householder, for half the operations.
template <class T, int m, int n>
class PivotedTriangles {
 public:
  PivotedTriangles() = default;

  KOKKOS_INLINE_FUNCTION explicit PivotedTriangles(const Matrix<T, m, n>& a) : lu_(a) {
    for (int k = 0; k < n; ++k) {
      int row = k;
      for (int i = k + 1; i < m; ++i)
        if (abs(lu_(i, k)) > abs(lu_(row, k))) row = i;
      pivot_[k] = row;
      for (int j = 0; j < n; ++j) exchange(lu_(k, j), lu_(row, j));
      const T reciprocal = lu_(k, k) == T(0) ? T(0) : T(1) / lu_(k, k);
      for (int i = k + 1; i < m; ++i) {
        lu_(i, k) *= reciprocal;
        for (int j = k + 1; j < n; ++j) lu_(i, j) -= lu_(i, k) * lu_(k, j);
      }
    }
  }

  /// b <- L^{-1} P b.
  template <int columns>
  KOKKOS_INLINE_FUNCTION void apply(Matrix<T, m, columns>& b) const {
    for (int k = 0; k < n; ++k)
      for (int j = 0; j < columns; ++j) exchange(b(k, j), b(pivot_[k], j));
    for (int k = 0; k < n; ++k)
      for (int i = k + 1; i < m; ++i)
        for (int j = 0; j < columns; ++j) b(i, j) -= lu_(i, k) * b(k, j);
  }
  /// @copydoc apply
  KOKKOS_INLINE_FUNCTION void apply(Vector<T, m>& b) const {
    for (int k = 0; k < n; ++k) exchange(b[k], b[pivot_[k]]);
    for (int k = 0; k < n; ++k)
      for (int i = k + 1; i < m; ++i) b[i] -= lu_(i, k) * b[k];
  }
  /// x <- U^{-1} x.
  KOKKOS_INLINE_FUNCTION void back_substitute(Vector<T, n>& x) const {
    for (int k = n - 1; k >= 0; --k) {
      for (int j = k + 1; j < n; ++j) x[k] -= lu_(k, j) * x[j];
      x[k] /= lu_(k, k);
    }
  }
  /// u_kk.
  [[nodiscard]] KOKKOS_INLINE_FUNCTION const T& diagonal(int k) const { return lu_(k, k); }

 private:
  KOKKOS_INLINE_FUNCTION static void exchange(T& a, T& b) {
    const T old = a;
    a = b;
    b = old;
  }

  Matrix<T, m, n> lu_;
  int pivot_[n];
};

namespace detail {

/// An unknown that was eliminated: how to have it from its two neighbours.
template <class T, int n, int m, class Factors>
struct EliminatedUnknown {
  static constexpr int columns = at_least_one(m);

  Factors factors;
  Matrix<T, n> E, G;
  Matrix<T, n, columns> H;

  /// Writes itself and returns the block row that is left; `smallest` is the smallest |u_kk| as a part of its column.
  KOKKOS_INLINE_FUNCTION BoundarySlice<T, n, m> eliminate(const BoundarySlice<T, n, m>& first, const BoundarySlice<T, n, m>& second,
                                                          double& smallest) {
    Matrix<T, 2 * n, n> middle;
    Matrix<T, 2 * n, 2 * n + columns> beside;
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) {
        middle(i, j) = first.R(i, j);
        middle(n + i, j) = second.S(i, j);
        beside(i, j) = first.S(i, j);
        beside(n + i, j) = T(0);
        beside(i, n + j) = T(0);
        beside(n + i, n + j) = second.R(i, j);
      }
      for (int j = 0; j < columns; ++j) {
        beside(i, 2 * n + j) = m > 0 ? first.C(i, j) : T(0);
        beside(n + i, 2 * n + j) = m > 0 ? second.C(i, j) : T(0);
      }
    }
    factors = Factors(middle);
    factors.apply(beside);
    smallest = least_pivot(middle);
    BoundarySlice<T, n, m> left;
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) {
        E(i, j) = beside(i, j);
        G(i, j) = beside(i, n + j);
        left.S(i, j) = beside(n + i, j);
        left.R(i, j) = beside(n + i, n + j);
      }
      for (int j = 0; j < columns; ++j) {
        H(i, j) = beside(i, 2 * n + j);
        left.C(i, j) = beside(n + i, 2 * n + j);
      }
    }
    return left;
  }

  /// The right-hand sides of the two rows become that of the eliminated unknown and that of the row that is left.
  KOKKOS_INLINE_FUNCTION void reduce(Vector<T, n>& first, Vector<T, n>& second) const {
    Vector<T, 2 * n> both;
    for (int i = 0; i < n; ++i) {
      both[i] = first[i];
      both[n + i] = second[i];
    }
    factors.apply(both);
    for (int i = 0; i < n; ++i) {
      first[i] = both[i];
      second[i] = both[n + i];
    }
  }

  /// d_1.
  KOKKOS_INLINE_FUNCTION Vector<T, n> unknown(Vector<T, n> t, const Vector<T, n>& before, const Vector<T, n>& after,
                                              const Vector<T, columns>& e) const {
    t -= E * before;
    t -= G * after;
    if constexpr (m > 0) t -= H * e;
    factors.back_substitute(t);
    return t;
  }

 private:
  KOKKOS_INLINE_FUNCTION double least_pivot(const Matrix<T, 2 * n, n>& middle) const {
    double smallest = 1;
    for (int k = 0; k < n; ++k) {
      double column = 0;
      for (int i = 0; i < 2 * n; ++i) {
        const double entry = static_cast<double>(middle(i, k));
        column = fmax(column, fabs(entry));
      }
      const double pivot = fabs(static_cast<double>(factors.diagonal(k)));
      const double ratio = is_finite(pivot) && column > 0 ? pivot / column : 0;
      smallest = ratio < smallest ? ratio : smallest;
    }
    return smallest;
  }
};

/// The largest residual |A d_0 + B d_1 + C e - r| of the rows, and the largest entry of A, B, C and r by themselves.
struct RowResidual {
  double residual = 0, coefficient = 0, right = 0;
};
template <class T, int rows, int n, int m>
KOKKOS_INLINE_FUNCTION RowResidual row_residual(const Matrix<T, rows, n>& A, const Matrix<T, rows, n>& B,
                                                const Matrix<T, rows, at_least_one(m)>& C, const Vector<T, n>& before,
                                                const Vector<T, n>& after, const Vector<T, at_least_one(m)>& e,
                                                const Vector<T, rows>& r) {
  RowResidual worst;
  for (int i = 0; i < rows; ++i) {
    double sum = -static_cast<double>(r[i]);
    const auto add = [&](const T& coefficient, const T& unknown) {
      sum += static_cast<double>(coefficient) * static_cast<double>(unknown);
      worst.coefficient = fmax(worst.coefficient, fabs(static_cast<double>(coefficient)));
    };
    for (int j = 0; j < n; ++j) {
      add(A(i, j), before[j]);
      add(B(i, j), after[j]);
    }
    for (int j = 0; j < m; ++j) add(C(i, j), e[j]);
    worst.residual = is_finite(sum) ? fmax(worst.residual, fabs(sum)) : HUGE_VAL;
    worst.right = fmax(worst.right, fabs(static_cast<double>(r[i])));
  }
  return worst;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
