// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "antler/solve/difference_equation.hpp"
#include "antler/solve/exponential.hpp"

/// No NaN and no infinity is ever reported as converged, wherever it comes from.

using namespace antler;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// y' = -y, and `fault` from time `when` on, or at that time only.
struct Faulty {
  double when, fault;
  bool once = false;

  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(T t, const Vector<T, 2>& y) const {
    const auto broken = once ? (t == T(when)) : (t >= T(when));
    return {-1.0 * y[0], select(broken, T(fault), -1.0 * y[1])};
  }
};

InitialValueProblem<Faulty, double, 2> decay(const Faulty& f) { return {f, 0.0, 1.0, Vector<double, 2>{1, 1}}; }

TEST(NonFinite, IsReportedWhenItComesFromTheFirstPoint) {
  for (const double fault : {nan, HUGE_VAL, -HUGE_VAL}) {
    const auto solution = solve(decay({0.0, fault}), Exponential{}, Mesh::uniform(0, 1, 64));
    EXPECT_EQ(solution.status, Status::non_finite);
    EXPECT_EQ(solution.statistics.first_failure, 0);
    EXPECT_EQ(solution.states()[0], (Vector<double, 2>{1, 1}));
  }
}

TEST(NonFinite, KeepsWhatCameBeforeAndNamesThePoint) {
  for (const double fault : {nan, HUGE_VAL, -HUGE_VAL}) {
    const auto solution = solve(decay({0.5, fault}), Exponential{}, Mesh::uniform(0, 1, 64));
    ASSERT_EQ(solution.status, Status::non_finite);
    EXPECT_EQ(solution.statistics.first_failure, 32);
    for (std::size_t i = 0; i < 32; ++i) EXPECT_NEAR(solution.states()[i][1], std::exp(-solution.times()[i]), 1e-8);
    for (const auto& y : solution.states())
      for (const double x : y) EXPECT_TRUE(std::isfinite(x));
  }
}

TEST(NonFinite, IsReportedWhenItIsInOneLaneOnly) {
  for (int point = 0; point <= 20; ++point) {
    const double h = 1.0 / 16;  // exact: the fault hits one point
    const InitialValueProblem problem{Faulty{point * h, nan, true}, 0.0, 20 * h, Vector<double, 2>{1, 1}};
    const auto solution = solve(problem, Exponential{}, Mesh::uniform(0, 20 * h, 20));
    EXPECT_EQ(solution.status, Status::non_finite) << "point " << point;
    EXPECT_EQ(solution.statistics.first_failure, point);
  }
}

/// y' = sqrt(y): finite at y = 0, its derivative is not.
struct Root {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T, const Vector<T, 1>& y) const {
    return {sqrt(y[0])};
  }
};

TEST(NonFinite, IsReportedWhenItIsInTheJacobianOnly) {
  const auto solution =
      solve(InitialValueProblem{Root{}, 0.0, 1.0, Vector<double, 1>{0.0}}, Exponential{}, Mesh::uniform(0, 1, 10));
  EXPECT_EQ(solution.status, Status::non_finite);
  EXPECT_EQ(solution.statistics.first_failure, 0);
}

/// A hand-written Jacobian with a NaN in an entry that no finite component of the solution feels.
struct HiddenJacobian {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(T, const Vector<T, 2>& y) const {
    return {-1.0 * y[0], T(0.0)};
  }
  template <class T>
  KOKKOS_FUNCTION Matrix<T, 2> jacobian(T, const Vector<T, 2>&) const {
    return {{{T(-1.0), T(0.0)}, {T(0.0), T(nan)}}};
  }
};

TEST(NonFinite, IsReportedWhereToleranceComparisonsWouldSkipIt) {
  // The second component is zero with update zero: |d| <= tol would hold, and NaN <= tol is false only if it is asked that way
  // round.
  const auto solution = solve(InitialValueProblem{HiddenJacobian{}, 0.0, 1.0, Vector<double, 2>{1, 0}}, Exponential{},
                              Mesh::uniform(0, 1, 10), Options{.atol = {1e-9, 1e30}});
  EXPECT_EQ(solution.status, Status::non_finite);
}

/// The guess leaves the region where f is defined, the solution does not: y' = log(y) (2 - y) - y + 2 has the solution y = 2.
struct Logarithm {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T, const Vector<T, 1>& y) const {
    return {log(y[0]) * (2.0 - y[0]) - y[0] + 2.0};
  }
};

TEST(NonFinite, IsRecoveredFromWhereShorterWindowsHelp) {
  const InitialValueProblem problem{Logarithm{}, 0.0, 10.0, Vector<double, 1>{0.5}};
  const auto solution = solve(problem, Exponential{}, Mesh::uniform(0, 10, 400));
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], 2, 1e-4);
  EXPECT_EQ(solution.statistics.first_failure, -1) << "a failure that was recovered from is none";
}

/// y' = y^2: overflows in finite time, with finite f on the way.
struct BlowUp {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T, const Vector<T, 1>& y) const {
    return {y[0] * y[0]};
  }
};

TEST(NonFinite, OverflowIsNotConvergence) {
  const auto solution =
      solve(InitialValueProblem{BlowUp{}, 0.0, 2.0, Vector<double, 1>{1.0}}, Exponential{}, Mesh::uniform(0, 2, 200));
  EXPECT_NE(solution.status, Status::converged);
  for (const auto& y : solution.states()) EXPECT_TRUE(std::isfinite(y[0]));
  for (std::size_t i = 0; i < 80; ++i)
    EXPECT_NEAR(solution.states()[i][0], 1 / (1 - solution.times()[i]), 0.1) << "the part before is kept";
}

/// y' = 1e300 y: exp overflows in one step.
struct Explosion {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T, const Vector<T, 1>& y) const {
    return {1e300 * y[0]};
  }
};

TEST(NonFinite, AnExponentialThatOverflowsIsDivergence) {
  const auto solution =
      solve(InitialValueProblem{Explosion{}, 0.0, 1.0, Vector<double, 1>{1.0}}, Exponential{}, Mesh::uniform(0, 1, 10));
  EXPECT_EQ(solution.status, Status::diverged);
  for (const auto& y : solution.states()) EXPECT_TRUE(std::isfinite(y[0]));
}

}  // namespace
