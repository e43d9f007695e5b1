// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "sequence_cells.hpp"

/// Recurrences that have no answer, or are not what they should be.

using namespace antler;
using namespace antler::tests;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// y_i = 2 y_{i-1} + table[x_i].
struct Doubling {
  double table[2];
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(const Vector<T, 1>& y, int x) const {
    return {2.0 * y[0] + table[x]};
  }
};

TEST(SequenceFailure, EndsARecurrenceWhereItHappens) {
  const auto expect_end = [](const auto& method, double fault, std::size_t at) {
    std::vector<int> inputs(20, 0);
    inputs[at] = 1;
    const auto solution = solve(DifferenceEquation{Doubling{{0, fault}}, Vector<double, 1>{1.0}, inputs}, method);
    ASSERT_EQ(solution.status, Status::non_finite);
    EXPECT_EQ(solution.statistics.first_failure, static_cast<Index>(at) + 1) << "y_i is the first state that f did not yield";
    for (std::size_t i = 0; i <= at; ++i) EXPECT_NEAR(solution.states()[i][0], std::exp2(i), 1e-12 * std::exp2(i));
  };
  for (const double fault : {nan, HUGE_VAL})
    for (const std::size_t at : {0, 1, 9, 19}) {
      expect_end(Newton{}, fault, at);
      expect_end(Automatic{.shortest_window = 2}, fault, at);
      expect_end(Sequential{}, fault, at);
    }
}

TEST(SequenceFailure, OverflowOfARecurrenceIsNotConvergence) {
  const DifferenceEquation equation{Doubling{}, Vector<double, 1>{1.0}, std::vector<int>(2000, 0)};
  for (const auto& solution : {solve(equation), solve(equation, Newton{}), solve(equation, Sequential{})}) {
    EXPECT_EQ(solution.status, Status::non_finite);
    EXPECT_EQ(solution.statistics.first_failure, 1024) << "2^1024 is none";
    for (std::size_t i = 0; i < 1024; ++i) ASSERT_EQ(solution.states()[i][0], std::exp2(i)) << "the part before is kept";
  }
}

struct Exploding {
  template <class U, class V>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, const V& x) const {
    return {10.0 * y[0] + x};
  }
};

struct Adding {
  template <class U, class V>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, const V& x) const {
    if constexpr (requires { x[0]; }) {
      return {y[0] + x[0]};
    } else {
      return {y[0] + x};
    }
  }
};

TEST(SequenceFailure, InputsAreNamedByTheirIndex) {
  const auto complaint = [](const auto& inputs) -> std::string {
    try {
      (void)solve(DifferenceEquation{Adding{}, Vector<double, 1>{1.0}, inputs});
    } catch (const InvalidArgument& error) {
      return error.what();
    }
    return "none";
  };
  for (const double fault : {nan, HUGE_VAL, -HUGE_VAL}) {
    std::vector<double> numbers(100, 1.0);
    numbers[37] = fault;
    EXPECT_NE(complaint(numbers).find("input 37 of the recurrence (of step 38) is not finite"), std::string::npos);
    std::vector<Vector<double, 2>> vectors(10, Vector<double, 2>{1.0, 2.0});
    vectors[4][1] = fault;
    EXPECT_NE(complaint(vectors).find("input 4 of the recurrence"), std::string::npos);
  }
}

TEST(SequenceFailure, AnExplodingCellEndsWithTheStatesBeforeItsOverflow) {
  for (const std::size_t steps : {400u, 2000u}) {
    const DifferenceEquation cell{Exploding{}, Vector<double, 1>{1.0}, std::vector<double>(steps, 0.0)};
    for (const auto& solution : {solve(cell), solve(cell, QuasiNewton{}), solve(cell, Newton{})}) {
      EXPECT_EQ(solution.status, Status::non_finite);
      EXPECT_EQ(solution.statistics.first_failure, 309) << "10^309 is none";
      EXPECT_NEAR(solution.states()[308][0] / 1e308, 1, 1e-12);
      EXPECT_NEAR(solution.statistics.lyapunov_exponent, std::log(10.0), 1e-6);
    }
  }
}

TEST(SequenceFailure, AGainOfTenIsSolvedAllTheSame) {
  for (const auto& equation : {random_cell<double, 2>(11, 3000, 10), random_cell<double, 2>(12, 3000, 10)}) {
    const auto solution = solve(equation);
    EXPECT_EQ(solution.status, Status::converged);
    EXPECT_LE((largest_defect<double, 2>(equation, solution.states())), 1e-13);
  }
}

TEST(SequenceFailure, NaNOutOfTheCellIsNotConvergence) {
  auto equation = random_cell<double, 2>(1, 100, 0.5);
  equation.f.w(0, 1) = nan;
  const auto solution = solve(equation);
  EXPECT_EQ(solution.status, Status::non_finite);
  EXPECT_EQ(solution.statistics.first_failure, 1);
  EXPECT_TRUE(std::isnan(solution.statistics.lyapunov_exponent)) << "of no steps";
}

}  // namespace
