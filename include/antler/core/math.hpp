// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <math.h>  // not cmath: device compilers and users need the overloads of the global namespace

#include <Kokkos_Macros.hpp>
#include <limits>
#include <type_traits>

#include "antler/core/config.hpp"
#include "antler/core/lanes.hpp"

/// @file
/// Elementary functions of scalars, so that an unqualified call inside antler finds them next to those of lanes and of dual
/// numbers; and max, min, square of scalars. Functions of lanes are in lanes_math.hpp, of dual numbers in dual_math.hpp.
///
/// A user's right-hand side calls exp(y[0]), pow(y[0], 4.0), fmax(y[0], 0.0) unqualified: the global namespace has them for
/// scalars, argument-dependent lookup finds the others. The global namespace has no max, min, square and select: write antler::max
/// or `using antler::max;`. For device compilers both arguments of hypot, atan2, fmax, fmin and copysign must have one type: they
/// take C++'s overloads for mixed scalars for host functions. Write T(1).

namespace antler::inline ANTLER_LANES {

using ::abs;
using ::acos;
using ::acosh;
using ::asin;
using ::asinh;
using ::atan;
using ::atan2;
using ::atanh;
using ::cbrt;
using ::ceil;
using ::copysign;
using ::cos;
using ::cosh;
using ::erf;
using ::erfc;
using ::exp;
using ::exp2;
using ::expm1;
using ::fabs;
using ::floor;
using ::fma;
using ::fmax;
using ::fmin;
using ::hypot;
using ::isfinite;
using ::isnan;
using ::log;
using ::log10;
using ::log1p;
using ::log2;
using ::pow;
using ::sin;
using ::sinh;
using ::sqrt;
using ::tan;
using ::tanh;

/// The smallest normal number of a scalar type, for device code too.
template <class T>
inline constexpr T smallest_normal = std::numeric_limits<T>::min();

/// The distance from 1 to the next larger number.
template <class T>
inline constexpr T rounding_of = std::numeric_limits<T>::epsilon();

/// The larger of a and b, b where they are equal; NaN if either is NaN (fmax, as in C, would drop it).
template <Arithmetic A, Arithmetic B>
KOKKOS_FORCEINLINE_FUNCTION std::common_type_t<A, B> max(A a, B b) {
  using C = std::common_type_t<A, B>;
  const C x = static_cast<C>(a), y = static_cast<C>(b);
  return x > y || x != x ? x : y;
}

/// The smaller of a and b, b where they are equal; NaN if either is NaN (fmin, as in C, would drop it).
template <Arithmetic A, Arithmetic B>
KOKKOS_FORCEINLINE_FUNCTION std::common_type_t<A, B> min(A a, B b) {
  using C = std::common_type_t<A, B>;
  const C x = static_cast<C>(a), y = static_cast<C>(b);
  return x < y || x != x ? x : y;
}

/// x^2.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION T square(const T& x) {
  return x * x;
}

/// True if pow(x, exponent) is multiplied out: an integer from -4 to 5, which needs at most four roundings, 4 ulp.
template <Arithmetic S>
KOKKOS_FORCEINLINE_FUNCTION bool is_small_power(S exponent) {
  const double e = static_cast<double>(exponent);
  return e >= -4 && e <= 5 && e == static_cast<double>(static_cast<int>(e));
}

/// x^k for |k| <= 5 by multiplication. A negative power is 1 / x^|k|: zero where x^|k| overflows.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION T small_power(const T& x, int k) {
  const T x2 = x * x, x4 = x2 * x2;
  T power = T(1);
  switch (k < 0 ? -k : k) {
    case 1:
      power = x;
      break;
    case 2:
      power = x2;
      break;
    case 3:
      power = x2 * x;
      break;
    case 4:
      power = x4;
      break;
    case 5:
      power = x4 * x;
      break;
    default:
      break;
  }
  return k < 0 ? T(T(1) / power) : power;
}

}  // namespace antler::inline ANTLER_LANES
