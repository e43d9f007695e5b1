// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// f and its Jacobians at every point of a trajectory: steps 1 and 2 of DEER, one kernel.

#include <utility>

#include "antler/core/dual.hpp"
#include "antler/deer/concepts.hpp"

namespace antler::inline ANTLER_LANES {

/// f and df/dy_p, p = 0 .. P - 1, at one point (with lanes: at one point per lane).
template <class T, int n, int shifts>
struct Linearization {
  Vector<T, n> f;
  Matrix<T, n> jacobian[shifts];
};

/// A right-hand side that brings derivatives of its own: `f.linearize(i, y_1, ..., y_P)` returns a Linearization<T, n, P>.
template <class F, class T, int n, int shifts>
concept HandLinearized = requires(const F f, Index i, const Vector<T, n> (&y)[shifts]) {
  []<int... p>(const F& g, Index j, const Vector<T, n>(&v)[shifts], std::integer_sequence<int, p...>) -> Linearization<T, n, shifts> {
    return g.linearize(j, v[p]...);
  }(f, i, y, std::make_integer_sequence<int, shifts>{});
};

/// Evaluates f(i, y_1, ..., y_P) and its Jacobians with respect to every y_p, by hand-written derivatives or by dual numbers.
/// @note One pass with n P directions: as many as P passes with n, but f's own values are computed once.
template <class T, int n, int shifts, class F>
KOKKOS_INLINE_FUNCTION Linearization<T, n, shifts> linearize_point(const F& f, Index i, const Vector<T, n> (&y)[shifts]) {
  return [&]<int... p>(std::integer_sequence<int, p...>) {
    if constexpr (requires { f.linearize(i, y[p]...); }) {
      return f.linearize(i, y[p]...);
    } else {
      using D = Dual<T, n * shifts>;
      Vector<D, n> seeded[shifts];
      for (int q = 0; q < shifts; ++q)
        for (int c = 0; c < n; ++c) seeded[q][c] = D::variable(y[q][c], q * n + c);
      const Vector<D, n> value = f(i, seeded[p]...);
      Linearization<T, n, shifts> out;
      for (int r = 0; r < n; ++r) {
        out.f[r] = value[r].value;
        for (int q = 0; q < shifts; ++q)
          for (int c = 0; c < n; ++c) out.jacobian[q](r, c) = value[r].derivative[q * n + c];
      }
      return out;
    }
  }(std::make_integer_sequence<int, shifts>{});
}

/// True where f and the shifter both serve several points at once, one per SIMD lane.
template <class F, class S>
inline constexpr bool serves_lanes = requires {
  requires F::lanes;
  requires S::lanes;
};

/// Kernel: f and its Jacobians at points i, i + 1, ... (one per lane).
template <class U, class T, int n, class F, class S, class ExecutionSpace>
struct EvaluatePoints {
  F f;
  S shifter;
  Trajectory<T, n, ExecutionSpace> y, value;
  Jacobians<T, n, S::count, ExecutionSpace> jacobian;

  KOKKOS_INLINE_FUNCTION void operator()(Index block) const {
    const Index i = block * lane_count<U>;
    Vector<U, n> shifted[S::count];
    for (int p = 0; p < S::count; ++p) shifted[p] = shifter.template operator()<U>(p, i, y);
    const auto point = linearize_point<U, n, S::count>(f, i, shifted);
    scatter_row(point.f, value, i);
    for (int p = 0; p < S::count; ++p) scatter_matrix(point.jacobian[p], jacobian[static_cast<size_t>(p)], i);
  }
};

/// Evaluates f and its Jacobians at all points of y.
///
/// @param y         trajectory, shape (N, n)
/// @param value     out: f, shape (N, n)
/// @param jacobian  out: df/dy_p, P arrays of shape (N, n, n)
template <class T, int n, class F, class S, class ExecutionSpace>
void evaluate(const ExecutionSpace& space, const F& f, const S& shifter, const Trajectory<T, n, ExecutionSpace>& y,
              const Trajectory<T, n, ExecutionSpace>& value, const Jacobians<T, n, S::count, ExecutionSpace>& jacobian) {
  using U = std::conditional_t<serves_lanes<F, S>, KernelLanes<T, ExecutionSpace>, T>;
  const Index points = static_cast<Index>(y.extent(0));
  const Index blocks = (points + lane_count<U> - 1) / lane_count<U>;
  const double flops = 10.0 * n * (n * S::count + 1);  // a polynomial right-hand side of a few terms per component
  parallel_for("antler::deer::evaluate", space, blocks, flops * lane_count<U>,
               EvaluatePoints<U, T, n, F, S, ExecutionSpace>{f, shifter, y, value, jacobian});
}

}  // namespace antler::inline ANTLER_LANES
