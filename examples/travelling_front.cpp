// SPDX-License-Identifier: BSD-3-Clause
// A gene spreads through a population that lives along a line: the equation of Fisher, Kolmogorov, Petrovsky and Piskunov,
//
//     u_t = u_xx + u (1 - u),     u = (1 + exp((x - c t) / sqrt 6))^-2 with the speed c = 5 / sqrt 6.
//
// It shows a parabolic problem with sides that depend on t, fourth order in space, and output at given times; and it draws u over x
// and t, with the line x = c t on which u = 1/4. Sample runs: travelling_front, travelling_front front.png
#include <algorithm>
#include <antler/antler.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "drawing/gnuplot.hpp"

namespace {

const double speed = 5 / std::sqrt(6.0);

double front(double x, double t) { return std::pow(1 + std::exp((x - speed * t) / std::sqrt(6.0)), -2); }

// f(x, t, u): written once, called with many points at a time and with dual numbers.
struct Growth {
  template <class T>
  T operator()(const T& /*x*/, const T& /*t*/, const T& u) const {
    return u * (1.0 - u);
  }
};

/// @return  an empty text, or one sentence that says why there is no picture
std::string draw(const std::filesystem::path& picture, const antler::ParabolicSolution& solution) {
  auto script_path = picture, data_path = picture;
  script_path.replace_extension(".gp");
  data_path.replace_extension(".dat");
  {
    std::ofstream script(script_path), data(data_path);
    for (std::size_t k = 0; k < solution.times().size(); ++k) {
      const std::vector<double> u = solution.profile(static_cast<antler::Index>(k));
      for (std::size_t i = 0; i < u.size(); i += 4) data << solution.x()[i] << ' ' << solution.times()[k] << ' ' << u[i] << '\n';
      data << '\n';
    }
    script
        << "set terminal pngcairo size 900,520 font 'DejaVu Sans,11' background '#ffffff'\nset output "
        << drawing::in_quotes(picture.filename().string())
        << "\nset palette defined (0 '#f7fbff', 0.25 '#9ecae1', 1 '#08306b')\nset cbrange [0:1]\nset cblabel 'u'\nset xlabel 'x'\n"
           "set ylabel 't'\nset xrange [-20:60]\nset yrange [0:20]\nset key bottom right\nset parametric\nset trange [0:20]\nplot "
        << drawing::in_quotes(data_path.filename().string()) << " with image notitle, " << speed
        << "*t, t with lines linewidth 2 linecolor '#D55E00' title 'x = 5 t / sqrt 6'\n";
    if (!script || !data) return drawing::unwritable(script_path);
  }
  return drawing::run_gnuplot(script_path);
}

}  // namespace

int main(int argc, char** argv) {
  Kokkos::ScopeGuard kokkos(argc, argv);

  // [parabolic]
  // 1. The problem. Sides are Dirichlet, Neumann, Robin or Periodic, with numbers or functions of t.
  const antler::ParabolicProblem<Growth> problem{.f = {},
                                                 .kappa = 1.0,
                                                 .a = -20,
                                                 .b = 60,
                                                 .left = antler::Dirichlet{[](double t) { return front(-20, t); }},
                                                 .right = antler::Neumann{0.0},
                                                 .t0 = 0,
                                                 .t1 = 20,
                                                 .initial = [](double x) { return front(x, 0); }};

  // 2. 801 points of fourth order; output at 81 times and nowhere else.
  antler::Options options{.rtol = 1e-7, .atol = 1e-9, .output = antler::Output::final_state};
  for (int k = 0; k <= 80; ++k) options.output_times.push_back(0.25 * k);
  const auto solution = antler::solve(problem, antler::UniformGrid{.points = 801, .order = 4}, options);
  // [parabolic]
  if (solution.status != antler::Status::converged) {
    std::cerr << antler::remedy(solution.status) << '\n';
    return 1;
  }

  // 3. How far it is from the closed form, at all times and points.
  double error = 0;
  for (std::size_t k = 0; k < solution.times().size(); ++k) {
    const std::vector<double> u = solution.profile(static_cast<antler::Index>(k));
    for (std::size_t i = 0; i < u.size(); ++i)
      error = std::max(error, std::abs(u[i] - front(solution.x()[i], solution.times()[k])));
  }
  std::cout << solution.statistics << "\nlargest error " << error << '\n';

  // 4. The picture.
  const std::string trouble = draw(argc > 1 ? argv[1] : "travelling_front.png", solution);
  if (!trouble.empty()) std::cerr << trouble << '\n';
  if (!(error < 1e-5)) {
    std::cerr << "the front is not where it should be\n";
    return 1;
  }
  return 0;
}
