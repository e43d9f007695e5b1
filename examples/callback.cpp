// SPDX-License-Identifier: BSD-3-Clause
//
// The heat equation u_t = u_xx on (0, 1), u = 0 at both ends, on n inner points: y_i' = (y_{i-1} - 2 y_i + y_{i+1}) / dx^2.
//
// What it teaches: a system whose size is known at run time only, f and its Jacobian as plain callbacks, a banded matrix.
// The answer is known: y_i = sin(pi x_i) is an eigenvector, and decays as exp(-lambda t), lambda = (2 sin(pi dx / 2) / dx)^2.
//
//   callback          n = 200
//   callback 1000     n = 1000
#include <algorithm>
#include <antler/antler.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>
#include <span>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  Kokkos::ScopeGuard kokkos(argc, argv);
  const int n = argc > 1 ? std::atoi(argv[1]) : 200;
  if (n < 2) return 2;
  const double dx = 1.0 / (n + 1), r = 1 / (dx * dx), pi = std::numbers::pi;

  // 1. The problem: the size of y0 is the number of components.
  std::vector<double> y0;
  for (int i = 0; i < n; ++i) y0.push_back(std::sin(pi * (i + 1) * dx));

  // [callback]
  const auto f = [r](double /*t*/, std::span<const double> y, std::span<double> ydot) {
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double left = i > 0 ? y[i - 1] : 0, right = i + 1 < y.size() ? y[i + 1] : 0;
      ydot[i] = r * (left - 2 * y[i] + right);
    }
  };
  antler::CallbackProblem problem{.f = f, .t0 = 0, .t1 = 0.1, .y0 = y0};
  problem.pattern = antler::BandedPattern{.lower = 1, .upper = 1};  // three differences of f give the Jacobian
  problem.jacobian = [r](double /*t*/, std::span<const double> /*y*/, const antler::JacobianEntries& dfdy) {  // or none do
    for (int i = 0; i < dfdy.size(); ++i) {
      if (i > 0) dfdy(i, i - 1) = r;
      dfdy(i, i) = -2 * r;
      if (i + 1 < dfdy.size()) dfdy(i, i + 1) = r;
    }
  };
  // [callback]

  // 2. Before a long run: is the Jacobian what f says?
  const double wrong = antler::jacobian_error(problem, problem.t0, problem.y0);
  if (!(wrong < 1e-5)) {
    std::printf("The Jacobian is wrong by %.1e of its largest entry.\n", wrong);
    return 1;
  }

  // 3. Solve.
  const antler::DynamicSolution solution = antler::solve(problem, antler::Options{.rtol = 1e-8, .atol = 1e-11});
  if (solution.status != antler::Status::converged) {
    std::printf("%s\n", std::string(antler::remedy(solution.status)).c_str());
    return 1;
  }

  // 4. Compare: at the end, and between two steps.
  const double lambda = 4 * r * std::pow(std::sin(pi * dx / 2), 2);
  double at_end = 0, between = 0;
  const std::vector<double> half = solution(0.05);
  for (int i = 0; i < n; ++i) {
    const auto c = static_cast<std::size_t>(i);
    at_end = std::max(at_end, std::abs(solution.final_state()[c] - y0[c] * std::exp(-lambda * 0.1)));
    between = std::max(between, std::abs(half[c] - y0[c] * std::exp(-lambda * 0.05)));
  }
  std::printf("n = %d, %lld steps: wrong by %.1e at the end, by %.1e between two steps\n", n, solution.statistics.steps, at_end,
              between);
  return at_end < 1e-7 && between < 1e-5 ? 0 : 1;
}
