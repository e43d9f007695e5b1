// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The linearised step of an implicit equation, exact or simplified, for CollocationSystem: stage_newton.hpp with G(t, y, y') in
/// the place of f. All steps of a window are linearised at once, d_{i+1} = A_i d_i + b_i is solved by the inverse operator as for
/// any other collocation.

#include "antler/discretization/collocation_kernels.hpp"
#include "antler/discretization/implicit_step.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// @copydoc finite_on_step
template <class Method, class G, class T, int n>
requires ImplicitFunction<G, T, n> KOKKOS_INLINE_FUNCTION bool finite_on_step(const G& g, const T& t, const T& h,
                                                                              const Vector<T, n>& y,
                                                                              const Stages<T, n, Method>& z) {
  const Stages<T, n, Method> slopes = stage_derivatives<Method, T, n>(z, T(1) / h);
  bool finite = true;
  for (int k = 0; k < Method::stages; ++k) {
    const Linearization<T, n, 2> point =
        g.template linearize<T>(t + static_cast<T>(Method::c(k)) * h, y + row_of(z, k), row_of(slopes, k));
    finite = finite && all_finite(point.f) && all_finite(point.jacobian[0]) && all_finite(point.jacobian[1]);
  }
  return finite;
}

/// SimplifiedNewton for implicit equations: one pair of matrices per step, at its middle stage.
struct SimplifiedImplicitNewton {
  /// What the iteration keeps per step: (lambda / h N + K)^{-1} and N. (s + 1) n^2 numbers.
  template <class T, int n, class Method, class ExecutionSpace>
  struct Plan {
    static constexpr bool keeps_factors = true;
    static constexpr int numbers_per_step = (Method::stages + 1) * n * n, jacobians_per_step = 1;
    StepInverses<T, n, Method, ExecutionSpace> inverses;
    Matrices<T, n, ExecutionSpace> by_slope;

    Plan() = default;
    explicit Plan(Index steps) : inverses(steps), by_slope(allocate<decltype(by_slope)>("antler::implicit::by_slope", steps)) {}

    /// Steps i, i + 1, ... (one per lane), anew or with the factors at hand.
    template <class U, class G>
    KOKKOS_FORCEINLINE_FUNCTION LinearizedStep<U, n, Method> linearize(Index i, const G& g, const U& t, const U& h,
                                                                       const Vector<U, n>& y, const Stages<U, n, Method>& z,
                                                                       bool anew) const {
      constexpr int middle = Method::stages / 2;
      const U inverse_h = U(1) / h;
      const Stages<U, n, Method> slopes = stage_derivatives<Method, U, n>(z, inverse_h);
      LinearizedStep<U, n, Method> step;
      StepInverseOf<U, n, Method> e;
      Vector<U, n> middle_value;  // comes with the matrices
      if (anew) {
        const Linearization<U, n, 2> point =
            g.template linearize<U>(t + U(Method::c(middle)) * h, y + row_of(z, middle), row_of(slopes, middle));
        middle_value = point.f;
        e = step_inverse<Method, U, n>(point.jacobian[0], point.jacobian[1], inverse_h);
        inverses.keep(i, e);
        scatter_matrix(point.jacobian[1], by_slope, i);
        step.map = end_derivative<Method, U, n>(times_slope_matrix<Method, U, n>(e, point.jacobian[1]), inverse_h);
      } else {
        e = inverses.template kept<U>(i);
      }
      auto negative = negative_residuals<Method>(g, t, h, y, z, slopes, anew ? middle : -1);
      if (anew)
        for (int c = 0; c < n; ++c) negative(middle, c) = -middle_value[c];
      step.change = implicit_change<Method, U, n>(e, negative);
      return step;
    }

    /// S d.
    template <class U>
    KOKKOS_FORCEINLINE_FUNCTION Stages<U, n, Method> by_start(Index i, const U& h, const Vector<U, n>& d) const {
      const Vector<U, n> nd = gather_matrix<U, n>(by_slope, i) * d;
      return from_transformed<Method, U, n>(start_update<Method, U, n>(inverses.template kept<U>(i), U(1) / h, d, nd));
    }
  };
};

/// ExactNewton for implicit equations: matrices at all stages, and the dense system of a step,
///
///     sum_l (A^{-1})_kl / h N_k dZ_l + K_k dZ_k = -G_k - K_k d.
struct ExactImplicitNewton {
  /// What the iteration keeps per step: S. s n^2 numbers.
  template <class T, int n, class Method, class ExecutionSpace>
  struct Plan : ExactNewton::template Plan<T, n, Method, ExecutionSpace> {
    using Base = ExactNewton::template Plan<T, n, Method, ExecutionSpace>;
    static constexpr int s = Method::stages;

    Plan() = default;
    explicit Plan(Index steps) : Base(steps) {}

    template <class U, class G>
    KOKKOS_FORCEINLINE_FUNCTION LinearizedStep<U, n, Method> linearize(Index i, const G& g, const U& t, const U& h,
                                                                       const Vector<U, n>& y, const Stages<U, n, Method>& z,
                                                                       bool /*anew*/) const {
      const U inverse_h = U(1) / h;
      const Stages<U, n, Method> slopes = stage_derivatives<Method, U, n>(z, inverse_h);
      Matrix<U, s * n> matrix;
      Matrix<U, s * n, n + 1> unknowns;  // [S | P]
      for (int k = 0; k < s; ++k) {
        const Linearization<U, n, 2> point = g.template linearize<U>(t + U(Method::c(k)) * h, y + row_of(z, k), row_of(slopes, k));
        for (int r = 0; r < n; ++r) {
          const int row = k * n + r;
          for (int l = 0; l < s; ++l) {
            const U a = U(inverse_A<Method>(k, l)) * inverse_h;
            for (int c = 0; c < n; ++c)
              matrix(row, l * n + c) = a * point.jacobian[1](r, c) + (k == l ? point.jacobian[0](r, c) : U(0));
          }
          for (int c = 0; c < n; ++c) unknowns(row, c) = -point.jacobian[0](r, c);
          unknowns(row, n) = -point.f[r];
        }
      }
      LU<U, s * n>(matrix).solve(unknowns);
      return this->template split<U>(i, unknowns);
    }
  };
};

/// The iteration for implicit equations that goes by the same name as one for explicit ones.
template <class Newton>
struct ImplicitCounterpart;
template <>
struct ImplicitCounterpart<SimplifiedNewton> {
  using type = SimplifiedImplicitNewton;
};
template <>
struct ImplicitCounterpart<ExactNewton> {
  using type = ExactImplicitNewton;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
