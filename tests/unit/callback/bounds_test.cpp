// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/bounds.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "antler/solve/callback.hpp"
#include "callbacks.hpp"
#include "testset/robertson.hpp"

/// Options::lower_bounds and upper_bounds with plain callbacks.

namespace {

using namespace antler;
using callbacks::scalar;
using callbacks::Span;

TEST(RunTimeBounds, MeasureAnExcessInUnitsOfTheTolerance) {
  const Bounds<double, run_time_size> bounds(
      Options{.rtol = 1e-3, .atol = {1e-6, 1e-2}, .lower_bounds = {0, -1}, .upper_bounds = {10, HUGE_VAL}}, 2);
  const auto violation = [&](std::vector<double> y) { return bounds.violation(y); };
  EXPECT_TRUE(bounds.any());
  EXPECT_EQ(violation({0, -1}), 0);
  EXPECT_EQ(violation({10, 1e300}), 0);
  EXPECT_NEAR(violation({-2e-6, 5}), 2, 1e-12);
  EXPECT_NEAR(violation({10.02, 0}), 0.02 / (1e-2 + 1e-6), 1e-9);
  EXPECT_EQ(violation({std::nan(""), 0}), HUGE_VAL);
  std::vector<double> y{-3, -3};
  bounds.project(y);
  EXPECT_EQ(y, (std::vector<double>{0, -1}));
  EXPECT_TRUE(bounds.left_along(std::vector<double>{-1, 1}, y));
  EXPECT_FALSE(bounds.left_along(std::vector<double>{1, 0}, y));
}

void expect_within(const DynamicSolution& solution, double lower, double upper = HUGE_VAL) {
  const auto check = [&](Span y) {
    for (const double x : y) {
      EXPECT_GE(x, lower);
      EXPECT_LE(x, upper);
    }
  };
  check(solution.final_state());
  for (std::size_t i = 0; i < solution.times().size(); ++i) check(solution.state(static_cast<Index>(i)));
  for (std::size_t i = 0; i + 1 < solution.times().size(); ++i)
    for (const double theta : {0.1, 0.3, 0.6, 0.9})
      check(solution((1 - theta) * solution.times()[i] + theta * solution.times()[i + 1]));
}

const auto robertson = testset::robertson_long();

TEST(CallbackBounds, KeepRobertsonsConcentrationsFromBelowZero) {
  for (const double rtol : {1e-2, 1e-4, 1e-6, 1e-8}) {
    const auto solution = solve(callbacks::of(robertson), Options{.rtol = rtol, .atol = robertson.atol(rtol), .lower_bounds = {0}});
    ASSERT_EQ(solution.status, Status::converged) << rtol;
    expect_within(solution, 0);
    EXPECT_LT(robertson.error(solution.final_state(), robertson.final_reference()), 100 * rtol);
  }
}

TEST(CallbackBounds, KeepRobertsonsConcentrationsPositiveWhereTheTolerancesDoNot) {
  // y_2 stays below 4e-5: these absolute tolerances do not see it. Below zero the equations blow up.
  for (const double rtol : {1e-1, 1e-3, 1e-6})
    for (const double atol : {1e-3, 1e-5, 1e-7}) {
      const auto solution = solve(callbacks::of(robertson), Options{.rtol = rtol, .atol = atol, .lower_bounds = {0}});
      EXPECT_EQ(solution.status, Status::converged) << rtol << ' ' << atol;
      expect_within(solution, 0);
      EXPECT_NEAR(solution.final_state()[2], 1, 1e-2);
    }
}

/// y' = rate - sqrt(y): a tank that drains through a hole; NaN below zero.
CallbackProblem tank(double rate, double t1) {
  return scalar([rate](double, double y) { return rate - std::sqrt(y); }, 0, t1, 1);
}

TEST(CallbackBounds, HoldWhereTheRightHandSideIsNaNBeyondThem) {
  for (const double rtol : {1e-3, 1e-6}) {
    const auto solution = solve(tank(0, 1.999), Options{.rtol = rtol, .atol = rtol, .lower_bounds = {0}});  // (1 - t / 2)^2
    ASSERT_EQ(solution.status, Status::converged);
    expect_within(solution, 0, 1);
    EXPECT_NEAR(solution.final_state()[0], 0.0005 * 0.0005, 10 * rtol);
  }
}

TEST(CallbackBounds, ThatTheSolutionTouchesOnlyAreKept) {  // y -> 1e-12, the tolerance is 1e-4
  const auto solution = solve(tank(1e-6, 1e3), Options{.rtol = 1e-4, .atol = 1e-4, .lower_bounds = {1e-12}});
  ASSERT_EQ(solution.status, Status::converged);
  expect_within(solution, 1e-12);
  EXPECT_LT(solution.final_state()[0], 1e-3);
}

/// y_1' = slope, which walks out of any bounds.
CallbackProblem straight(double slope, double t1, std::vector<double> y0 = {0, 1}) {
  return {.f =
              [slope](double, Span, std::span<double> ydot) {
                ydot[0] = slope;
                ydot[1] = 0;
              },
          .t0 = 0,
          .t1 = t1,
          .y0 = std::move(y0)};
}

TEST(CallbackBounds, ThatTheSolutionLeavesEndTheSolveThere) {
  for (const double direction : {1.0, -1.0})
    for (const auto& bounded : {Options{.lower_bounds = {-3}}, Options{.upper_bounds = {3}}, Options{.lower_bounds = {-3, 0}}}) {
      const double slope = bounded.upper_bounds.empty() ? -direction : direction;
      const auto solution = solve(straight(slope, direction * 10), bounded);
      ASSERT_EQ(solution.status, Status::bounds_violated);
      EXPECT_NEAR(solution.final_time(), direction * 3, 1e-4);
      EXPECT_NEAR(std::abs(solution.final_state()[0]), 3, 1e-12);
      EXPECT_GT(solution.statistics.bound_rejections, 0);
      EXPECT_LT(solution.statistics.windows, 200);
      expect_within(solution, -3, 3);
    }
}

TEST(CallbackBounds, ThatAreFarAwayChangeNothing) {
  for (const Strategy strategy : {Strategy::windows, Strategy::sequential}) {
    const auto free = solve(straight(1, 10), Options{.strategy = strategy}),
               bounded = solve(straight(1, 10), Options{.strategy = strategy, .lower_bounds = {-100}, .upper_bounds = {100}});
    EXPECT_EQ(callbacks::copy(free.final_state()), callbacks::copy(bounded.final_state()));
    EXPECT_EQ(free.statistics.steps, bounded.statistics.steps);
    EXPECT_EQ(bounded.statistics.bound_rejections, 0);
  }
}

TEST(CallbackBounds, MayBeEqual) {  // a component that is to stay where it is
  const auto solution = solve(straight(0, 10, {2, 1}), Options{.lower_bounds = {2, 0}, .upper_bounds = {2, 1}});
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.final_state()[0], 2);
}

TEST(CallbackBounds, AreThoseOfTheUsersOrderWhereTheSolverHasAnother) {
  // A chain of decays whose links are coupled at random places; component k must stay below its own bound, which it reaches.
  const int n = 30;
  CallbackProblem p{.f =
                        [](double t, Span, std::span<double> ydot) {
                          for (std::size_t i = 0; i < ydot.size(); ++i)
                            ydot[i] = i == 17 ? 1 : std::sin(t + static_cast<double>(i));
                        },
                    .t0 = 0,
                    .t1 = 5,
                    .y0 = std::vector<double>(n, 0.0)};
  SparsePattern pattern;
  for (int i = 0; i < n; ++i) pattern.entries.push_back({i, (i * 11) % n});
  p.pattern = pattern;
  std::vector<double> upper(n, HUGE_VAL);
  upper[17] = 2;
  const auto solution = solve(p, Options{.upper_bounds = upper});
  ASSERT_EQ(solution.status, Status::bounds_violated);
  EXPECT_NEAR(solution.final_time(), 2, 1e-4);
  EXPECT_EQ(solution.final_state()[17], 2);
  EXPECT_NEAR(solution.final_state()[1], std::cos(1) - std::cos(3), 1e-4);
}

TEST(CallbackBounds, GoWithEventsAndOutputTimes) {
  CallbackProblem problem = callbacks::of(robertson);
  problem.t1 = 1e8;
  Options options{.rtol = 1e-6, .atol = robertson.atol(1e-6), .lower_bounds = {0}};
  options.output_times = {0.4, 4, 40, 4e7};
  const auto solution = solve(problem, options, {{[](double, Span y) { return y[0] - 1e-4; }}});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.times().size(), 4U);
  EXPECT_EQ(solution.events().size(), 1U);
  expect_within(solution, 0);
}

}  // namespace
