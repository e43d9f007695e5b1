// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "antler/solve/implicit.hpp"
#include "order.hpp"

namespace {

using antler::Collocation;
using antler::ExactNewton;
using antler::Index;
using antler::MassProblem;
using antler::Matrix;
using antler::Mesh;
using antler::Options;
using antler::RadauIIA;
using antler::ScanInverse;
using antler::SequentialInverse;
using antler::SimplifiedNewton;
using antler::Status;
using antler::Vector;

/// y_0 = cos t, y_1 = sin t and the algebraic z = exp(y_0 y_1), which acts back on both as soon as it is wrong.
struct Circle {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 3> operator()(const T& /*t*/, const Vector<T, 3>& u) const {
    using ::exp, ::sin;
    const T z = u[2], product = exp(u[0] * u[1]);
    const T slope0 = -1.0 * u[1] + z - product, slope1 = u[0] + sin(z - product);
    return {slope0, slope1, z * z * z - product * product * product};
  }
  static MassProblem<Circle, double, 3> problem() {
    Matrix<double, 3> mass{};
    mass(0, 0) = mass(1, 1) = 1;
    return {mass, {}, 0.0, 2.0, {1.0, 0.0, 1.0}};
  }
};

template <class Method, class Newton, class Inverse>
antler::Solution<double, 3> solved(Index steps, const Newton& newton, const Inverse& inverse) {
  const auto solution = antler::solve(Circle::problem(), Collocation<Method, Newton, Inverse>{{}, newton, inverse, 0},
                                      Mesh::uniform(0.0, 2.0, steps), Options{.rtol = 1e-12, .atol = 1e-14});
  EXPECT_EQ(solution.status, Status::converged);
  return solution;
}

template <class Method>
void expect_order_of(double order, Index coarsest, int doublings) {
  for (const int component : {0, 2}) {  // differential, algebraic
    antler::tests::expect_order(order, coarsest, doublings, [&](Index steps) {
      const auto end = solved<Method>(steps, ExactNewton{}, SequentialInverse{}).final_state();
      return std::abs(end[component] - (component == 0 ? std::cos(2.0) : std::exp(std::cos(2.0) * std::sin(2.0))));
    });
  }
}

TEST(ImplicitProblem, HasOrderThreeWithTwoStages) { expect_order_of<RadauIIA<2>>(3, 16, 2); }
TEST(ImplicitProblem, HasOrderFiveWithThreeStages) { expect_order_of<RadauIIA<3>>(5, 8, 2); }

TEST(ImplicitProblem, AllStepsAtOnceAreTheSameByScanAndBySweepAndByEitherIteration) {
  const auto swept = solved<RadauIIA<3>>(300, ExactNewton{}, SequentialInverse{});
  const auto scanned = solved<RadauIIA<3>>(300, SimplifiedNewton{}, ScanInverse{.workers = 2});
  EXPECT_EQ(swept.statistics.windows, 1);
  EXPECT_EQ(scanned.statistics.windows, 1);
  EXPECT_LT(swept.statistics.iterations, 15);
  for (std::size_t i = 0; i < swept.states().size(); ++i)
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(swept.states()[i][c], scanned.states()[i][c], 1e-12) << "point " << i;
}

}  // namespace
