// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/levenberg_marquardt.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "autoregressive_gru.hpp"
#include "lorenz96.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

const Options tight{.rtol = 1e-12, .atol = 1e-12, .maximum_iterations = 600};

/// max |y - loop| over the loop's states.
template <class Equation, class T, int n>
double deviation(const Equation& equation, const Solution<T, n>& solution) {
  auto y = equation.history[0];
  double largest = 0;
  for (std::size_t i = 1; i < solution.states().size(); ++i) {
    if constexpr (Equation::has_inputs)
      y = equation.f(y, equation.inputs[i - 1]);
    else
      y = equation.f(y);
    for (int c = 0; c < n; ++c) {
      const double distance = std::abs(static_cast<double>(solution.states()[i][c] - y[c]));
      if (!(distance <= largest)) largest = std::isnan(distance) ? HUGE_VAL : distance;
    }
  }
  return largest;
}

auto lorenz96(int start, int steps) {
  auto y = Vector<double, 5>::filled(8.0);
  y[0] += 0.01;
  for (int i = 0; i < start; ++i) y = Lorenz96Step<5>{}(y);  // onto the attractor
  return DifferenceEquation{Lorenz96Step<5>{}, y, Steps{steps}};
}

auto gru(double gain, std::uint64_t seed, int steps) {
  return DifferenceEquation{AutoregressiveGru(gain, seed), Vector<double, 4>{}, noise(steps)};
}

TEST(LevenbergMarquardt, SolvesLorenz96WhereNewtonsMethodOverflows) {
  const auto equation = lorenz96(2000, 1000);
  const auto solution = solve(equation, LevenbergMarquardt{}, tight);
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.statistics.windows, 1) << "the whole sequence at once";
  EXPECT_LE(deviation(equation, solution), 1e-11);  // perturbations grow by a factor of a hundred
  EXPECT_EQ(solution.statistics.peak_bytes, (1001 * 6 + 1000 * (5 + 5) * 5) * sizeof(double)) << "of solution and windows";
  EXPECT_GT(solve(equation, Newton{}, tight).statistics.windows, 10);
}

TEST(LevenbergMarquardt, SolvesAnAutoregressiveGruWhereNewtonsMethodOverflows) {
  for (const int steps : {1000, 10'000}) {
    const auto equation = gru(2, 2, steps);
    const auto solution = solve(equation, LevenbergMarquardt{}, tight);
    EXPECT_EQ(solution.status, Status::converged);
    EXPECT_EQ(solution.statistics.windows, 1);
    EXPECT_LE(solution.statistics.iterations, 50);
    EXPECT_LE(deviation(equation, solution), 1e-12);
  }
  EXPECT_GT(solve(gru(1.5, 5, 10'000), Newton{}, tight).statistics.windows, 1);
}

TEST(LevenbergMarquardt, SolvesByTheDiagonalAloneWhereQuasiNewtonOverflows) {
  const auto equation = gru(1.5, 1, 1000);
  const auto solution = solve(equation, LevenbergMarquardt<DiagonalJacobian>{}, tight);
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.statistics.windows, 1);
  EXPECT_LE(solution.statistics.iterations, 50);
  EXPECT_LE(deviation(equation, solution), 1e-14);
  EXPECT_GT(solve(equation, QuasiNewton{}, tight).statistics.windows, 1);
}

TEST(LevenbergMarquardt, SmoothsWhereThatIsAsked) {
  const auto equation = gru(2, 2, 1000);
  const auto solution = solve(equation, LevenbergMarquardt{Estimate::smoothed}, tight);
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_LE(deviation(equation, solution), 1e-12);
}

TEST(LevenbergMarquardt, IsNewtonsMethodWhereThatConverges) {
  const auto equation = gru(1.5, 2, 2000);
  const auto solution = solve(equation, LevenbergMarquardt{}, tight), newton = solve(equation, Newton{}, tight);
  EXPECT_EQ(solution.status, Status::converged);
  for (const double lambda : solution.statistics.damping_history) EXPECT_EQ(lambda, 0);
  EXPECT_EQ(solution.statistics.iterations, newton.statistics.iterations);
  EXPECT_EQ(deviation(equation, solution), deviation(equation, newton)) << "to the last bit";
}

TEST(LevenbergMarquardt, SolvesInSinglePrecision) {
  const DifferenceEquation equation{AutoregressiveGru(2, 2), Vector<float, 4>{}, noise(1000)};
  const auto solution = solve(equation, LevenbergMarquardt{}, Options{.rtol = 1e-5, .maximum_iterations = 200});
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_LE(solution.statistics.windows, 4) << "Newton's method may take the last digits in pieces";
  EXPECT_LE(deviation(equation, solution), 1e-5);
}

TEST(LevenbergMarquardt, SolvesShortSequences) {
  for (const int steps : {0, 1, 2, 3}) {
    const auto equation = gru(2, 2, steps);
    const auto solution = solve(equation, LevenbergMarquardt{}, tight);
    EXPECT_EQ(solution.status, Status::converged);
    EXPECT_EQ(solution.states().size(), static_cast<std::size_t>(steps) + 1);
    EXPECT_LE(deviation(equation, solution), 1e-14);
  }
}

TEST(LevenbergMarquardt, CutsWindowsWhereItsIterationsAreNotEnough) {
  const auto equation = lorenz96(2000, 300);
  const auto solution = solve(equation, LevenbergMarquardt{}, Options{.rtol = 1e-12, .atol = 1e-12});  // thirty iterations
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_GT(solution.statistics.windows, 1);
  EXPECT_LE(deviation(equation, solution), 1e-11);
}

TEST(LevenbergMarquardt, StartsFromAGuess) {
  const auto equation = gru(2, 2, 1000);
  const auto cold = solve(equation, LevenbergMarquardt{}, tight);
  const std::vector<Vector<double, 4>> guess(cold.states().begin() + 1, cold.states().end());
  const auto warm = solve(equation, LevenbergMarquardt{}, guess, tight);
  EXPECT_EQ(warm.status, Status::converged);
  EXPECT_LE(warm.statistics.iterations, 4);
  EXPECT_LE(deviation(equation, warm), 1e-12);
}

struct OutOfDomain {  // sqrt of a falling number
  template <class U>
  Vector<U, 1> operator()(const Vector<U, 1>& y) const {
    return {sqrt(y[0]) - 0.6};
  }
};

TEST(LevenbergMarquardt, SaysWhereFIsNotFinite) {
  const DifferenceEquation equation{OutOfDomain{}, Vector<double, 1>{1}, Steps{100}};
  const auto solution = solve(equation, LevenbergMarquardt{}, tight), loop = solve(equation, Sequential{}, tight);
  EXPECT_EQ(solution.status, Status::non_finite);
  EXPECT_EQ(solution.statistics.first_failure, loop.statistics.first_failure);
}

TEST(LevenbergMarquardt, CutsWindowsWhereTheMemoryCapDoes) {
  Options options = tight;
  options.memory_cap = 200'000;
  const auto equation = gru(2, 2, 1000);
  const auto solution = solve(equation, LevenbergMarquardt{}, options);
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_GT(solution.statistics.windows, 1);
  EXPECT_LE(solution.statistics.peak_bytes, options.memory_cap);
  EXPECT_LE(deviation(equation, solution), 1e-12);
  options.memory_cap = 40'000;
  EXPECT_THROW((void)solve(equation, LevenbergMarquardt{}, options), InvalidArgument);
}

}  // namespace
