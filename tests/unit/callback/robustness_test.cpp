// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "antler/solve/callback.hpp"
#include "callbacks.hpp"
#include "testset/testset.hpp"

/// Mathematics that fails ends with a status, callbacks that fail reach the caller, and no solve goes on for ever.

namespace {

using namespace antler;
using callbacks::Heat;
using Span = std::span<const double>;

constexpr Strategy both[] = {Strategy::windows, Strategy::sequential};

/// y' = f(t, y) with one component.
template <class F>
CallbackProblem scalar(const F& f, double t0, double t1, double y0) {
  return {.f = [f](double t, Span y, std::span<double> ydot) { ydot[0] = f(t, y[0]); }, .t0 = t0, .t1 = t1, .y0 = {y0}};
}

TEST(CallbackProblem, SaysThatFIsNotFiniteAtTheStart) {
  const DynamicSolution solution = solve(scalar([](double, double y) { return std::sqrt(y); }, 0, 1, -1));
  EXPECT_EQ(solution.status, Status::non_finite);
  EXPECT_EQ(solution.statistics.first_failure, 0);
  EXPECT_EQ(solution.final_state()[0], -1);
  EXPECT_EQ(solution.times().size(), 1U);
}

TEST(CallbackProblem, StepsBackFromTheRegionWhereFIsNotFinite) {
  // y' = -sqrt(y) from 1 reaches 0 at t = 2; y = (1 - t/2)^2
  const CallbackProblem p = scalar([](double, double y) { return -std::sqrt(y); }, 0, 1.99, 1);
  for (const Strategy strategy : both) {
    const DynamicSolution solution = solve(p, Options{.rtol = 1e-6, .atol = 1e-9, .strategy = strategy});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_NEAR(solution.final_state()[0], 0.005 * 0.005, 1e-6);
  }
}

TEST(CallbackProblem, AWindowEndsWhereFEnds) {
  // f ends at t = 1: what lies before it is solved all the same.
  const auto f = [](double t, double y) { return t > 1 ? std::nan("") : -y; };
  for (const Strategy strategy : both) {
    const DynamicSolution solution = solve(scalar(f, 0, 2, 1), Options{.rtol = 1e-6, .atol = 1e-9, .strategy = strategy});
    EXPECT_NE(solution.status, Status::converged);
    EXPECT_GT(solution.times().back(), 0.99);
    EXPECT_LE(solution.times().back(), 1);
    EXPECT_NEAR(solution.final_state()[0], std::exp(-solution.times().back()), 1e-5);
  }
}

TEST(CallbackProblem, SaysWhereASolutionBlowsUp) {
  for (const Strategy strategy : both) {
    const DynamicSolution solution = solve(scalar([](double, double y) { return y * y; }, 0, 2, 1), Options{.strategy = strategy});
    EXPECT_EQ(solution.status, Status::step_too_small);
    EXPECT_NEAR(solution.times().back(), 1, 1e-6);
  }
}

TEST(CallbackProblem, EndsNextToASingularityOfTheRightHandSide) {
  for (const Strategy strategy : both) {
    const DynamicSolution solution = solve(scalar([](double t, double) { return 1 / (t - 1); }, 1 + 1e-15, 2, 0),
                                           Options{.rtol = 1e-6, .atol = 1e-9, .strategy = strategy});
    EXPECT_TRUE(solution.status == Status::converged || solution.status == Status::step_too_small) << solution.status;
    EXPECT_LT(solution.statistics.steps, 100'000);
  }
}

TEST(CallbackProblem, SolvesASystemWhoseMatrixIsSingularAtOneStepLength) {
  // lambda / h - J is singular for J = lambda / h: f grows, and no step length is special for long.
  const DynamicSolution solution =
      solve(scalar([](double, double y) { return 5 * y; }, 0, 10, 1), Options{.rtol = 1e-8, .atol = 1e-8});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(std::log(solution.final_state()[0]), 50, 1e-5);
}

TEST(CallbackProblem, SolvesAStiffPredatorAndItsPrey) {
  const CallbackProblem p{.f =
                              [](double, Span y, std::span<double> ydot) {
                                ydot[0] = 6.90918 * y[0] * (1 - y[0] / 3634.03) - 191.152 * y[0] * y[1];
                                ydot[1] = 191.152 * y[0] * y[1] - 65013 * y[1];
                              },
                          .t0 = 0,
                          .t1 = 10,
                          .y0 = {10, 1}};
  for (const Strategy strategy : both) {
    const DynamicSolution solution = solve(p, Options{.rtol = 1e-6, .atol = 1e-9, .strategy = strategy});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_LT(solution.statistics.function_evaluations, 1'000'000);
    EXPECT_TRUE(std::isfinite(solution.final_state()[0]));
  }
}

TEST(CallbackProblem, EndsAtTheTightestTolerance) {
  const CallbackProblem p{.f =
                              [](double, Span y, std::span<double> ydot) {
                                ydot[0] = -1000001 * y[0] - 1000000 * y[1];
                                ydot[1] = y[0];
                              },
                          .t0 = 0,
                          .t1 = 1,
                          .y0 = {1, 1}};
  for (const Strategy strategy : both) {
    const DynamicSolution solution =
        solve(p, Options{.rtol = 1e-15, .atol = 1e-15, .maximum_steps = 200'000, .strategy = strategy});
    EXPECT_TRUE(solution.status == Status::converged || solution.status == Status::maximum_steps) << solution.status;
    EXPECT_LT(solution.statistics.steps, 201'000);
  }
}

TEST(CallbackProblem, StopsAtTheLargestNumberOfSteps) {
  const auto problem = testset::vdpol();
  const DynamicSolution solution =
      solve(callbacks::of(problem), Options{.rtol = 1e-8, .atol = problem.atol(1e-8), .maximum_steps = 600});
  EXPECT_EQ(solution.status, Status::maximum_steps);
  EXPECT_LT(solution.statistics.steps, 600 + 512);  // to the end of a window
}

TEST(CallbackProblem, StopsAtTheMemoryCap) {
  const auto problem = testset::vdpol();
  for (const auto& [strategy, cap] : {std::pair{Strategy::windows, std::size_t{1'000'000}}, {Strategy::sequential, 100'000}}) {
    Options options{.rtol = 1e-8, .atol = problem.atol(1e-8), .memory_cap = cap, .strategy = strategy};
    const DynamicSolution stored = solve(callbacks::of(problem), options);
    EXPECT_EQ(stored.status, Status::memory_limit);
    EXPECT_LT(stored.times().back(), problem.t1);
    EXPECT_LT(stored.statistics.peak_bytes, cap + 300'000U);  // the cap and one block of steps
    options.output = Output::final_state;
    const DynamicSolution end = solve(callbacks::of(problem), options);
    EXPECT_EQ(end.status, Status::converged);
    EXPECT_EQ(end.times().size(), 1U);
    EXPECT_LT(end.statistics.peak_bytes, cap);
  }
}

TEST(CallbackProblem, TakesNoStepLongerThanTheLargest) {
  const CallbackProblem p = Heat{20}.problem(1);
  const DynamicSolution solution = solve(p, Options{.rtol = 1e-4, .atol = 1e-6, .maximum_step = 0.01});
  ASSERT_EQ(solution.status, Status::converged);
  const auto times = solution.times();
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_LE(times[i] - times[i - 1], 0.01 * (1 + 1e-9));
  EXPECT_LT(solve(p, Options{.rtol = 1e-4, .atol = 1e-6}).times().size(), times.size());
}

TEST(CallbackProblem, KeepsWindowsAsShortAsAsked) {
  const CallbackProblem p = callbacks::of(testset::vdp100());
  const DynamicSolution usual = solve(p, Options{.strategy = Strategy::windows}),
                        shorter = solve(p, Options{.strategy = Strategy::windows, .maximum_window = 16});
  EXPECT_EQ(shorter.status, Status::converged);
  EXPECT_GT(shorter.statistics.windows, 2 * usual.statistics.windows);
}

TEST(CallbackProblem, EndsWhenProgressSaysSo) {
  const CallbackProblem p = callbacks::of(testset::vdp100());
  double last = 0;
  const DynamicSolution solution = solve(p, Options{.progress = [&](const Progress& progress) {
                                           EXPECT_GT(progress.steps, 0);
                                           last = progress.time;
                                           return progress.steps < 100;
                                         }});
  EXPECT_EQ(solution.status, Status::cancelled);
  EXPECT_EQ(solution.times().back(), last);
  EXPECT_LT(last, p.t1);
}

struct Failure : std::runtime_error {
  using runtime_error::runtime_error;
};

TEST(CallbackProblem, ExceptionsOfFReachTheCallerWhereverTheyAreThrown) {
  const CallbackProblem good = callbacks::DiffusiveBrusselator{100}.problem(1);
  const Index calls = solve(good).statistics.function_evaluations;
  for (const double part : {0.0, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9}) {
    CallbackProblem p = good;
    std::atomic<Index> left = static_cast<Index>(part * static_cast<double>(calls));
    p.f = [&](double t, Span y, std::span<double> ydot) {
      if (left-- <= 0) throw Failure("the user's own");
      good.f(t, y, ydot);
    };
    try {
      (void)solve(p);
      ADD_FAILURE() << "no exception after " << part << " of the calls";
    } catch (const Failure& failure) {
      EXPECT_STREQ(failure.what(), "the user's own");
    }
  }
  EXPECT_EQ(solve(good).status, Status::converged);  // the library is usable afterwards
}

TEST(CallbackProblem, ExceptionsOfTheJacobianReachTheCaller) {
  for (const auto& [strategy, good_calls] : {std::pair{Strategy::windows, 20}, {Strategy::sequential, 0}}) {
    CallbackProblem p = Heat{100}.problem(1);
    std::atomic<int> left = good_calls;
    p.jacobian = [&, good = Heat{100}.jacobian()](double t, Span y, const JacobianEntries& dfdy) {
      if (left-- <= 0) throw Failure("the user's own");
      good(t, y, dfdy);
    };
    EXPECT_THROW((void)solve(p, Options{.strategy = strategy}), Failure);
  }
}

TEST(CallbackProblem, AJacobianThatIsNotFiniteIsAStatus) {
  CallbackProblem p = Heat{10}.problem(1);
  p.jacobian = [](double, Span, const JacobianEntries& dfdy) { dfdy(0, 0) = std::nan(""); };
  EXPECT_EQ(solve(p).status, Status::non_finite);
}

TEST(CallbackProblem, DifferencesStayInsideTheRegionOfF) {
  // f does not exist for negative y, and y0 lies on its rim.
  const CallbackProblem p = scalar([](double, double y) { return 1 - std::sqrt(y); }, 0, 1, 0);
  EXPECT_EQ(solve(p).status, Status::converged);
}

}  // namespace
