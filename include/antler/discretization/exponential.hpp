// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// L = d/dt by exponentials [Lim2024, sec. 3.3]. On a step of length h from (y_0, f_0) to (y_1, f_1), with G = -df/dy and
/// z = f + G y taken constant, as the means of both ends:
///
///     y_1+ = exp(-G h) y_0+ + h phi_1(-G h) z,     phi_1(X) = (exp(X) - 1) / X.
///
/// What differs from the paper: the step is written for the update d = y+ - y. From exp(X) - 1 = phi_1(X) X follows
///
///     d_1 = exp(-G h) d_0 + b,    b = h phi_1(-G h) [ (f_0 + f_1)/2 + G_1 (y_1 - y_0)/2 ] - (y_1 - y_0),
///
/// in which every term is a difference of neighbours: b vanishes with the update, also in the last digits. exp and phi_1 are the
/// true ones (exponential_step); a truncated Taylor series turns contractions into explosions as soon as |G h| is large.
///
/// Second order in h, for autonomous and for time-dependent f. Exact when f is linear with constant coefficients. The iteration is
/// not exactly Newton's for its own fixed point (the derivative of the means is left out): its tail is linear, with a factor
/// O(h^2).

#include "antler/core/exponential.hpp"
#include "antler/deer/affine_maps.hpp"
#include "antler/deer/concepts.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// t_{i+1} - t_i (with lanes: of steps i, i + 1, ...; zero past the last), subtracted in double: late times that float cannot tell
/// apart still have the right distance.
template <class U, class Times>
KOKKOS_INLINE_FUNCTION U step_length(const Times& times, Index i) {
  const Index last = static_cast<Index>(times.extent(0)) - 1;
  scalar_of<U> buffer[lane_count<U>];
  for (int l = 0; l < lane_count<U>; ++l) {
    const Index left = i + l < last ? i + l : last, right = left < last ? left + 1 : last;
    buffer[l] = static_cast<scalar_of<U>>(times(right) - times(left));
  }
  return load<U>(buffer);
}

/// Kernel: map i is A = 0, b = 0. Row 0 keeps the initial value.
template <class T, int n, class ExecutionSpace>
struct ZeroMap {
  AffineMaps<T, n, ExecutionSpace> maps;

  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    scatter_matrix(Matrix<T, n>{}, maps.A, i);
    scatter_row(Vector<T, n>{}, maps.b, i);
  }
};

/// Kernel: the affine maps of steps i, i + 1, ... (one per lane).
template <class U, class T, int n, class ExecutionSpace>
struct ExponentialMaps {
  Kokkos::View<const double*, typename ExecutionSpace::memory_space> times;
  Trajectory<T, n, ExecutionSpace> y, f;
  Matrices<T, n, ExecutionSpace> jacobian;
  AffineMaps<T, n, ExecutionSpace> maps;

  KOKKOS_INLINE_FUNCTION void operator()(Index block) const {
    const Index i = block * lane_count<U>;  // step from point i to point i + 1, row i + 1
    const U h = step_length<U>(times, i);
    const Matrix<U, n> right = gather_matrix<U, n>(jacobian, i + 1);
    const Vector<U, n> difference = gather_row<U, n>(y, i + 1) - gather_row<U, n>(y, i);
    const Vector<U, n> mean = gather_row<U, n>(f, i) + gather_row<U, n>(f, i + 1) - right * difference;
    const U half = h * U(0.5);
    const auto step = exponential_step<U, n>((gather_matrix<U, n>(jacobian, i) + right) * half, mean * half);
    scatter_row(step.phi1 - difference, maps.b, i + 1);
    scatter_matrix(step.expm1 + Matrix<U, n>::identity(), maps.A, i + 1);
  }
};

}  // namespace detail

/// d/dt on a mesh, as the affine maps of its steps: a ResidualLinearOperator over the points t_0 .. t_N.
///
/// @note Storage N (n^2 + n) scalars. Per step two matrix-vector products, 5 + s products and one factorisation of n x n matrices,
///       s = log2(|G h| / 0.95) where that is positive.
template <class T, int n, class ExecutionSpace>
class ExponentialOperator {
 public:
  using System = AffineMaps<T, n, ExecutionSpace>;
  using States = Trajectory<T, n, ExecutionSpace>;

  static std::size_t required_bytes(Index points) { return static_cast<std::size_t>(points) * n * (n + 1) * sizeof(T); }

  /// @param times  t_0 .. t_N, shape (N + 1), strictly monotone
  ExponentialOperator(const ExecutionSpace& space, Kokkos::View<const double*, typename ExecutionSpace::memory_space> times)
      : times_(times) {
    maps_.A = allocate<Matrices<T, n, ExecutionSpace>>("antler::exponential::A", times.extent(0));
    maps_.b = allocate<States>("antler::exponential::b", times.extent(0));
    parallel_for("antler::exponential::initial_value", space, 1, 0, detail::ZeroMap<T, n, ExecutionSpace>{maps_});
  }

  const System& linearize(const ExecutionSpace& space, const States& y, const States& f,
                          const Jacobians<T, n, 1, ExecutionSpace>& jacobians) {
    using U = KernelLanes<T, ExecutionSpace>;
    const Index steps = this->steps();
    const double flops = 2.0 * n * n * n * 10 * lane_count<U>;  // five to fifteen products and a factorisation
    parallel_for("antler::exponential::maps", space, (steps + lane_count<U> - 1) / lane_count<U>, flops,
                 detail::ExponentialMaps<U, T, n, ExecutionSpace>{times_, y, f, jacobians[0], maps_});
    return maps_;
  }

  [[nodiscard]] const States& residual() const { return maps_.b; }
  [[nodiscard]] Index factorisations() const { return steps(); }
  [[nodiscard]] std::size_t required_bytes() const { return required_bytes(steps() + 1); }

 private:
  [[nodiscard]] Index steps() const { return static_cast<Index>(times_.extent(0)) - 1; }

  Kokkos::View<const double*, typename ExecutionSpace::memory_space> times_;
  System maps_;
};

}  // namespace antler::inline ANTLER_LANES
