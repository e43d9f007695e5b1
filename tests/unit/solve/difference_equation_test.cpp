// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/difference_equation.hpp"

#include <gtest/gtest.h>

#include <cmath>

using namespace antler;

namespace {

const Options tight{.rtol = 1e-13, .atol = 1e-15};

struct Logistic {
  double r;
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(const Vector<T, 1>& y) const {
    return {r * y[0] * (1.0 - y[0])};
  }
};

Solution<double, 1> logistic(double r, double y0, long long steps, const Options& options = tight) {
  return solve(DifferenceEquation{Logistic{r}, Vector<double, 1>{y0}, Steps{steps}}, options);
}

TEST(DifferenceEquation, IteratesTheLogisticMap) {
  for (const double r : {2.0, 2.8, 3.2, 3.5}) {  // fixed points, then cycles of two and of four
    const auto solution = logistic(r, 0.2, 500);
    ASSERT_EQ(solution.status, Status::converged) << r;
    ASSERT_EQ(solution.states().size(), 501u);
    double y = 0.2;
    for (std::size_t i = 0; i <= 500; ++i, y = r * y * (1 - y))
      EXPECT_NEAR(solution.states()[i][0], y, 1e-11) << "r = " << r << ", step " << i;
  }
}

TEST(DifferenceEquation, IteratesAChaoticMapWithoutAnErrorOfItsOwn) {
  const auto solution = logistic(3.9, 0.2, 300);
  ASSERT_EQ(solution.status, Status::converged);
  double y = 0.2;
  for (std::size_t i = 0; i <= 40; ++i, y = 3.9 * y * (1 - y))  // rounding grows like 2^i here and in any other order of evaluation
    EXPECT_NEAR(solution.states()[i][0], y, 1e-14 * std::exp2(i) + 1e-14);
  for (std::size_t i = 1; i <= 300; ++i) {  // so that the whole is judged by its residual
    const double before = solution.states()[i - 1][0];
    EXPECT_NEAR(solution.states()[i][0], 3.9 * before * (1 - before), 1e-14) << "step " << i;
  }
}

TEST(DifferenceEquation, MatchesTheClosedFormsOfTheLogisticMap) {
  const auto two = logistic(2, 0.1, 30);  // y_i = (1 - (1 - 2 y_0)^(2^i)) / 2
  for (std::size_t i = 0; i <= 30; ++i) EXPECT_NEAR(two.states()[i][0], (1 - std::pow(0.8, std::exp2(i))) / 2, 1e-14);
  const auto four = logistic(4, 0.3, 20);  // y_i = sin^2(2^i asin sqrt y_0)
  ASSERT_EQ(four.status, Status::converged);
  for (std::size_t i = 0; i <= 20; ++i)
    EXPECT_NEAR(four.states()[i][0], std::pow(std::sin(std::exp2(i) * std::asin(std::sqrt(0.3))), 2), 1e-15 * std::exp2(i + 2));
}

struct BevertonHolt {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(const Vector<T, 1>& y) const {
    return {1.5 * y[0] / (1.0 + y[0] / 20.0)};  // K = (R - 1) M = 10
  }
};

TEST(DifferenceEquation, MatchesTheClosedFormOfBevertonAndHolt) {
  const auto solution = solve(DifferenceEquation{BevertonHolt{}, Vector<double, 1>{0.01}, Steps{100}}, tight);
  ASSERT_EQ(solution.status, Status::converged);
  for (std::size_t i = 0; i <= 100; ++i) {
    const double exact = 10 / (1 + (10 / 0.01 - 1) * std::pow(1.5, -static_cast<double>(i)));
    EXPECT_NEAR(solution.states()[i][0], exact, 1e-12 * exact);
  }
}

struct Fibonacci {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(const Vector<T, 1>& y1, const Vector<T, 1>& y2) const {
    return {y1[0] + y2[0]};
  }
};

TEST(DifferenceEquation, SolvesALinearRecurrenceOfTwoLags) {
  const std::array<Vector<double, 1>, 2> history{Vector<double, 1>{1.0}, Vector<double, 1>{0.0}};  // F_1, F_0
  for (const auto& solution :
       {solve(DifferenceEquation{Fibonacci{}, history, Steps{60}}, tight),
        solve(DifferenceEquation{Fibonacci{}, history, Steps{60}}, Newton<ScanInverse>{{.workers = 3}}, tight)}) {
    ASSERT_EQ(solution.status, Status::converged);
    for (std::size_t i = 0; i <= 60; ++i) {
      const double golden = (1 + std::sqrt(5.0)) / 2,
                   exact = std::round(std::pow(golden, static_cast<double>(i + 1)) / std::sqrt(5.0));
      EXPECT_NEAR(solution.states()[i][0], exact, 1e-14 * exact);
    }
  }
}

/// y_i = -y_{i-1} y_{i-2} / 2 + sin(y_{i-1}) + 1, nonlinear in both.
struct TwoLags {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(const Vector<T, 1>& y1, const Vector<T, 1>& y2) const {
    return {-0.5 * y1[0] * y2[0] + sin(y1[0]) + 1.0};
  }
};

TEST(DifferenceEquation, SolvesANonlinearRecurrenceOfTwoLags) {
  const std::array<Vector<double, 1>, 2> history{Vector<double, 1>{0.4}, Vector<double, 1>{-0.3}};
  const DifferenceEquation problem{TwoLags{}, history, Steps{200}};
  for (const auto& solution : {solve(problem, tight), solve(problem, Newton<ScanInverse>{{.workers = 2}}, tight)}) {
    ASSERT_EQ(solution.status, Status::converged);
    double y1 = 0.4, y2 = -0.3;
    for (std::size_t i = 1; i <= 200; ++i) {
      y2 = std::exchange(y1, -0.5 * y1 * y2 + std::sin(y1) + 1);
      if (i <= 20) {
        EXPECT_NEAR(solution.states()[i][0], y1, 1e-11) << i;
      }
    }
    for (std::size_t i = 2; i <= 200; ++i) {
      const double a = solution.states()[i - 1][0], b = solution.states()[i - 2][0];
      EXPECT_NEAR(solution.states()[i][0], -0.5 * a * b + std::sin(a) + 1, 1e-13) << i;
    }
  }
}

struct Henon {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(const Vector<T, 2>& y) const {
    return {1.0 - 1.4 * y[0] * y[0] + y[1], 0.3 * y[0]};
  }
};

TEST(DifferenceEquation, IteratesHenonsMap) {
  const auto solution = solve(DifferenceEquation{Henon{}, Vector<double, 2>{0.1, 0.1}, Steps{200}}, tight);
  ASSERT_EQ(solution.status, Status::converged);
  Vector<double, 2> y{0.1, 0.1};
  for (std::size_t i = 0; i <= 30; ++i, y = Henon{}(y)) EXPECT_NEAR(solution.states()[i][0], y[0], 1e-10) << i;
  for (std::size_t i = 1; i <= 200; ++i) {
    const auto expected = Henon{}(solution.states()[i - 1]);
    for (int c = 0; c < 2; ++c) EXPECT_NEAR(solution.states()[i][c], expected[c], 1e-13) << i;
  }
}

/// A leaky filter, y_i = y_{i-1} / 2 + x_i: y_i = sum_k x_{i-k} / 2^k.
struct Filter {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(const Vector<T, 1>& y, double x) const {
    return {0.5 * y[0] + x};
  }
};

TEST(DifferenceEquation, ReadsItsInputsInOrder) {
  std::vector<double> x(100);
  for (std::size_t i = 0; i < 100; ++i) x[i] = std::sin(static_cast<double>(i * i));
  const auto solution = solve(DifferenceEquation{Filter{}, Vector<double, 1>{3.0}, x}, tight);
  ASSERT_EQ(solution.status, Status::converged);
  double y = 3;
  for (std::size_t i = 1; i <= 100; ++i) EXPECT_NEAR(solution.states()[i][0], y = 0.5 * y + x[i - 1], 1e-14);
}

/// A recurrence with vector inputs and several windows: the chaotic map needs them, the input tells them apart.
struct Driven {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(const Vector<T, 1>& y, const Vector<double, 2>& x) const {
    return {(3.9 + 0.01 * x[0]) * y[0] * (1.0 - y[0]) + 1e-3 * x[1]};
  }
};

TEST(DifferenceEquation, KeepsInputsAndStepsTogetherAcrossWindows) {
  std::vector<Vector<double, 2>> x;
  for (int i = 0; i < 200; ++i) x.push_back({std::cos(i), std::pow(std::sin(i), 2)});
  const auto solution = solve(DifferenceEquation{Driven{}, Vector<double, 1>{0.2}, x}, Newton{}, tight);
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_GT(solution.statistics.windows, 1) << "too easy to test windows";
  for (std::size_t i = 1; i <= 200; ++i)
    EXPECT_NEAR(solution.states()[i][0], Driven{}(solution.states()[i - 1], x[i - 1])[0], 1e-14);
}

TEST(DifferenceEquation, KeepsTheHistoryOfSeveralLagsAcrossWindows) {
  const std::array<Vector<double, 1>, 2> history{Vector<double, 1>{0.4}, Vector<double, 1>{-0.3}};
  const auto solution = solve(DifferenceEquation{TwoLags{}, history, Steps{50}}, Newton{}, Options{.maximum_iterations = 5});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_GT(solution.statistics.windows, 1) << "too easy to test windows";
  const auto& y = solution.states();
  EXPECT_NEAR(y[1][0], -0.5 * 0.4 * -0.3 + std::sin(0.4) + 1, 1e-14);
  for (std::size_t i = 2; i <= 50; ++i) EXPECT_NEAR(y[i][0], TwoLags{}(y[i - 1], y[i - 2])[0], 1e-13) << i;
}

TEST(DifferenceEquation, HasNoStepsOrOne) {
  const auto none = logistic(3.9, 0.2, 0);
  EXPECT_EQ(none.status, Status::converged);
  ASSERT_EQ(none.states().size(), 1u);
  EXPECT_EQ(none.final_state()[0], 0.2);
  const auto one = logistic(3.9, 0.2, 1);
  EXPECT_EQ(one.status, Status::converged);
  EXPECT_DOUBLE_EQ(one.final_state()[0], 3.9 * 0.2 * 0.8);
  EXPECT_EQ(solve(DifferenceEquation{Filter{}, Vector<double, 1>{3.0}, std::vector<double>{}}).final_state()[0], 3.0);
}

TEST(DifferenceEquation, NumbersItsStates) {
  const auto solution = logistic(2, 0.2, 5);
  for (std::size_t i = 0; i <= 5; ++i) EXPECT_EQ(solution.times()[i], static_cast<double>(i));
}

TEST(DifferenceEquation, WorksInFloat) {
  const auto solution =
      solve(DifferenceEquation{BevertonHolt{}, Vector<float, 1>{0.01f}, Steps{50}}, Options{.rtol = 1e-5, .atol = 1e-6});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], 10, 1e-3);
}

TEST(DifferenceEquation, StartsWarmFromATrajectory) {
  const DifferenceEquation equation{Logistic{2.8}, Vector<double, 1>{0.2}, Steps{200}};
  const auto cold = solve(equation, Newton{}, tight);
  std::vector<Vector<double, 1>> guess(cold.states().begin() + 1, cold.states().end());
  for (auto& y : guess) y[0] *= 1.001;
  const auto warm = solve(equation, Newton{}, guess, tight);
  ASSERT_EQ(warm.status, Status::converged);
  EXPECT_LT(warm.statistics.iterations, cold.statistics.iterations);
}

struct Sum {
  template <class T>
  antler::Vector<T, 1> operator()(const antler::Vector<T, 1>& y, double x) const {
    return {y[0] + x};
  }
};

TEST(DifferenceEquation, RejectsInputsThatWereCutAfterwards) {
  antler::DifferenceEquation d{Sum{}, antler::Vector<double, 1>{0}, std::vector<double>(10, 1.0)};
  d.inputs.resize(5);
  EXPECT_THROW((void)antler::solve(d), antler::InvalidArgument);
}

}  // namespace
