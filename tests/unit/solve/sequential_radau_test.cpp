// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/sequential_radau.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "antler/solve/radau.hpp"
#include "testset/solved.hpp"

namespace {

using antler::InitialValueProblem;
using antler::Options;
using antler::SequentialRadau;
using antler::Status;
using antler::Vector;

/// The end error is below 100 rtol, and so is the error at the published times between, on the dense output of order 4.
template <class Problem>
void expect_published_values(const Problem& problem, double rtol) {
  const InitialValueProblem p{problem.f, problem.t0, problem.t1, problem.y0};
  const auto solution = antler::solve(p, SequentialRadau{}, Options{.rtol = rtol, .atol = problem.atol(rtol)});
  ASSERT_EQ(solution.status, Status::converged) << problem.name << " at " << rtol;
  EXPECT_EQ(solution.times().back(), problem.t1);
  EXPECT_LT(problem.error(solution.final_state(), problem.final_reference()), 100 * rtol * problem.amplification)
      << problem.name << " at " << rtol;
  // Newton's effort: a little more than RADAU5's three evaluations of f per iteration and two iterations per step.
  EXPECT_LT(solution.statistics.iterations, 4 * (solution.statistics.steps + solution.statistics.rejected_steps)) << problem.name;
  EXPECT_LT(solution.statistics.rejected_steps, 10 + solution.statistics.steps / 3) << problem.name;
}

TEST(SequentialRadau, EndErrorFollowsTheToleranceOnTheStiffTestSet) {
  antler::testset::for_each_stiff([](const auto& problem) {
    for (const double rtol : {1e-3, 1e-4, 1e-6, 1e-8, 1e-10}) expect_published_values(problem, rtol);
  });
}

TEST(SequentialRadau, SolvesTheNonstiffTestSet) {
  antler::testset::for_each_nonstiff([](const auto& problem) {
    for (const double rtol : {1e-5, 1e-9}) expect_published_values(problem, rtol);
  });
}

/// The windows of the flagship and the sequential method solve the same equations when they have the same mesh.
template <class Problem>
void expect_same_trajectory(const Problem& problem, double rtol) {
  const InitialValueProblem p{problem.f, problem.t0, problem.t1, problem.y0};
  Options options{.rtol = rtol, .atol = problem.atol(rtol), .strategy = antler::Strategy::windows};
  const auto windows = antler::solve(p, options);
  ASSERT_EQ(windows.status, Status::converged);
  ASSERT_EQ(windows.statistics.sequential_steps, 0);
  options.newton_tolerance *= 1e-4;
  const antler::Mesh mesh(std::vector<double>(windows.times().begin(), windows.times().end()));
  const auto sequential = antler::solve(p, antler::SequentialRadauIIA<5>{}, mesh, options);
  ASSERT_EQ(sequential.status, Status::converged);
  EXPECT_EQ(sequential.statistics.steps, mesh.steps());
  EXPECT_EQ(sequential.statistics.rejected_steps, 0);
  double distance = 0;
  for (std::size_t i = 0; i < windows.states().size(); ++i)
    distance = std::max(distance, problem.error(windows.states()[i], sequential.states()[i]));
  EXPECT_LT(distance, 0.2 * rtol) << problem.name;  // newton_tolerance is 0.01 a step; measured: 0.001 to 0.02
}

TEST(SequentialRadau, FollowsTheMeshOfWindowsToTheSameTrajectory) {
  for (const double rtol : {1e-5, 1e-8}) {
    expect_same_trajectory(antler::testset::hires(), rtol);
    expect_same_trajectory(antler::testset::robertson(), rtol);
  }
}

TEST(SequentialRadau, SaysWhatAMeshIsTooCoarseFor) {
  const auto problem = antler::testset::vdp100();
  const InitialValueProblem p{problem.f, problem.t0, problem.t1, problem.y0};
  const auto one_step = antler::solve(p, SequentialRadau{}, antler::Mesh{problem.t0, problem.t1}, Options{.rtol = 1e-8});
  EXPECT_EQ(one_step.status, Status::maximum_iterations);
  EXPECT_EQ(one_step.times().back(), problem.t0);
  EXPECT_THROW(static_cast<void>(antler::solve(p, SequentialRadau{}, antler::Mesh{problem.t0, 1.0})), antler::InvalidArgument);
  const InitialValueProblem point{problem.f, 1.0, 1.0, problem.y0};
  const auto nothing = antler::solve(point, SequentialRadau{}, antler::Mesh{1.0});
  EXPECT_EQ(nothing.status, Status::converged);
  EXPECT_EQ(nothing.final_state(), problem.y0);
}

enum class Law { circle, blow_up, pole, root_of_state, root_of_time, discontinuous, zero, pull };

/// One right-hand side of many laws, so that the solver is compiled once.
struct Laws {
  [[maybe_unused]] static constexpr bool lanes = false;
  Law law = Law::circle;
  double lambda = 0;

  template <class T>
  Vector<T, 2> operator()(const T& t, const Vector<T, 2>& y) const {
    switch (law) {
      case Law::circle:
        return {-y[1], y[0]};
      case Law::blow_up:
        return {y[0] * y[0], T(0.0) * y[1]};
      case Law::pole:
        return {1.0 / (t - 1.0), T(0.0) * y[1]};
      case Law::root_of_state:
        return {-sqrt(y[0]), T(0.0) * y[1]};
      case Law::root_of_time:
        return {sqrt(0.5 - t) * y[0], T(0.0) * y[1]};
      case Law::discontinuous:
        return {t < T(1.0) ? T(1.0) : T(-1.0), T(0.0) * y[1]};
      case Law::zero:
        return {T(0.0) * y[0], T(0.0) * y[1]};
      case Law::pull:
        return {lambda * (y[0] - sin(t)) + cos(t), -y[1]};
    }
    return y;
  }
};

InitialValueProblem<Laws, double, 2> law(Law which, double t0, double t1, Vector<double, 2> y0, double lambda = 0) {
  return {Laws{which, lambda}, t0, t1, y0};
}

TEST(SequentialRadau, DenseOutputIsAsAccurateAsTheStepsBetween) {
  const auto solution = antler::solve(law(Law::circle, 0, 10, {1, 0}), SequentialRadau{}, Options{.rtol = 1e-8, .atol = 1e-8});
  ASSERT_EQ(solution.status, Status::converged);
  for (int i = 0; i <= 1000; ++i) EXPECT_NEAR(solution(0.01 * i)[0], std::cos(0.01 * i), 1e-5);
  EXPECT_NEAR(solution.final_state()[0], std::cos(10.0), 1e-7);
}

TEST(SequentialRadau, EndsExactlyAtTheEndForwardsAndBackwards) {
  for (const auto& [t0, t1] : {std::pair{10.0, 0.1}, {-1.0, 1e-3}, {0.0, 321.8122}, {0.3, 0.7}, {1e6, 1e6 + 0.1}, {-0.1, -7.7}}) {
    const auto solution = antler::solve(law(Law::circle, t0, t1, {1, 0}), SequentialRadau{});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_EQ(solution.times().back(), t1);
    EXPECT_NEAR(solution.final_state()[0], std::cos(t1 - t0), 1e-4);
  }
}

TEST(SequentialRadau, StepsOfAStiffProblemFollowItsSolution) {
  const auto mild = antler::solve(law(Law::pull, 0, 10, {0, 1}, -1), SequentialRadau{});
  const auto stiff = antler::solve(law(Law::pull, 0, 10, {0, 1}, -1e9), SequentialRadau{});
  ASSERT_EQ(stiff.status, Status::converged);
  EXPECT_NEAR(stiff.final_state()[0], std::sin(10.0), 1e-5);
  EXPECT_LT(stiff.statistics.steps, 2 * mild.statistics.steps);
}

TEST(SequentialRadau, WorksInSinglePrecision) {
  const InitialValueProblem p{Laws{}, 0.0, 3.0, Vector<float, 2>{1, 0}};
  const auto solution = antler::solve(p, SequentialRadau{}, Options{.rtol = 1e-4, .atol = 1e-5});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], std::cos(3.0), 1e-3);
}

TEST(SequentialRadau, ReportsABlowUpAndWhere) {
  const auto solution = antler::solve(law(Law::blow_up, 0, 2, {1, 0}), SequentialRadau{});
  EXPECT_EQ(solution.status, Status::step_too_small);
  EXPECT_NEAR(solution.times().back(), 1.0, 1e-3);
  EXPECT_LT(solution.statistics.steps + solution.statistics.rejected_steps, 2000);
}

TEST(SequentialRadau, EndsNextToAPole) {  // looped for ever in another library
  const auto solution = antler::solve(law(Law::pole, 1 + 1e-15, 2, {0, 0}), SequentialRadau{}, Options{.maximum_steps = 100000});
  if (solution.status == Status::converged) {
    EXPECT_NEAR(solution.final_state()[0], -std::log(1 + 1e-15 - 1.0), 1e-2);
  }
  EXPECT_LT(solution.statistics.steps, 100001);
}

TEST(SequentialRadau, StepsBackFromARegionWhereTheRightHandSideIsNaN) {
  const auto solution =
      antler::solve(law(Law::root_of_state, 0, 1.9, {1, 0}), SequentialRadau{}, Options{.rtol = 1e-7, .atol = 1e-10});
  ASSERT_EQ(solution.status, Status::converged);  // y = (1 - t/2)^2, NaN beyond y = 0 at t = 2
  EXPECT_NEAR(solution.final_state()[0], 0.05 * 0.05, 1e-6);
}

TEST(SequentialRadau, NeverReportsNaNAsConverged) {
  const auto solution = antler::solve(law(Law::root_of_time, 0, 1, {1, 0}), SequentialRadau{});
  EXPECT_EQ(solution.status, Status::non_finite);
  EXPECT_EQ(solution.statistics.first_failure, solution.statistics.steps);
  EXPECT_LE(solution.times().back(), 0.5);
  EXPECT_NEAR(solution.final_state()[0], std::exp((2.0 / 3) * std::pow(0.5, 1.5)), 1e-4);
  const auto at_once = antler::solve(law(Law::root_of_time, 0.75, 1, {1, 0}), SequentialRadau{});
  EXPECT_EQ(at_once.status, Status::non_finite);
  EXPECT_EQ(at_once.statistics.first_failure, 0);
  EXPECT_EQ(at_once.final_state(), (Vector<double, 2>{1, 0}));
}

TEST(SequentialRadau, GetsOverAJumpOfTheRightHandSide) {
  const auto solution =
      antler::solve(law(Law::discontinuous, 0, 3, {0, 0}), SequentialRadau{}, Options{.rtol = 1e-6, .atol = 1e-6});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], -1, 1e-4);
}

TEST(SequentialRadau, TakesLongStepsWhereNothingMoves) {
  const auto solution = antler::solve(law(Law::zero, 0, 1e9, {1, 2}), SequentialRadau{});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.final_state(), (Vector<double, 2>{1, 2}));
  EXPECT_LT(solution.statistics.steps, 20);
}

TEST(SequentialRadau, HonoursItsLimits) {
  const auto p = law(Law::circle, 0, 1e6, {1, 0});
  const auto few = antler::solve(p, SequentialRadau{}, Options{.rtol = 1e-8, .atol = 1e-8, .maximum_steps = 1000});
  EXPECT_EQ(few.status, Status::maximum_steps);
  EXPECT_EQ(few.statistics.steps, 1000);
  EXPECT_NEAR(few.final_state()[0], std::cos(few.times().back()), 1e-5);
  const auto small = antler::solve(p, SequentialRadau{}, Options{.rtol = 1e-8, .atol = 1e-8, .memory_cap = 100'000});
  EXPECT_EQ(small.status, Status::memory_limit);
  const auto end =
      antler::solve(law(Law::circle, 0, 10, {1, 0}), SequentialRadau{}, Options{.output = antler::Output::final_state});
  EXPECT_EQ(end.times().size(), 1u);
  EXPECT_EQ(end.times().back(), 10.0);
}

TEST(SequentialRadau, RefusesWrongCalls) {
  auto p = law(Law::circle, 0, 3, {1, 0});
  EXPECT_THROW((void)antler::solve(p, SequentialRadau{}, Options{.rtol = -1}), antler::InvalidArgument);
  p.t1 = std::nan("");
  EXPECT_THROW((void)antler::solve(p, SequentialRadau{}), antler::InvalidArgument);
  const auto empty = antler::solve(law(Law::circle, 2, 2, {3, 4}), SequentialRadau{});
  EXPECT_EQ(empty.status, Status::converged);
  EXPECT_EQ(empty.final_state(), (Vector<double, 2>{3, 4}));
}

struct Rates {
  double k1, k2, k3;
  template <class T>
  Vector<T, 3> operator()(const T& /*t*/, const Vector<T, 3>& y) const {
    const T a = k1 * y[0], b = k2 * y[1] * y[2], c = k3 * y[1] * y[1];
    return {b - a, a - b - c, c};
  }
};

TEST(SequentialRadau, EndsWithATrueStatusForEveryDrawOfRates) {
  unsigned state = 12345;
  const auto log_uniform = [&](double low, double high) {
    state = state * 1664525u + 1013904223u;
    return low * std::pow(high / low, static_cast<double>(state >> 8) / static_cast<double>(1u << 24));
  };
  int converged = 0;
  for (int draw = 0; draw < 1000; ++draw) {
    const Rates rates{log_uniform(1e-6, 1e6), log_uniform(1e-6, 1e10), log_uniform(1e-6, 1e12)};
    const InitialValueProblem p{rates, 0.0, 1e3, Vector<double, 3>{1, 0, 0}};
    const auto solution = antler::solve(p, SequentialRadau{}, Options{.rtol = 1e-6, .atol = 1e-10, .maximum_steps = 10000});
    const auto& y = solution.final_state();
    if (solution.status != Status::converged) {
      // y_2 of 1e-14 that a tolerance of 1e-10 lets drift below zero: then y_2' = -k_3 y_2^2 does blow up.
      EXPECT_EQ(solution.status, Status::step_too_small);
      EXPECT_LT(y[1], -0.1);
      continue;
    }
    ++converged;
    EXPECT_NEAR(y[0] + y[1] + y[2], 1, 1e-4) << rates.k1 << ' ' << rates.k2 << ' ' << rates.k3;
  }
  EXPECT_GT(converged, 900);
}

}  // namespace
