// SPDX-License-Identifier: BSD-3-Clause
// The yardsticks are measured first: the test problems' reference values, their functors, and the peers that the race compares
// with.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "peers/cvode.hpp"
#include "peers/dopri5.hpp"
#include "peers/jacobian.hpp"
#include "peers/rosenbrock4.hpp"
#include "testset/testset.hpp"

namespace {

using antler::peers::Outcome;
using antler::peers::PeerResult;
using antler::peers::PeerRun;

constexpr double tight = 1e-10;

template <class F>
PeerRun run_to(const antler::testset::Problem<F>& problem, double t, double rtol) {
  return {.t0 = problem.t0,
          .t1 = t,
          .y0 = {problem.y0.begin(), problem.y0.end()},
          .rtol = rtol,
          .atol = problem.atol(rtol),
          .time_limit = 600};
}

/// Runs the solver over the whole interval, and from each reference value to the next.
template <class F, class Solver>
void expect_reference_reached(const antler::testset::Problem<F>& problem, const Solver& solver, double tolerance) {
  const auto expect = [&](const PeerRun& run, const auto& reference) {
    SCOPED_TRACE(problem.name + " from t = " + std::to_string(run.t0) + " to " + std::to_string(run.t1));
    const PeerResult result = solver(problem.f, run);
    ASSERT_EQ(result.outcome, Outcome::finished) << result.status;
    EXPECT_LE(problem.error(result.y, reference), tolerance * problem.amplification);
  };
  expect(run_to(problem, problem.t1, tight), problem.final_reference());
  PeerRun run = run_to(problem, problem.t1, tight);
  for (const auto& [t, y] : problem.reference) {
    run.t1 = t;
    expect(run, y);
    run.t0 = t;
    run.y0 = {y.begin(), y.end()};
  }
}

template <class Visitor>
void for_each_problem(const Visitor& visit) {
  antler::testset::for_each_stiff(visit);
  antler::testset::for_each_nonstiff(visit);
}

// What the solvers reach at rtol = 1e-10, worst problem of each class, with a factor of about 3 in reserve; a problem that enlarges
// local errors by `amplification` is allowed that much more.
constexpr double cvode_tolerance = 1e-6;              // measured: 2e-7, on vdpol with its 39 000 steps
constexpr double rosenbrock4_stiff_tolerance = 1e-9;  // measured: 3e-10, on fed_brusselator_2
constexpr double rosenbrock4_tolerance = 3e-8;        // measured: 1e-8, on vdp1
constexpr double dopri5_tolerance = 1e-7;             // measured: 3e-8, on lorenz

TEST(TestSet, CvodeReachesTheReferenceValues) {
  const auto solver = [](const auto& f, const PeerRun& run) { return antler::peers::cvode_bdf(f, run); };
  for_each_problem([&](const auto& problem) { expect_reference_reached(problem, solver, cvode_tolerance); });
}

TEST(TestSet, Rosenbrock4ReachesTheReferenceValues) {
  const auto solver = [](const auto& f, const PeerRun& run) { return antler::peers::rosenbrock4(f, run); };
  antler::testset::for_each_stiff(
      [&](const auto& problem) { expect_reference_reached(problem, solver, rosenbrock4_stiff_tolerance); });
  antler::testset::for_each_nonstiff(
      [&](const auto& problem) { expect_reference_reached(problem, solver, rosenbrock4_tolerance); });
}

TEST(TestSet, Dopri5ReachesTheReferenceValuesOfNonstiffProblems) {
  const auto solver = [](const auto& f, const PeerRun& run) { return antler::peers::dopri5(f, run); };
  antler::testset::for_each_nonstiff([&](const auto& problem) { expect_reference_reached(problem, solver, dopri5_tolerance); });
}

TEST(TestSet, ReferenceTimesIncreaseToTheEndOfTheInterval) {
  for_each_problem([](const auto& problem) {
    SCOPED_TRACE(problem.name);
    double previous = problem.t0;
    for (const auto& reference : problem.reference) {
      EXPECT_GT(reference.t, previous);
      previous = reference.t;
    }
    EXPECT_EQ(previous, problem.t1);
  });
}

TEST(TestSet, DualJacobianMatchesDifferences) {
  // Central differences with step cbrt(eps) relative to the component's size: truncation and rounding both near eps^(2/3) = 4e-11
  // of the terms of f, here taken as the largest |df_i/dy_j| size_j of the row.
  const double step = std::cbrt(std::numeric_limits<double>::epsilon());
  const double tolerance = 1000 * step * step;
  for_each_problem([&](const auto& problem) {
    SCOPED_TRACE(problem.name);
    constexpr int n = std::decay_t<decltype(problem)>::size;
    const double t = 0.5 * problem.t1;
    antler::Vector<double, n> y = problem.typical;
    const antler::Matrix<double, n> jacobian = antler::peers::jacobian_at(problem.f, t, y.begin());
    antler::Vector<double, n> largest{};
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) largest[i] = std::max(largest[i], std::abs(jacobian(i, j) * y[j]));
    for (int j = 0; j < n; ++j) {
      const double h = step * y[j];
      auto above = y, below = y;
      above[j] += h;
      below[j] -= h;
      const auto difference = problem.f(t, above) - problem.f(t, below);
      for (int i = 0; i < n; ++i) {
        const double slope = difference[i] / (above[j] - below[j]);
        EXPECT_NEAR(jacobian(i, j) * y[j], slope * y[j], tolerance * std::max(largest[i], 1e-300)) << "df_" << i << "/dy_" << j;
      }
    }
  });
}

TEST(TestSet, TimeDerivativeIsZeroForAutonomousProblemsAndRightForTheOthers) {
  double dfdt = -1.0;
  const double y = 0.3, t = 0.7;
  antler::peers::time_derivative(antler::testset::PullToCosine{}, t, &y, &dfdt);
  EXPECT_NEAR(dfdt, -50.0 * std::sin(t), 1e-13);
  std::vector<double> autonomous(3, -1.0), state{0.9, 1e-5, 0.1};
  antler::peers::time_derivative(antler::testset::Robertson{}, t, state.data(), autonomous.data());
  EXPECT_EQ(autonomous, std::vector<double>(3, 0.0));
}

TEST(TestSet, SinglePrecisionEvaluates) {
  for_each_problem([](const auto& problem) {
    SCOPED_TRACE(problem.name);
    constexpr int n = std::decay_t<decltype(problem)>::size;
    antler::Vector<float, n> y;
    for (int c = 0; c < n; ++c) y[c] = static_cast<float>(problem.typical[c]);
    const antler::Vector<float, n> value = problem.f(1.0f, y);
    for (int c = 0; c < n; ++c) EXPECT_TRUE(std::isfinite(value[c]));
  });
}

/// Sums of components that f must not change, with the rounding that a sum of its terms leaves.
template <class F>
void expect_sum_conserved(const antler::testset::Problem<F>& problem, const std::vector<int>& components) {
  SCOPED_TRACE(problem.name);
  double initial = 0.0;
  for (const int c : components) initial += problem.y0[c];
  for (const auto& reference : problem.reference) {
    double sum = 0.0, rate = 0.0, size = 0.0;
    const auto derivative = problem.f(reference.t, reference.y);
    for (const int c : components) {
      sum += reference.y[c];
      rate += derivative[c];
      size += std::abs(derivative[c]);
    }
    EXPECT_NEAR(sum, initial, 4 * std::numeric_limits<double>::epsilon());
    EXPECT_LE(std::abs(rate), 8 * std::numeric_limits<double>::epsilon() * size);
  }
}

TEST(TestSet, InvariantsHold) {
  expect_sum_conserved(antler::testset::robertson(), {0, 1, 2});
  expect_sum_conserved(antler::testset::robertson_long(), {0, 1, 2});
  expect_sum_conserved(antler::testset::hires(), {6, 7});
  expect_sum_conserved(antler::testset::hires_long(), {6, 7});

  const auto orbit = antler::testset::henon_heiles();
  const auto energy = [](const auto& y) {
    return 0.5 * (y[2] * y[2] + y[3] * y[3] + y[0] * y[0] + y[1] * y[1]) + y[0] * y[0] * y[1] - y[1] * y[1] * y[1] / 3.0;
  };
  for (const auto& reference : orbit.reference) EXPECT_NEAR(energy(reference.y), energy(orbit.y0), 1e-15);

  const auto prey = antler::testset::lotka_volterra();
  const auto potential = [](const auto& y) { return y[0] - 3.0 * std::log(y[0]) + y[1] - 1.5 * std::log(y[1]); };
  for (const auto& reference : prey.reference) EXPECT_NEAR(potential(reference.y), potential(prey.y0), 1e-14);
}

TEST(TestSet, VanDerPolInBothTimeUnitsIsOneOrbit) {
  const auto fast = antler::testset::vdpolm();
  const auto slow = antler::testset::vdpol();
  EXPECT_DOUBLE_EQ(fast.final_reference()[0], slow.reference[1].y[0]);
  EXPECT_DOUBLE_EQ(1000.0 * fast.final_reference()[1], slow.reference[1].y[1]);
}

TEST(Peers, Rosenbrock4HasOrderFourWhereFDependsOnTime) {
  // The steps follow rtol^(1/4) and the error of an order 4 method follows rtol; with Boost's own coefficients 1e-10 took 80 times
  // as many steps and left an error of 1e-6.
  const auto problem = antler::testset::logarithmic_growth();
  const PeerResult loose = antler::peers::rosenbrock4(problem.f, run_to(problem, problem.t1, 1e-6));
  const PeerResult strict = antler::peers::rosenbrock4(problem.f, run_to(problem, problem.t1, 1e-10));
  EXPECT_LT(problem.error(strict.y, problem.final_reference()), 1e-11);
  EXPECT_LT(strict.steps, 20 * loose.steps);
}

TEST(Peers, CountTheirWork) {
  const auto problem = antler::testset::hires();
  const PeerRun run = run_to(problem, problem.t1, 1e-6);
  for (const PeerResult& result : {antler::peers::cvode_bdf(problem.f, run), antler::peers::rosenbrock4(problem.f, run)}) {
    EXPECT_GT(result.steps, 10);
    EXPECT_GT(result.function_evaluations, result.steps);
    EXPECT_GT(result.jacobian_evaluations, 0);
    EXPECT_GT(result.seconds, 0.0);
  }
  EXPECT_GT(antler::peers::cvode_bdf(problem.f, run).iterations, 10);
}

TEST(Peers, AreStoppedByTheClock) {
  const auto problem = antler::testset::robertson_long();
  PeerRun run = run_to(problem, problem.t1, 1e-3);
  run.time_limit = 0.05;
  const PeerResult result = antler::peers::dopri5(problem.f, run);
  EXPECT_EQ(result.outcome, Outcome::out_of_time);
  EXPECT_EQ(result.status, "stopped by the clock");
  EXPECT_GT(result.t, problem.t0);
  EXPECT_LT(result.t, problem.t1);
  EXPECT_LT(result.seconds, 5.0);  // to t1 it would take months
}

/// y' = y^2, y(0) = 1: infinite at t = 1.
struct BlowUp {
  static constexpr int size = 1;
  template <class T>
  antler::Vector<T, 1> operator()(T /*t*/, const antler::Vector<T, 1>& y) const {
    return {y[0] * y[0]};
  }
};

TEST(Peers, NeverReportABlowUpAsFinished) {
  const PeerRun run{.t0 = 0.0, .t1 = 2.0, .y0 = {1.0}, .rtol = 1e-6, .atol = {1e-9}, .time_limit = 0.2};
  for (const PeerResult& result :
       {antler::peers::cvode_bdf(BlowUp{}, run), antler::peers::rosenbrock4(BlowUp{}, run), antler::peers::dopri5(BlowUp{}, run)}) {
    EXPECT_NE(result.outcome, Outcome::finished);
    EXPECT_FALSE(result.status.empty());
  }
}

}  // namespace
