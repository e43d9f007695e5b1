// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "antler/solve/callback.hpp"
#include "callbacks.hpp"
#include "testset/testset.hpp"

/// Options::strategy with plain callbacks: windows, or one step of RODAS after the other.

namespace {

using namespace antler;
using callbacks::DiffusiveBrusselator;
using callbacks::Heat;
using callbacks::Span;
using callbacks::Turn;

TEST(CallbackStrategy, SequentialTakesNoWindowAndIsAsAccurate) {
  const auto problem = testset::hires();
  for (const double rtol : {1e-3, 1e-5, 1e-7, 1e-9}) {
    const auto solution =
        solve(callbacks::of(problem), Options{.rtol = rtol, .atol = problem.atol(rtol), .strategy = Strategy::sequential});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_EQ(solution.statistics.windows, 0);
    EXPECT_EQ(solution.statistics.newton_steps, 0);
    EXPECT_EQ(solution.statistics.sequential_steps, solution.statistics.steps);
    EXPECT_EQ(solution.times().size(), static_cast<std::size_t>(solution.statistics.steps) + 1);
    EXPECT_LT(problem.error(solution.final_state(), problem.final_reference()), 20 * rtol);
  }
}

TEST(CallbackStrategy, IsChosenByTheTolerance) {
  const CallbackProblem problem = Heat{20}.problem(0.1);
  const auto windows = [&](double rtol, Strategy strategy) {
    return solve(problem, Options{.rtol = rtol, .atol = 1e-3 * rtol, .strategy = strategy}).statistics.windows;
  };
  EXPECT_EQ(windows(1e-4, Strategy::automatic), 0);
  EXPECT_GT(windows(1e-4, Strategy::windows), 0);
  EXPECT_GT(windows(1e-8, Strategy::automatic), 0);
}

TEST(CallbackStrategy, SequentialHasDenseOutputOfTheWholeInterval) {
  const Heat heat{30};
  CallbackProblem problem = heat.problem(0.1);
  problem.pattern = BandedPattern{1, 1};
  const auto solution = solve(problem, Options{.rtol = 1e-7, .atol = 1e-9, .strategy = Strategy::sequential});
  ASSERT_EQ(solution.status, Status::converged);
  for (int k = 0; k <= 100; ++k) EXPECT_LT(callbacks::error(solution(0.001 * k), heat.exact(0.001 * k), 1), 1e-6) << k;
}

TEST(CallbackStrategy, SequentialHonoursTheOptionsOfWindows) {
  const Turn turn{0.1};
  for (const double end : {10.0, -10.0}) {
    Options options{.rtol = 1e-8, .atol = 1e-8, .strategy = Strategy::sequential, .maximum_step = 0.05};
    options.output_times = {0.1 * end, 0.7 * end, end};
    options.jump_times = {0.33 * end};
    const auto solution = solve(turn.between(0, end), options, {{[end](double t, Span) { return t - 0.5 * end; }}});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_GE(solution.statistics.steps, 200);
    ASSERT_EQ(solution.times().size(), 3U);
    for (Index i = 0; i < 3; ++i)
      EXPECT_LT(callbacks::error(solution.state(i), turn.exact(solution.times()[static_cast<std::size_t>(i)]), 1), 1e-6);
    ASSERT_EQ(solution.events().size(), 1U);
    EXPECT_NEAR(solution.events()[0].time, 0.5 * end, 1e-13);
  }
}

TEST(CallbackStrategy, SequentialKeepsBounds) {
  const auto tank = callbacks::scalar([](double, double y) { return -std::sqrt(y); }, 0, 1.999, 1);  // (1 - t / 2)^2
  for (const double rtol : {1e-3, 1e-6}) {
    const auto solution = solve(tank, Options{.rtol = rtol, .atol = rtol, .strategy = Strategy::sequential, .lower_bounds = {0}});
    ASSERT_EQ(solution.status, Status::converged);
    for (Index i = 0; i < static_cast<Index>(solution.times().size()); ++i) EXPECT_GE(solution.state(i)[0], 0);
    EXPECT_NEAR(solution.final_state()[0], 0.0005 * 0.0005, 10 * rtol);
  }
  const auto straight = callbacks::scalar([](double, double) { return 1.0; }, 0, 10, 0);
  const auto solution = solve(straight, Options{.strategy = Strategy::sequential, .upper_bounds = {3}});
  EXPECT_EQ(solution.status, Status::bounds_violated);
  EXPECT_NEAR(solution.final_time(), 3, 1e-4);
  EXPECT_EQ(solution.final_state()[0], 3);
  EXPECT_LT(solution.statistics.steps, 1000) << "no creeping along the bound";
}

TEST(CallbackStrategy, SequentialMayRestOnABoundOutOfWhichRoundingLeads) {
  const auto resting = callbacks::scalar([](double, double y) { return 100 * (1 - y) + 1e-12; }, 0, 100, 0);
  const auto solution = solve(resting, Options{.strategy = Strategy::sequential, .upper_bounds = {1}});
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.final_state()[0], 1);
}

TEST(CallbackStrategy, SequentialStopsWhenProgressSaysSoAndAtTheLargestNumberOfSteps) {
  Options options{.rtol = 1e-8, .atol = 1e-8, .strategy = Strategy::sequential};
  options.progress = [](const Progress& progress) { return progress.steps < 10; };
  const auto cancelled = solve(Turn{}.between(0, 100), options);
  EXPECT_EQ(cancelled.status, Status::cancelled);
  EXPECT_EQ(cancelled.statistics.steps, 10);
  options.progress = {};
  options.maximum_steps = 100;
  const auto stopped = solve(Turn{}.between(0, 1000), options);
  EXPECT_EQ(stopped.status, Status::maximum_steps);
  EXPECT_LE(stopped.statistics.steps, 100 + 64);
}

TEST(CallbackStrategy, SequentialNeedsNoMemoryForWindows) {
  const CallbackProblem problem = Heat{100}.problem(0.1);
  const std::size_t windows = smallest_bytes(problem);
  const Options options{.output = Output::final_state, .memory_cap = windows - 1, .strategy = Strategy::sequential};
  const auto solution = solve(problem, options);
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_LT(solution.statistics.peak_bytes, windows);
}

TEST(CallbackStrategy, AnyNumberOfThreadsGivesTheSameBitsSequentially) {
  CallbackProblem p = DiffusiveBrusselator{15}.problem(2);
  p.pattern = DensePattern{};
  p.f = [f = p.f](double t, Span y, std::span<double> ydot) {
    for (int again = 0; again < 300; ++again) f(t, y, ydot);  // long enough that a team wakes for 30 differences
  };
  const Options options{.rtol = 1e-4, .atol = 1e-4};
  const auto several = solve(p, options);
  p.calls = Calls::one_at_a_time;
  const auto one = solve(p, options);
  EXPECT_EQ(several.statistics.windows, 0);
  EXPECT_EQ(callbacks::copy(several.times()), callbacks::copy(one.times()));
  EXPECT_EQ(callbacks::copy(several.final_state()), callbacks::copy(one.final_state()));
}

TEST(CallbackStrategy, WindowsTakeOverAtTheBorderOfTheDomain) {
  // y = (1 - t / 2)^2 comes within 2.5e-5 of zero, beyond which f is NaN; loose enough that the march begins to walk.
  const auto tank = callbacks::scalar([](double, double y) { return -std::sqrt(y); }, 0, 1.99, 1);
  const auto solution = solve(tank, Options{.rtol = 1e-3, .atol = 1e-3});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_GT(solution.statistics.sequential_steps, 0);
  EXPECT_GT(solution.statistics.windows, 0);
  EXPECT_NEAR(solution.final_state()[0], 2.5e-5, 1e-2);
}

}  // namespace
