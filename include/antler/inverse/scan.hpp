// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/inverse/lagged_scan_plan.hpp"
#include "antler/inverse/scan_plan.hpp"

namespace antler::inline ANTLER_LANES {

/// The inverse of maps with A_i = 0: a copy.
struct NoRecursion {
  template <class T, int n, class ExecutionSpace>
  Status apply(const ExecutionSpace& space, const ZeroMaps<T, n, ExecutionSpace>& maps,
               const Trajectory<T, n, ExecutionSpace>& y) const {
    copy_rows<T, n>(space, maps.b, y);
    return Status::converged;
  }
};

/// The parallel scan as an inverse operator. `plan` makes the solver with its storage: a ScanPlan, or a LaggedScanPlan for several
/// lags.
struct ScanInverse {
  Index workers =
      0;  ///< chunks worked on at once; 0: as many as the execution space runs, and none where a thread team does not pay

  template <class T, int n, int lags = 1, class ExecutionSpace>
  [[nodiscard]] auto plan(const ExecutionSpace& space, Index length = 0) const {
    if constexpr (lags == 1) {
      return ScanPlan<T, n, ExecutionSpace>(space, workers);
    } else {
      return LaggedScanPlan<T, n, lags, ExecutionSpace>(space, length, workers);
    }
  }

  /// The same for maps of any structure.
  template <OneStepMaps Maps>
  [[nodiscard]] auto plan_for(const typename Maps::Space& space) const {
    if constexpr (std::is_same_v<Maps, ZeroMaps<typename Maps::Scalar, Maps::size, typename Maps::Space>>) {
      return NoRecursion{};
    } else {
      return StructuredScanPlan<Maps>(space, workers);
    }
  }
};

/// The default: the scan for one lag, which is never slower than the sweep; for several lags the sweep on a host, whose few cores
/// do not make up for the (n P)^2 / n times larger work of the companion matrices, and the scan on a device. On a host the sweep as
/// well for matrices of more than 64 columns, whose compositions cost as many sweeps.
struct AutomaticInverse {
  static constexpr int most_columns = 64;

  template <class T, int n, int lags = 1, class ExecutionSpace>
  [[nodiscard]] auto plan(const ExecutionSpace& space, Index length = 0) const {
    if constexpr ((lags > 1 || n > most_columns) && is_host_space<ExecutionSpace>) {
      return SequentialInverse{};
    } else {
      return ScanInverse{}.plan<T, n, lags>(space, length);
    }
  }

  /// The same for maps of any structure.
  template <OneStepMaps Maps>
  [[nodiscard]] auto plan_for(const typename Maps::Space& space) const {
    if constexpr (Maps::columns > most_columns && is_host_space<typename Maps::Space>) {
      return SequentialInverse{};
    } else {
      return ScanInverse{}.plan_for<Maps>(space);
    }
  }
};

}  // namespace antler::inline ANTLER_LANES
