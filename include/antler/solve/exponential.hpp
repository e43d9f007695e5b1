// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Initial value problems by the exponential discretisation on a fixed mesh: L = d/dt, s = 0, the inverse an affine scan.

#include <span>

#include "antler/core/solution.hpp"
#include "antler/deer/deer.hpp"
#include "antler/deer/shifters.hpp"
#include "antler/discretization/exponential.hpp"
#include "antler/inverse/scan.hpp"
#include "antler/mesh/mesh.hpp"
#include "antler/problem/initial_value_problem.hpp"
#include "antler/solve/trajectory_copy.hpp"
#include "antler/solve/windows.hpp"

namespace antler::inline ANTLER_LANES {

/// The method of the paper: exponentials of the mean Jacobian on each step, second order, exact for linear problems with constant
/// coefficients.
/// @tparam Inverse  AutomaticInverse, ScanInverse or SequentialInverse
template <class Inverse = AutomaticInverse>
struct Exponential {
  Inverse inverse{};
};
template <class Inverse>
Exponential(Inverse) -> Exponential<Inverse>;

namespace detail {

/// f(t, y) of a problem as the f(i, y_i) of the framework: point i is t_i.
template <class F, class ExecutionSpace, bool several>
struct AtTimes {
  static constexpr bool lanes = several;

  F f;
  Kokkos::View<const double*, typename ExecutionSpace::memory_space> times;

  template <class U, int n>
  KOKKOS_INLINE_FUNCTION Linearization<U, n, 1> linearize(Index i, const Vector<U, n>& y) const {
    Linearization<U, n, 1> point;
    point.jacobian[0] = jacobian<U, n>(f, gather<U>(times, i), y, &point.f);
    return point;
  }
};

/// Newton's method on some points of a mesh; the first state is the initial value. Overwrites the states when it converges.
template <class F, class T, int n, class Inverse, class ExecutionSpace>
Status solve_window(const ExecutionSpace& space, const InitialValueProblem<F, T, n>& problem, const Exponential<Inverse>& method,
                    std::span<const double> points, std::span<Vector<T, n>> states, const Options& options, Statistics& statistics,
                    const SourceLocation& where) {
  using Operator = ExponentialOperator<T, n, ExecutionSpace>;
  using Function = AtTimes<F, ExecutionSpace, accepts_lanes<F>()>;
  using Plan = decltype(method.inverse.template plan<T, n>(space, Index{}));
  require_memory(
      options, required_bytes<T, n, Operator, Function, Unshifted, Plan, ExecutionSpace>(static_cast<Index>(points.size())), where);
  const auto times = visible_to(space, points);
  const auto y = allocate<Trajectory<T, n, ExecutionSpace>>("antler::states", points.size());
  copy_in<T, n, ExecutionSpace>(states, y);

  Operator derivative(space, times);
  auto inverse = method.inverse.template plan<T, n>(space, static_cast<Index>(points.size()));
  const Function f{problem.f, times};
  const Status status = deer_in_place<T, n>(space, derivative, f, Unshifted{}, inverse, y, options, statistics, where);
  if (status == Status::converged || states.size() == 2) copy_out<T, n, ExecutionSpace>(y, states);
  return status;
}

/// The checks and the march of the public functions below.
template <class F, class T, int n, class Inverse>
Solution<T, n> solve_on_mesh(const InitialValueProblem<F, T, n>& problem, const Exponential<Inverse>& method, const Mesh& mesh,
                             std::vector<Vector<T, n>> states, Guess guess, const Options& options, const SourceLocation& where,
                             Index largest_window = std::numeric_limits<Index>::max()) {
  require_kokkos(where);
  require_valid(options, n, where);
  require_no_march_options(options, "Exponential", where);
  require(mesh.front() == problem.t0 && mesh.back() == problem.t1, "the mesh must begin at t0 and end at t1 of the problem", where);
  require(states.size() == mesh.points().size(),
          "the guess must have one state per point of the mesh: " + std::to_string(mesh.points().size()) + " states", where);
  problem.require_finite(where);
  require_finite<T, n>(states, where);

  const Stopwatch total;
  const Kokkos::DefaultExecutionSpace space;
  Solution<T, n> solution({mesh.points().begin(), mesh.points().end()}, std::move(states));
  Statistics& statistics = solution.statistics;
  const std::span<Vector<T, n>> rows = solution.mutable_states();
  rows[0] = problem.y0;
  solution.status = solve_by_windows(
      rows, guess, statistics,
      [&](Index first, Index count) {
        const auto part = [&](auto all) {
          return all.subspan(static_cast<std::size_t>(first - 1), static_cast<std::size_t>(count + 1));
        };
        return solve_window(space, problem, method, part(mesh.points()), part(rows), options, statistics, where);
      },
      largest_window);
  statistics.steps = mesh.steps();
  statistics.meshes = 1;
  statistics.total_seconds = total.seconds();
  return solution;
}

}  // namespace detail

/// Solves an initial value problem on a fixed mesh by Newton's method on the whole trajectory.
///
/// Where the iteration does not converge from the guess, the trajectory is cut into windows: half of it, a quarter, ..., in the
/// worst case single steps, each starting from the accepted end of the one before.
///
/// @param problem  y' = f(t, y), y(t0) = y0
/// @param mesh     from t0 to t1
/// @param guess    one state per point of the mesh; its first row is replaced by y0
/// @param options  rtol and atol weigh the norm in which the iteration ends; they do not bound the error on a fixed mesh
/// @throws InvalidArgument  the mesh does not span [t0, t1], the guess has other extents or is not finite, unusable options, Kokkos
/// not running
template <class F, class T, int n, class Inverse>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Exponential<Inverse>& method, const Mesh& mesh,
                     std::span<const std::type_identity_t<Vector<T, n>>> guess, const Options& options,
                     const SourceLocation& where = SourceLocation::current()) {
  return detail::solve_on_mesh(problem, method, mesh, std::vector<Vector<T, n>>(guess.begin(), guess.end()), Guess::given, options,
                               where);
}

/// The same from a guess that is another solution (warm start): its dense output at the points of the mesh.
/// @throws InvalidArgument  also when the guess does not cover [t0, t1]
template <class F, class T, int n, class Inverse>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Exponential<Inverse>& method, const Mesh& mesh,
                     const Solution<T, n>& guess, const Options& options, const SourceLocation& where = SourceLocation::current()) {
  std::vector<Vector<T, n>> states;
  states.reserve(mesh.points().size());
  for (const double t : mesh.points()) states.push_back(guess(t, where));
  return detail::solve_on_mesh(problem, method, mesh, std::move(states), Guess::given, options, where);
}

/// The same from the constant guess y0.
template <class F, class T, int n, class Inverse>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Exponential<Inverse>& method, const Mesh& mesh,
                     const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  const std::vector<Vector<T, n>> constant(mesh.points().size(), problem.y0);
  return detail::solve_on_mesh(problem, method, mesh, constant, Guess::constant, options, where);
}

}  // namespace antler::inline ANTLER_LANES
