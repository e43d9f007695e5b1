// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Delay differential equations with constant delays,
///
///     y'(t) = f(t, y(t), y(t - tau_1), ..., y(t - tau_P)),   t0 <= t <= t1,   y(t) = history(t) for t < t0,   y(t0) = y0.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "antler/core/dual.hpp"
#include "antler/core/dual_math.hpp"
#include "antler/core/finite.hpp"
#include "antler/core/require.hpp"
#include "antler/problem/delays.hpp"
#include "antler/problem/initial_value_problem.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// f(t, y, z[0], ..., z[P - 1]).
template <class F, class U, int n, int... p>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> call_delayed(const F& f, const U& t, const Vector<U, n>& y, const Vector<U, n>* z,
                                                      std::integer_sequence<int, p...>) {
  return f(t, y, z[p]...);
}

template <class F, class T, int n, class Sequence>
inline constexpr bool takes_delayed = false;
template <class F, class T, int n, int... p>
inline constexpr bool takes_delayed<F, T, n, std::integer_sequence<int, p...>> = requires(const F f, T t, const Vector<T, n> y) {
  { f(t, y, ((void)p, y)...) } -> std::convertible_to<Vector<T, n>>;
};

inline constexpr int most_delays = 16;

/// How many delayed states f takes after t and y; 0 when none of 1 .. 16 fits. An f that takes any number says `delays`.
template <class F, class T, int n, int P = 1>
constexpr int delay_count() {
  if constexpr (requires { F::delays; }) {
    return takes_delayed<F, T, n, std::make_integer_sequence<int, F::delays>> ? F::delays : 0;
  } else if constexpr (takes_delayed<F, T, n, std::make_integer_sequence<int, P>>) {
    return P;
  } else if constexpr (P < most_delays) {
    return delay_count<F, T, n, P + 1>();
  } else {
    return 0;
  }
}

/// The state that a history is of: a constant, or what a function of t returns.
template <class H>
struct HistoryOf;
template <class T, int n>
struct HistoryOf<Vector<T, n>> {
  using Scalar = T;
  static constexpr int size = n;
};
template <class H>
  requires requires(const H h) { h(0.0); }
struct HistoryOf<H> : HistoryOf<std::remove_cvref_t<std::invoke_result_t<const H&, double>>> {};

}  // namespace detail

/// y' = f(t, y, y(t - tau_1), ..., y(t - tau_P)) with constant positive delays, from t0 to t1 > t0.
///
///     DelayProblem{f, history, {17.0}, 0.0, 500.0}                   y0 is history(t0)
///     DelayProblem{f, Vector{0.5}, {1.0, 2.5}, 0.0, 10.0, Vector{1.0}}   a constant history, and a jump at t0
///
/// f is written once, as a template over the element type: `template <class T> Vector<T, n> operator()(const T& t, const
/// Vector<T, n>& y, const Vector<T, n>& y_1, ..., const Vector<T, n>& y_P) const`. It is called with scalars, with dual numbers
/// (which give the Jacobian with respect to every argument), and with SIMD lanes of both, unless it declares `static constexpr bool
/// lanes = false`. One that takes any number of delayed states declares `static constexpr int delays = P`.
///
/// The history is a Vector<T, n>, a constant, or a function of t that returns one, written for double or as a template (which gives
/// its derivative without differences). It is asked for t0 - tau_max <= t <= t0, from several threads. Times at which it jumps may
/// stand in Options::jump_times.
template <class F, class H, class T, int n>
struct DelayProblem {
  static constexpr int delay_count = detail::delay_count<F, T, n>();
  static_assert(delay_count > 0,
                "antler::DelayProblem: f(t, y, y_1, ..., y_P) must take and return antler::Vector<T, n> with n as in the history, "
                "one y_p per delay");
  static_assert(delay_count == 0 || detail::takes_delayed<F, Dual<T, n>, n, std::make_integer_sequence<int, delay_count>>,
                "antler::DelayProblem: f must be a template over the element type, so that dual numbers can pass");
  using Scalar = T;
  static constexpr int size = n;

  F f;
  H history;
  std::vector<double> delays;  ///< tau_1, ..., tau_P, in the order of the arguments of f
  double t0;                   ///< start, in the unit of time of f
  double t1;                   ///< end
  Vector<T, n> y0;             ///< y(t0)

  /// y0 is history(t0).
  /// @throws InvalidArgument  a delay that is not positive, another number of them than f takes, t1 < t0, a time that is not
  /// finite, a history that is not finite or throws at t0 - tau_p or t0
  DelayProblem(F right_hand_side, H past, std::vector<double> lags, double start, double end,
               const SourceLocation& where = SourceLocation::current())
      : f(std::move(right_hand_side)), history(std::move(past)), delays(std::move(lags)), t0(start), t1(end), y0{} {
    require_times(where);
    y0 = history_at(t0, where);
    require_consistent(where);
  }
  /// Another y0 than history(t0): the solution jumps at t0.
  DelayProblem(F right_hand_side, H past, std::vector<double> lags, double start, double end, Vector<T, n> initial,
               const SourceLocation& where = SourceLocation::current())
      : f(std::move(right_hand_side)), history(std::move(past)), delays(std::move(lags)), t0(start), t1(end), y0(initial) {
    require_consistent(where);
  }

  [[nodiscard]] double longest_delay() const { return *std::max_element(delays.begin(), delays.end()); }
  [[nodiscard]] double shortest_delay() const { return *std::min_element(delays.begin(), delays.end()); }

  /// history(t).
  /// @throws InvalidArgument  it threw, or a component is not finite: the message names t
  [[nodiscard]] Vector<T, n> history_at(double t, const SourceLocation& where = SourceLocation::current()) const {
    Vector<T, n> value;
    if constexpr (requires { history(t); }) {
      try {
        value = history(t);
      } catch (const std::exception& error) {
        history_failed(t, std::string("threw \"") + error.what() + '"', where);
      }
    } else {
      value = history;
    }
    for (int c = 0; c < n; ++c)
      if (!is_finite(value[c])) history_failed(t, "is not finite in component " + std::to_string(c), where);
    return value;
  }

  /// Throws InvalidArgument as the constructor does; solve() asks again, since the members can be changed.
  void require_consistent(const SourceLocation& where) const {
    require_times(where);
    for (int c = 0; c < n; ++c)
      if (!is_finite(y0[c]))
        require(false, "component " + std::to_string(c) + " of y0 is not finite: check how the initial value is computed", where);
    for (const double delay : delays) static_cast<void>(history_at(t0 - delay, where));
    static_cast<void>(history_at(t0, where));
  }

 private:
  void require_times(const SourceLocation& where) const {
    require_delays(delays, delay_count, where);
    require(std::isfinite(t0) && std::isfinite(t1), "t0 and t1 must be finite: for a steady state integrate to a large finite time",
            where);
    require(t1 >= t0, "a delay equation runs forwards only, and t1 lies before t0: what came before y(t0) is its history", where);
  }
};

template <class F, class H>
DelayProblem(F, H, std::vector<double>, double, double)
    -> DelayProblem<F, H, typename detail::HistoryOf<H>::Scalar, detail::HistoryOf<H>::size>;
template <class F, class H, class T, int n>
DelayProblem(F, H, std::vector<double>, double, double, Vector<T, n>) -> DelayProblem<F, H, T, n>;

namespace detail {

/// Where f or a low derivative of the solution jumps between t0 and t1, in ascending order: the breaking points of t0 and of the
/// jumps of f and history, down to the order of the method.
template <class T, class Problem>
std::vector<BreakingPoint> breaking_points_of(const Problem& problem, const std::vector<double>& jumps, int order) {
  std::vector<double> sources{problem.t0};
  for (const double jump : jumps)
    if (jump > problem.t0 - problem.longest_delay()) sources.push_back(jump);
  std::sort(sources.begin(), sources.end());
  const double spacing = static_cast<double>(std::numeric_limits<T>::epsilon());
  auto points = breaking_points(sources, problem.delays, order, problem.t1, spacing);
  std::erase_if(points, [&](const BreakingPoint& point) { return point.time < problem.t0; });
  return points;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
