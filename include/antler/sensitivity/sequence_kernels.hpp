// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The kernels of gradients and sensitivities of recurrences: one call per block of steps, or per chunk of blocks.

#include "antler/core/all_finite.hpp"
#include "antler/sensitivity/parameter_kernels.hpp"
#include "antler/sensitivity/step_arguments.hpp"
#include "antler/sensitivity/transposed_maps.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The matrices of a recursion in the order of time, written as TransposedMaps are.
template <class T, int n, int lags, class ExecutionSpace>
struct ForwardMaps {
  RecursionMaps<T, n, lags, ExecutionSpace> forward;

  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION void set_matrix(int p, Index i, const Matrix<U, n>& a) const {
    scatter_matrix(a, matrices_of(forward, p), i);
  }
};

/// Body of a maximum: the Jacobians of one block of steps go to the maps; returns the largest defect of the steps, infinite when a
/// value or a Jacobian is not finite.
template <class U, class F, class Arguments, class Maps>
struct LinearizeAlong {
  F f;
  Arguments arguments;
  Maps maps;
  double rtol, atol;

  KOKKOS_INLINE_FUNCTION double operator()(Index block) const {
    const Index i = block * lane_count<U>;
    const auto point = arguments.template linearize<U>(f, i);
    bool finite = true;
    int p = 0;
    for (const auto& jacobian : point.jacobian) {
      finite = finite && all_finite(jacobian);
      maps.set_matrix(p++, i, jacobian);
    }
    return finite ? arguments.template defect<U>(point.f, i, rtol, atol) : HUGE_VAL;
  }
};

/// Body of a maximum: count - i where f or a Jacobian at step i is not finite, else 0. For the first such step.
template <class F, class Arguments, class T>
struct StepsLeft {
  F f;
  Arguments arguments;

  KOKKOS_INLINE_FUNCTION double operator()(Index i) const {
    const auto point = arguments.template linearize<T>(f, i);
    bool finite = true;
    for (const auto& jacobian : point.jacobian) finite = finite && all_finite(jacobian);
    for (const T& value : point.f) finite = finite && is_finite(value);
    return finite ? 0.0 : static_cast<double>(arguments.count - i);
  }
};

/// Kernel: the right-hand side of the transposed system, row by row: the derivatives with respect to y_i, and what later windows
/// sent.
template <class T, int n, int lags, class ExecutionSpace>
struct FillRight {
  TransposedMaps<T, n, lags, ExecutionSpace> maps;
  Kokkos::View<const Vector<T, n>*, typename ExecutionSpace::memory_space> loss;  // of count rows, or of none
  Kokkos::Array<Vector<T, n>, lags> carried;

  KOKKOS_INLINE_FUNCTION void operator()(Index k) const {
    const Index i = maps.length - 1 - k;
    Vector<T, n> right = i >= 0 && loss.extent(0) > 0 ? loss(i) : Vector<T, n>{};
    if (k < lags) right += carried[static_cast<size_t>(k)];
    scatter_row(right, maps.backward.b, k);
  }
};

/// lambda_i (with lanes: of steps i, i + 1, ..., zero past the last).
template <class U, class T, int n, int lags, class ExecutionSpace>
struct Covectors {
  TransposedMaps<T, n, lags, ExecutionSpace> maps;
  Trajectory<T, n, ExecutionSpace> lambda;

  KOKKOS_INLINE_FUNCTION Vector<U, n> operator()(Index i) const {
    Vector<U, n> out;
    for (int c = 0; c < n; ++c) {
      scalar_of<U> buffer[lane_count<U>];
      for (int l = 0; l < lane_count<U>; ++l) buffer[l] = i + l < maps.length ? lambda(maps.row(i + l), c) : T(0);
      out[c] = load<U>(buffer);
    }
    return out;
  }
};

/// Kernel, one block per call: (df/dx)^T lambda by dual numbers.
template <class U, class F, class Arguments, class Lambda, class Inputs>
struct PullBackToInputs {
  F f;
  Arguments arguments;
  Lambda lambda;
  Inputs x_bar;

  KOKKOS_INLINE_FUNCTION void operator()(Index block) const {
    const Index i = block * lane_count<U>;
    arguments.template pull_back_to_input<U>(f, i, lambda(i), x_bar);
  }
};

/// Solves for lambda from the derivatives with respect to the states, a row per step or none. @param carried  in and out: lambda of
/// the values before the window, of the steps behind it and then of it
template <class T, int n, int lags, class Inverse, class ExecutionSpace>
Status solve_backwards(const ExecutionSpace& space, const TransposedSystem<T, n, lags, Inverse, ExecutionSpace>& system,
                       const Kokkos::View<const Vector<T, n>*, typename ExecutionSpace::memory_space>& loss,
                       Kokkos::Array<Vector<T, n>, static_cast<size_t>(lags)>& carried) {
  const Index count = system.steps();
  parallel_for("antler::sensitivity::right", space, count + lags, n,
               FillRight<T, n, lags, ExecutionSpace>{system.maps(), loss, carried});
  const Status status = system.solve(space);
  if (status != Status::converged) return status;
  const auto before = Kokkos::subview(system.lambda(), std::make_pair(count, count + lags), Kokkos::ALL());
  const auto mirror = Kokkos::create_mirror_view(before);
  if constexpr (!is_host_space<ExecutionSpace>) Kokkos::deep_copy(mirror, before);
  for (size_t p = 0; p < lags; ++p)
    for (int c = 0; c < n; ++c) carried[p][c] = mirror(p, c);
  return Status::converged;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
