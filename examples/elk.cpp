// SPDX-License-Identifier: BSD-3-Clause
// Lorenz's ring of five variables, y_i' = (y_{i+1} - y_{i-2}) y_{i-1} - y_i + 8, is chaotic. A thousand explicit Runge-Kutta steps
// of length 0.01 are a recurrence, y_i = f(y_{i-1}), and from a constant guess Newton's method on all of them at once overflows.
// Damped steps (ELK) go through, and no lambda has to be set by hand: the sequential trajectory comes out.
//
//   elk          solves, compares with the loop, and prints how lambda went

#include <algorithm>
#include <antler/antler.hpp>
#include <cmath>
#include <cstdio>

// 1. One step of the classical Runge-Kutta method, for scalars, SIMD lanes and dual numbers.
struct Lorenz96 {
  static constexpr bool lanes = true;
  double h = 0.01;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 5> slope(const antler::Vector<T, 5>& y) const {
    antler::Vector<T, 5> k;
    for (int i = 0; i < 5; ++i) k[i] = (y[(i + 1) % 5] - y[(i + 3) % 5]) * y[(i + 4) % 5] - y[i] + 8.0;
    return k;
  }
  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 5> operator()(const antler::Vector<T, 5>& y) const {
    const auto along = [&](double length, const antler::Vector<T, 5>& k) {
      antler::Vector<T, 5> moved;
      for (int i = 0; i < 5; ++i) moved[i] = y[i] + length * k[i];
      return moved;
    };
    const auto k1 = slope(y), k2 = slope(along(h / 2, k1)), k3 = slope(along(h / 2, k2)), k4 = slope(along(h, k3));
    antler::Vector<T, 5> next;
    for (int i = 0; i < 5; ++i) next[i] = y[i] + (h / 6) * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
    return next;
  }
};

int main(int argc, char** argv) {
  Kokkos::ScopeGuard kokkos(argc, argv);

  // 2. A state on the attractor, and the answer: the loop.
  const Lorenz96 f;
  auto start = antler::Vector<double, 5>::filled(8.0);
  start[0] += 0.01;
  for (int i = 0; i < 2000; ++i) start = f(start);
  std::vector<antler::Vector<double, 5>> loop{start};
  for (int i = 0; i < 1000; ++i) loop.push_back(f(loop.back()));

  // 3. Newton's method must cut the sequence into windows; damped steps take it whole.
  const antler::DifferenceEquation equation{f, start, antler::Steps{1000}};
  const antler::Options options{.rtol = 1e-12, .atol = 1e-12, .maximum_iterations = 1000};
  const auto newton = antler::solve(equation, antler::Newton{}, options);
  const auto elk = antler::solve(equation, antler::LevenbergMarquardt{}, options);
  double deviation = 0;
  for (std::size_t i = 0; i < loop.size(); ++i)
    for (int c = 0; c < 5; ++c) deviation = std::fmax(deviation, std::fabs(elk.states()[i][c] - loop[i][c]));

  const auto& s = elk.statistics;
  std::printf("Newton             %4lld iterations in %lld windows\n", newton.statistics.iterations, newton.statistics.windows);
  std::printf("LevenbergMarquardt %4lld iterations in %lld window, %lld steps taken back, %.1e from the loop\n", s.iterations,
              s.windows, s.rejected_updates, deviation);
  std::printf("lambda, every tenth:");
  for (std::size_t i = 0; i < s.damping_history.size(); i += 10) std::printf(" %.0e", s.damping_history[i]);
  std::printf("\n");
  // 4. The known answer, to rounding that the chaos has amplified.
  return elk.status == antler::Status::converged && s.windows == 1 && newton.statistics.windows > 1 && deviation < 1e-10 ? 0 : 1;
}
