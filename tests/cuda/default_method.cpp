// SPDX-License-Identifier: BSD-3-Clause
// Compiled for Kokkos' CUDA backend, never run: the default method of an initial value problem, and another in its place.

#include "antler/antler.hpp"

using namespace antler;

struct Robertson {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 3> operator()(T, const Vector<T, 3>& y) const {
    const T a = 0.04 * y[0], b = 1e4 * y[1] * y[2], c = 3e7 * y[1] * y[1];
    return {b - a, a - b - c, c};
  }
};

bool use_default_method() {
  const InitialValueProblem problem{Robertson{}, 0.0, 1e5, Vector<double, 3>{1, 0, 0}};
  return solve(problem, Options{.rtol = 1e-6}).status == Status::converged &&
         solve(problem, RadauIIA<2>{}, Options{.rtol = 1e-4}).status == Status::converged;
}
