// SPDX-License-Identifier: BSD-3-Clause
// The transistor amplifier, a differential-algebraic equation M y' = f(t, y) of index 1: two transistors amplify a sine of 0.1 V at
// 100 Hz. y_1 .. y_8 are the voltages of the nodes. Three of the five condensers connect two nodes, so that M has rank five and yet
// no row of zeros: nothing says by itself which components are algebraic [Hairer and Wanner, Solving Ordinary Differential
// Equations II, p. 377].
//
//   transistor_amplifier [PICTURE.png]    solves from 0 to 0.2 s, prints y beside the published values, draws input and outputs
//
// It shows MassProblem, initial values of which a part is only guessed, and output of every step.
#include <algorithm>
#include <antler/solve/implicit.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "drawing/gnuplot.hpp"

// 1. f: the currents into the nodes, but for those of the condensers. Written once, for numbers, dual numbers and SIMD lanes.
template <class T>
KOKKOS_FUNCTION T input(const T& t) {
  using ::sin;
  return 0.1 * sin(200 * 3.14159265358979323846 * t);
}

struct Currents {
  static constexpr double supply = 6, r0 = 1000, r = 9000, alpha = 0.99;

  template <class T>
  KOKKOS_FUNCTION static T through(const T& base, const T& emitter) {
    using ::exp;
    return 1e-6 * (exp((base - emitter) / 0.026) - 1.0);
  }
  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 8> operator()(const T& t, const antler::Vector<T, 8>& y) const {
    const T first = through(y[1], y[2]), second = through(y[4], y[5]);
    return {(y[0] - input(t)) / r0,
            y[1] * (2 / r) - supply / r + (1 - alpha) * first,
            y[2] / r - first,
            (y[3] - supply) / r + alpha * first,
            y[4] * (2 / r) - supply / r + (1 - alpha) * second,
            y[5] / r - second,
            (y[6] - supply) / r + alpha * second,
            y[7] / r};
  }
};

// 2. M: the condensers.
antler::Matrix<double, 8> condensers() {
  antler::Matrix<double, 8> m{};
  const auto between = [&](int i, int j, double c) {
    m(i, i) = m(j, j) = -c;
    m(i, j) = m(j, i) = c;
  };
  between(0, 1, 1e-6);
  m(2, 2) = -2e-6;  // to the ground
  between(3, 4, 3e-6);
  m(5, 5) = -4e-6;
  between(6, 7, 5e-6);
  return m;
}

// 3. The picture: the input, and what the first and the second transistor make of it.
void draw(const antler::Solution<double, 8>& solution, const std::filesystem::path& picture) {
  auto script_path = picture, data_path = picture;
  script_path.replace_extension(".gp");
  data_path.replace_extension(".dat");
  {
    std::ofstream data(data_path), script(script_path);
    for (int k = 0; k <= 4000; ++k) {
      const double t = 0.2 * k / 4000;
      const auto y = solution(t);
      data << t << ' ' << input(t) << ' ' << y[4] << ' ' << y[7] << '\n';
    }
    const std::string name = drawing::in_quotes(data_path.filename().string());
    script << "set terminal pngcairo size 1000,420 font 'DejaVu Sans,10' background '#ffffff'\nset output "
           << drawing::in_quotes(picture.filename().string())
           << "\nset grid linecolor '#dddddd'\nset border 3\nset tics nomirror\nset xlabel 'seconds'\nset ylabel 'volts'\n"
              "set key outside right\nplot "
           << name << " using 1:4 with lines linewidth 1.8 linecolor '#D55E00' title 'output y_8', " << name
           << " using 1:3 with lines linewidth 1.5 linecolor '#0072B2' title 'between, y_5', " << name
           << " using 1:2 with lines linewidth 1.5 linecolor '#555555' title 'input'\n";
    if (!script || !data) {
      std::puts(drawing::unwritable(script_path).c_str());
      return;
    }
  }
  const std::string failure = drawing::run_gnuplot(script_path);
  std::puts(failure.empty() ? ("See " + picture.string() + ".").c_str() : failure.c_str());
}

int main(int argc, char** argv) {
  Kokkos::ScopeGuard kokkos(argc, argv);

  // 4. The problem. Of y(0) the solver needs what M sees of it, and a guess of the rest: here the voltages at rest, the output off
  // by half a volt, and with it the node across its condenser.
  const antler::MassProblem problem{condensers(), Currents{}, 0.0, 0.2, antler::Vector<double, 8>{0, 3, 3, 6, 3, 3, 6.5, 0.5}};

  // 5. Solved. The algebraic equations hold at every step's end, and the index is looked at before anything else.
  const auto solution = antler::solve(problem, antler::Options{.rtol = 1e-8, .atol = 1e-10});
  if (!antler::succeeded(solution.status)) {
    std::fprintf(stderr, "%s\n", std::string(antler::remedy(solution.status)).c_str());
    return 1;
  }
  const auto start = solution.states().front();
  std::printf("%ld steps; at the start y_7 = %.10f, y_8 = %.10f\n\n", static_cast<long>(solution.statistics.steps), start[6],
              start[7]);

  // 6. The answer: published in the Test Set for Initial Value Problem Solvers, by PSIDE at a tolerance of 1e-14.
  constexpr double published[] = {-0.5562145012262709e-2, 0.3006522471903042e1, 0.2849958788608128e1, 0.2926422536206241e1,
                                  0.2704617865010554e1,   0.2761837778393145e1, 0.4770927631616772e1, 0.1236995868091548e1};
  double largest = std::abs(start[6] - 6) + std::abs(start[7]);  // consistent again
  for (int c = 0; c < 8; ++c) {
    const double y = solution.final_state()[c];
    std::printf("y_%d(0.2) = %18.15f   published %18.15f\n", c + 1, y, published[c]);
    largest = std::max(largest, std::abs(y - published[c]));
  }
  draw(solution, argc > 1 ? argv[1] : "transistor_amplifier.png");
  if (largest < 1e-7) return 0;
  std::fprintf(stderr, "wrong by %.1e\n", largest);
  return 1;
}
