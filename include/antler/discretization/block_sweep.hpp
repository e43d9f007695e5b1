// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// One sweep of the block Jacobi iteration over recurrences of one lag: their steps are cut into blocks, and each block is
/// evaluated one step after the other from the state that the sweep before left in front of it. Blocks are independent of each
/// other: on a host they go one per SIMD lane, on a device one per thread. Rows of a block are written as they are computed;
/// nothing else is stored.

#include "antler/core/lanes_math.hpp"
#include "antler/deer/at_steps.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// A block: the input of its first step, and where the states of its steps go.
template <class T, class X>
struct Block {
  const X* inputs;
  T* states;
};

/// What a sweep says of a block.
template <class T>
struct BlockSwept {
  T change;   ///< the largest |y_new - y_old| of a component, 0 in a first sweep
  T size;     ///< the largest |y_new|
  int steps;  ///< evaluated
  bool finite;
};

/// Kernel: up to `interleave` groups of blocks in turns, since one step of a small recurrence waits for itself most of the time; a
/// group has as many blocks as U has lanes.
///
/// In a sweep that compares, a group ends where all its states are what they were, to rounding: then those behind them, which stay,
/// are the loop's as well as a loop with another order of operations would have them. (Bit for bit they would meet too, but many
/// components keep each other's last bits moving for long.)
///
/// @tparam U  T, or lanes of T
template <class U, class F, class T, int n, class X, class ExecutionSpace>
struct SweepBlocks {
  using Memory = typename ExecutionSpace::memory_space;
  static constexpr Index lanes = lane_count<U>;
  static constexpr Index shortest_forgetting = 16;
  static constexpr Index interleave = lanes == 1 || n > 4 ? 1 : n == 1 ? 4 : 2;

  F f;
  Kokkos::View<const Block<T, X>*, Memory> blocks;
  Trajectory<T, n, ExecutionSpace> start, end;  // one row per block: the state before it, and its last
  Kokkos::View<BlockSwept<T>*, Memory> swept;
  Index groups, groups_per_call, length, row_stride, component_stride;
  bool compares;

  KOKKOS_INLINE_FUNCTION void operator()(Index call) const {
    Vector<U, n> state[interleave];
    U change[interleave], size[interleave], sum[interleave];
    Index steps[interleave];
    const Index first = call * groups_per_call, behind = groups - first,
                count = behind < groups_per_call ? behind : groups_per_call;
    for (Index g = 0; g < count; ++g) {
      state[g] = gather_row<U, n>(start, (first + g) * lanes);
      change[g] = size[g] = sum[g] = U(T(0));
      steps[g] = length;
    }
    Index left = count;
    for (Index k = 0; k < length && left > 0; ++k)
      for (Index g = 0; g < count; ++g) {
        if (k >= steps[g]) continue;
        const Index block = (first + g) * lanes;
        fetch_ahead(block, k);
        const Vector<U, n> next = step(block, k, state[g]);
        if (compares) {
          const U distance = largest(next - row(block, k));
          if (same(next, distance)) {
            steps[g] = k;
            --left;
            continue;
          }
          change[g] = antler::max(change[g], distance);
        }
        write(next, block, k);
        size[g] = antler::max(size[g], largest(next));
        for (int c = 0; c < n; ++c) sum[g] += fabs(next[c]);
        state[g] = next;
      }
    for (Index g = 0; g < count; ++g) {
      const Index block = (first + g) * lanes;
      report(block, change[g], size[g], sum[g], static_cast<int>(steps[g]));
      scatter_row(row(block, length - 1), end, block);
    }
  }

 private:
  /// Asks for what the lanes will read and write some steps later: no processor foresees as many streams as there are blocks.
  KOKKOS_FORCEINLINE_FUNCTION void fetch_ahead(Index block, Index k) const {
    if constexpr (lanes > 1) {
      constexpr Index line = 64, ahead = 4 * line;
      constexpr bool has_inputs = !std::is_same_v<X, Steps>;
      constexpr Index input = has_inputs ? sizeof(X) : line, row = n * sizeof(T);
      const bool next_input = has_inputs && k * input % line < input, next_row = k * row % line < row;
      if (!next_input && !next_row) return;
      for (Index l = 0; l < lanes; ++l) {
        const auto& own = blocks(block + l);
        if (next_input) __builtin_prefetch(reinterpret_cast<const char*>(own.inputs + k) + ahead, 0);
        if (next_row) __builtin_prefetch(reinterpret_cast<const char*>(own.states + k * row_stride) + ahead, 1);
      }
    }
  }
  KOKKOS_INLINE_FUNCTION Vector<U, n> step(Index block, Index k, const Vector<U, n>& y) const {
    if constexpr (std::is_same_v<X, Steps>) {
      return f(y);
    } else if constexpr (lanes == 1) {
      return f(y, blocks(block).inputs[k]);
    } else {
      return f(y, LaneInput<X, T>::collect([&](int l) -> const X& { return blocks(block + l).inputs[k]; }));
    }
  }
  KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> row(Index block, Index k) const {
    Vector<U, n> y;
    for (int c = 0; c < n; ++c)
      y[c] = from_lanes<U>([&](int l) { return blocks(block + l).states[k * row_stride + c * component_stride]; });
    return y;
  }
  KOKKOS_FORCEINLINE_FUNCTION void write(const Vector<U, n>& y, Index block, Index k) const {
    T values[n][lanes];
    for (int c = 0; c < n; ++c) store(values[c], y[c]);
    for (Index l = 0; l < lanes; ++l) {
      T* states = blocks(block + l).states + k * row_stride;
      for (int c = 0; c < n; ++c) states[c * component_stride] = values[c][l];
    }
  }
  /// Whether two states differ by two units in the last place of their largest component at most: by the rounding of f. Of very
  /// short blocks not a bit may differ: a drift of a unit per step would pass for nothing in each of them.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION bool same(const Vector<U, n>& a, const U& distance) const {
    if constexpr (lanes == 1) {
      if (!is_finite(distance)) return false;  // by its bits, before any comparison
    }
    return all(distance <= U(T(length < shortest_forgetting ? 0 : 2) * rounding_of<T>) * largest(a));
  }
  KOKKOS_FORCEINLINE_FUNCTION static U largest(const Vector<U, n>& v) {
    U value = fabs(v[0]);
    for (int c = 1; c < n; ++c) value = antler::max(value, U(fabs(v[c])));
    return value;
  }
  KOKKOS_FORCEINLINE_FUNCTION void report(Index block, const U& change, const U& size, const U& sum, int steps) const {
    T changes[lanes], sizes[lanes], sums[lanes];
    store(changes, change);
    store(sizes, size);
    store(sums, sum);
    for (Index l = 0; l < lanes; ++l) swept(block + l) = {changes[l], sizes[l], steps, is_finite(sums[l])};
  }
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
