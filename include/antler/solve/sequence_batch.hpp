// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// One recurrence or several from their first step to their last: what is stored, and in which pieces. With Output::trajectory the
/// one piece is all of it, in the solutions themselves; with Output::final_state pieces follow each other through one buffer.

#include <numeric>

#include "antler/core/solution.hpp"
#include "antler/problem/same_function.hpp"
#include "antler/solve/batch_march.hpp"
#include "antler/solve/lyapunov.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Bytes of a trajectory: states and indices.
template <class T, int n>
std::size_t solution_bytes(Index steps) {
  return (sizeof(Vector<T, n>) + sizeof(double)) * (static_cast<std::size_t>(steps) + 1);
}

/// Methods that do not look at what the states hold when they begin without a guess.
template <class Method>
inline constexpr bool begins_anywhere =
    std::is_same_v<Method, Automatic> || std::is_same_v<Method, BlockJacobi> || std::is_same_v<Method, Sequential>;

template <class F, class T, int n, int lags, class X, class ExecutionSpace>
class SequenceBatch {
  using Problem = DifferenceEquation<F, T, n, lags, X>;
  using Sequence_ = Sequence<F, T, n, lags, X, ExecutionSpace>;
  using State = Vector<T, n>;

 public:
  /// @param guess  of the only problem, or null
  SequenceBatch(std::span<const Problem> problems, const std::span<const State>* guess, const Options& options,
                const SourceLocation& where)
      : problems_(problems), guess_(guess), options_(options), where_(where), growth_(problems.size()), accepted_(problems.size()) {
    for (const Problem& problem : problems) longest_ = std::max<Index>(longest_, problem.steps);
    whole_ = options.output == Output::trajectory;
    piece_ = whole_ ? std::max<Index>(1, longest_) : piece_length();
    store();
  }

  template <class Method>
  std::vector<Solution<T, n>> solve(const Method& method) {
    for (Index first = 0; first == 0 || first < longest_; first += piece_) {
      open(first, begins_anywhere<Method> && lags == 1);
      march_all(std::span<BatchMember<Sequence_>>(members_), method, guess_ == nullptr ? Guess::constant : Guess::given, stored_,
                options_, where_);
      for (auto& member : members_) close(member, first);
    }
    for (std::size_t s = 0; s < problems_.size(); ++s) {
      Statistics& statistics = solutions_[s].statistics;
      statistics.lyapunov_exponent = growth_[s] / static_cast<double>(accepted_[s]);  // NaN without steps
      statistics.steps = problems_[s].steps;
      statistics.meshes = 1;
      statistics.peak_bytes = std::max(statistics.peak_bytes, stored_);
      statistics.total_seconds = total_.seconds();
    }
    return std::move(solutions_);
  }

 private:
  /// Steps of a piece: a buffer of 32 megabytes, or half of the memory cap where that is less.
  [[nodiscard]] Index piece_length() const {
    const std::size_t bytes = std::min<std::size_t>(std::size_t{32} << 20, options_.memory_cap / 2),
                      row = sizeof(State) * std::max<std::size_t>(1, problems_.size());
    return std::clamp<Index>(static_cast<Index>(bytes / row) - 1, 1, std::max<Index>(1, longest_));
  }

  /// Allocates what is returned, and the buffer of the pieces.
  void store() {
    if (!whole_) {
      stored_ = problems_.size() * static_cast<std::size_t>(piece_ + 1) * sizeof(State);
      require_memory(options_, stored_, where_);
      buffer_.resize(problems_.size() * static_cast<std::size_t>(piece_ + 1));
      for (const Problem& problem : problems_) history_.push_back(problem.history);
      solutions_.resize(problems_.size());
      return;
    }
    for (const Problem& problem : problems_) {
      stored_ += solution_bytes<T, n>(problem.steps);
      history_.push_back(problem.history);
    }
    require_memory(options_, stored_, where_);
    for (std::size_t s = 0; s < problems_.size(); ++s) {
      const auto points = static_cast<std::size_t>(problems_[s].steps) + 1;
      std::vector<double> indices(points);
      std::iota(indices.begin(), indices.end(), 0.0);
      solutions_.emplace_back(std::move(indices), std::vector<State>(points));
    }
  }

  /// Makes the sequences of the piece behind `first` steps: of the problems that have any and that have not failed. Their states
  /// are the guess; without one the constant, unless the method begins anywhere.
  void open(Index first, bool anywhere) {
    members_.clear();
    for (std::size_t s = 0; s < problems_.size(); ++s) {
      const Problem& problem = problems_[s];
      Solution<T, n>& solution = solutions_[s];
      if (first > 0 && (first >= problem.steps || solution.status != Status::converged)) continue;
      const Index count = std::min<Index>(piece_, problem.steps - first);
      const auto length = static_cast<std::size_t>(count) + 1, at = static_cast<std::size_t>(first);
      const std::span<State> states =
          whole_ ? solution.mutable_states() : std::span(buffer_).subspan(s * static_cast<std::size_t>(piece_ + 1), length);
      states[0] = history_[s][0];
      if (guess_ == nullptr && !anywhere) std::fill(states.begin() + 1, states.end(), states[0]);
      if (guess_ != nullptr) std::copy_n(guess_->begin() + first, count, states.begin() + 1);
      std::span<const X> inputs = problem.inputs;
      if constexpr (Problem::has_inputs) inputs = inputs.subspan(at, static_cast<std::size_t>(count));
      members_.push_back({Sequence_(ExecutionSpace(), problem.f, history_[s], inputs, states), s, {}, {}, group(s)});
    }
  }

  /// The number of the first problem with the same f.
  [[nodiscard]] std::size_t group(std::size_t s) const {
    std::size_t first = 0;
    while (first < s && !same_function(problems_[first].f, problems_[s].f)) ++first;
    return first;
  }

  /// Takes over what became of a member's piece.
  void close(BatchMember<Sequence_>& member, Index first) {
    const Index accepted = member.outcome.accepted, steps = member.sequence.steps();
    Solution<T, n>& solution = solutions_[member.number];
    Statistics& statistics = solution.statistics;
    if (member.statistics.first_failure >= 0) member.statistics.first_failure += first;
    if (first == 0)
      statistics = std::move(member.statistics);
    else
      statistics += member.statistics;
    if (accepted > 0) growth_[member.number] += static_cast<double>(accepted) * lyapunov_exponent(member.sequence, accepted);
    accepted_[member.number] += accepted;
    solution.status = member.outcome.status;
    auto& history = history_[member.number];
    const Lags<T, n, lags> last = member.sequence.before(steps + 1);
    for (std::size_t p = 0; p < history.size(); ++p) history[p] = last.history[p];
    if (!whole_ && (first + steps == problems_[member.number].steps || solution.status != Status::converged)) {
      Solution<T, n> end(std::vector<double>(1, static_cast<double>(first + accepted)),
                         std::vector<State>(1, member.sequence.states(accepted, 1)[0]));
      end.status = solution.status;
      end.statistics = std::move(solution.statistics);
      std::swap(solution, end);
    }
  }

  Stopwatch total_;
  std::span<const Problem> problems_;
  const std::span<const State>* guess_;
  const Options& options_;
  SourceLocation where_;
  std::vector<Solution<T, n>> solutions_;
  std::vector<typename Sequence_::History> history_;
  std::vector<State> buffer_;
  std::vector<BatchMember<Sequence_>> members_;
  std::vector<double> growth_;   // Lyapunov exponent times steps,
  std::vector<Index> accepted_;  // steps
  Index longest_ = 0, piece_ = 0;
  std::size_t stored_ = 0;
  bool whole_ = true;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
