// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/adaptive_exponential.hpp"

#include <gtest/gtest.h>

#include "testset/testset.hpp"

/// The adaptive exponential discretisation on the published stiff problems: the end error follows the tolerance.

using namespace antler;

namespace {

/// Solves for falling tolerances; the error at the end must be within `factor` times rtol each time, and fall.
template <class F>
void expect_errors_follow_tolerance(const testset::Problem<F>& published, std::initializer_list<double> tolerances, double factor) {
  const InitialValueProblem problem{published.f, published.t0, published.t1, published.y0};
  double before = HUGE_VAL;
  for (const double rtol : tolerances) {
    const auto solution = solve(problem, Exponential{}, Options{.rtol = rtol, .atol = published.atol(rtol)});
    ASSERT_EQ(solution.status, Status::converged) << published.name << " at " << rtol;
    const double error = published.error(solution.final_state(), published.final_reference());
    EXPECT_LE(error, factor * rtol) << published.name << " at " << rtol;
    EXPECT_LT(error, before) << published.name << " at " << rtol;
    before = error;
    for (const auto& reference : published.reference)
      EXPECT_LE(published.error(solution(reference.t), reference.y), 3 * factor * rtol)
          << published.name << " at t = " << reference.t;
  }
}

TEST(AdaptiveExponential, FollowsTheToleranceOnRobertson) {
  expect_errors_follow_tolerance(testset::robertson(), {1e-2, 1e-3, 1e-4, 1e-5}, 30);
}

TEST(AdaptiveExponential, FollowsTheToleranceOnHires) { expect_errors_follow_tolerance(testset::hires(), {1e-2, 1e-3, 1e-4}, 30); }

TEST(AdaptiveExponential, FollowsTheToleranceOnASoftOscillator) {
  expect_errors_follow_tolerance(testset::vdp1(), {1e-3, 1e-4, 1e-5, 1e-6}, 300);
}

TEST(AdaptiveExponential, FollowsTheToleranceOnARelaxationOscillator) {
  expect_errors_follow_tolerance(testset::vdpolm(), {1e-3, 1e-4, 1e-5}, 30);
}

}  // namespace
