// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The march of BlockJacobi that was asked for by name.

#include "antler/solve/block_sweeps.hpp"
#include "antler/solve/sequence_march.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// All steps at once. Of a stretch that maximum_iterations sweeps do not solve the leading blocks are exact, one per sweep at the
/// least: the next begins behind them. What is too short for blocks is evaluated.
template <class F, class T, int n, int lags, class X, class ExecutionSpace>
MarchOutcome march(const Sequence<F, T, n, lags, X, ExecutionSpace>& sequence, const BlockJacobi& method, Guess guess,
                   std::size_t stored, const Options& options, Statistics& statistics, const SourceLocation& where) {
  static_assert(lags == 1, "antler::solve: BlockJacobi is for one lag; for several use Newton or Automatic");
  using Sweeps = BlockSweeps<F, T, n, X, ExecutionSpace>;
  require(method.steps >= 0, "BlockJacobi::steps must be positive, or 0 for a length that fills all lanes and threads", where);
  MarchOutcome outcome;
  Sweeps sweeps(sequence.space(), sequence.function(1, 0).f, options);
  statistics.peak_bytes = stored;
  while (outcome.accepted < sequence.steps()) {
    const Index left = sequence.steps() - outcome.accepted;
    BlockLayout layout = Sweeps::layout(sequence.space(), left, 1);
    if (method.steps > 0) layout = {left / method.steps, method.steps};
    if (layout.count < 2) {
      evaluate_steps(sequence, left, outcome, statistics);
      break;
    }
    const std::size_t peak = stored + Sweeps::required_bytes(layout.count);
    require_memory(options, peak, where);
    statistics.peak_bytes = std::max(statistics.peak_bytes, peak);
    typename Sweeps::Task task{&sequence, &statistics, outcome.accepted + 1, layout.count};
    sweeps.solve(std::span(&task, 1), layout.length, guess == Guess::given, true);
    outcome.accepted += task.exact * layout.length;
    if (task.status == Status::non_finite) {
      evaluate_steps(sequence, layout.length, outcome, statistics);
      break;
    }
  }
  return outcome;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
