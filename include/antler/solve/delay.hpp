// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Delay differential equations by the method of steps. Within a stretch no longer than the shortest delay every delayed state is
/// known, so that the equation is an ordinary one there, which WindowMarch solves with all steps of a window at once. Stretches end
/// at breaking points, where a derivative of the solution jumps.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "antler/core/stopwatch.hpp"
#include "antler/solve/delayed_states.hpp"
#include "antler/solve/window_march.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Integrates from one breaking point to the next in stretches no longer than the shortest delay.
template <class F, class H, class T, int n, class Method>
class DelayMarch {
  using RightHandSide = DelayedRightHandSide<F, H, T, n>;
  using March = WindowMarch<RightHandSide, T, n, Method, Kokkos::DefaultHostExecutionSpace>;

 public:
  static std::size_t window_bytes(const Options& options) { return March::window_bytes(options, {}); }

  DelayMarch(const DelayProblem<F, H, T, n>& problem, const Options& options, Acceptance<T, n>& acceptance)
      : options_(options),
        shortest_(problem.shortest_delay()),
        past_(problem, acceptance.bounds()),
        right_hand_side_{problem.f, &past_},
        acceptance_(acceptance),
        march_(Kokkos::DefaultHostExecutionSpace{}, {right_hand_side_, problem.t0, problem.t1, problem.y0}, options, acceptance,
               no_guess_) {
    acceptance.follow([this](const StepPolynomial<T, n, 3>& step, double share) { remember(step, share); });
  }
  DelayMarch(const DelayMarch&) = delete;
  DelayMarch& operator=(const DelayMarch&) = delete;

  /// From the accepted state to the end of an interval without breaking points inside.
  Status run(const SmoothInterval& interval, double initial_step) {
    const double length = interval.to - interval.from, parts = std::max(1.0, std::ceil(length / shortest_ * (1 - 1e-14)));
    for (double k = 0; k < parts; ++k) {
      SmoothInterval part = interval;
      if (k > 0) part.from = part.first = interval.from + length * (k / parts);
      if (k + 1 < parts) part.to = part.last = interval.from + length * ((k + 1) / parts);
      start_ = part.first;
      past_.begin(part.from, part.to);
      const Status status = march_.run(part, k > 0 ? past_.recent_step() : initial_step);
      if (status != Status::converged) return status;
    }
    return Status::converged;
  }

  [[nodiscard]] Statistics statistics() const {
    Statistics statistics = march_.statistics();
    statistics.peak_bytes += past_.stored_bytes();
    return statistics;
  }
  [[nodiscard]] const DelayedStates<F, H, T, n>& past() const { return past_; }

 private:
  void remember(const StepPolynomial<T, n, 3>& step, double share) {
    const bool collocated = share != Solution<T, n>::unknown_share;  // not a step of the sequential method
    if (loses_order_between_nodes<Method> && collocated) {
      const T t = static_cast<T>(std::max(step.t, start_));  // behind a jump
      past_.template append<Method>(step, right_hand_side_(t, step.y));
    } else {
      past_.template append<void>(step, step.y);
    }
  }

  const Options& options_;
  double shortest_, start_ = 0;
  DelayedStates<F, H, T, n> past_;
  RightHandSide right_hand_side_;
  Acceptance<T, n>& acceptance_;
  Solution<T, n> no_guess_;
  March march_;
};

}  // namespace detail

/// Solves a delay differential equation by collocation in time, adaptive and error-controlled.
///
/// As with an InitialValueProblem, but no step is longer than the shortest delay, and the breaking points t0 + sum_p k_p tau_p are
/// points of the mesh as far as a derivative of an order up to that of the method jumps there. Times in Options::jump_times have
/// breaking points of their own; those before t0 are jumps of the history. Delayed states come from the polynomials of accepted
/// steps, with one order more than dense output.
///
/// @param method   `RadauIIA<s>{}` or `Gauss<s>{}`, s = 1, 2, 3
/// @param options  rtol, atol: bounds of the local error of a step in the weighted norm
/// @param events   root functions to look for along the solution
/// @return         maximum_steps, before anything is computed, when (t1 - t0) / min tau_p is more than Options::maximum_steps
/// @throws InvalidArgument  unusable problem or options, y0 outside of its bounds, an event without root function, a history that
///                          throws or is not finite where it is needed (the message names t), Kokkos not running
/// @note Per step as an InitialValueProblem, and P look-ups of O(log(steps per delay)) per evaluation of f. Memory beside that of
///       the solution: the steps of the longest delay.
template <class F, class H, class T, int n, CollocationTableau Method>
Solution<T, n> solve(const DelayProblem<F, H, T, n>& problem, [[maybe_unused]] const Method& method, const Options& options,
                     const std::vector<Event<T, n>>& events, const SourceLocation& where = SourceLocation::current()) {
  require_kokkos(where);
  require_valid(options, n, where);
  problem.require_consistent(where);
  const double epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  require_valid_times(options, problem.t0, problem.t1, epsilon, where);
  require(Bounds<T, n>(options).violation(problem.y0) == 0,
          "y0 lies outside of Options::lower_bounds and upper_bounds: start within them", where);
  for (const Event<T, n>& event : events) require(event.root != nullptr, "an event has no root function: set Event::root", where);
  const Stopwatch total;
  using March = detail::DelayMarch<F, H, T, n, Method>;
  require_memory(options, March::window_bytes(options), where);
  detail::Acceptance<T, n> acceptance(problem.t0, problem.y0, problem.t1, options, events);
  March march(problem, options, acceptance);
  Status status = acceptance.start();
  const bool too_many = (problem.t1 - problem.t0) / problem.shortest_delay() > static_cast<double>(options.maximum_steps);
  if (status == Status::converged && too_many) status = Status::maximum_steps;
  std::vector<double> breaks;
  if (!too_many)
    for (const auto& point : detail::breaking_points_of<T>(problem, options.jump_times, Method::order))
      breaks.push_back(point.time);
  double initial_step = options.initial_step;
  for (const auto& interval : detail::smooth_intervals<T>(problem.t0, problem.t1, breaks)) {
    if (status != Status::converged) break;
    status = march.run(interval, initial_step);
    initial_step = 0;
  }
  march.past().require_history(where);
  Solution<T, n> solution = acceptance.finish(status, march.statistics());
  solution.statistics.total_seconds = total.seconds();
  return solution;
}

/// The same without events.
template <class F, class H, class T, int n, CollocationTableau Method>
Solution<T, n> solve(const DelayProblem<F, H, T, n>& problem, const Method& method, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, method, options, std::vector<Event<T, n>>{}, where);
}

/// The same by the default method, RadauIIA<3>.
template <class F, class H, class T, int n>
Solution<T, n> solve(const DelayProblem<F, H, T, n>& problem, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, RadauIIA<3>{}, options, where);
}

/// The same with events.
template <class F, class H, class T, int n>
Solution<T, n> solve(const DelayProblem<F, H, T, n>& problem, const Options& options, const std::vector<Event<T, n>>& events,
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, RadauIIA<3>{}, options, events, where);
}

}  // namespace antler::inline ANTLER_LANES
