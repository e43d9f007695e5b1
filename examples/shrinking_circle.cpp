// SPDX-License-Identifier: BSD-3-Clause
// A drop that vanishes: the equation of Allen and Cahn in two dimensions, all times at once.
//
//     u_t = Laplace(u) + u - u^3
//
// u is close to 1 in one phase and to -1 in the other, and changes between them over a few units of length. Such a front moves with
// a velocity equal to its curvature: the radius of a drop follows R' = -1 / R, so that R^2 = R_0^2 - 2 t as long as R is large
// beside the width of the front. One quarter of the drop is enough, with its centre in a corner and no flux through any side.
//
// It shows a ParabolicRectangleProblem solved by SpaceTime: the unknowns are all points at all times, 841 x 3 x 80 of them, solved
// window by window. Newton's method on the whole, each step a Krylov iteration preconditioned by a direct inverse of d/dt - Laplace
// + sigma: cosine transforms in space, a recurrence per cosine in time.
//
//   shrinking_circle              solves, compares the area of the drop with the law, draws shrinking_circle.png
//   shrinking_circle FILE.png     draws there
#include <antler/antler.hpp>
#include <antler/solve/space_time.hpp>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <numbers>
#include <vector>

#include "drawing/gnuplot.hpp"

// 1. The reaction, for numbers and dual numbers.
struct AllenCahn {
  template <class T>
  T operator()(double /*x*/, double /*y*/, double /*t*/, const T& u) const {
    return u - u * u * u;
  }
};

constexpr double width = 21, radius = 14, end = 80;

/// Square of the radius of a drop with the same area: the area of the quarter is the integral of (1 + u) / 2.
double squared_radius(const antler::RectangleSolution& u) {
  const auto half = [](std::size_t i, std::size_t count) { return i == 0 || i + 1 == count ? 0.5 : 1.0; };
  double sum = 0;
  for (std::size_t j = 0; j < u.y().size(); ++j)
    for (std::size_t i = 0; i < u.x().size(); ++i)
      sum += half(i, u.x().size()) * half(j, u.y().size()) *
             (1 + u.value(static_cast<antler::Index>(i), static_cast<antler::Index>(j))) / 2;
  const double cell = u.x()[1] * u.y()[1];
  return 4 * cell * sum / std::numbers::pi;
}

/// Three moments of the drop, and the law.
std::string draw(const std::filesystem::path& picture, const antler::ParabolicRectangleSolution& solution) {
  auto script_path = picture, data_path = picture;
  script_path.replace_extension(".gp");
  data_path.replace_extension(".dat");
  std::ofstream script(script_path), data(data_path);
  for (const double t : {0.0, 40.0, 75.0}) {  // a block each
    const auto u = solution(t);
    for (std::size_t j = 0; j < u.y().size(); ++j)
      for (std::size_t i = 0; i < u.x().size(); ++i)
        data << u.x()[i] << ' ' << u.y()[j] << ' ' << u.value(static_cast<antler::Index>(i), static_cast<antler::Index>(j)) << '\n';
    data << "\n\n";
  }
  for (std::size_t i = 0; i < solution.times().size(); ++i)
    data << solution.times()[i] << ' ' << squared_radius(solution.profile(static_cast<antler::Index>(i))) << '\n';
  const std::string file = drawing::in_quotes(data_path.filename().string());
  script << "set terminal pngcairo size 1300,340\nset output " << drawing::in_quotes(picture.filename().string())
         << "\nset multiplot layout 1,4\nset palette defined (-1 '#0072B2', 0 'white', 1 '#D55E00')\nset cbrange [-1:1]\nunset "
            "colorbox\n"
         << "set size ratio -1\nset xrange [0:21]\nset yrange [0:21]\n";
  int block = 0;
  for (const int t : {0, 40, 75})
    script << "set title 't = " << t << "'\nplot " << file << " index " << block++ << " using 1:2:3 with image notitle\n";
  script << "set size noratio\nset autoscale\nset grid\nset title 'square of the radius'\nset xlabel 't'\nplot " << file
         << " index 3 using 1:2 with lines linewidth 7 linecolor '#9ecae1' title 'antler', " << radius * radius
         << " - 2 * x with lines linewidth 1.8 linecolor '#D55E00' title 'R_0^2 - 2 t'\n";
  script.close();
  data.close();
  return script && data ? drawing::run_gnuplot(script_path) : drawing::unwritable(script_path);
}

int main(int argc, char** argv) {
  Kokkos::ScopeGuard kokkos(argc, argv);

  // 2. The problem: a quarter of the drop, with the profile of a straight front, tanh(s / sqrt 2).
  const antler::RectangleSides closed{antler::Neumann{0.0}, antler::Neumann{0.0}, antler::Neumann{0.0}, antler::Neumann{0.0}};
  const antler::ParabolicRectangleProblem<AllenCahn> problem{
      .f = {}, .kappa = 1, .domain = {0, width, 0, width}, .sides = closed, .t0 = 0, .t1 = end, .initial = [](double x, double y) {
        return std::tanh((radius - std::hypot(x, y)) / std::numbers::sqrt2);
      }};

  // 3. Eighty steps on 28 x 28 intervals.
  const auto solution = antler::solve(problem, antler::SpaceTime{}, antler::Mesh::uniform(0, end, 80), {28, 28});
  if (solution.status != antler::Status::converged) {
    std::fprintf(stderr, "%s\n", std::string(antler::remedy(solution.status)).c_str());
    return 1;
  }
  const auto& s = solution.statistics;
  std::printf("%lld steps in %lld windows, %lld Newton iterations, %lld Krylov products, %.2f s\n", s.steps, s.windows,
              s.iterations, s.krylov_products, s.total_seconds);

  // 4. The law, on the way: the fronts on the grid follow it to some percent.
  std::printf("%8s %12s %12s\n", "t", "R^2", "R_0^2 - 2 t");
  double error = 0;
  const double start = squared_radius(solution(0));
  for (const double t : {20.0, 40.0, 60.0, 75.0}) {
    const double r2 = squared_radius(solution(t)), law = start - 2 * t;
    std::printf("%8.0f %12.2f %12.2f\n", t, r2, law);
    error = std::max(error, std::abs(r2 - law) / (2 * t));
  }

  const std::string complaint = draw(argc > 1 ? argv[1] : "shrinking_circle.png", solution);
  if (!complaint.empty()) std::printf("%s\n", complaint.c_str());
  if (error > 0.03) std::fprintf(stderr, "the drop does not shrink as its curvature says\n");
  return error > 0.03 ? 1 : 0;
}
