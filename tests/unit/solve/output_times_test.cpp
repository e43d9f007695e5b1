// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "antler/solve/radau.hpp"
#include "turning.hpp"

using namespace antler;

namespace {

std::vector<double> many(double t0, double t1, int count) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) times.push_back(t0 + (t1 - t0) * i / (count - 1));
  times.back() = t1;
  return times;
}

TEST(OutputTimes, AreTheTimesOfTheSolutionExactlyAndOnly) {
  for (const auto& [t0, t1] : {std::pair{0.0, 10.0}, {2.5, -3.0}})
    for (const auto output : {Output::trajectory, Output::final_state}) {
      const auto problem = Turning{0.1}.between(t0, t1);
      const auto asked = many(t0, t1, 337);
      const auto solution = solve(problem, Options{.rtol = 1e-8, .atol = 1e-10, .output = output, .output_times = asked});
      ASSERT_EQ(solution.status, Status::converged);
      ASSERT_EQ(std::vector<double>(solution.times().begin(), solution.times().end()), asked);
      ASSERT_EQ(solution.states().size(), asked.size());
      for (std::size_t i = 0; i < asked.size(); ++i)
        EXPECT_LT(distance(solution.states()[i], problem.f.exact(asked[i])), 1e-5) << asked[i];
      EXPECT_EQ(solution.states().front(), problem.y0);
    }
}

TEST(OutputTimes, DoNotChangeTheSteps) {
  const auto problem = Turning{0.1}.between(0, 10);
  const auto plain = solve(problem), asked = solve(problem, Options{.output_times = many(0, 10, 50)});
  EXPECT_EQ(plain.final_state(), asked.final_state());
  EXPECT_EQ(plain.statistics.steps, asked.statistics.steps);
  EXPECT_EQ(asked(3.21), plain(3.21)) << "dense output has all of the steps";
}

TEST(OutputTimes, LeaveTheEndInFinalState) {
  const auto problem = Turning{}.between(0, 10);
  for (const auto output : {Output::trajectory, Output::final_state}) {
    const auto solution = solve(problem, Options{.output = output, .output_times = {1, 2}});
    EXPECT_EQ(solution.times().size(), 2u);
    EXPECT_EQ(solution.final_time(), 10);
    EXPECT_LT(distance(solution.final_state(), problem.f.exact(10)), 1e-4);
    EXPECT_EQ(solution(10), solution.final_state());
    EXPECT_EQ(solution(2), solution.states()[1]);
  }
}

TEST(OutputTimes, KeepTheMemoryFlatWithFinalStateOnly) {
  const auto steps = [](double t1) {
    return solve(Turning{}.between(0, t1), Options{.output = Output::final_state, .output_times = {0.5 * t1, t1}}).statistics;
  };
  const auto some = steps(10), more = steps(1000);
  EXPECT_GT(more.steps, 50 * some.steps);
  EXPECT_EQ(more.peak_bytes, some.peak_bytes);
}

TEST(OutputTimes, WithoutPolynomialsAreAllThatIsKnown) {
  const auto solution = solve(Turning{}.between(0, 10), Options{.output = Output::final_state, .output_times = {1, 2}});
  EXPECT_NO_THROW((void)solution(1));
  for (const double t : {0.0, 1.5, 9.9, 11.0, -1.0}) EXPECT_THROW((void)solution(t), InvalidArgument) << t;
}

TEST(OutputTimes, OfAnEmptyIntervalAreItsPoint) {
  const auto solution = solve(Turning{}.between(3, 3), Options{.output_times = {3}});
  EXPECT_EQ(solution.status, Status::converged);
  ASSERT_EQ(solution.times().size(), 1u);
  EXPECT_EQ(solution.states()[0], solution.final_state());
}

TEST(OutputTimes, EndWhereTheSolveEnds) {
  const auto solution = solve(Turning{}.between(0, 1e6), Options{.maximum_steps = 1000, .output_times = {0.5, 1, 2, 5e5, 1e6}});
  ASSERT_EQ(solution.status, Status::maximum_steps);
  EXPECT_EQ(solution.times().size(), 3u);
  EXPECT_GT(solution.final_time(), 2);
}

}  // namespace
