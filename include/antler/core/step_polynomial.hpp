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
};

}  // namespace antler::inline ANTLER_LANES
