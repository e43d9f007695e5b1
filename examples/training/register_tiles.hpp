// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Products of a layer's matrix with vectors of lanes or dual numbers, in tiles of results that stay in registers: every element is
/// loaded once per tile, and the additions of a tile do not wait for each other.

#include <antler/core/dual.hpp>
#include <antler/core/lanes.hpp>
#include <utility>

namespace training {

/// a x + sum, a number or the lanes of one; dual numbers part by part.
template <class A, class U>
KOKKOS_FORCEINLINE_FUNCTION U plus_product(const A& a, const U& x, const U& sum) {
  using antler::multiply_add;
  return multiply_add(U(a), x, sum);
}
template <class A, class U>
KOKKOS_FORCEINLINE_FUNCTION antler::Dual<U, 1> plus_product(const A& a, const antler::Dual<U, 1>& x,
                                                            const antler::Dual<U, 1>& sum) {
  return {plus_product(a, x.value, sum.value), plus_product(a, x.derivative[0], sum.derivative[0])};
}

/// The largest of 8, 4, 2, 1 rows that divides their number.
constexpr int tile_of(int rows) { return rows % 8 == 0 ? 8 : rows % 4 == 0 ? 4 : rows % 2 == 0 ? 2 : 1; }

namespace detail {

template <int count, int row_stride, int column_stride, class T, class V, int... r>
KOKKOS_FORCEINLINE_FUNCTION void add_tile(const T* w, const V* x, V* sums, std::integer_sequence<int, r...>) {
  V sum[] = {sums[r]...};
  for (int j = 0; j < count; ++j) ((sum[r] = plus_product(w[r * row_stride + j * column_stride], x[j], sum[r])), ...);
  ((sums[r] = sum[r]), ...);
}

template <int count, int left_row, int left_step, int columns, class A, class U, int... k>
KOKKOS_FORCEINLINE_FUNCTION void add_block(const A* left, const U* right, U* sums, std::integer_sequence<int, k...>) {
  U sum[] = {sums[k]...};
  for (int j = 0; j < count; ++j)
    ((sum[k] = plus_product(left[(k / columns) * left_row + j * left_step], right[j * columns + k % columns], sum[k])), ...);
  ((sums[k] = sum[k]), ...);
}

}  // namespace detail

/// sums_i += sum_j w(i, j) x_j, i < rows, j < count; w(i, j) stands at i row_stride + j column_stride.
template <int rows, int count, int row_stride, int column_stride, class T, class V>
KOKKOS_INLINE_FUNCTION void add_product(const T* w, const V* x, V* sums) {
  constexpr int tile = tile_of(rows);
  for (int i = 0; i < rows; i += tile)
    detail::add_tile<count, row_stride, column_stride>(w + i * row_stride, x, sums + i, std::make_integer_sequence<int, tile>{});
}

/// The same for a matrix on the right: sums(i, c) += sum_j left(i, j) right(j, c), c < columns; `right` and `sums` row by row.
template <int rows, int count, int left_row, int left_step, int columns, class A, class U>
KOKKOS_INLINE_FUNCTION void add_matrix_product(const A* left, const U* right, U* sums) {
  constexpr int tile = tile_of(rows) < 2 ? 1 : 2;
  for (int i = 0; i < rows; i += tile)
    detail::add_block<count, left_row, left_step, columns>(left + i * left_row, right, sums + i * columns,
                                                           std::make_integer_sequence<int, tile * columns>{});
}

}  // namespace training
