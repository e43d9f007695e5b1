// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Macros.hpp>

#include "antler/core/config.hpp"
#include "antler/core/dual.hpp"
#include "antler/core/dual_chain.hpp"
#include "antler/core/dual_power.hpp"
#include "antler/core/lanes_math.hpp"
#include "antler/core/math.hpp"

/// @file
/// Elementary functions of dual numbers: f(x) with derivatives f'(x) x'. pow is in dual_power.hpp, which this header includes.
///
/// Where f' is infinite (sqrt, cbrt and log at 0, asin at 1, ...) the derivative is infinite in the directions in which x moves and
/// 0 in the others, so that one singular component does not fill a row of the Jacobian with NaN. floor and ceil have derivative 0,
/// abs has derivative 0 at 0, hypot at (0, 0). max, min, fmax and fmin take value and derivatives of the operand that they return.

namespace antler::inline ANTLER_LANES {

template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> exp(const Dual<T, n>& x) {
  const T y = exp(x.value);
  return Dual<T, n>::chain(y, y, x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> exp2(const Dual<T, n>& x) {
  const T y = exp2(x.value);
  return Dual<T, n>::chain(y, T(0.693147180559945309417) * y, x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> expm1(const Dual<T, n>& x) {
  return Dual<T, n>::chain(expm1(x.value), exp(x.value), x);  // expm1(x) + 1 would cancel for negative x
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> log(const Dual<T, n>& x) {
  return singular_chain(T(log(x.value)), T(T(1) / x.value), x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> log2(const Dual<T, n>& x) {
  return singular_chain(T(log2(x.value)), T(T(1.44269504088896340736) / x.value), x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> log10(const Dual<T, n>& x) {
  return singular_chain(T(log10(x.value)), T(T(0.434294481903251827651) / x.value), x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> log1p(const Dual<T, n>& x) {
  return singular_chain(T(log1p(x.value)), T(T(1) / (T(1) + x.value)), x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> sqrt(const Dual<T, n>& x) {
  const T y = sqrt(x.value);
  return singular_chain(y, T(T(0.5) / y), x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> cbrt(const Dual<T, n>& x) {
  const T y = cbrt(x.value);
  return singular_chain(y, T(T(1) / (T(3) * y * y)), x);
}

template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> sin(const Dual<T, n>& x) {
  return Dual<T, n>::chain(sin(x.value), cos(x.value), x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> cos(const Dual<T, n>& x) {
  return Dual<T, n>::chain(cos(x.value), -sin(x.value), x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> tan(const Dual<T, n>& x) {
  const T y = tan(x.value);
  return Dual<T, n>::chain(y, multiply_add(y, y, T(1)), x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> asin(const Dual<T, n>& x) {
  return singular_chain(T(asin(x.value)), T(T(1) / sqrt((T(1) - x.value) * (T(1) + x.value))), x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> acos(const Dual<T, n>& x) {
  return singular_chain(T(acos(x.value)), T(T(-1) / sqrt((T(1) - x.value) * (T(1) + x.value))), x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> atan(const Dual<T, n>& x) {
  return Dual<T, n>::chain(atan(x.value), T(1) / multiply_add(x.value, x.value, T(1)), x);
}

template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> sinh(const Dual<T, n>& x) {
  return Dual<T, n>::chain(sinh(x.value), cosh(x.value), x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> cosh(const Dual<T, n>& x) {
  return Dual<T, n>::chain(cosh(x.value), sinh(x.value), x);
}
/// The derivative 1 - tanh(x)^2 is accurate relative to 1, not to itself: a relative error would cost a second exponential.
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> tanh(const Dual<T, n>& x) {
  const T y = tanh(x.value);
  return Dual<T, n>::chain(y, (T(1) - y) * (T(1) + y), x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> asinh(const Dual<T, n>& x) {
  return Dual<T, n>::chain(asinh(x.value), T(1) / hypot(x.value, T(1)), x);  // hypot: x^2 may overflow
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> acosh(const Dual<T, n>& x) {
  return singular_chain(T(acosh(x.value)), T(T(1) / (sqrt(x.value - T(1)) * sqrt(x.value + T(1)))), x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> atanh(const Dual<T, n>& x) {
  return singular_chain(T(atanh(x.value)), T(T(1) / ((T(1) - x.value) * (T(1) + x.value))), x);
}

template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> erf(const Dual<T, n>& x) {
  return Dual<T, n>::chain(erf(x.value), T(1.12837916709551257390) * exp(-x.value * x.value), x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> erfc(const Dual<T, n>& x) {
  return Dual<T, n>::chain(erfc(x.value), T(-1.12837916709551257390) * exp(-x.value * x.value), x);
}

template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> floor(const Dual<T, n>& x) {
  return Dual<T, n>(T(floor(x.value)));
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> ceil(const Dual<T, n>& x) {
  return Dual<T, n>(T(ceil(x.value)));
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> abs(const Dual<T, n>& x) {
  const T sign = select(x.value > T(0), T(1), select(x.value < T(0), T(-1), T(0)));
  return Dual<T, n>::chain(abs(x.value), sign, x);
}
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> fabs(const Dual<T, n>& x) {
  return abs(x);
}

/// The larger of a and b, b where they are equal; NaN if either is NaN.
template <class A, DualWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> max(const A& a, const B& b) {
  using D = promoted<A, B>;
  const auto x = value_in<D>(a), y = value_in<D>(b);
  return select(x > y || x != x, a, b);
}
/// The smaller of a and b, b where they are equal; NaN if either is NaN.
template <class A, DualWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> min(const A& a, const B& b) {
  using D = promoted<A, B>;
  const auto x = value_in<D>(a), y = value_in<D>(b);
  return select(x < y || x != x, a, b);
}
/// As in C: a NaN is dropped in favour of the other operand.
template <class A, DualWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> fmax(const A& a, const B& b) {
  using D = promoted<A, B>;
  const auto x = value_in<D>(a), y = value_in<D>(b);
  return select(x > y || y != y, a, b);
}
/// As in C: a NaN is dropped in favour of the other operand.
template <class A, DualWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> fmin(const A& a, const B& b) {
  using D = promoted<A, B>;
  const auto x = value_in<D>(a), y = value_in<D>(b);
  return select(x < y || y != y, a, b);
}

/// |a| with the sign of b; the derivative is that of |a| times the sign of b, 0 at a = 0.
template <class A, DualWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> copysign(const A& a, const B& b) {
  using D = promoted<A, B>;
  using T = typename D::value_type;
  return abs(D(a)) * T(copysign(T(1), value_in<D>(b)));
}

/// a b + c, the value rounded once.
template <class A, class B, DualWith<promoted<A, B>> C>
KOKKOS_FORCEINLINE_FUNCTION promoted<promoted<A, B>, C> fma(const A& a, const B& b, const C& c) {
  using D = promoted<promoted<A, B>, C>;
  D y = a * b + c;
  y.value = fma(value_in<D>(a), value_in<D>(b), value_in<D>(c));
  return y;
}

/// The angle of (x, y). The derivatives at (0, 0) are NaN.
template <class A, DualWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> atan2(const A& a, const B& b) {
  using D = promoted<A, B>;
  using T = typename D::value_type;
  const T y = value_in<D>(a), x = value_in<D>(b), r = hypot(x, y);
  return singular_chain<D>(atan2(y, x), x / r / r, a, -y / r / r, b);
}

/// sqrt(a^2 + b^2). The derivatives at (0, 0) are 0.
template <class A, DualWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> hypot(const A& a, const B& b) {
  using D = promoted<A, B>;
  using T = typename D::value_type;
  const T x = value_in<D>(a), y = value_in<D>(b), r = hypot(x, y);
  const T divisor = select(r == T(0), T(1), r);
  return singular_chain<D>(r, x / divisor, a, y / divisor, b);
}

}  // namespace antler::inline ANTLER_LANES
