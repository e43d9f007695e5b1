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

/// Not to be asked for several steps at once.
struct OneAtATime : HandWrittenNetwork {
  static constexpr bool lanes = false;
};

template <class F>
void expect_exact(std::size_t steps, const Exponential<SequentialInverse>& method) {
  F network;
  network.theta = Random(1).vector<double, 10>(1.2);
  const InitialValueProblem<F, double, 2> problem{network, 0.5, 2.5, State{0.7, -0.4}};
  const Mesh mesh = Mesh::geometric(0.5, 2.5, 0.5 / static_cast<double>(steps), static_cast<Index>(steps));
  const auto solution = solve(problem, method, mesh, tight);
  ASSERT_EQ(solution.status, Status::converged);
  const auto loss = Random(3).vectors<double, 2>(steps);
  const auto by = gradient(problem, method, solution, loss, tight);
  ASSERT_EQ(by.status, Status::converged);
  const std::vector<double> points(mesh.points().begin(), mesh.points().end()), still(10, 0.0);
  const auto step = [](const auto& f, double t, double h, const auto& y) { return plain_exponential_step<2>(f, t, h, y); };
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

TEST(ExponentialGradient, AgreesWithDualNumbersStepByStep) {
  for (const std::size_t steps : {9, 16, 40}) expect_exact<Network<double>>(steps, {});
}

TEST(ExponentialGradient, TakesTheProductsOfTheFunction) {
  for (const std::size_t steps : {9, 40}) expect_exact<HandWrittenNetwork>(steps, {});
  expect_exact<OneAtATime>(9, {});
}

}  // namespace
