// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <cmath>

#include "antler/sensitivity/initial_value_gradient.hpp"
#include "antler/sensitivity/initial_value_sensitivity.hpp"
#include "cells.hpp"
#include "initial_values.hpp"

/// @file
/// What holds for the sensitivities of every method on a mesh.

namespace antler::tests {

template <class T>
std::vector<T> random_numbers(std::size_t count, unsigned seed) {
  Random random(seed);
  std::vector<T> numbers(count);
  for (T& x : numbers) x = static_cast<T>(random());
  return numbers;
}

/// Every dy_i against the method step by step in dual numbers. @param step  (f, t, h, y): one step of it
template <class F, int n, class Method, class Step>
void expect_dual_numbers(const InitialValueProblem<F, double, n>& problem, const Method& method,
                         const Solution<double, n>& solution, const Step& step, const Options& options) {
  const auto dy0 = Random(5).vector<double, n>();
  const auto dtheta = random_numbers<double>(F::parameter_count, 6);
  const std::vector<double> mesh(solution.times().begin(), solution.times().end());
  const auto expected = plain_sensitivity(problem, mesh, dy0, dtheta, step);
  const auto found = sensitivity(problem, method, solution, dy0, dtheta, options);
  ASSERT_EQ(found.status, Status::converged);
  ASSERT_EQ(found.states.size(), mesh.size());
  EXPECT_EQ(found.states[0], dy0);
  for (std::size_t i = 0; i < expected.size(); ++i)
    for (int c = 0; c < n; ++c)
      EXPECT_NEAR(found.states[i + 1][c], expected[i][c], 1e-10 * (1 + std::abs(expected[i][c]))) << "step " << i + 1;
}

/// <lambda, dy_N> is the gradient of <lambda, y_N> in the direction, relative to the size of the terms.
template <class F, class T, int n, class Method>
void expect_dual_of_gradient(const InitialValueProblem<F, T, n>& problem, const Method& method, const Solution<T, n>& solution,
                             const Options& options, double tolerance) {
  const auto dy0 = Random(5).vector<T, n>(), lambda = Random(7).vector<T, n>();
  const auto dtheta = random_numbers<T>(F::parameter_count, 6);
  const auto moved = sensitivity(problem, method, solution, dy0, dtheta, options);
  const auto by = gradient(problem, method, solution, lambda, options);
  ASSERT_EQ(moved.status, Status::converged);
  ASSERT_EQ(by.status, Status::converged);
  double forward = 0, backward = 0, size = 0;
  for (int c = 0; c < n; ++c) {
    forward += static_cast<double>(lambda[c]) * static_cast<double>(moved.states.back()[c]);
    backward += static_cast<double>(by.initial[c]) * static_cast<double>(dy0[c]);
    size += std::abs(static_cast<double>(by.initial[c]) * static_cast<double>(dy0[c]));
  }
  for (std::size_t k = 0; k < dtheta.size(); ++k) {
    backward += static_cast<double>(by.parameters[k]) * static_cast<double>(dtheta[k]);
    size += std::abs(static_cast<double>(by.parameters[k]) * static_cast<double>(dtheta[k]));
  }
  EXPECT_GT(size, 0.1);
  EXPECT_NEAR(forward, backward, tolerance * size);
}

}  // namespace antler::tests
