// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/matrix.hpp"

namespace antler::inline ANTLER_LANES {

/// The polynomial of one step, y(t + theta h) = y + sum_m c_m theta^m, m = 1 .. degree: a collocation polynomial, or a predictor's
/// dense output. Valid a little beyond the step too.
template <class T, int n, int degree>
struct StepPolynomial {
  double t, h;
  Vector<T, n> y;
  Matrix<T, degree, n> c;

  [[nodiscard]] Vector<T, n> operator()(double time) const {
    const T theta = static_cast<T>((time - t) / h);
    Vector<T, n> value;
    for (int i = 0; i < n; ++i) {
      T sum = c(degree - 1, i);
      for (int m = degree - 1; m-- > 0;) sum = sum * theta + c(m, i);
      value[i] = y[i] + theta * sum;
    }
    return value;
  }

  /// y' at that time.
  [[nodiscard]] Vector<T, n> derivative(double time) const {
    const T theta = static_cast<T>((time - t) / h);
    Vector<T, n> value;
    for (int i = 0; i < n; ++i) {
      T sum = static_cast<T>(degree) * c(degree - 1, i);
      for (int m = degree - 1; m-- > 0;) sum = sum * theta + static_cast<T>(m + 1) * c(m, i);
      value[i] = sum / static_cast<T>(h);
    }
    return value;
  }
};

/// The highest degree of the polynomials that a Solution keeps.
inline constexpr int solution_degree = 7;

/// A step of a Solution; coefficients beyond the method's degree are zero.
template <class T, int n>
using SolutionPiece = StepPolynomial<T, n, solution_degree>;

namespace detail {

/// The same polynomial as one of a degree that is not lower.
template <int to, class T, int n, int degree>
StepPolynomial<T, n, to> of_degree(const StepPolynomial<T, n, degree>& step) {
  static_assert(degree <= to, "antler::detail::of_degree: a polynomial cannot be written with fewer coefficients");
  StepPolynomial<T, n, to> same{step.t, step.h, step.y, {}};
  for (int m = 0; m < degree; ++m)
    for (int c = 0; c < n; ++c) same.c(m, c) = step.c(m, c);
  return same;
}

/// The part of a step's polynomial between two times, as a step of its own.
template <class T, int n, int degree>
StepPolynomial<T, n, degree> restricted(const StepPolynomial<T, n, degree>& step, double from, double to) {
  const T a = static_cast<T>((from - step.t) / step.h), r = static_cast<T>((to - from) / step.h);
  StepPolynomial<T, n, degree> part{from, to - from, {}, {}};
  for (int c = 0; c < n; ++c) {  // p(a + r theta): Horner's scheme with a, over and over, gives p^(m)(a) / m!
    T coefficient[degree + 1];
    coefficient[0] = step.y[c];
    for (int m = 0; m < degree; ++m) coefficient[m + 1] = step.c(m, c);
    for (int m = 0; m < degree; ++m)
      for (int k = degree - 1; k >= m; --k) coefficient[k] += a * coefficient[k + 1];
    part.y[c] = coefficient[0];
    T power = r;
    for (int m = 0; m < degree; ++m, power *= r) part.c(m, c) = power * coefficient[m + 1];
  }
  return part;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
