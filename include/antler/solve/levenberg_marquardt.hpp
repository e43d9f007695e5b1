// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Recurrences on which Newton's method overflows, by damped steps: ELK and quasi-ELK [Gonzalez2024] without a lambda to be set by
/// hand.

#include <functional>

#include "antler/deer/damped_system.hpp"
#include "antler/discretization/recurrence_system.hpp"
#include "antler/inverse/damped_inverse.hpp"
#include "antler/solve/difference_equation.hpp"

namespace antler::inline ANTLER_LANES {

/// Newton's method with steps that a Kalman filter (or smoother) damps where the linear model cannot be trusted, and that are
/// Newton's own where it can. For recurrences that are stable along their trajectory but not along what Newton's method passes
/// through, and for moderately chaotic ones.
///
/// @tparam Jacobian  DenseJacobian; or DiagonalJacobian for its diagonal alone (quasi-ELK): the filter is then n scalar ones, and
///                   the matrix is never formed
/// @note Dense: work and memory per iteration O(N n^3) and N (n^2 + 5 n) scalars, N (2 n^2 + n) more with Estimate::smoothed.
/// Diagonal: O(N n), 6 n and 3 n more. Tens to hundreds of iterations where Newton's method fails, with the diagonal more: raise
/// Options::maximum_iterations.
///
/// `solve(equation, LevenbergMarquardt{}, options)`, or `LevenbergMarquardt<DiagonalJacobian>{}`. Statistics::damping_history holds
/// lambda of each damped step, rejected_updates counts those that were taken back.
template <class Jacobian = DenseJacobian>
struct LevenbergMarquardt {
  static constexpr bool marches_by_itself = true;
  /// Causal, as the recurrence is. The smoothed estimate, the exact minimiser, is led astray by what is behind: on Lorenz96 it ends
  /// in a valley.
  Estimate estimate = Estimate::filtered;
};
LevenbergMarquardt()->LevenbergMarquardt<>;
LevenbergMarquardt(Estimate)->LevenbergMarquardt<>;

namespace detail {

/// A RecurrenceSystem whose last iterate can be taken back: the size of its states, by which residuals are measured, goes with it.
template <class T, int n, class Function, class Jacobian, class Inverse, class ExecutionSpace>
class RewindableRecurrence : public RecurrenceSystem<T, n, 1, Function, Jacobian, Inverse, ExecutionSpace> {
  using Base = RecurrenceSystem<T, n, 1, Function, Jacobian, Inverse, ExecutionSpace>;

 public:
  using Base::Base;

  void begin(const Function& f, const Lags<T, n, 1>& shifter, const typename Base::States& y, Index first_step, Inverse& inverse) {
    begin_ = [=, this, &inverse] { Base::begin(f, shifter, y, first_step, Jacobian{}, inverse); };
    begin_();
  }
  void rewind() { begin_(); }

 private:
  std::function<void()> begin_;
};

/// Levenberg-Marquardt with its storage, on windows of a recurrence of up to so many steps.
template <class Jacobian, class F, class T, int n, class X, class ExecutionSpace>
class DampedWindows {
  static_assert(
      !std::is_same_v<Jacobian, DenseJacobian> || sizeof(Matrix<T, n>) <= std::size_t{1} << 17,
      "antler::solve: LevenbergMarquardt composes covariances of n x n numbers on the stack of a thread; for more than 128 "
      "components (181 in single precision) use LevenbergMarquardt<DiagonalJacobian>{}, QuasiNewton{} or Automatic{}");
  using Steps_ = Sequence<F, T, n, 1, X, ExecutionSpace>;
  using Maps = typename Jacobian::template Maps<T, n, 1, ExecutionSpace>;
  using Inverse = DampedInverse<Maps>;
  using System = RewindableRecurrence<T, n, typename Steps_::Function, Jacobian, Inverse, ExecutionSpace>;
  using Damped = DampedSystem<T, n, System, Inverse, ExecutionSpace>;

 public:
  /// Bytes of a window of `rows` steps.
  static std::size_t window_bytes(Index rows, Estimate estimate) {
    return static_cast<std::size_t>(rows) * (System::row_bytes + Steps_::row_bytes) + Inverse::required_bytes(rows, estimate) +
           Damped::required_bytes(rows);
  }

  DampedWindows(const Steps_& sequence, Estimate estimate, Index rows, const Options& options)
      : sequence_(sequence),
        options_(options),
        inverse_(sequence.space(), ScanInverse{}.plan_for<Maps>(sequence.space()), rows, estimate),
        system_(sequence.space(), sequence.function(1, 0), rows, options),
        damped_(sequence.space(), system_, inverse_, rows, options) {
    options_.newton_tolerance = 1;  // residual and update are measured in units of what they must reach
  }

  /// Iterates on steps first .. first + count - 1 from what their states hold, and leaves the last iterate there. Of a window that
  /// does not converge the prefix that has converged is accepted, as in SequenceWindows.
  WindowOutcome solve(Index first, Index count, Statistics& statistics) {
    const auto y = sequence_.rows(first, count);
    system_.begin(sequence_.function(first, count), sequence_.before(first), y, first, inverse_);
    damped_.begin(y);
    ++statistics.windows;
    const Index iterations = statistics.iterations;
    const ModelTrust trust = Jacobian{}.exact() ? ModelTrust{} : ModelTrust::of_a_stand_in();
    WindowOutcome outcome{levenberg_marquardt(damped_, options_, statistics, trust), count, 0, 0};
    outcome.iterations = statistics.iterations - iterations;
    if (outcome.status != Status::converged) {
      damped_.damp(0);  // a damped update is small for many reasons
      (void)system_.solve(statistics);
      outcome.accepted = system_.converged_prefix();
    }
    sequence_.bring_back(y, first, count);
    statistics.rejected_steps += count - outcome.accepted;
    return outcome;
  }

 private:
  const Steps_& sequence_;
  Options options_;
  Inverse inverse_;
  System system_;
  Damped damped_;
};

/// All steps at once, shorter windows where Options::maximum_iterations are not enough, twice as long ones where they are. Windows
/// behind a failed one begin with the last accepted state, with a guess of the caller's from the last iterate.
template <class Jacobian, class F, class T, int n, int lags, class X, class ExecutionSpace>
MarchOutcome march(const Sequence<F, T, n, lags, X, ExecutionSpace>& sequence, const LevenbergMarquardt<Jacobian>& method,
                   Guess guess, std::size_t stored, const Options& options, Statistics& statistics, const SourceLocation& where) {
  static_assert(lags == 1, "antler::solve: several lags are for Newton, Automatic and Sequential");
  static_assert(std::is_same_v<Jacobian, DenseJacobian> || std::is_same_v<Jacobian, DiagonalJacobian>,
                "antler::solve: LevenbergMarquardt takes DenseJacobian or DiagonalJacobian");
  using Windows = DampedWindows<Jacobian, F, T, n, X, ExecutionSpace>;
  struct Filtered {
    static std::size_t window_bytes(Index rows) { return Windows::window_bytes(rows, Estimate::filtered); }
  };
  struct Smoothed {
    static std::size_t window_bytes(Index rows) { return Windows::window_bytes(rows, Estimate::smoothed); }
  };
  const Index steps = sequence.steps(), largest = method.estimate == Estimate::filtered
                                                      ? steps_within_cap<Filtered>(steps, stored, options, where)
                                                      : steps_within_cap<Smoothed>(steps, stored, options, where);
  statistics.peak_bytes = stored + Windows::window_bytes(largest, method.estimate);
  if (steps == 0) return {};
  Windows windows(sequence, method.estimate, largest, options);
  return march_by_windows(sequence, largest, statistics, [&](Index first, Index count) {
    if (guess == Guess::constant) {
      const auto states = sequence.states(first - 1, count + 1);
      std::fill(states.begin() + 1, states.end(), states.front());
    }
    return windows.solve(first, count, statistics);
  });
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
