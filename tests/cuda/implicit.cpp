// SPDX-License-Identifier: BSD-3-Clause
// Compiled for Kokkos' CUDA backend, never run: implicit equations on a fixed mesh, all kernels.

#include "antler/solve/implicit.hpp"

using namespace antler;

struct Relaxation {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(T t, const Vector<T, 2>& y) const {
    return {y[1] - y[0] * y[0] * y[0], sin(t) - y[0] - y[1]};
  }
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(T t, const Vector<T, 2>& y, const Vector<T, 2>& slope) const {
    return {slope[0] * slope[0] - y[1], sin(t) - y[0] - y[1]};
  }
};

bool use_implicit() {
  Matrix<double, 2> mass{};
  mass(0, 0) = 1;
  const MassProblem by_mass{mass, Relaxation{}, 0.0, 1.0, Vector<double, 2>{1, 0}};
  const ImplicitProblem implicit{Relaxation{}, 0.0, 1.0, Vector<double, 2>{1, 0}, Vector<double, 2>{1, 0}};
  const Mesh mesh = Mesh::uniform(0, 1, 100);
  const auto simplified = solve(by_mass, RadauIIA<3>{}, mesh);
  const auto exact = solve(implicit, Collocation{RadauIIA<2>{}, ExactNewton{}, SequentialInverse{}}, mesh, Options{});
  return simplified.status == Status::converged && exact.status == Status::converged;
}
