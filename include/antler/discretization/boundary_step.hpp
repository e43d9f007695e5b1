// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// One step of collocation for a boundary value problem (discretization/boundary_tableau.hpp), linearised and freed of its inner
/// unknowns u. With the unknowns' updates (du, d, d', e), (q + 1) n equations, those of the inner points first:
///
///     [ Q_u | Q_y  Q_z  Q_p ] (du, d, d', e) = rhs       du_k is O(h), as y is: all rows are in units of y
///
/// An orthogonal triangularisation of Q_u leaves n equations without du, the block row S d + R d' + C e = r. The usual way, to
/// solve the first q n equations for du, is that of an initial value problem: it fails where h times a growing mode's rate is an
/// eigenvalue of the tableau's inverse.

#include "antler/core/householder.hpp"
#include "antler/deer/almost_block_diagonal.hpp"
#include "antler/discretization/boundary_tableau.hpp"
#include "antler/problem/boundary_value_problem.hpp"

namespace antler::inline ANTLER_LANES::detail {

/// f, df/dy and df/dp at a point.
template <class U, int n, int m>
struct LinearSlope {
  Vector<U, n> f;
  Matrix<U, n> J;
  Matrix<U, n, at_least_one(m)> P;
};

template <int m, class F, class U, int n>
KOKKOS_INLINE_FUNCTION LinearSlope<U, n, m> linear_slope(const F& f, const U& t, const Vector<U, n>& y,
                                                         const ParametersOf<U, m>& p) {
  using D = Dual<U, n + m>;
  Vector<D, n> seeded;
  ParametersOf<D, m> parameters{};
  for (int c = 0; c < n; ++c) seeded[c] = D::variable(y[c], c);
  for (int j = 0; j < m; ++j) parameters[j] = D::variable(p[j], n + j);
  const Vector<D, n> slope = slope_at<m>(f, D(t), seeded, parameters);
  LinearSlope<U, n, m> point;
  for (int r = 0; r < n; ++r) {
    point.f[r] = slope[r].value;
    for (int c = 0; c < n; ++c) point.J(r, c) = slope[r].derivative[c];
    for (int j = 0; j < m; ++j) point.P(r, j) = slope[r].derivative[n + j];
  }
  return point;
}

/// A step's place and iterate. U is a scalar or lanes, one step per lane.
template <class U, int n, int q>
struct BoundaryStep {
  U t, h;
  Vector<U, n> y, z;
  Vector<U, q * n> u;

  /// Y_k, from h f at the ends.
  template <class Tableau>
  KOKKOS_INLINE_FUNCTION Vector<U, n> stage(int k, const Vector<U, n>& left, const Vector<U, n>& right) const {
    Vector<U, n> value = y;
    for (int c = 0; c < n; ++c) {
      if constexpr (Tableau::ends) value[c] += U(Tableau::a_left(k)) * left[c] + U(Tableau::a_right(k)) * right[c];
      for (int l = 0; l < q; ++l) value[c] += U(Tableau::a(k, l)) * u[l * n + c];
    }
    return value;
  }
  /// The equations' right-hand side, what is missing to zero; `slopes` are h f at the inner points.
  template <class Tableau>
  KOKKOS_INLINE_FUNCTION Vector<U, (q + 1) * n> missing(const Vector<U, n>& left, const Vector<U, q * n>& slopes,
                                                        const Vector<U, n>& right) const {
    Vector<U, (q + 1) * n> rhs;
    for (int k = 0; k < q * n; ++k) rhs[k] = slopes[k] - u[k];
    for (int c = 0; c < n; ++c) {
      U sum = y[c] - z[c];
      if constexpr (Tableau::ends) sum += U(Tableau::b_end) * (left[c] + right[c]);
      for (int l = 0; l < q; ++l) sum += U(Tableau::b(l)) * u[l * n + c];
      rhs[q * n + c] = sum;
    }
    return rhs;
  }
};

/// What the elimination of u is remembered by: U_u du = t - E d - G d' - H e.
template <class U, int n, int m, int q>
struct StepElimination {
  static constexpr int inner = q * n;

  Householder<U, inner + n, inner> factors;
  Matrix<U, inner, n> E, G;
  Matrix<U, inner, at_least_one(m)> H;

  KOKKOS_INLINE_FUNCTION Vector<U, inner> update(Vector<U, inner> t, const Vector<U, n>& d, const Vector<U, n>& after,
                                                 const ParametersOf<U, m>& e) const {
    t -= E * d;
    t -= G * after;
    if constexpr (m > 0) t -= H * e;
    factors.back_substitute(t);
    return t;
  }
};

/// A linearised step: the block row that is left, how to have du, and the right-hand side as it was before.
template <class U, int n, int m, int q>
struct LinearStep {
  BoundarySlice<U, n, m> slice;
  StepElimination<U, n, m, q> elimination;
  Vector<U, (q + 1) * n> rhs;
};

/// The right-hand side of a step alone.
template <class Tableau, int m, class F, class U, int n, int q>
KOKKOS_INLINE_FUNCTION Vector<U, (q + 1) * n> step_residual(const F& f, const BoundaryStep<U, n, q>& step,
                                                            const ParametersOf<U, m>& p) {
  Vector<U, n> left{}, right{};
  if constexpr (Tableau::ends) {
    left = step.h * slope_at<m>(f, step.t, step.y, p);
    right = step.h * slope_at<m>(f, U(step.t + step.h), step.z, p);
  }
  Vector<U, q * n> slopes;
  for (int k = 0; k < q; ++k) {
    const Vector<U, n> slope =
        slope_at<m>(f, U(step.t + U(Tableau::c(k)) * step.h), step.template stage<Tableau>(k, left, right), p);
    for (int c = 0; c < n; ++c) slopes[k * n + c] = step.h * slope[c];
  }
  return step.template missing<Tableau>(left, slopes, right);
}

/// The step linearised and its inner unknowns eliminated.
template <class Tableau, int m, class F, class U, int n, int q>
KOKKOS_INLINE_FUNCTION LinearStep<U, n, m, q> linearised_step(const F& f, const BoundaryStep<U, n, q>& step,
                                                              const ParametersOf<U, m>& p) {
  constexpr int inner = q * n, rows = inner + n, columns = 2 * n + m;
  const U h = step.h;
  // h f, h J and h P at the ends.
  LinearSlope<U, n, m> left{}, right{};
  if constexpr (Tableau::ends) {
    left = linear_slope<m>(f, step.t, step.y, p);
    right = linear_slope<m>(f, U(step.t + h), step.z, p);
    left.f *= h;
    left.J *= h;
    right.f *= h;
    right.J *= h;
    if constexpr (m > 0) {
      left.P *= h;
      right.P *= h;
    }
  }
  Matrix<U, rows, inner> middle;
  Matrix<U, rows, columns> beside;
  Vector<U, inner> slopes;
  for (int k = 0; k < q; ++k) {
    LinearSlope<U, n, m> point =
        linear_slope<m>(f, U(step.t + U(Tableau::c(k)) * h), step.template stage<Tableau>(k, left.f, right.f), p);
    point.J *= h;
    if constexpr (m > 0) point.P *= h;
    // Rows k: du_k - h J_k dY_k - h P_k e, with dY_k = d + a_left (h J_0 d + h P_0 e) + sum_l a_kl du_l + a_right (h J_1 d' + h P_1
    // e).
    const auto J_left = Tableau::ends ? point.J * left.J : Matrix<U, n>{},
               J_right = Tableau::ends ? point.J * right.J : Matrix<U, n>{};
    for (int r = 0; r < n; ++r) {
      const int row = k * n + r;
      slopes[row] = h * point.f[r];
      for (int c = 0; c < n; ++c) {
        for (int l = 0; l < q; ++l) middle(row, l * n + c) = U(k == l && r == c ? 1 : 0) - U(Tableau::a(k, l)) * point.J(r, c);
        beside(row, c) = -point.J(r, c) - U(Tableau::a_left(k)) * J_left(r, c);
        beside(row, n + c) = -U(Tableau::a_right(k)) * J_right(r, c);
      }
      for (int j = 0; j < m; ++j) {
        U sum = -point.P(r, j);
        if constexpr (Tableau::ends)
          for (int c = 0; c < n; ++c)
            sum -= point.J(r, c) * (U(Tableau::a_left(k)) * left.P(c, j) + U(Tableau::a_right(k)) * right.P(c, j));
        beside(row, 2 * n + j) = sum;
      }
    }
  }
  for (int r = 0; r < n; ++r) {
    const int row = inner + r;
    for (int c = 0; c < n; ++c) {
      for (int l = 0; l < q; ++l) middle(row, l * n + c) = r == c ? U(-Tableau::b(l)) : U(0);
      beside(row, c) = U(r == c ? -1 : 0) - U(Tableau::b_end) * left.J(r, c);
      beside(row, n + c) = U(r == c ? 1 : 0) - U(Tableau::b_end) * right.J(r, c);
    }
    for (int j = 0; j < m; ++j) beside(row, 2 * n + j) = -U(Tableau::b_end) * (left.P(r, j) + right.P(r, j));
  }

  LinearStep<U, n, m, q> linear;
  linear.rhs = step.template missing<Tableau>(left.f, slopes, right.f);
  linear.elimination.factors = Householder<U, rows, inner>(middle);
  linear.elimination.factors.apply(beside);
  for (int c = 0; c < n; ++c) {
    for (int r = 0; r < inner; ++r) {
      linear.elimination.E(r, c) = beside(r, c);
      linear.elimination.G(r, c) = beside(r, n + c);
    }
    for (int r = 0; r < n; ++r) {
      linear.slice.S(r, c) = beside(inner + r, c);
      linear.slice.R(r, c) = beside(inner + r, n + c);
    }
  }
  for (int j = 0; j < m; ++j) {
    for (int r = 0; r < inner; ++r) linear.elimination.H(r, j) = beside(r, 2 * n + j);
    for (int r = 0; r < n; ++r) linear.slice.C(r, j) = beside(inner + r, 2 * n + j);
  }
  return linear;
}

}  // namespace antler::inline ANTLER_LANES::detail
