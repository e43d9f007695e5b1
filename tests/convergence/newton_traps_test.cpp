// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "antler/solve/exponential.hpp"

/// The two traps in which a truncated exponential ends: on early iterates |G| h leaves the stability interval of a Taylor
/// polynomial, and a contraction becomes an explosion.

using namespace antler;

namespace {

struct Logistic {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T, const Vector<T, 1>& y) const {
    return {y[0] * (1.0 - y[0])};
  }
};

struct VanDerPol {
  double mu;
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(T, const Vector<T, 2>& y) const {
    return {y[1], mu * (1.0 - y[0] * y[0]) * y[1] - y[0]};
  }
};

class LogisticTrap : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Points, LogisticTrap, testing::Values(101, 201, 401, 801));

TEST_P(LogisticTrap, ConvergesInFifteenIterations) {
  for (const double y0 : {0.1, 0.01}) {
    const InitialValueProblem problem{Logistic{}, 0.0, 10.0, Vector<double, 1>{y0}};
    const auto solution = solve(problem, Exponential{}, Mesh::uniform(0, 10, GetParam() - 1));
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_EQ(solution.statistics.windows, 1) << "on the whole interval at once";
    EXPECT_LE(solution.statistics.iterations, 15);
    const double h = 10.0 / (GetParam() - 1);
    for (std::size_t i = 0; i < solution.times().size(); ++i)
      EXPECT_NEAR(solution.states()[i][0], 1 / (1 + (1 / y0 - 1) * std::exp(-solution.times()[i])), 0.1 * h * h);
  }
}

TEST(VanDerPolTrap, ConvergesWith1001Points) {
  for (const double t1 : {10.0, 20.0}) {
    const InitialValueProblem problem{VanDerPol{1.0}, 0.0, t1, Vector<double, 2>{2, 0}};
    const auto solution = solve(problem, Exponential{}, Mesh::uniform(0, t1, 1000));
    ASSERT_EQ(solution.status, Status::converged);
    for (const auto& y : solution.states()) ASSERT_LE(std::abs(y[0]), 2.1);
    const double exact[2][2] = {{-2.0083407825797123, 3.2907065863324064e-2}, {2.0081497621749485, -4.2508875273202147e-2}};
    for (int c = 0; c < 2; ++c) EXPECT_NEAR(solution.final_state()[c], exact[t1 > 15][c], 5e-3);
  }
}

TEST(VanDerPolTrap, ConvergesWith1001PointsInFloat) {
  const InitialValueProblem problem{VanDerPol{1.0}, 0.0, 10.0, Vector<float, 2>{2, 0}};
  const auto solution = solve(problem, Exponential{}, Mesh::uniform(0, 10, 1000), Options{.rtol = 1e-3, .atol = 1e-4});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], -2.00834, 5e-3);
}

}  // namespace
