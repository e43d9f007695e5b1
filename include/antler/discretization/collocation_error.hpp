// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Norms over the steps of a window, and the error of a collocation polynomial between its nodes.
///
/// Of a stiff problem the filtered estimate E (f - p') does not see it: nodes are right to the last digit, however many waves the
/// solution makes from one to the next.

#include "antler/core/lanes_math.hpp"
#include "antler/core/math.hpp"
#include "antler/core/unrolled.hpp"
#include "antler/discretization/collocation_step.hpp"

namespace antler::inline ANTLER_LANES {

/// The square of the weighted root mean square norm.
template <class U, int n>
KOKKOS_FORCEINLINE_FUNCTION U mean_square(const Vector<U, n>& v, const Vector<U, n>& weight) {
  U sum(0);
  for (int c = 0; c < n; ++c) {
    const U scaled = v[c] * weight[c];
    sum = multiply_add(scaled, scaled, sum);
  }
  return sum * U(scalar_of<U>(1) / n);
}
/// The same over the stages of a step.
template <class U, int s, int n>
KOKKOS_FORCEINLINE_FUNCTION U mean_square(const Matrix<U, s, n>& v, const Vector<U, n>& weight) {
  U sum(0);
  for (int k = 0; k < s; ++k)
    for (int c = 0; c < n; ++c) {
      const U scaled = v(k, c) * weight[c];
      sum = multiply_add(scaled, scaled, sum);
    }
  return sum * U(scalar_of<U>(1) / (n * s));
}

namespace detail {

/// Part of transformed stage l in the coefficient of theta^(m + 1) of the collocation polynomial.
template <class Method>
KOKKOS_FORCEINLINE_FUNCTION constexpr double transformed_monomial(int m, int l) {
  double sum = 0;
  for (int k = 0; k < Method::stages; ++k) sum += Method::monomial(m, k) * Method::T(k, l);
  return sum;
}

/// max |theta (theta - c_1) ... (theta - c_s)| over a step.
template <class Method>
KOKKOS_FORCEINLINE_FUNCTION constexpr double largest_between_nodes() {
  constexpr int samples = 1000;
  double largest = 0;
  for (int i = 1; i < samples; ++i) {
    const double theta = static_cast<double>(i) / samples;
    double product = theta;
    for (int k = 0; k < Method::stages; ++k) product *= theta - Method::c(k);
    if (product < 0) product = -product;
    if (product > largest) largest = product;
  }
  return largest;
}

}  // namespace detail

/// The coefficient of theta^(m + 1) of the collocation polynomial, from W = T^{-1} Z.
template <class Method, int m, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> coefficient_of_transformed(const Stages<U, n, Method>& w) {
  return detail::weighted_sum([](int l) { return detail::transformed_monomial<Method>(m, l); }, w);
}

/// The square of the weighted norm of the error between the nodes, for three stages at least. The polynomial misses
///
///     c_{s+1} theta (theta - c_1) ... (theta - c_s)
///
/// and higher terms, and its own coefficients tell c_{s+1}: they go on to fall as fast as they fell. They fall in pairs, the last
/// two from the two before them, since of cos t every second one is zero at t = 0; of three there is no second pair.
///
/// @param w       transformed stages
/// @param weight  reciprocals of the tolerances
template <class Method, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION U error_between(const Stages<U, n, Method>& w, const Vector<U, n>& weight) {
  constexpr int s = Method::stages;
  static_assert(s >= 3, "antler::error_between: shorter polynomials do not show how fast their coefficients fall");
  constexpr double largest = detail::largest_between_nodes<Method>();
  const auto size = [&](auto m) ANTLER_INLINED { return mean_square(coefficient_of_transformed<Method, m - 1, U, n>(w), weight); };
  const U last = size(detail::Constant<s>{});
  U next(0), before = size(detail::Constant<s - 2>{});
  if constexpr (s > 3) {
    next = size(detail::Constant<s - 1>{});
    before += size(detail::Constant<s - 3>{});
  }
  const U both = last + next, fall = sqrt(select(before > both, both / before, U(1)));  // of squares, from one to the next
  return U(largest * largest) * fall * (last + fall * next);
}

}  // namespace antler::inline ANTLER_LANES
