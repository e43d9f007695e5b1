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

namespace detail {

/// The part of a step's polynomial between two times, as a step of its own.
template <class T, int n>
StepPolynomial<T, n, 3> restricted(const StepPolynomial<T, n, 3>& step, double from, double to) {
  const T a = static_cast<T>((from - step.t) / step.h), r = static_cast<T>((to - from) / step.h);
  StepPolynomial<T, n, 3> part{from, to - from, step(from), {}};
  for (int c = 0; c < n; ++c) {  // p(a + r theta)
    const T c1 = step.c(0, c), c2 = step.c(1, c), c3 = step.c(2, c);
    part.c(0, c) = r * (c1 + a * (T(2) * c2 + T(3) * a * c3));
    part.c(1, c) = r * r * (c2 + T(3) * a * c3);
    part.c(2, c) = r * r * r * c3;
  }
  return part;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
