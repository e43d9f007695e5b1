// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/step_polynomial.hpp"
#include "antler/discretization/collocation_step.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The polynomial of the step from (t, y) whose stages are y + z_k.
template <class Method, class T, int n>
StepPolynomial<T, n, Method::stages> collocation_polynomial(double t, double h, const Vector<T, n>& y,
                                                            const Stages<T, n, Method>& z) {
  return {t, h, y, combined([](int m, int k) { return Method::monomial(m, k); }, z)};
}

/// @copydoc collocation_polynomial
/// @param z  component k n + c is component c of stage k
template <class Method, class T, int n>
StepPolynomial<T, n, Method::stages> collocation_polynomial(double t, double h, const Vector<T, n>& y,
                                                            const Vector<T, n * Method::stages>& z) {
  Stages<T, n, Method> stages;
  for (int k = 0; k < Method::stages; ++k)
    for (int c = 0; c < n; ++c) stages(k, c) = z[k * n + c];
  return collocation_polynomial<Method>(t, h, y, stages);
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
