// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "antler/solve/implicit.hpp"

namespace {

using antler::InitialValues;
using antler::InvalidArgument;
using antler::MassProblem;
using antler::Matrix;
using antler::Options;
using antler::RadauIIA;
using antler::Status;
using antler::Vector;

enum class Constraint {
  position,      // x^2 + y^2 = 1: index 3
  velocity,      // its derivative: index 2
  acceleration,  // its second derivative: index 1
  nothing,       // 0 = 0: a singular pencil
  impossible,    // no solution
  folded,        // 0 = lambda^2 - 1, solved from lambda = 0
  weak,          // the acceleration's, divided by 1e12
  domain,        // lambda = sqrt(1 - t): not finite behind t = 1
  not_a_number
};

/// A pendulum in Cartesian coordinates (x, y, u, v, lambda) with one of many last equations.
struct Pendulum {
  static constexpr bool lanes = false;
  Constraint constraint;

  template <class T>
  KOKKOS_FUNCTION Vector<T, 5> operator()(const T& t, const Vector<T, 5>& q) const {
    return {q[2], q[3], -1.0 * q[4] * q[0], -1.0 * q[4] * q[1] - 1.0, last(t, q)};
  }
  template <class T>
  KOKKOS_FUNCTION T last(const T& t, const Vector<T, 5>& q) const {
    using ::sqrt;
    const T acceleration = q[2] * q[2] + q[3] * q[3] - q[4] * (q[0] * q[0] + q[1] * q[1]) - q[1];
    switch (constraint) {
      case Constraint::position:
        return q[0] * q[0] + q[1] * q[1] - 1.0;
      case Constraint::velocity:
        return q[0] * q[2] + q[1] * q[3];
      case Constraint::nothing:
        return T(0.0);
      case Constraint::impossible:
        return q[4] * q[4] + 1.0 + q[0] * q[0];
      case Constraint::folded:
        return q[4] * q[4] - 1.0;
      case Constraint::weak:
        return 1e-12 * acceleration;
      case Constraint::domain:
        return q[4] - sqrt(1.0 - t);
      case Constraint::not_a_number:
        return T(std::numeric_limits<double>::quiet_NaN()) * q[4];
      default:
        return acceleration;
    }
  }
};

MassProblem<Pendulum, double, 5> pendulum(Constraint constraint, double t1 = 10, Vector<double, 5> y0 = {1, 0, 0, 0, 0},
                                          InitialValues are = InitialValues::computed) {
  Matrix<double, 5> mass = Matrix<double, 5>::identity();
  mass(4, 4) = 0;
  return {mass, {constraint}, 0.0, t1, y0, are};
}

const Options tight{.rtol = 1e-8, .atol = 1e-10};

TEST(ImplicitProblem, ReportsAHigherIndexAtTheStart) {
  for (const auto constraint : {Constraint::position, Constraint::velocity}) {
    for (const double x : {1.0, 0.9}) {  // consistent, and not
      const auto solution = antler::solve(pendulum(constraint, 10, {x, 0, 0, 0, 0}), tight);
      EXPECT_EQ(solution.status, Status::higher_index);
      EXPECT_EQ(solution.final_time(), 0);
      EXPECT_LT(solution.statistics.function_evaluations, 20);
    }
  }
}

TEST(ImplicitProblem, SolvesThePendulumWithItsAccelerations) {
  for (const auto constraint : {Constraint::acceleration, Constraint::weak}) {
    const auto solution = antler::solve(pendulum(constraint, 10, {0.6, -0.8, 0, 0, 0}), tight);
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_NEAR(solution.states()[0][4], 0.8, 1e-12);  // lambda was computed: u^2 + v^2 - y
    for (const auto& q : solution.states()) {
      EXPECT_NEAR(q[0] * q[0] + q[1] * q[1], 1, 1e-5);  // drifts, as it must
      EXPECT_NEAR((q[2] * q[2] + q[3] * q[3]) / 2 + q[1], -0.8, 1e-5);
    }
  }
}

TEST(ImplicitProblem, ReportsEquationsWithoutAUniqueSolution) {
  const auto solution = antler::solve(pendulum(Constraint::nothing), tight);
  EXPECT_EQ(solution.status, Status::singular);
  EXPECT_EQ(solution.final_time(), 0);
}

TEST(ImplicitProblem, ReportsEquationsThatNoInitialValuesSatisfy) {
  const auto solution = antler::solve(pendulum(Constraint::impossible, 10, {1, 0, 0, 0, 3}), tight);
  EXPECT_EQ(solution.status, Status::inconsistent);
  EXPECT_LT(solution.statistics.function_evaluations, 2000);
}

TEST(ImplicitProblem, FindsInitialValuesFromWhereTheJacobianIsSingular) {
  const auto solution = antler::solve(pendulum(Constraint::folded, 0.5), tight);
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(std::abs(solution.states()[0][4]), 1, 1e-10);
}

TEST(ImplicitProblem, RefusesGivenValuesThatMissTheEquationsAndSaysByHowMuch) {
  try {
    (void)antler::solve(pendulum(Constraint::acceleration, 10, {0.6, -0.8, 0, 0, 0.5}, InitialValues::given), tight);
    FAIL() << "accepted lambda = 0.5 where it is 0.8";
  } catch (const InvalidArgument& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("component 4 of y0"), std::string::npos) << text;
    EXPECT_NE(text.find("0.300000"), std::string::npos) << text;
    EXPECT_NE(text.find("InitialValues::computed"), std::string::npos) << text;
  }
  const auto solution = antler::solve(pendulum(Constraint::acceleration, 1, {0.6, -0.8, 0, 0, 0.8}, InitialValues::given), tight);
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_THROW((void)antler::solve(pendulum(Constraint::impossible, 1, {1, 0, 0, 0, 3}, InitialValues::given), tight),
               InvalidArgument);
}

TEST(ImplicitProblem, ReportsValuesThatAreNotFinite) {
  const auto at_start = antler::solve(pendulum(Constraint::not_a_number), tight);
  EXPECT_EQ(at_start.status, Status::non_finite);
  EXPECT_EQ(at_start.statistics.first_failure, 0);
  const auto later = antler::solve(pendulum(Constraint::domain), tight);
  EXPECT_TRUE(later.status == Status::non_finite || later.status == Status::step_too_small) << later.status;
  EXPECT_NEAR(later.final_time(), 1, 1e-6);
  EXPECT_LT(later.statistics.steps, 2000);
}

TEST(ImplicitProblem, WorkIsBounded) {
  Options few = tight;
  few.maximum_steps = 7;
  const auto solution = antler::solve(pendulum(Constraint::acceleration), few);
  EXPECT_EQ(solution.status, Status::maximum_steps);
  EXPECT_EQ(solution.statistics.steps, 7);
}

TEST(ImplicitProblem, RejectsWrongCalls) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  Matrix<double, 5> mass{};
  mass(3, 1) = nan;
  EXPECT_THROW((MassProblem{mass, Pendulum{}, 0.0, 1.0, Vector<double, 5>{}}), InvalidArgument);
  EXPECT_THROW(pendulum(Constraint::acceleration, nan), InvalidArgument);
  EXPECT_THROW(pendulum(Constraint::acceleration, 1, {0, 0, nan, 0, 0}), InvalidArgument);
  EXPECT_THROW((void)antler::solve(pendulum(Constraint::acceleration), Options{.rtol = -1}), InvalidArgument);
  Options outside = tight;
  outside.lower_bounds = {-2, -2, -2, -2, 0.9};  // lambda is 0.8
  EXPECT_THROW((void)antler::solve(pendulum(Constraint::acceleration, 10, {0.6, -0.8, 0, 0, 0}), outside), InvalidArgument);
}

}  // namespace
