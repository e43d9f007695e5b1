// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The default march over a recurrence. What it has to find out is how many steps at once take less time than one after the other,
/// without losing much where that is none:
///
///   1. of one lag, block Jacobi sweeps over a stretch; each one that is solved lets the next be eight times as long. What forgets
///      its state is done with two sweeps
///   2. of a stretch that is not, the exact blocks are accepted, and windows of Newton's method go on from what the sweeps left. A
///      window that converges lets the next be eight times as long, up to what a cache holds
///   3. of one that does not, the converged prefix is accepted; if its residual was falling, or the prefix worth its iterations,
///      go on
///   4. else a damped iteration, once (ClippedNewton: no product of Jacobians grows)
///   5. else a stretch of sequential evaluation, twice as long each time, and then 1. again
///
/// So what fails costs a bounded multiple of a short window for each doubling of the sequential part, and every step ends accepted
/// by one way or the other.

#include "antler/solve/block_sweeps.hpp"
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
  static constexpr Index swept = 4096;  ///< in the first sweeps
  static constexpr Index first = 1024;  ///< in the first window
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

/// When to try block Jacobi: at once, or only behind a sequential stretch.
enum class Sweeping { first, later };

/// The default march over one sequence, stage by stage.
template <class F, class T, int n, int lags, class X, class ExecutionSpace>
class AutomaticMarch {
  using Sequence_ = Sequence<F, T, n, lags, X, ExecutionSpace>;
  using Jacobian = AutomaticJacobian<n, lags>;
  using Windows = SequenceWindows<Jacobian, AutomaticInverse, F, T, n, lags, X, ExecutionSpace>;
  using Lengths = WindowLengths<T, ExecutionSpace>;

 public:
  AutomaticMarch(const Sequence_& sequence, const Automatic& method, Guess guess, Sweeping sweeping, std::size_t stored,
                 const Options& options, Statistics& statistics)
      : sequence_(sequence),
        method_(method),
        given_(guess == Guess::given),
        stored_(stored),
        options_(options),
        statistics_(statistics),
        sweeping_(sweeping == Sweeping::first) {
    statistics.peak_bytes = std::max(statistics.peak_bytes, stored);
  }

  /// All steps behind the accepted ones.
  MarchOutcome run(MarchOutcome outcome) {
    outcome_ = outcome;
    while (left() > 0 && advance()) {
    }
    return outcome_;
  }

 private:
  [[nodiscard]] Index left() const { return sequence_.steps() - outcome_.accepted; }

  /// One stage; false when f is not finite.
  bool advance() {
    if (left() < method_.shortest_window) return evaluate(left());
    if (sweeping_) {
      sweep();
      return true;
    }
    if (!prepared()) return evaluate(left());
    window_ = std::min({window_, left(), largest_});
    if (window_ < method_.shortest_window) return evaluate(window_);
    return iterate();
  }

  bool evaluate(Index count) { return evaluate_steps(sequence_, count, outcome_, statistics_); }

  void sweep() {
    sweeping_ = false;
    if constexpr (lags == 1) {
      using Sweeps = BlockSweeps<F, T, n, X, ExecutionSpace>;
      const BlockLayout layout = Sweeps::layout(sequence_.space(), std::min(stretch_, left()), 1);
      const std::size_t peak = stored_ + Sweeps::required_bytes(layout.count);
      if (layout.count < 2 || peak > options_.memory_cap) return;
      statistics_.peak_bytes = std::max(statistics_.peak_bytes, peak);
      Sweeps sweeps(sequence_.space(), sequence_.function(1, 0).f, options_);
      typename Sweeps::Task task{&sequence_, &statistics_, outcome_.accepted + 1, layout.count};
      sweeps.solve(std::span(&task, 1), layout.length, given_, false);
      outcome_.accepted += task.exact * layout.length;
      sweeping_ = task.status == Status::converged;
      stretch_ = std::min(Lengths::growth * stretch_, sequence_.steps());
    }
  }

  /// Allocates the windows; false when the memory cap leaves no room for one that is worth it.
  bool prepared() {
    if (windows_) return true;
    const std::size_t row = Windows::window_bytes(1);
    const Index wanted = std::min(left(), Lengths::longest(sequence_.space(), row + sizeof(Vector<T, n>)));
    const std::size_t fitting = (options_.memory_cap - stored_) / row;
    largest_ = fitting < static_cast<std::size_t>(wanted) ? static_cast<Index>(fitting) : wanted;
    if (largest_ < method_.shortest_window) return false;
    statistics_.peak_bytes = std::max(statistics_.peak_bytes, stored_ + Windows::window_bytes(largest_));
    windows_.emplace(sequence_, AutomaticInverse{}, largest_, options_);
    return true;
  }

  /// A window of Newton's method, and what follows from its end; false when f is not finite.
  bool iterate() {
    Jacobian jacobian;
    if (damped_ == Damped::now) {
      jacobian.damping.bound = 1;
      ++statistics_.damped_windows;
    }
    if constexpr (lags == 1) {
      if (!given_ && !guessed_) sequence_.guess(outcome_.accepted + 1, window_, Lengths::sweeps, statistics_);
    }
    const WindowOutcome window = windows_->solve(outcome_.accepted + 1, window_, jacobian, statistics_);
    outcome_.accepted += window.accepted;
    guessed_ = false;
    const double worth = static_cast<double>(window.accepted) * Lengths::speed;
    if (window.status == Status::converged) {
      window_ = std::min(Lengths::growth * window_, largest_);
      evaluated_ = Lengths::first_stretch;
    } else if (window.status == Status::maximum_iterations && window.reduction < Lengths::falling) {
      guessed_ = true;
      window_ = std::max(window_ - window.accepted, method_.shortest_window);
    } else if (window.accepted > 0 && worth >= static_cast<double>(window.iterations * window_)) {
      window_ = std::max(method_.shortest_window, std::min(2 * window.accepted, largest_));
    } else if (damped_ == Damped::not_yet) {
      damped_ = Damped::now;
      window_ = std::min(Lengths::first, largest_);
    } else {
      return give_way();
    }
    return true;
  }

  /// A stretch one step after the other, and then everything from the beginning.
  bool give_way() {
    damped_ = Damped::in_vain;
    sweeping_ = true;
    stretch_ = Lengths::swept;
    window_ = std::min(Lengths::first, largest_);
    const Index count = std::min(evaluated_, left());
    evaluated_ = std::min(2 * evaluated_, sequence_.steps());
    return evaluate(count);
  }

  const Sequence_& sequence_;
  Automatic method_;
  bool given_;  // the states hold the caller's guess
  std::size_t stored_;
  const Options& options_;
  Statistics& statistics_;
  MarchOutcome outcome_;
  std::optional<Windows> windows_;
  Index largest_ = 0;                         // steps that windows_ have room for
  Index stretch_ = Lengths::swept;            // steps of the next sweeps,
  Index window_ = Lengths::first;             // of the next window
  Index evaluated_ = Lengths::first_stretch;  // and of the next sequential evaluation
  bool sweeping_;
  bool guessed_ = false;  // the states behind the accepted ones are an iterate
  enum class Damped { not_yet, now, in_vain } damped_ = Damped::not_yet;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
