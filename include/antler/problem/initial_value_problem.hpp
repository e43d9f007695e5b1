// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "antler/core/dual.hpp"
#include "antler/core/dual_math.hpp"
#include "antler/core/linearization.hpp"
#include "antler/core/matrix.hpp"
#include "antler/core/require.hpp"

namespace antler::inline ANTLER_LANES {

/// f(t, y) for element type T: returns something that converts to a Vector<T, n>.
template <class F, class T, int n>
concept RightHandSide = requires(const F f, T t, const Vector<T, n> y) {
  { f(t, y) } -> std::convertible_to<Vector<T, n>>;
};

/// False where the user's f declares `lanes = false`: it branches on a component.
template <class F>
constexpr bool accepts_lanes() {
  if constexpr (requires { F::lanes; }) {
    return F::lanes;
  } else {
    return true;
  }
}

/// y' = f(t, y), y(t0) = y0, on the interval from t0 to t1; t1 < t0 integrates backwards.
///
/// f is written once, as a template over the element type: `template <class T> KOKKOS_FUNCTION Vector<T, n> operator()(T t, const
/// Vector<T, n>& y) const`. It is called with scalars, with dual numbers (which give the Jacobian), and with SIMD lanes of both. It
/// may bring
/// - `Matrix<T, n> jacobian(T t, const Vector<T, n>& y) const`, a hand-written df/dy that is used instead of the dual numbers', or
/// - `Linearization<T, n, 1> linearize(T t, const Vector<T, n>& y) const`, f and df/dy where both have work in common;
/// - `static constexpr bool lanes = false`, when it branches on a component and so cannot serve several steps at once.
template <class F, class T, int n>
struct InitialValueProblem {
  static_assert(RightHandSide<F, T, n>,
                "antler::InitialValueProblem: f(t, y) must take and return antler::Vector<T, n> with n as in y0");
  static_assert(RightHandSide<F, Dual<T, n>, n>,
                "antler::InitialValueProblem: f must be a template over the element type, so that dual numbers can pass");
  using Scalar = T;
  static constexpr int size = n;

  F f;
  double t0;  ///< start, in the unit of time of f
  double t1;  ///< end
  Vector<T, n> y0;

  /// @throws InvalidArgument  t0, t1 or y0 is not finite
  InitialValueProblem(F right_hand_side, double start, double end, Vector<T, n> initial,
                      const SourceLocation& where = SourceLocation::current())
      : f(std::move(right_hand_side)), t0(start), t1(end), y0(initial) {
    require_finite(where);
  }

  /// Throws InvalidArgument unless t0, t1 and y0 are finite; solve() asks again, since the members can be changed.
  void require_finite(const SourceLocation& where) const {
    require(std::isfinite(t0) && std::isfinite(t1), "t0 and t1 must be finite: for a steady state integrate to a large finite time",
            where);
    for (int c = 0; c < n; ++c)
      if (!std::isfinite(y0[c]))
        require(false, "component " + std::to_string(c) + " of y0 is not finite: check how the initial value is computed", where);
  }
};

/// f brings f and df/dy in one go.
template <class F, class T, int n>
concept BringsPointLinearization = requires(const F f, T t, const Vector<T, n> y) {
  { f.linearize(t, y) } -> std::convertible_to<Linearization<T, n, 1>>;
};

/// f brings its df/dy, in either way.
template <class F, class T, int n>
concept BringsJacobian = BringsPointLinearization<F, T, n> || requires(const F f, T t, const Vector<T, n> y) {
  f.jacobian(t, y);
};

/// df/dy at (t, y): the hand-written one where f has it, else from dual numbers. T may be lanes.
template <class T, int n, class F>
KOKKOS_INLINE_FUNCTION Matrix<T, n> jacobian(const F& f, const T& t, const Vector<T, n>& y, Vector<T, n>* value = nullptr) {
  if constexpr (BringsPointLinearization<F, T, n>) {
    const Linearization<T, n, 1> point = f.linearize(t, y);
    if (value) *value = point.f;
    return point.jacobian[0];
  } else if constexpr (BringsJacobian<F, T, n>) {
    if (value) *value = f(t, y);
    return f.jacobian(t, y);
  } else {
    using D = Dual<T, n>;
    Vector<D, n> seeded;
    for (int c = 0; c < n; ++c) seeded[c] = D::variable(y[c], c);
    const Vector<D, n> result = f(D(t), seeded);
    Matrix<T, n> a;
    for (int r = 0; r < n; ++r) {
      if (value) (*value)[r] = result[r].value;
      for (int c = 0; c < n; ++c) a(r, c) = result[r].derivative[c];
    }
    return a;
  }
}

/// Compares the hand-written Jacobian of f with the dual numbers' at (t, y): the largest difference of two entries over the largest
/// entry. Zero to rounding when it is right, and when f brings none.
template <class F, class T, int n>
[[nodiscard]] double jacobian_error(const InitialValueProblem<F, T, n>& problem, double t, const Vector<T, n>& y) {
  struct ByDualNumbers {
    const F& f;
    Vector<Dual<T, n>, n> operator()(const Dual<T, n>& time, const Vector<Dual<T, n>, n>& state) const { return f(time, state); }
  };
  const Matrix<T, n> given = jacobian<T, n>(problem.f, static_cast<T>(t), y);
  const Matrix<T, n> dual = jacobian<T, n>(ByDualNumbers{problem.f}, static_cast<T>(t), y);
  double largest = 0, difference = 0;
  for (int r = 0; r < n; ++r)
    for (int c = 0; c < n; ++c) {
      largest = std::max(largest, std::abs(static_cast<double>(dual(r, c))));
      difference = std::max(difference, std::abs(static_cast<double>(given(r, c)) - static_cast<double>(dual(r, c))));
    }
  return largest > 0 ? difference / largest : difference;
}

}  // namespace antler::inline ANTLER_LANES
