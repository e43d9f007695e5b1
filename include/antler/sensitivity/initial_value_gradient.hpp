// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The gradient of the discrete solution of an initial value problem: of what was computed, not of the differential equation. A
/// neural ODE trained with it descends the loss that it reports, at any step length. Meshes do not move.

#include "antler/sensitivity/collocation_adjoint.hpp"
#include "antler/sensitivity/exponential_adjoint.hpp"
#include "antler/sensitivity/mesh_solution.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// What computes the gradient through a method.
template <class F, class T, int n, class Method>
struct GradientWindows;
template <class F, class T, int n, class Method, class Newton, class Inverse>
struct GradientWindows<F, T, n, Collocation<Method, Newton, Inverse>> {
  using type = CollocationAdjoint<F, T, n, Method, Inverse, Kokkos::DefaultExecutionSpace>;
};
template <class F, class T, int n, class Inverse>
struct GradientWindows<F, T, n, Exponential<Inverse>> {
  using type = ExponentialAdjoint<F, T, n, Inverse, Kokkos::DefaultExecutionSpace>;
};

/// The checks and the windows of all methods. `loss` has a row per step or none, `final_loss` is added to y_N's.
template <class F, class T, int n, class Method>
InitialValueGradient<T, n> gradient_of(const InitialValueProblem<F, T, n>& problem, const Method& method,
                                       const Solution<T, n>& solution, std::span<const Vector<T, n>> loss,
                                       const Vector<T, n>& final_loss, const Options& options, const SourceLocation& where) {
  using ExecutionSpace = Kokkos::DefaultExecutionSpace;
  using Windows = typename GradientWindows<F, T, n, Method>::type;
  require_solution_of(problem, solution, options, where);
  require_steps_of(method, solution, where);
  const Index steps = static_cast<Index>(solution.states().size()) - 1;

  const Stopwatch total;
  const std::size_t fixed = Windows::fixed_bytes();
  const Index longest = window_steps<ExecutionSpace>(
      options, fixed, steps, longest_window(method), [](Index count) { return Windows::window_bytes(count); }, where);
  InitialValueGradient<T, n> gradient;
  Statistics& statistics = gradient.statistics;
  Kokkos::Array<Vector<T, n>, 1> carried;
  carried[0] = final_loss;
  Windows windows(ExecutionSpace{}, problem.f, method.inverse);
  for (Index left = steps; left > 0 && gradient.status == Status::converged;) {
    const Index count = std::min(longest, left);
    left -= count;
    ++statistics.windows;
    const auto rows = loss.empty() ? loss : loss.subspan(static_cast<std::size_t>(left), static_cast<std::size_t>(count));
    gradient.status = windows.window(left + 1, count, solution, rows, carried, options, statistics, where);
  }
  gradient.initial = carried[0];
  gradient.parameters = windows.parameter_gradient();
  if (gradient.status == Status::converged && !all_finite(gradient)) gradient.status = Status::diverged;
  if (gradient.status != Status::converged) {
    gradient.initial = Vector<T, n>::filled(std::numeric_limits<T>::quiet_NaN());
    gradient.parameters.assign(gradient.parameters.size(), std::numeric_limits<T>::quiet_NaN());
  }
  statistics.steps = steps;
  statistics.peak_bytes = fixed + Windows::window_bytes(std::min(longest, steps));
  statistics.total_seconds = total.seconds();
  return gradient;
}

}  // namespace detail

/// The gradient of a number Loss(y_1, ..., y_N) of the states that a method on a mesh computed, with respect to y0 and the
/// parameters of f.
///
/// @param method    the one that solved: `RadauIIA<s>{}`, `Gauss<s>{}`, a Collocation, `Exponential{}`; its inverse, its longest
/// window
/// @param solution  what solve(problem, method, mesh, options) returned; its mesh is taken as given
/// @param loss      dLoss/dy_1 .. dLoss/dy_N, one vector per step
/// @param options   memory_cap; rtol and atol of the solve, within which the states are checked to satisfy these equations
/// @throws InvalidArgument  the solution has not converged, is not one of this problem and method, or kept no steps; `loss` has
/// other
///                          extents or is not finite; Kokkos not running; memory cap
/// @note Per step s Jacobians and 2/3 (s n)^3 flops, one transposed scan, s products with covectors: by f.pullback where f has it,
/// else
///       by dual numbers, one pass per eight parameters. Memory per step of a window (s + 1) n^2 + (2 s + 2) n numbers.
template <class F, class T, int n, class Method>
  requires detail::MeshMethod<Method> InitialValueGradient<T, n> gradient(const InitialValueProblem<F, T, n>& problem,
                                                                          const Method& method, const Solution<T, n>& solution,
                                                                          std::span<const std::type_identity_t<Vector<T, n>>> loss,
                                                                          const Options& options = {},
                                                                          const SourceLocation& where = SourceLocation::current()) {
    detail::require_loss<T, n>(loss, solution.states().empty() ? 0 : solution.states().size() - 1, where);
    return detail::gradient_of(problem, detail::with_parts(method), solution, loss, Vector<T, n>::filled(T(0)), options, where);
  }

/// The same for a number Loss(y_N).
template <class F, class T, int n, class Method>
  requires detail::MeshMethod<Method> InitialValueGradient<T, n> gradient(const InitialValueProblem<F, T, n>& problem,
                                                                          const Method& method, const Solution<T, n>& solution,
                                                                          const std::type_identity_t<Vector<T, n>>& final_loss,
                                                                          const Options& options = {},
                                                                          const SourceLocation& where = SourceLocation::current()) {
    const std::span<const Vector<T, n>> rows;
    detail::require_loss<T, n>(std::span(&final_loss, 1), 1, where);
    return detail::gradient_of(problem, detail::with_parts(method), solution, rows, final_loss, options, where);
  }

}  // namespace antler::inline ANTLER_LANES
