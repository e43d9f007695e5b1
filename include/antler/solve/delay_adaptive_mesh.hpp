// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Delay differential equations on a mesh of the solver's choice, the whole interval at once: for delays that are much shorter than
/// the solution's own times, where the method of steps would take a step per delay.
///
///   1. solve       Newton's method on the present mesh, from the last mesh's solution
///   2. estimate    of every step, E (f(t, y) - p'(t)), as the adaptive solver has it
///   3. mesh        step density (error / target)^(1/(s+1)); done when every error is within its limit

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "antler/core/stopwatch.hpp"
#include "antler/deer/weights.hpp"
#include "antler/solve/delay_mesh.hpp"
#include "antler/solve/delayed_states.hpp"
#include "antler/solve/error_control.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The error estimates of a solution's steps.
template <class F, class H, class T, int n, class Method>
class DelayErrors {
 public:
  /// @param breaks  whether the slope of the solution may jump at the start of a step
  DelayErrors(const DelayProblem<F, H, T, n>& problem, const Solution<T, n>& solution, const std::vector<bool>& breaks,
              const Options& options)
      : f_(problem.f), solution_(solution), breaks_(breaks), past_(problem, Bounds<T, n>{}), weights_(options) {
    const auto steps = solution.pieces();
    for (std::size_t i = 0; i < steps.size(); ++i) {  // the delayed states that the steps were solved with
      if (i == 0 || breaks[i]) {
        past_.template append<void>(steps[i], steps[i].y);
      } else {
        past_.template append<std::conditional_t<loses_order_between_nodes<Method>, Method, void>>(steps[i],
                                                                                                   end_slope(steps[i - 1]));
      }
    }
    past_.begin(problem.t0, problem.t1);
  }

  /// The weighted norm of E (f(t_i, y_i) - p'(t_i)), E = (lambda / h - J)^{-1} as in CollocationWindow, or that of the error of the
  /// polynomial as in DelayMarch, whichever is larger.
  [[nodiscard]] double operator()(std::size_t i) const {
    const auto& step = solution_.pieces()[i];
    const DelayedRightHandSide<F, H, T, n> f{f_, &past_};
    Vector<T, n> difference;
    const T inverse_h = static_cast<T>(1 / step.h);
    const Matrix<T, n> j = jacobian<T, n>(f, static_cast<T>(step.t), step.y, &difference);
    for (int c = 0; c < n; ++c) difference[c] -= step.c(0, c) * inverse_h;
    const Vector<T, n> estimate = error_filter<Method, T, n>(step_inverse<Method, T, n>(j, inverse_h)) * difference;
    const double error = weights_.state_norm(estimate, step.y);
    if (i == 0 || breaks_[i]) return error;
    constexpr double weight = largest_start_slope_weight<Method>();
    const double between = weights_.state_norm(static_cast<T>(weight * step.h) * difference, step.y);
    return between <= error ? error : between;
  }

 private:
  static Vector<T, n> end_slope(const SolutionPiece<T, n>& step) {
    Vector<T, n> slope;
    for (int c = 0; c < n; ++c) {
      slope[c] = 0;
      for (int m = 0; m < solution_degree; ++m) slope[c] += static_cast<T>((m + 1) / step.h) * step.c(m, c);
    }
    return slope;
  }

  F f_;
  const Solution<T, n>& solution_;
  const std::vector<bool>& breaks_;
  DelayedStates<F, H, T, n> past_;
  Weights<T, n> weights_;
};

}  // namespace detail

/// Solves a delay differential equation by collocation on a mesh of its own, with Newton's method on the whole trajectory. Steps
/// may be longer than delays.
///
/// @param options  rtol, atol: bounds of the local error of a step in the weighted norm, as in the adaptive solve; jump_times
/// before t0
/// @return         maximum_iterations when errors are still too large after twelve meshes; maximum_steps
/// @throws InvalidArgument  unusable problem or options, a history that throws or is not finite where it is needed, Kokkos not
///                          running, memory cap
/// @note Some meshes, each as a solve on a fixed mesh; all steps are in memory.
template <class F, class H, class T, int n, class Method, class Inverse>
Solution<T, n> solve(const DelayProblem<F, H, T, n>& problem, const DelayCollocation<Method, Inverse>& method,
                     const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  constexpr double target = 0.2;
  constexpr Index first_steps = 64;
  constexpr int most_meshes = 12, free_meshes = 3, order = estimate_order<Method>;
  problem.require_consistent(where);
  const Stopwatch total;
  const double limit = detail::error_limit<Method>(options.rtol, std::numeric_limits<T>::epsilon());
  Options inner = options;  // dense output is the next mesh's guess; what the iteration leaves is to be below the errors
  inner.output = Output::trajectory;
  inner.newton_tolerance *= std::min(1.0, 10 * limit);
  Mesh mesh =
      Mesh::uniform(problem.t0, problem.t1, problem.t0 == problem.t1 ? 0 : std::min(first_steps, options.maximum_steps), where);
  Solution<T, n> solution = solve(problem, method, mesh, inner, where);
  Statistics statistics = solution.statistics;
  const auto finish = [&](Status status) {
    statistics.steps = solution.statistics.steps;
    statistics.total_seconds = total.seconds();
    solution.status = status;
    solution.statistics = statistics;
    if (options.output == Output::trajectory) return std::move(solution);
    Solution<T, n> last;
    last.finish(solution.final_time(), solution.final_state());
    last.status = status;
    last.statistics = statistics;
    return last;
  };
  for (int meshes = 1; mesh.steps() > 0; ++meshes) {
    const bool solved = solution.status == Status::converged;
    if (!solved && !recoverable(solution.status)) return finish(solution.status);
    mesh = Mesh({solution.times().begin(), solution.times().end()});
    std::vector<double> errors(static_cast<std::size_t>(mesh.steps()), HUGE_VAL);
    double largest = HUGE_VAL;
    if (solved) {
      const auto broken = break_mesh(mesh.points(), detail::breaking_points_of<T>(problem, options.jump_times, Method::order));
      const detail::DelayErrors<F, H, T, n, Method> error(problem, solution, broken.breaks, options);
      parallel_for("antler::delay::estimate", Kokkos::DefaultHostExecutionSpace{}, mesh.steps(), 40.0 * n * n * n + 100.0 * n,
                   [&](Index i) { errors[static_cast<std::size_t>(i)] = error(static_cast<std::size_t>(i)) / limit; });
      statistics.function_evaluations += mesh.steps();
      statistics.jacobian_evaluations += mesh.steps();
      largest = 0;
      for (const double e : errors) largest = is_finite(e) ? std::max(largest, e) : HUGE_VAL;
      if (largest <= 1) return finish(Status::converged);
    }
    if (meshes == most_meshes) return finish(solved ? Status::maximum_iterations : solution.status);
    // Errors that pass through zero move with the mesh: after some meshes steps only shrink.
    if (meshes > free_meshes)
      for (double& e : errors) e = std::max(e, target);
    mesh = solved ? redistributed(mesh, errors, target, order, options.maximum_steps, where) : mesh.refined(2, where);
    if (mesh.steps() > options.maximum_steps) return finish(Status::maximum_steps);
    Solution<T, n> next =
        solved ? solve(problem, method, mesh, solution, inner, where) : solve(problem, method, mesh, inner, where);
    statistics += next.statistics;
    static_cast<void>(solution = std::move(next));
  }
  return finish(solution.status);
}

}  // namespace antler::inline ANTLER_LANES
