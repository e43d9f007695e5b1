// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The adjoint of collocation on a fixed mesh. At the solution a step's stage increments and end obey, with J_k = df/dy and
/// f_k,theta = df/dtheta at stage k,
///
///     M dZ = (J_k dy_i + f_k,theta dtheta)_k,   M = A^{-1} / h - diag(J_k),     dy_{i+1} = dy_i + v^T dZ.
///
/// With Q from M^T Q = v (x) 1, blocks Q_k of n x n, the step is the affine map dy_{i+1} = A_i dy_i + sum_k Q_k^T f_k,theta dtheta,
///
///     A_i = 1 + sum_k Q_k^T J_k,     lambda_i = A_i^T lambda_{i+1} + l_i,     dLoss/dtheta = sum_i sum_k f_k,theta^T (Q_k
///     lambda_{i+1}):
///
/// exact Jacobians at all stages, whatever simplified Newton iteration found the solution. One factorisation of size s n per step,
/// all steps at once, and one transposed scan.

#include <optional>

#include "antler/core/stopwatch.hpp"
#include "antler/discretization/stage_newton.hpp"
#include "antler/sensitivity/sequence_kernels.hpp"
#include "antler/sensitivity/stage_arguments.hpp"
#include "antler/sensitivity/variation.hpp"
#include "antler/solve/trajectory_copy.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The Q_k of every step, rows k n .. k n + n - 1 of one matrix.
template <class T, int n, int s, class ExecutionSpace>
using StageWeights = Kokkos::View<T * [s * n][n], typename ExecutionSpace::array_layout, typename ExecutionSpace::memory_space>;

/// Steps 0 .. count - 1 of a solution, where kernels can read them.
template <class T, int n, class Method, class ExecutionSpace>
struct SolvedSteps {
  using Space = typename ExecutionSpace::memory_space;

  Kokkos::View<const double*, Space> times;                    // count + 1
  Kokkos::View<const Vector<T, n>*, Space> states;             // count + 1
  Kokkos::View<const StepPolynomial<T, n, 3>*, Space> pieces;  // count

  [[nodiscard]] KOKKOS_INLINE_FUNCTION Index count() const { return static_cast<Index>(pieces.extent(0)); }

  /// Z of steps i, i + 1, ..., from their polynomials.
  template <class U>
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Stages<U, n, Method> increments(Index i) const {
    Stages<U, n, Method> z;
    for (int k = 0; k < Method::stages; ++k)
      for (int c = 0; c < n; ++c) {
        scalar_of<U> buffer[lane_count<U>];
        for (int l = 0; l < lane_count<U>; ++l) {
          const auto& piece = pieces(i + l < count() ? i + l : count() - 1);
          const T theta = static_cast<T>(Method::c(k));
          T sum = piece.c(2, c);
          for (int m = 2; m-- > 0;) sum = sum * theta + piece.c(m, c);
          buffer[l] = theta * sum;
        }
        z(k, c) = load<U>(buffer);
      }
    return z;
  }
};

/// Body of a maximum, one block of steps: points, Q and A_i; returns the largest defect, infinite when something is not finite.
template <class U, class T, int n, class Method, class F, class ExecutionSpace>
struct LinearizeCollocation {
  static constexpr int s = Method::stages;

  F f;
  SolvedSteps<T, n, Method, ExecutionSpace> steps;
  PointArguments<T, n, ExecutionSpace> points;
  StageWeights<T, n, s, ExecutionSpace> weights;
  TransposedMaps<T, n, 1, ExecutionSpace> maps;
  double rtol, atol;

  KOKKOS_INLINE_FUNCTION double operator()(Index block) const {
    const Index i = block * lane_count<U>, last = steps.count() - 1;
    U t, h;
    gather_step<U>(steps.times, i, t, h);
    const Vector<U, n> y = gather_vector<U>(steps.states, i, last);
    const Vector<U, n> next = gather_vector<U>(steps.states, i + 1, last + 1);
    const Stages<U, n, Method> z = steps.template increments<U>(i);
    const U inverse_h = U(1) / h;

    Matrix<U, s * n> transposed;
    Matrix<U, s * n, n> q;
    Matrix<U, n> jacobians[s];
    Stages<U, n, Method> rest;  // F - A^{-1} Z / h
    for (int k = 0; k < s; ++k) {
      Vector<U, n> stage, slope;
      for (int c = 0; c < n; ++c) stage[c] = y[c] + z(k, c);
      const U time = t + U(Method::c(k)) * h;
      keep_point(i, k, time, stage);
      jacobians[k] = jacobian<U, n>(f, time, stage, &slope);
      for (int r = 0; r < n; ++r) {
        const int row = k * n + r;
        rest(k, r) = slope[r];
        for (int l = 0; l < s; ++l) {
          const U a = U(inverse_A<Method>(k, l)) * inverse_h;
          rest(k, r) -= a * z(l, r);
          for (int c = 0; c < n; ++c) transposed(l * n + c, row) = (r == c ? a : U(0)) - (k == l ? jacobians[k](r, c) : U(0));
        }
        for (int c = 0; c < n; ++c) q(row, c) = U(r == c ? Method::v(k) : 0.0);
      }
    }
    LU<U, s * n>(transposed).solve(q);

    Matrix<U, n> map = Matrix<U, n>::identity();
    Vector<U, n> defect = y - next + end_of_stages<Method>(z);
    for (int row = 0; row < s * n; ++row)
      for (int r = 0; r < n; ++r) {
        scatter(q(row, r), weights, i, row, r);
        defect[r] = multiply_add(q(row, r), rest(row / n, row % n), defect[r]);
        for (int c = 0; c < n; ++c) map(r, c) = multiply_add(q(row, r), jacobians[row / n](row % n, c), map(r, c));
      }
    maps.set_matrix(0, i, map);
    return all_finite(map) && all_finite(q) ? relative_defect(defect, next, maps.length - i, rtol, atol) : HUGE_VAL;
  }

  KOKKOS_INLINE_FUNCTION void keep_point(Index i, int k, const U& time, const Vector<U, n>& stage) const {
    scalar_of<U> buffer[lane_count<U>];
    store(buffer, time);
    for (int l = 0; l < lane_count<U> && i + l < maps.length; ++l) points.times((i + l) * s + k) = static_cast<double>(buffer[l]);
    for (int c = 0; c < n; ++c) {
      store(buffer, stage[c]);
      for (int l = 0; l < lane_count<U> && i + l < maps.length; ++l) points.states((i + l) * s + k, c) = buffer[l];
    }
  }
};

/// Body of a maximum: count - i where f or its Jacobian is not finite at point i, else 0. For the first such point.
template <class F, class T, int n, class ExecutionSpace>
struct PointsLeft {
  F f;
  PointArguments<T, n, ExecutionSpace> points;

  KOKKOS_INLINE_FUNCTION double operator()(Index i) const {
    Vector<T, n> value;
    bool finite = all_finite(jacobian<T, n>(f, static_cast<T>(points.times(i)), gather_row<T, n>(points.states, i), &value));
    for (const T& component : value) finite = finite && is_finite(component);
    return finite ? 0.0 : static_cast<double>(static_cast<Index>(points.times.extent(0)) - i);
  }
};

/// Kernel, one step per call: mu_k = Q_k lambda at its stages.
template <class T, int n, int s, class ExecutionSpace>
struct StageCovectors {
  StageWeights<T, n, s, ExecutionSpace> weights;
  Covectors<T, T, n, 1, ExecutionSpace> lambda;
  Trajectory<T, n, ExecutionSpace> mu;

  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    const Vector<T, n> covector = lambda(i);
    for (int row = 0; row < s * n; ++row) {
      T sum(0);
      for (int c = 0; c < n; ++c) sum += weights(i, row, c) * covector[c];
      mu(i * s + row / n, row % n) = sum;
    }
  }
};

/// The windows of a gradient through collocation. Allocates in its constructor, and for the first window of another length.
template <class F, class T, int n, class Method, class Inverse, class ExecutionSpace>
class CollocationAdjoint {
  static constexpr int s = Method::stages, parameters = parameter_count_of<F>(), pass = directions_per_pass(parameters);
  using U = StageElements<F, T, s * n, ExecutionSpace>;
  static constexpr bool hand_written = BringsPullback<F, U, n>;
  static constexpr Index columns = hand_written ? parameters : parameters > 0 ? pass : 0;
  using System = TransposedSystem<T, n, 1, Inverse, ExecutionSpace>;
  using Points = PointArguments<T, n, ExecutionSpace>;
  using Weights = StageWeights<T, n, s, ExecutionSpace>;
  using Sums = ChunkedSums<U, ExecutionSpace>;

  struct Storage {
    System system;
    Points points;
    Weights weights;
    Trajectory<T, n, ExecutionSpace> mu;

    Storage(const ExecutionSpace& space, const Inverse& inverse, Index steps)
        : system(space, inverse, steps),
          points(steps * s),
          weights(allocate<Weights>("antler::sensitivity::weights", steps)),
          mu(allocate<Trajectory<T, n, ExecutionSpace>>("antler::sensitivity::mu", steps * s)) {}
  };

 public:
  static std::size_t fixed_bytes() { return Sums::required_bytes(columns, parameters); }
  static std::size_t window_bytes(Index steps) {
    const std::size_t copies =
        is_host_space<ExecutionSpace> ? 0 : sizeof(double) + 2 * sizeof(Vector<T, n>) + sizeof(StepPolynomial<T, n, 3>);
    return System::required_bytes(steps) + Points::required_bytes(steps * s) +
           static_cast<std::size_t>(steps) * (sizeof(T) * static_cast<std::size_t>(s * n * (n + 1)) + copies);
  }

  CollocationAdjoint(const ExecutionSpace& space, const F& f, const Inverse& inverse)
      : space_(space), f_(f), inverse_(inverse), sums_(space, columns, parameters) {}

  /// Steps first .. first + count - 1, counted from 1; `loss` has count rows or none. @param carried  in and out: what the steps
  /// behind the window send to its last state, and what it sends to its first
  Status window(Index first, Index count, const Solution<T, n>& solution, std::span<const Vector<T, n>> loss,
                Kokkos::Array<Vector<T, n>, 1>& carried, const Options& options, Statistics& statistics,
                const SourceLocation& where) {
    if (!storage_ || storage_->system.steps() != count) storage_.emplace(space_, inverse_, count);
    const auto& [system, points, weights, mu] = *storage_;
    const auto from = static_cast<std::size_t>(first - 1), length = static_cast<std::size_t>(count);
    const SolvedSteps<T, n, Method, ExecutionSpace> steps{visible_to(space_, solution.times().subspan(from, length + 1)),
                                                          visible_to(space_, solution.states().subspan(from, length + 1)),
                                                          visible_to(space_, solution.pieces().subspan(from, length))};
    const Stopwatch evaluation;
    const double flops = (20.0 * s * n * (n + 1) + 1.0 * s * s * s * n * n * n) * lane_count<U>;
    const double defect =
        parallel_maximum("antler::sensitivity::collocation", space_, (count + lane_count<U> - 1) / lane_count<U>, flops,
                         LinearizeCollocation<U, T, n, Method, F, ExecutionSpace>{f_, steps, points, weights, system.maps(),
                                                                                  checked_rtol<T>(options), checked_atol(options)});
    statistics.function_evaluations += s * count;
    statistics.jacobian_evaluations += s * count;
    statistics.factorisations += count;
    if (!is_finite(defect)) return failure(first, statistics);
    require_satisfied(defect, where);
    statistics.evaluation_seconds += evaluation.seconds();

    const Stopwatch inversion;
    const Status solved = solve_backwards(space_, system, visible_to(space_, loss), carried);
    if (solved != Status::converged) return solved;
    statistics.inverse_seconds += inversion.seconds();

    if constexpr (parameters > 0) {
      const Stopwatch products;
      parallel_for("antler::sensitivity::stages", space_, count, 2.0 * s * n * n,
                   StageCovectors<T, n, s, ExecutionSpace>{weights, {system.maps(), system.lambda()}, mu});
      const PointCovectors<U, T, n, ExecutionSpace> covectors{mu};
      const Index blocks = (count * s + lane_count<U> - 1) / lane_count<U>;
      const double product_flops = (10.0 * n * (pass + 1) + 4.0 * parameters) * lane_count<U>;
      if constexpr (hand_written) {
        sum_by_pullback<U>(space_, f_, points, covectors, blocks, product_flops, 0, sums_);
      } else {
        sum_along_parameters<U, pass>(space_, f_, points, covectors, blocks, product_flops, sums_);
      }
      statistics.evaluation_seconds += products.seconds();
    }
    return Status::converged;
  }

  [[nodiscard]] std::vector<T> parameter_gradient() const { return sums_.template totals<T>(); }

 private:
  /// Why the linearisation is not finite.
  Status failure(Index first, Statistics& statistics) const {
    const Points points = storage_->points;
    const Index count = static_cast<Index>(points.times.extent(0));
    const double left = parallel_maximum("antler::sensitivity::first_failure", space_, count, 10.0 * n * (n + 1),
                                         PointsLeft<F, T, n, ExecutionSpace>{f_, points});
    if (left == 0) return Status::singular;
    statistics.first_failure = first + (count - static_cast<Index>(left)) / s;
    return Status::non_finite;
  }

  ExecutionSpace space_;
  F f_;
  Inverse inverse_;
  Sums sums_;
  std::optional<Storage> storage_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
