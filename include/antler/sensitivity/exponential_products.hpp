// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Derivatives of the exponential step with respect to parameters: parts 2 and 3 of exponential_adjoint.hpp.

#include "antler/sensitivity/exponential_linearization.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

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

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
