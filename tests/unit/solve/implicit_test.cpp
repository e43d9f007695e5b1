// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/implicit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "peers/ida.hpp"
#include "testset/implicit.hpp"

namespace {

using antler::Options;
using antler::Status;

template <class Test>
void expect_published_values(const Test& test, std::vector<double> tolerances, double most,
                             antler::Strategy strategy = antler::Strategy::automatic) {
  for (const double rtol : tolerances) {
    const auto solution = antler::solve(test.problem(), Options{.rtol = rtol, .atol = test.atol(rtol), .strategy = strategy});
    ASSERT_EQ(solution.status, Status::converged) << test.name << " at " << rtol;
    EXPECT_EQ(solution.final_time(), test.t1);
    EXPECT_LT(test.error(solution.final_state()), most * rtol) << test.name << " at " << rtol;
  }
}

TEST(ImplicitProblem, RobertsonWithItsBalanceEndsAtThePublishedValues) {
  expect_published_values(antler::testset::robertson_balance(), {1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10}, 10);
}

TEST(ImplicitProblem, ChemicalAkzoNobelEndsAtThePublishedValues) {
  expect_published_values(antler::testset::chemakzo_balance(), {1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10}, 10);
}

TEST(ImplicitProblem, TransistorAmplifierEndsAtThePublishedValues) {
  expect_published_values(antler::testset::transistor_amplifier(), {1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10}, 10);
}

TEST(ImplicitProblem, WindowsEndAtThePublishedValues) {
  constexpr auto windows = antler::Strategy::windows;
  expect_published_values(antler::testset::robertson_balance(), {1e-4, 1e-7, 1e-10}, 10, windows);
  expect_published_values(antler::testset::chemakzo_balance(), {1e-4, 1e-7, 1e-10}, 10, windows);
  expect_published_values(antler::testset::transistor_amplifier(), {1e-5, 1e-8}, 10, windows);
}

TEST(ImplicitProblem, DenseOutputSatisfiesTheAlgebraicEquationBetweenTheSteps) {
  const auto test = antler::testset::chemakzo_balance();
  const double rtol = 1e-6;
  const auto solution = antler::solve(test.problem(), Options{.rtol = rtol, .atol = test.atol(rtol)});
  ASSERT_EQ(solution.status, Status::converged);
  for (int k = 0; k <= 1000; ++k) {
    const auto y = solution(0.18 * k);
    EXPECT_NEAR(115.83 * y[0] * y[3], y[5], 30 * rtol * std::abs(y[5])) << "t = " << 0.18 * k;
  }
}

TEST(ImplicitProblem, EventsOutputTimesAndProgressWorkAsForInitialValueProblems) {
  const auto test = antler::testset::robertson_balance();
  int told = 0;
  Options options{.rtol = 1e-6, .atol = test.atol(1e-6)};
  options.output_times = {0.4, 40.0, 4e10};
  options.progress = [&](const antler::Progress&) { return ++told > 0; };
  options.lower_bounds = {0};
  const auto solution = antler::solve(
      test.problem(), options,
      {{.root = [](double, const auto& y) { return y[0] - 1e-4; }}, {.root = [](double, const auto& y) { return y[2] - 0.01; }}});
  ASSERT_EQ(solution.status, Status::converged);
  ASSERT_EQ(solution.events().size(), 2U);  // the times are CVODE's at rtol 1e-14
  EXPECT_NEAR(solution.events()[0].time / 0.264019078188, 1, 1e-5);
  EXPECT_NEAR(solution.events()[1].time / 2.0795496883e7, 1, 1e-5);
  ASSERT_EQ(solution.times().size(), 3U);
  EXPECT_NEAR(solution.states()[0][0], 0.98517211386098986242, 1e-6);  // quad
  EXPECT_NEAR(solution.states()[1][1], 9.1855347645577639039e-6, 1e-11);
  EXPECT_EQ(told, solution.statistics.steps);
  for (const auto& y : solution.states())
    for (const double c : y) EXPECT_GE(c, 0);

  options.progress = [](const antler::Progress& now) { return now.time < 10; };
  EXPECT_EQ(antler::solve(test.problem(), options).status, Status::cancelled);
}

/// Both far below the tolerance that they are compared at, so that neither is the other's reference by luck.
template <class Test>
void expect_same_as_ida(const Test& test, double t1, double ida_rtol, const std::vector<double>& atol,
                        const typename Test::State& slope) {
  constexpr double rtol = 1e-10;
  auto problem = test.problem();
  problem.t1 = t1;
  const auto ours = antler::solve(problem, Options{.rtol = rtol, .atol = atol});
  ASSERT_EQ(ours.status, Status::converged);
  const antler::peers::PeerRun run{0.0, t1, {test.y0.begin(), test.y0.end()}, ida_rtol, atol};
  const auto ida = antler::peers::ida_bdf<Test::size>(problem.residual(), run, slope);
  ASSERT_EQ(ida.outcome, antler::peers::Outcome::finished) << ida.status;
  for (int c = 0; c < Test::size; ++c) {
    const double y = ours.final_state()[c];
    EXPECT_NEAR(y, ida.y[static_cast<std::size_t>(c)], 2 * rtol * std::abs(y)) << test.name << " component " << c;
  }
}

TEST(ImplicitProblem, AgreesWithIdaToTenDigits) {
  expect_same_as_ida(antler::testset::robertson_balance(), 40, 1e-12, {1e-15, 1e-18, 1e-14}, {-0.04, 0.04, 0.0});
  const auto akzo = antler::testset::chemakzo_balance();
  auto slope = akzo.f(0.0, akzo.y0);
  slope[5] = 115.83 * (slope[0] * akzo.y0[3] + slope[3] * akzo.y0[0]);
  expect_same_as_ida(akzo, akzo.t1, 1e-12, std::vector<double>(6, 1e-16), slope);
}

}  // namespace
