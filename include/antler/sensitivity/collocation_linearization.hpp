// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The exact linearisation of a collocation step. At the solution a step's stage increments and end obey, with J_k = df/dy and
/// f_k,theta = df/dtheta at stage k,
///
///     M dZ = (J_k dy_i + f_k,theta dtheta)_k,   M = A^{-1} / h - diag(J_k),     dy_{i+1} = dy_i + v^T dZ.
///
/// With Q from M^T Q = v (x) 1, blocks Q_k of n x n, the step is the affine map
///
///     dy_{i+1} = A_i dy_i + sum_k Q_k^T f_k,theta dtheta,     A_i = 1 + sum_k Q_k^T J_k:
///
/// exact Jacobians at all stages, whatever simplified Newton iteration found the solution. One factorisation of size s n per step,
/// all steps at once. Gradients need Q and A_i, sensitivities also the sum, which is here for one direction dtheta.

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

/// A step, or a step per lane: its length and first value, the increments, times and values of its stages.
template <class U, int n, class Method>
struct StepStages {
  U h;
  Vector<U, n> y;
  Stages<U, n, Method> z;
  U times[Method::stages];
  Vector<U, n> values[Method::stages];
};

/// Steps 0 .. count - 1 of a solution, where kernels can read them.
template <class T, int n, class Method, class ExecutionSpace>
struct SolvedSteps {
  using Space = typename ExecutionSpace::memory_space;

  Kokkos::View<const double*, Space> times;                // count + 1
  Kokkos::View<const Vector<T, n>*, Space> states;         // count + 1
  Kokkos::View<const SolutionPiece<T, n>*, Space> pieces;  // count

  [[nodiscard]] KOKKOS_INLINE_FUNCTION Index count() const { return static_cast<Index>(pieces.extent(0)); }

  /// Steps i, i + 1, ..., their increments from their polynomials.
  template <class U>
  [[nodiscard]] KOKKOS_INLINE_FUNCTION StepStages<U, n, Method> stages(Index i) const {
    StepStages<U, n, Method> step;
    U t;
    gather_step<U>(times, i, t, step.h);
    step.y = gather_vector<U>(states, i, count() - 1);
    for (int k = 0; k < Method::stages; ++k) {
      step.times[k] = t + U(Method::c(k)) * step.h;
      for (int c = 0; c < n; ++c) {
        step.z(k, c) = increment<U>(i, k, c);
        step.values[k][c] = step.y[c] + step.z(k, c);
      }
    }
    return step;
  }

 private:
  template <class U>
  [[nodiscard]] KOKKOS_INLINE_FUNCTION U increment(Index i, int k, int c) const {
    scalar_of<U> buffer[lane_count<U>];
    for (int l = 0; l < lane_count<U>; ++l) {
      const auto& piece = pieces(i + l < count() ? i + l : count() - 1);
      const T theta = static_cast<T>(Method::c(k));
      T sum = piece.c(2, c);
      for (int m = 2; m-- > 0;) sum = sum * theta + piece.c(m, c);
      buffer[l] = theta * sum;
    }
    return load<U>(buffer);
  }
};

/// Body of a maximum, one block of steps: Q and A_i; returns the largest defect, infinite when something is not finite.
template <class U, class T, int n, class Method, class F, class Maps, class ExecutionSpace>
struct LinearizeCollocation {
  static constexpr int s = Method::stages;

  F f;
  SolvedSteps<T, n, Method, ExecutionSpace> steps;
  StageWeights<T, n, s, ExecutionSpace> weights;
  Maps maps;
  double rtol, atol;

  KOKKOS_INLINE_FUNCTION double operator()(Index block) const {
    const Index i = block * lane_count<U>;
    const auto step = steps.template stages<U>(i);
    const Vector<U, n> next = gather_vector<U>(steps.states, i + 1, steps.count());
    const U inverse_h = U(1) / step.h;

    Matrix<U, s * n> transposed;
    Matrix<U, s * n, n> q;
    Matrix<U, n> jacobians[s];
    Stages<U, n, Method> rest;  // F - A^{-1} Z / h
    for (int k = 0; k < s; ++k) {
      Vector<U, n> slope;
      jacobians[k] = jacobian<U, n>(f, step.times[k], step.values[k], &slope);
      for (int r = 0; r < n; ++r) {
        const int row = k * n + r;
        rest(k, r) = slope[r];
        for (int l = 0; l < s; ++l) {
          const U a = U(inverse_A<Method>(k, l)) * inverse_h;
          rest(k, r) -= a * step.z(l, r);
          for (int c = 0; c < n; ++c) transposed(l * n + c, row) = (r == c ? a : U(0)) - (k == l ? jacobians[k](r, c) : U(0));
        }
        for (int c = 0; c < n; ++c) q(row, c) = U(r == c ? Method::v(k) : 0.0);
      }
    }
    LU<U, s * n>(transposed).solve(q);

    Matrix<U, n> map = Matrix<U, n>::identity();
    Vector<U, n> defect = step.y - next + end_of_stages<Method>(step.z);
    for (int row = 0; row < s * n; ++row)
      for (int r = 0; r < n; ++r) {
        scatter(q(row, r), weights, i, row, r);
        defect[r] = multiply_add(q(row, r), rest(row / n, row % n), defect[r]);
        for (int c = 0; c < n; ++c) map(r, c) = multiply_add(q(row, r), jacobians[row / n](row % n, c), map(r, c));
      }
    maps.set_matrix(0, i, map);
    return all_finite(map) && all_finite(q) ? relative_defect(defect, next, steps.count() - i, rtol, atol) : HUGE_VAL;
  }
};

/// Body of a maximum: count - i where f or its Jacobian is not finite at a stage of step i, else 0. For the first such step.
template <class F, class T, int n, class Method, class ExecutionSpace>
struct StagesLeft {
  F f;
  SolvedSteps<T, n, Method, ExecutionSpace> steps;

  KOKKOS_INLINE_FUNCTION double operator()(Index i) const {
    const auto step = steps.template stages<T>(i);
    bool finite = true;
    for (int k = 0; k < Method::stages; ++k) {
      Vector<T, n> slope;
      finite = finite && all_finite(jacobian<T, n>(f, step.times[k], step.values[k], &slope));
      for (const T& component : slope) finite = finite && is_finite(component);
    }
    return finite ? 0.0 : static_cast<double>(steps.count() - i);
  }
};

/// Kernel, one block of steps: b_i = sum_k Q_k^T f_k,theta dtheta, g being f with parameters along dtheta.
template <class U, class G, class T, int n, class Method, class ExecutionSpace>
struct StageSources {
  G g;
  SolvedSteps<T, n, Method, ExecutionSpace> steps;
  StageWeights<T, n, Method::stages, ExecutionSpace> weights;
  Trajectory<T, n, ExecutionSpace> right;

  KOKKOS_INLINE_FUNCTION void operator()(Index block) const {
    using V = Dual<U, 1>;
    const Index i = block * lane_count<U>;
    const auto step = steps.template stages<U>(i);
    Vector<U, n> sum = Vector<U, n>::filled(U(0));
    for (int k = 0; k < Method::stages; ++k) {
      const Vector<V, n> moved = g(V(step.times[k]), constants<V>(step.values[k]));
      for (int r = 0; r < n; ++r)
        for (int c = 0; c < n; ++c) sum[c] = multiply_add(gather<U>(weights, i, k * n + r, c), moved[r].derivative[0], sum[c]);
    }
    scatter_row(sum, right, i);
  }
};

/// The linearised steps of a window. Allocates in its constructor; on a device also copies of the solution, window by window.
template <class F, class T, int n, class Method, class ExecutionSpace>
class CollocationLinearization {
  static constexpr int s = Method::stages;

 public:
  using U = StageElements<F, T, s * n, ExecutionSpace>;
  using Weights = StageWeights<T, n, s, ExecutionSpace>;
  using Steps = SolvedSteps<T, n, Method, ExecutionSpace>;

  static std::size_t required_bytes(Index steps) {
    const std::size_t copies =
        is_host_space<ExecutionSpace> ? 0 : sizeof(double) + sizeof(Vector<T, n>) + sizeof(SolutionPiece<T, n>);
    return static_cast<std::size_t>(steps) * (sizeof(T) * static_cast<std::size_t>(s * n * n) + copies);
  }

  explicit CollocationLinearization(Index steps) : weights_(allocate<Weights>("antler::sensitivity::weights", steps)) {}

  [[nodiscard]] Index length() const { return static_cast<Index>(weights_.extent(0)); }
  [[nodiscard]] const Steps& steps() const { return steps_; }
  [[nodiscard]] const Weights& weights() const { return weights_; }

  /// Steps first, first + 1, ..., counted from 1, of a solution, which must outlive this. @param maps  take the A_i by set_matrix()
  /// @return converged; non_finite: f or a Jacobian is not finite at a stage; singular: a step has no unique derivative
  /// @throws InvalidArgument  the states do not satisfy the equations
  template <class Maps>
  Status linearize(const ExecutionSpace& space, const F& f, const Solution<T, n>& solution, Index first, const Maps& maps,
                   const Options& options, Statistics& statistics, const SourceLocation& where) {
    const Stopwatch evaluation;
    const Index count = length();
    const auto from = static_cast<std::size_t>(first - 1), steps = static_cast<std::size_t>(count);
    steps_ = {};  // copies of another window
    steps_ = {visible_to(space, solution.times().subspan(from, steps + 1)),
              visible_to(space, solution.states().subspan(from, steps + 1)),
              visible_to(space, solution.pieces().subspan(from, steps))};
    const double flops = (20.0 * s * n * (n + 1) + 1.0 * s * s * s * n * n * n) * lane_count<U>;
    const double defect =
        parallel_maximum("antler::sensitivity::collocation", space, (count + lane_count<U> - 1) / lane_count<U>, flops,
                         LinearizeCollocation<U, T, n, Method, F, Maps, ExecutionSpace>{
                             f, steps_, weights_, maps, checked_rtol<T>(options), checked_atol(options)});
    statistics.function_evaluations += s * count;
    statistics.jacobian_evaluations += s * count;
    statistics.factorisations += count;
    if (!is_finite(defect)) {
      const double left = parallel_maximum("antler::sensitivity::first_failure", space, count, 10.0 * s * n * (n + 1),
                                           StagesLeft<F, T, n, Method, ExecutionSpace>{f, steps_});
      if (left == 0) return Status::singular;
      statistics.first_failure = first + count - static_cast<Index>(left);
      return Status::non_finite;
    }
    require_satisfied(defect, where);
    statistics.evaluation_seconds += evaluation.seconds();
    return Status::converged;
  }

  /// What the linearised steps receive in a direction of the parameters. @param g  f with dual numbers along it
  template <class G>
  void sources(const ExecutionSpace& space, const G& g, const Trajectory<T, n, ExecutionSpace>& right) const {
    const double flops = s * (10.0 * n + 2.0 * n * n + 4.0 * parameter_count_of<F>()) * lane_count<U>;
    parallel_for("antler::sensitivity::sources", space, (length() + lane_count<U> - 1) / lane_count<U>, flops,
                 StageSources<U, G, T, n, Method, ExecutionSpace>{g, steps_, weights_, right});
  }

 private:
  Weights weights_;
  Steps steps_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
