// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The collocation equations of a delay equation on a mesh as the nonlinear system of deer/newton.hpp. Unknowns are the nodes
/// y_0 .. y_N, of which y_0 is given, and the stage increments Z of every step; the delayed states are interpolated from them
/// (delay_links.hpp). One iteration:
///
///   linearize   every step by itself: P, S and B of DelayMaps, and the weighted norm of P (the residual, in units of y)
///   solve       d and dZ by the inverse operator
///   advance     y += d, Z += dZ

#include <cmath>

#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"
#include "antler/core/stopwatch.hpp"
#include "antler/discretization/delay_kernels.hpp"

namespace antler::inline ANTLER_LANES {

/// A NewtonSystem: collocation of a delay equation on a mesh, a window of steps at a time.
/// @tparam P        delays
/// @tparam Inverse  the plan of an inverse operator for DelayMaps
template <class F, class T, int n, class Method, int P, class Inverse, class ExecutionSpace>
class DelayCollocationSystem {
  using Rows = detail::DelayRows<T, n, Method, P, ExecutionSpace>;
  using U = std::conditional_t<accepts_lanes<F>(), KernelLanes<T, ExecutionSpace>, T>;
  static constexpr int width = lane_count<U>, s = Method::stages, inner = Rows::inner;

 public:
  using Maps = typename Rows::Maps;

  static std::size_t required_bytes(Index steps, Index window) {
    return static_cast<std::size_t>(steps + 1) *
               (sizeof(double) + (sizeof(Index) + 2 * s * sizeof(T)) * Rows::Q + sizeof(T) * (Rows::Q * n + n + inner)) +
           static_cast<std::size_t>(window) * sizeof(T) * (Maps::numbers + 2 * (inner + n) + 1 + n * n + 2 * n);
  }

  DelayCollocationSystem(const ExecutionSpace& space, const F& f, Inverse& inverse, const Rows& mesh, Index capacity,
                         const Options& options)
      : space_(space), f_(f), inverse_(inverse), weights_(options), rows_(mesh) {
    all_ = Maps::allocated("antler::delay::maps", capacity);
    all_.links = mesh.maps.links;
    all_.latest = mesh.maps.latest;
    for (int k = 0; k < s; ++k) all_.v[static_cast<std::size_t>(k)] = static_cast<T>(Method::v(k));
    all_change_ = allocate<typename Maps::Solution>("antler::delay::change", capacity);
    best_ = allocate<typename Maps::Solution>("antler::delay::best", capacity);
    all_norms_ = allocate<Kokkos::View<T*, typename ExecutionSpace::memory_space>>("antler::delay::norms", capacity);
  }

  /// The unknowns are from now on the steps first .. first + count - 1 of the mesh; those before them are known.
  void begin(Index first, Index count) {
    rows_.maps = all_.leading(count);
    rows_.maps.first = first;
    rows_.change = leading_rows(all_change_, count);
    rows_.norm_square = leading_rows(all_norms_, count);
    last_update_ = 0;
  }

  double linearize(Statistics& statistics) {
    const Stopwatch assembly;
    const double flops = s * 20.0 * n * n * (1 + P) + 2.0 * inner * inner * (inner / 3.0 + 1 + n + Rows::Q * n);
    parallel_for("antler::delay::linearize", space_, (steps() + width - 1) / width, width * flops,
                 detail::LinearizeDelaySteps<U, F, T, n, Method, P, ExecutionSpace>{f_, rows_, weights_});
    statistics.function_evaluations += s * steps();
    statistics.jacobian_evaluations += s * steps();
    statistics.factorisations += steps();
    const double residual = largest_norm();
    statistics.assembly_seconds += assembly.seconds();
    if (!is_finite(residual)) find_failure(statistics);
    return residual;
  }

  Status solve(Statistics& statistics) {
    const Stopwatch inversion;
    const Status status = inverse_.apply(space_, rows_.maps, rows_.change);
    parallel_for("antler::delay::change", space_, steps(), 10.0 * inner,
                 detail::NormOfDelayChange<T, n, Method, P, ExecutionSpace>{rows_, weights_});
    last_update_ = largest_norm();
    statistics.inverse_seconds += inversion.seconds();
    return status;
  }

  [[nodiscard]] double update_norm() const { return last_update_; }

  void advance() {
    const Rows rows = rows_;
    parallel_for(
        "antler::delay::advance", space_, steps(), inner + n, KOKKOS_LAMBDA(const Index i) {
          const Index row = rows.maps.first + i;
          for (int r = 0; r < inner; ++r) rows.z(row, r) += rows.change(i, r);
          for (int c = 0; c < n; ++c) rows.y(row + 1, c) += rows.change(i, inner + c);
        });
  }
  void keep() {
    const Rows rows = rows_;
    const auto best = best_;
    parallel_for(
        "antler::delay::keep", space_, steps(), inner + n, KOKKOS_LAMBDA(const Index i) {
          const Index row = rows.maps.first + i;
          for (int r = 0; r < inner; ++r) best(i, r) = rows.z(row, r);
          for (int c = 0; c < n; ++c) best(i, inner + c) = rows.y(row + 1, c);
        });
  }
  void restore() {
    const Rows rows = rows_;
    const auto best = best_;
    parallel_for(
        "antler::delay::restore", space_, steps(), inner + n, KOKKOS_LAMBDA(const Index i) {
          const Index row = rows.maps.first + i;
          for (int r = 0; r < inner; ++r) rows.z(row, r) = best(i, r);
          for (int c = 0; c < n; ++c) rows.y(row + 1, c) = best(i, inner + c);
        });
  }

  // Public for device compilers: their lambdas must not stand in private functions.

  /// The largest of the norms that a kernel left; infinite when one is not finite.
  [[nodiscard]] double largest_norm() const {
    const auto squares = rows_.norm_square;
    return std::sqrt(parallel_maximum(
        "antler::delay::norm", space_, steps(), 1, KOKKOS_LAMBDA(const Index i) { return static_cast<double>(squares(i)); }));
  }
  /// The first step of the window whose residual is not finite.
  void find_failure(Statistics& statistics) const {
    const auto squares = rows_.norm_square;
    const Index count = steps();
    const double left = parallel_maximum(
        "antler::delay::first_failure", space_, count, 1,
        KOKKOS_LAMBDA(const Index i) { return is_finite(squares(i)) ? 0.0 : static_cast<double>(count - i); });
    if (left > 0) statistics.first_failure = count - static_cast<Index>(left);
  }

 private:
  [[nodiscard]] Index steps() const { return rows_.steps(); }

  ExecutionSpace space_;
  F f_;
  Inverse& inverse_;
  detail::LaneWeights<T, n> weights_;
  Rows rows_;
  Maps all_;
  typename Maps::Solution all_change_, best_;
  Kokkos::View<T*, typename ExecutionSpace::memory_space> all_norms_;
  double last_update_ = 0;
};

}  // namespace antler::inline ANTLER_LANES
