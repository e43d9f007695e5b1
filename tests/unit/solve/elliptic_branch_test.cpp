// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/elliptic_branch.hpp"

#include <gtest/gtest.h>

#include "antler/solve/continuation.hpp"

using namespace antler;

namespace {

/// Bratu's problem as a family, -u'' = lambda exp(u).
struct Bratu {
  template <class T>
  KOKKOS_FUNCTION T operator()(double /*x*/, const T& u, const T& lambda) const {
    return lambda * exp(u);
  }
};

const EllipticProblem bratu{Bratu{}, 0.0, 1.0, Dirichlet{0.0}, Dirichlet{0.0}};
const Options tight{.rtol = 1e-11, .atol = 1e-11};

/// theta = sqrt(2 lambda) cosh(theta / 4), from a start on either branch, by Newton's method.
double bratu_solution(double lambda, double x, double theta) {
  const double root = std::sqrt(2 * lambda);
  for (int i = 0; i < 50; ++i) theta -= (theta - root * std::cosh(theta / 4)) / (1 - root / 4 * std::sinh(theta / 4));
  return 2 * std::log(std::cosh(theta / 4) / std::cosh((x - 0.5) * theta / 2));
}

double largest_error(const EllipticSolution<double, 1>& solution, double theta) {
  double error = 0;
  for (std::size_t i = 0; i < solution.x().size(); ++i)
    error = std::max(error, std::abs(solution.u()[i][0] - bratu_solution(1.0, solution.x()[i], theta)));
  return error;
}

TEST(EllipticBranch, FollowsBratusProblemThroughItsFold) {
  EllipticBranch system(bratu, ThreePoint<4>{}, 257, tight);
  const auto branch =
      continuation(system, PseudoArclength{}, system.start(1.0), 4.0, ContinuationOptions{.fold_tolerance = 1e-10}, tight);
  EXPECT_EQ(branch.status, Status::converged);
  ASSERT_EQ(branch.folds.size(), 1u);
  EXPECT_NEAR(branch.folds[0].parameter, 3.513830719, 1e-8);  // the scheme's error is 1e-9
  EXPECT_NEAR(branch.folds[0].solution(0.5)[0], 1.1868421, 1e-4);
  EXPECT_EQ(branch.points.front().parameter, 1);
  EXPECT_EQ(branch.points.back().parameter, 1);
  EXPECT_LT(largest_error(branch.points.front().solution, 1.0), 1e-9);
  EXPECT_LT(largest_error(branch.points.back().solution, 11.0), 1e-5);  // a peak of 4.09, curvature 60

  // The upper branch's solution is a start for finer grids.
  const auto upper = solve(bratu.at(1.0), ThreePoint<4>{}, 2049, branch.points.back().solution, tight);
  ASSERT_EQ(upper.status, Status::converged);
  EXPECT_LT(largest_error(upper, 11.0), 1e-9);
}

TEST(EllipticBranch, EndsAtTheFoldWhenItStepsInTheParameter) {
  EllipticBranch system(bratu, ThreePoint<2>{}, 65, tight);
  const auto branch = continuation(system, NaturalContinuation{}, system.start(1.0), 6.0, {}, tight);
  EXPECT_EQ(branch.status, Status::fold);
  ASSERT_EQ(branch.folds.size(), 1u);
  EXPECT_NEAR(branch.folds[0].parameter, 3.5138, 2e-3);
  EXPECT_LE(branch.points.back().parameter, branch.folds[0].parameter);
}

}  // namespace
