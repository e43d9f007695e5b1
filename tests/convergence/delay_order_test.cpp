// SPDX-License-Identifier: BSD-3-Clause
// Delay equations on a fixed mesh: orders, delays shorter than steps, breaking points, windows, bad input.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "antler/solve/delay_adaptive_mesh.hpp"
#include "unit/solve/delay_problems.hpp"

using namespace antler;
using namespace antler::test;

namespace {

/// The error of the end on N steps.
template <class Problem, class Method>
double error(const Problem& problem, const Method& method, Index steps, double known) {
  const auto solution = solve(problem, method, Mesh::uniform(problem.t0, problem.t1, steps), Options{.rtol = 1e-11, .atol = 1e-13});
  EXPECT_EQ(solution.status, Status::converged);
  return std::abs(solution.final_state()[0] - known);
}

TEST(DelayOnAMesh, HasTheOrderOfItsMethod) {
  const auto order = [](const auto& problem, const auto& method, Index steps, double known) {
    return std::log2(error(problem, method, steps, known) / error(problem, method, 2 * steps, known));
  };
  EXPECT_NEAR(order(hutchinson(10), RadauIIA<3>{}, 80, hutchinson_at_10), 5, 0.15);
  EXPECT_NEAR(order(hutchinson(10), RadauIIA<2>{}, 160, hutchinson_at_10), 3, 0.15);
  const DelayProblem linear{Feedback{.linear = -1.5}, Vector<double, 1>{1}, {1.0}, 0.0, 10.5};
  EXPECT_NEAR(order(linear, RadauIIA<3>{}, 42, linear_by_steps(-1.5, 10.5)), 5, 0.15);
  EXPECT_NEAR(order(linear, RadauIIA<2>{}, 84, linear_by_steps(-1.5, 10.5)), 3, 0.15);
}

TEST(DelayOnAMesh, KeepsOrderFiveWhereDelaysAreNoMultiplesOfTheStep) {
  EXPECT_LT(error(two_delays(6), RadauIIA<3>{}, 96, two_delays_at_6),
            1.5 * error(two_delays(6), RadauIIA<3>{}, 48, two_delays_at_6) / 32);
}

TEST(DelayOnAMesh, TakesStepsLongerThanADelay) {
  DelayProblem problem = two_delays(6);
  problem.delays[0] = 1e-2;
  const double coarse = error(problem, RadauIIA<3>{}, 40, short_delay_at_6),
               fine = error(problem, RadauIIA<3>{}, 80, short_delay_at_6);
  EXPECT_LT(coarse, 1e-9);
  EXPECT_NEAR(std::log2(coarse / fine), 5, 0.3);
  problem.delays[0] = 1e-12;  // a single step is 10^11 delays
  EXPECT_EQ(solve(problem, RadauIIA<3>{}, Mesh::uniform(0, 6, 40)).status, Status::converged);
}

TEST(DelayOnAMesh, ConvergesQuadraticallyOnTheWholeTrajectory) {
  const auto solution = solve(two_delays(6), RadauIIA<3>{}, Mesh::uniform(0, 6, 100), Options{.rtol = 1e-9, .atol = 1e-11});
  EXPECT_EQ(solution.statistics.windows, 1);
  EXPECT_LE(solution.statistics.iterations, 8);
  const auto& updates = solution.statistics.update_history;
  const std::size_t last = updates.size() - 1;
  EXPECT_LT(updates[last - 1], 1e-5 * updates[last - 2]);
}

TEST(DelayOnAMesh, GivesTheSameInWindows) {
  const Mesh mesh = Mesh::uniform(0, 6, 100);
  const Options options{.rtol = 1e-10, .atol = 1e-12};
  const double whole = solve(two_delays(6), RadauIIA<3>{}, mesh, options).final_state()[0];
  for (const Index window : {0, 1, 7, 64}) {
    const auto solution = solve(two_delays(6), DelayCollocation{RadauIIA<3>{}, DelayScan<>{}, window}, mesh, options);
    EXPECT_EQ(solution.status, Status::converged);
    EXPECT_NEAR(solution.final_state()[0], whole, 1e-12) << window;
  }
}

TEST(DelayOnAMesh, AddsBreakingPointsAndStartsFromAGuess) {
  const Options options{.rtol = 1e-8, .atol = 1e-10};
  const auto solution = solve(two_delays(6), RadauIIA<3>{}, Mesh::uniform(0, 6, 50), options);
  for (const double t : {1.0, std::sqrt(2.0), 2.0, 1 + std::sqrt(2.0), 5.0})
    EXPECT_NE(std::find(solution.times().begin(), solution.times().end(), t), solution.times().end()) << t;
  const auto again = solve(two_delays(6), RadauIIA<3>{}, Mesh::uniform(0, 6, 50), solution, options);
  EXPECT_EQ(again.status, Status::converged);
  EXPECT_LE(again.statistics.iterations, 2);
  EXPECT_NEAR(again.final_state()[0], solution.final_state()[0], 1e-10);
}

TEST(DelayOnAMesh, ChoosesItsMesh) {
  for (double rtol = 1e-4; rtol > 3e-11; rtol /= 10) {
    const Options options{.rtol = rtol, .atol = rtol / 100};
    const auto error = [&](const auto& problem, double known) {
      const auto solution = solve(problem, DelayCollocation{RadauIIA<3>{}}, options);
      EXPECT_EQ(solution.status, Status::converged);
      EXPECT_LT(solution.statistics.steps, 1000);
      return std::abs(solution.final_state()[0] / known - 1);
    };
    EXPECT_LT(error(two_delays(6), two_delays_at_6), 100 * rtol) << rtol;
    DelayProblem short_delay = two_delays(6);
    short_delay.delays[0] = 1e-2;  // the method of steps takes 600 steps at least
    EXPECT_LT(error(short_delay, short_delay_at_6), 100 * rtol) << rtol;
    const DelayProblem stiff{TwoDelays{.stiffness = 1e5}, TestHistory{}, {10.0, 14.2}, 0.0, 30.0};
    if (rtol > 3e-9) {
      EXPECT_LT(error(stiff, std::cos(30.0)), 100 * rtol) << rtol;
    }
  }
  EXPECT_EQ(solve(two_delays(6), DelayCollocation{RadauIIA<3>{}}, Options{.rtol = 1e-10, .maximum_steps = 100}).status,
            Status::maximum_steps);
}

TEST(DelayOnAMesh, RefusesWhatItCannotDo) {
  const auto refusal = [](const Mesh& mesh, const Options& options) -> std::string {
    try {
      static_cast<void>(solve(two_delays(6), RadauIIA<3>{}, mesh, options));
    } catch (const InvalidArgument& thrown) {
      return thrown.what();
    }
    return "";
  };
  EXPECT_NE(refusal(Mesh::uniform(0, 5, 50), {}).find("must begin at t0 and end at t1"), std::string::npos);
  EXPECT_NE(refusal(Mesh::uniform(0, 6, 50), {.output_times = {1}}).find("a DelayProblem on a mesh"), std::string::npos);
  EXPECT_NE(refusal(Mesh::uniform(0, 6, 50), {.memory_cap = 1000}).find("memory_cap"), std::string::npos);
}

}  // namespace
