// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The exponential discretisation on a graded mesh of the solver's own choice.
///
///   1. the predictor walks over the interval: a mesh and a trajectory of fourth order
///   2. local error of every step of a mesh along a more accurate trajectory, all steps at once: its affine map's defect
///          b_i = Phi_i(y_{i-1}, y_i) - y_i
///   3. redistribution: the number of steps that each step becomes is (error / target)^(1/3)
///   4. Newton's method on the new mesh, guess from the trajectory
///   5. the error of the result: the defect of every second point, which is three times the error of the two steps between
///      (C (2h)^3 of the long step less 2 C h^3 of the short ones); back to 3 unless all are within tolerance

#include "antler/mesh/predictor.hpp"
#include "antler/solve/exponential.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Local error of the exponential step on every step of a mesh, in the weighted norm, along a given trajectory.
/// @note One evaluation of f and its Jacobian per point and one exponential per step, all in parallel.
template <class F, class T, int n>
std::vector<double> local_errors(const InitialValueProblem<F, T, n>& problem, std::span<const double> points,
                                 std::span<const Vector<T, n>> states, const Options& options, Statistics& statistics,
                                 const SourceLocation& where) {
  using ExecutionSpace = Kokkos::DefaultExecutionSpace;
  const ExecutionSpace space;
  const std::size_t needed = ExponentialOperator<T, n, ExecutionSpace>::required_bytes(static_cast<Index>(points.size())) +
                             points.size() * n * (n + 2) * sizeof(T);
  require_memory(options, needed, where);
  statistics.peak_bytes = std::max(statistics.peak_bytes, needed);
  const auto times = visible_to(space, points);
  const auto y = allocate<Trajectory<T, n, ExecutionSpace>>("antler::states", points.size());
  copy_in<T, n, ExecutionSpace>(states, y);
  const auto f = allocate<Trajectory<T, n, ExecutionSpace>>("antler::f", points.size());
  Jacobians<T, n, 1, ExecutionSpace> jacobian;
  jacobian[0] = allocate<Matrices<T, n, ExecutionSpace>>("antler::jacobian", points.size());
  evaluate<T, n>(space, AtTimes<F, ExecutionSpace, accepts_lanes<F>()>{problem.f, times}, Unshifted{}, y, f, jacobian);
  ExponentialOperator<T, n, ExecutionSpace> derivative(space, times);
  derivative.linearize(space, y, f, jacobian);
  statistics.function_evaluations += static_cast<Index>(points.size());
  statistics.jacobian_evaluations += static_cast<Index>(points.size());
  statistics.factorisations += derivative.factorisations();

  std::vector<Vector<T, n>> defects(points.size());
  copy_out<T, n, ExecutionSpace>(derivative.residual(), defects);
  const Weights<T, n> weights(options);
  std::vector<double> errors(points.size() - 1);
  for (std::size_t i = 0; i < errors.size(); ++i) errors[i] = weights.state_norm(defects[i + 1], states[i + 1]);
  return errors;
}

/// False when a step is too short to be halved: its points are neighbours among the floating-point numbers.
inline bool divisible(const Mesh& mesh) {
  const auto points = mesh.points();
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const double middle = points[i] + 0.25 * (points[i + 1] - points[i]);
    if (middle == points[i] || middle == points[i + 1]) return false;
  }
  return true;
}

/// Every second point of an odd number of points.
template <class V>
std::vector<V> every_second(std::span<const V> all) {
  std::vector<V> some;
  for (std::size_t i = 0; i < all.size(); i += 2) some.push_back(all[i]);
  return some;
}

}  // namespace detail

/// Solves an initial value problem by the exponential discretisation on a mesh whose steps have local errors within the tolerances.
///
/// @param options  rtol, atol: bounds of the local error of a step in the weighted norm
/// @return         also the statuses of the predictor: maximum_steps, step_too_small (a solution that blows up), with the
/// trajectory so far
/// @throws InvalidArgument  unusable options, Kokkos not running, memory cap
/// @note Second order: steps grow in number like rtol^(-1/3), on a whole mesh per iteration. For stringent tolerances a method of
/// higher order is
///       faster.
template <class F, class T, int n, class Inverse>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, const Exponential<Inverse>& method, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  constexpr double target = 0.5, order = 3;
  constexpr int most_meshes = 12;
  constexpr int most_non_finite = 4;  // meshes, each with steps four times shorter: then f is not finite on the solution itself
  // On a host a window that does not converge should not have cost much; a device needs long ones to be busy.
  constexpr Index largest_window = is_host_space<Kokkos::DefaultExecutionSpace> ? 1024 : std::numeric_limits<Index>::max();
  require_kokkos(where);
  require_valid(options, n, where);
  require_no_march_options(options, "Exponential", where);
  problem.require_finite(where);
  const Stopwatch total;
  Statistics statistics;
  const auto finish = [&](Solution<T, n> solution, Status status) {
    statistics.steps = static_cast<Index>(solution.times().size()) - 1;
    statistics.total_seconds = total.seconds();
    solution.status = status;
    solution.statistics = statistics;
    return solution;
  };

  const Prediction<T, n> walk = predict(problem, options, statistics);
  Solution<T, n> trajectory(walk.times, walk.states);
  if (walk.status != Status::converged || walk.times.size() == 1) return finish(trajectory, walk.status);

  Mesh mesh(walk.times);
  std::vector<double> errors = detail::local_errors(problem, mesh.points(), trajectory.states(), options, statistics, where);
  int solved = 0, non_finite = 0;
  for (int meshes = 0; meshes < most_meshes; ++meshes) {
    // Half as many steps, each halved: the long steps are what the estimate needs.
    const Mesh halves = redistributed(mesh, errors, 4 * target, order, options.maximum_steps / 2);
    if (2 * halves.steps() > options.maximum_steps) return finish(trajectory, Status::maximum_steps);
    if (!detail::divisible(halves)) return finish(trajectory, Status::step_too_small);
    mesh = halves.refined(2);
    std::vector<Vector<T, n>> guess;
    for (const double t : mesh.points()) guess.push_back(trajectory(t));
    Solution<T, n> solution =
        detail::solve_on_mesh(problem, method, mesh, std::move(guess), Guess::given, options, where, largest_window);
    statistics += solution.statistics;
    if (solution.status != Status::converged) {
      if (!recoverable(solution.status)) return finish(solution, solution.status);
      if (!detail::divisible(mesh)) return finish(trajectory, Status::step_too_small);
      mesh = mesh.refined(2);  // where Newton's iteration fails in single steps, the steps are too long
      errors.assign(static_cast<std::size_t>(mesh.steps()), 4 * target);
      if (solution.status == Status::non_finite) ++non_finite;
      if (non_finite == most_non_finite || meshes + 1 == most_meshes) return finish(solution, solution.status);
      continue;
    }
    static_cast<void>(trajectory = std::move(solution));
    mesh = Mesh(detail::every_second(trajectory.times()));
    const auto states = detail::every_second(trajectory.states());
    errors = detail::local_errors<F, T, n>(problem, mesh.points(), states, options, statistics, where);
    double largest = 0;
    for (const double error : errors)
      if (!(error / 3 <= largest)) largest = is_finite(error) ? error / 3 : HUGE_VAL;  // std::max would pass over a NaN
    if (is_finite(largest) && largest <= 1) return finish(trajectory, Status::converged);
    // Of the two short steps, as one long one of the next mesh. An error that passes through zero moves with the mesh and would let
    // the steps there grow and shrink for ever: after two meshes they only shrink.
    for (double& error : errors) error = std::max(error * 4 / 3, solved < 1 ? 0.0 : 4 * target);
    ++solved;
  }
  return finish(trajectory, Status::maximum_iterations);
}

}  // namespace antler::inline ANTLER_LANES
