// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/inverse/kalman_smoother.hpp"
#include "antler/inverse/scan.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The smoother's blocks for the matrices of maps.
template <class Maps>
struct SmootherBlocks;
template <class T, int n, class ExecutionSpace>
struct SmootherBlocks<AffineMaps<T, n, ExecutionSpace>> {
  using type = DenseBlocks<T, n>;
  static const auto& matrices(const AffineMaps<T, n, ExecutionSpace>& maps) { return maps.A; }
};
template <class T, int n, class ExecutionSpace>
struct SmootherBlocks<DiagonalMaps<T, n, ExecutionSpace>> {
  using type = DiagonalBlocks<T, n>;
  static const auto& matrices(const DiagonalMaps<T, n, ExecutionSpace>& maps) { return maps.a; }
};

}  // namespace detail

/// The inverse operator of a Levenberg-Marquardt step: with lambda > 0 the Kalman filter or smoother, with lambda = 0 the recursion
/// itself.
///
/// @tparam Maps  AffineMaps or DiagonalMaps: the smoother is then dense, or n scalar ones
/// @tparam Scan  what solves the recursion
template <class Maps, class Scan = StructuredScanPlan<Maps>>
class DampedInverse {
  using Blocks = detail::SmootherBlocks<Maps>;

 public:
  using T = typename Maps::Scalar;
  static constexpr int n = Maps::size;
  using ExecutionSpace = typename Maps::Space;
  using Smoother = KalmanSmootherPlan<typename Blocks::type, ExecutionSpace>;
  using States = Trajectory<T, n, ExecutionSpace>;

  /// Bytes that the constructor allocates for `points` points.
  static std::size_t required_bytes(Index points, Estimate estimate) {
    return Smoother::required_bytes(points, estimate) + static_cast<std::size_t>(points) * n * sizeof(T);
  }

  /// @param points  most points of a trajectory
  DampedInverse(const ExecutionSpace& space, Scan scan, Index points, Estimate estimate)
      : scan_(std::move(scan)),
        smoother_(space, points, 0, estimate),
        all_predicted_(allocate<States>("antler::damped::predicted", points)) {}

  /// lambda and the weights of the solutions from now on; lambda = 0: no damping.
  void damp(const Penalty<T, n>& penalty) { penalty_ = penalty; }
  [[nodiscard]] const Penalty<T, n>& penalty() const { return penalty_; }

  /// Solves d_t = A_t d_{t-1} + b_t with d_{-1} = 0, or its damped form. @see KalmanSmootherPlan
  Status apply(const ExecutionSpace& space, const Maps& maps, const States& d) {
    right_ = maps.b;
    predicted_ = leading_rows(all_predicted_, maps.length());
    if (penalty_.lambda == 0) return scan_.apply(space, maps, d);
    return smoother_.apply(space, Blocks::matrices(maps), maps.b, penalty_, d, predicted_);
  }

  /// b_t of the maps that it was applied to last: their own memory, which shows what is written there later.
  [[nodiscard]] const States& right_hand_side() const { return right_; }
  /// d_t - A_t d_{t-1} - b_t for the last damped solution d: minus what the linear model expects the residual to be.
  [[nodiscard]] const States& linear_residual() const { return predicted_; }

 private:
  Scan scan_;
  Smoother smoother_;
  States all_predicted_, predicted_, right_;
  Penalty<T, n> penalty_{T(0)};
};

}  // namespace antler::inline ANTLER_LANES
