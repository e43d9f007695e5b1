// SPDX-License-Identifier: BSD-3-Clause
// Compiled for Kokkos' CUDA backend, never run: block tridiagonal systems and an elliptic problem.

#include "antler/inverse/block_thomas.hpp"
#include "antler/solve/elliptic.hpp"

using namespace antler;
using Space = Kokkos::DefaultExecutionSpace;
static_assert(std::is_same_v<Space, Kokkos::Cuda>, "this check is about the CUDA backend");

Status solve_blocks(const BlockTridiagonal<double, 3, Space>& system, const Trajectory<double, 3, Space>& x) {
  const auto thomas = BlockThomas{}.plan<double, 3>(Space(), system.length(), Ends::periodic);
  const auto reduction = BlockCyclicReduction{}.plan<double, 3>(Space(), system.length());
  return reduction.apply(Space(), system, x) == Status::converged ? Status::converged : thomas.apply(Space(), system, x);
}

struct Bratu {
  double lambda;
  template <class T>
  KOKKOS_FUNCTION T operator()(double /*x*/, const T& u) const {
    return lambda * exp(u);
  }
};

Status solve_bratu() {
  const EllipticProblem problem{Bratu{1.0}, 0.0, 1.0, Dirichlet{0.0}, Neumann{0.0}};
  return solve(problem, 101).status;
}
