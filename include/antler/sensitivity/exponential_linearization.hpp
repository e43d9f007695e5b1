// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The exact linearisation of the exponential step: parts 1 and 2 of exponential_adjoint.hpp.

#include "antler/core/exponential.hpp"
#include "antler/sensitivity/sequence_kernels.hpp"
#include "antler/sensitivity/stage_arguments.hpp"

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

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
