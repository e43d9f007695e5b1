// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Sums over all steps of a trajectory with the same bits for any number of threads: the steps are cut into chunks that depend on
/// the sizes alone, a chunk is summed by one thread in order, and the chunks are added in order.

#include <algorithm>
#include <vector>

#include "antler/core/parallel.hpp"

namespace antler::inline ANTLER_LANES {

/// `blocks` shared out to chunks.
struct FixedChunks {
  Index blocks, chunks;

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Index begin(Index chunk) const { return blocks * chunk / chunks; }
};

namespace detail {

/// Kernel: total(first + k) += the sums of all chunks and lanes of column k, in order.
template <class Sums, class Totals>
struct AddChunks {
  Sums sums;
  Totals totals;
  Index first;

  KOKKOS_INLINE_FUNCTION void operator()(Index k) const {
    using U = typename Sums::non_const_value_type;
    double total = totals(first + k);
    for (Index chunk = 0; chunk < static_cast<Index>(sums.extent(0)); ++chunk) {
      scalar_of<U> lanes[lane_count<U>];
      store(lanes, sums(chunk, k));
      for (int l = 0; l < lane_count<U>; ++l) total += static_cast<double>(lanes[l]);
    }
    totals(first + k) = total;
  }
};

}  // namespace detail

/// Sums of `columns` numbers at a time, for `count` numbers in all, kept in double precision over several trajectories or windows.
/// @tparam U  what is summed: scalars, or lanes of them
template <class U, class ExecutionSpace>
class ChunkedSums {
 public:
  using Sums = Kokkos::View<U**, Kokkos::LayoutRight, typename ExecutionSpace::memory_space>;
  using Totals = Kokkos::View<double*, typename ExecutionSpace::memory_space>;

  static std::size_t required_bytes(Index columns, Index count) {
    return static_cast<std::size_t>(most_chunks(columns) * columns) * sizeof(U) + static_cast<std::size_t>(count) * sizeof(double);
  }

  ChunkedSums(const ExecutionSpace& space, Index columns, Index count)
      : sums_(allocate<Sums>("antler::sums::chunks", most_chunks(columns), columns)),
        totals_(allocate<Totals>("antler::sums::totals", count)) {
    Kokkos::deep_copy(space, totals_, 0.0);
    space.fence();
  }

  /// The chunks for so many blocks of steps: enough to share out, not so short that their sums cost more than their steps.
  [[nodiscard]] FixedChunks chunks(Index blocks) const {
    return {blocks, std::clamp<Index>(blocks / shortest, 1, static_cast<Index>(sums_.extent(0)))};
  }
  /// Row c, for chunk c, to be written; rows of `chunks(blocks).chunks`.
  [[nodiscard]] const Sums& sums() const { return sums_; }

  /// Adds columns 0 .. used - 1 of the first chunks to the totals of numbers first .. first + used - 1.
  void add(const ExecutionSpace& space, const FixedChunks& chunks, Index first, Index used) const {
    const auto rows = Kokkos::subview(sums_, std::make_pair(Index{0}, chunks.chunks), Kokkos::ALL());
    using Rows = std::remove_const_t<decltype(rows)>;
    parallel_for("antler::sums::add", space, used, static_cast<double>(chunks.chunks * lane_count<U>),
                 detail::AddChunks<Rows, Totals>{rows, totals_, first});
  }

  /// The totals, on the host.
  template <class T>
  [[nodiscard]] std::vector<T> totals() const {
    const auto mirror = Kokkos::create_mirror_view(totals_);
    if constexpr (!is_host_space<ExecutionSpace>) Kokkos::deep_copy(mirror, totals_);
    std::vector<T> values;
    for (std::size_t k = 0; k < mirror.extent(0); ++k) values.push_back(static_cast<T>(mirror(k)));
    return values;
  }

 private:
  static constexpr Index shortest = 16;             // blocks of a chunk
  static constexpr Index budget = Index{32} << 20;  // bytes of all chunks where there are more than a few
  static Index most_chunks(Index columns) {         // 256: more than a host has threads, and some for each thread of few
    return std::clamp<Index>(budget / (std::max<Index>(columns, 1) * static_cast<Index>(sizeof(U))), 32, 256);
  }

  Sums sums_;
  Totals totals_;
};

}  // namespace antler::inline ANTLER_LANES
