// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Collocation for implicit equations G(t, y, y') = 0: stages Y_k = y + Z_k with slopes Y'_k = sum_l (A^{-1})_kl Z_l / h. With one
/// pair K = dG/dy, N = dG/dy' per step, simplified Newton in transformed stages is that of collocation_step.hpp with N in front of
/// the derivative:
///
///     (Lambda / h N + K) dW = -T^{-1} G - tau K d     =>     dW = p + tau (lambda / h E N - 1) d,   p = -E T^{-1} G,
///     E = (lambda / h N + K)^{-1},     d_next = A d + b,   A = 1 + v^T T tau (lambda / h E N - 1).
///
/// For M y' = f it is N = M, K = -df/dy. Columns of A are zero where those of N are: what an algebraic component was before a step
/// does not matter behind it.

#include "antler/discretization/stage_newton.hpp"
#include "antler/problem/implicit_problem.hpp"

namespace antler::inline ANTLER_LANES {

/// The last stage is the end of the step: then the end satisfies the algebraic equations.
template <class Method>
concept StifflyAccurate = CollocationTableau<Method> && Method::c(Method::stages - 1)
== 1 && Method::v(Method::stages - 1) == 1;

/// E = (lambda / h N + K)^{-1} for the real eigenvalue and for the complex pairs. A singular matrix gives infinities.
template <class Method, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION StepInverseOf<U, n, Method> step_inverse(const Matrix<U, n>& by_y, const Matrix<U, n>& by_slope,
                                                                     const U& inverse_h) {
  StepInverseOf<U, n, Method> e;
  if constexpr (Method::has_real) {
    const U lambda = U(Method::gamma) * inverse_h;
    const auto form = [&] {
      for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) e.real(i, j) = multiply_add(lambda, by_slope(i, j), by_y(i, j));
    };
    form();
    if (!all(invert_unpivoted<U>(e.real, U(1)))) {
      form();
      invert_pivoted<U>(e.real, U(1));
    }
  }
  detail::unrolled<Method::pairs>([&](auto q) {
    auto& pair = e.pair[q];
    const U alpha = U(Method::alpha(q)) * inverse_h, beta = U(Method::beta(q)) * inverse_h;
    const Complex<U> one{U(1), U(0)};
    const auto form = [&] {
      for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) pair(i, j) = {multiply_add(alpha, by_slope(i, j), by_y(i, j)), beta * by_slope(i, j)};
    };
    form();
    if (!all(invert_unpivoted<U>(pair, one))) {
      form();
      invert_pivoted<U>(pair, one);
    }
  });
  return e;
}

/// E N.
template <class Method, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION StepInverseOf<U, n, Method> times_slope_matrix(const StepInverseOf<U, n, Method>& e,
                                                                           const Matrix<U, n>& by_slope) {
  StepInverseOf<U, n, Method> product;
  if constexpr (Method::has_real) product.real = e.real * by_slope;
  for (int q = 0; q < Method::pairs; ++q)
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        U re(0), im(0);
        for (int k = 0; k < n; ++k) {
          re = multiply_add(e.pair[q](i, k).re, by_slope(k, j), re);
          im = multiply_add(e.pair[q](i, k).im, by_slope(k, j), im);
        }
        product.pair[q](i, j) = {re, im};
      }
  return product;
}

/// Y', row k is the slope of stage k.
template <class Method, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Stages<U, n, Method> stage_derivatives(const Stages<U, n, Method>& z, const U& inverse_h) {
  Stages<U, n, Method> slopes = detail::combined([](int k, int l) { return detail::inverse_A<Method>(k, l); }, z);
  for (int k = 0; k < Method::stages; ++k)
    for (int c = 0; c < n; ++c) slopes(k, c) *= inverse_h;
  return slopes;
}

namespace detail {

template <class U, int s, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> row_of(const Matrix<U, s, n>& stages, int k) {
  Vector<U, n> row;
  for (int c = 0; c < n; ++c) row[c] = stages(k, c);
  return row;
}

/// -G, row k at stage k. @param known  a stage that is left to the caller
template <class Method, class G, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Stages<U, n, Method> negative_residuals(const G& g, const U& t, const U& h, const Vector<U, n>& y,
                                                                    const Stages<U, n, Method>& z,
                                                                    const Stages<U, n, Method>& slopes, int known = -1) {
  Stages<U, n, Method> residuals;
  for (int k = 0; k < Method::stages; ++k) {
    if (k == known) continue;
    const Vector<U, n> value = g(U(t + U(Method::c(k)) * h), Vector<U, n>(y + row_of(z, k)), row_of(slopes, k));
    for (int c = 0; c < n; ++c) residuals(k, c) = -value[c];
  }
  return residuals;
}

/// p = -E T^{-1} G in stages Z.
template <class Method, class U, int n, class Inverse>
KOKKOS_FORCEINLINE_FUNCTION Stages<U, n, Method> implicit_change(const Inverse& e, const Stages<U, n, Method>& negative) {
  Stages<U, n, Method> zero;
  for (int k = 0; k < Method::stages; ++k)
    for (int c = 0; c < n; ++c) zero(k, c) = U(0);
  return from_transformed<Method, U, n>(local_update<Method, U, n>(e, U(0), zero, negative));
}

/// -G on the collocation polynomial p(theta) of a step: G(t + theta h, p, p').
template <class Method, class G, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> negative_defect(const G& g, const U& t, const U& h, const U& inverse_h,
                                                         const Vector<U, n>& y, const Stages<U, n, Method>& z, double theta) {
  constexpr int s = Method::stages;
  double value_of[s], slope_of[s];
  for (int k = 0; k < s; ++k) {
    value_of[k] = slope_of[k] = 0;
    double power = 1;
    for (int m = 0; m < s; ++m, power *= theta) {
      value_of[k] += Method::monomial(m, k) * power * theta;
      slope_of[k] += (m + 1) * Method::monomial(m, k) * power;
    }
  }
  Vector<U, n> value = y, slope;
  for (int c = 0; c < n; ++c) {
    slope[c] = U(0);
    for (int k = 0; k < s; ++k) {
      value[c] = multiply_add(U(value_of[k]), z(k, c), value[c]);
      slope[c] = multiply_add(U(slope_of[k]), z(k, c), slope[c]);
    }
    slope[c] *= inverse_h;
  }
  return -Vector<U, n>(g(U(t + U(theta) * h), value, slope));
}

/// Where the collocation polynomial is looked at for what it misses between the nodes: in the middle of the last two nodes, near
/// the largest of theta prod (theta - c_k).
template <class Method>
KOKKOS_INLINE_FUNCTION constexpr double looked_at() {
  return Method::stages == 1 ? 0.5 : 0.5 * (Method::c(Method::stages > 1 ? Method::stages - 2 : 0) + 1);
}

}  // namespace detail

/// Error estimates of a step, to be weighed: the larger counts. E is the filter that collocation_step.hpp's methods have.
///
///     at the start     -E G(t, y, p'(t))            for M y' = f that is E (f(t, y) - M p'(t)), RADAU5's [HairerWanner1996, sec.
///     VI.3] inside           -E G(t + theta h, p, p')     of the same order h^(s+1)
///
/// The equations hold at the nodes, so that the first estimate does not see how algebraic components vary between them, nor those
/// that are so stiff that they are algebraic to it; the second does, and dense output, events and output times can be trusted. Of
/// the other components it is the smaller one.
template <class U, int n>
struct ImplicitErrors {
  Vector<U, n> at_start, inside;
};

template <class Method, class G, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION ImplicitErrors<U, n> implicit_errors(const G& g, const Matrix<U, n>& filter, const U& t, const U& h,
                                                                 const Vector<U, n>& y, const Stages<U, n, Method>& z) {
  const U inverse_h = U(1) / h;
  return {filter * detail::negative_defect<Method>(g, t, h, inverse_h, y, z, 0.0),
          filter * detail::negative_defect<Method>(g, t, h, inverse_h, y, z, detail::looked_at<Method>())};
}

}  // namespace antler::inline ANTLER_LANES
