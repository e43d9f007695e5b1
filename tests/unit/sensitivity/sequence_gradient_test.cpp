// SPDX-License-Identifier: BSD-3-Clause
#include "antler/sensitivity/sequence_gradient.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "antler/problem/check_products.hpp"
#include "antler/solve/difference_equation.hpp"
#include "cells.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

const Options tight{.rtol = 1e-13, .atol = 1e-15};
constexpr int n = 3;
using Cell = TanhCell<double, n>;
using State = Vector<double, n>;
using Input = Vector<double, 2>;

template <class F = Cell>
DifferenceEquation<F, double, n, 1, Input> equation_of(std::size_t steps, unsigned seed = 1, double gain = 0.6) {
  Random random(seed);
  F cell;
  cell.theta = random.vector<double, Cell::parameter_count>(gain);
  return {cell, random.vector<double, n>(), random.vectors<double, 2>(steps)};
}

/// Calls visit(unit direction, entry of the gradient) for each of y_0 and theta, and for the inputs of some steps.
template <class Equation, class Gradient, class Visit>
void for_each_entry(const Equation& equation, const Gradient& gradient, const Visit& visit) {
  auto unit = no_variation(equation);
  for (int c = 0; c < n; ++c) {
    unit.history[0][c] = 1;
    visit(unit, gradient.history[0][c]);
    unit.history[0][c] = 0;
  }
  for (std::size_t k = 0; k < unit.parameters.size(); ++k) {
    unit.parameters[k] = 1;
    visit(unit, gradient.parameters[k]);
    unit.parameters[k] = 0;
  }
  for (std::size_t i = 0; i < unit.inputs.size(); i += 1 + unit.inputs.size() / 5)
    for (int c = 0; c < 2; ++c) {
      unit.inputs[i][c] = 1;
      visit(unit, gradient.inputs[i][c]);
      unit.inputs[i][c] = 0;
    }
}

template <class F, class Method>
void expect_exact(std::size_t steps, const Method& method, const Options& options = tight) {
  const auto equation = equation_of<F>(steps);
  const auto loss = Random(7).vectors<double, n>(steps);
  const auto solution = walked(equation);
  const auto found = gradient(equation, method, solution, loss, options);
  ASSERT_EQ(found.status, Status::converged);
  ASSERT_EQ(found.inputs.size(), steps);
  ASSERT_EQ(found.parameters.size(), static_cast<std::size_t>(Cell::parameter_count));
  for_each_entry(equation, found, [&](const auto& unit, double value) {
    const double expected = directional(equation, unit, loss);
    EXPECT_NEAR(value, expected, 1e-12 * (1 + std::abs(expected))) << steps << " steps";
  });
}

TEST(SequenceGradient, AgreesWithDualNumbersThroughThePlainLoop) {
  for (const std::size_t steps : {0, 1, 2, 7, 8, 9, 15, 16, 17, 100}) expect_exact<Cell>(steps, Adjoint<>{});
  expect_exact<Cell>(1000, Adjoint{ScanInverse{.workers = 3}});
}

TEST(SequenceGradient, TakesTheProductsOfTheCell) {
  for (const std::size_t steps : {0, 1, 9, 100, 300}) {
    expect_exact<HandWrittenCell<double, n>>(steps, Adjoint<>{});
    expect_exact<HandWrittenCell<double, n>>(steps, Adjoint{SequentialInverse{}});  // backpropagation
    expect_exact<HandWrittenCell<double, n>>(steps, Adjoint{SequentialInverse{}, 7});
  }
}

TEST(SequenceGradient, GoesBackwardsInWindows) {
  for (const Index window : {1, 2, 7, 8, 64, 99, 100, 1000}) expect_exact<Cell>(100, Adjoint{SequentialInverse{}, window});
}

TEST(SequenceGradient, StaysBelowTheMemoryCap) {
  const auto equation = equation_of(5000);
  const auto solution = walked(equation);
  const auto loss = Random(7).vectors<double, n>(5000);
  Options capped = tight;
  const auto whole = gradient(equation, Adjoint{SequentialInverse{}}, solution, loss, capped);
  capped.memory_cap = whole.statistics.peak_bytes - 5000 * 8 * 12;
  const auto found = gradient(equation, Adjoint{SequentialInverse{}}, solution, loss, capped);
  ASSERT_EQ(found.status, Status::converged);
  EXPECT_EQ(whole.statistics.windows, 1);
  EXPECT_GT(found.statistics.windows, 1);
  EXPECT_LE(found.statistics.peak_bytes, capped.memory_cap);
  for (std::size_t k = 0; k < found.parameters.size(); ++k)
    EXPECT_NEAR(found.parameters[k], whole.parameters[k], 1e-12 * (1 + std::abs(whole.parameters[k])));
  capped.memory_cap = 1000;
  EXPECT_THROW((void)gradient(equation, solution, loss, capped), InvalidArgument);
}

/// Whatever iteration found the trajectory, and from whatever guess.
TEST(SequenceGradient, DoesNotDependOnHowTheTrajectoryWasFound) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const auto equation = equation_of(60, seed, 0.3 + 0.06 * seed);
    const auto loss = Random(seed).vectors<double, n>(60), guess = Random(seed + 100).vectors<double, n>(60);
    const Solution<double, n> found[] = {solve(equation, Newton<SequentialInverse>{}, tight),
                                         solve(equation, Newton{ScanInverse{3}}, tight),
                                         solve(equation, Newton{ScanInverse{2}}, guess, tight)};
    auto direction = no_variation(equation);
    Random random(seed + 200);
    direction.history[0] = random.vector<double, n>();
    for (auto& x : direction.inputs) x = random.vector<double, 2>();
    for (double& p : direction.parameters) p = random();
    const double expected = directional(equation, direction, loss);
    for (const auto& solution : found) {
      ASSERT_EQ(solution.status, Status::converged);
      const auto by = gradient(equation, solution, loss, tight);
      ASSERT_EQ(by.status, Status::converged);
      EXPECT_NEAR((inner<double, n, 1, Input>(by, direction)), expected, 1e-10 * (1 + std::abs(expected))) << "cell " << seed;
    }
  }
}

TEST(SequenceGradient, TakesTheDerivativeOfTheLastStateAlone) {
  const auto equation = equation_of(50);
  const auto solution = solve(equation, tight);
  std::vector<State> loss(50, State{0.0, 0.0, 0.0});
  loss.back() = State{1.0, -2.0, 0.5};
  const auto all = gradient(equation, solution, loss), last = gradient(equation, solution, loss.back());
  EXPECT_EQ(all.initial(), last.initial());
  EXPECT_EQ(all.parameters, last.parameters);
  EXPECT_EQ(all.inputs, last.inputs);
  const auto none = equation_of(0);
  EXPECT_EQ(gradient(none, solve(none, tight), loss.back()).initial(), loss.back()) << "y_N is y_0";
}

TEST(SequenceGradient, HasTheSameBitsEveryTime) {
  const auto equation = equation_of(5000);
  const auto solution = walked(equation);
  const auto loss = Random(7).vectors<double, n>(5000);
  const auto first = gradient(equation, Adjoint{ScanInverse{.workers = 3}}, solution, loss);
  for (int again = 0; again < 5; ++again) {
    const auto next = gradient(equation, Adjoint{ScanInverse{.workers = 3}}, solution, loss);
    EXPECT_EQ(first.parameters, next.parameters);
    EXPECT_EQ(first.inputs, next.inputs);
  }
}

struct WrongCell : HandWrittenCell<double, n> {
  template <class U, class X, class XBar, class ThetaBar>
  KOKKOS_FUNCTION void pullback(const Vector<U, n>& y, const X& x, const Vector<U, n>& lambda, Vector<U, n>& y_bar, XBar& x_bar,
                                const ThetaBar& theta_bar) const {
    HandWrittenCell<double, n>::pullback(y, x, lambda, y_bar, x_bar, theta_bar);
    theta_bar(4) += 1e-3 * lambda[1];
  }
};

TEST(PullbackError, FindsAProductThatDisagreesWithTheCell) {
  const State y{0.3, -0.2, 0.1};
  const Input x{0.5, 1.0};
  EXPECT_LE(product_error(equation_of<HandWrittenCell<double, n>>(0).f, y, x), 1e-15);
  EXPECT_GE(product_error(equation_of<WrongCell>(0).f, y, x), 1e-4);
}

TEST(SequenceGradient, BackpropagatesToTheSameStatusAndRejectsTheSame) {
  const auto equation = equation_of<HandWrittenCell<double, n>>(50);
  const auto solution = walked(equation);
  const State last{1.0, 0.0, 0.0};
  EXPECT_THROW((void)gradient(equation_of<HandWrittenCell<double, n>>(50, 2), Adjoint{SequentialInverse{}}, solution, last),
               InvalidArgument);
  const std::vector<State> huge(50, State{1e308, 1e308, 1e308});
  EXPECT_EQ(gradient(equation, Adjoint{SequentialInverse{}}, solution, huge).status, Status::diverged);
  EXPECT_EQ(gradient(equation, Adjoint<>{}, solution, huge).status, Status::diverged);
  Options capped;
  capped.memory_cap = 50 * sizeof(Input) + 50 * 8;  // the gradient itself and next to nothing
  EXPECT_EQ(gradient(equation, Adjoint{SequentialInverse{}}, solution, last, capped).status, Status::converged);
  EXPECT_THROW((void)gradient(equation, Adjoint<>{}, solution, last, capped), InvalidArgument);
}

TEST(SequenceGradient, RejectsWhatDoesNotBelongToTheEquation) {
  const auto equation = equation_of(50), longer = equation_of(51), other = equation_of(50, 2);
  const auto solution = solve(equation, tight);
  const std::vector<State> loss(50, State{1.0, 0.0, 0.0}), short_one(49, State{1.0, 0.0, 0.0});
  EXPECT_THROW((void)gradient(longer, solution, loss.back()), InvalidArgument) << "other extents";
  EXPECT_THROW((void)gradient(other, solution, loss), InvalidArgument) << "another cell's trajectory";
  EXPECT_THROW((void)gradient(equation, solution, short_one), InvalidArgument);
  auto nan = loss;
  nan[20][1] = std::nan("");
  EXPECT_THROW((void)gradient(equation, solution, nan), InvalidArgument);
  EXPECT_THROW((void)gradient(equation, solution, nan[20]), InvalidArgument);
  auto failed = solution;
  failed.status = Status::maximum_iterations;
  try {
    (void)gradient(equation, failed, loss);
    ADD_FAILURE() << "a solution that has not converged was differentiated";
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("has not converged"), std::string::npos) << error.what();
  }
  EXPECT_THROW((void)gradient(equation, Adjoint<>{.window = -1}, solution, loss), InvalidArgument);
}

}  // namespace
