// SPDX-License-Identifier: BSD-3-Clause
#include <antler/antler.hpp>
#include <cstdio>

struct Robertson {  // dy/dt = f(t, y)
  static constexpr int size = 3;
  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 3> operator()(T /*t*/, const antler::Vector<T, 3>& y) const {
    const T a = 0.04 * y[0], b = 1e4 * y[1] * y[2], c = 3e7 * y[1] * y[1];
    return {b - a, a - b - c, c};
  }
};

int main(int argc, char** argv) {
  Kokkos::ScopeGuard kokkos(argc, argv);
  antler::InitialValueProblem problem{Robertson{}, 0.0, 1e5, antler::Vector<double, 3>{1, 0, 0}};
  auto solution = antler::solve(problem, antler::Options{.rtol = 1e-6, .atol = 1e-10});
  if (solution.status != antler::Status::converged) return 1;
  auto y = solution.final_state();  // antler::Vector<double, 3>
  auto half = solution(5e4);        // dense output
  std::printf("y(1e5) = %.5f %.3e %.5f\n", y[0], y[1], y[2]);
  std::printf("y(5e4) = %.5f %.3e %.5f\n", half[0], half[1], half[2]);
}
