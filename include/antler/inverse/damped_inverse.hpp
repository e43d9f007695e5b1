// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/inverse/kalman_smoother.hpp"

namespace antler::inline ANTLER_LANES {

/// The inverse operator of a Levenberg-Marquardt step: with lambda > 0 the Kalman filter or smoother, with lambda = 0 the recursion
/// itself.
///
/// @tparam Scan  what solves the recursion: the plan of ScanInverse or SequentialInverse
template <class Blocks, class Scan, class ExecutionSpace>
class DampedInverse {
 public:
  using T = typename Blocks::T;
  static constexpr int n = Blocks::n;
  using Smoother = KalmanSmootherPlan<Blocks, ExecutionSpace>;
  using States = Trajectory<T, n, ExecutionSpace>;

  /// Bytes that the constructor allocates for `points` points.
  static std::size_t required_bytes(Index points, Estimate estimate) {
    return Smoother::required_bytes(points, estimate) + static_cast<std::size_t>(points) * n * sizeof(T);
  }

  /// @param points  most points of a trajectory
  DampedInverse(const ExecutionSpace& space, Scan scan, Index points, Estimate estimate)
      : scan_(std::move(scan)),
        smoother_(space, points, 0, estimate),
        predicted_(allocate<States>("antler::damped::predicted", points)) {}

  /// lambda and the weights of the solutions from now on; lambda = 0: no damping.
  void damp(const Penalty<T, n>& penalty) { penalty_ = penalty; }
  [[nodiscard]] const Penalty<T, n>& penalty() const { return penalty_; }

  /// Solves d_t = A_t d_{t-1} + b_t with d_{-1} = 0, or its damped form. @see KalmanSmootherPlan
  template <class Maps>
  Status apply(const ExecutionSpace& space, const Maps& maps, const States& d) {
    if (penalty_.lambda == 0) return scan_.apply(space, maps, d);
    return smoother_.apply(space, maps.A, maps.b, penalty_, d, predicted_);
  }

  /// d_t - A_t d_{t-1} - b_t for the last damped solution d: minus what the linear model expects the residual to be.
  [[nodiscard]] const States& linear_residual() const { return predicted_; }

 private:
  Scan scan_;
  Smoother smoother_;
  States predicted_;
  Penalty<T, n> penalty_{T(0)};
};

}  // namespace antler::inline ANTLER_LANES
