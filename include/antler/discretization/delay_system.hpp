// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The collocation equations of a delay equation on a mesh as the nonlinear system of deer/newton.hpp. Unknowns are the nodes
/// y_0 .. y_N, of which y_0 is given, and the stage increments Z of every step; the delayed states are interpolated from them
/// (delay_links.hpp). With J_k = df/dy and K_{k,p} = df/dy_p at stage k, dense Newton for step i reads
///
///     (A^{-1} / h - diag(J_k)) dZ = F - A^{-1} Z / h + (J_k d_{i-1})_k + (sum_p K_{k,p} e_{k,p})_k,
///
/// with e_{k,p} the change of the delayed state: DelayMaps, after a solve with the matrix on the left. Where a delay is shorter
/// than the step its part of step i itself stands on the left, too.

#include <cmath>
#include <vector>

#include "antler/core/statistics.hpp"
#include "antler/core/stopwatch.hpp"
#include "antler/deer/evaluate.hpp"
#include "antler/discretization/collocation_kernels.hpp"
#include "antler/discretization/delay_links.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// f(t, y, y_1, ..., y_P) at one time as the f(i, y, y_1, ..., y_P) of linearize_point().
template <class F, class U>
struct AtTime {
  const F& f;
  U t;

  template <class D, int n, class... Y>
  KOKKOS_FORCEINLINE_FUNCTION Vector<D, n> operator()(Index /*i*/, const Vector<D, n>& y, const Y&... delayed) const {
    return f(D(t), y, delayed...);
  }
};

/// Nodes and stages of a mesh, of which a window moves.
template <class T, int n, class Method, int P, class ExecutionSpace>
struct DelayRows {
  static constexpr int s = Method::stages, Q = s * P, inner = s * n;
  using Maps = DelayMaps<T, n, s, Q, ExecutionSpace>;
  using Memory = typename ExecutionSpace::memory_space;

  Kokkos::View<const double*, Memory> times;   // N + 1
  Trajectory<T, n, ExecutionSpace> y;          // N + 1
  Trajectory<T, inner, ExecutionSpace> z;      // N
  Trajectory<T, Q * n, ExecutionSpace> known;  // N: delayed states that are history
  Maps maps;                                   // of the window
  typename Maps::Solution change;              // of the window
  Kokkos::View<T*, Memory> norm_square;        // of the window

  [[nodiscard]] KOKKOS_INLINE_FUNCTION Index steps() const { return maps.length(); }

  /// Delayed state q of step `row` of the mesh.
  [[nodiscard]] KOKKOS_INLINE_FUNCTION T delayed(Index row, int q, int c) const {
    const Index j = maps.links.step(row, q);
    if (j < 0) return known(row, q * n + c);
    T sum = y(j, c);
    for (int k = 0; k < s; ++k) sum += maps.links.own(row, q * s + k) * z(j, k * n + c);
    if (j > 0)
      for (int k = 0; k < s; ++k) sum += maps.links.before(row, q * s + k) * z(j - 1, k * n + c);
    return sum;
  }

  /// value(row) for the steps i, i + 1, ... of the window, in lanes; behind its end the last step again.
  template <class U, class Value>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION U in_lanes(Index i, const Value& value) const {
    T values[lane_count<U>];
    for (int l = 0; l < lane_count<U>; ++l) values[l] = value(maps.first + (i + l < steps() ? i + l : steps() - 1));
    return load<U>(values);
  }
};

/// Kernel: steps i, i + 1, ... of the window, linearised.
template <class U, class F, class T, int n, class Method, int P, class ExecutionSpace>
struct LinearizeDelaySteps {
  using Rows = DelayRows<T, n, Method, P, ExecutionSpace>;
  static constexpr int s = Method::stages, Q = Rows::Q, inner = Rows::inner;
  F f;
  Rows rows;
  LaneWeights<T, n> weights;

  KOKKOS_INLINE_FUNCTION void operator()(Index block) const {
    const Index i = block * lane_count<U>;
    const U t = rows.template in_lanes<U>(i, [&](Index row) { return static_cast<T>(rows.times(row)); });
    const U h = rows.template in_lanes<U>(i, [&](Index row) { return static_cast<T>(rows.times(row + 1) - rows.times(row)); });
    const U inverse_h = U(1) / h;
    Vector<U, n> y, end;
    for (int c = 0; c < n; ++c) {
      y[c] = rows.template in_lanes<U>(i, [&](Index row) { return rows.y(row, c); });
      end[c] = rows.template in_lanes<U>(i, [&](Index row) { return rows.y(row + 1, c); });
    }
    Stages<U, n, Method> z;
    for (int k = 0; k < s; ++k)
      for (int c = 0; c < n; ++c) z(k, c) = rows.template in_lanes<U>(i, [&](Index row) { return rows.z(row, k * n + c); });

    constexpr int columns = 1 + n + Q * n;  // p, S, B
    Matrix<U, inner> matrix;
    Matrix<U, inner, columns> unknowns;
    for (int r = 0; r < inner; ++r)
      for (int c = 0; c < columns; ++c) unknowns(r, c) = U(0);
    for (int k = 0; k < s; ++k) stage(i, k, t, h, inverse_h, y, z, matrix, unknowns);
    LU<U, inner>(matrix).solve(unknowns);

    Stages<U, n, Method> change;
    for (int k = 0; k < s; ++k)
      for (int r = 0; r < n; ++r) {
        const int row = k * n + r;
        change(k, r) = unknowns(row, 0);
        scatter(unknowns(row, 0), rows.maps.p, i, row);
        for (int c = 0; c < n; ++c) scatter(unknowns(row, 1 + c), rows.maps.S, i, row, c);
        for (int q = 0; q < Q; ++q)
          for (int c = 0; c < n; ++c) scatter(unknowns(row, 1 + n + q * n + c), rows.maps.B, i, q * inner + row, c);
      }
    const Vector<U, n> defect = y + end_of_stages<Method, U, n>(z) - end;
    scatter_row(defect, rows.maps.g, i);
    const U local = weights.mean_square(change, y, z), node = weights.mean_square(defect, end);
    scatter(select(node > local, node, local + node * U(0)), rows.norm_square, i);
  }

  /// The rows of stage k.
  KOKKOS_FORCEINLINE_FUNCTION void stage(Index i, int k, const U& t, const U& h, const U& inverse_h, const Vector<U, n>& y,
                                         const Stages<U, n, Method>& z, Matrix<U, inner>& matrix,
                                         Matrix<U, inner, 1 + n + Q * n>& unknowns) const {
    Vector<U, n> arguments[1 + P];
    for (int c = 0; c < n; ++c) {
      arguments[0][c] = y[c] + z(k, c);
      for (int p = 0; p < P; ++p)
        arguments[1 + p][c] = rows.template in_lanes<U>(i, [&](Index row) { return rows.delayed(row, k * P + p, c); });
    }
    const auto point = linearize_point<U, n, 1 + P>(AtTime<F, U>{f, t + U(T(Method::c(k))) * h}, 0, arguments);
    for (int r = 0; r < n; ++r) {
      const int row = k * n + r;
      U rest(0);
      for (int l = 0; l < s; ++l) {
        const U a = U(T(inverse_A<Method>(k, l))) * inverse_h;
        rest += a * z(l, r);
        for (int c = 0; c < n; ++c) matrix(row, l * n + c) = (r == c ? a : U(0)) - (k == l ? point.jacobian[0](r, c) : U(0));
      }
      unknowns(row, 0) = point.f[r] - rest;
      for (int c = 0; c < n; ++c) unknowns(row, 1 + c) = point.jacobian[0](r, c);
    }
    for (int p = 0; p < P; ++p) {
      const int q = k * P + p;
      const Matrix<U, n>& by_delayed = point.jacobian[1 + p];
      for (int r = 0; r < n; ++r)
        for (int c = 0; c < n; ++c) unknowns(k * n + r, 1 + n + q * n + c) = by_delayed(r, c);
      within(i, k, q, by_delayed, matrix, unknowns);
    }
  }

  /// A delay shorter than the step: what comes from the step itself.
  KOKKOS_FORCEINLINE_FUNCTION void within(Index i, int k, int q, const Matrix<U, n>& by_delayed, Matrix<U, inner>& matrix,
                                          Matrix<U, inner, 1 + n + Q * n>& unknowns) const {
    bool any_own = false;
    for (int l = 0; l < lane_count<U>; ++l)
      any_own = any_own || (i + l < rows.steps() && rows.maps.links.step(rows.maps.first + i + l, q) == rows.maps.first + i + l);
    if (!any_own) return;
    const auto own = [&](Index row) { return rows.maps.links.step(row, q) == row; };
    const U present = rows.template in_lanes<U>(i, [&](Index row) { return own(row) ? T(1) : T(0); });
    for (int r = 0; r < n; ++r)
      for (int c = 0; c < n; ++c) unknowns(k * n + r, 1 + c) += present * by_delayed(r, c);
    for (int l = 0; l < s; ++l) {
      const U weight =
          rows.template in_lanes<U>(i, [&](Index row) { return own(row) ? rows.maps.links.own(row, q * s + l) : T(0); });
      for (int r = 0; r < n; ++r)
        for (int c = 0; c < n; ++c) matrix(k * n + r, l * n + c) -= weight * by_delayed(r, c);
    }
  }
};

/// Kernel: the weighted norm of the change of step i.
template <class T, int n, class Method, int P, class ExecutionSpace>
struct NormOfDelayChange {
  DelayRows<T, n, Method, P, ExecutionSpace> rows;
  LaneWeights<T, n> weights;

  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    constexpr int s = Method::stages;
    const Index row = rows.maps.first + i;
    Stages<T, n, Method> change, z;
    for (int k = 0; k < s; ++k)
      for (int c = 0; c < n; ++c) {
        change(k, c) = rows.change(i, k * n + c);
        z(k, c) = rows.z(row, k * n + c);
      }
    Vector<T, n> d;
    for (int c = 0; c < n; ++c) d[c] = rows.change(i, s * n + c);
    const T stages = weights.mean_square(change, gather_row<T, n>(rows.y, row), z);
    const T node = weights.mean_square(d, gather_row<T, n>(rows.y, row + 1));
    rows.norm_square(i) = node > stages ? node : stages + node * T(0);
  }
};

}  // namespace detail

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
