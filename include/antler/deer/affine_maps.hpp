// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The linearised systems of recursions. All maps of one step offer the same members, so that one scan serves them:
///
///   Linear, a template      the type of A_i in scalars or lanes, with identity(), A B, A x and flush()
///   linear(i), a template   A_i, with lanes A_i, A_{i+1}, ...
///   set_linear(a, i)        writes it
///   b                       shape (N, n)
///   numbers, columns        scalars that a map holds; what a product of two A costs, in products of one A with a vector
///   allocated(label, N)     uninitialised storage for N maps;  first(k): the first k of them, in the same memory

#include <string>

#include "antler/core/diagonal.hpp"
#include "antler/core/parallel.hpp"

namespace antler::inline ANTLER_LANES {

/// A view of `count` rows in the memory of another with as many rows or more. What these hold is not what the others held, unless
/// rows are contiguous.
template <class View>
View leading_rows(const View& view, Index count) {
  return View(view.data(), static_cast<std::size_t>(count));
}

/// The linearised system of a one-step recursion, block bidiagonal [Lim2024, eq. 9]:
///
///     y_i = A_i y_{i-1} + b_i,   i = 0 .. N - 1.
///
/// A has shape (N, n, n), b has shape (N, n).
template <class T, int n, class ExecutionSpace>
struct AffineMaps {
  using Scalar = T;
  using Space = ExecutionSpace;
  static constexpr int size = n, numbers = n * n + n, columns = n;
  template <class U>
  using Linear = Matrix<U, n>;

  Matrices<T, n, ExecutionSpace> A;
  Trajectory<T, n, ExecutionSpace> b;

  static AffineMaps allocated(const std::string& label, Index length) {
    return {allocate<Matrices<T, n, ExecutionSpace>>(label, length), allocate<Trajectory<T, n, ExecutionSpace>>(label, length)};
  }
  [[nodiscard]] AffineMaps first(Index count) const { return {leading_rows(A, count), leading_rows(b, count)}; }
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Index length() const { return static_cast<Index>(b.extent(0)); }
  template <class U>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Matrix<U, n> linear(Index i) const {
    return gather_matrix<U, n>(A, i);
  }
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION void set_linear(const Matrix<U, n>& a, Index i) const {
    scatter_matrix(a, A, i);
  }
};

/// The same with diagonal A_i, y_i = a_i * y_{i-1} + b_i component by component: a and b have shape (N, n).
template <class T, int n, class ExecutionSpace>
struct DiagonalMaps {
  using Scalar = T;
  using Space = ExecutionSpace;
  static constexpr int size = n, numbers = 2 * n, columns = 1;
  template <class U>
  using Linear = Diagonal<U, n>;

  Trajectory<T, n, ExecutionSpace> a, b;

  static DiagonalMaps allocated(const std::string& label, Index length) {
    return {allocate<Trajectory<T, n, ExecutionSpace>>(label, length), allocate<Trajectory<T, n, ExecutionSpace>>(label, length)};
  }
  [[nodiscard]] DiagonalMaps first(Index count) const { return {leading_rows(a, count), leading_rows(b, count)}; }
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Index length() const { return static_cast<Index>(b.extent(0)); }
  template <class U>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Diagonal<U, n> linear(Index i) const {
    return {gather_row<U, n>(a, i)};
  }
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION void set_linear(const Diagonal<U, n>& diagonal, Index i) const {
    scatter_row(diagonal.values, a, i);
  }
};

/// The same with A_i of 2 x 2 blocks that are diagonal. A has shape (N, 2 n): block c of step i in its columns 4 c .. 4 c + 3, row
/// by row; b has shape (N, n).
template <class T, int n, class ExecutionSpace>
struct PairBlockMaps {
  using Scalar = T;
  using Space = ExecutionSpace;
  static constexpr int size = n, numbers = 3 * n, columns = 2;
  template <class U>
  using Linear = PairBlocks<U, n>;

  Trajectory<T, 2 * n, ExecutionSpace> A;
  Trajectory<T, n, ExecutionSpace> b;

  static PairBlockMaps allocated(const std::string& label, Index length) {
    return {allocate<Trajectory<T, 2 * n, ExecutionSpace>>(label, length),
            allocate<Trajectory<T, n, ExecutionSpace>>(label, length)};
  }
  [[nodiscard]] PairBlockMaps first(Index count) const { return {leading_rows(A, count), leading_rows(b, count)}; }
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Index length() const { return static_cast<Index>(b.extent(0)); }
  template <class U>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION PairBlocks<U, n> linear(Index i) const {
    PairBlocks<U, n> a;
    for (int c = 0; c < n / 2; ++c)
      for (int k = 0; k < 4; ++k) a.blocks[c](k / 2, k % 2) = gather<U>(A, i, 4 * c + k);
    return a;
  }
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION void set_linear(const PairBlocks<U, n>& a, Index i) const {
    for (int c = 0; c < n / 2; ++c)
      for (int k = 0; k < 4; ++k) scatter(a.blocks[c](k / 2, k % 2), A, i, 4 * c + k);
  }
};

/// The same with A_i = 1, a sum over the steps: y_i = y_{i-1} + b_i. b has shape (N, n).
template <class T, int n, class ExecutionSpace>
struct SummationMaps {
  using Scalar = T;
  using Space = ExecutionSpace;
  static constexpr int size = n, numbers = n, columns = 1;
  template <class U>
  using Linear = UnitMatrix<U, n>;

  Trajectory<T, n, ExecutionSpace> b;

  static SummationMaps allocated(const std::string& label, Index length) {
    return {allocate<Trajectory<T, n, ExecutionSpace>>(label, length)};
  }
  [[nodiscard]] SummationMaps first(Index count) const { return {leading_rows(b, count)}; }
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Index length() const { return static_cast<Index>(b.extent(0)); }
  template <class U>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION UnitMatrix<U, n> linear(Index /*i*/) const {
    return {};
  }
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION void set_linear(const UnitMatrix<U, n>& /*a*/, Index /*i*/) const {}
};

/// The same with A_i = 0, no recursion at all: y_i = b_i. b has shape (N, n).
template <class T, int n, class ExecutionSpace>
struct ZeroMaps {
  using Scalar = T;
  using Space = ExecutionSpace;
  static constexpr int size = n, numbers = n, columns = 1;
  template <class U>
  using Linear = ZeroMatrix<U, n>;

  Trajectory<T, n, ExecutionSpace> b;

  static ZeroMaps allocated(const std::string& label, Index length) {
    return {allocate<Trajectory<T, n, ExecutionSpace>>(label, length)};
  }
  [[nodiscard]] ZeroMaps first(Index count) const { return {leading_rows(b, count)}; }
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Index length() const { return static_cast<Index>(b.extent(0)); }
  template <class U>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION ZeroMatrix<U, n> linear(Index /*i*/) const {
    return {};
  }
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION void set_linear(const ZeroMatrix<U, n>& /*a*/, Index /*i*/) const {}
};

/// The linearised system of a recursion over P lags:
///
///     y_i = sum_p A_p,i y_{i-p} + b_i,   p = 1 .. P,   i = 0 .. N - 1,   y_i = 0 for i < 0.
///
/// A[p - 1] has shape (N, n, n), b has shape (N, n).
template <class T, int n, int lags, class ExecutionSpace>
struct LaggedMaps {
  using Scalar = T;
  using Space = ExecutionSpace;
  static constexpr int size = n, numbers = lags * n * n + n;

  Kokkos::Array<Matrices<T, n, ExecutionSpace>, lags> A;
  Trajectory<T, n, ExecutionSpace> b;

  static LaggedMaps allocated(const std::string& label, Index length) {
    LaggedMaps maps;
    for (std::size_t p = 0; p < lags; ++p) maps.A[p] = allocate<Matrices<T, n, ExecutionSpace>>(label, length);
    maps.b = allocate<Trajectory<T, n, ExecutionSpace>>(label, length);
    return maps;
  }
  [[nodiscard]] LaggedMaps first(Index count) const {
    LaggedMaps maps;
    for (std::size_t p = 0; p < lags; ++p) maps.A[p] = leading_rows(A[p], count);
    maps.b = leading_rows(b, count);
    return maps;
  }
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Index length() const { return static_cast<Index>(b.extent(0)); }
};

}  // namespace antler::inline ANTLER_LANES
