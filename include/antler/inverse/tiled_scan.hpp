// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The blocked scan on a host. Two things are different from the textbook. The state before the first chunk is known, so that
/// worker 0 sweeps without composing, and its chunk is longer by what that saves: with two workers the scan is never slower than a
/// sweep. And the trajectory is cut into tiles whose chunks fit a core's cache: phase 3 of a tile finds its maps where phase 1 left
/// them. A scan over maps that come from memory reads each of them once, as a sweep does.
///
/// There is one parallel region and no barrier: a task (the head of tile j, the composition of a chunk, its sweep) waits for the
/// tasks that it reads from and for nothing else, so that a worker which was held up in one tile makes up for it in the next.

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "antler/inverse/sequential.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The chunks of one tile, maps begin .. end - 1: worker 0 has `head` shares and never nothing, every other worker one share.
struct Tile {
  Index begin, end;
  Index workers;
  double head;

  /// First map of worker w; chunk_begin(workers) is the tile's end.
  Index chunk_begin(Index w) const {
    if (w == 0) return begin;
    const double shares = head + static_cast<double>(workers - 1);
    return begin + 1 + static_cast<Index>(static_cast<double>(end - begin - 1) * ((head + static_cast<double>(w - 1)) / shares));
  }
};

/// What a worker tells the others: how many tiles it has composed and swept, in a cache line of its own. Whoever does its next task
/// holds `busy`.
struct alignas(64) WorkerProgress {
  std::atomic<Index> composed, swept;
  std::atomic<bool> busy;
};

/// Kernel, one call per worker: every tile's chunk of that worker is composed and, when the state before it is known, swept. The
/// head of each tile, worker 0's chunk, is swept at once.
///
/// A call that cannot go on does the next task of another worker, if nobody is at it: the scan ends whatever the number of threads
/// that run the calls, one after the other included. Who did a task does not change its result.
template <class Maps>
struct TiledScan {
  using State = StateOf<Maps>;
  static constexpr int strands = Maps::size <= 4 ? 4 : 1;  // as long as their compositions stay in registers
  static constexpr Index kept = 4;                         // tiles whose compositions are kept
  static constexpr Index ahead = 2;                        // tiles that a worker composes before it sweeps: what its cache holds
  static constexpr int patience = 64;                      // times to look again before another worker's task is taken

  Maps maps;
  State initial;
  StatesOf<Maps> y;
  Maps totals;  // compositions of the strands of `kept` tiles
  WorkerProgress* progress;
  Index workers, tile_length, tiles;
  double head;

  void operator()(Index own) const {
    int looked = 0;
    while (swept(own) < tiles) {
      if (advance(own)) {
        looked = 0;
        continue;
      }
      std::this_thread::yield();
      if (++looked < patience) continue;
      for (Index w = 0; w < workers; ++w) advance(w);
    }
  }

  Tile tile(Index j) const {
    const Index length = maps.length();
    return {j * tile_length, (j + 1) * tile_length < length ? (j + 1) * tile_length : length, workers, head};
  }

  Index composed(Index w) const { return progress[w].composed.load(std::memory_order_acquire); }
  Index swept(Index w) const { return progress[w].swept.load(std::memory_order_acquire); }

  /// Does the next task of worker w if what it reads is there and nobody else is doing it.
  bool advance(Index w) const {
    if (progress[w].busy.exchange(true, std::memory_order_acquire)) return false;
    const bool advanced = w == 0 ? advance_head() : advance_chunk(w);
    progress[w].busy.store(false, std::memory_order_release);
    return advanced;
  }

  bool advance_head() const {
    const Index j = swept(0);
    if (j == tiles || !all_composed(j - 1, workers)) return false;
    const Tile next = tile(j);
    sweep(maps, next.begin, next.chunk_begin(1), j == 0 ? initial : state_before(j - 1, workers), y);
    progress[0].swept.store(j + 1, std::memory_order_release);
    return true;
  }

  bool advance_chunk(Index w) const {
    const Index s = swept(w), c = composed(w);
    if (s < c && swept(0) > s && all_composed(s, w)) {
      sweep_strands(s, w, std::make_integer_sequence<int, strands>{});
      progress[w].swept.store(s + 1, std::memory_order_release);
      return true;
    }
    if (c < tiles && c < s + ahead && all_read(c - kept)) {
      compose_strands(c, w, std::make_integer_sequence<int, strands>{});
      progress[w].composed.store(c + 1, std::memory_order_release);
      return true;
    }
    return false;
  }

  /// Whether workers 1 .. before - 1 have composed their chunks of tile j.
  bool all_composed(Index j, Index before) const {
    for (Index w = 1; w < before; ++w)
      if (composed(w) <= j) return false;
    return true;
  }

  /// Whether nobody needs the compositions of tile j any more: the sweeps of its chunks and the head of the next tile are done.
  bool all_read(Index j) const {
    if (j < 0) return true;
    if (swept(0) <= j + 1) return false;
    for (Index w = 1; w < workers; ++w)
      if (swept(w) <= j) return false;
    return true;
  }

  /// First map of strand q of worker w's chunk: a chunk is composed and swept in several strands at once, because one alone waits
  /// for its own last result most of the time.
  static Index strand_begin(const Tile& tile, Index w, Index q) {
    const Index begin = tile.chunk_begin(w);
    return begin + (tile.chunk_begin(w + 1) - begin) * q / strands;
  }
  Index slot(Index j, Index w, Index q) const { return ((j % kept) * workers + w) * strands + q; }

  template <int... q>
  void compose_strands(Index j, Index w, std::integer_sequence<int, q...>) const {
    const Tile chunks = tile(j);
    const Index begin[] = {strand_begin(chunks, w, q)...}, end[] = {strand_begin(chunks, w, q + 1)...};
    Composition<Maps> totals_of[strands];
    const Index common = (end[strands - 1] - begin[0]) / strands;  // every strand has this many maps, some one more
    for (Index i = 0; i < common; ++i) (totals_of[q].append(maps, begin[q] + i), ...);
    for (int s = 0; s < strands; ++s) {
      for (Index i = begin[s] + common; i < end[s]; ++i) totals_of[s].append(maps, i);
      set_map(totals_of[s].map(), totals, slot(j, w, s));
    }
  }

  template <int... q>
  void sweep_strands(Index j, Index w, std::integer_sequence<int, q...>) const {
    const Tile chunks = tile(j);
    const Index begin[] = {strand_begin(chunks, w, q)...}, end[] = {strand_begin(chunks, w, q + 1)...};
    State states[strands];
    states[0] = state_before(j, w);
    for (int s = 1; s < strands; ++s) states[s] = map_at(totals, slot(j, w, s - 1))(states[s - 1]);
    const Index common = (end[strands - 1] - begin[0]) / strands;
    for (Index i = 0; i < common; ++i)
      ((states[q] = map_at(maps, begin[q] + i)(states[q]), scatter_row(states[q], y, begin[q] + i)), ...);
    for (int s = 0; s < strands; ++s) sweep(maps, begin[s] + common, end[s], states[s], y);
  }

  /// The state before chunk w of tile j (w = workers: after the tile): the head's last state through the chunks between.
  State state_before(Index j, Index w) const {
    State state = gather_row<typename Maps::Scalar, Maps::size>(y, tile(j).chunk_begin(1) - 1);
    for (Index c = 1; c < w; ++c)
      for (Index q = 0; q < strands; ++q) state = map_at(totals, slot(j, c, q))(state);
    return state;
  }
};

/// The storage of a TiledScan: a few compositions per worker.
template <class Maps>
class TiledScanPlan {
 public:
  using ExecutionSpace = typename Maps::Space;

  explicit TiledScanPlan(Index workers)
      : workers_(workers),
        totals_(Maps::allocated("antler::scan::totals", slots(workers))),
        progress_(new WorkerProgress[static_cast<std::size_t>(workers)]) {}

  void apply(const ExecutionSpace& space, const Maps& maps, const StateOf<Maps>& initial, const StatesOf<Maps>& y) const {
    constexpr std::size_t map_bytes = sizeof(typename Maps::Scalar) * (Maps::numbers + Maps::size);
    const Index length = maps.length(), chunk = std::max<Index>(1, chunk_bytes / static_cast<Index>(map_bytes));
    const double shares = head_share + static_cast<double>(workers_ - 1);
    const Index tile_length = std::max(2 * workers_, static_cast<Index>(static_cast<double>(chunk) * shares));
    for (Index w = 0; w < workers_; ++w) {
      WorkerProgress& worker = progress_[static_cast<std::ptrdiff_t>(w)];
      worker.composed = worker.swept = 0;
      worker.busy = false;
    }
    const TiledScan<Maps> kernel{
        maps, initial, y, totals_, progress_.get(), workers_, tile_length, (length + tile_length - 1) / tile_length, head_share};
    using Policy = Kokkos::RangePolicy<ExecutionSpace, Kokkos::Schedule<Kokkos::Static>, Kokkos::IndexType<Index>>;
    Kokkos::parallel_for("antler::scan::tiles", Policy(space, 0, workers_), kernel);
  }

 private:
  /// Bytes of one worker's chunk: the maps of two chunks stay in the second-level cache between phases 1 and 3.
  static constexpr Index chunk_bytes = 512 * 1024;
  /// What composing a map and sweeping over it from cache costs, in sweeps over maps from memory: one up to n = 4 and for diagonals
  /// (both wait for memory), then growing with the n + 1 columns that a composition carries [docs/performance.md].
  static constexpr double head_share = Maps::columns <= 4 ? 1.15 : 1.0 + (Maps::columns - 4) / 4.0;

  static Index slots(Index workers) {
    using Scan = TiledScan<Maps>;
    return Scan::kept * workers * Scan::strands;
  }

  Index workers_;
  Maps totals_;
  std::shared_ptr<WorkerProgress[]> progress_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
