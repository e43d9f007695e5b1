// SPDX-License-Identifier: BSD-3-Clause
// ELK: recurrences y_i = f(y_{i-1}, x_i) on which Newton's method fails.
//
// Newton's method on all steps of a sequence at once multiplies Jacobians along its iterates. Far from the solution these products
// may grow beyond all bounds although the recurrence itself forgets: the iteration overflows, and antler has to cut the sequence
// into windows. Levenberg-Marquardt steps are damped where the linear model cannot be trusted. They keep the whole sequence, and
// lambda follows from how good the model was: nobody has to set it.
//
// Two such recurrences [Gonzalez, Warrington, Smith, Linderman: arXiv 2407.19115, sec. 6]: an untrained gated recurrent unit that
// reads its own output, and Lorenz's ring of five variables, which is chaotic.
//
//   elk          solves both by four iterations and compares each with the plain loop: a table of iterations, of the windows into
//                which the sequence had to be cut, of steps in windows that were computed and not accepted, and of the distance
//                from the loop. LevenbergMarquardt<DiagonalJacobian> knows the diagonal of df/dy only, and holds O(T n) numbers.

#include <algorithm>
#include <antler/antler.hpp>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <span>
#include <vector>

// 1. State (h_0, h_1, h_2, o): the unit reads its last output o, h' = GRU(h, o), and o' = v . h' + x / 10 with the noise x.
struct AutoregressiveGru {
  antler::Gru<double, 3, 1> cell;
  antler::Vector<double, 3> v;

  template <class U>
  KOKKOS_FUNCTION antler::Vector<U, 4> operator()(const antler::Vector<U, 4>& y, const double& noise) const {
    const antler::Vector<U, 3> h = cell(antler::Vector<U, 3>{y[0], y[1], y[2]}, y[3]);
    return {h[0], h[1], h[2], v[0] * h[0] + v[1] * h[1] + v[2] * h[2] + 0.1 * noise};
  }
};

// 2. y_i' = (y_{i+1} - y_{i-2}) y_{i-1} - y_i + 8, one step of the classical Runge-Kutta method; for scalars, SIMD lanes and dual
// numbers.
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

// 3. One iteration: a row of the table. Those that are meant to take the sequence as a whole are to need one window.
enum class Windows { any, one };

template <class Equation, class Method, class States>
bool row(const char* name, const Equation& equation, const Method& method, Windows windows, const States& loop, double rounding) {
  const auto solution = antler::solve(equation, method, antler::Options{.maximum_iterations = 2000});
  double deviation = 0;
  for (std::size_t i = 0; i < loop.size(); ++i)
    for (int c = 0; c < Equation::size; ++c) {
      const double off = std::abs(solution.states()[i][c] - loop[i][c]);
      if (!(off <= deviation)) deviation = off;  // a NaN stays
    }
  const auto& s = solution.statistics;
  std::printf("  %-38s %10lld %8lld %11lld %10.0e\n", name, s.iterations, s.windows, s.rejected_steps, deviation);
  return solution.status == antler::Status::converged && deviation <= rounding && (windows == Windows::any || s.windows == 1);
}

// The four of them, beside Sequential{}, the plain loop.
template <class Equation>
bool table(const char* title, const Equation& equation, double rounding) {
  const auto sequential = antler::solve(equation, antler::Sequential{});
  const auto loop = sequential.states();
  std::printf("%s, Lyapunov exponent %.3f per step\n", title, sequential.statistics.lyapunov_exponent);
  std::printf("  %-38s %10s %8s %11s %10s\n", "", "iterations", "windows", "steps lost", "off by");
  const bool right[] = {row("Newton", equation, antler::Newton{}, Windows::any, loop, rounding),
                        row("ClippedNewton", equation, antler::ClippedNewton<>{}, Windows::any, loop, rounding),
                        row("LevenbergMarquardt", equation, antler::LevenbergMarquardt{}, Windows::one, loop, rounding),
                        row("LevenbergMarquardt<DiagonalJacobian>", equation,
                            antler::LevenbergMarquardt<antler::DiagonalJacobian>{}, Windows::one, loop, rounding)};
  std::printf("\n");
  return sequential.status == antler::Status::converged && std::count(std::begin(right), std::end(right), true) == 4;
}

int main(int argc, char** argv) {
  Kokkos::ScopeGuard kokkos(argc, argv);

  // 4. The unit with random weights and 10 000 numbers of noise.
  using Unit = antler::Gru<double, 3, 1>;
  const auto random = [](std::uint64_t seed, std::uint64_t i) { return 2 * antler::random_uniform(seed, i) - 1; };
  std::vector<double> weights, noise;
  for (std::uint64_t k = 0; k < Unit::parameter_count; ++k) weights.push_back(1.5 * random(8, k));
  for (std::uint64_t i = 0; i < 10'000; ++i) noise.push_back(1.7 * random(100, i));
  const AutoregressiveGru gru{Unit(std::span<const double>(weights)),
                              {1.5 * random(58, 0), 1.5 * random(58, 1), 1.5 * random(58, 2)}};
  bool right =
      table("An autoregressive GRU, 10 000 steps", antler::DifferenceEquation{gru, antler::Vector<double, 4>{}, noise}, 1e-12);

  // 5. Lorenz's ring from a state on its attractor. Chaos amplifies rounding.
  const Lorenz96 f;
  auto start = antler::Vector<double, 5>::filled(8.0);
  start[0] += 0.01;
  for (int i = 0; i < 2000; ++i) start = f(start);
  right = table("Lorenz96, 1000 steps", antler::DifferenceEquation{f, start, antler::Steps{1000}}, 1e-10) && right;
  return right ? 0 : 1;
}
