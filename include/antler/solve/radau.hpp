// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Initial value problems by collocation, adaptive; RadauIIA<5> is the default method for them. What is asked is checked, then
/// WindowMarch goes from jump to jump.

#include <limits>
#include <vector>

#include "antler/core/stopwatch.hpp"
#include "antler/solve/window_march.hpp"

namespace antler::inline ANTLER_LANES {

/// Solves an initial value problem by collocation in time, adaptive and error-controlled, from a neighbouring solution.
///
/// The steps and their number are such that the error of the end follows rtol, with each method at its own order: RadauIIA<5> needs
/// the fewest steps, RadauIIA<3> the least work per step where Jacobians change fast. With Strategy::automatic every method but
/// these two goes in windows at every tolerance; RadauIIA<3> leaves loose ones, RadauIIA<5>, the default, all but the tightest to
/// steps of SEULEX, or RODAS where lanes do not serve. Gauss methods do not damp what is infinitely stiff: they get through, but
/// waste windows in layers and on slow stiff solutions. Dense output is the polynomial of the method that took the step.
///
/// The steps and polynomials of the guess take the place of the predictor, window by window; where they do not lead to convergence,
/// or end before t1, the predictor goes on. Steps of SEULEX have no use for it, and take less time than windows from a guess.
///
/// @param method   `RadauIIA<s>{}`, s = 1 .. 5 (order 2 s - 1, L-stable), or `Gauss<s>{}`, s = 1, 2, 3 (order 2 s, A-stable,
/// symmetric)
/// @param options  rtol, atol: bounds of the local error of a step in the weighted norm, as in SUNDIALS
/// @param events   root functions to look for along the solution, see Event; Solution::events() has what was found
/// @param guess    the solution of a problem with slightly other parameters or initial values, of any method; best with its steps
/// (Output::trajectory), of the same method at the same tolerances. Without any points: no guess
/// @return         also Status::event when a terminal event ended the solve: final_time() and final_state() are the event's
/// @throws InvalidArgument  unusable options, y0 outside of its bounds, an event without root function, Kokkos not running
/// @throws          whatever f, a root function or Options::progress throws
/// @note Per step and iteration s evaluations of f; where Jacobians are renewed 2 n^3 for a real inverse (odd s) and 8 n^3 for each
/// of the s / 2 complex ones. Steps in number: like rtol^(-1/p) with p the order of the method (RadauIIA<3>: rtol^(-1/6)), at tight
/// tolerances like rtol^(-1/(s+1)).
template <class F, class T, int n, CollocationTableau Method>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, [[maybe_unused]] const Method& method, const Options& options,
                     const std::vector<Event<T, n>>& events, const Solution<T, n>& guess,
                     const SourceLocation& where = SourceLocation::current()) {
  require_kokkos(where);
  require_valid(options, n, where);
  problem.require_finite(where);
  require_valid_times(options, problem.t0, problem.t1, static_cast<double>(std::numeric_limits<T>::epsilon()), where);
  require(Bounds<T, n>(options).violation(problem.y0) == 0,
          "y0 lies outside of Options::lower_bounds and upper_bounds: start within them", where);
  for (const Event<T, n>& event : events) require(event.root != nullptr, "an event has no root function: set Event::root", where);
  const Stopwatch total;
  using March = detail::WindowMarch<F, T, n, Method, Kokkos::DefaultHostExecutionSpace>;
  require_memory(options, March::window_bytes(options, guess), where);
  detail::Acceptance<T, n> acceptance(problem.t0, problem.y0, problem.t1, options, events);
  March march(Kokkos::DefaultHostExecutionSpace{}, problem, options, acceptance, guess);
  Status status = acceptance.start();
  double initial_step = options.initial_step;
  for (const auto& interval : detail::smooth_intervals<T>(problem.t0, problem.t1, options.jump_times)) {
    if (status != Status::converged) break;
    status = march.run(interval, initial_step);
    initial_step = 0;  // what was right before a jump says nothing about the step behind it
  }
  Solution<T, n> solution = acceptance.finish(status, march.statistics());
  solution.statistics.total_seconds = total.seconds();
  return solution;
}

/// The same with events and without a guess.
template <class F, class T, int n, CollocationTableau Method>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Method& method, const Options& options,
                     const std::vector<Event<T, n>>& events, const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, method, options, events, Solution<T, n>{}, where);
}

/// The same with a guess and without events.
template <class F, class T, int n, CollocationTableau Method>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Method& method, const Options& options,
                     const Solution<T, n>& guess, const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, method, options, std::vector<Event<T, n>>{}, guess, where);
}

/// The same with neither.
template <class F, class T, int n, CollocationTableau Method>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Method& method, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, method, options, std::vector<Event<T, n>>{}, Solution<T, n>{}, where);
}

/// Solves an initial value problem by the default method, RadauIIA<5>.
template <class F, class T, int n>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, RadauIIA<5>{}, options, where);
}

/// The same with events.
template <class F, class T, int n>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Options& options, const std::vector<Event<T, n>>& events,
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, RadauIIA<5>{}, options, events, where);
}

/// The same from a neighbouring solution (warm start), where windows are taken: by Strategy::windows, or where lanes do not serve.
/// At loose tolerances they are those of RadauIIA<3>, whose shorter steps converge in fewer iterations.
template <class F, class T, int n>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Options& options, const Solution<T, n>& guess,
                     const SourceLocation& where = SourceLocation::current()) {
  const bool loose = options.rtol > detail::ErrorControl<RadauIIA<5>>::loosest_window({n, false, false});
  if (loose && (options.strategy == Strategy::windows || !detail::extrapolates<F, T, n>))
    return solve(problem, RadauIIA<3>{}, options, guess, where);
  return solve(problem, RadauIIA<5>{}, options, guess, where);
}

}  // namespace antler::inline ANTLER_LANES
