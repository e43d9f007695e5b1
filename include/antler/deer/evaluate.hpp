// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// f and its Jacobians at every point of a trajectory: steps 1 and 2 of DEER, one kernel.

#include <utility>

#include "antler/core/dual.hpp"
#include "antler/core/linearization.hpp"
#include "antler/deer/concepts.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

template <class F, class... Y>
concept BringsLinearization = requires(const F f, Index i, const Y... y) {
  f.linearize(i, y...);
};

/// Bytes of the matrices of a block of steps, one per SIMD lane, up to which lanes are used: a thread's stack has to hold some of
/// them. Beyond it one step at a time is linearised.
inline constexpr std::size_t most_block_bytes = std::size_t{1} << 19;

/// Variables up to which one pass of dual numbers carries all directions; beyond them a pass takes eight at a time, whose f is
/// evaluated again, and a matrix of dual numbers, n^2 numbers of the stack, is never formed.
inline constexpr int most_directions = 32;

/// Argument number `shift` of f, as independent variables shift n .. shift n + n - 1, of which a pass from `first` takes k.
template <int k, class T, int n>
KOKKOS_INLINE_FUNCTION Vector<Dual<T, k>, n> seeded(const Vector<T, n>& y, int shift, int first = 0) {
  Vector<Dual<T, k>, n> out;
  for (int c = 0; c < n; ++c) {
    const int direction = shift * n + c - first;
    out[c] = direction >= 0 && direction < k ? Dual<T, k>::variable(y[c], direction) : Dual<T, k>(y[c]);
  }
  return out;
}

template <class F, class V, int shifts, int... p>
KOKKOS_INLINE_FUNCTION V call_with(const F& f, Index i, const V (&arguments)[shifts], std::integer_sequence<int, p...>) {
  return f(i, arguments[p]...);
}

template <class T, int n, class F, class... Y>
KOKKOS_INLINE_FUNCTION Linearization<T, n, sizeof...(Y)> linearize_at(const F& f, Index i, const Y&... y) {
  constexpr int shifts = sizeof...(Y);
  if constexpr (BringsLinearization<F, Y...>) {
    return f.linearize(i, y...);
  } else {
    constexpr int variables = n * shifts, k = variables <= most_directions ? variables : 8;
    using D = Dual<T, k>;
    Linearization<T, n, shifts> out;
    for (int first = 0; first < variables; first += k) {
      int shift = 0;
      // A list in braces: the arguments are seeded from left to right.
      const Vector<D, n> arguments[shifts] = {seeded<k>(y, shift++, first)...};
      const Vector<D, n> value = call_with(f, i, arguments, std::make_integer_sequence<int, shifts>{});
      for (int r = 0; r < n; ++r) {
        out.f[r] = value[r].value;
        for (int d = 0; d < k && first + d < variables; ++d)
          out.jacobian[(first + d) / n](r, (first + d) % n) = value[r].derivative[d];
      }
    }
    return out;
  }
}

template <class T, int n, class F, int shifts, int... p>
KOKKOS_INLINE_FUNCTION Linearization<T, n, shifts> linearize_unpacked(const F& f, Index i, const Vector<T, n> (&y)[shifts],
                                                                      std::integer_sequence<int, p...>) {
  return linearize_at<T, n>(f, i, y[p]...);
}

}  // namespace detail

/// Evaluates f(i, y_1, ..., y_P) and its Jacobians with respect to every y_p, by dual numbers, or by `f.linearize(i, y_1, ...,
/// y_P)`, which returns a Linearization<T, n, P>, where f brings it.
/// @note One pass with n P directions, for more than 32 of them a pass for every eight.
template <class T, int n, int shifts, class F>
KOKKOS_INLINE_FUNCTION Linearization<T, n, shifts> linearize_point(const F& f, Index i, const Vector<T, n> (&y)[shifts]) {
  return detail::linearize_unpacked<T, n>(f, i, y, std::make_integer_sequence<int, shifts>{});
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
  using Wide = KernelLanes<T, ExecutionSpace>;
  constexpr bool in_lanes = serves_lanes<F, S> && S::count * sizeof(Matrix<Wide, n>) <= detail::most_block_bytes;
  using U = std::conditional_t<in_lanes, Wide, T>;
  const Index points = static_cast<Index>(y.extent(0));
  const Index blocks = (points + lane_count<U> - 1) / lane_count<U>;
  const double flops = 10.0 * n * (n * S::count + 1);  // a polynomial right-hand side of a few terms per component
  parallel_for("antler::deer::evaluate", space, blocks, flops * lane_count<U>,
               EvaluatePoints<U, T, n, F, S, ExecutionSpace>{f, shifter, y, value, jacobian});
}

}  // namespace antler::inline ANTLER_LANES
