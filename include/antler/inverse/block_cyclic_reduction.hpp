// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Block tridiagonal systems, all block rows at once: cyclic reduction [GolubVanLoan2013, sec. 4.5.3; Wang1981].
///
///   reduce      the rows between separators are eliminated, a chunk per SIMD lane and thread; N rows become N / c
///   ...         and so on until one row is left, the root
///   substitute  backwards, level by level, the interiors of all chunks from their separators

#include <algorithm>
#include <vector>

#include "antler/core/require.hpp"
#include "antler/inverse/block_chunks.hpp"
#include "antler/inverse/block_monitor.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Throws unless a plan for `length` rows can solve this system into x.
template <class T, int n, class Space>
void require_blocks(const BlockTridiagonal<T, n, Space>& system, const Trajectory<T, n, Space>& x, Index length, Ends ends,
                    const SourceLocation& where) {
  const auto rows = static_cast<Index>(system.r.extent(0));
  const auto has = [&](const auto& blocks) { return static_cast<Index>(blocks.extent(0)) == rows; };
  require(has(system.L) && has(system.D) && has(system.U), "L, D, U and r of a block tridiagonal system must have the same length",
          where);
  require(static_cast<Index>(x.extent(0)) == rows, "the solution must have one row per block row of the system", where);
  require(rows == length, "the plan was made for another number of block rows: make one by plan<T, n>(space, length)", where);
  require(system.ends == ends, "the plan was made for other ends: give plan() the ends of the system", where);
  require(rows == 0 || x.data() != system.r.data(), "the solution must not alias r", where);
}

/// Kernel: the root, what is left of row 0; its solution goes to x(0).
template <class T, int n, class Space>
struct ReductionRoot {
  BlockTridiagonal<T, n, Space> whole, left;  // the whole system, and what is left of it
  Trajectory<T, n, Space> x;

  KOKKOS_INLINE_FUNCTION double operator()(Index /*one*/) const {
    Matrix<T, n> a = gather_matrix<T, n>(left.D, 0);
    if (left.periodic()) {
      a += gather_matrix<T, n>(left.L, 0);
      a += gather_matrix<T, n>(left.U, 0);
    }
    Matrix<T, n, 1> b;
    for (int c = 0; c < n; ++c) b(c, 0) = left.r(0, c);
    Vector<T, n> state;
    const double root = solve_root(whole, 0, a, b, state);
    scatter_row(state, x, 0);
    return root;
  }
};

}  // namespace detail

/// The levels of a cyclic reduction of N block rows. Allocates in its constructor only.
template <class T, int n, class ExecutionSpace>
class BlockCyclicReductionPlan {
 public:
  using System = BlockTridiagonal<T, n, ExecutionSpace>;
  using States = Trajectory<T, n, ExecutionSpace>;

  explicit BlockCyclicReductionPlan(Index length, Ends ends = Ends::open) : length_(length), ends_(ends), monitor_(length) {
    for (Index rows = length; rows > 1; rows = levels_.back().system.length()) {
      levels_.push_back(Separators::allocated(detail::chunk_count(rows, chunk_of(rows))));
      levels_.back().system.ends = ends;
    }
  }

  /// Bytes that a plan for `length` rows allocates.
  static std::size_t required_bytes(Index length) {
    std::size_t needed = detail::BlockMonitor<T, n, ExecutionSpace>::required_bytes(length);
    for (Index rows = length; rows > 1;) needed += Separators::required_bytes(rows = detail::chunk_count(rows, chunk_of(rows)));
    return needed;
  }
  [[nodiscard]] std::size_t required_bytes() const { return required_bytes(length_); }

  /// Solves L_i x_{i-1} + D_i x_i + U_i x_{i+1} = r_i.
  ///
  /// @param system  block rows of shape (N, n, n), right-hand side of shape (N, n)
  /// @param x       out: the solution, shape (N, n); must not alias system.r
  /// @return        Status::converged; singular where the last block is singular to rounding, or the residual of what was found is
  ///                no smaller than r; unstable where the elimination lost half of the digits or more, after one step of refinement
  /// @throws InvalidArgument  extents differ, or not those of the plan
  /// @note  Work 32/3 n^3 N to reduce and 16/3 n^3 N to substitute, 3.4 times that of block Thomas, in all lanes of all threads (n
  ///        <= 8; beyond, in the columns of a block). Depth O(c log_c N), c up to 32 on a host and 2 on a device. Reads the system
  ///        twice, writes x once. Any number of threads gives the same bits.
  Status apply(const ExecutionSpace& space, const System& system, const States& x,
               const SourceLocation& where = SourceLocation::current()) const {
    detail::require_blocks(system, x, length_, ends_, where);
    if (length_ == 0) return Status::converged;
    return monitor_.solve(space, system, x,
                          [&](const System& rows, const States& states) { return eliminate(space, rows, states); });
  }

 private:
  using Separators = detail::SeparatorSystem<T, n, ExecutionSpace>;
  static constexpr bool on_host = is_host_space<ExecutionSpace>;
  static constexpr bool in_lanes = on_host && n <= 8;  // beyond, the blocks of all lanes do not fit a first-level cache
  using Wide = std::conditional_t<in_lanes, KernelLanes<T, ExecutionSpace>, T>;
  static constexpr Index width = lane_count<Wide>;
  /// Long chunks reduce more at once, their W and y have to stay in a core's cache, on its stack.
  static constexpr Index longest = !on_host ? 2 : n <= 5 ? 32 : 16;
  static constexpr double reduce_flops = 32.0 / 3 * n * n * n + 12.0 * n * n, substitute_flops = 16.0 / 3 * n * n * n + 8.0 * n * n;

  /// Rows of a chunk: short where there are fewer rows than lanes could take.
  static Index chunk_of(Index rows) { return std::clamp<Index>((rows + width - 1) / width, 2, longest); }

  detail::EliminationReport eliminate(const ExecutionSpace& space, const System& system, const States& x) const {
    double growth = 0;
    for (std::size_t k = 0; k < levels_.size(); ++k) {
      const Separators& to = levels_[k];
      const System& from = k == 0 ? system : levels_[k - 1].system;
      const Index chunk = chunk_of(from.length()), groups = groups_of(to);
      growth = std::max(growth,
                        parallel_maximum("antler::blocks::reduce", space, groups, reduce_flops * static_cast<double>(chunk * width),
                                         detail::ReduceChunks<Wide, T, n, ExecutionSpace>{from, to, chunk}));
      parallel_for("antler::blocks::merge", space, to.system.length(), 2.0 * n * n,
                   detail::MergeSeparators<T, n, ExecutionSpace>{to});
    }
    const bool leveled = !levels_.empty();
    const double root = parallel_maximum("antler::blocks::root", space, 1, 0,
                                         detail::ReductionRoot<T, n, ExecutionSpace>{
                                             system, leveled ? levels_.back().system : system, leveled ? levels_.back().x : x});
    for (std::size_t k = levels_.size(); k-- > 0;) {
      const System& to = k == 0 ? system : levels_[k - 1].system;
      const Index chunk = chunk_of(to.length()), groups = groups_of(levels_[k]);
      parallel_for("antler::blocks::substitute", space, groups, substitute_flops * static_cast<double>(chunk * width),
                   detail::SubstituteChunks<Wide, T, n, ExecutionSpace, static_cast<int>(longest)>{
                       to, levels_[k].x, k == 0 ? x : levels_[k - 1].x, chunk});
    }
    return {growth, root};
  }

  static Index groups_of(const Separators& separators) { return detail::chunk_count(separators.system.length(), width); }

  Index length_;
  Ends ends_;
  detail::BlockMonitor<T, n, ExecutionSpace> monitor_;
  std::vector<Separators> levels_;
};

/// Solves block tridiagonal systems by cyclic reduction, in parallel over all block rows: an InverseOperator.
struct BlockCyclicReduction {
  template <class T, int n, class ExecutionSpace>
  [[nodiscard]] BlockCyclicReductionPlan<T, n, ExecutionSpace> plan(const ExecutionSpace& /*space*/, Index length,
                                                                    Ends ends = Ends::open) const {
    return BlockCyclicReductionPlan<T, n, ExecutionSpace>(length, ends);
  }
};

}  // namespace antler::inline ANTLER_LANES
