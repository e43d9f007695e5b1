// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/elliptic.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "antler/inverse/block_thomas.hpp"

using namespace antler;

namespace {

const Options precise{.rtol = 1e-11, .atol = 1e-12};

/// Bratu's problem, -u'' = lambda exp(u); with lambda = 0 and a constant: -u'' = source.
struct Bratu {
  double lambda, source = 0;
  template <class T>
  KOKKOS_FUNCTION T operator()(double /*x*/, const T& u) const {
    return lambda * exp(u) + source;
  }
};

/// u = 2 log(cosh(theta / 4) / cosh((x - 1/2) theta / 2)), theta = sqrt(2 lambda) cosh(theta / 4), on the lower branch.
double bratu_solution(double lambda, double x) {
  double theta = 0;
  for (int i = 0; i < 200; ++i) theta = std::sqrt(2 * lambda) * std::cosh(theta / 4);
  return 2 * std::log(std::cosh(theta / 4) / std::cosh((x - 0.5) * theta / 2));
}

template <class Method>
double bratu_error(const Method& method, Index points) {
  const EllipticProblem problem{Bratu{1.0}, 0.0, 1.0, Dirichlet{0.0}, Dirichlet{0.0}};
  const auto solution = solve(problem, method, points, precise);
  EXPECT_EQ(solution.status, Status::converged);
  double error = 0;
  for (std::size_t i = 0; i < solution.x().size(); ++i)
    error = std::max(error, std::abs(solution.u()[i][0] - bratu_solution(1.0, solution.x()[i])));
  return error;
}

TEST(EllipticProblem, SolvesBratusProblemWithOrdersTwoAndFour) {
  EXPECT_NEAR(std::log2(bratu_error(ThreePoint<2>{}, 33) / bratu_error(ThreePoint<2>{}, 65)), 2, 0.15);
  EXPECT_NEAR(std::log2(bratu_error(ThreePoint<4>{}, 17) / bratu_error(ThreePoint<4>{}, 33)), 4, 0.15);
  EXPECT_LT(bratu_error(ThreePoint<4>{}, 129), 1e-9);
}

/// Two coupled equations with kappa = (1 + x / 2, exp(-x)) and the solution (sin 3x, cos 2x), non-linear in both.
struct Coupled {
  static constexpr int size = 2;
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(double x, const Vector<T, 2>& u) const {
    const double s = std::sin(3 * x), c = std::cos(2 * x);
    const double first = -(1.5 * std::cos(3 * x) - 9 * (1 + x / 2) * s);  // -(kappa_1 u_1')'
    const double second = -std::exp(-x) * (2 * std::sin(2 * x) - 4 * c);  // -(kappa_2 u_2')'
    return {first + u[1] * u[1] * u[1] - c * c * c - u[0] + s, second + u[0] * u[1] - s * c - 2.0 * u[1] + 2 * c};
  }
};
struct Coefficients {
  Vector<double, 2> operator()(double x) const { return {1 + x / 2, std::exp(-x)}; }
};

template <int order>
double coupled_error(Index points) {
  // At 0 the outward derivative is -u'.
  const EllipticProblem problem{Coupled{},
                                0.0,
                                1.0,
                                Robin{2.0, 1.0, Vector<double, 2>{-3.0, 2.0}},
                                Neumann{Vector<double, 2>{3 * std::cos(3.0), -2 * std::sin(2.0)}},
                                Coefficients{}};
  const auto solution = solve(problem, ThreePoint<order>{}, points, precise);
  EXPECT_EQ(solution.status, Status::converged);
  double error = 0;
  for (std::size_t i = 0; i < solution.x().size(); ++i) {
    const double x = solution.x()[i];
    error = std::max({error, std::abs(solution.u()[i][0] - std::sin(3 * x)), std::abs(solution.u()[i][1] - std::cos(2 * x))});
  }
  return error;
}

TEST(EllipticProblem, HasItsOrderForSystemsVariableCoefficientsAndDerivativesOnTheSides) {
  EXPECT_NEAR(std::log2(coupled_error<2>(65) / coupled_error<2>(129)), 2, 0.15);
  EXPECT_NEAR(std::log2(coupled_error<4>(33) / coupled_error<4>(65)), 4, 0.15);
  EXPECT_NEAR(std::log2(coupled_error<4>(65) / coupled_error<4>(129)), 4, 0.15);
}

/// -(kappa u')' = f with u = exp(sin x) periodic, kappa = 2 + cos x.
struct Ring {
  template <class T>
  KOKKOS_FUNCTION T operator()(double x, const T& u) const {
    const double s = std::sin(x), c = std::cos(x), e = std::exp(s);
    return (s * c - (2 + c) * (c * c - s)) * e + e * e * e - u * u * u;
  }
};

TEST(EllipticProblem, HasOrderFourOnARing) {
  const EllipticProblem problem{Ring{},     0.0,        2 * std::numbers::pi,
                                Periodic{}, Periodic{}, [](double x) { return 2 + std::cos(x); }};
  double errors[2];
  for (const int refined : {0, 1}) {
    const auto solution = solve(
        problem, ThreePoint<4>{}, refined ? 128 : 64, [](double) { return 1.0; }, precise);
    EXPECT_EQ(solution.status, Status::converged);
    errors[refined] = 0;
    for (std::size_t i = 0; i < solution.x().size(); ++i)
      errors[refined] = std::max(errors[refined], std::abs(solution.u()[i][0] - std::exp(std::sin(solution.x()[i]))));
    EXPECT_NEAR(solution(-1.0)[0], std::exp(std::sin(-1.0)), 1e-3) << "between the points, a period away";
  }
  EXPECT_NEAR(std::log2(errors[0] / errors[1]), 4, 0.15);
}

TEST(EllipticProblem, DoesNotDependOnTheInverse) {
  const EllipticProblem problem{Bratu{3.0}, 0.0, 1.0, Dirichlet{0.0}, Dirichlet{0.0}};
  const auto reduction = solve(problem, ThreePoint<4>{}, 101, precise);
  const auto thomas = solve(problem, ThreePoint<4, BlockThomas>{}, 101, precise);
  ASSERT_EQ(thomas.status, Status::converged);
  for (std::size_t i = 0; i < 101; ++i) EXPECT_NEAR(reduction.u()[i][0], thomas.u()[i][0], 1e-11);  // cond(F') of 3.0
}

TEST(EllipticProblem, StartsFromAnotherSolutionAndInterpolates) {
  const EllipticProblem problem{Bratu{1.0}, 0.0, 1.0, Dirichlet{0.0}, Dirichlet{0.0}};
  const auto coarse = solve(problem, 41, precise);
  const auto fine = solve(problem, ThreePoint<4>{}, 1001, coarse, precise);
  ASSERT_EQ(fine.status, Status::converged);
  EXPECT_LE(fine.statistics.iterations, 3);
  EXPECT_NEAR(fine(0.33333)[0], bratu_solution(1.0, 0.33333), 1e-11);
  EXPECT_EQ(fine(0.0)[0], 0);
  EXPECT_THROW((void)fine(1.1), InvalidArgument);
}

TEST(EllipticProblem, SolvesInSinglePrecision) {
  const EllipticProblem problem{Bratu{1.0}, 0.0, 1.0, Dirichlet{0.0}, Dirichlet{0.0}};
  const auto solution = solve<float>(problem, 33, Options{.rtol = 1e-4, .atol = 1e-4});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution(0.5)[0], bratu_solution(1.0, 0.5), 1e-4);
}

TEST(EllipticProblem, SolvesOnThreePoints) {
  const EllipticProblem problem{Bratu{0.0, 2.0}, 0.0, 1.0, Dirichlet{0.0}, Neumann{0.0}};  // u = 2 x - x^2
  const auto solution = solve(problem, 3, precise);
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.u()[1][0], 0.75, 1e-14);
  EXPECT_NEAR(solution.u()[2][0], 1, 1e-14);
}

TEST(EllipticProblem, NeverCallsBratuBeyondTheFoldConverged) {
  for (const double lambda : {3.52, 4.0, 6.0, 50.0})
    for (const Index points : {11, 101, 1001}) {
      const EllipticProblem problem{Bratu{lambda}, 0.0, 1.0, Dirichlet{0.0}, Dirichlet{0.0}};
      EXPECT_NE(solve(problem, points).status, Status::converged) << lambda;
    }
}

TEST(EllipticProblem, ReportsProblemsWithoutAUniqueSolution) {
  for (const double source : {0.0, 1.0}) {
    const EllipticProblem neumann{Bratu{0.0, source}, 0.0, 1.0, Neumann{0.0}, Neumann{0.0}};
    const EllipticProblem ring{Bratu{0.0, source}, 0.0, 1.0, Periodic{}, Periodic{}};
    for (const Index points : {3, 64, 1000}) {
      EXPECT_EQ(solve(neumann, points).status, Status::singular);
      EXPECT_EQ(solve(ring, points).status, Status::singular);
    }
  }
}

std::string complaint(const auto& problem, Index points) {
  try {
    (void)solve(problem, points);
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "";
}

TEST(EllipticProblem, RejectsBadInputWithTheRemedy) {
  const Bratu f{1.0};
  const Dirichlet zero{0.0};
  const auto says = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  EXPECT_TRUE(says(complaint(EllipticProblem{f, 0.0, 1.0, zero, zero}, 2), "at least 3 points"));
  EXPECT_TRUE(says(complaint(EllipticProblem{f, 1.0, 0.0, zero, zero}, 10), "a < b"));
  EXPECT_TRUE(says(complaint(EllipticProblem{f, 0.0, 1.0, zero, Robin{0.0, 0.0, 1.0}}, 10), "a and b must not both be zero"));
  EXPECT_TRUE(says(complaint(EllipticProblem{f, 0.0, 1.0, zero, Dirichlet{HUGE_VAL}}, 10), "finite"));
  const auto negative = [](double x) { return 0.5 - x; };
  EXPECT_TRUE(
      says(complaint(EllipticProblem{f, 0.0, 1.0, zero, zero, negative}, 10), "kappa must be positive and finite; at x = 0.5"));
  const EllipticProblem problem{f, 0.0, 1.0, zero, zero};
  EXPECT_THROW((void)solve(problem, ThreePoint<4>{}, 10, [](double) { return std::nan(""); }), InvalidArgument);
  EXPECT_THROW((void)solve(problem, 1000, Options{.memory_cap = 1000}), InvalidArgument);
}

}  // namespace
