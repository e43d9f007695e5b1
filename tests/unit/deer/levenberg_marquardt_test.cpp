// SPDX-License-Identifier: BSD-3-Clause
#include "antler/deer/levenberg_marquardt.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

using namespace antler;

namespace {

/// One equation F(y) = 0 as a DampedNewtonSystem; norms are in units of 1e-12.
struct Equation {
  std::function<double(double)> F, slope;
  double y;
  double value = 0, derivative = 0, lambda = 0, d = 0, expected = 0, marked = 0, best = 0;
  Status solved = Status::converged;

  double linearize(Statistics& statistics) {
    value = F(y), derivative = slope(y);
    if (!std::isfinite(value)) statistics.first_failure = 0;
    return std::isfinite(value) && std::isfinite(derivative) ? std::abs(value) / 1e-12 : HUGE_VAL;
  }
  Status solve(Statistics&) {
    d = -derivative * value / (derivative * derivative + lambda);
    expected = value + derivative * d;
    return solved;
  }
  [[nodiscard]] double update_norm() const { return std::isfinite(d) ? std::abs(d) / 1e-12 : HUGE_VAL; }
  void advance() { y += d; }
  void keep() { best = y; }
  void restore() { y = best; }
  void damp(double weight) { lambda = weight; }
  [[nodiscard]] double square() const { return value * value; }
  [[nodiscard]] static double largest_square() { return 1e4; }
  [[nodiscard]] double unforeseen() const { return (value - expected) * (value - expected); }
  void mark() { marked = y; }
  void undo() { y = marked; }
};
static_assert(DampedNewtonSystem<Equation>);

const Options options{.newton_tolerance = 1, .maximum_iterations = 100};

TEST(LevenbergMarquardtLoop, SolvesWhereNewtonsMethodDiverges) {
  Equation equation{[](double y) { return std::atan(y); }, [](double y) { return 1 / (1 + y * y); }, 3.0};
  Equation undamped = equation;
  Statistics statistics;
  EXPECT_EQ(levenberg_marquardt(equation, options, statistics), Status::converged);
  EXPECT_NEAR(equation.y, 0, 1e-12);
  EXPECT_NE(newton(undamped, options, statistics), Status::converged);
}

TEST(LevenbergMarquardtLoop, TakesBackStepsBehindWhichFIsNotFinite) {
  Equation equation{[](double y) { return std::log(y); }, [](double y) { return 1 / y; }, 30.0};  // Newton's step leads to y < 0
  Statistics statistics;
  EXPECT_EQ(levenberg_marquardt(equation, options, statistics), Status::converged);
  EXPECT_NEAR(equation.y, 1, 1e-12);
  EXPECT_GT(statistics.rejected_updates, 0);
  EXPECT_EQ(statistics.first_failure, -1);
  EXPECT_EQ(statistics.update_history.size(), statistics.residual_history.size());
}

TEST(LevenbergMarquardtLoop, ReportsAGuessAtWhichFIsNotFinite) {
  Equation equation{[](double y) { return std::log(y); }, [](double y) { return 1 / y; }, -1.0};
  Statistics statistics;
  EXPECT_EQ(levenberg_marquardt(equation, options, statistics), Status::non_finite);
  EXPECT_EQ(equation.y, -1.0);
}

TEST(LevenbergMarquardtLoop, NeverConvergesWhereThereIsNoSolution) {
  Equation equation{[](double y) { return y * y + 1; }, [](double y) { return 2 * y; }, 3.0};
  Statistics statistics;
  EXPECT_EQ(levenberg_marquardt(equation, options, statistics), Status::maximum_iterations);
  EXPECT_EQ(statistics.iterations, options.maximum_iterations);
  for (const double residual : statistics.residual_history) EXPECT_GE(residual, std::abs(equation.F(equation.y)) / 1e-12);
}

TEST(LevenbergMarquardtLoop, NeverConvergesWithoutASolutionOfItsLinearSystem) {
  Equation equation{[](double y) { return y; }, [](double) { return 1; }, 0.0};  // at the solution already
  equation.solved = Status::singular;
  Statistics statistics;
  EXPECT_EQ(levenberg_marquardt(equation, options, statistics), Status::diverged) << "no damping helps";
  Equation nan{[](double y) { return y; }, [](double) { return 0; }, 0.0};  // 0 / 0
  EXPECT_EQ(levenberg_marquardt(nan, options, statistics), Status::diverged) << "no damping helps";
}

TEST(LevenbergMarquardtLoop, IsNewtonsMethodWhereThatConverges) {
  Equation equation{[](double y) { return std::exp(y) - 2; }, [](double y) { return std::exp(y); }, 0.8};
  Statistics statistics;
  EXPECT_EQ(levenberg_marquardt(equation, options, statistics), Status::converged);
  EXPECT_NEAR(equation.y, std::log(2), 1e-15);
  for (const double lambda : statistics.damping_history) EXPECT_EQ(lambda, 0);
  EXPECT_EQ(statistics.rejected_updates, 0);
}

TEST(LevenbergMarquardtLoop, SolvesWithAStandInForTheSlope) {
  // Undamped, the stand-in takes three times too long a step.
  Equation equation{[](double y) { return 3 * std::tanh(y); }, [](double) { return 1; }, 2.0};
  Equation undamped = equation;
  Statistics statistics;
  EXPECT_EQ(levenberg_marquardt(equation, options, statistics, ModelTrust::of_a_stand_in()), Status::converged);
  EXPECT_NEAR(equation.y, 0, 1e-12);
  EXPECT_LE(std::abs(equation.value), 1e-12) << "the residual says so";
  EXPECT_NE(newton(undamped, options, statistics), Status::converged);
}

}  // namespace
