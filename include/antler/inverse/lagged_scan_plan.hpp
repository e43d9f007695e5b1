// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/inverse/scan_plan.hpp"

namespace antler::inline ANTLER_LANES {

/// The scan over several lags: Y_i = (y_i, ..., y_{i-P+1}) obeys a one-step recursion with the block companion matrices
///
///     [A_1 A_2 ... A_P]
///     [ I   0  ...  0 ]
///     [     I  ...  0 ],   (b_i, 0, ..., 0).
///
/// @note Work O(N (n P)^3) against O(N P n^2) of the sequential inverse, memory N (n P)^2 scalars: for machines with many workers.
template <class T, int n, int lags, class ExecutionSpace>
class LaggedScanPlan {
  static constexpr int m = n * lags;

 public:
  using Maps = LaggedMaps<T, n, lags, ExecutionSpace>;
  using States = Trajectory<T, n, ExecutionSpace>;

  static std::size_t required_bytes(Index length) { return static_cast<std::size_t>(length) * m * (m + 2) * sizeof(T); }
  [[nodiscard]] std::size_t required_bytes() const { return required_bytes(companion_.length()); }

  LaggedScanPlan(const ExecutionSpace& space, Index length, Index workers = 0) : scan_(space, workers) {
    companion_.A = allocate<Matrices<T, m, ExecutionSpace>>("antler::scan::companion", length);
    companion_.b = allocate<Trajectory<T, m, ExecutionSpace>>("antler::scan::companion", length);
    stacked_ = allocate<Trajectory<T, m, ExecutionSpace>>("antler::scan::stacked", length);
  }

  /// Solves y_i = sum_p A_p,i y_{i-p} + b_i with y_i = 0 for i < 0; maps of the length that the plan was made for.
  Status apply(const ExecutionSpace& space, const Maps& maps, const States& y,
               const SourceLocation& where = SourceLocation::current()) const {
    require(maps.length() == companion_.length(), "the maps must have the length that the scan was planned for", where);
    detail::require_matching<ExecutionSpace>(maps, y, where);
    const auto companion = companion_;
    const auto stacked = stacked_;
    parallel_for(
        "antler::scan::companion", space, maps.length(), m * m, KOKKOS_LAMBDA(const Index i) {
          for (int r = 0; r < m; ++r) {
            for (int c = 0; c < m; ++c)
              companion.A(i, r, c) = r < n ? maps.A[static_cast<size_t>(c / n)](i, r, c % n) : T(c == r - n ? 1 : 0);
            companion.b(i, r) = r < n ? maps.b(i, r) : T(0);
          }
        });
    const Status status = scan_.apply(space, companion, stacked);
    parallel_for(
        "antler::scan::unstack", space, maps.length(), n, KOKKOS_LAMBDA(const Index i) {
          for (int c = 0; c < n; ++c) y(i, c) = stacked(i, c);
        });
    return status;
  }

 private:
  ScanPlan<T, m, ExecutionSpace> scan_;
  AffineMaps<T, m, ExecutionSpace> companion_;
  Trajectory<T, m, ExecutionSpace> stacked_;
};

}  // namespace antler::inline ANTLER_LANES
