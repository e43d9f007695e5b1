// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The gradient of the discrete solution of an initial value problem: of what was computed, not of the differential equation. A
/// neural ODE trained with it descends the loss that it reports, at any step length. Meshes do not move.

#include "antler/sensitivity/collocation_adjoint.hpp"
#include "antler/sensitivity/exponential_adjoint.hpp"
#include "antler/solve/collocation.hpp"
#include "antler/solve/exponential.hpp"

namespace antler::inline ANTLER_LANES {

/// The derivatives of a number with respect to y0 and the parameters of f. When the status is not `converged` they are NaN.
template <class T, int n>
struct [[nodiscard]] InitialValueGradient {
  /// converged; non_finite: f or a Jacobian is not finite in a step, the first of which is statistics.first_failure; singular: a
  /// step has no unique derivative; diverged: a derivative overflowed
  Status status = Status::converged;
  Vector<T, n> initial;       ///< with respect to y0
  std::vector<T> parameters;  ///< with respect to theta, flat; empty when f has none
  Statistics statistics;
};

namespace detail {

/// The checks and the windows of all methods. `loss` has a row per step or none, `final_loss` is added to y_N's.
template <class Windows, class F, class T, int n, class Inverse>
InitialValueGradient<T, n> gradient_by(const InitialValueProblem<F, T, n>& problem, const Inverse& inverse, Index longest_window,
                                       const Solution<T, n>& solution, std::span<const Vector<T, n>> loss,
                                       const Vector<T, n>& final_loss, const Options& options, const SourceLocation& where) {
  using ExecutionSpace = Kokkos::DefaultExecutionSpace;
  require_kokkos(where);
  require_valid(options, n, where);
  problem.require_finite(where);
  require_converged(solution, std::max<std::size_t>(1, solution.times().size()), where);
  require(solution.times().front() == problem.t0 && solution.times().back() == problem.t1,
          "the solution must go from t0 to t1 of the problem: differentiate the solution of this problem", where);
  require(solution.states().front() == problem.y0, "the solution does not begin at y0 of the problem: solve it first", where);
  const Index steps = static_cast<Index>(solution.states().size()) - 1;

  const Stopwatch total;
  const std::size_t fixed = Windows::fixed_bytes();
  const Index longest = window_steps<ExecutionSpace>(
      options, fixed, steps, longest_window, [](Index count) { return Windows::window_bytes(count); }, where);
  InitialValueGradient<T, n> gradient;
  Statistics& statistics = gradient.statistics;
  Kokkos::Array<Vector<T, n>, 1> carried;
  carried[0] = final_loss;
  Windows windows(ExecutionSpace{}, problem.f, inverse);
  for (Index left = steps; left > 0 && gradient.status == Status::converged;) {
    const Index count = std::min(longest, left);
    left -= count;
    ++statistics.windows;
    const auto rows = loss.empty() ? loss : loss.subspan(static_cast<std::size_t>(left), static_cast<std::size_t>(count));
    gradient.status = windows.window(left + 1, count, solution, rows, carried, options, statistics, where);
  }
  gradient.initial = carried[0];
  gradient.parameters = windows.parameter_gradient();
  bool finite = true;
  for (const T& value : gradient.initial) finite = finite && is_finite(value);
  for (const T& value : gradient.parameters) finite = finite && is_finite(value);
  if (gradient.status == Status::converged && !finite) gradient.status = Status::diverged;
  if (gradient.status != Status::converged) {
    gradient.initial = Vector<T, n>::filled(std::numeric_limits<T>::quiet_NaN());
    gradient.parameters.assign(gradient.parameters.size(), std::numeric_limits<T>::quiet_NaN());
  }
  statistics.steps = steps;
  statistics.peak_bytes = fixed + Windows::window_bytes(std::min(longest, steps));
  statistics.total_seconds = total.seconds();
  return gradient;
}

template <class F, class T, int n, class Method, class Newton, class Inverse>
InitialValueGradient<T, n> gradient_of(const InitialValueProblem<F, T, n>& problem,
                                       const Collocation<Method, Newton, Inverse>& method, const Solution<T, n>& solution,
                                       std::span<const Vector<T, n>> loss, const Vector<T, n>& final_loss, const Options& options,
                                       const SourceLocation& where) {
  using Windows = CollocationAdjoint<F, T, n, Method, Inverse, Kokkos::DefaultExecutionSpace>;
  require(solution.pieces().size() + 1 == solution.states().size(),
          "the gradient needs the stages of every step: solve with Output::trajectory and without output_times", where);
  require(solution.statistics.sequential_steps == 0,
          "some steps of the solution are not of this method: solve on a mesh, say Mesh of its times()", where);
  return gradient_by<Windows>(problem, method.inverse, method.window, solution, loss, final_loss, options, where);
}

template <class F, class T, int n, class Inverse>
InitialValueGradient<T, n> gradient_of(const InitialValueProblem<F, T, n>& problem, const Exponential<Inverse>& method,
                                       const Solution<T, n>& solution, std::span<const Vector<T, n>> loss,
                                       const Vector<T, n>& final_loss, const Options& options, const SourceLocation& where) {
  using Windows = ExponentialAdjoint<F, T, n, Inverse, Kokkos::DefaultExecutionSpace>;
  return gradient_by<Windows>(problem, method.inverse, 0, solution, loss, final_loss, options, where);
}

/// A method of an initial value problem that gradients go through, with its parts.
template <class M>
inline constexpr bool has_adjoint = false;
template <class Method, class Newton, class Inverse>
inline constexpr bool has_adjoint<Collocation<Method, Newton, Inverse>> = true;
template <class Inverse>
inline constexpr bool has_adjoint<Exponential<Inverse>> = true;

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
  requires detail::has_adjoint<Method> InitialValueGradient<T, n> gradient(
      const InitialValueProblem<F, T, n>& problem, const Method& method, const Solution<T, n>& solution,
      std::span<const std::type_identity_t<Vector<T, n>>> loss, const Options& options = {},
      const SourceLocation& where = SourceLocation::current()) {
    detail::require_loss<T, n>(loss, solution.states().empty() ? 0 : solution.states().size() - 1, where);
    return detail::gradient_of(problem, method, solution, loss, Vector<T, n>::filled(T(0)), options, where);
  }

/// The same for a number Loss(y_N).
template <class F, class T, int n, class Method>
  requires detail::has_adjoint<Method> InitialValueGradient<T, n> gradient(
      const InitialValueProblem<F, T, n>& problem, const Method& method, const Solution<T, n>& solution,
      const std::type_identity_t<Vector<T, n>>& final_loss, const Options& options = {},
      const SourceLocation& where = SourceLocation::current()) {
    const std::span<const Vector<T, n>> rows;
    detail::require_loss<T, n>(std::span(&final_loss, 1), 1, where);
    return detail::gradient_of(problem, method, solution, rows, final_loss, options, where);
  }

/// The same for `RadauIIA<s>{}` and `Gauss<s>{}` with AutomaticInverse.
template <class F, class T, int n, CollocationTableau Method, class Loss>
InitialValueGradient<T, n> gradient(const InitialValueProblem<F, T, n>& problem, const Method& method,
                                    const Solution<T, n>& solution, const Loss& loss, const Options& options = {},
                                    const SourceLocation& where = SourceLocation::current()) {
  return gradient(problem, Collocation<Method>{method, {}, {}, 0}, solution, loss, options, where);
}

}  // namespace antler::inline ANTLER_LANES
