// SPDX-License-Identifier: BSD-3-Clause
#include <Kokkos_Core.hpp>
#include <antler/antler.hpp>
#include <cmath>
#include <cstring>

struct Decay {
  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 1> operator()(T /*t*/, const antler::Vector<T, 1>& y) const {
    return {-1000.0 * y[0]};
  }
};

int main(int argc, char** argv) {
  Kokkos::ScopeGuard kokkos(argc, argv);
  if (std::strcmp(antler::version(), ANTLER_VERSION_STRING) != 0) return 1;
  const antler::InitialValueProblem problem{Decay{}, 0.0, 0.01, antler::Vector<double, 1>{1}};
  const auto solution = antler::solve(problem);
  if (solution.status != antler::Status::converged) return 2;
  return std::abs(solution.final_state()[0] - std::exp(-10.0)) < 1e-6 ? 0 : 3;
}
