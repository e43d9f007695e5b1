// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Numbers that lie in rows, one row per lane, into registers with the same column of all rows, and back. Rows are anywhere:
/// what neighbouring chunks of a trajectory are to a kernel that works on one chunk per lane.

#include "antler/core/lanes.hpp"

namespace antler::inline ANTLER_LANES {

#ifdef ANTLER_HAS_LANES

namespace detail {

/// Of two registers, blocks of s lanes: the even ones of both (odd = 0), or the odd ones of both (odd = s).
template <int s, int odd, class U, int... l>
KOKKOS_FORCEINLINE_FUNCTION U interleaved_blocks(const U& a, const U& b, std::integer_sequence<int, l...>) {
  using Register = typename U::Batch::register_type;
  const Register x = a.batch(), y = b.batch();
  constexpr int width = lane_count<U>;
  return typename U::Batch(Register(__builtin_shufflevector(x, y, ((l & s) == 0 ? l + odd : width + l - s + odd)...)));
}

/// Exchanges blocks of s lanes between registers that are s apart, then blocks of 2 s, ...: after s = width / 2 lane l of
/// register r is what was lane r of register l. log2 W stages of W shuffles.
template <int s, class U>
KOKKOS_FORCEINLINE_FUNCTION void transpose_blocks(U (&rows)[lane_count<U>]) {
  constexpr int width = lane_count<U>;
  if constexpr (s < width) {
    constexpr std::make_integer_sequence<int, width> lanes{};
    for (int r = 0; r < width; ++r) {
      if ((r & s) != 0) continue;
      const U low = interleaved_blocks<s, 0>(rows[r], rows[r + s], lanes);
      rows[r + s] = interleaved_blocks<s, s>(rows[r], rows[r + s], lanes);
      rows[r] = low;
    }
    transpose_blocks<2 * s>(rows);
  }
}

}  // namespace detail

/// The W x W numbers of W registers, transposed.
template <class U>
KOKKOS_FORCEINLINE_FUNCTION void transpose(U (&rows)[lane_count<U>]) {
  detail::transpose_blocks<1>(rows);
}

#endif

/// column[k] <- the numbers first[0][k], first[1][k], ..., one per lane, for k = 0 .. count - 1.
template <int count, class U>
KOKKOS_FORCEINLINE_FUNCTION void load_columns(const scalar_of<U>* const (&first)[lane_count<U>], U* column) {
  constexpr int width = lane_count<U>, whole = width == 1 ? 0 : count / width * width;
#ifdef ANTLER_HAS_LANES
  for (int k = 0; k < whole; k += width) {
    U rows[width];
    for (int l = 0; l < width; ++l) rows[l] = load<U>(first[l] + k);
    if constexpr (width > 1) transpose(rows);
    for (int l = 0; l < width; ++l) column[k + l] = rows[l];
  }
#endif
  for (int k = whole; k < count; ++k) column[k] = from_lanes<U>([&](int l) { return first[l][k]; });
}

/// The opposite: lane l of column[k] goes to first[l stride + k], for k = 0 .. count - 1.
template <class U>
KOKKOS_FORCEINLINE_FUNCTION void store_columns(const U* column, int count, scalar_of<U>* first, long long stride) {
  constexpr int width = lane_count<U>;
  int k = 0;
#ifdef ANTLER_HAS_LANES
  if constexpr (width > 1)
    for (; k + width <= count; k += width) {
      U rows[width];
      for (int l = 0; l < width; ++l) rows[l] = column[k + l];
      transpose(rows);
      for (int l = 0; l < width; ++l) store<U>(first + l * stride + k, rows[l]);
    }
#endif
  for (; k < count; ++k) {
    scalar_of<U> values[width];
    store<U>(values, column[k]);
    for (int l = 0; l < width; ++l) first[l * stride + k] = values[l];
  }
}

}  // namespace antler::inline ANTLER_LANES
