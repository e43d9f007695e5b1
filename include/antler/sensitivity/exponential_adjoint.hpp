// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The adjoint of the exponential discretisation on a fixed mesh. A step satisfies R(y_0, y_1; theta) = 0 with
///
///     R = phi_1(X) g - d,   X = h (J_0 + J_1) / 2,   g = h (f_0 + f_1 - J_1 d) / 2,   d = y_1 - y_0,
///
/// in which f and J = df/dy at both ends depend on theta, and J on y too. The matrices of the iteration, exp(X) and 1, are not its
/// derivatives: they hold J fixed. These are:
///
///   1. R_0 = dR/dy_0 and R_1 = dR/dy_1 by dual numbers through all of R. W from R_1^T W = 1.
///   2. A_i = -W^T R_0,   lambda_i = A_i^T lambda_{i+1} + l_i     one transposed scan
///   3. mu = -W lambda_{i+1}, and what R sends back from mu to its parts:
///          g' = phi_1(X)^T mu,   X' the derivative of mu^T phi_1(X) g with respect to X,
///          f_0' = f_1' = h g' / 2,   J_0' = h X' / 2,   J_1' = h X' / 2 - h g' d^T / 2
///   4. dLoss/dtheta: the sum over all points of f'^T df/dtheta + J' : dJ/dtheta
///
/// Both parts of 3 are one derivative of one exponential [AlMohyHigham2011, thm. 2.1]: mu^T phi_1(X) g is the
/// form (mu, 0) exp(Y) e of Y = [[X, g], [0, 0]] with e the last unit vector, and its derivative with respect to Y is the transpose
/// of the derivative of exp at Y in the direction e (mu, 0): a dual number.

#include <optional>

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
template <class U, class T, int n, class F, class ExecutionSpace>
struct LinearizeExponential {
  F f;
  SolvedPoints<T, n, ExecutionSpace> points;
  Matrices<T, n, ExecutionSpace> weights;  // out: W
  TransposedMaps<T, n, 1, ExecutionSpace> maps;
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
    return all_finite(map) && all_finite(w) ? relative_defect(defect, next, maps.length - i, rtol, atol) : HUGE_VAL;
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

/// Kernel, one block of steps: h g' / 2, and h X' / 2 in the place of W.
template <class U, class T, int n, class F, class ExecutionSpace>
struct PullBackExponentials {
  F f;
  SolvedPoints<T, n, ExecutionSpace> points;
  Covectors<U, T, n, 1, ExecutionSpace> lambda;
  Matrices<T, n, ExecutionSpace> weights;   // in: W; out: h X' / 2
  Trajectory<T, n, ExecutionSpace> slopes;  // out: h g' / 2

  KOKKOS_INLINE_FUNCTION void operator()(Index block) const {
    using V = Dual<U, 1>;
    const Index i = block * lane_count<U>, last = points.steps() - 1;
    U t, h;
    gather_step<U>(points.times, i, t, h);
    const U end = gather_number<U>(points.times, i + 1, last + 1), half = h * U(0.5);
    const Vector<U, n> y = gather_vector<U>(points.states, i, last), next = gather_vector<U>(points.states, i + 1, last + 1);
    const auto exponent = step_exponent(half, slope_at<U, n>(f, t, y), slope_at<U, n>(f, end, next), next - y);
    const Vector<U, n> mu = gather_matrix<U, n>(weights, i) * lambda(i);  // but for its sign

    Matrix<V, n + 1> augmented;  // [[X, g], [0, 0]] in the direction e (mu, 0)
    for (int c = 0; c <= n; ++c) {
      for (int r = 0; r < n; ++r) augmented(r, c) = V(c < n ? exponent.x(r, c) : exponent.g[r]);
      augmented(n, c) = V(U(0), c < n ? -mu[c] : U(0));
    }
    const auto step = exponential_step<V, n + 1>(augmented, Vector<V, n + 1>::filled(V(U(0))));
    Matrix<U, n> x_bar;
    Vector<U, n> slope_bar;
    for (int r = 0; r < n; ++r) {
      slope_bar[r] = half * step.expm1(n, r).derivative[0];
      for (int c = 0; c < n; ++c) x_bar(r, c) = half * step.expm1(c, r).derivative[0];
    }
    scatter_matrix(x_bar, weights, i);
    scatter_row(slope_bar, slopes, i);
  }
};

/// f' and J' of the points, from the steps on both sides.
template <class T, int n, class ExecutionSpace>
struct PointDerivatives {
  SolvedPoints<T, n, ExecutionSpace> points;
  Matrices<T, n, ExecutionSpace> exponents;  // h X' / 2 of the steps
  Trajectory<T, n, ExecutionSpace> slopes;   // h g' / 2 of the steps

  /// Of points j, j + 1, ..., zero past the last.
  template <class U>
  KOKKOS_INLINE_FUNCTION Slope<U, n> at(Index j) const {
    Slope<U, n> bar;
    T buffer[lane_count<U>];
    for (int r = 0; r < n; ++r) {
      for (int l = 0; l < lane_count<U>; ++l)
        buffer[l] = slope_of(j + l - 1, r) + (j + l < points.steps() ? slope_of(j + l, r) : T(0));
      bar.f[r] = load<U>(buffer);
      for (int c = 0; c < n; ++c) {
        for (int l = 0; l < lane_count<U>; ++l) buffer[l] = matrix_entry(j + l, r, c);
        bar.jacobian(r, c) = load<U>(buffer);
      }
    }
    return bar;
  }

  [[nodiscard]] KOKKOS_INLINE_FUNCTION T slope_of(Index step, int r) const {
    return step >= 0 && step < points.steps() ? slopes(step, r) : T(0);
  }
  [[nodiscard]] KOKKOS_INLINE_FUNCTION T matrix_entry(Index j, int r, int c) const {
    const Index before = j - 1;
    T entry = j < points.steps() ? exponents(j, r, c) : T(0);
    if (before >= 0 && before < points.steps())
      entry += exponents(before, r, c) - slopes(before, r) * (points.states(j)[c] - points.states(before)[c]);
    return entry;
  }
};

/// Kernel, one chunk of points per call: the sums of f' . df + J' : dJ, g being f with dual numbers along k of its parameters.
template <class U, int k, class G, class T, int n, class Sums, class ExecutionSpace>
struct SumSlopesAlongParameters {
  G g;
  PointDerivatives<T, n, ExecutionSpace> derivatives;
  FixedChunks chunks;
  Sums sums;

  KOKKOS_INLINE_FUNCTION void operator()(Index chunk) const {
    using V = Dual<U, k>;
    const Index last = derivatives.points.steps();
    U sum[k];
    for (int d = 0; d < k; ++d) sum[d] = U(0);
    for (Index block = chunks.begin(chunk); block < chunks.begin(chunk + 1); ++block) {
      const Index j = block * lane_count<U>;
      const auto bar = derivatives.template at<U>(j);
      const auto slope = slope_at<V, n>(g, V(gather_number<U>(derivatives.points.times, j, last)),
                                        constants<V>(gather_vector<U>(derivatives.points.states, j, last)));
      for (int d = 0; d < k; ++d)
        for (int r = 0; r < n; ++r) {
          sum[d] = multiply_add(bar.f[r], slope.f[r].derivative[d], sum[d]);
          for (int c = 0; c < n; ++c) sum[d] = multiply_add(bar.jacobian(r, c), slope.jacobian(r, c).derivative[d], sum[d]);
        }
    }
    for (int d = 0; d < k; ++d) sums(chunk, d) = sum[d];
  }
};

/// What a pullback in dual numbers adds to a parameter: the derivative is kept, the value is not asked for.
template <class U>
struct DerivativeSums {
  struct Entry {
    U* sum;
    KOKKOS_FORCEINLINE_FUNCTION const Entry& operator+=(const Dual<U, 1>& product) const {
      *sum += product.derivative[0];
      return *this;
    }
    KOKKOS_FORCEINLINE_FUNCTION const Entry& operator-=(const Dual<U, 1>& product) const {
      *sum -= product.derivative[0];
      return *this;
    }
  };
  U* first;
  KOKKOS_FORCEINLINE_FUNCTION Entry operator()(int k) const { return {first + k}; }
};

/// Kernel, one chunk of points per call: the same sums by f's own products. Column c of J' is sent through the derivative of the
/// pullback in the direction of y_c, and f' with the first of them.
template <class U, class F, class T, int n, class Sums, class ExecutionSpace>
struct PullBackSlopes {
  F f;
  PointDerivatives<T, n, ExecutionSpace> derivatives;
  FixedChunks chunks;
  Sums sums;

  KOKKOS_INLINE_FUNCTION void operator()(Index chunk) const {
    using V = Dual<U, 1>;
    const Index columns = static_cast<Index>(sums.extent(1)), last = derivatives.points.steps();
    U* const row = sums.data() + chunk * columns;
    for (Index p = 0; p < columns; ++p) row[p] = U(0);
    for (Index block = chunks.begin(chunk); block < chunks.begin(chunk + 1); ++block) {
      const Index j = block * lane_count<U>;
      const auto bar = derivatives.template at<U>(j);
      const V t(gather_number<U>(derivatives.points.times, j, last));
      const Vector<U, n> y = gather_vector<U>(derivatives.points.states, j, last);
      for (int c = 0; c < n; ++c) {
        Vector<V, n> covector, y_bar;
        for (int r = 0; r < n; ++r) covector[r] = V(bar.jacobian(r, c), c == 0 ? bar.f[r] : U(0));
        f.pullback(t, variables<1>(y, c), covector, y_bar, DerivativeSums<U>{row});
      }
    }
  }
};

template <class F, class U, int n>
concept BringsDifferentiablePullback = requires(const F f, const Dual<U, 1> t, const Vector<Dual<U, 1>, n> y,
                                                Vector<Dual<U, 1>, n> y_bar, DerivativeSums<U> sums) {
  f.pullback(t, y, y, y_bar, sums);
};

/// The windows of a gradient through the exponential discretisation. Allocates in its constructor, and for the first window of
/// another length.
template <class F, class T, int n, class Inverse, class ExecutionSpace>
class ExponentialAdjoint {
  static constexpr int parameters = parameter_count_of<F>(), pass = directions_per_pass(parameters);
  using U = StageElements<F, T, 4 * n, ExecutionSpace>;  // dual numbers of eight directions: lanes for n <= 8
  static constexpr bool hand_written = BringsDifferentiablePullback<F, U, n>;
  static constexpr Index columns = hand_written ? parameters : parameters > 0 ? pass : 0;
  using System = TransposedSystem<T, n, 1, Inverse, ExecutionSpace>;
  using Points = SolvedPoints<T, n, ExecutionSpace>;
  using Sums = ChunkedSums<U, ExecutionSpace>;

  struct Storage {
    System system;
    Matrices<T, n, ExecutionSpace> weights;
    Trajectory<T, n, ExecutionSpace> slopes;

    Storage(const ExecutionSpace& space, const Inverse& inverse, Index steps)
        : system(space, inverse, steps),
          weights(allocate<Matrices<T, n, ExecutionSpace>>("antler::sensitivity::weights", steps)),
          slopes(allocate<Trajectory<T, n, ExecutionSpace>>("antler::sensitivity::slopes", steps)) {}
  };

 public:
  static std::size_t fixed_bytes() { return Sums::required_bytes(columns, parameters); }
  static std::size_t window_bytes(Index steps) {
    const std::size_t copies = is_host_space<ExecutionSpace> ? 0 : sizeof(double) + 2 * sizeof(Vector<T, n>);
    return System::required_bytes(steps) + static_cast<std::size_t>(steps) * (n * (n + 1) * sizeof(T) + copies);
  }

  ExponentialAdjoint(const ExecutionSpace& space, const F& f, const Inverse& inverse)
      : space_(space), f_(f), inverse_(inverse), sums_(space, columns, parameters) {}

  /// @copydoc CollocationAdjoint::window
  Status window(Index first, Index count, const Solution<T, n>& solution, std::span<const Vector<T, n>> loss,
                Kokkos::Array<Vector<T, n>, 1>& carried, const Options& options, Statistics& statistics,
                const SourceLocation& where) {
    if (!storage_ || storage_->system.steps() != count) storage_.emplace(space_, inverse_, count);
    const auto& [system, weights, slopes] = *storage_;
    const auto from = static_cast<std::size_t>(first - 1), length = static_cast<std::size_t>(count) + 1;
    const Points points{visible_to(space_, solution.times().subspan(from, length)),
                        visible_to(space_, solution.states().subspan(from, length))};
    const Stopwatch evaluation;
    const Index blocks = (count + lane_count<U> - 1) / lane_count<U>;
    const double flops = 40.0 * n * n * n * n * lane_count<U>;
    const double defect =
        parallel_maximum("antler::sensitivity::exponential", space_, blocks, flops,
                         LinearizeExponential<U, T, n, F, ExecutionSpace>{f_, points, weights, system.maps(),
                                                                          checked_rtol<T>(options), checked_atol(options)});
    statistics.function_evaluations += count + 1;
    statistics.jacobian_evaluations += count + 1;
    statistics.factorisations += count;
    if (!is_finite(defect)) return failure(first, points, statistics);
    require_satisfied(defect, where);
    statistics.evaluation_seconds += evaluation.seconds();

    const Stopwatch inversion;
    const Status solved = solve_backwards(space_, system, visible_to(space_, loss), carried);
    if (solved != Status::converged) return solved;
    statistics.inverse_seconds += inversion.seconds();

    if constexpr (parameters > 0) {
      const Stopwatch products;
      parallel_for("antler::sensitivity::exponents", space_, blocks, flops,
                   PullBackExponentials<U, T, n, F, ExecutionSpace>{f_, points, {system.maps(), system.lambda()}, weights, slopes});
      sum_parameters({points, weights, slopes});
      statistics.evaluation_seconds += products.seconds();
    }
    return Status::converged;
  }

  [[nodiscard]] std::vector<T> parameter_gradient() const { return sums_.template totals<T>(); }

 private:
  void sum_parameters(const PointDerivatives<T, n, ExecutionSpace>& derivatives) const {
    const FixedChunks chunks = sums_.chunks((derivatives.points.steps() + lane_count<U>) / lane_count<U>);
    const double flops = (10.0 * n * n * (pass + 1) + 4.0 * parameters) * lane_count<U> * static_cast<double>(chunks.blocks) /
                         static_cast<double>(chunks.chunks);
    if constexpr (hand_written) {
      parallel_for("antler::sensitivity::slopes", space_, chunks.chunks, flops,
                   PullBackSlopes<U, F, T, n, typename Sums::Sums, ExecutionSpace>{f_, derivatives, chunks, sums_.sums()});
      sums_.add(space_, chunks, 0, parameters);
    } else {
      for (int from = 0; from < parameters; from += pass) {
        const auto g = along_parameters<U, pass>(f_, from);
        using G = std::remove_const_t<decltype(g)>;
        parallel_for(
            "antler::sensitivity::slopes", space_, chunks.chunks, flops,
            SumSlopesAlongParameters<U, pass, G, T, n, typename Sums::Sums, ExecutionSpace>{g, derivatives, chunks, sums_.sums()});
        sums_.add(space_, chunks, from, std::min(pass, parameters - from));
      }
    }
  }

  /// Why the linearisation is not finite.
  Status failure(Index first, const Points& points, Statistics& statistics) const {
    const double left = parallel_maximum("antler::sensitivity::first_failure", space_, points.steps(), 20.0 * n * (n + 1),
                                         EndsLeft<F, T, n, ExecutionSpace>{f_, points});
    if (left == 0) return Status::singular;
    statistics.first_failure = first + points.steps() - static_cast<Index>(left);
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
