// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/adaptive_exponential.hpp"

#include <gtest/gtest.h>

#include "testset/testset.hpp"

/// The adaptive exponential discretisation on the published stiff problems: the end error follows the tolerance.

using namespace antler;

namespace {

/// Solves for several tolerances: the error at the end, and at every reference time on the way, must be below factor rtol^power.
template <class F>
void expect_errors_follow_tolerance(const testset::Problem<F>& published, std::initializer_list<double> tolerances, double factor,
                                    double power) {
  const InitialValueProblem problem{published.f, published.t0, published.t1, published.y0};
  for (const double rtol : tolerances) {
    const auto solution = solve(problem, Exponential{}, Options{.rtol = rtol, .atol = published.atol(rtol)});
    ASSERT_EQ(solution.status, Status::converged) << published.name << " at " << rtol;
    const double bound = factor * std::pow(rtol, power);
    EXPECT_LE(published.error(solution.final_state(), published.final_reference()), bound) << published.name << " at " << rtol;
    for (const auto& reference : published.reference)  // dense output is linear: as accurate as the method, with another constant
      EXPECT_LE(published.error(solution(reference.t), reference.y), 3 * bound) << published.name << " at t = " << reference.t;
  }
}

// Where the solution forgets its past, the end error is the local error of the last steps.
TEST(AdaptiveExponential, FollowsTheToleranceOnRobertson) {
  expect_errors_follow_tolerance(testset::robertson(), {1e-2, 1e-3, 1e-4, 1e-5}, 30, 1);
}
TEST(AdaptiveExponential, FollowsTheToleranceOnHires) {
  expect_errors_follow_tolerance(testset::hires(), {1e-2, 1e-3, 1e-4}, 30, 1);
}
TEST(AdaptiveExponential, FollowsTheToleranceOnARelaxationOscillator) {
  expect_errors_follow_tolerance(testset::vdpolm(), {1e-3, 1e-4, 1e-5}, 30, 1);
}

// Where it does not (the phase of an oscillator), local errors h^3 add up over 1 / h steps to h^2, the power 2/3 of the tolerance.
TEST(AdaptiveExponential, FollowsTheToleranceOnASoftOscillator) {
  expect_errors_follow_tolerance(testset::vdp1(), {1e-3, 1e-4, 1e-5, 1e-6}, 80, 2.0 / 3.0);
}

}  // namespace
