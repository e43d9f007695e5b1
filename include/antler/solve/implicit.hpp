// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Implicit equations of index 1 at most, differential-algebraic ones included, by Radau IIA, adaptive.

#include <limits>
#include <vector>

#include "antler/core/stopwatch.hpp"
#include "antler/solve/implicit_collocation.hpp"
#include "antler/solve/implicit_march.hpp"

namespace antler::inline ANTLER_LANES {

/// Solves F(t, y, y') = 0 or M y' = f(t, y) by Radau IIA in time, adaptive and error-controlled.
///
/// Consistent initial values are found first (InitialValues), and again behind each of Options::jump_times: y keeps what dF/dy'
/// sees of it. All components have the same kind of weight in the norm, rtol |y_c| + atol_c; algebraic components satisfy their
/// equations at every step's end, and what the step's polynomial misses of them in between is part of its error.
///
/// The method is `RadauIIA<s>{}`, of order 2 s - 1 for differential and algebraic components, s = 1, 2, 3.
///
/// @param problem  an ImplicitProblem or a MassProblem
/// @param options  as for an InitialValueProblem; Strategy::automatic walks step by step, Strategy::windows solves all steps of a
///                 window at once, in SIMD lanes and on all cores, where there are no bounds
/// @param events   root functions to look for along the solution, see Event
/// @return         converged, event, or: inconsistent, no consistent values near the given ones were found; higher_index, the
///                 algebraic equations do not determine the algebraic components (the criterion is that of MatrixPencil);
///                 singular, the equations have no unique solution; step_too_small, maximum_steps, non_finite and the others as for
///                 initial value problems. Then the solution ends where the march came to, at t0 for the first two
/// @throws InvalidArgument  unusable options; initial values that are said to be consistent and miss the equations by more than
///                          the tolerance; an event without root function; Kokkos not running
/// @throws                  whatever F, f, a root function or Options::progress throws
/// @note Per step and Newton iteration s evaluations of F and 10 n^2 flops, where matrices are renewed 12 n^3 (s = 3).
template <ImplicitEquations Problem, CollocationTableau Method>
Solution<typename Problem::Scalar, Problem::size> solve(const Problem& problem, const Method& /*method*/, const Options& options,
                                                        const std::vector<Event<typename Problem::Scalar, Problem::size>>& events,
                                                        const SourceLocation& where = SourceLocation::current()) {
  static_assert(StifflyAccurate<Method>,
                "antler::solve: implicit equations need a method whose last stage is the end of the step: RadauIIA<s>");
  using T = typename Problem::Scalar;
  constexpr int n = Problem::size;
  using G = decltype(problem.residual());
  detail::require_solvable(problem, options, where);
  require_valid_times(options, problem.t0, problem.t1, static_cast<double>(std::numeric_limits<T>::epsilon()), where);
  for (const Event<T, n>& event : events) require(event.root != nullptr, "an event has no root function: set Event::root", where);
  const Stopwatch total;
  using March = detail::ImplicitMarch<G, T, n, Method>;
  require_memory(options, March::window_bytes(options), where);
  const G g = problem.residual();
  Statistics statistics;
  detail::ConsistentValues<G, T, n> values(g, options, std::abs(problem.t1 - problem.t0));
  Status status = detail::find_initial_values(problem, options, values, statistics, where);
  values.y = Bounds<T, n>(options).projected(values.y);
  detail::Acceptance<T, n> acceptance(problem.t0, values.y, problem.t1, options, events);
  if (status == Status::converged) {
    March march(g, problem.t0, problem.t1, values, options, acceptance);
    status = acceptance.start();
    double initial_step = options.initial_step;
    bool behind_jump = false;
    for (const auto& interval : detail::smooth_intervals<T>(problem.t0, problem.t1, options.jump_times)) {
      if (status != Status::converged) break;
      status = march.run(interval, initial_step, behind_jump || interval.first != interval.from, statistics);
      initial_step = 0;
      behind_jump = true;
    }
  }
  statistics.peak_bytes = March::window_bytes(options) + acceptance.stored_bytes();
  Solution<T, n> solution = acceptance.finish(status, statistics);
  solution.statistics.total_seconds = total.seconds();
  return solution;
}

/// The same without events.
template <ImplicitEquations Problem, CollocationTableau Method>
auto solve(const Problem& problem, const Method& method, const Options& options = {},
           const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, method, options, std::vector<Event<typename Problem::Scalar, Problem::size>>{}, where);
}

/// The same by RadauIIA<3>.
template <ImplicitEquations Problem>
auto solve(const Problem& problem, const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, RadauIIA<3>{}, options, where);
}

/// The same by RadauIIA<3> with events.
template <ImplicitEquations Problem>
auto solve(const Problem& problem, const Options& options,
           const std::vector<Event<typename Problem::Scalar, Problem::size>>& events,
           const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, RadauIIA<3>{}, options, events, where);
}

}  // namespace antler::inline ANTLER_LANES
