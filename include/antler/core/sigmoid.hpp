// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>

#include "antler/core/dual_math.hpp"

namespace antler::inline ANTLER_LANES {

/// 1 / (1 + exp(-x)), within 6 ulp and finite for every x: where exp(-x) overflows the result is 0, off by less than the smallest
/// normal number.
template <std::floating_point T>
KOKKOS_FORCEINLINE_FUNCTION T sigmoid(T x) {
  return T(1) / (T(1) + exp(-x));
}

#ifdef ANTLER_HAS_LANES
template <class T>
KOKKOS_FORCEINLINE_FUNCTION Lanes<T> sigmoid(const Lanes<T>& x) {
  return T(1) / (T(1) + exp(-x));
}
#endif

/// The derivative s (1 - s) is accurate relative to 1, as that of tanh; the chain rule through exp would give 0 times infinity.
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> sigmoid(const Dual<T, n>& x) {
  const T s = sigmoid(x.value);
  return Dual<T, n>::chain(s, s * (T(1) - s), x);
}

}  // namespace antler::inline ANTLER_LANES
