// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "antler/sensitivity/initial_value_gradient.hpp"
#include "cells.hpp"
#include "initial_values.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

const Options tight{.rtol = 1e-13, .atol = 1e-15};
using State = Vector<double, 2>;

template <class F = Network<double>>
InitialValueProblem<F, double, 2> problem_of(unsigned seed = 1) {
  F network;
  network.theta = Random(seed).vector<double, 10>(1.2);
  return {network, 0.5, 2.5, State{0.7, -0.4}};
}

/// A mesh of very different steps.
Mesh uneven(std::size_t steps) {
  std::vector<double> points{0.5};
  for (std::size_t i = 1; i < steps; ++i)
    points.push_back(0.5 + 2.0 * std::pow(static_cast<double>(i) / static_cast<double>(steps), 1.5));
  points.push_back(2.5);
  return Mesh(points);
}

/// Every entry of the gradient of a solution against the method step by step in dual numbers.
template <class F, class Method>
void expect_exact(const InitialValueProblem<F, double, 2>& problem, const Method& method, const ButcherTableau& tableau,
                  const Solution<double, 2>& solution) {
  ASSERT_EQ(solution.status, Status::converged);
  const std::size_t steps = solution.states().size() - 1;
  const auto step = [&](const auto& f, double t, double h, const auto& y) { return plain_step<2>(tableau, f, t, h, y); };
  const auto loss = Random(3).vectors<double, 2>(steps);
  const auto by = gradient(problem, method, solution, loss, tight);
  ASSERT_EQ(by.status, Status::converged);
  ASSERT_EQ(by.parameters.size(), 10u);
  const std::vector<double> points(solution.times().begin(), solution.times().end()), still(10, 0.0);
  for (int c = 0; c < 2; ++c) {
    const State unit{c == 0 ? 1.0 : 0.0, c == 1 ? 1.0 : 0.0};
    const double expected = directional(problem, points, unit, still, loss, step);
    EXPECT_NEAR(by.initial[c], expected, 1e-10 * (1 + std::abs(expected)));
  }
  for (std::size_t k = 0; k < 10; ++k) {
    std::vector<double> unit = still;
    unit[k] = 1;
    const double expected = directional(problem, points, State{0.0, 0.0}, unit, loss, step);
    EXPECT_NEAR(by.parameters[k], expected, 1e-10 * (1 + std::abs(expected))) << "parameter " << k << ", " << steps << " steps";
  }
}

/// Solutions of the plain method, so that the test does not need every solver.
template <class Method>
void expect_exact(const ButcherTableau& tableau) {
  for (const std::size_t steps : {1, 2, 9, 20}) {
    const auto mesh = uneven(steps);
    const auto problem = problem_of();
    expect_exact(problem, Method{}, tableau, walked<Method>(problem, tableau, {mesh.points().begin(), mesh.points().end()}));
  }
}

TEST(CollocationGradient, AgreesWithDualNumbersStepByStepForRadau) {
  expect_exact<RadauIIA<1>>(radau_iia(1));
  expect_exact<RadauIIA<2>>(radau_iia(2));
  expect_exact<RadauIIA<3>>(radau_iia(3));
}

TEST(CollocationGradient, AgreesWithDualNumbersStepByStepForGauss) {
  expect_exact<Gauss<1>>(gauss(1));
  expect_exact<Gauss<2>>(gauss(2));
  expect_exact<Gauss<3>>(gauss(3));
}

}  // namespace
