// SPDX-License-Identifier: BSD-3-Clause
#include "antler/sensitivity/sequence_sensitivity.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "cells.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

/// sum_i loss_i . dy_i against the plain loop in dual numbers.
template <class Equation, class T, int n>
void expect_exact(const Equation& equation, const Solution<T, n>& solution) {
  const auto loss = Random(7).vectors<T, n>(static_cast<std::size_t>(equation.steps));
  const auto direction = random_direction(no_variation(equation), 11);
  const double expected = directional(equation, direction, loss);
  for (const Index window : {0, 1, 3, 8}) {
    const auto moved = sensitivity(equation, Tangent{AutomaticInverse{}, window}, solution, direction);
    ASSERT_EQ(moved.status, Status::converged);
    ASSERT_EQ(moved.states.size(), loss.size() + 1);
    double sum = 0;
    for (std::size_t i = 0; i < loss.size(); ++i)
      for (int c = 0; c < n; ++c) sum += loss[i][c] * moved.states[i + 1][c];
    EXPECT_NEAR(sum, expected, 1e-12 * (1 + std::abs(expected))) << "windows of " << window << ", " << loss.size() << " steps";
  }
}

using Cell = TanhCell<double, 2>;
DifferenceEquation<Cell, double, 2, 1, Vector<double, 2>> small_equation(std::size_t steps) {
  Random random(9);
  return {Cell{random.vector<double, Cell::parameter_count>(0.5)}, random.vector<double, 2>(), random.vectors<double, 2>(steps)};
}

TEST(Sensitivity, AgreesWithDualNumbersThroughThePlainLoop) {
  for (const std::size_t steps : {0, 1, 2, 7, 8, 9, 15, 16, 17, 100}) {
    const auto equation = small_equation(steps);
    expect_exact(equation, walked(equation));
  }
}

TEST(Sensitivity, ServesSeveralLags) {
  for (const std::size_t steps : {0, 1, 2, 3, 40}) {
    const std::vector<double> inputs(steps, 0.05);
    const DifferenceEquation equation{Delayed<double>{1.8}, std::array{Vector<double, 1>{0.3}, Vector<double, 1>{0.4}}, inputs};
    expect_exact(equation, walked(equation));
  }
}

TEST(Sensitivity, ReportsWhatIsNotFinite) {
  const DifferenceEquation steep{Steep{.doubles = false}, Vector<double, 1>{2.0},
                                 Steps{5}};  // 1, 1/2, 1/4, 0: a square root of zero
  const auto moved = sensitivity(steep, walked(steep), no_variation(steep));
  EXPECT_EQ(moved.status, Status::non_finite);
  EXPECT_TRUE(std::isnan(moved.states[5][0]));
  const DifferenceEquation doubling{Steep{.doubles = true}, Vector<double, 1>{0.0}, Steps{1100}};
  auto direction = no_variation(doubling);
  direction.history[0][0] = 1;
  EXPECT_EQ(sensitivity(doubling, walked(doubling), direction).status, Status::diverged);
}

TEST(Sensitivity, ServesSeveralDirectionsAtOnce) {
  const auto equation = small_equation(33);
  const auto solution = walked(equation);
  std::vector<SequenceVariation<double, 2, 1, Vector<double, 2>>> directions;
  for (unsigned seed = 0; seed < 3; ++seed) directions.push_back(random_direction(no_variation(equation), seed));
  directions[1].inputs.clear();  // none means zero
  const auto together = sensitivity(equation, Tangent{ScanInverse{.workers = 2}}, solution, directions);
  ASSERT_EQ(together.size(), 3u);
  for (std::size_t d = 0; d < 3; ++d) {
    const auto alone = sensitivity(equation, Tangent{ScanInverse{.workers = 2}}, solution, directions[d]);
    EXPECT_EQ(together[d].states, alone.states);
    EXPECT_EQ(together[d].states[0], directions[d].history[0]);
  }
  const std::vector<SequenceVariation<double, 2, 1, Vector<double, 2>>> none;
  EXPECT_TRUE(sensitivity(equation, Tangent<>{}, solution, none).empty());
}

TEST(Sensitivity, StaysBelowTheMemoryCap) {
  const auto equation = small_equation(5000);
  const auto solution = walked(equation);
  const auto direction = random_direction(no_variation(equation), 2);
  const auto whole = sensitivity(equation, Tangent{SequentialInverse{}}, solution, direction);
  Options capped;
  capped.memory_cap = whole.statistics.peak_bytes - 5000 * 8 * 6;
  const auto by = sensitivity(equation, Tangent{SequentialInverse{}}, solution, direction, capped);
  EXPECT_GT(by.statistics.windows, 1);
  EXPECT_EQ(by.states, whole.states);
  capped.memory_cap = 1000;
  EXPECT_THROW((void)sensitivity(equation, solution, direction, capped), InvalidArgument);
}

TEST(Sensitivity, RejectsADirectionThatDoesNotFit) {
  const auto equation = small_equation(10);
  const auto solution = walked(equation);
  auto direction = no_variation(equation);
  direction.inputs.pop_back();
  EXPECT_THROW((void)sensitivity(equation, solution, direction), InvalidArgument);
  direction = no_variation(equation);
  direction.parameters.push_back(1);
  EXPECT_THROW((void)sensitivity(equation, solution, direction), InvalidArgument);
  direction = no_variation(equation);
  direction.parameters[0] = std::nan("");
  EXPECT_THROW((void)sensitivity(equation, solution, direction), InvalidArgument);
  auto failed = solution;
  failed.status = Status::diverged;
  EXPECT_THROW((void)sensitivity(equation, failed, no_variation(equation)), InvalidArgument);
}

}  // namespace
