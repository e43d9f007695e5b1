// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Macros.hpp>

#include "antler/core/config.hpp"
#include "antler/core/dual.hpp"
#include "antler/core/dual_chain.hpp"
#include "antler/core/lanes_math.hpp"
#include "antler/core/math.hpp"

/// @file
/// a^b where a or b is a dual number:   (a^b)' = b a^(b-1) a' + a^b log(a) b'.
///
/// The logarithm is taken only if b is a dual number, so that negative bases have powers with constant exponents. At a = 0 both
/// slopes are limits, never 0 times infinity: pow(x, 0) has derivative 0, pow(0, 1.0) derivative 1, pow(0, 2.0) derivative 0.

namespace antler::inline ANTLER_LANES {

/// b a^(b-1), given value = a^b: value b / a where that is accurate, else a second power. b is a scalar or a T.
template <class T, class E>
KOKKOS_INLINE_FUNCTION T power_slope(const T& a, const E& b, const T& value) {
  constexpr scalar_of<T> smallest = smallest_normal<scalar_of<T>>;
  const T quotient = value / a * b;
  const auto accurate = a != T(0) && isfinite(quotient) && abs(value) >= T(smallest);
  if (all(accurate)) return quotient;
  const T power = select(b == E(0), T(0), T(pow(a, b - E(1)) * b));
  return select(accurate, quotient, power);
}

/// a^b log(a), given value = a^b: the derivative with respect to b.
template <class T>
KOKKOS_INLINE_FUNCTION T exponent_slope(const T& a, const T& value) {
  return select(value == T(0), T(0), T(value * log(a)));
}

/// a^b for a constant b.
template <class T, int n, ConstantFor<T> S>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> pow(const Dual<T, n>& a, const S& b) {
  if constexpr (Arithmetic<S>) {
    if (is_small_power(b)) {
      const int k = static_cast<int>(b);
      const T slope = k == 0 ? T(0) : T(small_power(a.value, k - 1) * T(k));
      const T value = small_power(a.value, k);
      return k < 0 ? singular_chain(value, slope, a) : Dual<T, n>::chain(value, slope, a);
    }
    const auto exponent = static_cast<scalar_of<T>>(b);
    const T value = static_cast<T>(pow(a.value, exponent));
    return singular_chain(value, power_slope(a.value, exponent, value), a);
  } else {
    const T exponent = b, value = pow(a.value, exponent);
    return singular_chain(value, power_slope(a.value, exponent, value), a);
  }
}

/// a^b for a constant a.
template <class T, int n, ConstantFor<T> S>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> pow(const S& a, const Dual<T, n>& b) {
  const T base = Dual<T, n>::as_value(a), value = pow(base, b.value);
  return singular_chain(value, exponent_slope(base, value), b);
}

template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> pow(const Dual<T, n>& a, const Dual<T, n>& b) {
  const T value = pow(a.value, b.value);
  return singular_chain<Dual<T, n>>(value, power_slope(a.value, b.value, value), a, exponent_slope(a.value, value), b);
}

}  // namespace antler::inline ANTLER_LANES
