// SPDX-License-Identifier: BSD-3-Clause
// The error of the end against published solutions, for the methods that are not the default.
#include <gtest/gtest.h>

#include <algorithm>

#include "antler/solve/radau.hpp"
#include "testset/hires.hpp"
#include "testset/nonstiff.hpp"
#include "testset/robertson.hpp"
#include "testset/van_der_pol.hpp"

using namespace antler;

namespace {

/// Largest end error in units of rtol, for rtol = coarse, coarse / 10, ..., fine.
template <class Method, class F>
double largest_error(const Method& method, const testset::Problem<F>& problem, double coarse, double fine) {
  double largest = 0;
  for (double rtol = coarse; rtol > 0.9 * fine; rtol /= 10) {
    const InitialValueProblem p{problem.f, problem.t0, problem.t1, problem.y0};
    const auto solution = solve(p, method, Options{.rtol = rtol, .atol = problem.atol(rtol), .output = Output::final_state});
    EXPECT_EQ(solution.status, Status::converged) << problem.name << " at " << rtol;
    EXPECT_GT(solution.statistics.windows, 0) << problem.name << " at " << rtol;
    EXPECT_LE(10 * solution.statistics.sequential_steps, solution.statistics.steps) << problem.name << " at " << rtol;
    largest = std::max(largest, problem.error(solution.final_state(), problem.final_reference()) / rtol);
  }
  return largest;
}

TEST(AdaptiveRadauIIA, OfOrderThreeFollowsTheToleranceWhereItIsStiff) {
  EXPECT_LT(largest_error(RadauIIA<2>{}, testset::hires(), 1e-3, 1e-6), 100);           // measured: 2.4
  EXPECT_LT(largest_error(RadauIIA<2>{}, testset::robertson(), 1e-3, 1e-6), 100);       // 0.1
  EXPECT_LT(largest_error(RadauIIA<2>{}, testset::vdpolm(), 1e-3, 1e-6), 100);          // 0.1
  EXPECT_LT(largest_error(RadauIIA<2>{}, testset::lotka_volterra(), 1e-3, 1e-6), 100);  // 0.5
}

TEST(AdaptiveRadauIIA, OfOrderOneFollowsTheToleranceWhereItIsStiff) {
  EXPECT_LT(largest_error(RadauIIA<1>{}, testset::robertson(), 1e-2, 1e-4), 100);
  EXPECT_LT(largest_error(RadauIIA<1>{}, testset::vdpolm(), 1e-2, 1e-3), 100);
}

TEST(AdaptiveGauss, FollowsTheToleranceWhereItIsMildlyStiff) {
  EXPECT_LT(largest_error(Gauss<2>{}, testset::vdp5(), 1e-3, 1e-8), 100);
  EXPECT_LT(largest_error(Gauss<2>{}, testset::vdp10(), 1e-3, 1e-8), 100);
}

TEST(AdaptiveGauss, GetsThroughAStiffProblemThatItDoesNotDamp) {
  const auto problem = testset::vdpolm();
  const InitialValueProblem p{problem.f, problem.t0, problem.t1, problem.y0};
  for (const double rtol : {1e-4, 1e-6}) {
    const auto solution = solve(p, Gauss<2>{}, Options{.rtol = rtol, .atol = problem.atol(rtol)});
    EXPECT_EQ(solution.status, Status::converged) << rtol;
    EXPECT_LT(problem.error(solution.final_state(), problem.final_reference()), 100 * rtol) << rtol;
  }
}

}  // namespace
