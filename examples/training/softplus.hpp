// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <antler/core/dual_math.hpp>

namespace training {

/// softplus(x) = log(1 + exp(x)) and its derivative, the sigmoid.
template <class V>
struct SoftplusAt {
  V value, derivative;
};

/// Of numbers and lanes; finite for every finite x. The value is within some rounding errors of max(x, 1).
template <class V>
KOKKOS_INLINE_FUNCTION SoftplusAt<V> softplus(const V& x) {
  using antler::abs, antler::exp, antler::log, antler::max, antler::select;
  using T = antler::scalar_of<V>;
  const V e = exp(V(-abs(x))), part = V(T(1)) / (V(T(1)) + e);
  return {max(x, V(T(0))) + log(V(T(1)) + e), select(x >= V(T(0)), part, V(e * part))};
}

/// Of dual numbers: the derivative of the sigmoid s is s (1 - s).
template <class V>
KOKKOS_INLINE_FUNCTION SoftplusAt<antler::Dual<V, 1>> softplus(const antler::Dual<V, 1>& x) {
  using D = antler::Dual<V, 1>;
  const auto at = softplus(x.value);
  return {D::chain(at.value, at.derivative, x), D::chain(at.derivative, at.derivative * (V(1) - at.derivative), x)};
}

}  // namespace training
