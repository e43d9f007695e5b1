// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/warm_start.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "antler/solve/radau.hpp"
#include "antler/solve/sequential_radau.hpp"

namespace {

using antler::InitialValueProblem;
using antler::Options;
using antler::RadauIIA;
using antler::Solution;
using antler::Status;
using antler::Vector;

/// Robertson's reaction with rates, beside nothing else: y_1 + y_2 + y_3 = 1.
struct Rates {
  double k1 = 0.04, k2 = 1e4, k3 = 3e7;
  template <class T>
  Vector<T, 3> operator()(const T& /*t*/, const Vector<T, 3>& y) const {
    const T a = k1 * y[0], b = k2 * y[1] * y[2], c = k3 * y[1] * y[1];
    return {b - a, a - b - c, c};
  }
};

InitialValueProblem<Rates, double, 3> reaction(const Rates& rates = {}, double t1 = 1e4) { return {rates, 0.0, t1, {1, 0, 0}}; }
Options options(double rtol) { return {.rtol = rtol, .atol = {rtol * 1e-4, rtol * 1e-8, rtol * 1e-4}}; }

/// Largest error of the end in units of rtol, against a sequential solution a thousand times as accurate.
template <class F, int n>
double end_error(const InitialValueProblem<F, double, n>& problem, const Solution<double, n>& solution, const Options& o) {
  std::vector<double> atol = o.atol.values();
  for (double& a : atol) a *= 1e-3;
  const auto exact = antler::solve(problem, antler::SequentialRadau{}, Options{.rtol = o.rtol * 1e-3, .atol = atol});
  EXPECT_EQ(exact.status, Status::converged);
  double largest = 0;
  for (int c = 0; c < n; ++c)
    largest = std::max(largest, std::abs(solution.final_state()[c] - exact.final_state()[c]) /
                                    (o.rtol * std::abs(exact.final_state()[c]) + o.atol[c]));
  return largest;
}

template <int n>
double iterations_per_step(const Solution<double, n>& solution) {
  return static_cast<double>(solution.statistics.newton_steps) / static_cast<double>(solution.statistics.steps);
}

TEST(WarmStart, TakesTwoIterationsPerStepInASweepOfAParameter) {
  for (const double rtol : {1e-4, 1e-6}) {
    Rates rates;
    const Options o = options(rtol);
    auto previous = antler::solve(reaction(rates), RadauIIA<3>{}, o);
    double iterations = 0;
    constexpr int members = 6;
    for (int k = 0; k < members; ++k) {
      rates.k3 *= 1.01;
      auto next = antler::solve(reaction(rates), RadauIIA<3>{}, o, previous);
      ASSERT_EQ(next.status, Status::converged);
      EXPECT_LT(end_error(reaction(rates), next, o), 10);
      EXPECT_EQ(next.statistics.predictor_steps, 0);
      iterations += iterations_per_step(next) / members;
      static_cast<void>(previous = std::move(next));
    }
    EXPECT_LE(iterations, 2);
  }
}

struct Oscillator {
  double mu = 5;
  template <class T>
  Vector<T, 2> operator()(const T& /*t*/, const Vector<T, 2>& y) const {
    return {y[1], mu * (1.0 - y[0] * y[0]) * y[1] - y[0]};
  }
};

TEST(WarmStart, FollowsAnOscillationWhosePeriodChanges) {
  // After five periods the guess is a fifth of a time unit late: without moving it in time its jumps are of no use.
  const Options o{.rtol = 1e-6, .atol = 1e-9};
  const InitialValueProblem before{Oscillator{}, 0.0, 50.0, Vector<double, 2>{2, 0}};
  const InitialValueProblem after{Oscillator{5.05}, 0.0, 50.0, Vector<double, 2>{2, 0}};
  const RadauIIA<3> method;
  const auto guess = antler::solve(before, method, o), cold = antler::solve(after, method, o),
             warm = antler::solve(after, method, o, guess);
  ASSERT_EQ(warm.status, Status::converged);
  EXPECT_LT(end_error(after, warm, o), 10);
  EXPECT_LT(iterations_per_step(warm), 3);
  EXPECT_LT(2 * warm.statistics.function_evaluations, cold.statistics.function_evaluations + cold.statistics.steps * 6);
  const InitialValueProblem backwards{Oscillator{5.05}, 1.0, -3.0, Vector<double, 2>{0.5, 0.1}};
  Options in_windows = o;
  in_windows.strategy = antler::Strategy::windows;
  const auto there = antler::solve(backwards, in_windows), again = antler::solve(backwards, in_windows, there);
  ASSERT_EQ(again.status, Status::converged);
  EXPECT_LT(end_error(backwards, again, o), 10);
  EXPECT_EQ(again.statistics.predictor_steps, 0);
  const auto wrong_way = antler::solve(backwards, in_windows, guess);
  ASSERT_EQ(wrong_way.status, Status::converged);
  EXPECT_LT(end_error(backwards, wrong_way, o), 10);
}

TEST(WarmStart, TakesTheMethodOfTheLeastWork) {
  const InitialValueProblem before{Oscillator{}, 0.0, 50.0, Vector<double, 2>{2, 0}};
  const InitialValueProblem after{Oscillator{5.05}, 0.0, 50.0, Vector<double, 2>{2, 0}};
  for (const double rtol : {1e-4, 1e-8}) {
    const Options o{.rtol = rtol, .atol = rtol * 1e-2, .strategy = antler::Strategy::windows};
    const auto guess = antler::solve(before, o), warm = antler::solve(after, o, guess);
    const auto of_order_five = antler::solve(after, RadauIIA<3>{}, o, guess);
    ASSERT_EQ(warm.status, Status::converged);
    EXPECT_LT(end_error(after, warm, o), 10);
    if (rtol > 1e-5)
      EXPECT_EQ(warm.statistics.function_evaluations, of_order_five.statistics.function_evaluations);
    else
      EXPECT_LT(2 * warm.statistics.function_evaluations, of_order_five.statistics.function_evaluations);
  }
}

TEST(WarmStart, IsLeftAsideWhereStepsAloneTakeLessTime) {
  const InitialValueProblem before{Oscillator{}, 0.0, 50.0, Vector<double, 2>{2, 0}};
  const InitialValueProblem after{Oscillator{5.05}, 0.0, 50.0, Vector<double, 2>{2, 0}};
  for (const double rtol : {1e-4, 1e-8}) {
    const Options o{.rtol = rtol, .atol = rtol * 1e-2};
    const auto guess = antler::solve(before, o), cold = antler::solve(after, o), warm = antler::solve(after, o, guess);
    ASSERT_EQ(warm.status, Status::converged);
    EXPECT_LT(end_error(after, warm, o), 10);
    if (!antler::detail::extrapolates<Oscillator, double, 2>) continue;  // where lanes are no use windows start from the guess
    EXPECT_EQ(warm.final_state(), cold.final_state());
    EXPECT_EQ(warm.statistics.function_evaluations, cold.statistics.function_evaluations);
  }
}

TEST(WarmStart, GoesOnWithThePredictorWhereTheGuessEnds) {
  Options o = options(1e-6);
  o.strategy = antler::Strategy::windows;
  const auto half = antler::solve(reaction({}, 1e2), o), whole = antler::solve(reaction(), o, half);
  ASSERT_EQ(whole.status, Status::converged);
  EXPECT_EQ(whole.times().back(), 1e4);
  EXPECT_GT(whole.statistics.predictor_steps, 0);
  EXPECT_LT(end_error(reaction(), whole, o), 10);
  const auto longer = antler::solve(reaction({}, 1e2), o, whole);
  ASSERT_EQ(longer.status, Status::converged);
  EXPECT_EQ(longer.times().back(), 1e2);
  EXPECT_EQ(longer.statistics.predictor_steps, 0);
}

TEST(WarmStart, TakesAGuessOfAnyMethodAndSurvivesABadOne) {
  const Options o = options(1e-6);
  const auto expect_solved = [&](const Solution<double, 3>& guess, const char* what) {
    const auto solution = antler::solve(reaction(), RadauIIA<3>{}, o, guess);
    ASSERT_EQ(solution.status, Status::converged) << what;
    EXPECT_LT(end_error(reaction(), solution, o), 10) << what;
  };
  const auto sequential = antler::solve(reaction(), antler::SequentialRadau{}, o);
  expect_solved(sequential, "polynomials without error estimates");
  const std::vector<double> times(sequential.times().begin(), sequential.times().end());
  std::vector<Vector<double, 3>> states(sequential.states().begin(), sequential.states().end());
  expect_solved(Solution<double, 3>(times, states), "states only");
  expect_solved(antler::solve(reaction(), o), "its own solution");
  expect_solved(Solution<double, 3>{}, "no guess");
  expect_solved(Solution<double, 3>({0.0, 1e4}, {{1, 2, 3}, {-5, 1e6, 0}}), "nonsense");
  states[states.size() / 2][1] = std::numeric_limits<double>::quiet_NaN();
  expect_solved(Solution<double, 3>(times, states), "a NaN");
}

TEST(WarmStart, RestrictsAPolynomialToAPartOfItsStep) {
  antler::StepPolynomial<double, 2, 3> step{1.0, 2.0, {1, -1}, {}};
  for (int m = 0; m < 3; ++m)
    for (int c = 0; c < 2; ++c) step.c(m, c) = 1.0 + m - 3.0 * c;
  const auto part = antler::detail::restricted(step, 1.5, 2.75);
  EXPECT_EQ(part.t, 1.5);
  EXPECT_EQ(part.h, 1.25);
  for (const double t : {1.5, 2.0, 2.75})
    for (int c = 0; c < 2; ++c) EXPECT_NEAR(part(t)[c], step(t)[c], 1e-14);
}

}  // namespace
