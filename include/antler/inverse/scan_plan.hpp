// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The blocked scan of affine maps: y_i = A_i y_{i-1} + b_i for all i, on all workers at once [Blelloch1990; Lim2024, sec. 3.2].
///
///   1. each worker composes the maps of its chunk: (A, b)_c = map_{end-1} o ... o map_begin           O(N n^3) in all
///   2. the states at the chunks' ends follow from the compositions, one after the other
///   3. each worker sweeps its chunk from the state before it                                           O(N n^2) in all
///
/// That is what a device does here; on a host the trajectory goes through the workers in tiles that fit their caches (TiledScan).

#include <algorithm>
#include <optional>
#include <vector>

#include "antler/inverse/tiled_scan.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// First map of chunk c when `length` maps are shared by `chunks`.
KOKKOS_INLINE_FUNCTION Index even_chunk_begin(Index c, Index chunks, Index length) { return length * c / chunks; }

/// Kernel, phase 1 on a device: composition of one chunk per thread.
template <class Maps>
struct ComposeChunks {
  Maps maps, totals;
  Index chunks, length;

  KOKKOS_INLINE_FUNCTION void operator()(Index c) const {
    set_map(composition(maps, even_chunk_begin(c, chunks, length), even_chunk_begin(c + 1, chunks, length)), totals, c);
  }
};

/// Kernel, phase 3 on a device: sweep of one chunk per thread from the state at the end of the chunk before.
template <class Maps>
struct SweepChunks {
  Maps maps;
  StateOf<Maps> initial;
  StatesOf<Maps> ends, y;
  Index chunks, length;

  KOKKOS_INLINE_FUNCTION void operator()(Index c) const {
    const StateOf<Maps> before = c == 0 ? initial : gather_row<typename Maps::Scalar, Maps::size>(ends, c - 1);
    sweep(maps, even_chunk_begin(c, chunks, length), even_chunk_begin(c + 1, chunks, length), before, y);
  }
};

}  // namespace detail

/// The storage of a scan: compositions of chunks, for maps of one type and any length. Allocates in its constructor only.
template <OneStepMaps ScannedMaps>
class StructuredScanPlan {
 public:
  using Maps = ScannedMaps;
  using ExecutionSpace = typename Maps::Space;
  using State = detail::StateOf<Maps>;
  using States = detail::StatesOf<Maps>;

  /// @param workers  chunks that are worked on at once; 0 takes the concurrency of the execution space
  explicit StructuredScanPlan(const ExecutionSpace& space, Index workers = 0)
      : workers_(workers > 0 ? workers : concurrency(space)) {
    if constexpr (is_host_space<ExecutionSpace>) {
      forced_ = workers > 0;
      if (workers_ > 1) tiles_.emplace(workers_);
    } else {
      for (Index chunks = std::min<Index>(workers_, most_chunks); chunks > 1; chunks /= chunk_length)
        levels_.push_back({Maps::allocated("antler::scan::totals", chunks), allocate<States>("antler::scan::ends", chunks)});
    }
  }

  /// Solves y_i = A_i y_{i-1} + b_i, i = 0 .. N - 1.
  ///
  /// @param maps     maps y -> A_i y + b_i, for dense A of shapes (N, n, n) and (N, n)
  /// @param initial  y_{-1}, the state before the first map
  /// @param y        out: y_0 .. y_{N-1}, shape (N, n); must not alias maps.b
  /// @throws InvalidArgument  the lengths of maps and y differ
  /// @note Work O(N n^3), for diagonals O(N n), depth O(N / workers + workers), memory of O(workers) maps. Any number of workers
  /// gives the same result to rounding, the
  ///       same number the same bits.
  Status apply(const ExecutionSpace& space, const Maps& maps, const State& initial, const States& y,
               const SourceLocation& where = SourceLocation::current()) const {
    detail::require_matching<ExecutionSpace>(maps, y, where);
    if constexpr (is_host_space<ExecutionSpace>) {
      const double flops = 2.0 * Maps::size * Maps::columns * static_cast<double>(maps.length());
      if (workers_ == 1 || (!forced_ && flops < team_threshold_flops)) return SequentialInverse{}.apply(space, maps, initial, y);
      tiles_->apply(space, maps, initial, y);
    } else {
      apply_level(space, maps, maps.length(), initial, y, 0);
    }
    return Status::converged;
  }

  /// The same from y_{-1} = 0: the inverse with homogeneous boundary values, as a Newton update needs it.
  Status apply(const ExecutionSpace& space, const Maps& maps, const States& y) const {
    return apply(space, maps, State::filled(0), y);
  }

 private:
  struct Level {
    Maps totals;
    States ends;
  };

  static constexpr Index most_chunks = 16384;  // enough threads to fill a device
  static constexpr Index chunk_length = 64;    // maps per thread below which a level is not worth its launches

  /// The textbook's three phases; phase 2 is a scan of its own over the compositions, which a level above keeps.
  void apply_level(const ExecutionSpace& space, const Maps& maps, Index length, const State& initial, const States& y,
                   std::size_t level) const {
    const Index chunks = level < levels_.size() ? std::min(levels_[level].totals.length(), length / chunk_length) : 0;
    if (chunks <= 1) {
      parallel_for("antler::scan::serial", space, 1, 0, detail::SweepAll<Maps>{maps, initial, y, length});
      return;
    }
    const auto& [totals, ends] = levels_[level];
    parallel_for("antler::scan::compose", space, chunks, 0, detail::ComposeChunks<Maps>{maps, totals, chunks, length});
    apply_level(space, totals, chunks, initial, ends, level + 1);
    parallel_for("antler::scan::sweep", space, chunks, 0, detail::SweepChunks<Maps>{maps, initial, ends, y, chunks, length});
  }

  Index workers_;
  bool forced_ = false;                               // a number of workers was asked for: short scans use them too
  std::optional<detail::TiledScanPlan<Maps>> tiles_;  // of a host
  std::vector<Level> levels_;                         // of a device's levels
};

/// The scan of affine maps with dense matrices.
template <class T, int n, class ExecutionSpace>
using ScanPlan = StructuredScanPlan<AffineMaps<T, n, ExecutionSpace>>;

}  // namespace antler::inline ANTLER_LANES
