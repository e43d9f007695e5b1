// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Recurrences on which Newton's method overflows, by damped steps: ELK [Gonzalez2024] without a lambda to be set by hand.

#include "antler/deer/damped_system.hpp"
#include "antler/inverse/damped_inverse.hpp"
#include "antler/solve/difference_equation.hpp"

namespace antler::inline ANTLER_LANES {

/// Newton's method with steps that a Kalman filter (or smoother) damps where the linear model cannot be trusted, and that are
/// Newton's own where it can. For recurrences that are stable along their trajectory but not along what Newton's method passes
/// through, and for moderately chaotic ones.
///
/// @note Work and memory per iteration O(N n^3) and N (n^2 + 8 n) scalars as for Newton, N 2 n^2 more with Estimate::smoothed. It
/// takes tens to hundreds of iterations where Newton's method fails: raise Options::maximum_iterations.
struct LevenbergMarquardt {
  /// Causal, as the recurrence is. The smoothed estimate, the exact minimiser, is led astray by what is behind: on Lorenz96 it ends
  /// in a valley.
  Estimate estimate = Estimate::filtered;
};

namespace detail {

/// Levenberg-Marquardt on steps first .. first + count - 1; states[i] is y_i. Overwrites these states when it converges.
template <class F, class T, int n, class X, class ExecutionSpace>
Status solve_damped_window(const ExecutionSpace& space, const DifferenceEquation<F, T, n, 1, X>& problem,
                           const LevenbergMarquardt& method, Index first, Index count, std::span<Vector<T, n>> states,
                           const Options& options, Statistics& statistics, const SourceLocation& where) {
  using Operator = IdentityOperator<T, n, 1, ExecutionSpace>;
  using Function = AtSteps<F, X, ExecutionSpace>;
  using Inverse = DampedInverse<DenseBlocks<T, n>, ScanPlan<T, n, ExecutionSpace>, ExecutionSpace>;
  using Newton = DeerSystem<T, n, Operator, Function, Lags<T, n, 1>, Inverse, ExecutionSpace>;
  using Damped = DampedSystem<T, n, Newton, Operator, Inverse, ExecutionSpace>;
  const std::size_t needed = Newton::required_bytes(count) + Operator::required_bytes(count) + Damped::required_bytes(count) +
                             Inverse::required_bytes(count, method.estimate) + static_cast<std::size_t>(count) * n * sizeof(T);
  require_memory(options, needed, where);
  statistics.peak_bytes = std::max(statistics.peak_bytes, needed);

  const Window<F, T, n, 1, X, ExecutionSpace> window(space, problem, first, count, states);
  Operator identity(count);
  Inverse inverse(space, ScanInverse{}.plan<T, n>(space, count), count, method.estimate);
  Newton newton(space, identity, window.f, window.shifter, inverse, window.y, options);
  Damped damped(space, newton, identity, inverse, window.y, options);
  const Status status = levenberg_marquardt(damped, options, statistics);
  if (status == Status::converged || count == 1) window.bring_back();
  return status;
}

/// The windows of damped steps.
template <class Equation>
auto damped_windows(const Equation& problem, const LevenbergMarquardt& method, const Options& options,
                    const SourceLocation& where) {
  return [&](const auto& space, auto rows, Statistics& statistics, Index first, Index count) {
    return solve_damped_window(space, problem, method, first, count, rows, options, statistics, where);
  };
}

}  // namespace detail

/// Solves a difference equation by damped Newton steps on the whole sequence, in shorter windows where Options::maximum_iterations
/// of them are not enough. @see solve(problem, Newton, guess, options)
///
/// Statistics::damping_history holds lambda of each damped step, rejected_updates counts those that were taken back.
template <class F, class T, int n, class X>
Solution<T, n> solve(const DifferenceEquation<F, T, n, 1, X>& problem, const LevenbergMarquardt& method,
                     std::span<const std::type_identity_t<Vector<T, n>>> guess, const Options& options,
                     const SourceLocation& where = SourceLocation::current()) {
  return detail::solve_sequence<F, T, n, 1, X>(problem, detail::damped_windows(problem, method, options, where), guess,
                                               Guess::given, options, where);
}

/// The same from the constant guess y_0.
template <class F, class T, int n, class X>
Solution<T, n> solve(const DifferenceEquation<F, T, n, 1, X>& problem, const LevenbergMarquardt& method,
                     const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  return detail::solve_sequence(problem, detail::damped_windows(problem, method, options, where), options, where);
}

}  // namespace antler::inline ANTLER_LANES
