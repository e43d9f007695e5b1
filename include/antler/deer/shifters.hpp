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
  static constexpr bool lanes = false;

  Kokkos::Array<Vector<T, n>, lags> history;

  template <class U, class Y>
  KOKKOS_INLINE_FUNCTION Vector<U, n> operator()(int p, Index i, const Y& y) const {
    const Index row = i - 1 - p;
    if (row < 0) return history[static_cast<size_t>(-row - 1)];
    return gather_row<U, n>(y, row);
  }
};

}  // namespace antler::inline ANTLER_LANES
