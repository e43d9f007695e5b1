// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Boundary value problems by collocation: all points of a mesh at once by damped Newton iteration, the almost block diagonal
/// system of each iteration by a parallel inverse, the mesh by the defect of the continuous solution.
///
///     solve on the mesh -> defect of every step -> all below rtol?  done
///                                               -> else steps in proportion to (defect / rtol)^(1/k), from the continuous solution
///     no convergence on a mesh: from the guess again, on twice as many steps

#include "antler/core/boundary_value_solution.hpp"
#include "antler/discretization/boundary_interpolant.hpp"
#include "antler/inverse/orthogonal_reduction.hpp"
#include "antler/mesh/defect_mesh.hpp"

namespace antler::inline ANTLER_LANES {

/// Collocation for boundary value problems.
/// @tparam Method   Gauss<2>, Gauss<3>, Lobatto<3> or Lobatto<4>
/// @tparam Inverse  OrthogonalReduction or SequentialCondensation
template <BoundaryMethod Method, class Inverse = OrthogonalReduction>
struct BoundaryCollocation {
  Method method{};
  Inverse inverse{};
};

namespace detail {

template <class Problem>
using BoundarySolutionOf = BoundaryValueSolution<typename Problem::Scalar, Problem::size, Problem::parameters>;

template <class Problem>
void require_solvable_boundary(const Problem& problem, const Options& options, const SourceLocation& where) {
  require_kokkos(where);
  require_valid(options, Problem::size, where);
  require_no_march_options(options, "BoundaryValueProblem", where);
  problem.require_finite(where);
}

/// The guess at the points of a mesh, and its slopes, by differences: of order f's where the guess is a solution, and no larger
/// than the guess is steep where it is not.
template <class System, class Problem>
void begin_with_guess(System& system, const Problem& problem, const SourceLocation& where) {
  const auto& points = system.points();
  auto& iterate = system.iterate();
  const auto guess = [&](double t) {
    const auto y = problem.guess(t);
    for (const auto& value : y) require(is_finite(value), "the guess is not finite everywhere on [a, b]: give one that is", where);
    return y;
  };
  constexpr double apart = 1e-3;  // of the step: the square root of the slopes' relative error
  using T = typename System::T;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto y = guess(points[i]);
    for (int c = 0; c < System::n; ++c) iterate.states(static_cast<Index>(i), c) = y[c];
    if (i + 1 == points.size()) break;
    const double h = points[i + 1] - points[i];
    for (int k = 0; k < System::q; ++k) {
      const double t = points[i] + System::Tableau::c(k) * h;
      const auto rise = guess(t + apart * h) - guess(t - apart * h);
      for (int c = 0; c < System::n; ++c)
        iterate.inner(static_cast<Index>(i), k * System::n + c) = rise[c] / static_cast<T>(2 * apart);
    }
  }
  iterate.parameters = problem.parameter_guess;
}

/// A continuous solution at the points of a mesh.
template <class System, class Solution>
void begin_with_solution(System& system, const Solution& solution) {
  const auto& points = system.points();
  auto& iterate = system.iterate();
  const auto write = [](const auto& values, const auto& view, Index i, int offset, auto factor) {
    for (int c = 0; c < System::n; ++c) view(i, offset + c) = factor * values[c];
  };
  using T = typename System::T;
  for (std::size_t i = 0; i < points.size(); ++i) {
    write(solution(points[i]), iterate.states, static_cast<Index>(i), 0, T(1));
    if (i + 1 == points.size()) break;
    const double h = points[i + 1] - points[i];
    for (int k = 0; k < System::q; ++k)
      write(solution.derivative(points[i] + System::Tableau::c(k) * h), iterate.inner, static_cast<Index>(i), k * System::n,
            static_cast<T>(h));
  }
  iterate.parameters = solution.parameters();
}

/// The system's iterate as a solution, with dense output and defects.
template <class Problem, class System>
BoundarySolutionOf<Problem> solution_of(const Problem& problem, const System& system, const Options& options,
                                        Statistics& statistics) {
  using T = typename System::T;
  const auto& points = system.points();
  std::vector<Vector<T, System::n>> states;
  states.reserve(points.size());
  for (std::size_t i = 0; i < points.size(); ++i)
    states.push_back(gather_row<T, System::n>(system.iterate().states, static_cast<Index>(i)));
  std::vector<BoundaryPiece<T, System::n>> pieces(points.size() - 1);
  std::vector<double> defects(points.size() - 1);
  evaluate_defect(problem, system, options, std::span(pieces), std::span(defects), statistics);
  return {points, std::move(states), system.iterate().parameters, std::move(pieces), std::move(defects)};
}

/// One mesh: Newton's iteration from the guess, or from `from` where there is one.
template <class Problem, class Method, class Inverse>
BoundarySolutionOf<Problem> solve_on_boundary_mesh(const Problem& problem, const BoundaryCollocation<Method, Inverse>& method,
                                                   std::span<const double> points, const BoundarySolutionOf<Problem>* from,
                                                   const Options& options, const SourceLocation& where) {
  using System = BoundaryValueSystem<Problem, Method, Inverse>;
  const Index steps = static_cast<Index>(points.size()) - 1;
  const std::size_t bytes = System::required_bytes(steps);
  require_memory(options, bytes, where);
  System system(problem, method.inverse, points, options);
  if (from) {
    begin_with_solution(system, *from);
  } else {
    begin_with_guess(system, problem, where);
  }
  Statistics statistics;
  const Status status = newton(system, options, statistics);
  auto solution = solution_of(problem, system, options, statistics);
  solution.status = status;
  solution.statistics = std::move(statistics);
  solution.statistics.steps = steps;
  solution.statistics.meshes = 1;
  solution.statistics.peak_bytes = bytes;
  return solution;
}

/// The first mesh: the points of the guess, or sixteen equal steps.
template <class Problem>
std::vector<double> first_boundary_mesh(const Problem& problem) {
  constexpr Index first_steps = 16;
  const auto& given = problem.guess_points;
  if (given.size() >= 3 && given.front() == problem.a && given.back() == problem.b) return given;
  const Mesh uniform = Mesh::uniform(problem.a, problem.b, first_steps);
  return {uniform.points().begin(), uniform.points().end()};
}

/// Mesh after mesh until every defect is below rtol.
template <class Problem, class Method, class Inverse>
BoundarySolutionOf<Problem> adapted(const Problem& problem, const BoundaryCollocation<Method, Inverse>& method,
                                    const Options& options, const SourceLocation& where) {
  using System = BoundaryValueSystem<Problem, Method, Inverse>;
  constexpr int most_meshes = 60, most_failures = 6;  // 16 steps to 1024: what fails there has a poor guess, or no solution
  constexpr Index most_steps = 1'000'000;             // some gigabytes: more would not end in a time that one waits
  constexpr double epsilon = static_cast<double>(rounding_of<typename Problem::Scalar>);
  bool solved = false;  // on a mesh before
  int failures = 0;
  std::vector<double> points = first_boundary_mesh(problem);
  BoundarySolutionOf<Problem> solution;
  Statistics total;
  DefectMesh meshes(options.rtol, defect_order<Method>);
  const auto finish = [&](Status status) {
    solution.status = status;
    solution.statistics = std::move(total);
    return std::move(solution);
  };
  for (int mesh = 0; mesh < most_meshes; ++mesh) {
    const Index steps = static_cast<Index>(points.size()) - 1;
    if (mesh > 0 && steps > std::min(options.maximum_steps, most_steps)) return finish(Status::maximum_steps);
    if (mesh > 0 && System::required_bytes(steps) > options.memory_cap) return finish(Status::memory_limit);
    if (shortest_in_roundings(points, epsilon) < 8) return finish(Status::step_too_small);
    auto next = solve_on_boundary_mesh(problem, method, points, solved ? &solution : nullptr, options, where);
    total += next.statistics;
    const Status status = next.status;
    if (status == Status::converged) {
      solution = std::move(next);
      solved = true;
      const auto defects = solution.defects();
      if (std::all_of(defects.begin(), defects.end(), [&](double d) { return d <= options.rtol; }))
        return finish(Status::converged);
      points = meshes.next(points, defects);
    } else {
      if (!solved) solution = std::move(next);
      if (!recoverable(status) || ++failures > most_failures) return finish(status);
      points = halved(points);
    }
  }
  return finish(Status::maximum_steps);
}

}  // namespace detail

/// Solves a boundary value problem on a fixed mesh, by damped Newton iteration from the problem's guess.
///
/// @param mesh     from a to b, three points at least
/// @param options  rtol and atol weigh the norm in which the iteration ends, see BoundaryWeights; they do not bound the error
/// @return         converged: residual and update are below tolerance; the defects are for the caller to judge. singular:
/// conditions
///                 contradict or repeat each other. diverged, maximum_iterations: no solution was found from this guess
/// @throws InvalidArgument  the mesh does not span [a, b] or is too short, unusable options or guess, Kokkos not running, memory
/// cap
/// @note See BoundaryValueSystem for work and memory.
template <class F, class G, class T, int n, int m, BoundaryMethod Method, class Inverse>
BoundaryValueSolution<T, n, m> solve(const BoundaryValueProblem<F, G, T, n, m>& problem,
                                     const BoundaryCollocation<Method, Inverse>& method, const Mesh& mesh,
                                     const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  static_assert(BoundaryConditions<G, T, n, m>,
                "antler::solve: g must return n + m conditions, one for each component and each unknown parameter");
  detail::require_solvable_boundary(problem, options, where);
  require(mesh.steps() >= 2, "the mesh of a boundary value problem needs three points at least", where);
  require(mesh.front() == problem.a && mesh.back() == problem.b, "the mesh must begin at a and end at b of the problem", where);
  const Stopwatch total;
  auto solution = detail::solve_on_boundary_mesh(problem, method, mesh.points(), nullptr, options, where);
  solution.statistics.total_seconds = total.seconds();
  return solution;
}

/// Solves a boundary value problem on a mesh of the solver's own: every step's defect is below rtol.
///
/// @param options  rtol: bound of the relative defect, see evaluate_defect(); atol: size of a component below which it is zero;
///                 maximum_steps bounds the mesh, a million steps do in any case
/// @return         converged: Newton's residual and update *and* every step's defect are below tolerance. Else as on a fixed mesh,
/// or
///                 maximum_steps, step_too_small: the solution is the last mesh's
/// @throws         as on a fixed mesh
template <class F, class G, class T, int n, int m, BoundaryMethod Method, class Inverse>
BoundaryValueSolution<T, n, m> solve(const BoundaryValueProblem<F, G, T, n, m>& problem,
                                     const BoundaryCollocation<Method, Inverse>& method, const Options& options = {},
                                     const SourceLocation& where = SourceLocation::current()) {
  static_assert(BoundaryConditions<G, T, n, m>,
                "antler::solve: g must return n + m conditions, one for each component and each unknown parameter");
  detail::require_solvable_boundary(problem, options, where);
  const Stopwatch total;
  BoundaryValueSolution<T, n, m> solution = detail::adapted(problem, method, options, where);
  solution.statistics.total_seconds = total.seconds();
  return solution;
}

/// The same with OrthogonalReduction.
template <class F, class G, class T, int n, int m, BoundaryMethod Method>
BoundaryValueSolution<T, n, m> solve(const BoundaryValueProblem<F, G, T, n, m>& problem, const Method& method, const Mesh& mesh,
                                     const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, BoundaryCollocation<Method>{method, {}}, mesh, options, where);
}
/// @copydoc solve
template <class F, class G, class T, int n, int m, BoundaryMethod Method>
BoundaryValueSolution<T, n, m> solve(const BoundaryValueProblem<F, G, T, n, m>& problem, const Method& method,
                                     const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, BoundaryCollocation<Method>{method, {}}, options, where);
}
/// The same by Gauss<3>, the default: Gauss' points leave out the ends, where f may be large and no unknown can follow it.
template <class F, class G, class T, int n, int m>
BoundaryValueSolution<T, n, m> solve(const BoundaryValueProblem<F, G, T, n, m>& problem, const Options& options = {},
                                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, Gauss<3>{}, options, where);
}

}  // namespace antler::inline ANTLER_LANES
