// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The blocked scan of affine maps: y_i = A_i y_{i-1} + b_i for all i, on all workers at once [Blelloch1990; Lim2024, sec. 3.2].
///
///   1. each worker composes the maps of its chunk: (A, b)_c = map_{end-1} o ... o map_begin           O(N n^3) in all
///   2. the states at the chunks' ends follow from the compositions, one after the other
///   3. each worker sweeps its chunk from the state before it                                           O(N n^2) in all
///
/// On a host two things are different from the textbook. The state before the first chunk is known, so that worker 0 sweeps without
/// composing, and its chunk is longer by what that saves: with two workers the scan is never slower than a sweep. And the
/// trajectory is cut into tiles whose chunks fit a core's cache: phase 3 of a tile finds its maps where phase 1 left them, and runs
/// in the same launch as phase 1 of the next tile. A scan over maps that come from memory reads each of them once, as a sweep does.

#include <algorithm>
#include <utility>
#include <vector>

#include "antler/inverse/sequential.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The chunks of one tile, maps begin .. end - 1: worker 0 has `head` shares, every other worker one share.
struct Tile {
  Index begin, end;
  Index workers;
  double head;

  /// First map of worker w; chunk_begin(workers) is the tile's end.
  KOKKOS_INLINE_FUNCTION Index chunk_begin(Index w) const {
    if (w == 0) return begin;
    const double shares = head + static_cast<double>(workers - 1);
    return begin + static_cast<Index>(static_cast<double>(end - begin) * ((head + static_cast<double>(w - 1)) / shares));
  }
};

/// Kernel, one call per worker: sweeps the worker's chunk of the previous tile, then composes its chunk of the next one.
/// Worker 0 sweeps the head of the next tile instead.
template <class T, int n, class ExecutionSpace>
struct ScanTile {
  static constexpr int strands = n <= 4 ? 4 : 1;  // as long as their compositions stay in registers

  AffineMaps<T, n, ExecutionSpace> maps;
  Vector<T, n> initial;
  Trajectory<T, n, ExecutionSpace> y;
  AffineMaps<T, n, ExecutionSpace> totals;  // compositions of the chunks of two tiles, the previous and the next alternating
  Index number;                             // of the next tile
  Tile previous, next;

  KOKKOS_INLINE_FUNCTION void operator()(Index w) const {
    if (w == 0) {
      if (next.begin < next.end) sweep(maps, next.begin, next.chunk_begin(1), state_before(next.workers), y);
      return;
    }
    if (number > 0) sweep_strands(w, std::make_integer_sequence<int, strands>{});
    if (next.begin < next.end) compose_strands(w, std::make_integer_sequence<int, strands>{});
  }

  /// First map of strand q of worker w's chunk: a chunk is composed and swept in several strands at once, because one alone waits
  /// for its own last result most of the time.
  KOKKOS_INLINE_FUNCTION static Index strand_begin(const Tile& tile, Index w, Index q) {
    const Index begin = tile.chunk_begin(w);
    return begin + (tile.chunk_begin(w + 1) - begin) * q / strands;
  }
  KOKKOS_INLINE_FUNCTION Index slot(Index tile_number, Index w, Index q) const {
    return ((tile_number % 2) * next.workers + w) * strands + q;
  }

  template <int... q>
  KOKKOS_INLINE_FUNCTION void compose_strands(Index w, std::integer_sequence<int, q...>) const {
    const Index begin[] = {strand_begin(next, w, q)...}, end[] = {strand_begin(next, w, q + 1)...};
    Composition<T, n> totals_of[strands];
    const Index common = (end[strands - 1] - begin[0]) / strands;  // every strand has this many maps, some one more
    for (Index i = 0; i < common; ++i) (totals_of[q].append(maps, begin[q] + i), ...);
    for (int s = 0; s < strands; ++s) {
      for (Index i = begin[s] + common; i < end[s]; ++i) totals_of[s].append(maps, i);
      const AffineMap<T, n> total = totals_of[s].map();
      scatter_matrix(total.A, totals.A, slot(number, w, s));
      scatter_row(total.b, totals.b, slot(number, w, s));
    }
  }

  template <int... q>
  KOKKOS_INLINE_FUNCTION void sweep_strands(Index w, std::integer_sequence<int, q...>) const {
    const Index begin[] = {strand_begin(previous, w, q)...}, end[] = {strand_begin(previous, w, q + 1)...};
    Vector<T, n> states[strands];
    states[0] = state_before(w);
    for (int s = 1; s < strands; ++s) states[s] = map_at(totals, slot(number - 1, w, s - 1))(states[s - 1]);
    const Index common = (end[strands - 1] - begin[0]) / strands;
    for (Index i = 0; i < common; ++i)
      ((states[q] = map_at(maps, begin[q] + i)(states[q]), scatter_row(states[q], y, begin[q] + i)), ...);
    for (int s = 0; s < strands; ++s) sweep(maps, begin[s] + common, end[s], states[s], y);
  }

  /// The state before chunk w of the previous tile (w = workers: after the tile): the head's last state through the chunks between.
  KOKKOS_INLINE_FUNCTION Vector<T, n> state_before(Index w) const {
    if (number == 0) return initial;
    const Index head_end = previous.chunk_begin(1);
    Vector<T, n> state = head_end == 0 ? initial : gather_row<T, n>(y, head_end - 1);
    for (Index c = 1; c < w; ++c)
      for (Index q = 0; q < strands; ++q) state = map_at(totals, slot(number - 1, c, q))(state);
    return state;
  }
};

/// First map of chunk c when `length` maps are shared by `chunks`.
KOKKOS_INLINE_FUNCTION Index even_chunk_begin(Index c, Index chunks, Index length) { return length * c / chunks; }

/// Kernel, phase 1 on a device: composition of one chunk per thread.
template <class T, int n, class ExecutionSpace>
struct ComposeChunks {
  AffineMaps<T, n, ExecutionSpace> maps, totals;
  Index chunks, length;

  KOKKOS_INLINE_FUNCTION void operator()(Index c) const {
    const AffineMap<T, n> total = composition(maps, even_chunk_begin(c, chunks, length), even_chunk_begin(c + 1, chunks, length));
    scatter_matrix(total.A, totals.A, c);
    scatter_row(total.b, totals.b, c);
  }
};

/// Kernel, phase 3 on a device: sweep of one chunk per thread from the state at the end of the chunk before.
template <class T, int n, class ExecutionSpace>
struct SweepChunks {
  AffineMaps<T, n, ExecutionSpace> maps;
  Vector<T, n> initial;
  Trajectory<T, n, ExecutionSpace> ends, y;
  Index chunks, length;

  KOKKOS_INLINE_FUNCTION void operator()(Index c) const {
    const Vector<T, n> before = c == 0 ? initial : gather_row<T, n>(ends, c - 1);
    sweep(maps, even_chunk_begin(c, chunks, length), even_chunk_begin(c + 1, chunks, length), before, y);
  }
};

}  // namespace detail

/// The storage of a scan: compositions of chunks, for maps of one type and any length. Allocates in its constructor only.
template <class T, int n, class ExecutionSpace>
class ScanPlan {
 public:
  using Maps = AffineMaps<T, n, ExecutionSpace>;
  using States = Trajectory<T, n, ExecutionSpace>;

  /// @param workers  chunks that are worked on at once; 0 takes the concurrency of the execution space
  explicit ScanPlan(const ExecutionSpace& space, Index workers = 0) : workers_(workers > 0 ? workers : concurrency(space)) {
    if constexpr (is_host_space<ExecutionSpace>) {
      forced_ = workers > 0;
      const Index slots = 2 * workers_ * detail::ScanTile<T, n, ExecutionSpace>::strands;
      totals_ = {allocate<Matrices<T, n, ExecutionSpace>>("antler::scan::totals", slots),
                 allocate<States>("antler::scan::totals", slots)};
    } else {
      for (Index chunks = std::min<Index>(workers_, most_chunks); chunks > 1; chunks /= chunk_length)
        levels_.push_back({{allocate<Matrices<T, n, ExecutionSpace>>("antler::scan::totals", chunks),
                            allocate<States>("antler::scan::totals", chunks)},
                           allocate<States>("antler::scan::ends", chunks)});
    }
  }

  /// Solves y_i = A_i y_{i-1} + b_i, i = 0 .. N - 1.
  ///
  /// @param maps     affine maps, A of shape (N, n, n), b of shape (N, n)
  /// @param initial  y_{-1}, the state before the first map
  /// @param y        out: y_0 .. y_{N-1}, shape (N, n); must not alias maps.b
  /// @throws InvalidArgument  the lengths of maps and y differ
  /// @note Work O(N n^3), depth O(N / workers + workers), memory O(workers n^2). Any number of workers gives the same result to
  /// rounding, the
  ///       same number the same bits.
  Status apply(const ExecutionSpace& space, const Maps& maps, const Vector<T, n>& initial, const States& y,
               const SourceLocation& where = SourceLocation::current()) const {
    detail::require_matching<ExecutionSpace>(maps, y, where);
    if constexpr (is_host_space<ExecutionSpace>) {
      const double flops = 2.0 * n * n * static_cast<double>(maps.length());
      if (workers_ == 1 || (!forced_ && flops < team_threshold_flops)) return SequentialInverse{}.apply(space, maps, initial, y);
      apply_tiled(space, maps, initial, y);
    } else {
      apply_level(space, maps, maps.length(), initial, y, 0);
    }
    return Status::converged;
  }

  /// The same from y_{-1} = 0: the inverse with homogeneous boundary values, as a Newton update needs it.
  Status apply(const ExecutionSpace& space, const Maps& maps, const States& y) const {
    return apply(space, maps, Vector<T, n>::filled(T(0)), y);
  }

 private:
  struct Level {
    Maps totals;
    States ends;
  };

  /// Bytes of one worker's chunk: a megabyte of maps stays in the second-level cache between phases 1 and 3.
  static constexpr std::size_t chunk_bytes = 1024 * 1024;
  /// What composing a map and sweeping over it from cache costs, in sweeps over maps from memory: one up to n = 4 (both wait for
  /// memory), then growing with the n + 1 columns that a composition carries [docs/performance.md].
  static constexpr double head_share = n <= 4 ? 1.2 : 1.0 + (n - 4) / 4.0;
  static constexpr Index most_chunks = 16384;  // enough threads to fill a device
  static constexpr Index chunk_length = 64;    // maps per thread below which a level is not worth its launches

  void apply_tiled(const ExecutionSpace& space, const Maps& maps, const Vector<T, n>& initial, const States& y) const {
    const Index length = maps.length();
    const double shares = head_share + static_cast<double>(workers_ - 1);
    const Index chunk = std::max<Index>(1, static_cast<Index>(chunk_bytes / (sizeof(T) * n * (n + 2))));
    const Index tile_length = std::max(2 * workers_, static_cast<Index>(static_cast<double>(chunk) * shares));
    const auto tile = [&](Index j) {
      return detail::Tile{std::min(length, j * tile_length), std::min(length, (j + 1) * tile_length), workers_, head_share};
    };
    const Index tiles = (length + tile_length - 1) / tile_length;
    for (Index j = 0; j <= tiles; ++j) {
      const detail::ScanTile<T, n, ExecutionSpace> kernel{maps, initial, y, totals_, j, tile(std::max<Index>(j - 1, 0)), tile(j)};
      using Policy = Kokkos::RangePolicy<ExecutionSpace, Kokkos::Schedule<Kokkos::Static>, Kokkos::IndexType<Index>>;
      Kokkos::parallel_for("antler::scan::tile", Policy(space, 0, workers_), kernel);
    }
  }

  /// The textbook's three phases; phase 2 is a scan of its own over the compositions, which a level above keeps.
  void apply_level(const ExecutionSpace& space, const Maps& maps, Index length, const Vector<T, n>& initial, const States& y,
                   std::size_t level) const {
    const Index chunks = level < levels_.size() ? std::min(levels_[level].totals.length(), length / chunk_length) : 0;
    if (chunks <= 1) {
      parallel_for("antler::scan::serial", space, 1, 0, detail::SweepAll<T, n, ExecutionSpace>{maps, initial, y, length});
      return;
    }
    const auto& [totals, ends] = levels_[level];
    parallel_for("antler::scan::compose", space, chunks, 0,
                 detail::ComposeChunks<T, n, ExecutionSpace>{maps, totals, chunks, length});
    apply_level(space, totals, chunks, initial, ends, level + 1);
    parallel_for("antler::scan::sweep", space, chunks, 0,
                 detail::SweepChunks<T, n, ExecutionSpace>{maps, initial, ends, y, chunks, length});
  }

  Index workers_;
  bool forced_ = false;        // a number of workers was asked for: short scans use them too
  Maps totals_;                // of the host's tiles
  std::vector<Level> levels_;  // of a device's levels
};

}  // namespace antler::inline ANTLER_LANES
