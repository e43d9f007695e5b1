// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Radau IIA, one adaptive step after the other, or on a mesh of the caller's: the sequential counterpart of the windows, to
/// compare with.

#include <cmath>

#include "antler/core/solution.hpp"
#include "antler/core/stopwatch.hpp"
#include "antler/mesh/mesh.hpp"
#include "antler/solve/sequential_radau_walk.hpp"

namespace antler::inline ANTLER_LANES {

/// The method: `RadauIIA<s>` with s = 1, 3 or 5 stages, of order 2 s - 1, sequential, scalars only.
template <int stages>
struct SequentialRadauIIA {};

/// The one of order 5.
using SequentialRadau = SequentialRadauIIA<3>;

namespace detail {

/// Ends the solution where the walk came to, with what it did.
template <class F, class T, int n, class Method>
void finish(Solution<T, n>& solution, SequentialRadauWalk<F, T, n, Method>& walk, Status status, double seconds) {
  Statistics& statistics = walk.statistics();
  if (status == Status::non_finite) statistics.first_failure = statistics.steps;
  statistics.meshes = 1;
  statistics.windows = 1;
  statistics.peak_bytes = solution.stored_bytes();
  statistics.total_seconds = seconds;
  solution.status = status;
  solution.finish(walk.time(), walk.state());
  solution.statistics = statistics;
}

}  // namespace detail

/// Solves an initial value problem by Radau IIA, step by step: with SequentialRadau{} of order 5, or `SequentialRadauIIA<s>{}`.
///
/// @param options  rtol, atol: bounds of the local error of a step in the weighted norm; newton_tolerance, maximum_steps, output
/// @return         converged; maximum_steps, memory_limit, or the status with which no further step was accepted; the accepted
/// steps with their polynomials in any case
/// @throws InvalidArgument  unusable options, Kokkos not running
/// @note Scalars, one thread. Order 5: per step and Newton iteration 3 evaluations of f and 10 n^2 flops; 10/3 n^3 per
/// factorisation.
template <class F, class T, int n, int stages>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, SequentialRadauIIA<stages> /*method*/,
                     const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  require_kokkos(where);
  require_valid(options, n, where);
  problem.require_finite(where);
  const Stopwatch total;
  Solution<T, n> solution;
  const double direction = problem.t1 < problem.t0 ? -1 : 1;
  detail::SequentialRadauWalk<F, T, n, RadauIIA<stages>> walk(problem.f, options, direction);
  Statistics& statistics = walk.statistics();
  Status status = walk.start(problem.t0, problem.y0, 0, std::abs(problem.t1 - problem.t0));
  while (status == Status::converged && (problem.t1 - walk.time()) * direction > 0) {
    if (statistics.steps >= options.maximum_steps) {
      status = Status::maximum_steps;
    } else if (solution.stored_bytes() > options.memory_cap) {
      status = Status::memory_limit;
    } else {
      status = walk.advance(problem.t1);
      if (status == Status::converged) ++statistics.steps;
      if (status == Status::converged && options.output == Output::trajectory) solution.append(walk.piece());
    }
  }
  detail::finish(solution, walk, status, total.seconds());
  return solution;
}

/// The same on a mesh of the caller's, without error control: the sequential solution of the equations that
/// `solve(problem, RadauIIA<s>{}, mesh, options)` solves all at once, to compare with.
///
/// @param mesh     from t0 to t1
/// @param options  rtol and atol weigh the norm in which Newton's iteration ends, at newton_tolerance; memory_cap, output
/// @return         converged; maximum_iterations, non_finite or singular at the first step that could not be solved, with the
///                 steps before it
/// @throws InvalidArgument  the mesh does not span [t0, t1], unusable options, Kokkos not running
template <class F, class T, int n, int stages>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, SequentialRadauIIA<stages> /*method*/, const Mesh& mesh,
                     const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  require_kokkos(where);
  require_valid(options, n, where);
  problem.require_finite(where);
  require(mesh.front() == problem.t0 && mesh.back() == problem.t1, "the mesh must begin at t0 and end at t1 of the problem", where);
  const Stopwatch total;
  Solution<T, n> solution;
  detail::SequentialRadauWalk<F, T, n, RadauIIA<stages>> walk(problem.f, options, problem.t1 < problem.t0 ? -1 : 1);
  walk.place(problem.t0, problem.y0);
  Status status = mesh.steps() > 0 ? walk.start(problem.t0, problem.y0, 0, std::abs(problem.t1 - problem.t0)) : Status::converged;
  for (Index i = 1; i <= mesh.steps() && status == Status::converged; ++i) {
    status = solution.stored_bytes() > options.memory_cap ? Status::memory_limit
                                                          : walk.step_to(mesh.points()[static_cast<std::size_t>(i)]);
    if (status == Status::converged) ++walk.statistics().steps;
    if (status == Status::converged && options.output == Output::trajectory) solution.append(walk.piece());
  }
  detail::finish(solution, walk, status, total.seconds());
  return solution;
}

}  // namespace antler::inline ANTLER_LANES
