// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Marches of several recurrences. The default sweeps blocks of all of them at once (solve/block_sweeps.hpp): one block of each
/// where there are as many sequences as lanes, which is the loop itself in lanes, several where there are fewer. A sequence that
/// sweeps do not solve goes on by itself, as a single one does.

#include "antler/solve/automatic_march.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// A recurrence of a batch and what became of it.
template <class Sequence>
struct BatchMember {
  Sequence sequence;
  std::size_t number;  ///< in the batch
  Statistics statistics;
  MarchOutcome outcome;
  std::size_t group;  ///< those of one group have the same f
};

/// One after the other, by a method's own march.
template <class Sequence, class Method>
void march_all(std::span<BatchMember<Sequence>> members, const Method& method, Guess guess, std::size_t stored,
               const Options& options, const SourceLocation& where) {
  for (auto& member : members) member.outcome = march(member.sequence, method, guess, stored, options, member.statistics, where);
}

/// Sweeps over all members of a group as long as they are solved and two of them are left.
template <class F, class T, int n, class X, class ExecutionSpace>
void sweep_group(const std::vector<BatchMember<Sequence<F, T, n, 1, X, ExecutionSpace>>*>& group, Index shortest,
                 std::size_t stored, const Options& options) {
  using Sweeps = BlockSweeps<F, T, n, X, ExecutionSpace>;
  using Lengths = WindowLengths<T, ExecutionSpace>;
  const auto& space = group[0]->sequence.space();
  Sweeps sweeps(space, group[0]->sequence.function(1, 0).f, options);
  Index stretch = Lengths::swept;
  for (auto active = group;;) {
    std::erase_if(active, [&](const auto* member) {
      return member->sequence.steps() - member->outcome.accepted < shortest || member->outcome.status != Status::converged;
    });
    if (active.size() < 2) return;
    Index count = stretch;
    for (const auto* member : active) count = std::min(count, member->sequence.steps() - member->outcome.accepted);
    const auto sequences = static_cast<Index>(active.size());
    const BlockLayout layout = Sweeps::layout(space, count, sequences);
    const std::size_t peak = stored + Sweeps::required_bytes(layout.count * sequences);
    if (layout.count == 0 || peak > options.memory_cap) return;
    std::vector<typename Sweeps::Task> tasks;
    for (auto* member : active)
      tasks.push_back({&member->sequence, &member->statistics, member->outcome.accepted + 1, layout.count});
    sweeps.solve(tasks, layout.length, false, false);
    for (std::size_t k = 0; k < active.size(); ++k) {
      auto& member = *active[k];
      member.outcome.accepted += tasks[k].exact * layout.length;
      member.outcome.status = tasks[k].status;
      member.statistics.peak_bytes = std::max(member.statistics.peak_bytes, peak);
    }
    stretch *= Lengths::growth;
  }
}

/// The default.
template <class F, class T, int n, int lags, class X, class ExecutionSpace>
void march_all(std::span<BatchMember<Sequence<F, T, n, lags, X, ExecutionSpace>>> members, const Automatic& method, Guess guess,
               std::size_t stored, const Options& options, const SourceLocation& /*where*/) {
  if constexpr (lags == 1) {
    if (members.size() > 1) {
      std::vector<bool> taken(members.size());
      for (std::size_t first = 0; first < members.size(); ++first) {
        if (taken[first]) continue;
        std::vector<BatchMember<Sequence<F, T, n, lags, X, ExecutionSpace>>*> group;
        for (std::size_t s = first; s < members.size(); ++s)
          if (members[s].group == members[first].group) {
            taken[s] = true;
            group.push_back(&members[s]);
          }
        if (group.size() > 1) sweep_group(group, method.shortest_window, stored, options);
      }
    }
  }
  for (auto& member : members) {
    const Sweeping sweeping = member.outcome.status == Status::converged ? Sweeping::first : Sweeping::later;
    member.outcome.status = Status::converged;
    AutomaticMarch<F, T, n, lags, X, ExecutionSpace> march(member.sequence, method, guess, sweeping, stored, options,
                                                           member.statistics);
    member.outcome = march.run(member.outcome);
  }
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
