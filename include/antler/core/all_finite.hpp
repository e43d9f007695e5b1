// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>

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

/// Whether no number of an array is infinite or NaN, by integers alone: a loop that goes through vector registers.
template <std::floating_point S>
bool all_finite(std::span<const S> numbers) {
  using Bits = std::conditional_t<sizeof(S) == 4, std::uint32_t, std::uint64_t>;
  constexpr Bits exponent = std::bit_cast<Bits>(std::numeric_limits<S>::infinity());
  Bits largest = 0;
  for (const S& x : numbers) {
    const Bits bits = std::bit_cast<Bits>(x) & exponent;
    largest = bits > largest ? bits : largest;
  }
  return largest != exponent;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
