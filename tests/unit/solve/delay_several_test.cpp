// SPDX-License-Identifier: BSD-3-Clause
// Several delays, histories that are functions, and calls that must be refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "antler/solve/delay.hpp"
#include "delay_problems.hpp"

using namespace antler;
using namespace antler::test;

namespace {

TEST(SeveralDelays, MatchAReferenceWhereNoMeshServesBoth) {
  for (double rtol = 1e-4; rtol > 3e-12; rtol /= 10) {
    const Options options{.rtol = rtol, .atol = rtol / 100};
    const auto solution = solve(two_delays(6), options);
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_NEAR(solution(3)[0], two_delays_at_3, 100 * rtol * std::abs(two_delays_at_3)) << rtol;
    EXPECT_NEAR(solution.final_state()[0], two_delays_at_6, 100 * rtol * std::abs(two_delays_at_6)) << rtol;
  }
}

TEST(SeveralDelays, SeeNoErrorBetweenTheNodesOfLongStiffSteps) {  // which the error test cannot see: it was 10^6 rtol
  for (const double k : {1e2, 1e4, 1e6})
    for (const double rtol : {1e-3, 1e-4, 1e-6, 1e-8}) {
      const DelayProblem problem{TwoDelays{.stiffness = k}, TestHistory{}, {10.0, 14.2}, 0.0, 60.0};
      const auto solution = solve(problem, Options{.rtol = rtol, .atol = rtol});
      ASSERT_EQ(solution.status, Status::converged);
      double largest = 0;
      for (const double t : solution.times()) largest = std::max(largest, std::abs(solution(t)[0] - std::cos(t)));
      EXPECT_LT(largest, 100 * rtol) << k << ' ' << rtol;
      EXPECT_LT(solution.statistics.steps, 1000) << k << ' ' << rtol;
    }
}

TEST(SeveralDelays, EqualOnesAreOne) {
  const TestHistory one{TestHistory::Kind::constant};
  const auto solution =
      solve(DelayProblem{TwoDelays{.sum = true}, one, {1.0, 1.0}, 0.0, 4.5}, Options{.rtol = 1e-10, .atol = 1e-12});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], linear_by_steps(-1, 4.5), 1e-8);
}

TEST(SeveralDelays, SeeJumpsOfTheHistory) {  // 0 up to -1/2, then 1: y' = 0 up to 1/2, then -1, and so on
  const DelayProblem problem{TwoDelays{.sum = true}, TestHistory{TestHistory::Kind::step}, {1.0, 1.0}, 0.0, 2.0};
  const auto solution = solve(problem, Options{.rtol = 1e-10, .atol = 1e-12, .jump_times = {-0.5}});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution(0.5)[0], 1, 1e-10);
  EXPECT_NEAR(solution(1)[0], 0.5, 1e-10);
  EXPECT_NEAR(solution(1.5)[0], 0, 1e-10);
  EXPECT_NEAR(solution(2)[0], -0.5 + 0.125, 1e-10);
}

TEST(SeveralDelays, BreakAtEverySum) {
  const std::vector<double> start{0}, delays{1, 2.5};
  const auto points = breaking_points(start, delays, 2, 10, 2.2e-16);
  ASSERT_EQ(points.size(), 6U);
  const double times[] = {0, 1, 2, 2.5, 3.5, 5};
  const int levels[] = {0, 1, 2, 1, 2, 2};
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_EQ(points[i].time, times[i]);
    EXPECT_EQ(points[i].level, levels[i]);
  }
}

TEST(SeveralDelays, BreakABoundedNumberOfTimes) {
  const std::vector<double> start{0};
  std::vector<double> delays;
  for (int p = 0; p < 60; ++p) delays.push_back(std::exp(0.05 * p));
  const auto points = breaking_points(start, delays, 6, 1e9, 2.2e-16, 3000);
  EXPECT_EQ(points.size(), 1U + 60 + 60 * 61 / 2);  // levels 0, 1, 2; level 3 would have 37820 more
  for (std::size_t i = 0; i + 1 < points.size(); ++i) EXPECT_LT(points[i].time, points[i + 1].time);
}

std::string refusal(const auto& call) {
  try {
    call();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "";
}
bool mentions(const std::string& text, const char* word) { return text.find(word) != std::string::npos; }

TEST(DelayBadInput, NamesTheDelay) {
  const auto with = [](std::vector<double> delays) {
    return refusal([&] { static_cast<void>(DelayProblem{TwoDelays{}, TestHistory{}, delays, 0.0, 1.0}); });
  };
  EXPECT_TRUE(mentions(with({1, 0}), "delay 2 of 2 is 0"));
  EXPECT_TRUE(mentions(with({-3, 1}), "delay 1 of 2 is -3"));
  EXPECT_TRUE(mentions(with({1, std::nan("")}), "delay 2 of 2 is nan"));
  EXPECT_TRUE(mentions(with({1, HUGE_VAL}), "delay 2 of 2 is inf"));
  EXPECT_TRUE(mentions(with({}), "no delays are given"));
  EXPECT_TRUE(mentions(with({1}), "f takes 2 delayed states, and 1"));
  EXPECT_TRUE(mentions(with({1, 2, 3}), "f takes 2 delayed states, and 3"));
  EXPECT_EQ(with({1, 2}), "");
}

TEST(DelayBadInput, NamesTheTimeAtWhichTheHistoryFails) {
  const auto of = [](TestHistory::Kind kind, double tau) {
    return refusal([&] { static_cast<void>(solve(DelayProblem{TwoDelays{}, TestHistory{kind}, {1.0, tau}, 0.0, 2.0})); });
  };
  using Kind = TestHistory::Kind;
  EXPECT_TRUE(mentions(of(Kind::throws, 0.6), "threw \"no measurement\" at t = -0.59999"));  // in the constructor
  EXPECT_TRUE(mentions(of(Kind::not_a_number, 0.6), "not finite in component 0 at t = -0.59999"));
  EXPECT_TRUE(mentions(of(Kind::throws, 2.0), "threw \"no measurement\" at t = -0."));  // in the solve
  EXPECT_TRUE(mentions(of(Kind::not_a_number, 2.0), "not finite in component 0 at t = -0."));
  EXPECT_EQ(of(Kind::cosine, 2.0), "");
}

TEST(DelayBadInput, IsRefused) {
  const auto problem = [](double t0, double t1, Vector<double, 1> y0) {
    return refusal([&] { static_cast<void>(DelayProblem{TwoDelays{}, TestHistory{}, {1.0, 2.0}, t0, t1, y0}); });
  };
  EXPECT_TRUE(mentions(problem(1, 0, {1}), "runs forwards only"));
  EXPECT_TRUE(mentions(problem(0, HUGE_VAL, {1}), "must be finite"));
  EXPECT_TRUE(mentions(problem(std::nan(""), 1, {1}), "must be finite"));
  EXPECT_TRUE(mentions(problem(0, 1, {std::nan("")}), "component 0 of y0"));
  const auto options = [](const Options& o) { return refusal([&] { static_cast<void>(solve(two_delays(1), o)); }); };
  EXPECT_TRUE(mentions(options({.rtol = -1}), "rtol"));
  EXPECT_TRUE(mentions(options({.output_times = {2}}), "output_times"));
  EXPECT_TRUE(mentions(options({.upper_bounds = {0.5}}), "y0 lies outside"));
  EXPECT_TRUE(mentions(options({.memory_cap = 1000, .strategy = Strategy::windows}), "memory"));
}

// A history of another size than f takes does not compile: the concept that says so.
static_assert(detail::delay_count<TwoDelays, double, 1>() == 2 && detail::delay_count<TwoDelays, double, 2>() == 0);
struct TakesTwo {
  template <class T>
  Vector<T, 2> operator()(const T&, const Vector<T, 2>& y, const Vector<T, 2>&) const {
    return y;
  }
};
static_assert(detail::delay_count<TakesTwo, double, 2>() == 1 && detail::delay_count<TakesTwo, double, 1>() == 0);

}  // namespace
