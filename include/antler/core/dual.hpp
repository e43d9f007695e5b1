// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Macros.hpp>
#include <type_traits>
#include <utility>

#include "antler/core/config.hpp"
#include "antler/core/lanes.hpp"

/// @file
/// Forward-mode automatic differentiation: arithmetic on x + sum_k x'_k e_k with e_j e_k = 0 [GriewankWalther2008, ch. 3].
/// A user's f at T = Dual<double, n> gives f and its Jacobian; at T = Dual<Dual<double, 1>, 1> also second derivatives.
/// Elementary functions are in dual_math.hpp.

namespace antler::inline ANTLER_LANES {

template <class S, class T, int n>
struct IsConstantFor<S, Dual<T, n>> : std::bool_constant<std::is_same_v<S, Dual<T, n>> || IsConstantFor<S, T>::value> {};

/// A value and its derivatives in n directions.
///
/// @tparam T  float, double, lanes of these, or a Dual (second derivatives)
/// @note Trivially copyable; uninitialised by default, Dual{} is zero. Comparisons compare values only.
template <class T, int n>
struct Dual {
  static_assert(n >= 1, "Dual: at least one direction");
  using value_type = T;
  static constexpr int directions = n;

  T value;
  T derivative[n];

  Dual() = default;

  /// A constant: all derivatives are zero.
  template <ConstantFor<T> S>
  KOKKOS_FORCEINLINE_FUNCTION Dual(const S& constant) : value(as_value(constant)), derivative{} {}

  /// Value and derivatives, one by one.
  template <class... D>
    requires(sizeof...(D) == n)
  KOKKOS_FORCEINLINE_FUNCTION Dual(const T& v, const D&... d) : value(v), derivative{d...} {}

  /// The independent variable number k: derivative 1 in direction k, 0 in the others.
  KOKKOS_FORCEINLINE_FUNCTION static Dual variable(const T& value, int k) { return variable(value, k, Directions{}); }

  /// The chain rule for a function of x: `value` with derivatives slope x'. New elementary functions are written with it.
  KOKKOS_FORCEINLINE_FUNCTION static Dual chain(const T& value, const T& slope, const Dual& x) {
    return chain(value, slope, x, Directions{});
  }

  /// The chain rule for a function of a and b: `value` with derivatives slope_a a' + slope_b b'.
  KOKKOS_FORCEINLINE_FUNCTION static Dual chain(const T& value, const T& slope_a, const Dual& a, const T& slope_b, const Dual& b) {
    return chain(value, slope_a, a, slope_b, b, Directions{});
  }

  template <class S>
  KOKKOS_FORCEINLINE_FUNCTION Dual& operator+=(const S& b) {
    return *this = *this + b;
  }
  template <class S>
  KOKKOS_FORCEINLINE_FUNCTION Dual& operator-=(const S& b) {
    return *this = *this - b;
  }
  template <class S>
  KOKKOS_FORCEINLINE_FUNCTION Dual& operator*=(const S& b) {
    return *this = *this * b;
  }
  template <class S>
  KOKKOS_FORCEINLINE_FUNCTION Dual& operator/=(const S& b) {
    return *this = *this / b;
  }

  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator+(const Dual& a) { return a; }
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator-(const Dual& a) { return negated(a, Directions{}); }

  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator+(const Dual& a, const Dual& b) { return sum(a, b, Directions{}); }
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator-(const Dual& a, const Dual& b) { return difference(a, b, Directions{}); }
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator*(const Dual& a, const Dual& b) {
    return chain(a.value * b.value, b.value, a, a.value, b);
  }
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator/(const Dual& a, const Dual& b) {
    const T quotient = a.value / b.value, reciprocal = T(1) / b.value;
    return chain(quotient, reciprocal, a, -quotient * reciprocal, b);
  }

  template <ConstantFor<T> S>
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator+(const Dual& a, const S& b) {
    return with_value(a.value + as_value(b), a);
  }
  template <ConstantFor<T> S>
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator+(const S& a, const Dual& b) {
    return with_value(as_value(a) + b.value, b);
  }
  template <ConstantFor<T> S>
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator-(const Dual& a, const S& b) {
    return with_value(a.value - as_value(b), a);
  }
  template <ConstantFor<T> S>
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator-(const S& a, const Dual& b) {
    return with_value(as_value(a) - b.value, -b);
  }
  template <ConstantFor<T> S>
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator*(const Dual& a, const S& b) {
    const T factor = as_value(b);
    return chain(a.value * factor, factor, a);
  }
  template <ConstantFor<T> S>
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator*(const S& a, const Dual& b) {
    const T factor = as_value(a);
    return chain(factor * b.value, factor, b);
  }
  template <ConstantFor<T> S>
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator/(const Dual& a, const S& b) {
    const T divisor = as_value(b);
    return chain(a.value / divisor, T(1) / divisor, a);
  }
  template <ConstantFor<T> S>
  friend KOKKOS_FORCEINLINE_FUNCTION Dual operator/(const S& a, const Dual& b) {
    const T quotient = as_value(a) / b.value;
    return chain(quotient, -quotient / b.value, b);
  }

  friend KOKKOS_FORCEINLINE_FUNCTION auto operator<(const Dual& a, const Dual& b) { return a.value < b.value; }
  friend KOKKOS_FORCEINLINE_FUNCTION auto operator<=(const Dual& a, const Dual& b) { return a.value <= b.value; }
  friend KOKKOS_FORCEINLINE_FUNCTION auto operator>(const Dual& a, const Dual& b) { return a.value > b.value; }
  friend KOKKOS_FORCEINLINE_FUNCTION auto operator>=(const Dual& a, const Dual& b) { return a.value >= b.value; }
  friend KOKKOS_FORCEINLINE_FUNCTION auto operator==(const Dual& a, const Dual& b) { return a.value == b.value; }
  friend KOKKOS_FORCEINLINE_FUNCTION auto operator!=(const Dual& a, const Dual& b) { return a.value != b.value; }

  /// a where the mask holds, b elsewhere, value and derivatives.
  KOKKOS_FORCEINLINE_FUNCTION static Dual choose(const mask_of<T>& mask, const Dual& a, const Dual& b) {
    return choose(mask, a, b, Directions{});
  }

  /// A constant of any kind as a T.
  template <ConstantFor<T> S>
  KOKKOS_FORCEINLINE_FUNCTION static T as_value(const S& constant) {
    if constexpr (Arithmetic<T>) {
      return static_cast<T>(constant);
    } else {
      return T(constant);
    }
  }

 private:
  // The directions are expanded as a parameter pack, not looped over: compilers then keep every derivative in a register at any
  // level of optimisation, where an array that is indexed in a loop stays in memory until late (GCC 12 at -O2).
  using Directions = std::make_integer_sequence<int, n>;

  template <int... j>
  KOKKOS_FORCEINLINE_FUNCTION static Dual variable(const T& value, int k, std::integer_sequence<int, j...>) {
    return Dual(value, T(j == k ? 1 : 0)...);
  }
  template <int... k>
  KOKKOS_FORCEINLINE_FUNCTION static Dual chain(const T& value, const T& slope, const Dual& x, std::integer_sequence<int, k...>) {
    return Dual(value, slope * x.derivative[k]...);
  }
  template <int... k>
  KOKKOS_FORCEINLINE_FUNCTION static Dual chain(const T& value, const T& slope_a, const Dual& a, const T& slope_b, const Dual& b,
                                                std::integer_sequence<int, k...>) {
    return Dual(value, multiply_add(slope_a, a.derivative[k], slope_b * b.derivative[k])...);
  }
  template <int... k>
  KOKKOS_FORCEINLINE_FUNCTION static Dual choose(const mask_of<T>& mask, const Dual& a, const Dual& b,
                                                 std::integer_sequence<int, k...>) {
    return Dual(select(mask, a.value, b.value), select(mask, a.derivative[k], b.derivative[k])...);
  }
  template <int... k>
  KOKKOS_FORCEINLINE_FUNCTION static Dual with_value(const T& value, const Dual& x, std::integer_sequence<int, k...>) {
    return Dual(value, x.derivative[k]...);
  }
  KOKKOS_FORCEINLINE_FUNCTION static Dual with_value(const T& value, const Dual& x) { return with_value(value, x, Directions{}); }
  template <int... k>
  KOKKOS_FORCEINLINE_FUNCTION static Dual negated(const Dual& x, std::integer_sequence<int, k...>) {
    return Dual(-x.value, -x.derivative[k]...);
  }
  template <int... k>
  KOKKOS_FORCEINLINE_FUNCTION static Dual sum(const Dual& a, const Dual& b, std::integer_sequence<int, k...>) {
    return Dual(a.value + b.value, (a.derivative[k] + b.derivative[k])...);
  }
  template <int... k>
  KOKKOS_FORCEINLINE_FUNCTION static Dual difference(const Dual& a, const Dual& b, std::integer_sequence<int, k...>) {
    return Dual(a.value - b.value, (a.derivative[k] - b.derivative[k])...);
  }
};

template <class T, int n>
struct LaneTraits<Dual<T, n>> : LaneTraits<T> {};

template <class A, DualWith<A> B>
KOKKOS_FORCEINLINE_FUNCTION promoted<A, B> select(const mask_of<promoted<A, B>>& mask, const A& a, const B& b) {
  return promoted<A, B>::choose(mask, a, b);
}

/// Lane l of a Dual of lanes: the Dual of a scalar evaluation.
template <class T, int n>
KOKKOS_INLINE_FUNCTION auto lane(const Dual<T, n>& x, int l) {
  Dual<decltype(lane(x.value, l)), n> y;
  y.value = lane(x.value, l);
  for (int k = 0; k < n; ++k) y.derivative[k] = lane(x.derivative[k], l);
  return y;
}

template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION Dual<T, n> multiply_add(const Dual<T, n>& a, const Dual<T, n>& b, const Dual<T, n>& c) {
  return a * b + c;
}

}  // namespace antler::inline ANTLER_LANES
