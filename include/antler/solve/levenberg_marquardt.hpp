// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Recurrences on which Newton's method overflows, by damped steps: ELK [Gonzalez2024] without a lambda to be set by hand.

#include <vector>

#include "antler/deer/damped_system.hpp"
#include "antler/deer/deer.hpp"
#include "antler/discretization/identity.hpp"
#include "antler/inverse/damped_inverse.hpp"
#include "antler/solve/difference_equation.hpp"

namespace antler::inline ANTLER_LANES {

/// Newton's method with steps that a Kalman filter (or smoother) damps where the linear model cannot be trusted, and that are
/// Newton's own where it can. For recurrences that are stable along their trajectory but not along what Newton's method passes
/// through, and for moderately chaotic ones.
///
/// @note Work and memory per iteration O(N n^3) and N (n^2 + 8 n) scalars as for Newton, N 2 n^2 more with Estimate::smoothed. It
/// takes tens to hundreds of iterations where Newton's method fails: raise Options::maximum_iterations.
///
/// `solve(equation, LevenbergMarquardt{}, options)`: Options::rtol and atol say when damped steps have arrived, Newton's method
/// goes on to rounding from there. Statistics::damping_history holds lambda of each damped step, rejected_updates counts those that
/// were taken back.
struct LevenbergMarquardt {
  static constexpr bool marches_by_itself = true;
  /// Causal, as the recurrence is. The smoothed estimate, the exact minimiser, is led astray by what is behind: on Lorenz96 it ends
  /// in a valley.
  Estimate estimate = Estimate::filtered;
};

namespace detail {

/// Levenberg-Marquardt on windows of a recurrence. What it has solved to the tolerances, Newton's method takes to rounding.
template <class F, class T, int n, class X, class ExecutionSpace>
class DampedWindows {
  static_assert(
      sizeof(Matrix<T, n>) <= std::size_t{1} << 17,
      "antler::solve: LevenbergMarquardt composes covariances of n x n numbers on the stack of a thread; for more than 128 "
      "components (181 in single precision) use QuasiNewton{} or Automatic{}");
  using Steps_ = Sequence<F, T, n, 1, X, ExecutionSpace>;
  using Operator = IdentityOperator<T, n, 1, ExecutionSpace>;
  using Inverse = DampedInverse<DenseBlocks<T, n>, ScanPlan<T, n, ExecutionSpace>, ExecutionSpace>;
  using Newton = DeerSystem<T, n, Operator, typename Steps_::Function, Lags<T, n, 1>, Inverse, ExecutionSpace>;
  using Damped = DampedSystem<T, n, Newton, Operator, Inverse, ExecutionSpace>;
  using Last = SequenceWindows<DenseJacobian, AutomaticInverse, F, T, n, 1, X, ExecutionSpace>;

 public:
  /// Bytes of a window of `rows` steps, a copy of its guess included.
  static std::size_t window_bytes(Index rows) {
    return Newton::required_bytes(rows) + Operator::required_bytes(rows) + Damped::required_bytes(rows) +
           Inverse::required_bytes(rows, Estimate::smoothed) + Last::window_bytes(rows) +
           static_cast<std::size_t>(rows) * sizeof(Vector<T, n>);
  }

  DampedWindows(const Steps_& sequence, const LevenbergMarquardt& method, Index rows, const Options& options)
      : sequence_(sequence), method_(method), options_(options), last_(sequence, AutomaticInverse{}, rows, options) {}

  /// Iterates on steps first .. first + count - 1 from what their states hold. Where it fails they hold that again.
  WindowOutcome solve(Index first, Index count, Statistics& statistics) {
    const auto states = sequence_.states(first, count);
    guess_.assign(states.begin(), states.end());
    const Index iterations = statistics.iterations;
    const Status status = damped(first, count, statistics);
    WindowOutcome outcome{status, 0, 0, 0};
    if (status == Status::converged) {
      outcome = last_.solve(first, count, DenseJacobian{}, statistics);
    } else {
      std::copy(guess_.begin(), guess_.end(), states.begin());
      ++statistics.windows;
      statistics.rejected_steps += count;
    }
    outcome.iterations = statistics.iterations - iterations;
    return outcome;
  }

 private:
  Status damped(Index first, Index count, Statistics& statistics) {
    const auto& space = sequence_.space();
    const auto y = sequence_.rows(first, count);
    Operator identity(count);
    Inverse inverse(space, ScanInverse{}.plan<T, n>(space, count), count, method_.estimate);
    Newton newton(space, identity, sequence_.function(first, count), sequence_.before(first), inverse, y, options_);
    Damped damped(space, newton, identity, inverse, y, options_);
    const Status status = levenberg_marquardt(damped, options_, statistics);
    sequence_.bring_back(y, first, count);
    return status;
  }

  const Steps_& sequence_;
  LevenbergMarquardt method_;
  const Options& options_;
  Last last_;
  std::vector<Vector<T, n>> guess_;
};

/// All steps at once, shorter windows where Options::maximum_iterations are not enough, twice as long ones where they are.
template <class F, class T, int n, class X, class ExecutionSpace>
MarchOutcome march(const Sequence<F, T, n, 1, X, ExecutionSpace>& sequence, const LevenbergMarquardt& method, Guess guess,
                   std::size_t stored, const Options& options, Statistics& statistics, const SourceLocation& where) {
  using Windows = DampedWindows<F, T, n, X, ExecutionSpace>;
  const Index steps = sequence.steps(), largest = steps_within_cap<Windows>(steps, stored, options, where);
  statistics.peak_bytes = stored + Windows::window_bytes(largest);
  MarchOutcome outcome;
  if (steps == 0) return outcome;
  Windows windows(sequence, method, largest, options);
  Index count = largest;
  while (outcome.accepted < steps) {
    count = std::min(count, steps - outcome.accepted);
    if (count == 1) {
      if (!evaluate_steps(sequence, 1, outcome, statistics)) break;
      count = std::min<Index>(2, largest);
      continue;
    }
    if (guess == Guess::constant) {
      const auto states = sequence.states(outcome.accepted, count + 1);
      std::fill(states.begin() + 1, states.end(), states.front());
    }
    const WindowOutcome window = windows.solve(outcome.accepted + 1, count, statistics);
    outcome.accepted += window.accepted;
    count = window.status == Status::converged ? std::min(2 * count, largest) : (count + 1) / 2;
  }
  return outcome;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
