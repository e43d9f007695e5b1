// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The arrays and kernels of collocation on a fixed mesh: steps in SIMD lanes on a host, one step per thread on a device (for
/// larger n see team_kernels.hpp).

#include "antler/core/all_finite.hpp"
#include "antler/core/options.hpp"
#include "antler/deer/affine_maps.hpp"
#include "antler/discretization/stage_newton.hpp"
#include "antler/discretization/team_step.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Z of every step, row k n + c is component c of stage k: shape (N, s n).
template <class T, int n, class Method, class ExecutionSpace>
using StageRows =
    Kokkos::View<T * [n * Method::stages], typename ExecutionSpace::array_layout, typename ExecutionSpace::memory_space>;

/// sqrt of 1/n sum_c (v_c / (rtol |y_c| + atol_c))^2, squared: Weights for lanes. Differences below the rounding of y count as
/// zero.
template <class T, int n>
struct LaneWeights {
  /// A change of a stage is a sum of transformed ones, with coefficients up to six: noise of some units in the last place.
  static constexpr double rounding = 16 * (sizeof(T) == 4 ? 1.2e-7 : 2.3e-16);
  T rtol;
  Vector<T, n> atol;

  explicit LaneWeights(const Options& options) : rtol(static_cast<T>(options.rtol)) {
    for (int c = 0; c < n; ++c) atol[c] = static_cast<T>(options.atol[c]);
  }

  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION U square_of(const U& v, const U& y, int c) const {
    const U scaled = v / (U(rtol) * abs(y) + U(atol[c]));
    return select(abs(v) <= U(T(rounding)) * abs(y), U(0), scaled * scaled);
  }
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION U mean_square(const Vector<U, n>& v, const Vector<U, n>& y) const {
    U sum(0);
    for (int c = 0; c < n; ++c) sum += square_of(v[c], y[c], c);
    return sum * U(T(1) / n);
  }
  /// Of all stages, which are y + z.
  template <class U, int s>
  KOKKOS_FORCEINLINE_FUNCTION U mean_square(const Matrix<U, s, n>& v, const Vector<U, n>& y, const Matrix<U, s, n>& z) const {
    U sum(0);
    for (int k = 0; k < s; ++k)
      for (int c = 0; c < n; ++c) sum += square_of(v(k, c), y[c] + z(k, c), c);
    return sum * U(T(1) / (n * s));
  }
};

/// The arrays of N steps.
template <class T, int n, class Method, class ExecutionSpace>
struct CollocationRows {
  using States = Trajectory<T, n, ExecutionSpace>;
  using StageView = StageRows<T, n, Method, ExecutionSpace>;

  Kokkos::View<const double*, typename ExecutionSpace::memory_space> times;  // N + 1
  States y;                                                                  // N + 1
  States d;                                                                  // changes of y_1 .. y_N
  StageView z, change;                                                       // Z and its change, at first P
  AffineMaps<T, n, ExecutionSpace> maps;
  Kokkos::View<T*, typename ExecutionSpace::memory_space> norm_square;

  /// Start and length of steps i, i + 1, ..., lengths subtracted in double. Past the last step the last one is repeated, so that f
  /// is never asked outside of the mesh.
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION void step(Index i, U& t, U& h) const {
    scalar_of<U> starts[lane_count<U>], lengths[lane_count<U>];
    for (int l = 0; l < lane_count<U>; ++l) {
      const Index step = clamped(i + l);
      starts[l] = static_cast<scalar_of<U>>(times(step));
      lengths[l] = static_cast<scalar_of<U>>(times(step + 1) - times(step));
    }
    t = load<U>(starts);
    h = load<U>(lengths);
  }
  /// The nodes at the starts (offset 0) or ends (1) of steps i, i + 1, ...
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> nodes(Index i, Index offset) const {
    Vector<U, n> row;
    for (int c = 0; c < n; ++c) {
      T values[lane_count<U>];
      for (int l = 0; l < lane_count<U>; ++l) values[l] = y(clamped(i + l) + offset, c);
      row[c] = load<U>(values);
    }
    return row;
  }
  /// The changes of the starts of steps i, i + 1, ...; the first node is given.
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> changes_of_starts(Index i) const {
    Vector<U, n> row;
    for (int c = 0; c < n; ++c) {
      T values[lane_count<U>];
      for (int l = 0; l < lane_count<U>; ++l) {
        const Index step = clamped(i + l);
        values[l] = step == 0 ? T(0) : d(step - 1, c);
      }
      row[c] = load<U>(values);
    }
    return row;
  }
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION Stages<U, n, Method> stages(const StageView& rows, Index i) const {
    Stages<U, n, Method> values;
    for (int k = 0; k < Method::stages; ++k)
      for (int c = 0; c < n; ++c) values(k, c) = gather<U>(rows, i, k * n + c);
    return values;
  }
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION void set_stages(const Stages<U, n, Method>& values, const StageView& rows, Index i) const {
    for (int k = 0; k < Method::stages; ++k)
      for (int c = 0; c < n; ++c) scatter(values(k, c), rows, i, k * n + c);
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION Index clamped(Index step) const {
    const Index last = static_cast<Index>(z.extent(0)) - 1;
    return step < last ? step : last;
  }
};

/// P, the defect b that it leaves and the weighted norm of both into the arrays of steps i, i + 1, ...
template <class U, class T, int n, class Method, class ExecutionSpace>
KOKKOS_FORCEINLINE_FUNCTION void leave_change(const CollocationRows<T, n, Method, ExecutionSpace>& rows,
                                              const LaneWeights<T, n>& weights, Index i, const Vector<U, n>& y,
                                              const Stages<U, n, Method>& z, const Stages<U, n, Method>& change) {
  rows.set_stages(change, rows.change, i);
  const Vector<U, n> end = rows.template nodes<U>(i, 1);
  const Vector<U, n> defect = y + end_of_stages<Method, U, n>(z + change) - end;
  scatter_row(defect, rows.maps.b, i);
  const U local = weights.mean_square(change, y, z), node = weights.mean_square(defect, end);
  scatter(select(node > local, node, local + node * U(0)), rows.norm_square, i);
}

/// Kernel: steps block W .. block W + W - 1, linearised; with the factors at hand the maps' A stay too.
template <class U, class T, int n, class Method, class F, class Plan, class ExecutionSpace>
struct LinearizeSteps {
  F f;
  Plan plan;
  CollocationRows<T, n, Method, ExecutionSpace> rows;
  LaneWeights<T, n> weights;
  bool anew;

  KOKKOS_INLINE_FUNCTION ANTLER_FLATTEN void operator()(Index block) const {
    const Index i = block * lane_count<U>;
    U t, h;
    rows.template step<U>(i, t, h);
    const Vector<U, n> y = rows.template nodes<U>(i, 0);
    const Stages<U, n, Method> z = rows.template stages<U>(rows.z, i);
    const auto step = plan.template linearize<U>(i, f, t, h, y, z, anew);
    if (anew) scatter_matrix(step.map, rows.maps.A, i);
    leave_change<U>(rows, weights, i, y, z, step.change);
  }
};

/// Kernel: dZ = P + S d and the weighted norm of (d, dZ).
template <class U, class T, int n, class Method, class Plan, class ExecutionSpace>
struct ChangeStages {
  Plan plan;
  CollocationRows<T, n, Method, ExecutionSpace> rows;
  LaneWeights<T, n> weights;

  KOKKOS_INLINE_FUNCTION ANTLER_FLATTEN void operator()(Index block) const {
    const Index i = block * lane_count<U>;
    U t, h;
    rows.template step<U>(i, t, h);
    const Vector<U, n> d = rows.template changes_of_starts<U>(i);
    const Stages<U, n, Method> change = rows.template stages<U>(rows.change, i) + plan.template by_start<U>(i, h, d);
    rows.set_stages(change, rows.change, i);
    const U stages = weights.mean_square(change, rows.template nodes<U>(i, 0), rows.template stages<U>(rows.z, i));
    const U node = weights.mean_square(gather_row<U, n>(rows.d, i), rows.template nodes<U>(i, 1));
    scatter(select(node > stages, node, stages + node * U(0)), rows.norm_square, i);
  }
};

/// Whether f and its Jacobian are finite at all stages of a step, the Jacobian column by column.
template <class Method, class F, class T, int n>
KOKKOS_INLINE_FUNCTION bool finite_by_columns(const F& f, const T& t, const T& h, const Vector<T, n>& y,
                                              const Stages<T, n, Method>& z) {
  bool finite = true;
  for (int k = 0; k < Method::stages; ++k) {
    Vector<T, n> stage;
    for (int c = 0; c < n; ++c) stage[c] = y[c] + z(k, c);
    for (int c = 0; c < n; ++c) {
      const Vector<Dual<T, 1>, n> column = jacobian_column(f, t + static_cast<T>(Method::c(k)) * h, stage, c);
      for (int r = 0; r < n; ++r) finite = finite && is_finite(column[r].value) && is_finite(column[r].derivative[0]);
    }
  }
  return finite;
}

/// Whether f and its Jacobian are finite at all stages of a step. What is no f(t, y) comes with a function of this name of its own.
template <class Method, class F, class T, int n>
requires RightHandSide<F, T, n> KOKKOS_INLINE_FUNCTION bool finite_on_step(const F& f, const T& t, const T& h,
                                                                           const Vector<T, n>& y, const Stages<T, n, Method>& z) {
  bool finite = true;
  for (int k = 0; k < Method::stages; ++k) {
    Vector<T, n> stage, value;
    for (int c = 0; c < n; ++c) stage[c] = y[c] + z(k, c);
    const Matrix<T, n> j = jacobian<T, n>(f, t + static_cast<T>(Method::c(k)) * h, stage, &value);
    finite = finite && all_finite(value) && all_finite(j);
  }
  return finite;
}

/// Kernel: 0 where a step is finite, 1 where it is not.
template <class T, int n, class Method, class F, class ExecutionSpace>
struct FindNonFinite {
  F f;
  CollocationRows<T, n, Method, ExecutionSpace> rows;

  KOKKOS_INLINE_FUNCTION double operator()(Index i) const {
    T t, h;
    rows.template step<T>(i, t, h);
    const Vector<T, n> y = rows.template nodes<T>(i, 0);
    const Stages<T, n, Method> z = rows.template stages<T>(rows.z, i);
    if constexpr (shares_steps<F, n, ExecutionSpace> && DifferentiatedByColumns<F, T, n>) {
      return finite_by_columns<Method>(f, t, h, y, z) ? 0.0 : 1.0;
    } else {
      return finite_on_step<Method>(f, t, h, y, z) ? 0.0 : 1.0;
    }
  }
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
