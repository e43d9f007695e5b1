// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "antler/core/dual.hpp"
#include "antler/core/dual_math.hpp"
#include "antler/core/matrix.hpp"
#include "antler/core/require.hpp"
#include "antler/problem/initial_value_problem.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// F::parameters, 0 where f declares none.
template <class F>
constexpr int parameters_of() {
  if constexpr (requires { F::parameters; }) {
    return F::parameters;
  } else {
    return 0;
  }
}

/// Parameters of a problem with m of them; with none one number that nobody reads.
template <class T, int m>
using ParametersOf = Vector<T, (m > 0 ? m : 1)>;

/// f(t, y) or f(t, y, p).
template <int m, class F, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> slope_at(const F& f, const U& t, const Vector<U, n>& y, const ParametersOf<U, m>& p) {
  if constexpr (m == 0) {
    return f(t, y);
  } else {
    return f(t, y, p);
  }
}

/// g(y(a), y(b)) or g(y(a), y(b), p).
template <int m, class G, class U, int n>
auto conditions_at(const G& g, const Vector<U, n>& ya, const Vector<U, n>& yb, const ParametersOf<U, m>& p) {
  if constexpr (m == 0) {
    return g(ya, yb);
  } else {
    return g(ya, yb, p);
  }
}

/// How many conditions g has.
template <class G, class T, int n, int m>
inline constexpr int conditions_of = decltype(conditions_at<m>(std::declval<const G&>(), std::declval<const Vector<T, n>&>(),
                                                               std::declval<const Vector<T, n>&>(),
                                                               std::declval<const ParametersOf<T, m>&>()))::size();

}  // namespace detail

/// g has as many conditions as there are components and unknown parameters.
template <class G, class T, int n, int m>
concept BoundaryConditions = detail::conditions_of<G, T, n, m>
== n + m;

/// A guess: the straight line from `left` at a to `right` at b.
template <class T, int n>
struct StraightLine {
  Vector<T, n> left, right;
};
template <class T, int n>
StraightLine(Vector<T, n>, Vector<T, n>) -> StraightLine<T, n>;

/// A guess: states at points, straight lines between them; the points are also the first mesh.
template <class T, int n>
struct PiecewiseLinear {
  std::vector<double> points;
  std::vector<Vector<T, n>> states;
};
template <class T, int n>
PiecewiseLinear(std::vector<double>, std::vector<Vector<T, n>>) -> PiecewiseLinear<T, n>;

/// y' = f(t, y; p), g(y(a), y(b); p) = 0 on a <= t <= b, with m unknown parameters p: n + m conditions, which may be coupled.
///
/// f and g are written once, as templates over the element type, and called with scalars and dual numbers, f also with SIMD lanes
/// of both:
///
///     static constexpr int size = 2, parameters = 1;        // of f; parameters is 0 where it is not declared
///     template <class T> Vector<T, 2> operator()(T t, const Vector<T, 2>& y, const Vector<T, 1>& p) const     f; without p when m
///     = 0 template <class T> Vector<T, 3> operator()(const Vector<T, 2>& ya, const Vector<T, 2>& yb, const Vector<T, 1>& p) const
///     g
///
/// An f that branches on a component declares `static constexpr bool lanes = false`. With n + m - 1 conditions the solutions are a
/// branch in the last parameter, for continuation().
///
/// Other conditions are brought to this form. An integral, int_a^b w(t, y) dt = c, is one component more: z' = w, z(a) = 0, z(b) =
/// c. A condition at an inner point c doubles the components: y on [a, c] and on [c, b], both mapped to [0, 1], and n conditions
/// more that say that they meet [AscherMattheijRussell1995, sec. 1.1].
template <class F, class G, class T, int n, int m>
struct BoundaryValueProblem {
  using Scalar = T;
  using State = Vector<T, n>;
  using Parameters = detail::ParametersOf<T, m>;
  static constexpr int size = n, parameters = m, conditions = detail::conditions_of<G, T, n, m>;
  static_assert(
      requires { requires F::size == n; } || !requires { F::size; },
      "antler::BoundaryValueProblem: the guess must have as many components as f (F::size)");
  static_assert(conditions == n + m || conditions == n + m - 1,
                "antler::BoundaryValueProblem: g must return n + m conditions, one for each component and each unknown parameter "
                "(or one less, "
                "for continuation); add or drop conditions");

  F f;
  G g;
  double a;                            ///< left end, in the unit of t of f
  double b;                            ///< right end, a < b
  std::function<State(double)> guess;  ///< y to begin with
  Parameters parameter_guess{};        ///< p to begin with
  std::vector<double> guess_points;    ///< points of the guess, which become the first mesh; empty: a uniform mesh

  /// A constant guess.
  BoundaryValueProblem(F right_hand_side, G boundary_conditions, double left, double right, const State& constant,
                       Parameters p = {})
      : BoundaryValueProblem(std::move(right_hand_side), std::move(boundary_conditions), left, right,
                             std::function<State(double)>([constant](double) { return constant; }), p) {}

  /// A straight line.
  BoundaryValueProblem(F right_hand_side, G boundary_conditions, double left, double right, const StraightLine<T, n>& line,
                       Parameters p = {})
      : BoundaryValueProblem(std::move(right_hand_side), std::move(boundary_conditions), left, right,
                             std::function<State(double)>([line, left, right](double t) {
                               const T theta = static_cast<T>((t - left) / (right - left));
                               return (T(1) - theta) * line.left + theta * line.right;
                             }),
                             p) {}

  /// States at points.
  /// @throws InvalidArgument  not one state per point, fewer than two points, points that do not lead from a to b
  BoundaryValueProblem(F right_hand_side, G boundary_conditions, double left, double right, const PiecewiseLinear<T, n>& states,
                       Parameters p = {}, const SourceLocation& where = SourceLocation::current())
      : BoundaryValueProblem(std::move(right_hand_side), std::move(boundary_conditions), left, right,
                             interpolated(states, left, right, where), p) {
    guess_points = states.points;
  }

  /// A function of t, or a solution: whatever t can be put into. What has times() gives the first mesh, what has parameters() the
  /// guess of p.
  template <class Guess>
    requires std::is_invocable_r_v<State, const Guess&, double> BoundaryValueProblem(F right_hand_side, G boundary_conditions,
                                                                                     double left, double right, Guess given,
                                                                                     Parameters p = {})
        : f(std::move(right_hand_side)), g(std::move(boundary_conditions)), a(left), b(right), parameter_guess(p) {
      if constexpr (requires { given.times(); }) guess_points.assign(given.times().begin(), given.times().end());
      if constexpr (m > 0 && requires { given.parameters(); }) parameter_guess = given.parameters();
      guess = [given = std::move(given)](double t) -> State { return given(t); };
    }

    /// Throws InvalidArgument unless the interval and the guess of p are finite and a < b; solve() asks again.
    void require_finite(const SourceLocation& where) const {
      require(std::isfinite(a) && std::isfinite(b) && a < b,
              "a boundary value problem needs finite ends a < b: exchange them, or substitute -t for t", where);
      for (int j = 0; j < m; ++j)
        if (!std::isfinite(parameter_guess[j]))
          require(false, "the guess of parameter " + std::to_string(j) + " is not finite: give one that is", where);
      require(guess != nullptr, "a boundary value problem needs a guess: a state, a straight line or a function of t", where);
    }

   private:
    static std::function<State(double)> interpolated(const PiecewiseLinear<T, n>& given, double left, double right,
                                                     const SourceLocation& where) {
      const auto& t = given.points;
      require(t.size() == given.states.size() && t.size() >= 2,
              "the guess must have one state per point, and two points at least: " + std::to_string(t.size()) + " points, " +
                  std::to_string(given.states.size()) + " states",
              where);
      require(t.front() == left && t.back() == right, "the points of the guess must begin at a and end at b", where);
      for (std::size_t i = 0; i + 1 < t.size(); ++i) require(t[i] < t[i + 1], "the points of the guess must increase", where);
      return [given](double at) {
        const auto& points = given.points;
        std::size_t i = 0;
        while (i + 2 < points.size() && points[i + 1] < at) ++i;
        const T theta = static_cast<T>((at - points[i]) / (points[i + 1] - points[i]));
        return (T(1) - theta) * given.states[i] + theta * given.states[i + 1];
      };
    }
};

namespace detail {

/// The state that a guess is made of.
template <class Guess>
struct StateOfGuess {
  using type = std::decay_t<decltype(std::declval<const Guess&>()(0.0))>;
};
template <class T, int n>
struct StateOfGuess<Vector<T, n>> {
  using type = Vector<T, n>;
};
template <class T, int n>
struct StateOfGuess<StraightLine<T, n>> {
  using type = Vector<T, n>;
};
template <class T, int n>
struct StateOfGuess<PiecewiseLinear<T, n>> {
  using type = Vector<T, n>;
};
template <class Guess>
using state_of_guess = typename StateOfGuess<Guess>::type;

}  // namespace detail

template <class F, class G, class Guess>
BoundaryValueProblem(F, G, double, double, Guess)
    -> BoundaryValueProblem<F, G, typename detail::state_of_guess<Guess>::value_type, detail::state_of_guess<Guess>::size(),
                            detail::parameters_of<F>()>;
template <class F, class G, class Guess, class Parameters>
BoundaryValueProblem(F, G, double, double, Guess, Parameters)
    -> BoundaryValueProblem<F, G, typename detail::state_of_guess<Guess>::value_type, detail::state_of_guess<Guess>::size(),
                            detail::parameters_of<F>()>;

}  // namespace antler::inline ANTLER_LANES
