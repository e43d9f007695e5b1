// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The collocation equations on a fixed mesh as the nonlinear system of deer/newton.hpp. Unknowns are the nodes y_0 .. y_N, of
/// which y_0 is given, and the stage increments Z of every step. One iteration:
///
///   linearize   every step by itself: P and its weighted norm (the residual, in units of y), the affine map (A, b)
///   solve       d_{i+1} = A_i d_i + b_i by the inverse operator, then dZ = P + S d
///   advance     y += d, Z += dZ

#include <cmath>

#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"
#include "antler/core/stopwatch.hpp"
#include "antler/discretization/team_kernels.hpp"

namespace antler::inline ANTLER_LANES {

/// A NewtonSystem: up to `capacity` steps of collocation, and the inverse of their linearisation.
/// @tparam Newton   SimplifiedNewton or ExactNewton
/// @tparam Inverse  the plan of an inverse operator for AffineMaps
template <class F, class T, int n, class Method, class Newton, class Inverse, class ExecutionSpace>
class CollocationSystem {
  using Rows = detail::CollocationRows<T, n, Method, ExecutionSpace>;
  using Plan = typename Newton::template Plan<T, n, Method, ExecutionSpace>;
  using States = typename Rows::States;
  using StageView = typename Rows::StageView;
  using Norms = Kokkos::View<T*, typename ExecutionSpace::memory_space>;
  using U = std::conditional_t<accepts_lanes<F>(), KernelLanes<T, ExecutionSpace>, T>;
  static constexpr int width = lane_count<U>, s = Method::stages;
  static constexpr bool in_teams = std::is_same_v<Newton, SimplifiedNewton> && detail::shares_steps<F, n, ExecutionSpace>;

 public:
  static std::size_t required_bytes(Index steps) {
    return static_cast<std::size_t>(steps + 1) * sizeof(T) *
           static_cast<std::size_t>(4 * n + 3 * s * n + n * n + 1 + Plan::numbers_per_step);
  }

  CollocationSystem(const ExecutionSpace& space, const F& f, Inverse& inverse, Index capacity, const Options& options)
      : space_(space), f_(f), inverse_(inverse), weights_(options), plan_(capacity) {
    all_.y = allocate<States>("antler::collocation::y", capacity + 1);
    best_y_ = allocate<States>("antler::collocation::best", capacity + 1);
    all_.d = allocate<States>("antler::collocation::d", capacity);
    all_.z = allocate<StageView>("antler::collocation::z", capacity);
    all_.change = allocate<StageView>("antler::collocation::change", capacity);
    best_z_ = allocate<StageView>("antler::collocation::best", capacity);
    all_.maps.A = allocate<Matrices<T, n, ExecutionSpace>>("antler::collocation::A", capacity);
    all_.maps.b = allocate<States>("antler::collocation::b", capacity);
    all_.norm_square = allocate<Norms>("antler::collocation::norms", capacity);
  }

  /// Begins a window of times.extent(0) - 1 steps, at most the capacity; its guess is then to be written to nodes() and
  /// increments(). Allocates nothing.
  void begin(const Kokkos::View<const double*, typename ExecutionSpace::memory_space>& times) {
    const auto steps = times.extent(0) - 1;
    rows_.times = times;
    rows_.y = States(all_.y.data(), steps + 1);
    rows_.d = States(all_.d.data(), steps);
    rows_.z = StageView(all_.z.data(), steps);
    rows_.change = StageView(all_.change.data(), steps);
    rows_.maps.A = Matrices<T, n, ExecutionSpace>(all_.maps.A.data(), steps);
    rows_.maps.b = States(all_.maps.b.data(), steps);
    rows_.norm_square = Norms(all_.norm_square.data(), steps);
    anew_ = true;
    last_update_ = 0;
  }
  [[nodiscard]] const States& nodes() const { return rows_.y; }
  [[nodiscard]] const StageView& increments() const { return rows_.z; }
  /// The arrays of the window, and what the iteration keeps per step: for error estimates.
  [[nodiscard]] const Rows& rows() const { return rows_; }
  [[nodiscard]] const Plan& plan() const { return plan_; }

  double linearize(Statistics& statistics) {
    const Stopwatch assembly;
    if constexpr (in_teams) {
      detail::linearize_shared_steps(space_, f_, plan_, rows_, weights_, anew_);
    } else {
      const double flops = 30.0 * s * n + (anew_ ? 20.0 * n * n + 12.0 * n * n * n : 10.0 * n * n);
      parallel_for("antler::collocation::linearize", space_, blocks(), width * flops,
                   detail::LinearizeSteps<U, T, n, Method, F, Plan, ExecutionSpace>{f_, plan_, rows_, weights_, anew_});
    }
    statistics.function_evaluations += s * steps();
    if (anew_) {
      statistics.jacobian_evaluations += Plan::jacobians_per_step * steps();
      statistics.factorisations += steps();
    }
    const double residual = largest_norm();
    statistics.assembly_seconds += assembly.seconds();
    singular_ = false;
    if (is_finite(residual)) return residual;
    // f was finite and a matrix had no inverse, or a number overflowed on the way: solve() says so.
    singular_ = !find_non_finite(statistics);
    return singular_ ? overflow : residual;
  }

  Status solve(Statistics& statistics) {
    if (singular_) return Status::singular;
    const Stopwatch inversion;
    const Status status = inverse_.apply(space_, rows_.maps, rows_.d);
    parallel_for("antler::collocation::change", space_, blocks(), width * (20.0 * n * n + 20.0 * n),
                 detail::ChangeStages<U, T, n, Method, Plan, ExecutionSpace>{plan_, rows_, weights_});
    const double update = largest_norm();
    // The first contraction is unknown until there are two updates: until then Jacobians are cheap insurance.
    anew_ = !Plan::keeps_factors || !(last_update_ > 0 && update < slow * last_update_);
    last_update_ = update;
    statistics.inverse_seconds += inversion.seconds();
    return status;
  }

  [[nodiscard]] double update_norm() const { return last_update_; }

  void advance() {
    const Rows rows = rows_;
    parallel_for(
        "antler::collocation::advance", space_, steps(), 2.0 * n * (s + 1), KOKKOS_LAMBDA(const Index i) {
          for (int c = 0; c < n; ++c) rows.y(i + 1, c) += rows.d(i, c);
          for (int c = 0; c < s * n; ++c) rows.z(i, c) += rows.change(i, c);
        });
  }

  void keep() {
    copy_rows<T, n>(space_, rows_.y, States(best_y_.data(), rows_.y.extent(0)));
    copy_rows<T, s * n>(space_, rows_.z, StageView(best_z_.data(), rows_.z.extent(0)));
  }
  void restore() {
    copy_rows<T, n>(space_, States(best_y_.data(), rows_.y.extent(0)), rows_.y);
    copy_rows<T, s * n>(space_, StageView(best_z_.data(), rows_.z.extent(0)), rows_.z);
  }

  // Public for device compilers: their lambdas must not stand in private functions.

  /// The largest of the norms that a kernel left; infinite when one is not finite.
  [[nodiscard]] double largest_norm() const {
    const Norms squares = rows_.norm_square;
    return std::sqrt(parallel_maximum(
        "antler::collocation::norm", space_, steps(), 1, KOKKOS_LAMBDA(const Index i) { return static_cast<double>(squares(i)); }));
  }

  /// Sets statistics.first_failure to the first step on which f or its Jacobian is not finite; false when there is none.
  bool find_non_finite(Statistics& statistics) const {
    const detail::FindNonFinite<T, n, Method, F, ExecutionSpace> failed{f_, rows_};
    const Index count = steps();
    const double left = parallel_maximum(
        "antler::collocation::first_failure", space_, count, 20.0 * s * n * n,
        KOKKOS_LAMBDA(const Index i) { return failed(i) * static_cast<double>(count - i); });
    if (left > 0) statistics.first_failure = count - static_cast<Index>(left);
    return left > 0;
  }

 private:
  static constexpr double slow = 0.2;  // contraction of updates above which Jacobians are renewed, as in WindowMarch
  static constexpr double overflow = 1e300;

  [[nodiscard]] Index steps() const { return static_cast<Index>(rows_.z.extent(0)); }
  [[nodiscard]] Index blocks() const { return (steps() + width - 1) / width; }

  ExecutionSpace space_;
  F f_;
  Inverse& inverse_;
  detail::LaneWeights<T, n> weights_;
  Plan plan_;
  Rows all_, rows_;  // of the capacity, of the window
  States best_y_;
  StageView best_z_;
  bool anew_ = true, singular_ = false;
  double last_update_ = 0;
};

}  // namespace antler::inline ANTLER_LANES
