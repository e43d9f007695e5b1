// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "antler/solve/callback.hpp"
#include "callbacks.hpp"
#include "peers/cvode_lines.hpp"
#include "testset/testset.hpp"

/// Solutions with a run-time number of components against published values, closed forms and CVODE.

namespace {

using namespace antler;
using callbacks::DiffusiveBrusselator;
using callbacks::Heat;

template <class Problem>
void expect_published_values(const Problem& problem) {
  for (const bool by_differences : {false, true})
    for (const double rtol : {1e-4, 1e-6, 1e-8}) {
      CallbackProblem p = callbacks::of(problem);
      if (by_differences) p.jacobian = nullptr;
      const DynamicSolution solution = solve(p, Options{.rtol = rtol, .atol = problem.atol(rtol)});
      EXPECT_EQ(solution.status, Status::converged) << problem.name << " at " << rtol;
      EXPECT_LT(problem.error(solution.final_state(), problem.final_reference()), 100 * rtol * problem.amplification)
          << problem.name << " at " << rtol << (by_differences ? " by differences" : "");
    }
}

TEST(CallbackProblem, EndsNearThePublishedValuesOfRobertson) { expect_published_values(testset::robertson()); }
TEST(CallbackProblem, EndsNearThePublishedValuesOfHires) { expect_published_values(testset::hires()); }
TEST(CallbackProblem, EndsNearThePublishedValuesOfPollu) { expect_published_values(testset::pollu()); }

TEST(CallbackProblem, FinishesTheWholeStiffTestSet) {
  testset::for_each_stiff([](const auto& problem) {
    const double rtol = 1e-6;
    for (const Strategy strategy : {Strategy::windows, Strategy::sequential}) {
      const DynamicSolution solution =
          solve(callbacks::of(problem), Options{.rtol = rtol, .atol = problem.atol(rtol), .strategy = strategy});
      EXPECT_EQ(solution.status, Status::converged) << problem.name;
      EXPECT_LT(problem.error(solution.final_state(), problem.final_reference()), 100 * rtol * problem.amplification)
          << problem.name;
      EXPECT_EQ(solution.statistics.sequential_steps, strategy == Strategy::windows ? 0 : solution.statistics.steps)
          << problem.name;
    }
  });
}

/// What a mode leaves behind compares with the initial size of the modes, 1.
constexpr double floor = 1e-3;

TEST(CallbackProblem, MatchesTheEigenmodesOfTheHeatEquationInEverySize) {
  const double t1 = 0.2;
  for (const int n : {1, 2, 3, 20, 100, 1000})
    for (const double rtol : {1e-4, 1e-6, 1e-8}) {
      const Heat heat{n};
      CallbackProblem p = heat.problem(t1);
      p.jacobian = heat.jacobian();
      if (n > 1) p.pattern = BandedPattern{1, 1};
      const DynamicSolution solution = solve(p, Options{.rtol = rtol, .atol = rtol * floor});
      ASSERT_EQ(solution.status, Status::converged) << n;
      EXPECT_LT(callbacks::error(solution.final_state(), heat.exact(t1), floor), 10 * rtol) << "n = " << n << " at " << rtol;
    }
}

TEST(CallbackProblem, MatchesTheEigenmodesWithDenseMatrices) {
  for (const auto& [n, by_differences] : {std::pair{2, true}, {20, true}, {100, true}, {100, false}, {250, false}}) {
    const Heat heat{n};
    CallbackProblem p = heat.problem(0.05);
    if (!by_differences) p.jacobian = heat.jacobian();
    const double rtol = 1e-4;
    const DynamicSolution solution = solve(p, Options{.rtol = rtol, .atol = rtol * floor});
    ASSERT_EQ(solution.status, Status::converged) << n;
    EXPECT_LT(callbacks::error(solution.final_state(), heat.exact(0.05), floor), 10 * rtol) << "n = " << n;
  }
}

TEST(CallbackProblem, DenseOutputMatchesTheEigenmodesBetweenTheSteps) {
  const Heat heat{50};
  CallbackProblem p = heat.problem(0.2);
  p.pattern = BandedPattern{1, 1};
  const DynamicSolution solution = solve(p, Options{.rtol = 1e-8, .atol = 1e-11});
  ASSERT_EQ(solution.status, Status::converged);
  for (double t = 0; t <= 0.2; t += 0.001) EXPECT_LT(callbacks::error(solution(t), heat.exact(t), floor), 1e-4) << t;
  for (std::size_t i = 0; i < solution.times().size(); ++i)
    EXPECT_LT(callbacks::error(solution.state(static_cast<Index>(i)), heat.exact(solution.times()[i]), floor), 1e-6);
}

TEST(CallbackProblem, MatchesCvodeOnABrusselatorOfAThousandComponents) {
  const CallbackProblem p = DiffusiveBrusselator{500}.problem(10);
  const auto rate = [&](double t, const double* y, double* dydt) { p.f(t, {y, p.y0.size()}, {dydt, p.y0.size()}); };
  const auto reference = peers::cvode_bdf_lines(rate, 2, {p.t0, p.t1, p.y0, 1e-11, std::vector<double>(p.y0.size(), 1e-12)});
  ASSERT_EQ(reference.outcome, peers::Outcome::finished) << reference.status;
  for (const double rtol : {1e-4, 1e-6, 1e-8}) {
    const DynamicSolution solution = solve(p, Options{.rtol = rtol, .atol = rtol});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_LT(callbacks::error(solution.final_state(), reference.y, 1), 10 * rtol) << rtol;
  }
}

TEST(CallbackProblem, IntegratesBackwardsAndEndsExactlyAtTheEnd) {
  for (const auto& [t0, t1] : {std::pair{5.0, -5.0}, {0.3, 0.7}, {-0.1, -7.7}, {1e6, 1e6 + 0.1}}) {
    const CallbackProblem p{.f =
                                [](double t, std::span<const double> y, std::span<double> ydot) {
                                  ydot[0] = -y[1] + t - t;
                                  ydot[1] = y[0];
                                },
                            .t0 = t0,
                            .t1 = t1,
                            .y0 = {1, 0}};
    const DynamicSolution solution = solve(p, Options{.rtol = 1e-8, .atol = 1e-8});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_EQ(solution.times().back(), t1);
    EXPECT_NEAR(solution.final_state()[0], std::cos(t1 - t0), 1e-6);
    EXPECT_NEAR(solution.final_state()[1], std::sin(t1 - t0), 1e-6);
  }
}

TEST(CallbackProblem, SolvesARightHandSideThatDependsOnTime) {
  const CallbackProblem p{
      .f = [](double t, std::span<const double> y, std::span<double> ydot) { ydot[0] = -1e4 * (y[0] - std::cos(t)) - std::sin(t); },
      .t0 = 0,
      .t1 = 10,
      .y0 = {1}};
  const DynamicSolution solution = solve(p, Options{.rtol = 1e-8, .atol = 1e-8});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], std::cos(10.0), 1e-7);
}

TEST(CallbackProblem, ReturnsTheInitialValueOnAnEmptyInterval) {
  CallbackProblem p = Heat{3}.problem(0);
  const DynamicSolution solution = solve(p);
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.times().size(), 1U);
  EXPECT_EQ(std::vector<double>(solution.final_state().begin(), solution.final_state().end()), p.y0);
  EXPECT_EQ(solution(0), p.y0);
}

}  // namespace
