// SPDX-License-Identifier: BSD-3-Clause
// Bratu's problem, u'' + lambda exp(u) = 0, u(0) = u(1) = 0: two solutions, and the fold where they meet.
//
// The temperature of a slab in which a reaction makes heat, faster where it is hotter. For lambda below 3.5138 there are a cool and
// a hot steady state; beyond it there is none, the slab explodes. The solutions are a branch in lambda: the cool ones lead to the
// fold, and there the branch turns back to the hot ones.
//
//   bratu [PICTURE.png]   solves for both states at lambda = 1, walks along the branch around the fold, and compares with the
//   closed
//                         form; draws the branch and the states on it with gnuplot

#include <antler/antler.hpp>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "drawing/gnuplot.hpp"

// 1. y = (u, u') and the parameter p = lambda, unknown like y. Conditions: one less than unknowns for a branch, and with lambda = 1
// as many as unknowns.
struct Bratu {
  static constexpr int size = 2, parameters = 1;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 2> operator()(const T& /*t*/, const antler::Vector<T, 2>& y,
                                                  const antler::Vector<T, 1>& p) const {
    return {y[1], -p[0] * exp(y[0])};
  }
};

struct ColdEnds {
  template <class T>
  antler::Vector<T, 2> operator()(const antler::Vector<T, 2>& ya, const antler::Vector<T, 2>& yb,
                                  const antler::Vector<T, 1>&) const {
    return {ya[0], yb[0]};
  }
};

struct ColdEndsAtLambda {
  double lambda;

  template <class T>
  antler::Vector<T, 3> operator()(const antler::Vector<T, 2>& ya, const antler::Vector<T, 2>& yb,
                                  const antler::Vector<T, 1>& p) const {
    return {ya[0], yb[0], p[0] - lambda};
  }
};

// 2. The closed form: u(1/2) = 2 log cosh(theta / 4) with theta = sqrt(2 lambda) cosh(theta / 4), which has two roots.
double middle(double theta) {
  for (int k = 0; k < 60; ++k)
    theta -= (theta - std::sqrt(2.0) * std::cosh(theta / 4)) / (1 - std::sqrt(2.0) / 4 * std::sinh(theta / 4));
  return 2 * std::log(std::cosh(theta / 4));
}
constexpr double known_fold = 3.513830719125161;

// 3. The branch, and the states on it, as data for gnuplot.
template <class Branch>
std::string draw(const std::filesystem::path& picture, const Branch& branch) {
  auto script_path = picture, data_path = picture;
  script_path.replace_extension(".gp");
  data_path.replace_extension(".dat");
  const std::string data_name = drawing::in_quotes(data_path.filename().string());
  {
    std::ofstream script(script_path), data(data_path);
    for (const auto& [lambda, solution] : branch.points) data << lambda << ' ' << solution(0.5)[0] << '\n';
    data << "\n\n" << branch.folds.front().parameter << ' ' << branch.folds.front().solution(0.5)[0] << '\n';
    for (const auto& [lambda, solution] : branch.points) {
      data << "\n\n";
      for (int k = 0; k <= 100; ++k) data << k / 100.0 << ' ' << solution(k / 100.0)[0] << ' ' << lambda << '\n';
    }
    script << "set terminal pngcairo size 1100,420 font 'DejaVu Sans,10' background '#ffffff'\nset output "
           << drawing::in_quotes(picture.filename().string())
           << "\nset multiplot layout 1,2\nset grid linecolor '#dddddd'\nset border 3\nset tics nomirror\nset key left top\n"
              "set xlabel 'lambda'\nset ylabel 'u(1/2)'\nset xrange [0.5:4]\nplot "
           << data_name << " index 0 with linespoints linewidth 1.8 linecolor '#0072B2' pointtype 7 title 'steady states', "
           << data_name
           << " index 1 with points pointtype 6 pointsize 3 linecolor '#D55E00' title 'fold'\nunset key\nset autoscale x\nset "
              "xlabel 't'\n"
              "set ylabel 'u(t)'\nset cblabel 'lambda'\nplot for [i=2:"
           << branch.points.size() + 1 << "] " << data_name
           << " index i using 1:2:3 with lines linewidth 1.5 palette\nunset multiplot\n";
    if (!script || !data) return drawing::unwritable(script_path);
  }
  return drawing::run_gnuplot(script_path);
}

int main(int argc, char** argv) {
  Kokkos::ScopeGuard kokkos(argc, argv);
  const antler::Options options{.rtol = 1e-9};
  const antler::Vector<double, 1> one{1.0};
  const antler::Vector<double, 2> cold{0.0, 0.0};

  // 4. Each state from a guess: nothing, and a parabola.
  const auto parabola = [](double t) { return antler::Vector<double, 2>{16 * t * (1 - t), 16 - 32 * t}; };
  const auto cool = antler::solve(antler::BoundaryValueProblem{Bratu{}, ColdEndsAtLambda{1}, 0.0, 1.0, cold, one}, options);
  const auto hot = antler::solve(antler::BoundaryValueProblem{Bratu{}, ColdEndsAtLambda{1}, 0.0, 1.0, parabola, one}, options);
  bool right = true;
  const auto row = [&right](const char* what, double value, double known, std::size_t steps) {
    std::printf("  %-34s %.12f  known %.12f  steps %zu\n", what, value, known, steps);
    right = right && std::abs(value - known) <= 1e-8 * (1 + std::abs(known));
  };
  std::printf("Bratu's problem\n");
  row("u(1/2) at lambda = 1, cool", cool(0.5)[0], middle(1.5), cool.defects().size());
  row("u(1/2) at lambda = 1, hot", hot(0.5)[0], middle(11.0), hot.defects().size());
  right = right && cool.status == antler::Status::converged && hot.status == antler::Status::converged;

  // 5. Beyond the fold there is nothing to find, and that is what is reported.
  const auto none = antler::solve(antler::BoundaryValueProblem{Bratu{}, ColdEndsAtLambda{4}, 0.0, 1.0, cold, one}, options);
  std::printf("  at lambda = 4: %s\n", std::string(antler::to_string(none.status)).c_str());
  right = right && !antler::succeeded(none.status);

  // 6. The whole branch, from the cool state at lambda = 1 around the fold to the hot one.
  const antler::BoundaryValueProblem family{Bratu{}, ColdEnds{}, 0.0, 1.0, cold, one};
  const auto branch = antler::continuation(family, antler::PseudoArclength{}, 4.0, {.step = 0.2, .largest_step = 0.5}, options);
  std::printf("  branch: %zu points, %s\n", branch.points.size(), std::string(antler::to_string(branch.status)).c_str());
  if (branch.status != antler::Status::converged || branch.folds.size() != 1) return 1;
  row("lambda at the fold", branch.folds[0].parameter, known_fold, branch.folds[0].solution.defects().size());
  row("u(1/2) at the end of the branch", branch.points.back().solution(0.5)[0], middle(11.0),
      branch.points.back().solution.defects().size());

  if (argc > 1) {
    const std::string complaint = draw(argv[1], branch);
    std::printf("%s\n", complaint.empty() ? (std::string("Picture: ") + argv[1]).c_str() : complaint.c_str());
  }
  return right ? 0 : 1;
}
