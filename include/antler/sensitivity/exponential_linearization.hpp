// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The exact linearisation of the exponential step. It satisfies R(y_0, y_1; theta) = 0 with
///
///     R = phi_1(X) g - d,   X = h (J_0 + J_1) / 2,   g = h (f_0 + f_1 - J_1 d) / 2,   d = y_1 - y_0,
///
/// in which f and J = df/dy at both ends depend on theta, and J on y too. The matrices of the iteration, exp(X) and 1, are not its
/// derivatives: they hold J fixed. R_0 = dR/dy_0, R_1 = dR/dy_1 and R_theta dtheta come from dual numbers through all of R. With W
/// from R_1^T W = 1 the step is the affine map
///
///     dy_1 = A dy_0 + b,     A = -W^T R_0,     b = -W^T R_theta dtheta.

#include "antler/core/exponential.hpp"
#include "antler/core/stopwatch.hpp"
#include "antler/sensitivity/sequence_kernels.hpp"
#include "antler/sensitivity/stage_arguments.hpp"
#include "antler/sensitivity/variation.hpp"
#include "antler/solve/trajectory_copy.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// f and df/dy at a point.
template <class V, int n>
struct Slope {
  Vector<V, n> f;
  Matrix<V, n> jacobian;
};

template <class V, int n, class F>
KOKKOS_INLINE_FUNCTION Slope<V, n> slope_at(const F& f, const V& t, const Vector<V, n>& y) {
  Slope<V, n> slope;
  slope.jacobian = jacobian<V, n>(f, t, y, &slope.f);
  return slope;
}

/// X and g of a step.
template <class V, int n>
struct StepExponent {
  Matrix<V, n> x;
  Vector<V, n> g;
};

template <class V, int n>
KOKKOS_INLINE_FUNCTION StepExponent<V, n> step_exponent(const V& half, const Slope<V, n>& left, const Slope<V, n>& right,
                                                        const Vector<V, n>& difference) {
  return {(left.jacobian + right.jacobian) * half, (left.f + right.f - right.jacobian * difference) * half};
}

/// Points of a solution where kernels can read them: count steps, count + 1 points.
template <class T, int n, class ExecutionSpace>
struct SolvedPoints {
  using Space = typename ExecutionSpace::memory_space;

  Kokkos::View<const double*, Space> times;
  Kokkos::View<const Vector<T, n>*, Space> states;

  [[nodiscard]] KOKKOS_INLINE_FUNCTION Index steps() const { return static_cast<Index>(times.extent(0)) - 1; }
};

/// Body of a maximum, one block of steps: W and A_i; returns the largest defect, infinite when something is not finite.
template <class U, class T, int n, class F, class Maps, class ExecutionSpace>
struct LinearizeExponential {
  F f;
  SolvedPoints<T, n, ExecutionSpace> points;
  Matrices<T, n, ExecutionSpace> weights;  // out: W
  Maps maps;
  double rtol, atol;

  KOKKOS_INLINE_FUNCTION double operator()(Index block) const {
    constexpr int k = directions_per_pass(2 * n);
    using V = Dual<U, k>;
    const Index i = block * lane_count<U>, last = points.steps() - 1;
    U t, h;
    gather_step<U>(points.times, i, t, h);
    const U end = gather_number<U>(points.times, i + 1, last + 1);
    const Vector<U, n> y = gather_vector<U>(points.states, i, last), next = gather_vector<U>(points.states, i + 1, last + 1);

    Matrix<U, n> by_left, by_right_transposed;
    Vector<U, n> defect;
    for (int from = 0; from < 2 * n; from += k) {
      const Vector<V, n> left = variables<k>(y, from), right = variables<k>(next, from - n);
      const Vector<V, n> difference = right - left;
      const auto exponent =
          step_exponent(V(h * U(0.5)), slope_at<V, n>(f, V(t), left), slope_at<V, n>(f, V(end), right), difference);
      const Vector<V, n> residual = exponential_step<V, n>(exponent.x, exponent.g).phi1 - difference;
      for (int r = 0; r < n; ++r) {
        defect[r] = residual[r].value;
        for (int d = 0; d < k && from + d < 2 * n; ++d) {
          const int c = from + d;
          if (c < n) {
            by_left(r, c) = residual[r].derivative[d];
          } else {
            by_right_transposed(c - n, r) = residual[r].derivative[d];
          }
        }
      }
    }
    Matrix<U, n> w = Matrix<U, n>::identity();
    LU<U, n>(by_right_transposed).solve(w);
    Matrix<U, n> map{};
    for (int q = 0; q < n; ++q)
      for (int r = 0; r < n; ++r)
        for (int c = 0; c < n; ++c) map(r, c) -= w(q, r) * by_left(q, c);
    scatter_matrix(w, weights, i);
    maps.set_matrix(0, i, map);
    return all_finite(map) && all_finite(w) ? relative_defect(defect, next, points.steps() - i, rtol, atol) : HUGE_VAL;
  }
};

/// Body of a maximum: count - i where f or its Jacobian is not finite at an end of step i, else 0. For the first such step.
template <class F, class T, int n, class ExecutionSpace>
struct EndsLeft {
  F f;
  SolvedPoints<T, n, ExecutionSpace> points;

  KOKKOS_INLINE_FUNCTION double operator()(Index i) const {
    bool finite = true;
    for (Index j = i; j <= i + 1; ++j) {
      const auto slope = slope_at<T, n>(f, static_cast<T>(points.times(j)), points.states(j));
      finite = finite && all_finite(slope.jacobian);
      for (const T& component : slope.f) finite = finite && is_finite(component);
    }
    return finite ? 0.0 : static_cast<double>(points.steps() - i);
  }
};

/// Kernel, one block of steps: b_i = -W^T R_theta dtheta, g being f with parameters along dtheta.
template <class U, class G, class T, int n, class ExecutionSpace>
struct ExponentialSources {
  G g;
  SolvedPoints<T, n, ExecutionSpace> points;
  Matrices<T, n, ExecutionSpace> weights;
  Trajectory<T, n, ExecutionSpace> right;

  KOKKOS_INLINE_FUNCTION void operator()(Index block) const {
    using V = Dual<U, 1>;
    const Index i = block * lane_count<U>, last = points.steps() - 1;
    U t, h;
    gather_step<U>(points.times, i, t, h);
    const U end = gather_number<U>(points.times, i + 1, last + 1);
    const auto y = constants<V>(gather_vector<U>(points.states, i, last));
    const auto next = constants<V>(gather_vector<U>(points.states, i + 1, last + 1));
    const auto exponent = step_exponent(V(h * U(0.5)), slope_at<V, n>(g, V(t), y), slope_at<V, n>(g, V(end), next), next - y);
    const Vector<V, n> moved = exponential_step<V, n>(exponent.x, exponent.g).phi1;
    Vector<U, n> sum = Vector<U, n>::filled(U(0));
    for (int q = 0; q < n; ++q)
      for (int r = 0; r < n; ++r) sum[r] -= gather<U>(weights, i, q, r) * moved[q].derivative[0];
    scatter_row(sum, right, i);
  }
};

/// The linearised steps of a window. Allocates in its constructor; on a device also copies of the solution, window by window.
template <class F, class T, int n, class ExecutionSpace>
class ExponentialLinearization {
 public:
  using U = StageElements<F, T, 4 * n, ExecutionSpace>;  // dual numbers of eight directions: lanes for n <= 8
  using Weights = Matrices<T, n, ExecutionSpace>;
  using Points = SolvedPoints<T, n, ExecutionSpace>;

  static std::size_t required_bytes(Index steps) {
    const std::size_t copies = is_host_space<ExecutionSpace> ? 0 : sizeof(double) + sizeof(Vector<T, n>);
    return static_cast<std::size_t>(steps) * (sizeof(T) * static_cast<std::size_t>(n * n) + copies);
  }

  explicit ExponentialLinearization(Index steps) : weights_(allocate<Weights>("antler::sensitivity::weights", steps)) {}

  [[nodiscard]] Index length() const { return static_cast<Index>(weights_.extent(0)); }
  [[nodiscard]] Index blocks() const { return (length() + lane_count<U> - 1) / lane_count<U>; }
  [[nodiscard]] const Points& points() const { return points_; }
  [[nodiscard]] const Weights& weights() const { return weights_; }
  static constexpr double block_flops = 40.0 * n * n * n * n * lane_count<U>;

  /// @copydoc CollocationLinearization::linearize
  template <class Maps>
  Status linearize(const ExecutionSpace& space, const F& f, const Solution<T, n>& solution, Index first, const Maps& maps,
                   const Options& options, Statistics& statistics, const SourceLocation& where) {
    const Stopwatch evaluation;
    const Index count = length();
    const auto from = static_cast<std::size_t>(first - 1), points = static_cast<std::size_t>(count) + 1;
    points_ = {};  // copies of another window
    points_ = {visible_to(space, solution.times().subspan(from, points)),
               visible_to(space, solution.states().subspan(from, points))};
    const double defect = parallel_maximum("antler::sensitivity::exponential", space, blocks(), block_flops,
                                           LinearizeExponential<U, T, n, F, Maps, ExecutionSpace>{
                                               f, points_, weights_, maps, checked_rtol<T>(options), checked_atol(options)});
    statistics.function_evaluations += count + 1;
    statistics.jacobian_evaluations += count + 1;
    statistics.factorisations += count;
    if (!is_finite(defect)) {
      const double left = parallel_maximum("antler::sensitivity::first_failure", space, count, 20.0 * n * (n + 1),
                                           EndsLeft<F, T, n, ExecutionSpace>{f, points_});
      if (left == 0) return Status::singular;
      statistics.first_failure = first + count - static_cast<Index>(left);
      return Status::non_finite;
    }
    require_satisfied(defect, where);
    statistics.evaluation_seconds += evaluation.seconds();
    return Status::converged;
  }

  /// @copydoc CollocationLinearization::sources
  template <class G>
  void sources(const ExecutionSpace& space, const G& g, const Trajectory<T, n, ExecutionSpace>& right) const {
    parallel_for("antler::sensitivity::sources", space, blocks(), block_flops,
                 ExponentialSources<U, G, T, n, ExecutionSpace>{g, points_, weights_, right});
  }

 private:
  Weights weights_;
  Points points_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
