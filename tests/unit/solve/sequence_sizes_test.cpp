// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "antler/problem/cells/elman.hpp"
#include "antler/solve/difference_equation.hpp"
#include "sequence_cells.hpp"

/// Large states: every method reproduces the loop, on stacks of the usual size.

using namespace antler;
using namespace antler::tests;

namespace {

template <class T, int n, class Method>
void expect_the_loop(const Method& method, std::size_t steps, const Options& options = {}) {
  const auto cell = Elman<T, n, 1>::random(1);
  std::vector<T> x(steps);
  for (std::size_t i = 0; i < steps; ++i) x[i] = static_cast<T>(std::sin(static_cast<double>(i)));
  const DifferenceEquation equation{cell, Vector<T, n>::filled(T(0.1)), x};
  const auto solution = solve(equation, method, options);
  ASSERT_EQ(solution.status, Status::converged);
  const auto here = cell.template in<Kokkos::HostSpace>();
  std::vector<Vector<T, n>> loop{equation.history[0]};
  for (std::size_t i = 0; i < steps; ++i) loop.push_back(here(loop.back(), x[i]));
  EXPECT_LE(distance(solution.states(), loop), sizeof(T) == 4 ? 1e-5 : 1e-12);
}

template <class Method>
void expect_large_states(const Method& method, std::size_t steps, const Options& options = {}) {
  expect_the_loop<double, 128>(method, steps, options);
  expect_the_loop<float, 128>(method, steps, options);
  expect_the_loop<double, 256>(method, steps, options);
  expect_the_loop<float, 256>(method, steps, options);
}

TEST(LargeStates, AreSolvedByTheDefaultMethod) { expect_large_states(Automatic{.shortest_window = 4}, 40); }
TEST(LargeStates, AreEvaluated) { expect_large_states(Sequential{}, 40); }

}  // namespace
