// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// How an iteration gets to the end of a recurrence: window by window. A window that converges is accepted whole; of one that does
/// not the rows that have converged, from the left without a gap, are accepted, and the next window begins behind them. Iterate k
/// of a window repeats the loop on its first k steps, so that a failed window is not wasted. In the worst case windows hold one
/// step, which is evaluated.

#include <optional>

#include "antler/discretization/recurrence_system.hpp"
#include "antler/solve/sequence.hpp"
#include "antler/solve/sequence_methods.hpp"
#include "antler/solve/windows.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// What became of a window: how its iteration ended, how many of its steps are accepted, and the last residual over the first.
struct WindowOutcome {
  Status status;
  Index accepted;
  Index iterations;
  double reduction;
};

/// One iteration with its storage, for windows of up to so many steps.
template <class Jacobian, class Inverse, class F, class T, int n, int lags, class X, class ExecutionSpace>
class SequenceWindows {
  using Maps = typename Jacobian::template Maps<T, n, lags, ExecutionSpace>;
  using Steps_ = Sequence<F, T, n, lags, X, ExecutionSpace>;

  static auto planned(const Inverse& inverse, const ExecutionSpace& space, Index rows) {
    if constexpr (requires { inverse.template plan_for<Maps>(space); } && lags == 1) {
      (void)rows;
      return inverse.template plan_for<Maps>(space);
    } else {
      static_assert(std::is_same_v<Jacobian, DenseJacobian>,
                    "antler::solve: an inverse of your own needs plan_for<Maps>(space) to serve an iteration other than Newton");
      return inverse.template plan<T, n, lags>(space, rows);
    }
  }
  using Plan = decltype(planned(std::declval<const Inverse&>(), std::declval<const ExecutionSpace&>(), Index{}));
  using System = RecurrenceSystem<T, n, lags, typename Steps_::Function, Jacobian, Plan, ExecutionSpace>;

 public:
  /// Bytes that a window of `rows` steps allocates.
  static std::size_t window_bytes(Index rows) {
    std::size_t bytes = static_cast<std::size_t>(rows) * (System::row_bytes + Steps_::row_bytes);
    if constexpr (requires { Plan::required_bytes(rows); }) bytes += Plan::required_bytes(rows);
    return bytes;
  }

  SequenceWindows(const Steps_& sequence, const Inverse& inverse, Index rows, const Options& options)
      : sequence_(sequence),
        inverse_(inverse),
        options_(options),
        system_(sequence.space(), sequence.function(1, 0), rows, options) {
    options_.newton_tolerance = 1;  // residual and update are measured in units of what they must reach
  }

  /// Iterates on steps first .. first + count - 1 from what their states hold, and leaves the last iterate there; steps behind the
  /// accepted ones start again from the last accepted state where the iteration blew up.
  WindowOutcome solve(Index first, Index count, const Jacobian& jacobian, Statistics& statistics) {
    plan_for(count);
    const auto y = sequence_.rows(first, count);
    system_.begin(sequence_.function(first, count), sequence_.before(first), y, first, jacobian, *plan_);
    ++statistics.windows;
    const Index iterations = statistics.iterations;
    const std::size_t before = statistics.residual_history.size();
    WindowOutcome outcome{newton(system_, options_, statistics), count, 0, 0};
    outcome.iterations = statistics.iterations - iterations;
    outcome.reduction = statistics.residual_history.back() / statistics.residual_history[before];
    if (outcome.status != Status::converged) outcome.accepted = system_.converged_prefix();
    sequence_.bring_back(y, first, count);
    const auto states = sequence_.states(first - 1, count + 1);
    if (outcome.status != Status::converged && outcome.status != Status::maximum_iterations)
      std::fill(states.begin() + outcome.accepted + 1, states.end(), states[static_cast<std::size_t>(outcome.accepted)]);
    statistics.rejected_steps += count - outcome.accepted;
    return outcome;
  }

 private:
  /// A scan over one lag serves windows of any length, other plans those they were made for; never two plans at a time.
  void plan_for(Index count) {
    constexpr bool serves_any_length = lags == 1 && requires { typename Plan::Maps; };
    if (plan_ && (serves_any_length || planned_ == count)) return;
    plan_.reset();
    plan_.emplace(planned(inverse_, sequence_.space(), count));
    planned_ = count;
  }

  const Steps_& sequence_;
  Inverse inverse_;
  Options options_;
  System system_;
  std::optional<Plan> plan_;
  Index planned_ = -1;
};

/// Steps of a window that fit into the memory cap beside `stored` bytes, at most `wanted`.
/// @throws InvalidArgument  not even one does
template <class Windows>
Index steps_within_cap(Index wanted, std::size_t stored, const Options& options, const SourceLocation& where) {
  const std::size_t one = Windows::window_bytes(1);
  require_memory(options, stored + (wanted > 0 ? one : 0), where);
  if (wanted == 0) return 0;
  const std::size_t fitting = (options.memory_cap - stored) / one;
  return fitting < static_cast<std::size_t>(wanted) ? static_cast<Index>(fitting) : wanted;
}

/// What a march over a sequence ends with.
struct MarchOutcome {
  Status status = Status::converged;
  Index accepted = 0;  ///< steps
};

/// One step by evaluation: the last resort of every march, which fails where f does.
template <class Sequence>
bool evaluate_steps(const Sequence& sequence, Index count, MarchOutcome& march, Statistics& statistics) {
  const Index finite = sequence.evaluate(march.accepted + 1, count, statistics);
  march.accepted += finite;
  if (finite == count) return true;
  march.status = Status::non_finite;
  statistics.first_failure = march.accepted + 1;
  return false;
}

/// All steps at once, as far as `largest` allows; shorter windows where they do not converge, twice as long ones where they do. A
/// window of one step is evaluated.
/// @param solve  `solve(first, count)` solves these steps and returns its WindowOutcome
template <class Sequence, class Solve>
MarchOutcome march_by_windows(const Sequence& sequence, Index largest, Statistics& statistics, const Solve& solve) {
  MarchOutcome outcome;
  const Index steps = sequence.steps();
  Index count = largest;
  while (outcome.accepted < steps) {
    count = std::min(count, steps - outcome.accepted);
    if (count == 1) {
      if (!evaluate_steps(sequence, 1, outcome, statistics)) break;
      count = std::min<Index>(2, largest);
      continue;
    }
    const WindowOutcome window = solve(outcome.accepted + 1, count);
    outcome.accepted += window.accepted;
    if (window.status == Status::converged) {
      count = std::min(2 * count, largest);
    } else {
      const Index half = (count + 1) / 2;
      count = window.accepted > 0 ? std::min(half, 2 * window.accepted) : half;
    }
  }
  return outcome;
}

/// The march of an iteration that was asked for by name.
template <SequenceIteration Method, class F, class T, int n, int lags, class X, class ExecutionSpace>
MarchOutcome march(const Sequence<F, T, n, lags, X, ExecutionSpace>& sequence, const Method& method, Guess /*guess*/,
                   std::size_t stored, const Options& options, Statistics& statistics, const SourceLocation& where) {
  using Jacobian = decltype(method.jacobian());
  using Inverse = std::remove_cvref_t<decltype(method.inverse)>;
  using Windows = SequenceWindows<Jacobian, Inverse, F, T, n, lags, X, ExecutionSpace>;
  static_assert(lags == 1 || std::is_same_v<Jacobian, DenseJacobian>, "antler::solve: several lags are for Newton and Automatic");
  static_assert(n % 2 == 0 || !std::is_same_v<Jacobian, PairBlockJacobian>,
                "antler::solve: BlockQuasiNewton is for positions and as many momenta, a state of even size");
  if constexpr (requires { method.require_usable(where); }) method.require_usable(where);

  const Index steps = sequence.steps(), largest = steps_within_cap<Windows>(steps, stored, options, where);
  statistics.peak_bytes = stored + Windows::window_bytes(largest);
  if (steps == 0) return {};
  Windows windows(sequence, method.inverse, largest, options);
  return march_by_windows(sequence, largest, statistics,
                          [&](Index first, Index count) { return windows.solve(first, count, method.jacobian(), statistics); });
}

/// Plain evaluation.
template <class F, class T, int n, int lags, class X, class ExecutionSpace>
MarchOutcome march(const Sequence<F, T, n, lags, X, ExecutionSpace>& sequence, const Sequential& /*method*/, Guess /*guess*/,
                   std::size_t stored, const Options& options, Statistics& statistics, const SourceLocation& where) {
  require_memory(options, stored, where);
  statistics.peak_bytes = stored;
  MarchOutcome outcome;
  evaluate_steps(sequence, sequence.steps(), outcome, statistics);
  return outcome;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
