// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Implicit equations, differential-algebraic ones included: F(t, y, y') = 0 and M y' = f(t, y) with a constant M that may be
/// singular. Both are of index 1 at most: where dF/dy' is singular, the remaining equations determine the remaining components.

#include <cmath>
#include <concepts>

#include "antler/problem/initial_value_problem.hpp"

namespace antler::inline ANTLER_LANES {

/// F(t, y, y') for element type T: returns something that converts to a Vector<T, n>.
template <class F, class T, int n>
concept ImplicitFunction = requires(const F f, T t, const Vector<T, n> y) {
  { f(t, y, y) } -> std::convertible_to<Vector<T, n>>;
};

/// f brings F, dF/dy and dF/dy' in one go, as jacobian[0] and jacobian[1].
template <class F, class T, int n>
concept BringsImplicitLinearization = requires(const F f, T t, const Vector<T, n> y) {
  { f.linearize(t, y, y) } -> std::convertible_to<Linearization<T, n, 2>>;
};

/// What the initial values of an implicit equation are.
enum class InitialValues {
  computed,  ///< a guess, of which the components that dF/dy' determines are kept; the algebraic ones and y' are solved for
  given,     ///< consistent: they are checked, and refused where they miss the equations by more than the tolerance
};

namespace detail {

template <class T, int n>
void require_finite_values(const Vector<T, n>& v, const char* name, const SourceLocation& where) {
  for (int c = 0; c < n; ++c)
    if (!is_finite(v[c]))
      require(false, "component " + std::to_string(c) + " of " + name + " is not finite: check how the initial value is computed",
              where);
}

inline void require_finite_interval(double t0, double t1, const SourceLocation& where) {
  require(std::isfinite(t0) && std::isfinite(t1), "t0 and t1 must be finite: for a steady state integrate to a large finite time",
          where);
}

/// M y' - f(t, y) with dF/dy = -df/dy and dF/dy' = M.
template <class F, class T, int n>
struct MassResidual {
  static constexpr bool lanes = accepts_lanes<F>();
  Matrix<T, n> mass;
  F f;

  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> operator()(const U& t, const Vector<U, n>& y, const Vector<U, n>& slope) const {
    return with_mass(Vector<U, n>(f(t, y)), slope);
  }
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION Linearization<U, n, 2> linearize(const U& t, const Vector<U, n>& y, const Vector<U, n>& slope) const {
    Linearization<U, n, 2> point;
    Vector<U, n> value;
    point.jacobian[0] = jacobian<U, n>(f, t, y, &value);
    point.f = with_mass(value, slope);
    for (int r = 0; r < n; ++r)
      for (int c = 0; c < n; ++c) {
        point.jacobian[0](r, c) = -point.jacobian[0](r, c);
        point.jacobian[1](r, c) = U(mass(r, c));
      }
    return point;
  }

 private:
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> with_mass(const Vector<U, n>& value, const Vector<U, n>& slope) const {
    Vector<U, n> residual;
    for (int r = 0; r < n; ++r) {
      U sum = -value[r];
      for (int c = 0; c < n; ++c)
        if (mass(r, c) != T(0)) sum = multiply_add(U(mass(r, c)), slope[c], sum);
      residual[r] = sum;
    }
    return residual;
  }
};

/// F(t, y, y') with both Jacobians from dual numbers, or from F where it brings them.
template <class F, class T, int n>
struct ImplicitResidual {
  static constexpr bool lanes = accepts_lanes<F>();
  F f;

  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> operator()(const U& t, const Vector<U, n>& y, const Vector<U, n>& slope) const {
    return f(t, y, slope);
  }
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION Linearization<U, n, 2> linearize(const U& t, const Vector<U, n>& y, const Vector<U, n>& slope) const {
    if constexpr (BringsImplicitLinearization<F, U, n>) {
      return f.linearize(t, y, slope);
    } else {
      using D = Dual<U, 2 * n>;
      Vector<D, n> seeded, seeded_slope;
      for (int c = 0; c < n; ++c) {
        seeded[c] = D::variable(y[c], c);
        seeded_slope[c] = D::variable(slope[c], n + c);
      }
      const Vector<D, n> result = f(D(t), seeded, seeded_slope);
      Linearization<U, n, 2> point;
      for (int r = 0; r < n; ++r) {
        point.f[r] = result[r].value;
        for (int c = 0; c < n; ++c) {
          point.jacobian[0](r, c) = result[r].derivative[c];
          point.jacobian[1](r, c) = result[r].derivative[n + c];
        }
      }
      return point;
    }
  }
};

}  // namespace detail

/// F(t, y, y') = 0 on the interval from t0 to t1, of index 1 at most; t1 < t0 integrates backwards.
///
/// F is written once, as a template over the element type: `template <class T> KOKKOS_FUNCTION Vector<T, n> operator()(T t, const
/// Vector<T, n>& y, const Vector<T, n>& slope) const`. It is called with scalars, with dual numbers of 2 n directions (which give
/// dF/dy and dF/dy'), and with SIMD lanes of both. It may bring
/// - `Linearization<T, n, 2> linearize(T t, const Vector<T, n>& y, const Vector<T, n>& slope) const`: F, dF/dy and dF/dy';
/// - `static constexpr bool lanes = false`, when it branches on a component and so cannot serve several steps at once.
///
/// An equation that is not linear in y' may have several solutions: yp0 chooses the branch.
template <class F, class T, int n>
struct ImplicitProblem {
  static_assert(ImplicitFunction<F, T, n>,
                "antler::ImplicitProblem: F(t, y, y') must take and return antler::Vector<T, n> with n as in y0");
  static_assert(ImplicitFunction<F, Dual<T, 2 * n>, n>,
                "antler::ImplicitProblem: F must be a template over the element type, so that dual numbers can pass");
  using Scalar = T;
  static constexpr int size = n;

  F f;
  double t0;             ///< start, in the unit of time of F
  double t1;             ///< end
  Vector<T, n> y0, yp0;  ///< y and y' at t0, or a guess of them: see InitialValues
  InitialValues initial_values;

  /// @throws InvalidArgument  t0, t1, y0 or yp0 is not finite
  ImplicitProblem(F function, double start, double end, Vector<T, n> initial, Vector<T, n> initial_slope,
                  InitialValues are = InitialValues::computed, const SourceLocation& where = SourceLocation::current())
      : f(std::move(function)), t0(start), t1(end), y0(initial), yp0(initial_slope), initial_values(are) {
    require_valid(where);
  }

  /// Throws InvalidArgument unless t0, t1, y0 and yp0 are finite; solve() asks again, since the members can be changed.
  void require_valid(const SourceLocation& where) const {
    detail::require_finite_interval(t0, t1, where);
    detail::require_finite_values(y0, "y0", where);
    detail::require_finite_values(yp0, "yp0", where);
  }
  /// What the solvers see.
  [[nodiscard]] detail::ImplicitResidual<F, T, n> residual() const { return {f}; }
  /// The guess of y'(t0).
  [[nodiscard]] Vector<T, n> initial_slope() const { return yp0; }
};

/// M y' = f(t, y) on the interval from t0 to t1 with a constant M, singular or not, of index 1 at most; t1 < t0 integrates
/// backwards. f as in InitialValueProblem. A row of zeros in M is an algebraic equation 0 = f_r(t, y); M may also be singular
/// without one. With M = 1 it is the initial value problem, with M = 0 a curve f(t, y(t)) = 0 that is followed.
template <class F, class T, int n>
struct MassProblem {
  static_assert(RightHandSide<F, T, n>, "antler::MassProblem: f(t, y) must take and return antler::Vector<T, n> with n as in y0");
  static_assert(RightHandSide<F, Dual<T, n>, n>,
                "antler::MassProblem: f must be a template over the element type, so that dual numbers can pass");
  using Scalar = T;
  static constexpr int size = n;

  Matrix<T, n> mass;
  F f;
  double t0;        ///< start, in the unit of time of f
  double t1;        ///< end
  Vector<T, n> y0;  ///< y at t0, or a guess of its algebraic part: see InitialValues
  InitialValues initial_values;

  /// @throws InvalidArgument  t0, t1, y0 or an entry of M is not finite
  MassProblem(Matrix<T, n> mass_matrix, F right_hand_side, double start, double end, Vector<T, n> initial,
              InitialValues are = InitialValues::computed, const SourceLocation& where = SourceLocation::current())
      : mass(mass_matrix), f(std::move(right_hand_side)), t0(start), t1(end), y0(initial), initial_values(are) {
    require_valid(where);
  }

  /// @copydoc ImplicitProblem::require_valid
  void require_valid(const SourceLocation& where) const {
    detail::require_finite_interval(t0, t1, where);
    detail::require_finite_values(y0, "y0", where);
    for (int r = 0; r < n; ++r)
      for (int c = 0; c < n; ++c)
        if (!is_finite(mass(r, c)))
          require(false, "entry (" + std::to_string(r) + ", " + std::to_string(c) + ") of M is not finite: check how M is computed",
                  where);
  }
  /// @copydoc ImplicitProblem::residual
  [[nodiscard]] detail::MassResidual<F, T, n> residual() const { return {mass, f}; }
  /// @copydoc ImplicitProblem::initial_slope
  [[nodiscard]] Vector<T, n> initial_slope() const { return {}; }
};

/// ImplicitProblem or MassProblem.
template <class Problem>
concept ImplicitEquations = requires(const Problem problem) {
  typename Problem::Scalar;
  problem.residual();
  problem.initial_slope();
  { problem.initial_values } -> std::convertible_to<InitialValues>;
};

}  // namespace antler::inline ANTLER_LANES
