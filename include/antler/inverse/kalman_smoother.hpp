// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The damped inverse of a one-step recursion, by a Kalman smoother [Rauch1965; Gonzalez2024, sec. 4]: the trajectory d that
/// minimises
///
///     1/2 sum_t |W (d_t - A_t d_{t-1} - b_t)|^2 + lambda/2 sum_t |W d_t|^2,     d_{-1} = 0,
///
/// is the mean of d_t = A_t d_{t-1} + b_t + noise given observations 0 = d_t + noise / sqrt(lambda). In coordinates in which W = I
/// the filter goes forward, from m = 0, P = 0,
///
///     M = A_t P A_t^T + I,   S_t = (I + lambda M)^{-1},   m_t = S_t (A_t m + b_t),   P_t = S_t M,
///
/// and the smoother backward, from u = 0 behind the last point,
///
///     d_t = m_t + P_t u_t,   w_t = S_t u_t - lambda m_t,   u_{t-1} = A_t^T w_t.
///
/// w_t is the residual d_t - A_t d_{t-1} - b_t at the solution. Rauch, Tung and Striebel carry d itself backward, which takes the
/// inverse of M; here I + lambda M is all that is inverted, well conditioned whatever lambda is, since lambda P <= 1. As lambda
/// goes to 0, S becomes the identity and m the sweep over the affine maps. Where maps amplify, P grows to 1 / lambda, and the
/// solution carries a relative error of up to eps |A|^2 / lambda, as that of the normal equations does.
///
/// Estimate::filtered leaves the way back aside: d = m and w_t = m_t - A_t m_{t-1} - b_t, without storage per point. That is no
/// minimiser, but causal: what comes later in time does not change d_t, and it is what the published code of [Gonzalez2024]
/// computes.
///
/// In parallel (the scan of [Sarkka2021] in three phases):
///
///   1. each worker composes the steps of its chunk to a FilterElement
///   2. over the chunks: beliefs (m, P) before each, forward; then u behind each, backward
///   3. each worker filters and smooths its chunk between the two
///
/// What differs from the paper: its smoother has associative elements of its own, of which the suffix scan needs L and E per step;
/// the elements of the filter carry the adjoint backward as well, so that one composition serves both directions.

#include <algorithm>
#include <vector>

#include "antler/core/status.hpp"
#include "antler/inverse/smoother_kernels.hpp"

namespace antler::inline ANTLER_LANES {

/// The storage of a smoother for trajectories up to one length. Allocates in its constructor only.
/// @tparam Blocks  DenseBlocks<T, n> or DiagonalBlocks<T, n>
template <class Blocks, class ExecutionSpace>
class KalmanSmootherPlan {
 public:
  using T = typename Blocks::T;
  static constexpr int n = Blocks::n;
  using Array = typename Blocks::template Array<ExecutionSpace>;
  using States = Trajectory<T, n, ExecutionSpace>;

  /// Bytes that the constructor allocates for `points` points, those of the chunks left aside.
  static std::size_t required_bytes(Index points, Estimate estimate = Estimate::smoothed) {
    const std::size_t numbers = estimate == Estimate::smoothed ? 2 * Blocks::numbers + n : 0;
    return static_cast<std::size_t>(points) * numbers * sizeof(T);
  }

  /// @param length    most points of a trajectory
  /// @param workers   chunks that are worked on at once; 0: as many as the execution space runs, and one where a team does not pay
  /// @param estimate  smoothed: the minimiser; filtered: m in its place, which needs no storage per point
  KalmanSmootherPlan(const ExecutionSpace& space, Index length, Index workers = 0, Estimate estimate = Estimate::smoothed)
      : length_(length),
        workers_(workers > 0 ? workers : std::min(concurrency(space), most_chunks)),
        forced_(workers > 0),
        estimate_(estimate) {
    if (estimate == Estimate::smoothed) {
      filtered_ = Beliefs(length, "antler::smoother::filtered");
      S_ = allocate<Array>("antler::smoother::S", length);
    }
    for (Index chunks = workers_; chunks > 1; chunks /= chunk_length) levels_.emplace_back(chunks);
  }

  /// Solves the least-squares problem above.
  ///
  /// @param A        matrices, one per point
  /// @param b        right-hand sides, shape (N, n)
  /// @param penalty  lambda and W
  /// @param d        out: the solution, shape (N, n); must not alias b
  /// @param w        out: the residual d_t - A_t d_{t-1} - b_t at the solution, shape (N, n); must not alias b
  /// @return         Status::converged; values that are not finite spread to all rows
  /// @throws InvalidArgument  the lengths differ or exceed the plan's; lambda is not positive and finite, a weight is not
  /// @note Dense: work about 9 N n^3 multiplications with one worker, 25 N n^3 with several; memory N (2 n^2 + n) scalars.
  /// Diagonal:
  ///       O(N n), 3 N n scalars. Depth O(N / workers + workers). Any number of workers gives the same result to rounding, the same
  ///       number the same bits.
  Status apply(const ExecutionSpace& space, const Array& A, const States& b, const Penalty<T, n>& penalty, const States& d,
               const States& w, const SourceLocation& where = SourceLocation::current()) const {
    require_usable(A, b, penalty, d, w, where);
    const Index length = static_cast<Index>(b.extent(0)), chunks = chunk_count(length);
    const Steps steps(A, b, penalty);
    Ends ends;
    if (chunks > 1) {
      launch("antler::smoother::compose", space,
             detail::ComposeSteps<Blocks, ExecutionSpace>{steps, levels_.front().elements, {length, chunks}});
      spread(space, chunks, 0);
      ends = levels_.front().ends;
    }
    launch("antler::smoother::sweep", space,
           detail::SweepSteps<Blocks, ExecutionSpace>{steps, filtered_, S_, ends, d, w, estimate_, {length, chunks}});
    return Status::converged;
  }

 private:
  using Steps = detail::WeighedSteps<Blocks, ExecutionSpace>;
  using Beliefs = detail::BeliefArray<Blocks, ExecutionSpace>;
  using Ends = detail::ChunkEnds<Blocks, ExecutionSpace>;

  struct Level {
    detail::ElementArray<Blocks, ExecutionSpace> elements;
    Ends ends;
    explicit Level(Index chunks) : elements(chunks), ends(chunks) {}
    [[nodiscard]] Index capacity() const { return static_cast<Index>(elements.b.extent(0)); }
  };

  static constexpr Index most_chunks = 16384;  // enough threads to fill a device
  static constexpr Index chunk_length = 32;    // elements per thread below which a level is not worth its launches
  static constexpr double step_flops = 12 * Blocks::product_flops;  // of filter and smoother

  [[nodiscard]] Index chunk_count(Index length) const {
    if (length <= 1) return 1;
    if (forced_) return std::min(workers_, length);
    if constexpr (is_host_space<ExecutionSpace>) {
      return step_flops * static_cast<double>(length) < team_threshold_flops ? 1 : std::min(workers_, length);
    } else {
      return std::clamp<Index>(length / chunk_length, 1, workers_);
    }
  }

  /// Phase 2 for the `count` elements of a level: a level above shares out their chunks, else one thread walks over them.
  void spread(const ExecutionSpace& space, Index count, std::size_t level) const {
    using Spread = detail::SpreadElements<Blocks, ExecutionSpace>;
    const Level& own = levels_[level];
    const Index chunks = level + 1 < levels_.size() ? std::min(levels_[level + 1].capacity(), count / chunk_length) : 1;
    if (chunks <= 1) {
      launch("antler::smoother::serial", space, Spread{own.elements, own.ends, {}, {count, 1}});
      return;
    }
    const Level& above = levels_[level + 1];
    launch("antler::smoother::compose_elements", space,
           detail::ComposeElements<Blocks, ExecutionSpace>{own.elements, above.elements, {count, chunks}});
    spread(space, chunks, level + 1);
    launch("antler::smoother::spread", space, Spread{own.elements, own.ends, above.ends, {count, chunks}});
  }

  /// One call per chunk, on as many threads as there are chunks.
  template <class Kernel>
  static void launch(const char* label, const ExecutionSpace& space, const Kernel& kernel) {
    const double items = static_cast<double>(kernel.chunks.length) / static_cast<double>(kernel.chunks.count);
    parallel_for(label, space, kernel.chunks.count, items * step_flops, kernel);
  }

  void require_usable(const Array& A, const States& b, const Penalty<T, n>& penalty, const States& d, const States& w,
                      const SourceLocation& where) const {
    require(A.extent(0) == b.extent(0) && d.extent(0) == b.extent(0) && w.extent(0) == b.extent(0),
            "the smoother needs as many matrices as right-hand sides, and trajectories d and w with one row for each", where);
    require(static_cast<Index>(b.extent(0)) <= length_, "the trajectory is longer than the smoother's plan: plan for the longest",
            where);
    require(is_finite(penalty.lambda) && penalty.lambda > 0,
            "lambda must be positive and finite: without damping use ScanInverse, which solves the recursion itself", where);
    for (int c = 0; c < n; ++c)
      require(is_finite(penalty.weights[c]) && penalty.weights[c] > 0,
              "every weight of the smoother must be positive and finite: give 1 to components that need no scaling", where);
  }

  Index length_, workers_;
  bool forced_;
  Estimate estimate_;
  Beliefs filtered_;
  Array S_;
  std::vector<Level> levels_;
};

}  // namespace antler::inline ANTLER_LANES
