// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Initial value problems by collocation on a fixed mesh: Newton's method on all nodes and stages of a window of steps at once.

#include <algorithm>
#include <concepts>
#include <span>
#include <type_traits>
#include <vector>

#include "antler/core/solution.hpp"
#include "antler/deer/newton.hpp"
#include "antler/discretization/collocation_polynomial.hpp"
#include "antler/discretization/collocation_system.hpp"
#include "antler/inverse/scan.hpp"
#include "antler/mesh/mesh.hpp"
#include "antler/solve/trajectory_copy.hpp"
#include "antler/solve/windows.hpp"

namespace antler::inline ANTLER_LANES {

/// A collocation method with the parts of its solver: `Collocation{Gauss<2>{}, ExactNewton{}, SequentialInverse{}}`.
/// @tparam Newton   SimplifiedNewton or ExactNewton
/// @tparam Inverse  AutomaticInverse, ScanInverse or SequentialInverse
template <CollocationTableau Method, class Newton = SimplifiedNewton, class Inverse = AutomaticInverse>
struct Collocation {
  Method method{};
  Newton newton{};
  Inverse inverse{};
  Index window = 0;  ///< most steps of a window; 0: all steps of the mesh
};
template <class Method>
Collocation(Method) -> Collocation<Method>;
template <class Method, class Newton>
Collocation(Method, Newton) -> Collocation<Method, Newton>;
template <class Method, class Newton, class Inverse>
Collocation(Method, Newton, Inverse) -> Collocation<Method, Newton, Inverse>;
template <class Method, class Newton, class Inverse>
Collocation(Method, Newton, Inverse, Index) -> Collocation<Method, Newton, Inverse>;

namespace detail {

/// Nodes and stage increments of a whole mesh, on the host: a guess, whose first node is the initial value, then the solution.
template <class T, int n, class Method>
struct CollocationGuess {
  static constexpr int s = Method::stages;

  std::vector<Vector<T, n>> nodes;       // N + 1
  std::vector<Vector<T, n * s>> stages;  // N, component k n + c is component c of stage k

  static CollocationGuess constant(const Vector<T, n>& y0, std::size_t steps) {
    return {std::vector<Vector<T, n>>(steps + 1, y0), std::vector<Vector<T, n * s>>(steps, Vector<T, n * s>::filled(T(0)))};
  }
  /// The dense output of a solution that covers the mesh.
  static CollocationGuess sampled(const Solution<T, n>& solution, std::span<const double> points, const Vector<T, n>& y0,
                                  const SourceLocation& where) {
    CollocationGuess guess;
    for (const double t : points) guess.nodes.push_back(solution(t, where));
    guess.nodes[0] = y0;
    guess.stages.resize(points.size() - 1);
    for (std::size_t i = 0; i + 1 < points.size(); ++i)
      for (int k = 0; k < s; ++k) {
        // Past the end by rounding, where c = 1 and the step is the last.
        const double t = Method::c(k) == 1 ? points[i + 1] : points[i] + Method::c(k) * (points[i + 1] - points[i]);
        const Vector<T, n> stage = solution(t, where);
        for (int c = 0; c < n; ++c) guess.stages[i][k * n + c] = stage[c] - guess.nodes[i][c];
      }
    return guess;
  }
};

/// Solves the equations of a whole mesh window by window.
///
/// @param unknowns  guess, then solution
/// @param longest   most steps of a window; 0: all
/// @param begin     begin(window) is the march, for windows of so many steps; its solve(first, count, statistics) is Newton's
/// method
///                  on the steps first, first + 1, ..., counted from 0, and leaves their guess in place when it fails
template <class T, int n, class Method, class Begin>
Solution<T, n> march_over(std::span<const double> points, CollocationGuess<T, n, Method>& unknowns, Guess guess, Index longest,
                          const Options& options, const SourceLocation& where, const Begin& begin) {
  using March = std::invoke_result_t<const Begin&, Index>;
  require(longest >= 0, "the longest window must be positive, or 0 for all steps at once", where);
  require_finite<T, n>(unknowns.nodes, where);
  require_finite<T, n * Method::stages>(unknowns.stages, where);
  const Stopwatch total;
  const Index steps = static_cast<Index>(points.size()) - 1, window = longest > 0 ? std::min(longest, steps) : steps;
  require_memory(options, March::required_bytes(steps, window), where);
  const std::span<Vector<T, n>> nodes = unknowns.nodes;
  Solution<T, n> solution;
  Statistics& statistics = solution.statistics;
  solution.status = Status::converged;
  if (steps > 0) {
    March march = begin(window);
    const auto solve_window = [&](Index first, Index count) { return march.solve(first - 1, count, statistics); };
    solution.status = solve_by_windows(nodes, guess, statistics, solve_window, window);
  }
  if (options.output == Output::trajectory)
    for (std::size_t i = 0; i + 1 < points.size(); ++i)
      solution.append(collocation_polynomial<Method>(points[i], points[i + 1] - points[i], nodes[i], unknowns.stages[i]));
  solution.finish(points.back(), nodes.back());
  statistics.steps = steps;
  statistics.meshes = 1;
  statistics.peak_bytes = March::required_bytes(steps, window) + solution.stored_bytes();
  statistics.total_seconds = total.seconds();
  return solution;
}

/// The march of an initial value problem: allocates in its constructor, for the longest window.
template <class F, class T, int n, class Method, class Newton, class Inverse, class ExecutionSpace>
class CollocationMarch {
  using Plan = decltype(std::declval<const Inverse&>().template plan<T, n>(std::declval<const ExecutionSpace&>(), Index{}));
  using System = CollocationSystem<F, T, n, Method, Newton, Plan, ExecutionSpace>;
  static constexpr int s = Method::stages;

 public:
  static std::size_t required_bytes(Index steps, Index window) {
    return System::required_bytes(window) + static_cast<std::size_t>(steps + 1) * sizeof(T) * n * (1 + s);
  }

  /// @param points, unknowns  to be kept alive
  CollocationMarch(const F& f, const Inverse& inverse, std::span<const double> points, CollocationGuess<T, n, Method>& unknowns,
                   Index window, const Options& options)
      : options_(options),
        points_(points),
        unknowns_(unknowns),
        inverse_(inverse.template plan<T, n>(space_, window)),
        system_(space_, f, inverse_, window, options) {}

  /// Newton's method on some steps. Overwrites nodes and stages when it converges, and for a single step.
  Status solve(Index first, Index count, Statistics& statistics) {
    const auto from = static_cast<std::size_t>(first), length = static_cast<std::size_t>(count);
    const auto nodes = std::span<Vector<T, n>>(unknowns_.nodes).subspan(from, length + 1);
    const auto stages = std::span<Vector<T, n * s>>(unknowns_.stages).subspan(from, length);
    system_.begin(visible_to(space_, points_.subspan(from, length + 1)));
    copy_in<T, n, ExecutionSpace>(nodes, system_.nodes());
    copy_in<T, n * s, ExecutionSpace>(stages, system_.increments());
    const Status status = newton(system_, options_, statistics);
    if (status == Status::converged || count == 1) {
      copy_out<T, n, ExecutionSpace>(system_.nodes(), nodes);
      copy_out<T, n * s, ExecutionSpace>(system_.increments(), stages);
    }
    return status;
  }

 private:
  ExecutionSpace space_;
  const Options& options_;
  std::span<const double> points_;
  CollocationGuess<T, n, Method>& unknowns_;
  Plan inverse_;
  System system_;
};

/// Throws unless the call makes sense.
template <class F, class T, int n>
void require_solvable(const InitialValueProblem<F, T, n>& problem, const Mesh& mesh, const Options& options,
                      const SourceLocation& where) {
  require_kokkos(where);
  require_valid(options, n, where);
  problem.require_finite(where);
  require(mesh.front() == problem.t0 && mesh.back() == problem.t1, "the mesh must begin at t0 and end at t1 of the problem", where);
}

/// The march of the public functions below, from a guess on the whole mesh, whose first node is the initial value.
/// @param f  what Newton's plan linearises
template <class F, class T, int n, class Method, class Newton, class Inverse>
Solution<T, n> solve_on_mesh(const F& f, const Collocation<Method, Newton, Inverse>& method, const Mesh& mesh,
                             CollocationGuess<T, n, Method> unknowns, Guess guess, const Options& options,
                             const SourceLocation& where) {
  using March = CollocationMarch<F, T, n, Method, Newton, Inverse, Kokkos::DefaultExecutionSpace>;
  const auto begin = [&](Index window) { return March(f, method.inverse, mesh.points(), unknowns, window, options); };
  return march_over(mesh.points(), unknowns, guess, method.window, options, where, begin);
}

}  // namespace detail

/// Solves an initial value problem by collocation on a fixed mesh, with Newton's method on the whole trajectory.
///
/// Where the iteration does not converge from the guess, the trajectory is cut into windows: half of it, a quarter, ..., in the
/// worst case single steps, each starting from the accepted end of the one before. The dense output is the collocation polynomial.
///
/// @param method   `RadauIIA<s>{}`, `Gauss<s>{}`, or a Collocation that also chooses iteration and inverse
/// @param mesh     from t0 to t1
/// @param guess    one state per point of the mesh, straight lines between them; its first row is replaced by y0
/// @param options  rtol and atol weigh the norm in which the iteration ends; they do not bound the error on a fixed mesh
/// @throws InvalidArgument  the mesh does not span [t0, t1], the guess has other extents or is not finite, unusable options, Kokkos
/// not running, memory cap
/// @note Per step and iteration s evaluations of f, and 12 n^3 flops where Jacobians are renewed (SimplifiedNewton) or 2/3 (s n)^3
/// (ExactNewton). Memory: N (4 n^2 + (3 s + 4) n) scalars, (s + 1) n^2 in place of 4 n^2 for ExactNewton.
template <class F, class T, int n, class Method, class Newton, class Inverse>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Collocation<Method, Newton, Inverse>& method,
                     const Mesh& mesh, std::span<const std::type_identity_t<Vector<T, n>>> guess, const Options& options,
                     const SourceLocation& where = SourceLocation::current()) {
  detail::require_solvable(problem, mesh, options, where);
  require(guess.size() == mesh.points().size(),
          "the guess must have one state per point of the mesh: " + std::to_string(mesh.points().size()) + " states", where);
  detail::CollocationGuess<T, n, Method> unknowns{{guess.begin(), guess.end()}, {}};
  unknowns.nodes[0] = problem.y0;
  unknowns.stages.resize(guess.size() - 1);
  for (std::size_t i = 0; i + 1 < guess.size(); ++i)
    for (int k = 0; k < Method::stages; ++k)
      for (int c = 0; c < n; ++c)
        unknowns.stages[i][k * n + c] = static_cast<T>(Method::c(k)) * (unknowns.nodes[i + 1][c] - unknowns.nodes[i][c]);
  return detail::solve_on_mesh(problem.f, method, mesh, std::move(unknowns), Guess::given, options, where);
}

/// The same from a guess that is another solution (warm start): its dense output at nodes and stages.
/// @throws InvalidArgument  also when the guess does not cover [t0, t1]
template <class F, class T, int n, class Method, class Newton, class Inverse>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Collocation<Method, Newton, Inverse>& method,
                     const Mesh& mesh, const Solution<T, n>& guess, const Options& options,
                     const SourceLocation& where = SourceLocation::current()) {
  detail::require_solvable(problem, mesh, options, where);
  auto unknowns = detail::CollocationGuess<T, n, Method>::sampled(guess, mesh.points(), problem.y0, where);
  return detail::solve_on_mesh(problem.f, method, mesh, std::move(unknowns), Guess::given, options, where);
}

/// The same from the constant guess y0.
template <class F, class T, int n, class Method, class Newton, class Inverse>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Collocation<Method, Newton, Inverse>& method,
                     const Mesh& mesh, const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  detail::require_solvable(problem, mesh, options, where);
  auto unknowns = detail::CollocationGuess<T, n, Method>::constant(problem.y0, static_cast<std::size_t>(mesh.steps()));
  return detail::solve_on_mesh(problem.f, method, mesh, std::move(unknowns), Guess::constant, options, where);
}

/// The same with SimplifiedNewton and AutomaticInverse.
template <class F, class T, int n, CollocationTableau Method>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Method& method, const Mesh& mesh,
                     const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, Collocation<Method>{method, {}, {}, 0}, mesh, options, where);
}

/// The same with SimplifiedNewton and AutomaticInverse, from a guess: a Solution, or one state per point.
template <class F, class T, int n, CollocationTableau Method>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Method& method, const Mesh& mesh,
                     const Solution<T, n>& guess, const Options& options, const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, Collocation<Method>{method, {}, {}, 0}, mesh, guess, options, where);
}

}  // namespace antler::inline ANTLER_LANES
