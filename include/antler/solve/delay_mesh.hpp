// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Delay differential equations by collocation on a fixed mesh: Newton's method on all nodes and stages at once, the delayed states
/// included. Steps may be longer than delays.

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "antler/core/solution.hpp"
#include "antler/deer/newton.hpp"
#include "antler/discretization/delay_system.hpp"
#include "antler/inverse/delay_inverse.hpp"
#include "antler/mesh/mesh.hpp"
#include "antler/problem/delay_problem.hpp"
#include "antler/solve/collocation.hpp"

namespace antler::inline ANTLER_LANES {

/// A collocation method for a delay equation on a mesh with the parts of its solver.
/// @tparam Inverse  DelayScan<...> or DelaySweep
template <CollocationTableau Method, class Inverse = DelayScan<>>
struct DelayCollocation {
  Method method{};
  Inverse inverse{};
  Index window = 0;  ///< most steps of a window; 0: all steps of the mesh
};
template <class Method>
DelayCollocation(Method) -> DelayCollocation<Method>;
template <class Method, class Inverse>
DelayCollocation(Method, Inverse) -> DelayCollocation<Method, Inverse>;
template <class Method, class Inverse>
DelayCollocation(Method, Inverse, Index) -> DelayCollocation<Method, Inverse>;

namespace detail {

/// The march of windows over a mesh.
template <class F, class H, class T, int n, class Method, class Inverse>
class DelayMeshMarch {
  using Space = Kokkos::DefaultHostExecutionSpace;
  static constexpr int P = DelayProblem<F, H, T, n>::delay_count, s = Method::stages, Q = s * P;
  using Rows = DelayRows<T, n, Method, P, Space>;
  using Maps = typename Rows::Maps;
  using Plan = decltype(std::declval<const Inverse&>().template plan_for<Maps>(std::declval<const Space&>(), Index{}));
  using System = DelayCollocationSystem<F, T, n, Method, P, Plan, Space>;

 public:
  using Unknowns = CollocationGuess<T, n, Method>;

  static std::size_t required_bytes(Index steps, Index window) { return System::required_bytes(steps, window); }

  /// @param unknowns  to be kept alive
  DelayMeshMarch(const DelayProblem<F, H, T, n>& problem, const Inverse& inverse, const BrokenMesh& mesh, Index window,
                 const Options& options, Unknowns& unknowns, const SourceLocation& where)
      : options_(options),
        links_(mesh.points, problem.delays, mesh.breaks),
        unknowns_(unknowns),
        inverse_(inverse.template plan_for<Maps>(space_, window)),
        system_(space_, problem.f, inverse_, rows_of(problem, mesh, where), window, options) {}

  /// Newton's method on the steps first .. first + count - 1. When it fails the guess is left, of a single step the best iterate.
  Status solve(Index first, Index count, Statistics& statistics) {
    const auto from = unknowns_.nodes.begin() + first;
    const auto inner_from = unknowns_.stages.begin() + first;
    const Unknowns before{{from, from + count + 1}, {inner_from, inner_from + count}};
    system_.begin(first, count);
    const Status status = newton(system_, options_, statistics);
    if (status != Status::converged && count > 1) {
      std::copy(before.nodes.begin(), before.nodes.end(), from);
      std::copy(before.stages.begin(), before.stages.end(), inner_from);
    }
    return status;
  }

 private:
  /// The links of all steps and the history where they need it.
  Rows rows_of(const DelayProblem<F, H, T, n>& problem, const BrokenMesh& mesh, const SourceLocation& where) {
    const auto steps = static_cast<Index>(mesh.points.size()) - 1;
    Rows rows;
    rows.times = Kokkos::View<const double*, typename Space::memory_space>(mesh.points.data(), mesh.points.size());
    rows.y = Trajectory<T, n, Space>(unknowns_.nodes.data()->values, unknowns_.nodes.size());
    rows.z = Trajectory<T, n * s, Space>(unknowns_.stages.data()->values, unknowns_.stages.size());
    rows.known = allocate<Trajectory<T, Q * n, Space>>("antler::delay::history", steps);
    rows.maps.links = DelayLinks<T, s, Q, Space>::allocated("antler::delay::links", steps);
    rows.maps.latest = links_.latest();
    for (Index i = 0; i < steps; ++i)
      for (int k = 0; k < s; ++k)
        for (int p = 0; p < P; ++p) {
          const int q = k * P + p;
          const auto link = links_.link(static_cast<std::size_t>(i), k, static_cast<std::size_t>(p));
          rows.maps.links.step(i, q) = link.step;
          for (int l = 0; l < s; ++l) {
            rows.maps.links.own(i, q * s + l) = static_cast<T>(link.own[l]);
            rows.maps.links.before(i, q * s + l) = static_cast<T>(link.before[l]);
          }
          if (link.step >= 0) continue;
          // The end of a step may be where the history jumps: a little to the left.
          const double inside =
              Method::c(k) == 1
                  ? 4 * 2.3e-16 * std::max(std::abs(mesh.points[static_cast<std::size_t>(i) + 1]), problem.longest_delay())
                  : 0;
          const double t = std::clamp(link.time - inside, problem.t0 - problem.longest_delay(), problem.t0);
          scatter_row_part(problem.history_at(t, where), rows.known, i, q * n);
        }
    return rows;
  }
  template <class View>
  static void scatter_row_part(const Vector<T, n>& value, const View& view, Index i, int column) {
    for (int c = 0; c < n; ++c) view(i, column + c) = value[c];
  }

  Space space_;
  const Options& options_;
  DelayMeshLinks<Method> links_;
  Unknowns& unknowns_;
  Plan inverse_;
  System system_;
};

/// Throws unless the call makes sense.
template <class Problem>
void require_solvable_delay(const Problem& problem, const Mesh& mesh, const Options& options, const SourceLocation& where) {
  require_kokkos(where);
  require_valid(options, Problem::size, where);
  Options others = options;
  others.jump_times.clear();
  require_no_march_options(others, "a DelayProblem on a mesh", where);
  for (const double jump : options.jump_times)
    require(
        jump < problem.t0,
        "on a mesh Options::jump_times of a delay problem are jumps of its history, before t0: leave jumps of f to solve(problem, "
        "options)",
        where);
  problem.require_consistent(where);
  require(mesh.front() == problem.t0 && mesh.back() == problem.t1, "the mesh must begin at t0 and end at t1 of the problem", where);
}

/// From a guess on nodes and stages of the broken mesh.
template <class F, class H, class T, int n, class Method, class Inverse>
Solution<T, n> solve_delay_on_mesh(const DelayProblem<F, H, T, n>& problem, const DelayCollocation<Method, Inverse>& method,
                                   const BrokenMesh& mesh, CollocationGuess<T, n, Method> unknowns, Guess guess,
                                   const Options& options, const SourceLocation& where) {
  using March = DelayMeshMarch<F, H, T, n, Method, Inverse>;
  const auto begin = [&](Index window) { return March(problem, method.inverse, mesh, window, options, unknowns, where); };
  return march_over(std::span<const double>(mesh.points), unknowns, guess, method.window, options, where, begin);
}

}  // namespace detail

/// Solves a delay differential equation by collocation on a fixed mesh, with Newton's method on the whole trajectory: the delayed
/// states are unknowns like all others, and a step may be longer than a delay. On the host.
///
/// Breaking points up to the order of the method that are not on the mesh are added to it: times() has them. Where the iteration
/// does not converge from the guess, the trajectory is cut into windows as with an InitialValueProblem. Delayed states between the
/// nodes are those of the collocation polynomial, with one order more for RadauIIA<3> (delay_links.hpp), so that the order at the
/// nodes is that of the method: 1, 3, 5. Of Gauss methods it is s + 1, and 2 s where delays are multiples of the step.
///
/// @param method   `RadauIIA<s>{}`, `Gauss<s>{}`, or a DelayCollocation that also chooses the inverse and the longest window
/// @param mesh     from t0 to t1
/// @param options  rtol and atol weigh the norm in which the iteration ends, at newton_tolerance; jump_times before
///                 t0: jumps of the history
/// @throws InvalidArgument  the mesh does not span [t0, t1], unusable problem or options, a history that throws or is not finite
///                          where it is needed, Kokkos not running, memory cap
/// @note Per step and iteration s linearisations of f with n (P + 1) directions and (s n)^3 (2/3 + 2 P) flops. Memory:
///       N s n^2 (1 + s P) scalars.
template <class F, class H, class T, int n, class Method, class Inverse>
Solution<T, n> solve(const DelayProblem<F, H, T, n>& problem, const DelayCollocation<Method, Inverse>& method, const Mesh& mesh,
                     const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  detail::require_solvable_delay(problem, mesh, options, where);
  const auto broken = break_mesh(mesh.points(), detail::breaking_points_of<T>(problem, options.jump_times, Method::order));
  auto unknowns = detail::CollocationGuess<T, n, Method>::constant(problem.y0, broken.points.size() - 1);
  return detail::solve_delay_on_mesh(problem, method, broken, std::move(unknowns), Guess::constant, options, where);
}

/// The same from a guess that is another solution (warm start): its dense output at nodes and stages.
/// @throws InvalidArgument  also when the guess does not cover [t0, t1]
template <class F, class H, class T, int n, class Method, class Inverse>
Solution<T, n> solve(const DelayProblem<F, H, T, n>& problem, const DelayCollocation<Method, Inverse>& method, const Mesh& mesh,
                     const Solution<T, n>& guess, const Options& options, const SourceLocation& where = SourceLocation::current()) {
  detail::require_solvable_delay(problem, mesh, options, where);
  const auto broken = break_mesh(mesh.points(), detail::breaking_points_of<T>(problem, options.jump_times, Method::order));
  auto unknowns = detail::CollocationGuess<T, n, Method>::sampled(guess, broken.points, problem.y0, where);
  return detail::solve_delay_on_mesh(problem, method, broken, std::move(unknowns), Guess::given, options, where);
}

/// The same with the lagged scan.
template <class F, class H, class T, int n, CollocationTableau Method>
Solution<T, n> solve(const DelayProblem<F, H, T, n>& problem, const Method& method, const Mesh& mesh, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, DelayCollocation<Method>{method, {}, 0}, mesh, options, where);
}

/// The same with the lagged scan, from a guess.
template <class F, class H, class T, int n, CollocationTableau Method>
Solution<T, n> solve(const DelayProblem<F, H, T, n>& problem, const Method& method, const Mesh& mesh, const Solution<T, n>& guess,
                     const Options& options, const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, DelayCollocation<Method>{method, {}, 0}, mesh, guess, options, where);
}

}  // namespace antler::inline ANTLER_LANES
