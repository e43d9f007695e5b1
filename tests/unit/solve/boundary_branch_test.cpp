// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/boundary_branch.hpp"

#include <gtest/gtest.h>

#include "boundary_problems.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

/// Mathieu's equation y'' + (a - 2 s cos 2 t) y = 0 with s = 5 and the unknown a, and the integral of y^2 as a third component.
struct Mathieu {
  static constexpr int size = 3, parameters = 1;

  template <class T>
  KOKKOS_FUNCTION Vector<T, 3> operator()(const T& t, const Vector<T, 3>& y, const Vector<T, 1>& a) const {
    return {y[1], (10.0 * cos(2.0 * t) - a[0]) * y[0], y[0] * y[0]};
  }
};

/// y' = 0 at both ends, and y(0) = 1 or the integral of y^2 = pi / 2.
struct MathieuConditions {
  bool integral;

  template <class T>
  Vector<T, 4> operator()(const Vector<T, 3>& ya, const Vector<T, 3>& yb, const Vector<T, 1>&) const {
    return {ya[1], yb[1], ya[2], integral ? yb[2] - 1.5707963267948966 : ya[0] - 1.0};
  }
};

Vector<double, 3> fourth_cosine(double t) { return {std::cos(4 * t), -4 * std::sin(4 * t), t / 2}; }

// a_4(5) = 17.096581684366 by SciPy 1.17.1, scipy.special.mathieu_a(4, 5), and by its solve_bvp with tol = 1e-10; y(1) by the
// latter.
TEST(BoundaryValueProblem, FindsAnEigenvalueAsAnUnknownParameter) {
  const BoundaryValueProblem problem{Mathieu{},     MathieuConditions{false}, 0.0, 3.141592653589793,
                                     fourth_cosine, Vector<double, 1>{15.0}};
  for (const double rtol : {1e-6, 1e-10}) {
    const auto solution = solve(problem, {.rtol = rtol});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_NEAR(solution.parameters()[0], 17.096581684366, 10 * rtol);
    EXPECT_NEAR(solution(1.0)[0], -0.7036897550, 10 * rtol + 1e-9);
    EXPECT_NEAR(solution(1.0)[1], 1.0330862319, 100 * rtol + 1e-9);
  }
}

TEST(BoundaryValueProblem, TakesAnIntegralConditionAsAComponentMore) {
  const BoundaryValueProblem problem{Mathieu{},         MathieuConditions{true}, 0.0,
                                     3.141592653589793, fourth_cosine,           Vector<double, 1>{15.0}};
  const auto solution = solve(problem, {.rtol = 1e-8});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.parameters()[0], 17.096581684366, 1e-7);
  double sum = 0;  // Simpson's rule
  constexpr int parts = 2000;
  for (int k = 0; k <= parts; ++k) {
    const double y = solution(3.141592653589793 * k / parts)[0];
    sum += (k == 0 || k == parts ? 1 : k % 2 == 1 ? 4 : 2) * y * y;
  }
  EXPECT_NEAR(sum * 3.141592653589793 / parts / 3, 1.5707963267948966, 1e-7);
}

/// Bratu's problem with lambda as the parameter that runs, and one condition less than unknowns.
struct BratuFamily {
  static constexpr int size = 2, parameters = 1;

  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(const T&, const Vector<T, 2>& y, const Vector<T, 1>& p) const {
    return {y[1], -p[0] * exp(y[0])};
  }
};
struct ZeroAtBothEnds {
  template <class T>
  Vector<T, 2> operator()(const Vector<T, 2>& ya, const Vector<T, 2>& yb, const Vector<T, 1>&) const {
    return {ya[0], yb[0]};
  }
};

const BoundaryValueProblem bratu{BratuFamily{}, ZeroAtBothEnds{}, 0.0, 1.0, Vector<double, 2>{0, 0}, Vector<double, 1>{1.0}};
// theta tanh(theta / 4) = 4 at the fold, lambda = theta^2 / (2 cosh(theta / 4)^2).
constexpr double fold = 3.513830719125161;

TEST(BoundaryValueBranch, PassesBratusFoldAndComesBackOnTheUpperBranch) {
  const auto branch = continuation(bratu, PseudoArclength{}, 4.0, {.largest_step = 2}, {.rtol = 1e-8});
  ASSERT_EQ(branch.status, Status::converged);
  ASSERT_EQ(branch.folds.size(), 1u);
  EXPECT_NEAR(branch.folds[0].parameter, fold, 1e-8);
  for (const auto& [lambda, solution] : branch.points) {
    EXPECT_EQ(solution.status, Status::converged);
    const BratuSolution lower(lambda, 1), upper(lambda, 20);
    const double off = std::min(largest_error(solution, lower), largest_error(solution, upper));
    EXPECT_LE(off, 1e-6) << "on the branch at " << lambda;
  }
  EXPECT_EQ(branch.points.back().parameter, 1.0);
  EXPECT_LE(largest_error(branch.points.front().solution, BratuSolution(1, 1.5), 2), 1e-8);
  EXPECT_LE(largest_error(branch.points.back().solution, BratuSolution(1, 11), 2), 4e-8);
  EXPECT_LE(branch.points.size(), 30u);
}

TEST(BoundaryValueBranch, ReportsTheFoldAndTheLastGoodParameterWithoutArcLength) {
  const auto branch = continuation(bratu, NaturalContinuation{}, 4.0, {}, {.rtol = 1e-8});
  EXPECT_EQ(branch.status, Status::fold);
  ASSERT_EQ(branch.folds.size(), 1u);
  EXPECT_NEAR(branch.folds[0].parameter, fold, 1e-6);
  EXPECT_NEAR(branch.points.back().parameter, fold, 1e-5);
  EXPECT_EQ(branch.points.back().solution.status, Status::converged);
}

TEST(BoundaryValueBranch, EndsWhereTheMeshMayNotGrow) {
  const auto branch = continuation(bratu, PseudoArclength{}, 4.0, {}, {.rtol = 1e-10, .maximum_steps = 20});
  EXPECT_EQ(branch.status, Status::maximum_steps);
}

TEST(BoundaryValueBranch, RefusesWhatMakesNoSense) {
  EXPECT_THROW((void)continuation(bratu, PseudoArclength{}, 1.0), InvalidArgument) << "nowhere to go";
  EXPECT_THROW((void)continuation(bratu, PseudoArclength{}, 4.0, {}, {.rtol = -1}), InvalidArgument);
}

}  // namespace
