// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "antler/sensitivity/sequence_gradient.hpp"
#include "antler/solve/difference_equation.hpp"
#include "cells.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

const Options tight{.rtol = 1e-13, .atol = 1e-15};

/// The gradient in a random direction against the plain loop.
template <class Equation, class T, int n>
void expect_exact(const Equation& equation, const Solution<T, n>& solution, double tolerance, const Options& options = tight) {
  const auto loss = Random(7).vectors<T, n>(static_cast<std::size_t>(equation.steps));
  const auto direction = random_direction(no_variation(equation), 11);
  const double expected = directional(equation, direction, loss);
  const auto by = gradient(equation, solution, loss, options);
  ASSERT_EQ(by.status, Status::converged);
  EXPECT_NEAR(inner(by, direction), expected, tolerance * (1 + std::abs(expected)));
}

TEST(SequenceGradient, ServesSeveralLags) {
  for (const std::size_t steps : {0, 1, 2, 3, 40}) {
    std::vector<double> inputs(steps);
    Random random(3);
    for (double& x : inputs) x = 0.1 * random();
    const DifferenceEquation equation{Delayed<double>{1.8}, std::array{Vector<double, 1>{0.3}, Vector<double, 1>{0.4}}, inputs};
    const auto solution = walked(equation);
    expect_exact(equation, solution, 1e-12);
    const std::vector<Vector<double, 1>> loss(steps, Vector<double, 1>{1.0});
    const auto whole = gradient(equation, solution, loss);
    for (const Index window : {1, 2, 7}) {
      const auto by = gradient(equation, Adjoint{ScanInverse{.workers = 2}, window}, solution, loss);
      for (std::size_t p = 0; p < 2; ++p) EXPECT_NEAR(by.history[p][0], whole.history[p][0], 1e-13);
    }
  }
}

// [gradient cell]
/// y_i = r y_{i-1} (1 - y_{i-1}), with its rate r as a parameter.
template <class P>
struct Logistic {
  P r;

  template <class U>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y) const {
    return {r * y[0] * (1.0 - y[0])};
  }

  static constexpr int parameter_count = 1;
  Vector<P, 1> parameters() const { return {r}; }
  template <class Q>
  Logistic<Q> with(const Vector<Q, 1>& theta) const {
    return {theta[0]};
  }
};
// [gradient cell]

/// One that branches on a component, and brings its Jacobian.
template <class P>
struct Bounded : Logistic<P> {
  static constexpr bool lanes = false;
  template <class Q>
  [[nodiscard]] Bounded<Q> with(const Vector<Q, 1>& theta) const {
    return {{theta[0]}};
  }
  template <class U>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y) const {
    if (y[0] > 1.0) return {U(0)};
    return Logistic<P>::operator()(y);
  }
  KOKKOS_FUNCTION Linearization<double, 1, 1> linearize(const Vector<double, 1>& y) const {
    return {(*this)(y), {Matrix<double, 1>{{{this->r * (1 - 2 * y[0])}}}}};
  }
};

TEST(SequenceGradient, ServesARecurrenceWithoutInputsOrLanes) {
  const DifferenceEquation equation{Bounded<double>{{2.9}}, Vector<double, 1>{0.3}, Steps{30}};
  expect_exact(equation, walked(equation), 1e-12);
}

/// Gradient descent on |y - observed|^2 / 2, from r = 2.5 to the 2.7 that made the observations.
TEST(SequenceGradient, FitsTheRateOfALogisticMap) {
  const Steps steps{200};
  const auto observed = solve(DifferenceEquation{Logistic<double>{2.7}, Vector<double, 1>{0.1}, steps});
  // [gradient]
  Logistic<double> cell{2.5};
  std::vector<Vector<double, 1>> loss(200);  // its derivatives with respect to y_1 .. y_N
  for (int epoch = 0; epoch < 30; ++epoch) {
    const DifferenceEquation equation{cell, Vector<double, 1>{0.1}, steps};
    const auto solution = solve(equation);
    if (solution.status != Status::converged) break;
    for (std::size_t i = 0; i < loss.size(); ++i) loss[i] = solution.states()[i + 1] - observed.states()[i + 1];
    const auto by = gradient(equation, solution, loss);
    if (by.status != Status::converged) break;
    cell.r -= 0.2 * by.parameters[0];
  }
  // [gradient]
  EXPECT_NEAR(cell.r, 2.7, 1e-6);
}

TEST(SequenceGradient, ServesSinglePrecision) {
  using Cell = TanhCell<float, 2>;
  Random random(5);
  const DifferenceEquation<Cell, float, 2, 1, Vector<float, 2>> equation{Cell{random.vector<float, Cell::parameter_count>(0.5)},
                                                                         random.vector<float, 2>(), random.vectors<float, 2>(300)};
  expect_exact(equation, walked(equation), 2e-5, Options{.rtol = 1e-5, .atol = 1e-7});
}

/// A table is looked up: the input is an index and has no derivative, the table is no parameter.
struct Table {
  template <class U>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, int row) const {
    return {0.5 * y[0] + (row == 0 ? 1.0 : -1.0)};
  }
};

TEST(SequenceGradient, LeavesOutWhatHasNoDerivative) {
  const DifferenceEquation equation{Table{}, Vector<double, 1>{1.0}, std::vector<int>{0, 1, 1, 0}};
  const auto by = gradient(equation, walked(equation), Vector<double, 1>{16.0});
  ASSERT_EQ(by.status, Status::converged);
  EXPECT_EQ(by.initial()[0], 1.0);
  EXPECT_TRUE(by.inputs.empty());
  EXPECT_TRUE(by.parameters.empty());
}

TEST(SequenceGradient, ReportsAJacobianThatIsNotFinite) {
  const DifferenceEquation equation{Steep{.doubles = false}, Vector<double, 1>{2.0},
                                    Steps{5}};  // 1, 1/2, 1/4, 0: a square root of zero
  const auto solution = walked(equation);
  const auto by = gradient(equation, solution, Vector<double, 1>{1.0});
  EXPECT_EQ(by.status, Status::non_finite);
  EXPECT_EQ(by.statistics.first_failure, 4);
  EXPECT_TRUE(std::isnan(by.initial()[0]));
}

TEST(SequenceGradient, ReportsADerivativeThatOverflows) {
  const DifferenceEquation equation{Steep{.doubles = true}, Vector<double, 1>{0.0}, Steps{1100}};
  const auto by = gradient(equation, walked(equation), Vector<double, 1>{1.0});
  EXPECT_EQ(by.status, Status::diverged);
  EXPECT_TRUE(std::isnan(by.initial()[0]));
}

}  // namespace
