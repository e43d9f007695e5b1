// SPDX-License-Identifier: BSD-3-Clause
#include "antler/deer/newton.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

using namespace antler;

namespace {

/// A NewtonSystem that reports what it is told to and records what is asked of it.
struct Script {
  std::vector<double> residuals, updates;
  std::vector<Status> solves = {};
  int iterate = 0, best = -1;

  double linearize(Statistics& statistics) {
    ++statistics.function_evaluations;
    return residuals.at(static_cast<std::size_t>(iterate));
  }
  Status solve(Statistics&) const { return solves.empty() ? Status::converged : solves.at(static_cast<std::size_t>(iterate)); }
  double update_norm() const { return updates.at(static_cast<std::size_t>(iterate)); }
  void advance() { ++iterate; }
  void keep() { best = iterate; }
  void restore() { iterate = best; }
};

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Tolerance 0.01 of the weighted norm, the default.
Status run(Script& script, Statistics& statistics, Index maximum_iterations = 20) {
  return newton(script, Options{.maximum_iterations = maximum_iterations}, statistics);
}

TEST(Newton, ConvergesWhenResidualAndUpdateAreSmall) {
  Script script{.residuals = {5, 1e-1, 1e-3}, .updates = {5, 1e-1, 1e-5}};
  Statistics statistics;
  EXPECT_EQ(run(script, statistics), Status::converged);
  EXPECT_EQ(script.iterate, 3) << "the last update is applied";
  EXPECT_EQ(statistics.iterations, 3);
  EXPECT_EQ(statistics.residual_history, (std::vector<double>{5, 1e-1, 1e-3}));
  EXPECT_EQ(statistics.update_history, (std::vector<double>{5, 1e-1, 1e-5}));
}

TEST(Newton, DoesNotConvergeOnASmallUpdateAlone) {
  Script script{.residuals = {5, 5, 5}, .updates = {1e-9, 1e-9, 1e-9}};
  Statistics statistics;
  EXPECT_EQ(run(script, statistics, 3), Status::maximum_iterations);
}

TEST(Newton, DoesNotConvergeOnASmallResidualAlone) {
  Script script{.residuals = {1e-9, 1e-9, 1e-9}, .updates = {5, 5, 5}};
  Statistics statistics;
  EXPECT_EQ(run(script, statistics, 3), Status::maximum_iterations);
}

TEST(Newton, BringsTheBestIterateBack) {
  Script script{.residuals = {4, 3, 7, 9}, .updates = {1, 1, 1, 1}};
  Statistics statistics;
  EXPECT_EQ(run(script, statistics, 4), Status::maximum_iterations);
  EXPECT_EQ(script.iterate, 1);
  EXPECT_EQ(statistics.residual_history.size(), 4u);
  EXPECT_EQ(statistics.update_history.size(), 4u);
}

TEST(Newton, ToleratesAResidualThatGrowsForAWhile) {
  Script script{.residuals = {1, 1e3, 1e6, 1e-4, 1e-9}, .updates = {1, 1e3, 1e6, 1e-3, 1e-9}};
  Statistics statistics;
  EXPECT_EQ(run(script, statistics), Status::converged);
  EXPECT_EQ(script.iterate, 4);
}

TEST(Newton, ReportsNonFiniteResidualsAndKeepsTheIterateBefore) {
  for (const double bad : {nan, HUGE_VAL, -HUGE_VAL}) {
    Script script{.residuals = {4, 3, bad}, .updates = {1, 1, 1}};
    Statistics statistics;
    EXPECT_EQ(run(script, statistics), Status::non_finite);
    EXPECT_EQ(script.iterate, 1);
    EXPECT_EQ(statistics.iterations, 2);
  }
}

TEST(Newton, ReportsANonFiniteFirstResidual) {
  Script script{.residuals = {nan}, .updates = {}};
  Statistics statistics;
  EXPECT_EQ(run(script, statistics), Status::non_finite);
  EXPECT_EQ(script.iterate, 0);
  EXPECT_EQ(statistics.iterations, 0);
}

TEST(Newton, ReportsAnUpdateThatIsNotFiniteAsDivergence) {
  for (const double bad : {nan, HUGE_VAL}) {
    Script script{.residuals = {4, 3}, .updates = {1, bad}};
    Statistics statistics;
    EXPECT_EQ(run(script, statistics), Status::diverged);
    EXPECT_EQ(script.iterate, 1);
  }
}

TEST(Newton, ReportsASingularSystem) {
  Script script{.residuals = {4, 5}, .updates = {1, 1}, .solves = {Status::converged, Status::singular}};
  Statistics statistics;
  EXPECT_EQ(run(script, statistics), Status::singular);
  EXPECT_EQ(script.iterate, 0);
  EXPECT_EQ(statistics.update_history.size(), 1u);
}

TEST(Newton, StopsAtTheMaximumNumberOfIterations) {
  for (const Index limit : {1, 2, 5}) {
    Script script{.residuals = std::vector<double>(10, 1.0), .updates = std::vector<double>(10, 1.0)};
    Statistics statistics;
    EXPECT_EQ(run(script, statistics, limit), Status::maximum_iterations);
    EXPECT_EQ(statistics.iterations, limit);
    EXPECT_EQ(statistics.function_evaluations, limit);
  }
}

/// One equation f(y) = 0, damped; the norms are plain magnitudes over 1e-8.
template <class F>
struct Scalar {
  F f;  // value and slope
  double y, value = 0, slope = 0, update = 0, base = 0, best = 0;

  double linearize(Statistics&) {
    std::tie(value, slope) = f(y);
    return std::abs(value) / 1e-8;
  }
  Status solve(Statistics&) {
    update = -value / slope;
    base = y;
    return slope == 0 ? Status::singular : Status::converged;
  }
  [[nodiscard]] double update_norm() const { return std::abs(update) / 1e-8; }
  void advance() { y = base + update; }
  void keep() { best = y; }
  void restore() { y = best; }
  TrialNorms trial(double lambda, Statistics&) {
    y = base + lambda * update;
    const double simplified = -f(y).first / slope;
    return {std::abs(update), std::abs(simplified), std::abs(simplified - (1 - lambda) * update)};
  }
  void reject() { y = base; }
};
template <class F>
Scalar(F, double) -> Scalar<F>;

TEST(DampedNewton, ConvergesWhereNewtonsMethodRunsAway) {
  const auto arctangent = [](double y) { return std::pair(std::atan(y), 1 / (1 + y * y)); };
  for (const double start : {0.5, 2.0, 30.0, 1e4}) {
    Scalar damped{arctangent, start};
    Statistics statistics;
    EXPECT_EQ(newton(damped, Options{}, statistics), Status::converged) << start;
    EXPECT_NEAR(damped.y, 0, 1e-9);
    EXPECT_EQ(statistics.rejected_updates > 0, start > 1.4) << "where it does not run away it is not damped";
  }
}

TEST(DampedNewton, StepsBackFromWhereAFunctionIsNotDefined) {
  Scalar logarithm{[](double y) { return std::pair(std::log(y), 1 / y); }, 50.0};  // the first update leads to 50 - 196
  Statistics statistics;
  EXPECT_EQ(newton(logarithm, Options{}, statistics), Status::converged);
  EXPECT_NEAR(logarithm.y, 1, 1e-9);
}

TEST(DampedNewton, DoesNotConvergeWithoutARoot) {
  Scalar parabola{[](double y) { return std::pair(y * y + 1, 2 * y); }, 3.0};
  Statistics statistics;
  const Status status = newton(parabola, Options{.maximum_iterations = 200}, statistics);
  EXPECT_TRUE(status == Status::diverged || status == Status::maximum_iterations);
}

}  // namespace
