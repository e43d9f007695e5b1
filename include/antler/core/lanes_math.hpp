// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Macros.hpp>
#include <limits>

#include "antler/core/config.hpp"
#include "antler/core/lanes.hpp"
#include "antler/core/math.hpp"

/// @file
/// Elementary functions of lanes, within 4 ulp of the exact value: xsimd's, with the corrections that xsimd 8.1 needs (measured
/// against long double). Most corrections are rare arguments that are sent, all lanes together, to the scalar function.

#ifdef ANTLER_HAS_LANES

namespace antler::inline ANTLER_LANES {

/// The lanes of x in memory.
template <class T>
struct LaneValues {
  T value[Lanes<T>::count];
  explicit LaneValues(const Lanes<T>& x) { store(value, x); }
};

/// f of every lane in turn. Out of line: the way for rare arguments.
template <class F, class T, class... Rest>
[[gnu::noinline]] Lanes<T> per_lane(F f, Lanes<T> x, Rest... rest) {
  const auto evaluate = [&](LaneValues<T> a, const auto&... b) {
    for (int l = 0; l < Lanes<T>::count; ++l) a.value[l] = f(a.value[l], b.value[l]...);
    return load<Lanes<T>>(a.value);
  };
  return evaluate(LaneValues<T>(x), LaneValues<T>(rest)...);
}

template <class T>
KOKKOS_FORCEINLINE_FUNCTION Lanes<T> abs(const Lanes<T>& x) {
  return xsimd::abs(x.batch());
}
template <class T>
KOKKOS_FORCEINLINE_FUNCTION Lanes<T> fabs(const Lanes<T>& x) {
  return xsimd::abs(x.batch());
}
template <class T>
KOKKOS_FORCEINLINE_FUNCTION Lanes<T> sqrt(const Lanes<T>& x) {
  return xsimd::sqrt(x.batch());
}
template <class T>
KOKKOS_FORCEINLINE_FUNCTION Lanes<T> floor(const Lanes<T>& x) {
  return xsimd::floor(x.batch());
}
template <class T>
KOKKOS_FORCEINLINE_FUNCTION Lanes<T> ceil(const Lanes<T>& x) {
  return xsimd::ceil(x.batch());
}
template <class T>
Lanes<T> sin(const Lanes<T>& x) {
  return xsimd::sin(x.batch());
}
template <class T>
Lanes<T> cos(const Lanes<T>& x) {
  return xsimd::cos(x.batch());
}
template <class T>
Lanes<T> tan(const Lanes<T>& x) {
  return xsimd::tan(x.batch());
}
template <class T>
Lanes<T> asin(const Lanes<T>& x) {
  return xsimd::asin(x.batch());
}
template <class T>
Lanes<T> acos(const Lanes<T>& x) {
  return xsimd::acos(x.batch());
}
template <class T>
Lanes<T> atan(const Lanes<T>& x) {
  return xsimd::atan(x.batch());
}
template <class T>
Lanes<T> sinh(const Lanes<T>& x) {
  return xsimd::sinh(x.batch());
}
template <class T>
Lanes<T> cosh(const Lanes<T>& x) {
  return xsimd::cosh(x.batch());
}
template <class T>
Lanes<T> tanh(const Lanes<T>& x) {
  return xsimd::tanh(x.batch());
}
template <class T>
Lanes<T> asinh(const Lanes<T>& x) {
  return xsimd::asinh(x.batch());
}
template <class T>
Lanes<T> atanh(const Lanes<T>& x) {
  return xsimd::atanh(x.batch());
}
template <class T>
Lanes<T> log1p(const Lanes<T>& x) {
  return xsimd::log1p(x.batch());
}

/// True in the lanes that are neither infinite nor NaN.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION LanesMask<T> isfinite(const Lanes<T>& x) {
  return abs(x) <= std::numeric_limits<T>::max();
}
template <class T>
KOKKOS_FORCEINLINE_FUNCTION LanesMask<T> isnan(const Lanes<T>& x) {
  return x != x;
}

/// The largest and smallest results of the exponentials: xsimd overflows 0.07 early and flushes subnormal results to zero.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION bool any_between(const Lanes<T>& x, double from, double to) {
  return any(x > T(from) && x < T(to));
}
template <class T>
Lanes<T> exp(const Lanes<T>& x) {
  constexpr bool single = std::is_same_v<T, float>;
  if (any_between(abs(x), single ? 87 : 708, single ? 104 : 746)) [[unlikely]]
    return per_lane([](T s) { return exp(s); }, x);
  return xsimd::exp(x.batch());
}
template <class T>
Lanes<T> exp2(const Lanes<T>& x) {
  constexpr bool single = std::is_same_v<T, float>;
  if (any_between(abs(x), single ? 125 : 1021, single ? 150 : 1075)) [[unlikely]]
    return per_lane([](T s) { return exp2(s); }, x);
  return xsimd::exp2(x.batch());
}
template <class T>
Lanes<T> expm1(const Lanes<T>& x) {
  constexpr bool single = std::is_same_v<T, float>;
  if (any_between(x, single ? 87 : 708, single ? 89 : 710)) [[unlikely]]
    return per_lane([](T s) { return expm1(s); }, x);
  return xsimd::expm1(x.batch());
}

/// True if a lane holds a positive subnormal number.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION bool any_subnormal(const Lanes<T>& x) {
  return any(x < std::numeric_limits<T>::min() && x > T(0));
}

/// xsimd's logarithms in double are wrong for subnormal numbers.
template <class T>
Lanes<T> log(const Lanes<T>& x) {
  if (any_subnormal(x)) [[unlikely]]
    return per_lane([](T s) { return log(s); }, x);
  return xsimd::log(x.batch());
}
template <class T>
Lanes<T> log2(const Lanes<T>& x) {
  if (any_subnormal(x)) [[unlikely]]
    return per_lane([](T s) { return log2(s); }, x);
  return xsimd::log2(x.batch());
}
template <class T>
Lanes<T> log10(const Lanes<T>& x) {
  if (any_subnormal(x)) [[unlikely]]
    return per_lane([](T s) { return log10(s); }, x);
  return xsimd::log10(x.batch());
}
template <class T>
Lanes<T> cbrt(const Lanes<T>& x) {
  if (any_subnormal(abs(x))) [[unlikely]]
    return per_lane([](T s) { return cbrt(s); }, x);
  return xsimd::cbrt(x.batch());
}

/// xsimd gives -inf for large negative floats.
template <class T>
Lanes<T> acosh(const Lanes<T>& x) {
  return select(x >= T(1), Lanes<T>(xsimd::acosh(x.batch())), std::numeric_limits<T>::quiet_NaN());
}

/// Always lane by lane: xsimd loses up to 68 ulp for erf, all digits for erfc.
template <class T>
Lanes<T> erf(const Lanes<T>& x) {
  return per_lane([](T s) { return erf(s); }, x);
}
template <class T>
Lanes<T> erfc(const Lanes<T>& x) {
  return per_lane([](T s) { return erfc(s); }, x);
}

/// a b + c with one rounding, lane by lane where the machine has no such instruction (use multiply_add where that does not matter).
template <class A, class B, LanesWith<promoted<A, B>> C>
KOKKOS_FORCEINLINE_FUNCTION promoted<promoted<A, B>, C> fma(const A& a, const B& b, const C& c) {
  using L = promoted<promoted<A, B>, C>;
#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
  return multiply_add(L(a), L(b), L(c));
#else
  using T = scalar_of<L>;
  return per_lane([](T x, T y, T z) { return fma(x, y, z); }, L(a), L(b), L(c));
#endif
}

/// The larger of a and b, b where they are equal; NaN if either is NaN.
template <class A, LanesWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> max(const A& a, const B& b) {
  const promoted<A, B> x = a, y = b;
  return select(x > y || x != x, x, y);
}

/// The smaller of a and b, b where they are equal; NaN if either is NaN.
template <class A, LanesWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> min(const A& a, const B& b) {
  const promoted<A, B> x = a, y = b;
  return select(x < y || x != x, x, y);
}

/// As in C: a NaN is dropped in favour of the other operand.
template <class A, LanesWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> fmax(const A& a, const B& b) {
  const promoted<A, B> x = a, y = b;
  return select(x > y || y != y, x, y);
}

/// As in C: a NaN is dropped in favour of the other operand.
template <class A, LanesWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> fmin(const A& a, const B& b) {
  const promoted<A, B> x = a, y = b;
  return select(x < y || y != y, x, y);
}

template <class A, LanesWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> copysign(const A& a, const B& b) {
  using L = promoted<A, B>;
  return xsimd::copysign(L(a).batch(), L(b).batch());
}

/// The angle of (x, y). xsimd gives NaN at (0, 0) and where both are infinite.
template <class A, LanesWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> atan2(const A& a, const B& b) {
  using T = scalar_of<promoted<A, B>>;
  const promoted<A, B> y = a, x = b;
  if (any((x == T(0) && y == T(0)) || !isfinite(x) || !isfinite(y))) [[unlikely]]
    return per_lane([](T s, T t) { return atan2(s, t); }, y, x);
  return xsimd::atan2(y.batch(), x.batch());
}

/// sqrt(x^2 + y^2); lane by lane where the sum of squares leaves the range of T.
template <class A, LanesWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> hypot(const A& a, const B& b) {
  using L = promoted<A, B>;
  using T = scalar_of<L>;
  const L x = a, y = b, sum = multiply_add(x, x, y * y);
  constexpr T smallest = std::numeric_limits<T>::min() / (std::numeric_limits<T>::epsilon() * std::numeric_limits<T>::epsilon());
  if (!all(sum >= smallest && sum <= std::numeric_limits<T>::max())) [[unlikely]]
    return per_lane([](T s, T t) { return hypot(s, t); }, x, y);
  return sqrt(sum);
}

/// x^y. Exponents that are small integers are multiplied out (is_small_power); the others go lane by lane, about 15 ns in double
/// and 7 in float: xsimd's exp(y log(x)) loses up to |y log(x)| ulp and has pow(0, 0) = 0, and a logarithm of twice the precision
/// was only 2 to 3 times faster with fused multiply-add, slower without.
template <class A, LanesWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> pow(const A& x, const B& y) {
  using L = promoted<A, B>;
  using T = scalar_of<L>;
  if constexpr (Arithmetic<B>) {
    if (is_small_power(y)) return small_power(x, static_cast<int>(y));
  }
  return per_lane([](T s, T t) { return pow(s, t); }, L(x), L(y));
}

}  // namespace antler::inline ANTLER_LANES

#endif
