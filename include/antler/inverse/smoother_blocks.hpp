// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The structures of matrices that the Kalman smoother works with: dense n x n blocks, and diagonal ones, which are n scalar
/// problems side by side. The smoother itself asks a block for products and inverses only, never for its structure.

#include "antler/core/cholesky.hpp"
#include "antler/core/diagonal.hpp"
#include "antler/core/lu.hpp"
#include "antler/core/parallel.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// A^T x.
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<T, n> transposed_product(const Matrix<T, n>& a, const Vector<T, n>& x) {
  Vector<T, n> y;
  for (int j = 0; j < n; ++j) y[j] = a(0, j) * x[0];
  for (int i = 1; i < n; ++i)
    for (int j = 0; j < n; ++j) y[j] += a(i, j) * x[i];
  return y;
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<T, n> transposed_product(const Diagonal<T, n>& a, const Vector<T, n>& x) {
  return a * x;
}

template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Matrix<T, n> transposed(const Matrix<T, n>& a) {
  Matrix<T, n> t;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) t(i, j) = a(j, i);
  return t;
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Diagonal<T, n> transposed(const Diagonal<T, n>& a) {
  return a;
}

/// A B where the product is known to be symmetric, which rounding would undo: the mean of it and its transpose.
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Matrix<T, n> symmetric_product(const Matrix<T, n>& a, const Matrix<T, n>& b) {
  Matrix<T, n> c = a * b;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < i; ++j) c(i, j) = c(j, i) = T(0.5) * (c(i, j) + c(j, i));
  return c;
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Diagonal<T, n> symmetric_product(const Diagonal<T, n>& a, const Diagonal<T, n>& b) {
  return a * b;
}

/// (I + s M)^{-1} for a symmetric M >= 0 and s >= 0.
template <class T, int n>
KOKKOS_INLINE_FUNCTION Matrix<T, n> shifted_inverse(const T& s, const Matrix<T, n>& m) {
  return Cholesky<T, n>(Matrix<T, n>::identity() + s * m).inverse();
}
template <class T, int n>
KOKKOS_INLINE_FUNCTION Diagonal<T, n> shifted_inverse(const T& s, const Diagonal<T, n>& m) {
  Diagonal<T, n> inverse;
  for (int c = 0; c < n; ++c) inverse.values[c] = T(1) / (T(1) + s * m.values[c]);
  return inverse;
}

/// (I + P J)^{-1} for symmetric P, J >= 0. The matrix is not symmetric, its eigenvalues are 1 at least.
template <class T, int n>
KOKKOS_INLINE_FUNCTION Matrix<T, n> resolvent(const Matrix<T, n>& p, const Matrix<T, n>& j) {
  Matrix<T, n> inverse = Matrix<T, n>::identity();
  LU<T, n>(Matrix<T, n>::identity() + p * j).solve(inverse);
  return inverse;
}
template <class T, int n>
KOKKOS_INLINE_FUNCTION Diagonal<T, n> resolvent(const Diagonal<T, n>& p, const Diagonal<T, n>& j) {
  return shifted_inverse(T(1), p * j);
}

/// W A W^{-1} with the diagonal matrix W of the weights.
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Matrix<T, n> weighed(Matrix<T, n> a, const Vector<T, n>& weights, const Vector<T, n>& reciprocals) {
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) a(i, j) *= weights[i] * reciprocals[j];
  return a;
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Diagonal<T, n> weighed(const Diagonal<T, n>& a, const Vector<T, n>&, const Vector<T, n>&) {
  return a;
}

/// flush_to_zero() entry by entry: products of decaying matrices end among the denormal numbers.
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION void flush(Matrix<T, n>& a) {
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) flush_to_zero(a(i, j));
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION void flush(Diagonal<T, n>& a) {
  a.flush();
}

}  // namespace detail

/// A_t as full n x n matrices: arrays of shape (N, n, n).
template <class Scalar, int components>
struct DenseBlocks {
  using T = Scalar;
  static constexpr int n = components;
  static constexpr int numbers = n * n;  ///< of a block
  static constexpr double product_flops = 2.0 * n * n * n;
  using Block = Matrix<T, n>;
  template <class ExecutionSpace>
  using Array = Matrices<T, n, ExecutionSpace>;

  template <class View>
  KOKKOS_FORCEINLINE_FUNCTION static Block get(const View& blocks, Index i) {
    return gather_matrix<T, n>(blocks, i);
  }
  template <class View>
  KOKKOS_FORCEINLINE_FUNCTION static void set(const Block& block, const View& blocks, Index i) {
    scatter_matrix(block, blocks, i);
  }
};

/// A_t as diagonals: arrays of shape (N, n).
template <class Scalar, int components>
struct DiagonalBlocks {
  using T = Scalar;
  static constexpr int n = components;
  static constexpr int numbers = n;  ///< of a block
  static constexpr double product_flops = n;
  using Block = Diagonal<T, n>;
  template <class ExecutionSpace>
  using Array = Trajectory<T, n, ExecutionSpace>;

  template <class View>
  KOKKOS_FORCEINLINE_FUNCTION static Block get(const View& blocks, Index i) {
    return {gather_row<T, n>(blocks, i)};
  }
  template <class View>
  KOKKOS_FORCEINLINE_FUNCTION static void set(const Block& block, const View& blocks, Index i) {
    scatter_row(block.values, blocks, i);
  }
};

}  // namespace antler::inline ANTLER_LANES
