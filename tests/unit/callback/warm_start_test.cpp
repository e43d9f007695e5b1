// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "antler/solve/callback.hpp"
#include "callbacks.hpp"

/// The solution of a neighbouring problem with plain callbacks as a guess.

namespace {

using namespace antler;
using callbacks::Span;
using callbacks::Turn;

/// Robertson's reaction with its third rate, to 10^4.
CallbackProblem reaction(double k3 = 3e7, double t1 = 1e4) {
  return {.f =
              [k3](double, Span y, std::span<double> ydot) {
                const double a = 0.04 * y[0], b = 1e4 * y[1] * y[2], c = k3 * y[1] * y[1];
                ydot[0] = b - a;
                ydot[1] = a - b - c;
                ydot[2] = c;
              },
          .t0 = 0,
          .t1 = t1,
          .y0 = {1, 0, 0}};
}
Options options(double rtol) { return {.rtol = rtol, .atol = {rtol * 1e-4, rtol * 1e-8, rtol * 1e-4}}; }

/// Largest error of the end in units of rtol, against a sequential solution a thousand times as accurate.
double end_error(const CallbackProblem& problem, const DynamicSolution& solution, const Options& o) {
  std::vector<double> atol = o.atol.values();
  for (double& a : atol) a *= 1e-3;
  const auto exact = solve(problem, Options{.rtol = o.rtol * 1e-3, .atol = atol, .strategy = Strategy::sequential});
  EXPECT_EQ(exact.status, Status::converged);
  double largest = 0;
  for (std::size_t c = 0; c < problem.y0.size(); ++c)
    largest = std::max(largest, std::abs(solution.final_state()[c] - exact.final_state()[c]) /
                                    (o.rtol * std::abs(exact.final_state()[c]) + o.atol[static_cast<int>(c)]));
  return largest;
}

double iterations_per_step(const DynamicSolution& solution) {
  return static_cast<double>(solution.statistics.newton_steps) / static_cast<double>(solution.statistics.steps);
}

TEST(CallbackWarmStart, NeedsNoPredictorAndFewIterationsInASweepOfAParameter) {
  for (const double rtol : {1e-4, 1e-6}) {
    double k3 = 3e7, iterations = 0;
    const Options o = options(rtol);
    DynamicSolution previous = solve(reaction(k3), Options{.rtol = rtol, .atol = o.atol, .strategy = Strategy::windows});
    constexpr int members = 6;
    for (int k = 0; k < members; ++k) {
      k3 *= 1.01;
      DynamicSolution next = solve(reaction(k3), o, previous);
      ASSERT_EQ(next.status, Status::converged);
      EXPECT_LT(end_error(reaction(k3), next, o), 10);
      EXPECT_EQ(next.statistics.predictor_steps, 0);
      iterations += iterations_per_step(next) / members;
      previous = std::move(next);
    }
    const Options windows{.rtol = rtol, .atol = o.atol, .strategy = Strategy::windows};
    EXPECT_LT(iterations, 0.7 * iterations_per_step(solve(reaction(), windows)));
    EXPECT_LE(iterations, 3.5);
  }
}

CallbackProblem oscillator(double mu, double t0, double t1, std::vector<double> y0) {
  return {.f =
              [mu](double, Span y, std::span<double> ydot) {
                ydot[0] = y[1];
                ydot[1] = mu * (1 - y[0] * y[0]) * y[1] - y[0];
              },
          .t0 = t0,
          .t1 = t1,
          .y0 = std::move(y0)};
}

TEST(CallbackWarmStart, FollowsAnOscillationWhosePeriodChanges) {
  // After five periods the guess is a fifth of a time unit late: without moving it in time its jumps are of no use.
  const Options o{.rtol = 1e-6, .atol = 1e-9};
  const auto after = oscillator(5.05, 0, 50, {2, 0});
  const Options in_windows{.rtol = 1e-6, .atol = 1e-9, .strategy = Strategy::windows};
  const auto guess = solve(oscillator(5, 0, 50, {2, 0}), o), cold = solve(after, in_windows), warm = solve(after, o, guess);
  ASSERT_EQ(warm.status, Status::converged);
  EXPECT_LT(end_error(after, warm, o), 10);
  EXPECT_LT(iterations_per_step(warm), 0.5 * iterations_per_step(cold));
  EXPECT_LT(warm.statistics.predictor_steps, cold.statistics.predictor_steps);
  const auto backwards = oscillator(5.05, 1, -3, {0.5, 0.1});
  const auto there = solve(backwards, o), again = solve(backwards, o, there), wrong_way = solve(backwards, o, guess);
  ASSERT_EQ(again.status, Status::converged);
  EXPECT_LT(end_error(backwards, again, o), 10);
  EXPECT_EQ(again.statistics.predictor_steps, 0);
  ASSERT_EQ(wrong_way.status, Status::converged);
  EXPECT_LT(end_error(backwards, wrong_way, o), 10);
}

TEST(CallbackWarmStart, GoesOnWithThePredictorWhereTheGuessEnds) {
  const Options o = options(1e-6);
  const auto half = solve(reaction(3e7, 1e2), o), whole = solve(reaction(), o, half);
  ASSERT_EQ(whole.status, Status::converged);
  EXPECT_EQ(whole.times().back(), 1e4);
  EXPECT_GT(whole.statistics.predictor_steps, 0);
  EXPECT_LT(end_error(reaction(), whole, o), 10);
  const auto shorter = solve(reaction(3e7, 1e2), o, whole);
  ASSERT_EQ(shorter.status, Status::converged);
  EXPECT_EQ(shorter.times().back(), 1e2);
  EXPECT_EQ(shorter.statistics.predictor_steps, 0);
}

TEST(CallbackWarmStart, TakesAGuessOfAnyStrategyAndSurvivesABadOne) {
  Options o = options(1e-6);
  const auto expect_solved = [&](const DynamicSolution& guess, const char* what) {
    const auto solution = solve(reaction(), options(1e-6), guess);
    ASSERT_EQ(solution.status, Status::converged) << what;
    EXPECT_LT(end_error(reaction(), solution, options(1e-6)), 10) << what;
  };
  o.strategy = Strategy::sequential;
  const auto sequential = solve(reaction(), o);
  expect_solved(sequential, "polynomials without error estimates");
  o.output = Output::final_state;
  o.output_times = {sequential.times().begin(), sequential.times().end()};
  expect_solved(solve(reaction(), o), "states only");
  expect_solved(DynamicSolution{}, "no guess");
  const auto with_states = [](std::vector<double> start, std::vector<double> end) {
    DynamicSolution guess(3);
    const auto first = guess.append_output(0);
    std::copy(start.begin(), start.end(), first.begin());
    const auto last = guess.append_output(1e4);
    std::copy(end.begin(), end.end(), last.begin());
    guess.finish(1e4, end, DynamicSolution::Points::output);
    return guess;
  };
  expect_solved(with_states({1, 2, 3}, {-5, 1e6, 0}), "nonsense");
  expect_solved(with_states({1, 0, 0}, {0, std::numeric_limits<double>::quiet_NaN(), 0}), "a NaN");
}

TEST(CallbackWarmStart, GoesWithEventsAndOutputTimes) {
  const Turn turn{0.1};
  Options o{.rtol = 1e-7, .atol = 1e-9};
  const auto guess = solve(turn.between(0, 10), o);
  o.output_times = {1, 5, 9};
  const auto warm = solve(turn.between(0, 10), o, {{[](double t, Span) { return t - 4; }}}, guess);
  ASSERT_EQ(warm.status, Status::converged);
  EXPECT_EQ(warm.statistics.predictor_steps, 0);
  ASSERT_EQ(warm.times().size(), 3U);
  for (Index i = 0; i < 3; ++i)
    EXPECT_LT(callbacks::error(warm.state(i), turn.exact(warm.times()[static_cast<std::size_t>(i)]), 1), 1e-5);
  ASSERT_EQ(warm.events().size(), 1U);
  EXPECT_NEAR(warm.events()[0].time, 4, 1e-13);
}

TEST(CallbackWarmStart, IsInTheOrderOfTheUserWhereTheSolverHasAnother) {
  // Eleven-fold strides through a ring of 40: a sparse pattern that the solver orders anew.
  const int n = 40;
  CallbackProblem p{.f =
                        [](double, Span y, std::span<double> ydot) {
                          for (std::size_t i = 0; i < y.size(); ++i)
                            ydot[i] = y[(i + 11) % y.size()] - y[i] * (1 + 0.1 * static_cast<double>(i));
                        },
                    .t0 = 0,
                    .t1 = 5,
                    .y0 = {}};
  SparsePattern pattern;
  for (int i = 0; i < n; ++i) {
    p.y0.push_back(1 + i % 3);
    pattern.entries.push_back({i, i});
    pattern.entries.push_back({i, (i + 11) % n});
  }
  p.pattern = pattern;
  const Options o{.rtol = 1e-7, .atol = 1e-9};
  const auto cold = solve(p, o), warm = solve(p, o, cold);
  ASSERT_EQ(warm.status, Status::converged);
  EXPECT_EQ(warm.statistics.predictor_steps, 0);
  EXPECT_LE(iterations_per_step(warm), 3.5);
  EXPECT_LT(callbacks::error(warm.final_state(), cold.final_state(), 1e-3), 1e-5);
}

TEST(CallbackWarmStart, RefusesAGuessOfAnotherSize) {
  const auto guess = solve(reaction());
  try {
    (void)solve(Turn{}.between(0, 1), Options{}, guess);
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("another number of components than y0"), std::string::npos);
  }
}

}  // namespace
