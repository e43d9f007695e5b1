// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/vector.hpp"

namespace antler::inline ANTLER_LANES {

/// A = (a_ij): a dense m x n matrix of a size known at compile time, row by row, on the host and on the device.
///
/// Meant for the blocks of one step (n up to some tens). `Matrix<T, m, n> a;` is uninitialised, `Matrix<T, m, n> a{}` is zero.
template <class T, int m, int n = m>
struct Matrix {
  static_assert(m >= 1 && n >= 1, "antler::Matrix: at least one row and one column");
  using value_type = T;

  T values[m][n];

  KOKKOS_FORCEINLINE_FUNCTION static constexpr int rows() { return m; }
  KOKKOS_FORCEINLINE_FUNCTION static constexpr int columns() { return n; }
  KOKKOS_FORCEINLINE_FUNCTION constexpr T& operator()(int i, int j) {
    ANTLER_CHECK_INDEX(0 <= i && i < m && 0 <= j && j < n);
    return values[i][j];
  }
  KOKKOS_FORCEINLINE_FUNCTION constexpr const T& operator()(int i, int j) const {
    ANTLER_CHECK_INDEX(0 <= i && i < m && 0 <= j && j < n);
    return values[i][j];
  }

  KOKKOS_FORCEINLINE_FUNCTION static constexpr Matrix identity() {
    Matrix a;
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j) a.values[i][j] = T(i == j ? 1 : 0);
    return a;
  }

  KOKKOS_FORCEINLINE_FUNCTION constexpr Matrix& operator+=(const Matrix& b) {
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j) values[i][j] += b(i, j);
    return *this;
  }
  KOKKOS_FORCEINLINE_FUNCTION constexpr Matrix& operator-=(const Matrix& b) {
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j) values[i][j] -= b(i, j);
    return *this;
  }
  KOKKOS_FORCEINLINE_FUNCTION constexpr Matrix& operator*=(const T& s) {
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j) values[i][j] *= s;
    return *this;
  }

  KOKKOS_FORCEINLINE_FUNCTION friend constexpr Matrix operator+(Matrix a, const Matrix& b) { return a += b; }
  KOKKOS_FORCEINLINE_FUNCTION friend constexpr Matrix operator-(Matrix a, const Matrix& b) { return a -= b; }
  KOKKOS_FORCEINLINE_FUNCTION friend constexpr Matrix operator*(Matrix a, const T& s) { return a *= s; }
  KOKKOS_FORCEINLINE_FUNCTION friend constexpr Matrix operator*(const T& s, Matrix a) { return a *= s; }
  /// Equal in every entry; for scalars only.
  KOKKOS_FORCEINLINE_FUNCTION friend constexpr bool operator==(const Matrix& a, const Matrix& b) {
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j)
        if (!(a(i, j) == b(i, j))) return false;
    return true;
  }
};

/// A B. The middle index is the outer loop of each row: rows of B are read in order and the compiler keeps a row of the result in
/// registers.
template <class T, int m, int k, int n>
KOKKOS_FORCEINLINE_FUNCTION constexpr Matrix<T, m, n> operator*(const Matrix<T, m, k>& a, const Matrix<T, k, n>& b) {
  Matrix<T, m, n> c;
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) c(i, j) = a(i, 0) * b(0, j);
    for (int l = 1; l < k; ++l)
      for (int j = 0; j < n; ++j) c(i, j) += a(i, l) * b(l, j);
  }
  return c;
}

/// A x.
template <class T, int m, int n>
KOKKOS_FORCEINLINE_FUNCTION constexpr Vector<T, m> operator*(const Matrix<T, m, n>& a, const Vector<T, n>& x) {
  Vector<T, m> y;
  for (int i = 0; i < m; ++i) {
    y[i] = a(i, 0) * x[0];
    for (int j = 1; j < n; ++j) y[i] += a(i, j) * x[j];
  }
  return y;
}

}  // namespace antler::inline ANTLER_LANES
