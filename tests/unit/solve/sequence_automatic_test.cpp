// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <sstream>

#include "sequence_cells.hpp"

/// What the default method does with recurrences of different kinds, and what it says about them.

using namespace antler;
using namespace antler::tests;

namespace {

/// y' = x y (1 - y), the logistic map with a parameter per step.
struct Logistic {
  template <class U, class V>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, const V& x) const {
    return {x * y[0] * (1.0 - y[0])};
  }
};

DifferenceEquation<Logistic, double, 1, 1, double> logistic(std::size_t steps, double r) {
  return {Logistic{}, Vector<double, 1>{0.2}, std::vector<double>(steps, r)};
}

void expect_every_step_to_hold(const std::vector<double>& r, std::span<const Vector<double, 1>> y) {
  for (std::size_t i = 1; i < y.size(); ++i)
    ASSERT_NEAR(y[i][0], r[i - 1] * y[i - 1][0] * (1 - y[i - 1][0]), 2e-15) << "step " << i;
}

TEST(Automatic, SolvesAContractionInGrowingWindows) {
  const auto equation = random_cell<double, 2>(4, 30'000, 0.8);
  const auto solution = solve(equation);
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_LE(solution.statistics.windows, 5) << "4096 steps and the rest, in sweeps";
  EXPECT_LE(solution.statistics.iterations, 25 * solution.statistics.windows);
  EXPECT_LT(solution.statistics.sequential_steps, 64) << "what is too short for blocks";
  EXPECT_LT(solution.statistics.function_evaluations, 2 * 30'000);
  EXPECT_EQ(solution.statistics.damped_windows, 0);
  EXPECT_LT(solution.statistics.lyapunov_exponent, -0.1);
  EXPECT_LE(distance(solution.states(), loop<double>(equation)), 1e-13);
}

TEST(Automatic, EvaluatesWhatIsChaotic) {
  const auto equation = logistic(20'000, 3.9);
  const auto solution = solve(equation);
  ASSERT_EQ(solution.status, Status::converged);
  expect_every_step_to_hold(equation.inputs, solution.states());
  EXPECT_GT(solution.statistics.sequential_steps, 15'000);
  EXPECT_GT(solution.statistics.damped_windows, 0) << "damping was tried";
  EXPECT_LE(solution.statistics.function_evaluations, 15 * 20'000) << "in SIMD lanes that is a small multiple of the loop";
  EXPECT_GT(solution.statistics.lyapunov_exponent, 0.3);
}

TEST(Automatic, KeepsThePrefixOfAWindowThatTurnsChaotic) {
  auto equation = logistic(6000, 2.8);
  std::fill(equation.inputs.begin() + 4000, equation.inputs.end(), 3.9);
  const auto solution = solve(equation);
  ASSERT_EQ(solution.status, Status::converged);
  expect_every_step_to_hold(equation.inputs, solution.states());
  EXPECT_LE(solution.statistics.sequential_steps, 2000) << "the first 4000 steps are not evaluated one by one";
  EXPECT_GT(solution.statistics.sequential_steps, 1000);
}

TEST(Automatic, GoesBackToWindowsWhereChaosEnds) {
  auto equation = logistic(60'000, 3.9);
  std::fill(equation.inputs.begin() + 3000, equation.inputs.end(), 2.8);
  const auto solution = solve(equation);
  ASSERT_EQ(solution.status, Status::converged);
  expect_every_step_to_hold(equation.inputs, solution.states());
  EXPECT_LT(solution.statistics.sequential_steps, 10'000);
}

TEST(Automatic, EvaluatesAShortRecurrence) {
  const auto solution = solve(logistic(63, 2.8));
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.statistics.sequential_steps, 63);
  EXPECT_EQ(solution.statistics.windows, 0);
  EXPECT_THROW((void)solve(logistic(5, 2.8), Automatic{.shortest_window = 0}), InvalidArgument);
}

struct Fibonacci {
  template <class U>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& a, const Vector<U, 1>& b) const {
    return {a[0] + b[0]};
  }
};

TEST(LyapunovExponent, MatchesKnownValues) {
  const auto exponent = [](const auto& equation) { return solve(equation, Sequential{}).statistics.lyapunov_exponent; };
  EXPECT_NEAR(exponent(logistic(2000, 4)), std::log(2.0), 0.01);
  EXPECT_NEAR(exponent(logistic(100'000, 4)), std::log(2.0), 0.07) << "from samples";
  EXPECT_NEAR(exponent(logistic(100'000, 2.5)), std::log(0.5), 0.01) << "slope 2 - r at the fixed point";
  EXPECT_NEAR(exponent(DifferenceEquation{Fibonacci{}, std::array{Vector<double, 1>{1.0}, Vector<double, 1>{0.0}}, Steps{1000}}),
              std::log((1 + std::sqrt(5.0)) / 2), 1e-3);
  EXPECT_TRUE(std::isnan(exponent(logistic(0, 4))));
}

TEST(LyapunovExponent, IsPrinted) {
  std::ostringstream text;
  text << solve(logistic(100, 2.5)).statistics;
  EXPECT_NE(text.str().find("Lyapunov exponent     -0.6"), std::string::npos) << text.str();
  EXPECT_EQ((std::ostringstream() << Statistics{}).str().find("Lyapunov"), std::string::npos);
}

/// 64 components that see their neighbour, with derivatives by hand.
struct Ring {
  static constexpr int n = 64;
  template <class U>
  KOKKOS_FUNCTION Vector<U, n> operator()(const Vector<U, n>& y) const {
    Vector<U, n> f;
    for (int c = 0; c < n; ++c) f[c] = 0.5 * y[c] + 0.25 * y[(c + 1) % n] * y[(c + 1) % n] + 0.1;
    return f;
  }
  template <class U>
  KOKKOS_FUNCTION Linearization<U, n, 1> linearize(const Vector<U, n>& y) const {
    Linearization<U, n, 1> point{(*this)(y), {}};
    for (int c = 0; c < n; ++c)
      for (int k = 0; k < n; ++k) point.jacobian[0](c, k) = k == c ? U(0.5) : k == (c + 1) % n ? U(0.5 * y[k]) : U(0);
    return point;
  }
  template <class U>
  KOKKOS_FUNCTION DiagonalLinearization<U, n> linearize_diagonal(const Vector<U, n>& y) const {
    return {(*this)(y), Vector<U, n>::filled(U(0.5))};
  }
};

TEST(QuasiNewton, NeedsLessThanATenthOfNewtonsMemoryForLargeStates) {
  Vector<double, 64> y0;
  for (int c = 0; c < 64; ++c) y0[c] = 0.01 * c;
  const DifferenceEquation equation{Ring{}, y0, Steps{150}};
  const auto newton = solve(equation, Newton{SequentialInverse{}}), quasi = solve(equation, QuasiNewton{SequentialInverse{}});
  ASSERT_EQ(newton.status, Status::converged);
  ASSERT_EQ(quasi.status, Status::converged);
  EXPECT_LT(10 * quasi.statistics.peak_bytes, newton.statistics.peak_bytes);
  const auto loop = solve(equation, Sequential{});
  EXPECT_LE(distance(newton.states(), loop.states()), 1e-14);
  EXPECT_LE(distance(quasi.states(), loop.states()), 1e-14);
}

}  // namespace
