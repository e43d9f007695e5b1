// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Macros.hpp>
#include <type_traits>
#include <utility>

#include "antler/core/config.hpp"
#include "antler/core/dual.hpp"
#include "antler/core/lanes_math.hpp"
#include "antler/core/math.hpp"

/// @file
/// The chain rule at the edge of a function's domain, where its derivative is infinite or undefined.

namespace antler::inline ANTLER_LANES {

/// The T in a Dual<T, n>: its value, or the constant converted to T.
template <class D, class A>
KOKKOS_FORCEINLINE_FUNCTION typename D::value_type value_in(const A& a) {
  if constexpr (std::is_same_v<D, A>) {
    return a.value;
  } else {
    return D::as_value(a);
  }
}

template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION auto isfinite(const Dual<T, n>& x) {  // of the value, as comparisons
  return isfinite(x.value);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION auto isnan(const Dual<T, n>& x) {  // of the value, as comparisons
  return isnan(x.value);
}

/// slope x', and 0 where x does not move (x' = 0), however infinite or undefined the slope.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION T moved(const T& slope, const T& direction) {
  return select(direction == T(0), T(0), T(slope * direction));
}

template <class T, int n, int... k>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> singular_chain(const T& value, const T& slope, const Dual<T, n>& x,
                                                      std::integer_sequence<int, k...>) {
  return Dual<T, n>(value, moved(slope, x.derivative[k])...);
}

template <class T, int n, int... k>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> singular_chain(const T& value, const T& slope_a, const Dual<T, n>& a, const T& slope_b,
                                                      const Dual<T, n>& b, std::integer_sequence<int, k...>) {
  return Dual<T, n>(value, (moved(slope_a, a.derivative[k]) + moved(slope_b, b.derivative[k]))...);
}

/// The chain rule for a function whose slope at x may be infinite or undefined.
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> singular_chain(const T& value, const T& slope, const Dual<T, n>& x) {
  if (all(isfinite(slope))) return Dual<T, n>::chain(value, slope, x);
  return singular_chain(value, slope, x, std::make_integer_sequence<int, n>{});
}

/// The same for a function of a and b, one of which may be a constant.
template <class D, class A, class B>
KOKKOS_FORCEINLINE_FUNCTION D singular_chain(const typename D::value_type& value, const typename D::value_type& slope_a, const A& a,
                                             const typename D::value_type& slope_b, const B& b) {
  if constexpr (!std::is_same_v<D, B>) {
    return singular_chain(value, slope_a, a);
  } else if constexpr (!std::is_same_v<D, A>) {
    return singular_chain(value, slope_b, b);
  } else {
    if (all(isfinite(slope_a) && isfinite(slope_b))) return D::chain(value, slope_a, a, slope_b, b);
    return singular_chain(value, slope_a, a, slope_b, b, std::make_integer_sequence<int, D::directions>{});
  }
}

}  // namespace antler::inline ANTLER_LANES
