// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <type_traits>

#include "antler/core/dual.hpp"
#include "antler/core/dual_math.hpp"
#include "antler/core/require.hpp"
#include "antler/core/vector.hpp"
#include "antler/problem/sides.hpp"

namespace antler::inline ANTLER_LANES {

/// kappa = 1.
struct UnitCoefficient {
  double operator()(double /*x*/) const { return 1; }
};

namespace detail {

/// Components of an equation: F::size, 1 where f declares none, which is then a function of numbers.
template <class F>
constexpr int components_of() {
  if constexpr (requires { F::size; }) {
    return F::size;
  } else {
    return 1;
  }
}

/// f(x, u) or f(x, u, lambda) as a Vector, whether f takes vectors or numbers.
template <class F, class T, class U, int m, class... Parameter>
KOKKOS_INLINE_FUNCTION Vector<U, m> source_at(const F& f, const T& x, const Vector<U, m>& u, const Parameter&... lambda) {
  if constexpr (m == 1 && !requires { F::size; }) {
    return Vector<U, 1>{f(x, u[0], lambda...)};
  } else {
    return f(x, u, lambda...);
  }
}

/// Component c of a number or a Vector.
template <class Value>
double component(const Value& value, int c) {
  if constexpr (std::is_convertible_v<Value, double>) {
    return static_cast<double>(value);
  } else {
    return static_cast<double>(value[c]);
  }
}

/// a u + b du/dn = value, for one component.
struct SideRow {
  double a, b, value;
};
template <class Value>
SideRow side_row(const Dirichlet<Value>& side, int c) {
  return {1, 0, component(side_value(side.value), c)};
}
template <class Value>
SideRow side_row(const Neumann<Value>& side, int c) {
  return {0, 1, component(side_value(side.flux), c)};
}
template <class Value>
SideRow side_row(const Robin<Value>& side, int c) {
  return {side.a, side.b, component(side_value(side.value), c)};
}
inline SideRow side_row(const Periodic&, int) { return {0, 0, 0}; }

/// f as the family's member at a parameter.
template <class F, class T>
struct AtParameter {
  static constexpr int size = components_of<F>();
  F f;
  T lambda;
  template <class X, class U>
  KOKKOS_INLINE_FUNCTION Vector<U, size> operator()(const X& x, const Vector<U, size>& u) const {
    return source_at(f, x, u, U(lambda));
  }
};

}  // namespace detail

/// -(kappa(x) u')' = f(x, u) on [a, b], with a condition on each side; u has m components.
///
///     const antler::EllipticProblem problem{f, 0.0, 1.0, antler::Dirichlet{0.0}, antler::Neumann{1.0}};
///
/// f is written once, as a template over the element type of u. A function of numbers, `template <class T> KOKKOS_FUNCTION T
/// operator()(double x, const T& u) const`, is an equation; with `static constexpr int size = m` it is a system, and takes and
/// returns Vector<T, m>. Dual numbers give its Jacobian. A family of problems takes a third argument, the parameter, a T: see at()
/// and EllipticBranch.
///
/// kappa(x) returns a positive number, or a Vector with one for each component; it is called on the host. Sides are Dirichlet,
/// Neumann, Robin (problem/sides.hpp; values are numbers or Vectors), or both Periodic.
template <class F, class Left, class Right, class Kappa = UnitCoefficient>
struct EllipticProblem {
  static constexpr int size = detail::components_of<F>();
  static constexpr bool periodic = std::is_same_v<Left, Periodic>;
  static_assert(periodic == std::is_same_v<Right, Periodic>,
                "antler::EllipticProblem: Periodic{} stands on both sides, or on none");

  F f;
  double a, b;
  Left left;
  Right right;
  Kappa kappa{};

  /// The member of a family f(x, u, lambda).
  template <class T>
  [[nodiscard]] auto at(T lambda) const {
    using Member = detail::AtParameter<F, T>;
    return EllipticProblem<Member, Left, Right, Kappa>{Member{f, lambda}, a, b, left, right, kappa};
  }
};

template <class F, class Left, class Right>
EllipticProblem(F, double, double, Left, Right) -> EllipticProblem<F, Left, Right>;
template <class F, class Left, class Right, class Kappa>
EllipticProblem(F, double, double, Left, Right, Kappa) -> EllipticProblem<F, Left, Right, Kappa>;

}  // namespace antler::inline ANTLER_LANES
