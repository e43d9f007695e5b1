// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Macros.hpp>
#include <limits>

#include "antler/core/config.hpp"
#include "antler/core/lanes.hpp"
#include "antler/core/lanes_math.hpp"
#include "antler/core/math.hpp"

/// @file
/// x^y of lanes. xsimd's exp(y log(x)) loses up to |y log(x)| ulp, 700 at the ends of the range, and has pow(0, 0) = 0; the
/// logarithm must be known to twice the precision of the result.
///
/// float:   exp(y log(x)) in double.
/// double:  x = 2^k m with m in [sqrt(1/2), sqrt(2)), s = (m - 1) / (m + 1), and as unevaluated sums of two doubles
///              log(x) = k log(2) + 2 s + 2/3 s^3 + 2/5 s^5 + ...,      x^y = exp(hi) (1 + lo),      hi + lo = y log(x).
///          The product of two doubles is such a sum if a fused multiply-add is at hand [Dekker 1971]; without, lane by lane.

#ifdef ANTLER_HAS_LANES

namespace antler::inline ANTLER_LANES {

#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
inline constexpr bool has_fused_multiply_add = true;
#else
inline constexpr bool has_fused_multiply_add = false;
#endif

/// hi + lo, |lo| about an ulp of hi.
struct DoubleLength {
  Lanes<double> hi, lo;
};

/// a + b exactly, for |a| >= |b| or a = 0.
KOKKOS_FORCEINLINE_FUNCTION DoubleLength exact_sum(const Lanes<double>& a, const Lanes<double>& b) {
  const Lanes<double> sum = a + b;
  return {sum, b - (sum - a)};
}

/// a b exactly.
KOKKOS_FORCEINLINE_FUNCTION DoubleLength exact_product(const Lanes<double>& a, const Lanes<double>& b) {
  const Lanes<double> product = a * b;
  return {product, multiply_add(a, b, -product)};
}

KOKKOS_FORCEINLINE_FUNCTION DoubleLength operator*(const DoubleLength& a, const DoubleLength& b) {
  DoubleLength p = exact_product(a.hi, b.hi);
  p.lo += multiply_add(a.hi, b.lo, a.lo * b.hi);
  return p;
}

/// log(x) to about 100 bits, for positive, normal, finite x.
inline DoubleLength double_length_log(const Lanes<double>& x) {
  using L = Lanes<double>;
  xsimd::batch<int64_t, xsimd::default_arch> exponent;
  L m = xsimd::frexp(x.batch(), exponent), k = xsimd::to_float(exponent);
  const auto low = m < 0.70710678118654752440;
  m = select(low, m + m, m);
  k = select(low, k - 1, k);

  const L f = m - 1;  // exact
  const DoubleLength t = exact_sum(2, f);
  const L reciprocal = 1 / t.hi;
  DoubleLength s;
  s.hi = f * reciprocal;
  s.lo = (multiply_add(-s.hi, t.hi, f) - s.hi * t.lo) * reciprocal;
  const DoubleLength z = s * s;
  const DoubleLength cubic = (s * z) * DoubleLength{6.6666666666666662966e-01, 3.7007434154171882626e-17};  // 2/3
  const L z2 = z.hi * z.hi;
  L even = 2.0 / 25, uneven = 2.0 / 23;  // two chains, for speed; z < 0.0295: the next term is below 1e-17 of the first
  for (int n = 21; n >= 9; n -= 4) even = multiply_add(even, z2, L(2.0 / n)), uneven = multiply_add(uneven, z2, L(2.0 / (n - 2)));
  const L q = multiply_add(uneven, z.hi, multiply_add(even, z2, L(2.0 / 5)));
  const L rest = s.hi * z.hi * z.hi * q;

  const DoubleLength odd = exact_sum(2 * s.hi, cubic.hi);
  const DoubleLength sum = exact_sum(k * 6.93147180369123816490e-01, odd.hi);  // 21 trailing zeros: the product is exact
  const L lo = sum.lo + (multiply_add(k, L(1.90821492927058770002e-10), 2 * s.lo + cubic.lo + odd.lo) + rest);
  return {sum.hi, lo};
}

/// x^y in double where x and y, and the result, are ordinary; any lane that is not sends all to the scalar function.
inline Lanes<double> general_power(const Lanes<double>& x, const Lanes<double>& y) {
  const auto in_scalars = [](double s, double t) { return pow(s, t); };
  if constexpr (has_fused_multiply_add) {
    const auto zero = x == 0 && y > 0;  // frequent: an empty component
    const Lanes<double> base = select(zero, 1, x);
    const DoubleLength logarithm = double_length_log(base);
    const DoubleLength product = exact_product(y, logarithm.hi);
    const Lanes<double> lo = multiply_add(y, logarithm.lo, product.lo);
    constexpr double largest = std::numeric_limits<double>::max();
    if (!all(base >= smallest_normal<double> && base <= largest && abs(product.hi) < 708)) [[unlikely]]
      return per_lane(in_scalars, x, y);
    const Lanes<double> power = xsimd::exp(product.hi.batch());
    return select(zero, 0, multiply_add(power, lo, power));
  } else {
    return per_lane(in_scalars, x, y);
  }
}

/// x^y in float, through exp(y log(x)) in double, whose range covers overflow and subnormal results.
inline Lanes<float> general_power(const Lanes<float>& x, const Lanes<float>& y) {
  const auto zero = x == 0 && y > 0;
  const Lanes<float> base = select(zero, 1, x);
  constexpr float largest = std::numeric_limits<float>::max();
  if (!all(base > 0 && base <= largest && isfinite(y))) [[unlikely]]
    return per_lane([](float s, float t) { return pow(s, t); }, x, y);
  LaneValues<float> bases(base), exponents(y);
  constexpr int half = lane_count<Lanes<double>>;
  for (int first = 0; first < lane_count<Lanes<float>>; first += half) {
    double b[half], e[half];
    for (int l = 0; l < half; ++l) b[l] = bases.value[first + l], e[l] = exponents.value[first + l];
    const auto logarithm = xsimd::log(load<Lanes<double>>(b).batch());
    store(b, Lanes<double>(xsimd::exp((load<Lanes<double>>(e) * logarithm).batch())));
    for (int l = 0; l < half; ++l) bases.value[first + l] = static_cast<float>(b[l]);
  }
  return select(zero, 0, load<Lanes<float>>(bases.value));
}

/// x^y within 4 ulp. Exponents that are small integers are multiplied out (is_small_power).
template <class A, LanesWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> pow(const A& x, const B& y) {
  if constexpr (Arithmetic<B>) {
    if (is_small_power(y)) return small_power(x, static_cast<int>(y));
  }
  return general_power(promoted<A, B>(x), promoted<A, B>(y));
}

}  // namespace antler::inline ANTLER_LANES

#endif
