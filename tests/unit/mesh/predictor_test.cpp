// SPDX-License-Identifier: BSD-3-Clause
#include "antler/mesh/predictor.hpp"

#include <gtest/gtest.h>

#include <cmath>

using namespace antler;

namespace {

/// y' = y^2, y(0) = 1: y = 1 / (1 - t).
struct BlowUp {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T, const Vector<T, 1>& y) const {
    return {y[0] * y[0]};
  }
};

/// y' = y cos t: y = y0 exp(sin t).
struct Swing {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T t, const Vector<T, 1>& y) const {
    return {y[0] * cos(t)};
  }
};

/// y' = cos t sqrt(1 - y), y(0) = 0.9: NaN above one, where the stages of a long step reach, never the solution.
struct Cliff {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T t, const Vector<T, 1>& y) const {
    return {cos(t) * sqrt(1.0 - y[0])};
  }
};

/// y' = sqrt(1 - t): there is nothing after t = 1.
struct Wall {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T t, const Vector<T, 1>&) const {
    return {sqrt(1.0 - t)};
  }
};

template <class F>
Prediction<double, 1> walk(const F& f, double t0, double t1, double y0, const Options& options, Statistics& statistics) {
  return predict(InitialValueProblem{f, t0, t1, Vector<double, 1>{y0}}, options, statistics);
}

TEST(Predictor, ReachesTheEndWithinItsTolerance) {
  double before = 1;
  for (const double tolerance : {1e-3, 1e-6, 1e-9}) {
    Statistics statistics;
    const auto prediction = walk(Swing{}, 0, 10, 1, Options{.rtol = tolerance, .atol = tolerance}, statistics);
    ASSERT_EQ(prediction.status, Status::converged);
    EXPECT_EQ(prediction.times.back(), 10);
    EXPECT_EQ(prediction.times.size(), prediction.states.size());
    EXPECT_EQ(statistics.predictor_steps, static_cast<Index>(prediction.times.size()) - 1);
    double error = 0;
    for (std::size_t i = 0; i < prediction.times.size(); ++i)
      error = std::max(error, std::abs(prediction.states[i][0] - std::exp(std::sin(prediction.times[i]))));
    EXPECT_LT(error, 20 * tolerance);
    EXPECT_LT(error, before);
    before = error;
  }
}

TEST(Predictor, WalksBackwards) {
  Statistics statistics;
  const auto prediction = walk(Swing{}, 10, 0, std::exp(std::sin(10.0)), Options{.rtol = 1e-8, .atol = 1e-8}, statistics);
  ASSERT_EQ(prediction.status, Status::converged);
  EXPECT_EQ(prediction.times.back(), 0);
  EXPECT_NEAR(prediction.states.back()[0], 1, 1e-6);
  for (std::size_t i = 1; i < prediction.times.size(); ++i) EXPECT_LT(prediction.times[i], prediction.times[i - 1]);
}

TEST(Predictor, StaysWhereItIsOnAnEmptyInterval) {
  Statistics statistics;
  const auto prediction = walk(Swing{}, 2, 2, 5, Options{}, statistics);
  EXPECT_EQ(prediction.status, Status::converged);
  EXPECT_EQ(prediction.times.size(), 1u);
  EXPECT_EQ(prediction.states[0][0], 5);
}

TEST(Predictor, StopsWhereTheSolutionBlowsUp) {
  for (const double y0 : {1.0, 4.0}) {
    Statistics statistics;
    const auto prediction = walk(BlowUp{}, 0, 10, y0, Options{}, statistics);
    EXPECT_EQ(prediction.status, Status::step_too_small);
    EXPECT_NEAR(prediction.times.back(), 1 / y0, 1e-3 / y0);
    EXPECT_GT(prediction.states.back()[0], 100 * y0);
    EXPECT_TRUE(std::isfinite(prediction.states.back()[0]));
  }
}

TEST(Predictor, StepsBackFromWhereFIsNotFinite) {
  Statistics statistics;
  const auto prediction = walk(Cliff{}, 0, 10, 0.9, Options{.rtol = 1e-2, .atol = 1e-2}, statistics);
  for (const auto& y : prediction.states) EXPECT_LE(y[0], 1);
  const auto wall = walk(Wall{}, 0, 2, 0, Options{}, statistics);
  EXPECT_EQ(wall.status, Status::step_too_small);
  EXPECT_NEAR(wall.times.back(), 1, 1e-6);
  EXPECT_NEAR(wall.states.back()[0], 2.0 / 3.0, 1e-4);
}

TEST(Predictor, ReportsAnInitialValueWhereFIsNotFinite) {
  Statistics statistics;
  const auto prediction = walk(Wall{}, 1.5, 2, 0, Options{}, statistics);
  EXPECT_EQ(prediction.status, Status::non_finite);
  EXPECT_EQ(statistics.first_failure, 0);
  EXPECT_EQ(prediction.times.size(), 1u);
}

TEST(Predictor, HonoursTheMaximumNumberOfSteps) {
  Statistics statistics;
  const auto free = walk(Swing{}, 0, 10, 1, Options{}, statistics);
  const auto count = static_cast<Index>(free.times.size()) - 1;
  const auto exactly = walk(Swing{}, 0, 10, 1, Options{.maximum_steps = count}, statistics);
  EXPECT_EQ(exactly.status, Status::converged);
  const auto cut = walk(Swing{}, 0, 10, 1, Options{.maximum_steps = count - 1}, statistics);
  EXPECT_EQ(cut.status, Status::maximum_steps);
  EXPECT_EQ(static_cast<Index>(cut.times.size()) - 1, count - 1);
}

TEST(Predictor, WorksInFloat) {
  Statistics statistics;
  const auto prediction =
      predict(InitialValueProblem{Swing{}, 0.0, 10.0, Vector<float, 1>{1.0f}}, Options{.rtol = 1e-3, .atol = 1e-4}, statistics);
  ASSERT_EQ(prediction.status, Status::converged);
  EXPECT_NEAR(prediction.states.back()[0], std::exp(std::sin(10.0)), 1e-2);
}

/// Swing with a derivative of its own, which counts its calls.
struct CountedSwing {
  int* calls;
  template <class T>
  Vector<T, 1> operator()(T t, const Vector<T, 1>& y) const {
    return {y[0] * cos(t)};
  }
  Matrix<double, 1> jacobian(double t, const Vector<double, 1>& /*y*/) const {
    ++*calls;
    Matrix<double, 1> a;
    a(0, 0) = std::cos(t);
    return a;
  }
};

TEST(Predictor, TakesTheHandWrittenJacobian) {
  int calls = 0;
  Statistics statistics;
  const Options options{.rtol = 1e-6, .atol = 1e-6};
  const auto given = predict(InitialValueProblem{CountedSwing{&calls}, 0.0, 10.0, Vector<double, 1>{1}}, options, statistics);
  const auto dual = predict(InitialValueProblem{Swing{}, 0.0, 10.0, Vector<double, 1>{1}}, options, statistics);
  ASSERT_EQ(given.status, Status::converged);
  EXPECT_GE(calls, static_cast<int>(given.times.size()));
  ASSERT_EQ(given.times.size(), dual.times.size());
  EXPECT_NEAR(given.states.back()[0], dual.states.back()[0], 1e-12);
}

}  // namespace
