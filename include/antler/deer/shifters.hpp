// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/deer/concepts.hpp"

namespace antler::inline ANTLER_LANES {

/// s = 0: f looks at the point itself, as in y' = f(t, y). P = 1.
struct Unshifted {
  static constexpr int count = 1;
  static constexpr bool lanes = true;

  template <class U, class Y>
  KOKKOS_INLINE_FUNCTION auto operator()(int /*p*/, Index i, const Y& y) const {
    return gather_row<U, static_cast<int>(Y::static_extent(1))>(y, i);
  }
};

/// s_p = p, p = 1 .. P: f looks at the P points before, as in y_i = f(y_{i-1}, ..., y_{i-P}).
///
/// Row 0 of the trajectory is the first unknown; history[p - 1] is the value p points before it.
template <class T, int n, int lags>
struct Lags {
  static constexpr int count = lags;
  static constexpr bool lanes = true;

  Kokkos::Array<Vector<T, n>, lags> history;

  template <class U, class Y>
  KOKKOS_INLINE_FUNCTION Vector<U, n> operator()(int p, Index i, const Y& y) const {
    const Index row = i - 1 - p;
    if (row >= 0) return gather_row<U, n>(y, row);
    if constexpr (lane_count<U> == 1) {
      return history[static_cast<size_t>(-row - 1)];
    } else {
      return first_lanes<U>(row, y);
    }
  }

 private:
  /// Points row, row + 1, ... of which the first lie before the trajectory; points past its end repeat the last.
  template <class U, class Y>
  KOKKOS_INLINE_FUNCTION Vector<U, n> first_lanes(Index row, const Y& y) const {
    const Index last = static_cast<Index>(y.extent(0)) - 1;
    T buffer[n][lane_count<U>];
    for (int l = 0; l < lane_count<U>; ++l) {
      const Index i = row + l < last ? row + l : last;
      for (int c = 0; c < n; ++c) buffer[c][l] = i < 0 ? history[static_cast<size_t>(-i - 1)][c] : y(i, c);
    }
    Vector<U, n> out;
    for (int c = 0; c < n; ++c) out[c] = load<U>(buffer[c]);
    return out;
  }
};

}  // namespace antler::inline ANTLER_LANES
