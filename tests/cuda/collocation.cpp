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

/// More components than a thread has registers for: a team shares a step.
struct Ring {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 12> operator()(T /*t*/, const Vector<T, 12>& y) const {
    Vector<T, 12> slope;
    for (int i = 0; i < 12; ++i) slope[i] = (y[(i + 1) % 12] - y[(i + 10) % 12]) * y[(i + 11) % 12] - y[i] + 8.0;
    return slope;
  }
};

struct RingWithJacobian : Ring {
  template <class T>
  KOKKOS_FUNCTION Matrix<T, 12> jacobian(T /*t*/, const Vector<T, 12>& y) const {
    Matrix<T, 12> j{};
    for (int i = 0; i < 12; ++i) {
      j(i, (i + 1) % 12) = y[(i + 11) % 12];
      j(i, (i + 10) % 12) = -y[(i + 11) % 12];
      j(i, (i + 11) % 12) = y[(i + 1) % 12] - y[(i + 10) % 12];
      j(i, i) = T(-1);
    }
    return j;
  }
};

bool use_teams() {
  const auto y0 = Vector<double, 12>::filled(1);
  const Mesh mesh = Mesh::uniform(0, 1, 100);
  const InitialValueProblem problem{Ring{}, 0.0, 1.0, y0};
  const InitialValueProblem by_hand{RingWithJacobian{}, 0.0, 1.0, y0};
  return solve(problem, RadauIIA<3>{}, mesh).status == Status::converged &&
         solve(by_hand, Gauss<2>{}, mesh).status == Status::converged;
}

bool use_collocation() {
  const InitialValueProblem problem{Relaxation{}, 0.0, 1.0, Vector<double, 2>{1, 0}};
  const Mesh mesh = Mesh::uniform(0, 1, 100);
  const auto simplified = solve(problem, RadauIIA<3>{}, mesh);
  const auto exact = solve(problem, Collocation{Gauss<2>{}, ExactNewton{}, SequentialInverse{}}, mesh, simplified, Options{});
  return simplified.status == Status::converged && exact.status == Status::converged;
}
