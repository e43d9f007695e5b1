// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "antler/solve/implicit.hpp"
#include "testset/robertson.hpp"
#include "testset/solved.hpp"

namespace {

using antler::ImplicitProblem;
using antler::InitialValues;
using antler::InvalidArgument;
using antler::MassProblem;
using antler::Matrix;
using antler::Options;
using antler::Status;
using antler::Vector;

enum class Equation {
  circle,   // y'^2 + y^2 = 1
  product,  // (1 + y) y' = 1 with z = 1 / (1 + y): y = sqrt(1 + 2 t) - 1
  curve,    // no y' at all: y = sin 3t, z = y^2
  jump      // y' = z, 0 = z - (1 or -2)
};

/// Two components (y, z), the second algebraic.
struct Equations {
  Equation which;

  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(const T& t, const Vector<T, 2>& q, const Vector<T, 2>& slope) const {
    using ::sin;
    switch (which) {
      case Equation::circle:
        return {slope[0] * slope[0] + q[0] * q[0] - 1.0, q[1] - q[0] * q[0]};
      case Equation::product:
        return {(1.0 + q[0]) * slope[0] - 1.0, q[1] * (1.0 + q[0]) - 1.0};
      case Equation::curve:
        return {q[0] - sin(3.0 * t), q[1] - q[0] * q[0]};
      default:
        return {slope[0] - q[1], q[1] - antler::select(t < T(1.0), T(1.0), T(-2.0))};
    }
  }
};

ImplicitProblem<Equations, double, 2> problem(Equation which, double t1, double slope,
                                              InitialValues are = InitialValues::computed) {
  return {{which}, 0.0, t1, {0, which == Equation::product ? 1.0 : 0.0}, {slope, 0.0}, are};
}

TEST(ImplicitProblem, TheInitialSlopeChoosesTheBranchOfAnEquationThatIsNotLinearInIt) {
  for (const double rtol : {1e-4, 1e-7, 1e-10})
    for (const double slope : {1.0, 0.3, -1.0, -0.3}) {  // 0.3: a guess of the right sign
      const auto solution = antler::solve(problem(Equation::circle, 1.4, slope), Options{.rtol = rtol, .atol = rtol * 1e-2});
      ASSERT_EQ(solution.status, Status::converged) << rtol << ' ' << slope;
      const double sign = slope > 0 ? 1 : -1;
      EXPECT_NEAR(solution.final_state()[0], sign * std::sin(1.4), 30 * rtol);
      EXPECT_NEAR(solution.final_state()[1], std::sin(1.4) * std::sin(1.4), 30 * rtol);
      EXPECT_NEAR(solution.pieces().back().derivative(1.4)[0], sign * std::cos(1.4), 300 * rtol);
    }
  EXPECT_THROW((void)antler::solve(problem(Equation::circle, 1, 0.3, InitialValues::given)), InvalidArgument);
  EXPECT_EQ(antler::solve(problem(Equation::circle, 1, 1.0, InitialValues::given)).status, Status::converged);
}

TEST(ImplicitProblem, EndsWhereTheSlopeIsNotDetermined) {
  const auto solution = antler::solve(problem(Equation::circle, 5, 1.0), Options{.rtol = 1e-6, .atol = 1e-8});
  EXPECT_LT(solution.statistics.steps, 5000);  // y = 1 is a solution, too: it stops, or goes on along a branch
  EXPECT_GT(solution.final_time(), 1.5);
}

TEST(ImplicitProblem, FollowsAnEquationWithAMatrixThatDependsOnTheState) {
  for (const double rtol : {1e-4, 1e-7, 1e-10}) {
    const auto solution = antler::solve(problem(Equation::product, 4, 0), Options{.rtol = rtol, .atol = rtol});
    ASSERT_EQ(solution.status, Status::converged);
    for (const double t : {0.01, 0.5, 1.7, 4.0}) {
      EXPECT_NEAR(solution(t)[0], std::sqrt(1 + 2 * t) - 1, 20 * rtol) << t;
      EXPECT_NEAR(solution(t)[1], 1 / std::sqrt(1 + 2 * t), 20 * rtol) << t;
    }
  }
}

TEST(ImplicitProblem, FollowsACurveWithoutAnyDerivative) {
  for (const double rtol : {1e-4, 1e-8}) {
    const auto solution = antler::solve(problem(Equation::curve, 5, 0), Options{.rtol = rtol, .atol = rtol});
    ASSERT_EQ(solution.status, Status::converged);
    for (int k = 0; k <= 500; ++k) {  // between the steps, too: the error is that of the dense output
      const double y = std::sin(0.03 * k);
      EXPECT_NEAR(solution(0.01 * k)[0], y, 60 * rtol);
      EXPECT_NEAR(solution(0.01 * k)[1], y * y, 60 * rtol);
    }
  }
}

TEST(ImplicitProblem, AlgebraicComponentsJumpWhereTheEquationsDo) {
  Options options{.rtol = 1e-8, .atol = 1e-10};
  options.jump_times = {1.0};
  const auto solution = antler::solve(problem(Equation::jump, 3, 1), options);
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], 1 - 4, 1e-9);
  EXPECT_NEAR(solution(0.999)[1], 1, 1e-9);
  EXPECT_NEAR(solution(1.001)[1], -2, 1e-9);
}

TEST(ImplicitProblem, IntegratesBackwards) {
  auto back = problem(Equation::product, 0, 0);
  back.t0 = 4;
  back.y0 = {2.0, 0.0};
  const auto solution = antler::solve(back, Options{.rtol = 1e-8, .atol = 1e-10});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], 0, 1e-6);
}

TEST(ImplicitProblem, WindowsFindTheSameAsTheWalk) {
  for (const double rtol : {1e-5, 1e-8, 1e-11}) {
    Options options{.rtol = rtol, .atol = rtol, .strategy = antler::Strategy::windows};
    const auto windows = antler::solve(problem(Equation::product, 400, 0), options);
    options.strategy = antler::Strategy::sequential;
    const auto walked = antler::solve(problem(Equation::product, 400, 0), options);
    ASSERT_EQ(windows.status, Status::converged);
    ASSERT_EQ(walked.status, Status::converged);
    EXPECT_GT(windows.statistics.windows, 0);
    EXPECT_EQ(windows.statistics.sequential_steps, 0);
    EXPECT_EQ(walked.statistics.sequential_steps, walked.statistics.steps);
    for (const double t : {1.0, 30.0, 400.0}) EXPECT_NEAR(windows(t)[0], walked(t)[0], 10 * rtol * std::sqrt(2 * t)) << t;
  }
}

TEST(ImplicitProblem, AnExplicitEquationIsWhatTheInitialValueSolverMakesOfIt) {
  const auto test = antler::testset::robertson();
  const MassProblem by_mass{Matrix<double, 3>::identity(), test.f, test.t0, test.t1, test.y0};
  const antler::InitialValueProblem plain{test.f, test.t0, test.t1, test.y0};
  for (const double rtol : {1e-5, 1e-8, 1e-10}) {
    const Options options{.rtol = rtol, .atol = test.atol(rtol)};
    const auto implicit = antler::solve(by_mass, options), explicit_ = antler::solve(plain, options);
    ASSERT_EQ(implicit.status, Status::converged);
    ASSERT_EQ(explicit_.status, Status::converged);
    EXPECT_LT(test.error(implicit.final_state(), explicit_.final_state()), 20 * rtol);
    EXPECT_LT(test.error(implicit.final_state(), test.final_reference()), 10 * rtol);
  }
}

}  // namespace
