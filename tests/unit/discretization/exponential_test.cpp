// SPDX-License-Identifier: BSD-3-Clause
#include "antler/discretization/exponential.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "antler/mesh/mesh.hpp"
#include "antler/solve/exponential.hpp"

using namespace antler;

namespace {

/// y' = G y + g, the same G and g all the time.
template <int n>
struct Linear {
  double rate[n][n];
  double source[n];

  template <class T>
  KOKKOS_FUNCTION Vector<T, n> operator()(T, const Vector<T, n>& y) const {
    Vector<T, n> slope;
    for (int r = 0; r < n; ++r) {
      slope[r] = T(source[r]);
      for (int c = 0; c < n; ++c) slope[r] += rate[r][c] * y[c];
    }
    return slope;
  }
};

const Options tight{.rtol = 1e-13, .atol = 1e-20};

template <class F, class T, int n>
Solution<T, n> solved(const InitialValueProblem<F, T, n>& problem, Index steps, const Options& options = tight) {
  return solve(problem, Exponential{}, Mesh::uniform(problem.t0, problem.t1, steps), options);
}

TEST(ExponentialOperator, IsExactForEigenvaluesOfVeryDifferentSize) {
  // G = [[-1e8, 0], [0, -1]] and the triangular matrices with the same eigenvalues; the initial values excite the slow mode alone,
  // or both.
  const double e = std::exp(-1.0), a = 1e8, coupling = a / (a - 1);
  const InitialValueProblem diagonal{Linear<2>{{{-a, 0}, {0, -1}}, {0, 0}}, 0.0, 1.0, Vector<double, 2>{1, 1}};
  const InitialValueProblem upper{Linear<2>{{{-a, a}, {0, -1}}, {0, 0}}, 0.0, 1.0, Vector<double, 2>{1, 1}};
  const InitialValueProblem lower{Linear<2>{{{-1, 0}, {a, -a}}, {0, 0}}, 0.0, 1.0, Vector<double, 2>{1, 1}};
  for (const Index steps : {1, 2, 7, 8, 9, 100}) {
    const auto d = solved(diagonal, steps), u = solved(upper, steps), l = solved(lower, steps);
    ASSERT_EQ(d.status, Status::converged) << steps;
    ASSERT_EQ(u.status, Status::converged) << steps;
    ASSERT_EQ(l.status, Status::converged) << steps;
    for (std::size_t i = 1; i < d.states().size(); ++i) {
      const double decay = std::exp(-d.times()[i]);
      EXPECT_NEAR(d.states()[i][0], 0, 1e-12);
      EXPECT_NEAR(d.states()[i][1], decay, 1e-12 * decay);
      EXPECT_NEAR(u.states()[i][0], coupling * decay, 1e-12 * decay);
      EXPECT_NEAR(u.states()[i][1], decay, 1e-12 * decay);
      EXPECT_NEAR(l.states()[i][0], decay, 1e-12 * decay);
      EXPECT_NEAR(l.states()[i][1], coupling * decay, 1e-12 * decay);
    }
    EXPECT_NEAR(d.final_state()[1], e, 1e-12 * e);
  }
}

TEST(ExponentialOperator, IsExactForConstantCoefficientsAndASource) {
  // y_0' = y_1, y_1' = -y_0 + 1: a rotation about (1, 0).
  const InitialValueProblem rotation{Linear<2>{{{0, 1}, {-1, 0}}, {0, 1}}, 0.0, 6.0, Vector<double, 2>{0, 0}};
  for (const Index steps : {1, 3, 50}) {
    const auto solution = solved(rotation, steps);
    ASSERT_EQ(solution.status, Status::converged);
    for (std::size_t i = 0; i < solution.times().size(); ++i) {
      EXPECT_NEAR(solution.states()[i][0], 1 - std::cos(solution.times()[i]), 1e-12);
      EXPECT_NEAR(solution.states()[i][1], std::sin(solution.times()[i]), 1e-12);
    }
  }
}

TEST(ExponentialOperator, IsExactWhereTheJacobianIsSingular) {
  const InitialValueProblem constant_slope{Linear<2>{{{0, 0}, {0, 0}}, {2, -1}}, 0.0, 3.0, Vector<double, 2>{1, 1}};
  const auto straight = solved(constant_slope, 10);
  ASSERT_EQ(straight.status, Status::converged);
  EXPECT_NEAR(straight.final_state()[0], 7, 1e-13);
  EXPECT_NEAR(straight.final_state()[1], -2, 1e-13);
  // Rank one and nilpotent: y_1' = 1, y_0' = y_1.
  const InitialValueProblem nilpotent{Linear<2>{{{0, 1}, {0, 0}}, {0, 1}}, 0.0, 3.0, Vector<double, 2>{0, 0}};
  EXPECT_NEAR(solved(nilpotent, 7).final_state()[0], 4.5, 1e-12);
}

/// y' = -rate (y - cos t) - sin t, y = cos t.
struct PullToCosine {
  double rate;
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T t, const Vector<T, 1>& y) const {
    return {-rate * (y[0] - cos(t)) - sin(t)};
  }
};

TEST(ExponentialOperator, IsStableForVeryLargeSteps) {
  for (const double rate : {1e4, 1e8, 1e10}) {
    const InitialValueProblem problem{PullToCosine{rate}, 0.0, 10.0, Vector<double, 1>{1.0}};
    const auto solution = solved(problem, 10, Options{.rtol = 1e-8, .atol = 1e-10});  // |G| h = rate
    ASSERT_EQ(solution.status, Status::converged) << rate;
    for (const auto& y : solution.states()) EXPECT_LE(std::abs(y[0]), 1.0 + 1.0 / rate) << rate;
  }
}

TEST(ExponentialOperator, ForgetsATransientAtOnce) {
  const InitialValueProblem problem{PullToCosine{1e8}, 0.0, 1.0, Vector<double, 1>{1e6}};
  const auto solution = solved(problem, 8, Options{.rtol = 1e-8, .atol = 1e-10});
  ASSERT_EQ(solution.status, Status::converged);
  for (std::size_t i = 1; i < solution.states().size(); ++i) EXPECT_LE(std::abs(solution.states()[i][0]), 1.1);
}

/// y' = -y^2 / 2 - y, stiff at y = 1e8: y = 1 / ((1 / y0 + 1/2) exp(t) - 1/2).
struct QuadraticDecay {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T, const Vector<T, 1>& y) const {
    return {-0.5 * y[0] * y[0] - y[0]};
  }
};

TEST(ExponentialOperator, SurvivesANonlinearTransientOfAnySize) {
  const InitialValueProblem problem{QuadraticDecay{}, 0.0, 1.0, Vector<double, 1>{1e8}};
  const auto solution = solve(problem, Exponential{}, Mesh::geometric(0.0, 1.0, 1e-11, 400), Options{.rtol = 1e-8, .atol = 1e-8});
  ASSERT_EQ(solution.status, Status::converged);
  for (std::size_t i = 0; i < solution.times().size(); ++i) {
    const double exact = 1 / ((1e-8 + 0.5) * std::exp(solution.times()[i]) - 0.5);
    EXPECT_NEAR(solution.states()[i][0], exact, 0.02 * exact);
  }
}

TEST(ExponentialOperator, AgreesInFloatAndDouble) {
  const InitialValueProblem in_double{PullToCosine{10.0}, 0.0, 5.0, Vector<double, 1>{1.0}};
  const InitialValueProblem in_float{PullToCosine{10.0}, 0.0, 5.0, Vector<float, 1>{1.0}};
  const auto d = solved(in_double, 200, Options{.rtol = 1e-10, .atol = 1e-10});
  const auto f = solved(in_float, 200, Options{.rtol = 1e-4, .atol = 1e-5});
  ASSERT_EQ(d.status, Status::converged);
  ASSERT_EQ(f.status, Status::converged);
  for (std::size_t i = 0; i < d.states().size(); ++i) EXPECT_NEAR(f.states()[i][0], d.states()[i][0], 2e-5);
}

/// Times whose float neighbours are farther apart than the steps: the lengths of the steps must not be rounded with them.
TEST(ExponentialOperator, ResolvesShortStepsAtLateTimesInFloat) {
  const InitialValueProblem problem{Linear<1>{{{-1.0}}, {0.0}}, 16384.0, 16384.125, Vector<float, 1>{1.0}};
  const auto solution = solved(problem, 1000, Options{.rtol = 1e-5, .atol = 1e-6});
  ASSERT_EQ(solution.status, Status::converged);
  for (std::size_t i = 0; i < solution.times().size(); ++i)
    EXPECT_NEAR(solution.states()[i][0], std::exp(16384.0 - solution.times()[i]), 1e-4) << "step " << i;
}

TEST(ExponentialOperator, KeepsTheInitialValue) {
  const InitialValueProblem problem{PullToCosine{3.0}, 0.0, 1.0, Vector<double, 1>{0.7}};
  EXPECT_EQ(solved(problem, 5).states()[0][0], 0.7);
}

}  // namespace
