// SPDX-License-Identifier: BSD-3-Clause
// The electric double layer: ions of a salt before a charged wall, by the Poisson-Boltzmann equation in one dimension.
//
//     u'' = sinh(u),   -u'(0) = sigma,   u -> 0 far away
//
// u is the potential in units of kT / e, x the distance from the wall in Debye lengths. Gouy and Chapman found the solution:
//
//     tanh(u / 4) = tanh(u_0 / 4) exp(-x),   u_0 = 2 asinh(sigma / 2)
//
// It shows an EllipticProblem: -(kappa u')' = f(x, u) with kappa = 1, a flux on one side and a condition of Robin's on the other,
// where u decays as exp(-x), u' = -u. Every Newton step is one tridiagonal system, solved by cyclic reduction.
//
//   double_layer              solves on five grids: errors and their order, iterations; draws double_layer.png
//   double_layer FILE.png     draws there
#include <antler/antler.hpp>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "drawing/gnuplot.hpp"

// 1. -u'' = -sinh(u), for numbers and dual numbers.
struct PoissonBoltzmann {
  template <class T>
  KOKKOS_FUNCTION T operator()(double /*x*/, const T& u) const {
    return -sinh(u);
  }
};

constexpr double charge = 4, width = 12;  // sigma; how far away the solution ends, where u is 1e-5

double gouy_chapman(double x) {
  const double u0 = 2 * std::asinh(charge / 2);
  return 4 * std::atanh(std::tanh(u0 / 4) * std::exp(-x));
}

/// Potential and densities of both kinds of ions, in units of their density far away.
template <class Solution>
std::string draw(const std::filesystem::path& picture, const Solution& solution) {
  auto script_path = picture, data_path = picture;
  script_path.replace_extension(".gp");
  data_path.replace_extension(".dat");
  std::ofstream script(script_path), data(data_path);
  for (std::size_t i = 0; i < solution.x().size(); ++i) {
    const double x = solution.x()[i], u = solution.u()[i][0];
    data << x << ' ' << u << ' ' << gouy_chapman(x) << ' ' << std::exp(-u) << ' ' << std::exp(u) << '\n';
  }
  const std::string file = drawing::in_quotes(data_path.filename().string());
  script << "set terminal pngcairo size 1000,420\nset output " << drawing::in_quotes(picture.filename().string())
         << "\nset multiplot layout 1,2\nset grid\nset xrange [0:5]\nset xlabel 'distance from the wall in Debye lengths'\n"
         << "set title 'potential / (kT/e)'\nplot " << file
         << " using 1:2 with lines linewidth 7 linecolor '#9ecae1' title 'antler', " << file
         << " using 1:3 with lines linewidth 1.8 linecolor '#D55E00' title 'Gouy, Chapman'\n"
         << "set title 'density of the ions'\nset logscale y\nplot " << file
         << " using 1:4 with lines linewidth 2 linecolor '#0072B2' title 'of the sign of the wall', " << file
         << " using 1:5 with lines linewidth 2 linecolor '#D55E00' title 'of the other sign'\n";
  script.close();
  data.close();
  return script && data ? drawing::run_gnuplot(script_path) : drawing::unwritable(script_path);
}

int main(int argc, char** argv) {
  Kokkos::ScopeGuard kokkos(argc, argv);

  // 2. The problem. On the left side the outward derivative is -u', on the right one u'.
  const antler::EllipticProblem problem{PoissonBoltzmann{}, 0.0, width, antler::Neumann{charge}, antler::Robin{1.0, 1.0, 0.0}};

  // 3. Solved on five grids, the first from the linear theory of Debye and Hueckel, u = sigma exp(-x), each from the one before.
  const antler::Options options{.rtol = 1e-10, .atol = 1e-11};
  auto solution = antler::solve(
      problem, antler::ThreePoint<4>{}, 101, [](double x) { return charge * std::exp(-x); }, options);
  std::printf("%8s %12s %12s %8s\n", "points", "iterations", "error", "order");
  double error = 0, order = 0;
  for (const antler::Index points : {101, 201, 401, 801, 1601}) {
    if (points > 101) solution = antler::solve(problem, antler::ThreePoint<4>{}, points, solution, options);
    if (solution.status != antler::Status::converged) {
      std::fprintf(stderr, "%s\n", std::string(antler::remedy(solution.status)).c_str());
      return 1;
    }
    const double before = error;
    error = 0;
    for (std::size_t i = 0; i < solution.x().size(); ++i)
      error = std::max(error, std::abs(solution.u()[i][0] - gouy_chapman(solution.x()[i])));
    order = before > 0 ? std::log2(before / error) : 0;
    std::printf("%8lld %12lld %12.2e %8.2f\n", static_cast<long long>(points),
                static_cast<long long>(solution.statistics.iterations), error, order);
  }

  // 4. Draw, and look whether it is right: Gouy and Chapman's wall is infinitely far away, ours exp(-3 width) off.
  const std::string complaint = draw(argc > 1 ? argv[1] : "double_layer.png", solution);
  if (!complaint.empty()) std::printf("%s\n", complaint.c_str());
  const bool right = error < 1e-6 && std::abs(order - 4) < 0.3;
  if (!right) std::fprintf(stderr, "the solution is not Gouy and Chapman's\n");
  return right ? 0 : 1;
}
