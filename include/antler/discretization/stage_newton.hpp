// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The linearised collocation step in stage increments Z, exact or simplified. With a change d of the step's first value
///
///     (A^{-1} / h - diag(J_k)) dZ = F - A^{-1} Z / h + (J_1 d, ..., J_s d)     =>     dZ = P + S d,     d_next = (1 + v^T S) d +
///     b.
///
/// ExactNewton takes J_k at every stage and solves the dense system of size s n. SimplifiedNewton takes one J per step; then the
/// matrix falls apart into real and complex ones of size n (collocation_step.hpp), which serve until they contract badly.

#include "antler/core/lu.hpp"
#include "antler/core/parallel.hpp"
#include "antler/discretization/collocation_step.hpp"
#include "antler/problem/initial_value_problem.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Entry (k, l) of A^{-1} = T Lambda T^{-1}.
template <class Method>
KOKKOS_FORCEINLINE_FUNCTION constexpr double inverse_A(int k, int l) {
  double sum = 0;
  if constexpr (Method::has_real) sum += Method::gamma * Method::T(k, 0) * Method::inverse_T(0, l);
  for (int q = 0; q < Method::pairs; ++q) {
    const int p = pair_stage<Method> + 2 * q;
    sum += Method::T(k, p) * (Method::alpha(q) * Method::inverse_T(p, l) - Method::beta(q) * Method::inverse_T(p + 1, l)) +
           Method::T(k, p + 1) * (Method::beta(q) * Method::inverse_T(p, l) + Method::alpha(q) * Method::inverse_T(p + 1, l));
  }
  return sum;
}

/// v^T Z: what the stages add to the step's end.
template <class Method, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> end_of_stages(const Stages<U, n, Method>& z) {
  Vector<U, n> sum;
  for (int c = 0; c < n; ++c) {
    sum[c] = U(Method::v(0)) * z(0, c);
    for (int k = 1; k < Method::stages; ++k) sum[c] = multiply_add(U(Method::v(k)), z(k, c), sum[c]);
  }
  return sum;
}

template <int k, class U, int s, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> stage_value(const Vector<U, n>& y, const Matrix<U, s, n>& z) {
  Vector<U, n> stage;
  for (int c = 0; c < n; ++c) stage[c] = y[c] + z(k, c);
  return stage;
}

/// F, row k is f at stage k. @param known  a stage at which f need not be called: its row is left to the caller
template <class Method, class F, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Stages<U, n, Method> stage_slopes(const F& f, const U& t, const U& h, const Vector<U, n>& y,
                                                              const Stages<U, n, Method>& z, int known = -1) {
  Stages<U, n, Method> slopes;
  for (int k = 0; k < Method::stages; ++k) {
    if (k == known) continue;
    Vector<U, n> stage;
    for (int c = 0; c < n; ++c) stage[c] = y[c] + z(k, c);
    const Vector<U, n> value = f(t + U(Method::c(k)) * h, stage);
    for (int c = 0; c < n; ++c) slopes(k, c) = value[c];
  }
  return slopes;
}

/// A linearised step: P, and 1 + v^T S where it was asked for anew.
template <class U, int n, class Method>
struct LinearizedStep {
  Stages<U, n, Method> change;
  Matrix<U, n> map;
};

/// Where the inverses of all steps are kept, s n^2 numbers per step.
template <class T, int n, class Method, class ExecutionSpace>
struct StepInverses {
  static constexpr int pairs = Method::pairs;
  Matrices<T, n, ExecutionSpace> real, pair_re[pairs > 0 ? pairs : 1], pair_im[pairs > 0 ? pairs : 1];

  StepInverses() = default;
  explicit StepInverses(Index steps) {
    if constexpr (Method::has_real) real = allocate<decltype(real)>("antler::collocation::real", steps);
    for (int q = 0; q < pairs; ++q) {
      pair_re[q] = allocate<decltype(real)>("antler::collocation::pair", steps);
      pair_im[q] = allocate<decltype(real)>("antler::collocation::pair", steps);
    }
  }

  /// Of steps i, i + 1, ... (one per lane).
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION void keep(Index i, const StepInverseOf<U, n, Method>& e) const {
    if constexpr (Method::has_real) scatter_matrix(e.real, real, i);
    for (int q = 0; q < pairs; ++q)
      for (int r = 0; r < n; ++r)
        for (int c = 0; c < n; ++c) {
          scatter(e.pair[q](r, c).re, pair_re[q], i, r, c);
          scatter(e.pair[q](r, c).im, pair_im[q], i, r, c);
        }
  }
  template <class U>
  KOKKOS_FORCEINLINE_FUNCTION StepInverseOf<U, n, Method> kept(Index i) const {
    StepInverseOf<U, n, Method> e;
    if constexpr (Method::has_real) e.real = gather_matrix<U, n>(real, i);
    for (int q = 0; q < pairs; ++q)
      for (int r = 0; r < n; ++r)
        for (int c = 0; c < n; ++c) e.pair[q](r, c) = {gather<U>(pair_re[q], i, r, c), gather<U>(pair_im[q], i, r, c)};
    return e;
  }

  /// The inverses of a step where they lie: each entry is loaded when it is needed.
  struct StoredInverse {
    const StepInverses& inverses;
    Index i;

    KOKKOS_FORCEINLINE_FUNCTION T real_entry(int r, int c) const { return inverses.real(i, r, c); }
    KOKKOS_FORCEINLINE_FUNCTION Complex<T> pair_entry(int q, int r, int c) const {
      return {inverses.pair_re[q](i, r, c), inverses.pair_im[q](i, r, c)};
    }
  };
  KOKKOS_FORCEINLINE_FUNCTION StoredInverse at_hand(Index i) const { return {*this, i}; }
};

}  // namespace detail

/// One Jacobian per step, at its middle stage; factors are kept across iterations while they contract.
struct SimplifiedNewton {
  /// What the iteration keeps per step: (lambda / h - J)^{-1}. s n^2 numbers.
  template <class T, int n, class Method, class ExecutionSpace>
  struct Plan {
    static constexpr bool keeps_factors = true;
    static constexpr int numbers_per_step = Method::stages * n * n, jacobians_per_step = 1;
    detail::StepInverses<T, n, Method, ExecutionSpace> inverses;

    Plan() = default;
    explicit Plan(Index steps) : inverses(steps) {}

    /// Steps i, i + 1, ... (one per lane), anew or with the factors at hand.
    template <class U, class F>
    KOKKOS_FORCEINLINE_FUNCTION detail::LinearizedStep<U, n, Method> linearize(Index i, const F& f, const U& t, const U& h,
                                                                               const Vector<U, n>& y, const Stages<U, n, Method>& z,
                                                                               bool anew) const {
      detail::LinearizedStep<U, n, Method> step;
      constexpr int middle = Method::stages / 2;
      const U inverse_h = U(1) / h;
      StepInverseOf<U, n, Method> e;
      Vector<U, n> middle_slope;  // comes with the Jacobian
      if (anew) {
        e = step_inverse<Method, U, n>(
            jacobian<U, n>(f, t + U(Method::c(middle)) * h, detail::stage_value<middle>(y, z), &middle_slope), inverse_h);
        inverses.keep(i, e);
        step.map = end_derivative<Method, U, n>(e, inverse_h);
      } else {
        e = inverses.template kept<U>(i);
      }
      auto slopes = detail::stage_slopes<Method>(f, t, h, y, z, anew ? middle : -1);
      if (anew)
        for (int c = 0; c < n; ++c) slopes(middle, c) = middle_slope[c];
      step.change =
          from_transformed<Method, U, n>(local_update<Method, U, n>(e, inverse_h, to_transformed<Method, U, n>(z), slopes));
      return step;
    }

    /// S d.
    template <class U>
    KOKKOS_FORCEINLINE_FUNCTION Stages<U, n, Method> by_start(Index i, const U& h, const Vector<U, n>& d) const {
      if constexpr (lane_count<U> == 1) {  // no copy: a thread of a device has no registers for it
        return from_transformed<Method, U, n>(start_update<Method, U, n>(inverses.at_hand(i), U(1) / h, d));
      } else {
        return from_transformed<Method, U, n>(start_update<Method, U, n>(inverses.template kept<U>(i), U(1) / h, d));
      }
    }
  };
};

/// Jacobians at all stages: converges quadratically on the whole trajectory; 2/3 (s n)^3 flops per step and iteration.
struct ExactNewton {
  /// What the iteration keeps per step: S. s n^2 numbers.
  template <class T, int n, class Method, class ExecutionSpace>
  struct Plan {
    static constexpr bool keeps_factors = false;
    static constexpr int s = Method::stages, numbers_per_step = s * n * n, jacobians_per_step = s;
    Kokkos::View<T * [s * n][n], typename ExecutionSpace::array_layout, typename ExecutionSpace::memory_space> by_d;

    Plan() = default;
    explicit Plan(Index steps) : by_d(allocate<decltype(by_d)>("antler::collocation::by_start", steps)) {}

    template <class U, class F>
    KOKKOS_FORCEINLINE_FUNCTION detail::LinearizedStep<U, n, Method> linearize(Index i, const F& f, const U& t, const U& h,
                                                                               const Vector<U, n>& y, const Stages<U, n, Method>& z,
                                                                               bool /*anew*/) const {
      const U inverse_h = U(1) / h;
      Matrix<U, s * n> matrix;
      Matrix<U, s * n, n + 1> unknowns;  // [S | P]
      for (int k = 0; k < s; ++k) {
        Vector<U, n> stage, slope;
        for (int c = 0; c < n; ++c) stage[c] = y[c] + z(k, c);
        const Matrix<U, n> j = jacobian<U, n>(f, t + U(Method::c(k)) * h, stage, &slope);
        for (int r = 0; r < n; ++r) {
          const int row = k * n + r;
          U rest(0);
          for (int l = 0; l < s; ++l) {
            const U a = U(detail::inverse_A<Method>(k, l)) * inverse_h;
            rest += a * z(l, r);
            for (int c = 0; c < n; ++c) matrix(row, l * n + c) = (r == c ? a : U(0)) - (k == l ? j(r, c) : U(0));
          }
          for (int c = 0; c < n; ++c) unknowns(row, c) = j(r, c);
          unknowns(row, n) = slope[r] - rest;
        }
      }
      LU<U, s * n>(matrix).solve(unknowns);
      return split<U>(i, unknowns);
    }

    template <class U>
    KOKKOS_FORCEINLINE_FUNCTION Stages<U, n, Method> by_start(Index i, const U& /*h*/, const Vector<U, n>& d) const {
      Stages<U, n, Method> change;
      for (int k = 0; k < s; ++k)
        for (int r = 0; r < n; ++r) {
          U sum(0);
          for (int c = 0; c < n; ++c) sum = multiply_add(gather<U>(by_d, i, k * n + r, c), d[c], sum);
          change(k, r) = sum;
        }
      return change;
    }

    /// P, 1 + v^T S, and S into its array.
    template <class U>
    KOKKOS_FORCEINLINE_FUNCTION detail::LinearizedStep<U, n, Method> split(Index i, const Matrix<U, s * n, n + 1>& unknowns) const {
      detail::LinearizedStep<U, n, Method> step;
      step.map = Matrix<U, n>::identity();
      for (int k = 0; k < s; ++k)
        for (int r = 0; r < n; ++r) {
          step.change(k, r) = unknowns(k * n + r, n);
          for (int c = 0; c < n; ++c) {
            scatter(unknowns(k * n + r, c), by_d, i, k * n + r, c);
            step.map(r, c) = multiply_add(U(Method::v(k)), unknowns(k * n + r, c), step.map(r, c));
          }
        }
      return step;
    }
  };
};

}  // namespace antler::inline ANTLER_LANES
