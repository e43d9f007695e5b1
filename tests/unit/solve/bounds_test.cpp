// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/bounds.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "antler/solve/radau.hpp"
#include "testset/solved.hpp"

using namespace antler;

namespace {

TEST(Bounds, MeasureAnExcessInUnitsOfTheTolerance) {
  const Bounds<double, 2> bounds(
      Options{.rtol = 1e-3, .atol = {1e-6, 1e-2}, .lower_bounds = {0, -1}, .upper_bounds = {10, HUGE_VAL}});
  EXPECT_TRUE(bounds.any());
  EXPECT_EQ(bounds.violation({0, -1}), 0);
  EXPECT_EQ(bounds.violation({10, 1e300}), 0);
  EXPECT_NEAR(bounds.violation({-2e-6, 5}), 2, 1e-12);
  EXPECT_NEAR(bounds.violation({10.02, 0}), 0.02 / (1e-2 + 1e-6), 1e-9);
  EXPECT_EQ(bounds.violation({std::nan(""), 0}), HUGE_VAL);
  EXPECT_EQ(bounds.projected({-3, -3}), (Vector<double, 2>{0, -1}));
  EXPECT_EQ(bounds.projected({30, 30}), (Vector<double, 2>{10, 30}));
  EXPECT_FALSE((Bounds<double, 2>(Options{}).any()));
}

template <class S>
void expect_within(const S& solution, double lower, double upper = HUGE_VAL) {
  const auto check = [&](const auto& y) {
    for (const double x : y) {
      EXPECT_GE(x, lower);
      EXPECT_LE(x, upper);
    }
  };
  for (const auto& y : solution.states()) check(y);
  check(solution.final_state());
  for (std::size_t i = 0; i + 1 < solution.times().size(); ++i)
    for (const double theta : {0.1, 0.3, 0.6, 0.9})
      check(solution((1 - theta) * solution.times()[i] + theta * solution.times()[i + 1]));
}

TEST(Bounds, KeepRobertsonsConcentrationsFromBelowZero) {
  const auto robertson = testset::robertson_long();
  const InitialValueProblem problem{robertson.f, robertson.t0, robertson.t1, robertson.y0};
  for (const double rtol : {1e-2, 1e-4, 1e-6, 1e-8}) {
    const Options options{.rtol = rtol, .atol = robertson.atol(rtol), .lower_bounds = {0}};
    const auto solution = solve(problem, options);
    ASSERT_EQ(solution.status, Status::converged) << rtol;
    expect_within(solution, 0);
    EXPECT_LT(robertson.error(solution.final_state(), robertson.final_reference()), 100 * rtol);
  }
}

TEST(Bounds, KeepRobertsonsConcentrationsPositiveWhereTheTolerancesDoNot) {
  // y_2 stays below 4e-5: these absolute tolerances do not see it. Below zero the equations blow up.
  const auto robertson = testset::robertson_long();
  const InitialValueProblem problem{robertson.f, robertson.t0, robertson.t1, robertson.y0};
  for (const double rtol : {1e-1, 1e-3, 1e-6})
    for (const double atol : {1e-3, 1e-5, 1e-7}) {
      const auto solution = solve(problem, Options{.rtol = rtol, .atol = atol, .lower_bounds = {0}});
      EXPECT_EQ(solution.status, Status::converged);
      expect_within(solution, 0);
      EXPECT_NEAR(solution.final_state()[2], 1, 1e-2);
    }
}

/// y' = rate - sqrt(y): a tank that drains through a hole; NaN below zero.
struct Tank {
  double rate;
  template <class T>
  Vector<T, 1> operator()(const T& /*t*/, const Vector<T, 1>& y) const {
    return {rate - sqrt(y[0])};
  }
};

TEST(Bounds, HoldWhereTheRightHandSideIsNaNBeyondThem) {
  const InitialValueProblem problem{Tank{0}, 0.0, 1.999, Vector<double, 1>{1}};  // y = (1 - t / 2)^2
  for (const double rtol : {1e-3, 1e-6}) {
    const auto solution = solve(problem, Options{.rtol = rtol, .atol = rtol, .lower_bounds = {0}});
    ASSERT_EQ(solution.status, Status::converged);
    expect_within(solution, 0, 1);
    EXPECT_NEAR(solution.final_state()[0], 0.0005 * 0.0005, 10 * rtol);
  }
}

TEST(Bounds, ThatTheSolutionTouchesOnlyAreKept) {  // y -> 1e-12, the tolerance is 1e-4
  const InitialValueProblem problem{Tank{1e-6}, 0.0, 1e3, Vector<double, 1>{1}};
  const auto solution = solve(problem, Options{.rtol = 1e-4, .atol = 1e-4, .lower_bounds = {1e-12}});
  ASSERT_EQ(solution.status, Status::converged);
  expect_within(solution, 1e-12);
  EXPECT_LT(solution.final_state()[0], 1e-3);
}

/// y_1' = slope, which walks out of any bounds.
struct Straight {
  double slope;
  template <class T>
  Vector<T, 2> operator()(const T& t, const Vector<T, 2>& y) const {
    return {T(slope), 0.0 * (t + y[1])};
  }
};

TEST(Bounds, ThatTheSolutionLeavesEndTheSolveThere) {
  for (const double direction : {1.0, -1.0})
    for (const auto& bounded : {Options{.lower_bounds = {-3}}, Options{.upper_bounds = {3}}, Options{.lower_bounds = {-3, 0}}}) {
      const double slope = bounded.upper_bounds.empty() ? -direction : direction;
      const InitialValueProblem problem{Straight{slope}, 0.0, direction * 10, Vector<double, 2>{0, 1}};
      const auto solution = solve(problem, bounded);
      ASSERT_EQ(solution.status, Status::bounds_violated);
      EXPECT_NEAR(solution.final_time(), direction * 3, 1e-4);
      EXPECT_NEAR(std::abs(solution.final_state()[0]), 3, 1e-12);
      EXPECT_GT(solution.statistics.bound_rejections, 0);
      EXPECT_LT(solution.statistics.windows, 200);
      expect_within(solution, -3, 3);
    }
}

TEST(Bounds, ThatTheSolutionLeavesEndASequentialSolveThereToo) {
  const InitialValueProblem problem{Straight{1}, 0.0, 10.0, Vector<double, 2>{0, 1}};
  const auto solution = solve(problem, Options{.strategy = Strategy::sequential, .upper_bounds = {3}});
  ASSERT_EQ(solution.status, Status::bounds_violated);
  EXPECT_NEAR(solution.final_time(), 3, 1e-4);
  EXPECT_LT(solution.statistics.steps, 1000);
}

TEST(Bounds, ThatAreFarAwayChangeNothing) {
  const InitialValueProblem problem{Straight{1}, 0.0, 10.0, Vector<double, 2>{0, 1}};
  const auto free = solve(problem, Options{.strategy = Strategy::windows}),
             bounded = solve(problem, Options{.strategy = Strategy::windows, .lower_bounds = {-100}, .upper_bounds = {100}});
  EXPECT_EQ(free.final_state(), bounded.final_state());
  EXPECT_EQ(free.statistics.steps, bounded.statistics.steps);
  EXPECT_EQ(bounded.statistics.bound_rejections, 0);
}

TEST(Bounds, MayBeEqual) {  // a component that is to stay where it is
  const InitialValueProblem problem{Straight{0}, 0.0, 10.0, Vector<double, 2>{2, 1}};
  const auto solution = solve(problem, Options{.lower_bounds = {2, 0}, .upper_bounds = {2, 1}});
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.final_state()[0], 2);
}

TEST(Bounds, GoWithEventsAndOutputTimes) {
  const auto robertson = testset::robertson_long();
  const InitialValueProblem problem{robertson.f, robertson.t0, 1e8, robertson.y0};
  Options options{.rtol = 1e-6, .atol = robertson.atol(1e-6), .lower_bounds = {0}};
  options.output_times = {0.4, 4, 40, 4e7};
  const auto solution = solve(problem, options, {{[](double, const auto& y) { return y[0] - 1e-4; }}});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.times().size(), 4u);
  EXPECT_EQ(solution.events().size(), 1u);
  expect_within(solution, 0);
}

}  // namespace
