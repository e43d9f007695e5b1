// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The adjoint of collocation on a fixed mesh. With Q_k and A_i of the linearised step (collocation_linearization.hpp),
///
///     lambda_i = A_i^T lambda_{i+1} + l_i,     dLoss/dtheta = sum_i sum_k f_k,theta^T (Q_k lambda_{i+1}):
///
/// one transposed scan, and one product with a covector per stage.

#include <optional>

#include "antler/sensitivity/collocation_linearization.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Kernel, one step per call: its stages' (t_k, Y_k) and mu_k = Q_k lambda.
template <class T, int n, class Method, class ExecutionSpace>
struct StageCovectors {
  static constexpr int s = Method::stages;

  SolvedSteps<T, n, Method, ExecutionSpace> steps;
  StageWeights<T, n, s, ExecutionSpace> weights;
  Covectors<T, T, n, 1, ExecutionSpace> lambda;
  PointArguments<T, n, ExecutionSpace> points;  // out
  Trajectory<T, n, ExecutionSpace> mu;          // out

  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    const auto step = steps.template stages<T>(i);
    const Vector<T, n> covector = lambda(i);
    for (int k = 0; k < s; ++k) {
      points.times(i * s + k) = static_cast<double>(step.times[k]);
      scatter_row(step.values[k], points.states, i * s + k);
      for (int r = 0; r < n; ++r) {
        T sum(0);
        for (int c = 0; c < n; ++c) sum += weights(i, k * n + r, c) * covector[c];
        mu(i * s + k, r) = sum;
      }
    }
  }
};

/// The windows of a gradient through collocation. Allocates in its constructor, and for the first window of another length.
template <class F, class T, int n, class Method, class Inverse, class ExecutionSpace>
class CollocationAdjoint {
  static constexpr int s = Method::stages, parameters = parameter_count_of<F>(), pass = directions_per_pass(parameters);
  using Linearized = CollocationLinearization<F, T, n, Method, ExecutionSpace>;
  using U = typename Linearized::U;
  static constexpr bool hand_written = BringsPullback<F, U, n>;
  static constexpr Index columns = hand_written ? parameters : parameters > 0 ? pass : 0;
  using System = TransposedSystem<T, n, 1, Inverse, ExecutionSpace>;
  using Points = PointArguments<T, n, ExecutionSpace>;
  using Sums = ChunkedSums<U, ExecutionSpace>;

  static constexpr Index points_of(Index steps) { return parameters > 0 ? steps * s : 0; }

  struct Storage {
    System system;
    Linearized steps;
    Points points;
    Trajectory<T, n, ExecutionSpace> mu;

    Storage(const ExecutionSpace& space, const Inverse& inverse, Index length)
        : system(space, inverse, length),
          steps(length),
          points(points_of(length)),
          mu(allocate<Trajectory<T, n, ExecutionSpace>>("antler::sensitivity::mu", points_of(length))) {}
  };

 public:
  static std::size_t fixed_bytes() { return Sums::required_bytes(columns, parameters); }
  static std::size_t window_bytes(Index steps) {
    const std::size_t loss = is_host_space<ExecutionSpace> ? 0 : sizeof(Vector<T, n>);
    return System::required_bytes(steps) + Linearized::required_bytes(steps) + Points::required_bytes(points_of(steps)) +
           static_cast<std::size_t>(points_of(steps)) * n * sizeof(T) + static_cast<std::size_t>(steps) * loss;
  }

  CollocationAdjoint(const ExecutionSpace& space, const F& f, const Inverse& inverse)
      : space_(space), f_(f), inverse_(inverse), sums_(space, columns, parameters) {}

  /// Steps first .. first + count - 1, counted from 1; `loss` has count rows or none. @param carried  in and out: what the steps
  /// behind the window send to its last state, and what it sends to its first
  Status window(Index first, Index count, const Solution<T, n>& solution, std::span<const Vector<T, n>> loss,
                Kokkos::Array<Vector<T, n>, 1>& carried, const Options& options, Statistics& statistics,
                const SourceLocation& where) {
    if (!storage_ || storage_->system.steps() != count) storage_.emplace(space_, inverse_, count);
    auto& [system, steps, points, mu] = *storage_;
    const Status linearized = steps.linearize(space_, f_, solution, first, system.maps(), options, statistics, where);
    if (linearized != Status::converged) return linearized;

    const Stopwatch inversion;
    const Status solved = solve_backwards(space_, system, visible_to(space_, loss), carried);
    if (solved != Status::converged) return solved;
    statistics.inverse_seconds += inversion.seconds();

    if constexpr (parameters > 0) {
      const Stopwatch products;
      parallel_for("antler::sensitivity::stages", space_, count, 2.0 * s * n * (n + 4),
                   StageCovectors<T, n, Method, ExecutionSpace>{
                       steps.steps(), steps.weights(), {system.maps(), system.lambda()}, points, mu});
      const PointCovectors<U, T, n, ExecutionSpace> covectors{mu};
      const Index blocks = (count * s + lane_count<U> - 1) / lane_count<U>;
      const double flops = (10.0 * n * (pass + 1) + 4.0 * parameters) * lane_count<U>;
      if constexpr (hand_written) {
        sum_by_pullback<U>(space_, f_, points, covectors, blocks, flops, 0, sums_);
      } else {
        sum_along_parameters<U, pass>(space_, f_, points, covectors, blocks, flops, sums_);
      }
      statistics.evaluation_seconds += products.seconds();
    }
    return Status::converged;
  }

  [[nodiscard]] std::vector<T> parameter_gradient() const { return sums_.template totals<T>(); }

 private:
  ExecutionSpace space_;
  F f_;
  Inverse inverse_;
  Sums sums_;
  std::optional<Storage> storage_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
