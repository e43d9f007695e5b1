// SPDX-License-Identifier: BSD-3-Clause
// Compiled for Kokkos' CUDA backend, never run: collocation on a fixed mesh, all kernels.

#include "antler/antler.hpp"

using namespace antler;

struct Relaxation {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(T t, const Vector<T, 2>& y) const {
    return {y[1] - y[0] * y[0] * y[0], sin(t) - y[0]};
  }
};

bool use_collocation() {
  const InitialValueProblem problem{Relaxation{}, 0.0, 1.0, Vector<double, 2>{1, 0}};
  const Mesh mesh = Mesh::uniform(0, 1, 100);
  const auto simplified = solve(problem, RadauIIA<3>{}, mesh);
  const auto exact = solve(problem, Collocation{Gauss<2>{}, ExactNewton{}, SequentialInverse{}}, mesh, simplified, Options{});
  return simplified.status == Status::converged && exact.status == Status::converged;
}
