// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/finite.hpp"
#include "antler/core/lanes.hpp"
#include "antler/core/matrix.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Whether no number is infinite or NaN, with lanes in none of them. No early return: such a loop goes through vector registers.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION bool finite_in_all_lanes(const T& value) {
  if constexpr (lane_count<T> == 1) {
    return is_finite(value);
  } else {
    scalar_of<T> numbers[lane_count<T>];
    store(numbers, value);
    bool finite = true;
    for (int l = 0; l < lane_count<T>; ++l) finite &= is_finite(numbers[l]);
    return finite;
  }
}

template <class T, int n>
KOKKOS_INLINE_FUNCTION bool all_finite(const Vector<T, n>& v) {
  bool finite = true;
  for (const T& x : v) finite &= finite_in_all_lanes(x);
  return finite;
}

/// @copydoc all_finite
template <class T, int m, int n>
KOKKOS_INLINE_FUNCTION bool all_finite(const Matrix<T, m, n>& a) {
  bool finite = true;
  for (int r = 0; r < m; ++r)
    for (int c = 0; c < n; ++c) finite &= finite_in_all_lanes(a(r, c));
  return finite;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
