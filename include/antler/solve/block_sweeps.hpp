// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The block Jacobi iteration on stretches of recurrences of one lag, one sequence or a batch of them with the same f.
///
/// Block l of K begins with a state that the sweep before left at the end of block l - 1. Sweep s is exact on the first s blocks,
/// as any Jacobi iteration is; but where the recurrence forgets, a block's end hardly depends on its start, and the second sweep
/// meets the first one after as many steps as the recurrence remembers: from there on both are the same, to rounding, and the sweep
/// ends. A block whose start did not change is not swept again. So a long sequence that forgets takes little more than one
/// evaluation of every step, K of them at a time; and every step of what comes out is the loop's to two units in the last place.

#include <algorithm>
#include <span>
#include <vector>

#include "antler/core/stopwatch.hpp"
#include "antler/discretization/block_sweep.hpp"
#include "antler/discretization/recurrence_system.hpp"
#include "antler/solve/sequence.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// A stretch of a sequence that is to be swept, and what became of it.
template <class Sequence>
struct Stretch {
  const Sequence* sequence;
  Statistics* statistics;
  Index first;       ///< step
  Index blocks = 0;  ///< how many; all blocks of a call are of one length
  Status status = Status::maximum_iterations;
  Index exact = 0;  ///< leading blocks that are solved
};

/// Blocks of a stretch of so many steps.
struct BlockLayout {
  Index count = 0, length = 0;  ///< count is 0 where a stretch is too short to be cut
};

template <class F, class T, int n, class X, class ExecutionSpace>
class BlockSweeps {
  using Sequence_ = Sequence<F, T, n, 1, X, ExecutionSpace>;
  using Function = typename Sequence_::Function;
  using U = std::conditional_t<Function::lanes, KernelLanes<T, ExecutionSpace>, T>;
  using Kernel = SweepBlocks<U, F, T, n, X, ExecutionSpace>;
  using Memory = typename ExecutionSpace::memory_space;
  using Rows = typename Sequence_::Rows;
  using Inputs = decltype(Function::inputs);
  using State = Vector<T, n>;

 public:
  using Task = Stretch<Sequence_>;

  /// Blocks go one per lane and several per thread; shorter ones than `shortest` steps do not get over what a sweep forgets.
  static constexpr Index shortest = 64;

  /// How to cut `count` steps of each of `sequences` stretches.
  static BlockLayout layout(const ExecutionSpace& space, Index count, Index sequences) {
    const Index together = Kernel::lanes * Kernel::interleave * concurrency(space);
    const Index wanted = std::max<Index>(1, together / sequences);
    Index blocks = std::min(wanted, count / shortest);
    if (blocks * sequences > Kernel::lanes)
      blocks = std::max<Index>(1, blocks * sequences / Kernel::lanes * Kernel::lanes / sequences);
    if (blocks < 2 && sequences == 1) return {};
    return {blocks, apart(count / std::max<Index>(1, blocks))};
  }

  BlockSweeps(const ExecutionSpace& space, const F& f, const Options& options)
      : space_(space), f_(f), tolerance_(sequence_tolerance<T>(options)), largest_count_(options.maximum_iterations) {}

  /// Sweeps all stretches until each is solved or given up; leaves what the last sweep found in their states.
  /// @param patient  go on as long as maximum_iterations allow, else give up where sweeps do not bring a stretch much nearer
  /// @param given    the states hold a guess
  void solve(std::span<Task> tasks, Index length, bool given, bool patient) {
    const Stopwatch clock;
    length_ = length;
    open(tasks, given);
    list();
    for (Index sweep = 1; !blocks_.empty(); ++sweep) {
      run(sweep > 1 || given);
      for (std::size_t t = 0; t < tasks.size(); ++t)
        if (!work_[t].done) judge(tasks[t], work_[t], sweep, patient);
      list();
    }
    for (std::size_t t = 0; t < tasks.size(); ++t) {
      Task& task = tasks[t];
      task.sequence->bring_back(work_[t].rows, task.first, task.blocks * length_);
      task.statistics->evaluation_seconds += clock.seconds();
      ++task.statistics->windows;
      task.statistics->rejected_steps += (task.blocks - task.exact) * length_;
    }
  }

  /// Bytes of a call over so many blocks.
  static std::size_t required_bytes(Index blocks) {
    return static_cast<std::size_t>(blocks + Kernel::lanes) * (sizeof(Block<T, X>) + sizeof(BlockSwept<T>) + 2 * sizeof(State));
  }

 private:
  /// What is known of a stretch between the sweeps.
  struct Work {
    Rows rows;
    Inputs inputs;
    std::vector<State> start, end;  // of each block
    std::vector<char> changed;      // blocks whose start is not the one that they were swept from
    double size = 0;                // the largest component of a state
    double change = 0;              // of a component in the last sweep
    double jump = 0;                // from the ends of blocks to the starts of the next, all of them, over what is rounding
    Index steps = 0;                // evaluated in the last sweep
    std::vector<char> unusable;     // blocks with a state that is not finite
    bool done = false;
  };

  /// Blocks in lanes must not begin in the same set of a cache: distances near multiples of 4096 bytes are shortened.
  static Index apart(Index length) {
    constexpr Index page = 4096, least = 256, row = sizeof(State);
    const Index distance = length * row % page;
    if (Kernel::lanes == 1 || length * row < 2 * page || (distance >= least && page - distance >= least)) return length;
    return length - (2 * least + row - 1) / row;
  }

  void open(std::span<Task> tasks, bool given) {
    work_.assign(tasks.size(), {});
    for (std::size_t t = 0; t < tasks.size(); ++t) {
      const Task& task = tasks[t];
      Work& work = work_[t];
      const Index count = task.blocks * length_;
      const auto blocks = static_cast<std::size_t>(task.blocks);
      work.rows = task.sequence->rows(task.first, count);
      work.inputs = task.sequence->function(task.first, count).inputs;
      work.start.assign(blocks, task.sequence->before(task.first).history[0]);
      if (given)
        for (std::size_t l = 1; l < blocks; ++l)
          work.start[l] = task.sequence->states(task.first + static_cast<Index>(l) * length_ - 1, 1)[0];
      work.end.resize(blocks);
      work.changed.assign(blocks, true);
      work.unusable.assign(blocks, false);
      work.done = blocks == 0;
    }
  }

  /// Lists the blocks whose start has changed, filled up to whole lanes with the last of them.
  void list() {
    blocks_.clear();
    origin_.clear();
    for (std::size_t t = 0; t < work_.size(); ++t) {
      const Work& work = work_[t];
      if (work.done) continue;
      for (std::size_t l = 0; l < work.changed.size(); ++l) {
        if (!work.changed[l]) continue;
        const Index row = static_cast<Index>(l) * length_;
        const X* inputs = nullptr;
        if constexpr (!std::is_same_v<X, Steps>) inputs = work.inputs.data() + row;
        blocks_.push_back({inputs, work.rows.data() + row * row_stride(work.rows)});
        origin_.push_back({t, l});
      }
    }
    while (blocks_.size() % static_cast<std::size_t>(Kernel::lanes) != 0) blocks_.push_back(blocks_.back());
  }

  static Index row_stride(const Rows& rows) { return static_cast<Index>(rows.stride(0)); }

  /// Sweeps the listed blocks.
  void run(bool compares) {
    const auto count = static_cast<Index>(blocks_.size());
    if (count > static_cast<Index>(blocks_view_.extent(0))) {
      blocks_view_ = allocate<Kokkos::View<Block<T, X>*, Memory>>("antler::sweep::blocks", count);
      swept_view_ = allocate<Kokkos::View<BlockSwept<T>*, Memory>>("antler::sweep::swept", count);
      start_view_ = allocate<Rows>("antler::sweep::start", count);
      end_view_ = allocate<Rows>("antler::sweep::end", count);
    }
    const auto blocks = Kokkos::create_mirror_view(blocks_view_);
    const auto start = Kokkos::create_mirror_view(start_view_);
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      blocks(b) = blocks_[b];
      const auto [t, l] = origin_[std::min(b, origin_.size() - 1)];
      for (int c = 0; c < n; ++c) start(b, c) = work_[t].start[l][c];
    }
    if constexpr (!is_host_space<ExecutionSpace>) {
      Kokkos::deep_copy(blocks_view_, blocks);
      Kokkos::deep_copy(start_view_, start);
    }

    const Index groups = count / Kernel::lanes, threads = concurrency(space_),
                per_call = std::clamp<Index>((groups + threads - 1) / threads, 1, Kernel::interleave);
    const Rows& rows = work_[origin_[0].first].rows;
    parallel_for("antler::recurrence::sweep", space_, (groups + per_call - 1) / per_call,
                 10.0 * n * (n + 1) * static_cast<double>(length_ * Kernel::lanes * per_call),
                 Kernel{f_, blocks_view_, start_view_, end_view_, swept_view_, groups, per_call, length_, row_stride(rows),
                        static_cast<Index>(rows.stride(1)), compares});
    read_results();
  }

  void read_results() {
    const auto end = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), end_view_);
    const auto swept = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), swept_view_);
    for (Work& work : work_) {
      work.change = 0;
      work.steps = 0;
    }
    for (std::size_t b = 0; b < origin_.size(); ++b) {
      const auto [t, l] = origin_[b];
      Work& work = work_[t];
      for (int c = 0; c < n; ++c) work.end[l][c] = end(b, c);
      const BlockSwept<T>& block = swept(b);
      work.steps += block.steps;
      if (block.finite) {
        work.change = std::max(work.change, static_cast<double>(block.change));
        work.size = std::max(work.size, static_cast<double>(block.size));
      }
      work.unusable[l] = !block.finite || (block.steps < length_ && work.unusable[l]);  // behind where it ended is the old
    }
  }

  /// Hands the ends on as starts, and decides whether the stretch is solved, given up or swept again.
  void judge(Task& task, Work& work, Index sweep, bool patient) {
    const double earlier = work.jump;
    hand_on(task, work);
    Statistics& statistics = *task.statistics;
    ++statistics.iterations;
    statistics.function_evaluations += work.steps;
    statistics.residual_history.push_back(work.jump);
    const double change = work.change / (tolerance_ * smallest_share * work.size + smallest_normal<double>);
    statistics.update_history.push_back(change);
    const Index unusable = std::find(work.unusable.begin(), work.unusable.end(), true) - work.unusable.begin();
    const bool usable = unusable == task.blocks;
    if (unusable < task.exact) {
      task.exact = unusable;
      task.status = Status::non_finite;
    } else if (usable && (task.exact == task.blocks || (sweep > 1 && work.jump <= 1 && change <= 1))) {
      task.status = Status::converged;
      task.exact = task.blocks;
    } else if (sweep < largest_count_ && (patient || (usable && worth_it(task, work, sweep, earlier)))) {
      return;
    }
    work.done = true;
  }

  /// The start of each block becomes the end of the one before it.
  void hand_on(Task& task, Work& work) const {
    work.jump = 0;
    task.exact = task.blocks;
    work.changed[0] = false;
    for (std::size_t l = 1; l < work.start.size(); ++l) {
      const State& next = work.end[l - 1];
      State& start = work.start[l];
      bool same = true;
      double distance = 0, size = smallest_share * work.size;
      for (int c = 0; c < n; ++c) {
        same = same && next[c] == start[c];
        distance = std::max(distance, std::abs(static_cast<double>(next[c]) - static_cast<double>(start[c])));
        size = std::max(size, std::abs(static_cast<double>(next[c])));
      }
      work.changed[l] = !same;
      if (!same && task.exact == task.blocks) task.exact = static_cast<Index>(l);
      const double jump = distance / (static_cast<double>(residual_rounding<T>) * size + smallest_normal<double>);
      work.jump = is_finite(jump) ? work.jump + jump : HUGE_VAL;
      start = next;
    }
  }

  /// Whether the sweeps bring the stretch so much nearer that it will be solved in a fraction of the time of a loop. The first
  /// sweep begins anywhere and says nothing.
  static bool worth_it(const Task& task, const Work& work, Index sweep, double earlier) {
    if (sweep == 1) return true;
    const double rate = work.jump / earlier, budget = std::max(4.0, static_cast<double>(task.blocks) / 8);
    if (!(rate < 1)) return false;
    return static_cast<double>(sweep) + std::max(1.0, std::log(work.jump) / -std::log(rate)) <= budget;
  }

  static constexpr double smallest_share = 0.1;

  ExecutionSpace space_;
  F f_;
  double tolerance_;
  Index largest_count_, length_ = 0;
  std::vector<Work> work_;
  std::vector<Block<T, X>> blocks_;
  std::vector<std::pair<std::size_t, std::size_t>> origin_;  // stretch and block
  Kokkos::View<Block<T, X>*, Memory> blocks_view_;
  Kokkos::View<BlockSwept<T>*, Memory> swept_view_;
  Rows start_view_, end_view_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
