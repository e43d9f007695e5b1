// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Implicit equations by collocation on a fixed mesh: consistent initial values, then Newton's method on all nodes and stages at
/// once, as for initial value problems (collocation.hpp).

#include "antler/discretization/consistent_values.hpp"
#include "antler/discretization/implicit_stage_newton.hpp"
#include "antler/solve/collocation.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Throws unless the call makes sense.
template <ImplicitEquations Problem>
void require_solvable(const Problem& problem, const Options& options, const SourceLocation& where) {
  require_kokkos(where);
  require_valid(options, Problem::size, where);
  problem.require_valid(where);
}

/// Consistent values at t0, or checked ones, from those of the problem.
/// @throws InvalidArgument  values that are said to be consistent are not, or have left their bounds
template <ImplicitEquations Problem, class Values>
Status find_initial_values(const Problem& problem, const Options& options, Values& values, Statistics& statistics,
                           const SourceLocation& where) {
  using T = typename Problem::Scalar;
  values.y = problem.y0;
  values.slope = problem.initial_slope();
  if constexpr (requires { problem.yp0; }) values.check_slope();
  const Status status = values.compute(problem.t0, statistics);
  const bool given = problem.initial_values == InitialValues::given;
  if (given && (status == Status::converged || status == Status::inconsistent)) values.require_given(where);
  if (status != Status::converged) {
    if (status == Status::non_finite) statistics.first_failure = 0;
    return status;
  }
  require(Bounds<T, Problem::size>(options).violation(values.y) <= 1,
          "the initial value lies outside of Options::lower_bounds and upper_bounds: start within them", where);
  return status;
}

}  // namespace detail

/// Solves F(t, y, y') = 0 or M y' = f(t, y) by collocation on a fixed mesh, with Newton's method on the whole trajectory.
///
/// Where the iteration does not converge from the guess, y0 everywhere (with the slope yp0 in every step of an ImplicitProblem),
/// the trajectory is cut into windows, in the worst case single steps.
///
/// @param problem  an ImplicitProblem or a MassProblem; its initial values are found or checked first (InitialValues)
/// @param method   a Collocation of `RadauIIA<s>`: SimplifiedNewton or ExactNewton, and the inverse operator
/// @param mesh     from t0 to t1
/// @param options  rtol and atol weigh the norm in which the iteration ends; they do not bound the error on a fixed mesh
/// @return         also inconsistent, higher_index and singular, as the adaptive solve
/// @throws InvalidArgument  the mesh does not span [t0, t1], inconsistent values that were said to be consistent, unusable options,
///                          Kokkos not running, memory cap
/// @note As for initial value problems; n^2 scalars more per step with SimplifiedNewton.
template <ImplicitEquations Problem, class Method, class Newton, class Inverse>
Solution<typename Problem::Scalar, Problem::size> solve(const Problem& problem, const Collocation<Method, Newton, Inverse>& method,
                                                        const Mesh& mesh, const Options& options = {},
                                                        const SourceLocation& where = SourceLocation::current()) {
  static_assert(StifflyAccurate<Method>,
                "antler::solve: implicit equations need a method whose last stage is the end of the step: RadauIIA<s>");
  using T = typename Problem::Scalar;
  constexpr int n = Problem::size;
  using G = decltype(problem.residual());
  detail::require_solvable(problem, options, where);
  require(mesh.front() == problem.t0 && mesh.back() == problem.t1, "the mesh must begin at t0 and end at t1 of the problem", where);
  const G g = problem.residual();
  Statistics begun;
  detail::ConsistentValues<G, T, n> values(g, options, std::abs(problem.t1 - problem.t0));
  const Status found = detail::find_initial_values(problem, options, values, begun, where);
  if (found != Status::converged) {
    Solution<T, n> solution;
    solution.finish(problem.t0, values.y);
    solution.status = found;
    solution.statistics = begun;
    return solution;
  }
  const auto steps = static_cast<std::size_t>(mesh.steps());
  auto unknowns = detail::CollocationGuess<T, n, Method>::constant(values.y, steps);
  const auto points = mesh.points();
  if constexpr (requires { problem.yp0; })  // it chooses a branch; else y' is linear and zero is a safe guess
    for (std::size_t i = 0; i < steps; ++i)
      for (int k = 0; k < Method::stages; ++k)
        for (int c = 0; c < n; ++c)
          unknowns.stages[i][k * n + c] = static_cast<T>(Method::c(k) * (points[i + 1] - points[i])) * values.slope[c];
  using Iteration = typename detail::ImplicitCounterpart<Newton>::type;
  auto solution =
      detail::solve_on_mesh(g, Collocation<Method, Iteration, Inverse>{method.method, {}, method.inverse, method.window}, mesh,
                            std::move(unknowns), Guess::constant, options, where);
  solution.statistics.function_evaluations += begun.function_evaluations;
  solution.statistics.jacobian_evaluations += begun.jacobian_evaluations;
  return solution;
}

/// The same with SimplifiedNewton and AutomaticInverse.
template <ImplicitEquations Problem, CollocationTableau Method>
auto solve(const Problem& problem, const Method& method, const Mesh& mesh, const Options& options = {},
           const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, Collocation<Method>{method, {}, {}, 0}, mesh, options, where);
}

}  // namespace antler::inline ANTLER_LANES
