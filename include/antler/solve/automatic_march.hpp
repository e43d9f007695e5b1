// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The default march over a recurrence. What it has to find out is whether Newton's method on many steps at once takes less time
/// than evaluating them one after the other, without losing much where it does not:
///
///   1. a short window first; each one that converges lets the next be eight times as long, up to what a cache holds. The guess is
///   what
///      eight sweeps of Jacobi's iteration make of the last accepted state: a recurrence that forgets has forgotten most of its
///      error
///   2. of one that does not, the converged prefix is accepted; if its residual was falling, or the prefix worth its iterations, go
///   on
///   3. else a damped iteration, once (ClippedNewton: no product of Jacobians grows)
///   4. else a stretch of sequential evaluation, twice as long each time, and then 1. again
///
/// So what fails costs a bounded multiple of a short window for each doubling of the sequential part, and every step ends accepted
/// by one way or the other.

#include "antler/solve/sequence_march.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// What Automatic iterates with. Dense Jacobians cost n^2 numbers and n^3 operations per step and iteration: up to eight components
/// that is worth quadratic convergence.
template <int n, int lags>
using AutomaticJacobian = std::conditional_t<(n <= 8 || lags > 1), DenseJacobian, DiagonalJacobian>;

/// Lengths of windows, in steps.
template <class T, class ExecutionSpace>
struct WindowLengths {
  static constexpr Index first = 1024;
  static constexpr Index growth = 8;
  static constexpr Index first_stretch = 256;
  static constexpr Index sweeps = 8;       ///< of the guess, each a third to a half of an iteration's cost
  static constexpr double falling = 1e-3;  ///< a residual that fell by this factor is about to converge
  /// How many rows an iteration does in the time of one step of the loop, roughly: a window that is not done after fewer iterations
  /// than that is worth it. On a host SIMD lanes, on a device its threads.
  static constexpr double speed = is_host_space<ExecutionSpace> ? static_cast<double>(lane_count<Lanes<T>>) : 4096.0;

  /// A window whose arrays stay in the caches of the host's cores from one pass to the next; on a device everything at once.
  static Index longest(const ExecutionSpace& space, std::size_t bytes_per_step) {
    if constexpr (is_host_space<ExecutionSpace>) {
      constexpr Index bytes_per_core = 4 << 20;
      return std::max<Index>(4 * first, concurrency(space) * bytes_per_core / static_cast<Index>(bytes_per_step));
    } else {
      (void)space, (void)bytes_per_step;
      return std::numeric_limits<Index>::max();
    }
  }
};

template <class F, class T, int n, int lags, class X, class ExecutionSpace>
MarchOutcome march(const Sequence<F, T, n, lags, X, ExecutionSpace>& sequence, const Automatic& method, Guess guess,
                   std::size_t stored, const Options& options, Statistics& statistics, const SourceLocation& where) {
  using Jacobian = AutomaticJacobian<n, lags>;
  using Windows = SequenceWindows<Jacobian, AutomaticInverse, F, T, n, lags, X, ExecutionSpace>;
  using Lengths = WindowLengths<T, ExecutionSpace>;
  require(method.shortest_window >= 1, "Automatic::shortest_window must be at least 1 step", where);

  const Index steps = sequence.steps(),
              wanted = std::min(steps, Lengths::longest(sequence.space(), Windows::window_bytes(1) + sizeof(Vector<T, n>))),
              largest = steps_within_cap<Windows>(wanted, stored, options, where);
  MarchOutcome outcome;
  if (steps < method.shortest_window || largest < method.shortest_window) {
    statistics.peak_bytes = stored;
    evaluate_steps(sequence, steps, outcome, statistics);
    return outcome;
  }
  statistics.peak_bytes = stored + Windows::window_bytes(largest);
  Windows windows(sequence, AutomaticInverse{}, largest, options);
  Index count = std::min(Lengths::first, largest), stretch = Lengths::first_stretch;
  bool guessed = false;  // the states behind the accepted ones are an iterate, or the caller's guess
  enum class Damped { not_yet, now, in_vain } damped = Damped::not_yet;

  while (outcome.accepted < steps) {
    const Index left = steps - outcome.accepted;
    count = std::min(count, left);
    if (count < method.shortest_window) {
      if (!evaluate_steps(sequence, count, outcome, statistics)) break;
      continue;
    }
    Jacobian jacobian;
    if (damped == Damped::now) {
      jacobian.damping.bound = 1;
      ++statistics.damped_windows;
    }
    if constexpr (lags == 1) {
      if (guess == Guess::constant && !guessed) sequence.guess(outcome.accepted + 1, count, Lengths::sweeps, statistics);
    }
    const WindowOutcome window = windows.solve(outcome.accepted + 1, count, jacobian, statistics);
    outcome.accepted += window.accepted;
    if (window.status == Status::converged) {
      count = std::min(Lengths::growth * count, largest);
      stretch = Lengths::first_stretch;
      guessed = false;
      continue;
    }
    if (window.status == Status::maximum_iterations && window.reduction < Lengths::falling) {
      guessed = true;
      count = std::max(count - window.accepted, method.shortest_window);
      continue;
    }
    guessed = false;
    const double worth = static_cast<double>(window.accepted) * Lengths::speed;
    if (window.accepted > 0 && worth >= static_cast<double>(window.iterations * count)) {
      count = std::max(method.shortest_window, std::min(2 * window.accepted, largest));
    } else if (damped == Damped::not_yet) {
      damped = Damped::now;
      count = std::min(Lengths::first, largest);
    } else {
      damped = Damped::in_vain;
      if (!evaluate_steps(sequence, std::min(stretch, steps - outcome.accepted), outcome, statistics)) break;
      stretch = std::min(2 * stretch, steps);
      count = std::min(Lengths::first, largest);
    }
  }
  return outcome;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
