// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "antler/solve/callback.hpp"
#include "callbacks.hpp"

/// Options::output_times with plain callbacks.

namespace {

using namespace antler;
using callbacks::copy;
using callbacks::Heat;
using callbacks::Turn;

std::vector<double> many(double t0, double t1, int count) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) times.push_back(t0 + (t1 - t0) * i / (count - 1));
  times.back() = t1;
  return times;
}

TEST(CallbackOutputTimes, AreTheTimesOfTheSolutionExactlyAndOnly) {
  for (const auto& [t0, t1] : {std::pair{0.0, 10.0}, {2.5, -3.0}})
    for (const auto output : {Output::trajectory, Output::final_state}) {
      const Turn turn{0.1};
      const CallbackProblem problem = turn.between(t0, t1);
      const auto asked = many(t0, t1, 337);
      const auto solution = solve(problem, Options{.rtol = 1e-8, .atol = 1e-10, .output = output, .output_times = asked});
      ASSERT_EQ(solution.status, Status::converged);
      ASSERT_EQ(copy(solution.times()), asked);
      for (std::size_t i = 0; i < asked.size(); ++i)
        EXPECT_LT(callbacks::error(solution.state(static_cast<Index>(i)), turn.exact(asked[i]), 1), 1e-5) << asked[i];
      EXPECT_EQ(copy(solution.state(0)), problem.y0);
      EXPECT_THROW((void)solution.state(337), InvalidArgument);
    }
}

TEST(CallbackOutputTimes, DoNotChangeTheSteps) {
  const CallbackProblem problem = Turn{0.1}.between(0, 10);
  const auto plain = solve(problem), asked = solve(problem, Options{.output_times = many(0, 10, 50)});
  EXPECT_EQ(copy(plain.final_state()), copy(asked.final_state()));
  EXPECT_EQ(plain.statistics.steps, asked.statistics.steps);
  EXPECT_EQ(asked(3.21), plain(3.21)) << "dense output has all of the steps";
  EXPECT_EQ(copy(asked.state(7)), plain(asked.times()[7]));
}

TEST(CallbackOutputTimes, LeaveTheEndInFinalState) {
  const Turn turn;
  for (const auto output : {Output::trajectory, Output::final_state}) {
    const auto solution = solve(turn.between(0, 10), Options{.output = output, .output_times = {1, 2}});
    EXPECT_EQ(solution.times().size(), 2U);
    EXPECT_EQ(solution.final_time(), 10);
    EXPECT_LT(callbacks::error(solution.final_state(), turn.exact(10), 1), 1e-4);
    EXPECT_EQ(solution(10), copy(solution.final_state()));
    EXPECT_EQ(solution(2), copy(solution.state(1)));
  }
}

TEST(CallbackOutputTimes, KeepTheMemoryFlatWithFinalStateOnly) {
  const auto statistics = [](double t1) {
    return solve(Turn{}.between(0, t1), Options{.output = Output::final_state, .output_times = {0.5 * t1, t1}}).statistics;
  };
  const auto some = statistics(10), more = statistics(1000);
  EXPECT_GT(more.steps, 50 * some.steps);
  EXPECT_EQ(more.peak_bytes, some.peak_bytes);
}

TEST(CallbackOutputTimes, WithoutPolynomialsAreAllThatIsKnown) {
  const auto solution = solve(Turn{}.between(0, 10), Options{.output = Output::final_state, .output_times = {1, 2}});
  EXPECT_NO_THROW((void)solution(1));
  for (const double t : {0.0, 1.5, 9.9, 11.0, -1.0}) EXPECT_THROW((void)solution(t), InvalidArgument) << t;
}

TEST(CallbackOutputTimes, OfAnEmptyIntervalAreItsPoint) {
  const auto solution = solve(Turn{}.between(3, 3), Options{.output_times = {3}});
  EXPECT_EQ(solution.status, Status::converged);
  ASSERT_EQ(solution.times().size(), 1U);
  EXPECT_EQ(copy(solution.state(0)), copy(solution.final_state()));
}

TEST(CallbackOutputTimes, EndWhereTheSolveEnds) {
  const auto solution = solve(Turn{}.between(0, 1e6), Options{.maximum_steps = 1000, .output_times = {0.5, 1, 2, 5e5, 1e6}});
  ASSERT_EQ(solution.status, Status::maximum_steps);
  EXPECT_EQ(solution.times().size(), 3U);
  EXPECT_GT(solution.final_time(), 2);
}

TEST(CallbackOutputTimes, AreInTheOrderOfTheUserWhereTheSolverHasAnother) {
  const int n = 40;  // the heat equation with its points in a random order
  const Heat heat{n};
  const CallbackProblem plain = heat.problem(0.1);
  std::vector<std::size_t> place(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < place.size(); ++i) place[i] = i;
  std::shuffle(place.begin(), place.end(), std::mt19937(5));
  CallbackProblem shuffled{.f =
                               [&](double t, callbacks::Span y, std::span<double> ydot) {
                                 std::vector<double> in_order(y.size()), value(y.size());
                                 for (std::size_t i = 0; i < y.size(); ++i) in_order[i] = y[place[i]];
                                 plain.f(t, in_order, value);
                                 for (std::size_t i = 0; i < y.size(); ++i) ydot[place[i]] = value[i];
                               },
                           .t0 = 0,
                           .t1 = 0.1,
                           .y0 = plain.y0};
  for (std::size_t i = 0; i < place.size(); ++i) shuffled.y0[place[i]] = plain.y0[i];
  SparsePattern pattern;
  for (int r = 0; r < n; ++r)
    for (int c = std::max(0, r - 1); c <= std::min(n - 1, r + 1); ++c)
      pattern.entries.push_back(
          {static_cast<int>(place[static_cast<std::size_t>(r)]), static_cast<int>(place[static_cast<std::size_t>(c)])});
  shuffled.pattern = pattern;
  const auto solution = solve(shuffled, Options{.rtol = 1e-6, .atol = 1e-9, .output_times = {0, 0.03, 0.1}});
  ASSERT_EQ(solution.times().size(), 3U);
  for (Index i = 0; i < 3; ++i) {
    std::vector<double> in_order(place.size());
    for (std::size_t k = 0; k < place.size(); ++k) in_order[k] = solution.state(i)[place[k]];
    EXPECT_LT(callbacks::error(in_order, heat.exact(solution.times()[static_cast<std::size_t>(i)]), 1e-3), 1e-5);
  }
}

}  // namespace
