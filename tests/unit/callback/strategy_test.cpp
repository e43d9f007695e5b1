// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "antler/solve/callback.hpp"
#include "callbacks.hpp"
#include "testset/testset.hpp"

/// Options::strategy with plain callbacks: one step after the other, or windows.

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
    EXPECT_EQ(solution.statistics.predictor_steps, 0);
    EXPECT_EQ(solution.statistics.sequential_steps, solution.statistics.steps);
    EXPECT_EQ(solution.times().size(), static_cast<std::size_t>(solution.statistics.steps) + 1);
    EXPECT_LT(problem.error(solution.final_state(), problem.final_reference()), 20 * rtol);
  }
}

TEST(CallbackStrategy, IsAWalkAtEveryToleranceButFromAGuessOrWithBounds) {
  const CallbackProblem problem = Heat{20}.problem(0.1);
  for (const double rtol : {1e-2, 1e-4, 1e-6, 1e-8, 1e-10}) {
    Options options{.rtol = rtol, .atol = 1e-3 * rtol};
    const auto cold = solve(problem, options);
    EXPECT_EQ(cold.statistics.windows, 0) << rtol;
    EXPECT_GT(solve(problem, options, cold).statistics.windows, 0) << rtol;
    options.strategy = Strategy::sequential;
    EXPECT_EQ(solve(problem, options, cold).statistics.windows, 0) << rtol;
    options.strategy = Strategy::windows;
    const auto windows = solve(problem, options);
    EXPECT_GT(windows.statistics.windows, 0) << rtol;
    EXPECT_EQ(windows.statistics.sequential_steps, 0) << rtol;
    options.strategy = Strategy::automatic;
    options.lower_bounds = {-10};
    EXPECT_GT(solve(problem, options).statistics.windows, 0) << rtol;
  }
}

TEST(CallbackStrategy, AWalkKeepsItsJacobianWhereItIsLookedAt) {  // every 64 steps, for the limits of steps and memory
  const auto decay = callbacks::scalar([](double t, double y) { return std::sin(t) - y; }, 0, 1000, 1);
  const auto solution = solve(decay, Options{.rtol = 1e-9, .atol = 1e-9, .maximum_step = 1});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_GT(solution.statistics.steps, 1000);
  EXPECT_LT(solution.statistics.jacobian_evaluations, 5) << "a linear equation: its first Jacobian serves to the end";
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
  const auto resting = callbacks::scalar([](double, double y) { return 100 * (1 - y) + 1e-10; }, 0, 100, 0);
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

TEST(CallbackStrategy, AWalkGetsAlongTheBorderOfTheDomain) {
  // y = (1 - t / 2)^2 comes within 2.5e-5 of zero, beyond which f is NaN.
  const auto tank = callbacks::scalar([](double, double y) { return -std::sqrt(y); }, 0, 1.99, 1);
  for (const double rtol : {1e-2, 1e-3, 1e-4, 1e-6, 1e-8}) {
    const auto solution = solve(tank, Options{.rtol = rtol, .atol = rtol});
    ASSERT_EQ(solution.status, Status::converged) << rtol;
    EXPECT_EQ(solution.statistics.windows, 0) << rtol;
    EXPECT_LT(solution.statistics.steps + solution.statistics.rejected_steps, 200) << rtol;
    EXPECT_NEAR(solution.final_state()[0], 2.5e-5, 10 * rtol);
  }
}

TEST(CallbackStrategy, WindowsAreTriedWhereAWalkIsStuck) {
  const auto ends = callbacks::scalar([](double t, double y) { return t > 1 ? std::nan("") : -y; }, 0, 2, 1);
  for (const double rtol : {1e-3, 1e-8}) {
    const auto solution = solve(ends, Options{.rtol = rtol, .atol = rtol});
    EXPECT_EQ(solution.status, Status::non_finite);
    EXPECT_GT(solution.statistics.sequential_steps, 0);
    EXPECT_GT(solution.statistics.windows, 0);
    EXPECT_NEAR(solution.final_time(), 1, 1e-6);
    EXPECT_NEAR(solution.final_state()[0], std::exp(-solution.final_time()), 10 * rtol);
  }
}

}  // namespace
