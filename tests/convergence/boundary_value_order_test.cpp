// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "antler/solve/boundary_value.hpp"
#include "boundary_problems.hpp"
#include "order.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

/// The upper solution of Bratu's problem, which is far from linear: errors at the points and, `between` of them per step, in dense
/// output; and the largest defect.
template <class Method>
void expect_orders(double order, double between_order, Index coarsest) {
  const BratuSolution exact(1, 11);
  const BoundaryValueProblem problem{SecondOrder{SecondOrder::Kind::bratu, 1}, TwoConditions{}, 0.0, 1.0, exact};
  const Options options{.rtol = 1e-12, .atol = 1e-13};
  const auto solved = [&](Index steps) { return solve(problem, Method{}, Mesh::uniform(0, 1, steps), options); };
  expect_order(order, coarsest, 2, [&](Index steps) {
    const auto solution = solved(steps);
    EXPECT_EQ(solution.status, Status::converged);
    return largest_error(solution, exact);
  });
  expect_order(between_order, coarsest, 2, [&](Index steps) { return largest_error(solved(steps), exact, 6); });
  expect_order(defect_order<Method>, coarsest, 2, [&](Index steps) {
    const auto solution = solved(steps);
    return *std::max_element(solution.defects().begin(), solution.defects().end());
  });
}

TEST(BoundaryValueGauss, HasOrder4) { expect_orders<Gauss<2>>(4, 4, 64); }
TEST(BoundaryValueGauss, HasOrder6) { expect_orders<Gauss<3>>(6, 6, 64); }
TEST(BoundaryValueLobatto, HasOrder4) { expect_orders<Lobatto<3>>(4, 4, 64); }
TEST(BoundaryValueLobatto, HasOrder6) { expect_orders<Lobatto<4>>(6, 6, 64); }

}  // namespace
