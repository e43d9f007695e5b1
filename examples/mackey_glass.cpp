// SPDX-License-Identifier: BSD-3-Clause
// The Mackey-Glass equation [Mackey, Glass: Science 197 (1977) 287], a model of the production of blood cells, which take the time
// tau to ripen:
//
//     y'(t) = 0.2 y(t - tau) / (1 + y(t - tau)^10) - 0.1 y(t),    tau = 17,    y = 1/2 for t <= 0.
//
// It is chaotic, mildly: errors grow like exp(0.006 t). The example shows how a delay equation is written down, the adaptive solve
// by the method of steps, and Newton's method on the whole trajectory, delayed states included, on a fixed mesh.
//
//   mackey_glass [PICTURE.png]      also draws y(t), and the attractor in the plane of y(t) and y(t - tau)
#include <antler/antler.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "drawing/gnuplot.hpp"

// 1. f(t, y, y(t - tau)), once for scalars, dual numbers and SIMD lanes.
struct MackeyGlass {
  template <class T>
  antler::Vector<T, 1> operator()(const T& /*t*/, const antler::Vector<T, 1>& y, const antler::Vector<T, 1>& delayed) const {
    const T z = delayed[0], z2 = z * z, z4 = z2 * z2;
    return {0.2 * z / (1.0 + z4 * z4 * z2) - 0.1 * y[0]};
  }
};

// 5. Two diagrams from the dense output.
std::string draw(const std::filesystem::path& picture, const antler::Solution<double, 1>& solution, double tau) {
  auto data_path = picture, script_path = picture;
  data_path.replace_extension(".dat");
  script_path.replace_extension(".gp");
  std::ofstream data(data_path), script(script_path);
  for (double t = tau; t <= solution.final_time(); t += 0.2)
    data << t << ' ' << solution(t)[0] << ' ' << solution(t - tau)[0] << '\n';
  const auto name = drawing::in_quotes(data_path.filename().string());
  script << "set terminal pngcairo size 1100,420 font 'DejaVu Sans,10' background '#ffffff'\nset output "
         << drawing::in_quotes(picture.filename().string())
         << "\nset multiplot layout 1,2\nunset key\nset xlabel 't'\nset ylabel 'y(t)'\nplot " << name
         << " using 1:2 with lines lw 1.5 lc rgb '#2060a0'\nset xlabel 'y(t)'\nset ylabel 'y(t - 17)'\nset size ratio -1\nplot "
         << name << " using 2:3 with lines lw 0.8 lc rgb '#a04020'\nunset multiplot\n";
  data.close();
  script.close();
  return data && script ? drawing::run_gnuplot(script_path) : drawing::unwritable(script_path);
}

int main(int argc, char** argv) {
  Kokkos::ScopeGuard kokkos(argc, argv);

  // 2. The problem: f, the history (here a constant; or a function of t), the delays, and the interval.
  const antler::DelayProblem problem{MackeyGlass{}, antler::Vector{0.5}, {17.0}, 0.0, 500.0};

  // 3. Adaptive. The breaking points 17, 34, ... are points of the mesh.
  const auto solution = antler::solve(problem, antler::Options{.rtol = 1e-9, .atol = 1e-11});
  if (!antler::succeeded(solution.status)) {
    std::fprintf(stderr, "%s\n", antler::remedy(solution.status).data());
    return 1;
  }
  const auto& adaptive = solution.statistics;
  std::printf("adaptive      %5lld steps, %6lld evaluations of f,  y(500) = %.9f\n", adaptive.steps, adaptive.function_evaluations,
              solution.final_state()[0]);

  // 4. All unknowns of 2000 steps at once, from the guess that y does not move.
  const auto at_once = antler::solve(problem, antler::RadauIIA<3>{}, antler::Mesh::uniform(0, 500, 2000));
  std::printf("Newton's method on %lld steps at once: %lld iterations,  y(500) = %.9f\n", at_once.statistics.steps,
              at_once.statistics.iterations, at_once.final_state()[0]);

  if (argc > 1) {
    const auto complaint = draw(argv[1], solution, 17);
    std::printf("%s\n", complaint.empty() ? (std::string("Picture: ") + argv[1]).c_str() : complaint.c_str());
  }

  // 6. The answer, by the method of steps with Chebyshev collocation of degree 26 and 45 digits.
  const auto off = [](double value, double known) { return std::abs(value - known); };
  const bool right = off(solution(100)[0], 1.050020507052510585) < 1e-7 && off(solution(300)[0], 1.003969448501636988) < 1e-7 &&
                     off(solution.final_state()[0], 1.153905855452286316) < 1e-7 && at_once.status == antler::Status::converged &&
                     off(at_once.final_state()[0], 1.153905855452286316) < 1e-5;
  if (!right) std::fprintf(stderr, "the solution is not what it should be\n");
  return right ? 0 : 1;
}
