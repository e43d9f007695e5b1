// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "antler/solve/delay.hpp"
#include "delay_problems.hpp"

using namespace antler;
using namespace antler::test;

namespace {

DelayProblem<Feedback, Vector<double, 1>, double, 1> linear(double lambda, double t1) {
  return {Feedback{.linear = lambda}, Vector<double, 1>{1}, {1.0}, 0.0, t1};
}

TEST(Delay, MatchesTheClosedFormBySteps) {
  for (const double lambda : {-1.0, -1.5, 0.5}) {
    const auto solution = solve(linear(lambda, 10.5), Options{.rtol = 1e-12, .atol = 1e-14});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_NEAR(solution.final_state()[0], linear_by_steps(lambda, 10.5), 1e-11);
    for (double t = 0; t < 10.5; t += 0.01) ASSERT_NEAR(solution(t)[0], linear_by_steps(lambda, t), 1e-10) << lambda << ' ' << t;
  }
}

TEST(Delay, EndErrorStaysBelowAHundredTolerances) {
  for (const Strategy strategy : {Strategy::automatic, Strategy::windows, Strategy::sequential})
    for (double rtol = 1e-4; rtol > 3e-11; rtol /= 10) {
      if (strategy == Strategy::sequential && rtol < 3e-8) break;  // many steps
      const Options options{.rtol = rtol, .atol = rtol / 100, .strategy = strategy};
      const auto error = [&](const auto& problem, double known) {
        const auto solution = solve(problem, options);
        EXPECT_EQ(solution.status, Status::converged);
        return std::abs(solution.final_state()[0] / known - 1);
      };
      EXPECT_LT(error(linear(-1.5, 10.5), linear_by_steps(-1.5, 10.5)), 100 * rtol) << rtol;
      EXPECT_LT(error(hutchinson(10), hutchinson_at_10), 100 * rtol) << rtol;
      EXPECT_LT(error(hutchinson(20), hutchinson_at_20), 100 * rtol) << rtol;
      EXPECT_LT(error(mackey_glass(100), mackey_glass_at_100), 100 * rtol) << rtol;
    }
}

TEST(Delay, FollowsTheMackeyGlassAttractor) {  // whose errors grow like exp(0.006 t)
  const auto solution = solve(mackey_glass(500), Options{.rtol = 1e-11, .atol = 1e-13});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution(300)[0], mackey_glass_at_300, 1e-9);
  EXPECT_NEAR(solution.final_state()[0], mackey_glass_at_500, 1e-9);
}

TEST(Delay, TakesLongStepsWhereItIsStiff) {
  for (const double k : {1.0, 1e3, 1e6})
    for (const double rtol : {1e-4, 1e-6, 1e-8, 1e-10}) {
      const DelayProblem problem{Feedback{.stiffness = k}, Vector<double, 1>{1}, {1.0}, 0.0, 10.0};
      const auto solution = solve(problem, Options{.rtol = rtol, .atol = rtol});
      ASSERT_EQ(solution.status, Status::converged);
      EXPECT_NEAR(solution.final_state()[0], std::cos(10.0), 100 * rtol) << k << ' ' << rtol;
      EXPECT_LT(solution.statistics.steps, 1000) << k << ' ' << rtol;
    }
}

TEST(Delay, JumpsAtTheStart) {  // y' = -y(t - 1), history 0, y(0) = 1: sum_k (-1)^k (t - k)^k / k!, k = 0 .. floor(t)
  const DelayProblem problem{Feedback{.linear = -1}, Vector<double, 1>{0}, {1.0}, 0.0, 5.5, Vector<double, 1>{1}};
  const auto solution = solve(problem, Options{.rtol = 1e-11, .atol = 1e-13});
  ASSERT_EQ(solution.status, Status::converged);
  for (double t = 0; t <= 5.5; t += 0.125) {
    double sum = 0, factorial = 1;
    for (int k = 0; k <= t; ++k) {
      if (k > 0) factorial *= -k;
      sum += std::pow(t - k, k) / factorial;
    }
    EXPECT_NEAR(solution(t)[0], sum, 1e-10) << t;
  }
}

TEST(Delay, HasBreakingPointsOnItsMesh) {
  const auto solution = solve(mackey_glass(100), Options{.rtol = 1e-4});
  const auto times = solution.times();
  for (const double t : {0.0, 17.0, 34.0, 51.0, 68.0, 85.0, 100.0})
    EXPECT_NE(std::find(times.begin(), times.end(), t), times.end());
}

TEST(Delay, DoesNotDependOnTheLongestWindow) {
  for (const double rtol : {1e-6, 1e-9})
    for (const Index window : {8, 16, 64}) {
      const Options options{.rtol = rtol, .atol = rtol / 100, .strategy = Strategy::windows, .maximum_window = window};
      const auto solution = solve(hutchinson(10), options);
      ASSERT_EQ(solution.status, Status::converged);
      EXPECT_NEAR(solution.final_state()[0], hutchinson_at_10, 100 * rtol) << window;
    }
}

TEST(Delay, FindsEventsAndGivesOutputWhereItIsAsked) {
  const std::vector<double> times{0, 0.25, 1, 2.5};
  const auto root = [](double, const Vector<double, 1>& y) { return y[0] + 0.4; };
  Options options{.rtol = 1e-9, .atol = 1e-11, .output = Output::final_state, .output_times = times};
  auto solution = solve(linear(-1, 3), options, {{.root = root, .crossing = Crossing::falling}});
  ASSERT_EQ(solution.status, Status::converged);
  ASSERT_EQ(solution.times().size(), times.size());
  for (std::size_t i = 0; i < times.size(); ++i) {
    EXPECT_EQ(solution.times()[i], times[i]);
    EXPECT_NEAR(solution.states()[i][0], linear_by_steps(-1, times[i]), 1e-7);
  }
  ASSERT_EQ(solution.events().size(), 1U);  // on [1, 2] y = x^2 / 2 - x, x = t - 1
  EXPECT_NEAR(solution.events()[0].time, 2 - std::sqrt(0.2), 1e-7);

  solution = solve(linear(-1, 3), options, {{.root = root, .action = AtEvent::stop}});
  EXPECT_EQ(solution.status, Status::event);
  EXPECT_NEAR(solution.final_time(), 2 - std::sqrt(0.2), 1e-7);
}

TEST(Delay, KeepsItsBoundsAndTellsOfItsProgress) {
  Options options{.rtol = 1e-7, .lower_bounds = {0.0}};
  EXPECT_EQ(solve(linear(-1, 3), options).status, Status::bounds_violated);  // falls through 0 at t = 1
  const auto positive = solve(hutchinson(10), options);
  EXPECT_EQ(positive.status, Status::converged);
  EXPECT_NEAR(positive.final_state()[0], hutchinson_at_10, 1e-5);
  options.progress = [](const Progress& progress) { return progress.time < 5; };
  const auto cancelled = solve(hutchinson(10), options);
  EXPECT_EQ(cancelled.status, Status::cancelled);
  EXPECT_GE(cancelled.final_time(), 5);
  EXPECT_LT(cancelled.final_time(), 10);
}

TEST(Delay, EndsWhereTheDelayIsTooShortForTheInterval) {
  const DelayProblem tiny{Feedback{.linear = -1}, Vector<double, 1>{1}, {1e-12}, 0.0, 1.0};
  const auto refused = solve(tiny);
  EXPECT_EQ(refused.status, Status::maximum_steps);
  EXPECT_EQ(refused.final_time(), 0);
  const DelayProblem shorter{Feedback{.linear = -1}, Vector<double, 1>{1}, {1e-3}, 0.0, 1.0};
  EXPECT_EQ(solve(shorter, Options{.maximum_steps = 100}).status, Status::maximum_steps);
  EXPECT_EQ(solve(shorter, Options{.rtol = 1e-4}).status, Status::converged);
}

TEST(Delay, SolvesNothingOnAnEmptyInterval) {
  const auto solution = solve(linear(-1, 0));
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.final_state()[0], 1);
}

}  // namespace
