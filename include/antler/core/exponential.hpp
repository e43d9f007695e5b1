// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The exponential of one step, exp(X) - 1 and phi_1(X) v with phi_1(X) = (exp(X) - 1) / X, for any X, singular or stiff.
///
/// Both are blocks of one exponential [Lim2024, sec. 3.3; AlMohyHigham2011, thm. 2.1]:
///
///     exp [[X, v], [0, 0]] = [[exp(X), phi_1(X) v], [0, 1]],   so phi_1 needs no inverse of X.
///
/// Algorithm, scaling and squaring with the [7/7] Pade approximant [Higham2005]:
///   1. s so that |X / 2^s|_1 <= theta_7 = 0.95
///   2. U = X u(X), V = s(X):   R = 2 (V - U)^{-1} U = exp - 1,   r = 2 (V - U)^{-1} u(X) v
///   3. s times:   r <- 2 r + R r,   R <- 2 R + R R          since (1 + R)^2 - 1 = 2 R + R^2
///
/// What differs from the usual form: exp - 1 is squared, not exp. With |X| = 1e8 and another eigenvalue at 1, s is 27; the slow
/// eigenvalue of exp(X / 2^s) is 1 - 1e-8, and its rounding error would double 27 times. Of exp - 1 the relative error is kept.

#include "antler/core/lu.hpp"

namespace antler::inline ANTLER_LANES {

/// exp(X) - 1 and phi_1(X) v of one step (or, with lanes, of one step per lane).
template <class T, int n>
struct ExponentialStep {
  Matrix<T, n> expm1;  ///< exp(X) - I
  Vector<T, n> phi1;   ///< phi_1(X) v
};

namespace detail {

/// |X|_1, the largest column sum.
template <class T, int n>
KOKKOS_INLINE_FUNCTION T norm1(const Matrix<T, n>& x) {
  T largest = T(0);
  for (int j = 0; j < n; ++j) {
    T sum = abs(x(0, j));
    for (int i = 1; i < n; ++i) sum += abs(x(i, j));
    largest = select(sum > largest, sum, largest);
  }
  return largest;
}

}  // namespace detail

/// Computes exp(X) - I and phi_1(X) v.
///
/// @param x  the matrix of the step, -G h, of shape (n, n)
/// @param v  the vector that phi_1 acts on, of shape (n)
/// @note 5 + s products of n x n matrices and one factorisation, s = max(0, log2(|X|_1 / 0.95)) of the stiffest lane. Values that
///       overflow come out infinite or NaN; X that is not finite gives NaN.
template <class T, int n>
KOKKOS_INLINE_FUNCTION ExponentialStep<T, n> exponential_step(Matrix<T, n> x, Vector<T, n> v) {
  constexpr double theta = 0.95;          // largest norm at which [7/7] is exact to unit roundoff in double [Higham2005, table 2.3]
  constexpr int largest_exponent = 1100;  // beyond the range of double: a norm that is still too large is not finite
  constexpr double b[8] = {17297280, 8648640, 1995840, 277200, 25200, 1512, 56, 1};

  T scale = T(1);
  T squarings = T(0);
  const T norm = detail::norm1(x);
  for (int k = 0; k < largest_exponent; ++k) {
    const auto too_large = norm * scale > T(theta);
    if (!any(too_large)) break;  // at once where a norm is NaN
    scale = select(too_large, scale * T(0.5), scale);
    squarings = select(too_large, squarings + T(1), squarings);
  }
  x *= scale;
  v *= scale;

  const Matrix<T, n> x2 = x * x;
  const Matrix<T, n> x4 = x2 * x2;
  const Matrix<T, n> x6 = x4 * x2;
  Matrix<T, n> odd;  // u(X), U = X u(X)
  Matrix<T, n> even;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      odd(i, j) = T(b[7]) * x6(i, j) + T(b[5]) * x4(i, j) + T(b[3]) * x2(i, j);
      even(i, j) = T(b[6]) * x6(i, j) + T(b[4]) * x4(i, j) + T(b[2]) * x2(i, j);
    }
  for (int i = 0; i < n; ++i) {
    odd(i, i) += T(b[1]);
    even(i, i) += T(b[0]);
  }

  ExponentialStep<T, n> step{x * odd, odd * v};
  const LU<T, n> denominator(even - step.expm1);
  denominator.solve(step.expm1);
  denominator.solve(step.phi1);
  step.expm1 *= T(2);
  step.phi1 *= T(2);

  for (T k = T(0); any(k < squarings); k += T(1)) {
    const auto active = k < squarings;
    const Vector<T, n> product = step.expm1 * step.phi1;
    const Matrix<T, n> square = step.expm1 * step.expm1;
    for (int i = 0; i < n; ++i) {
      step.phi1[i] = select(active, T(2) * step.phi1[i] + product[i], step.phi1[i]);
      for (int j = 0; j < n; ++j) step.expm1(i, j) = select(active, T(2) * step.expm1(i, j) + square(i, j), step.expm1(i, j));
    }
  }
  return step;
}

}  // namespace antler::inline ANTLER_LANES
