// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "antler/solve/collocation.hpp"
#include "order.hpp"

namespace {

using antler::Collocation;
using antler::ExactNewton;
using antler::Gauss;
using antler::InitialValueProblem;
using antler::Mesh;
using antler::Options;
using antler::RadauIIA;
using antler::Status;
using antler::Vector;

/// A pull to sin(t), which depends on t, beside the logistic equation, which does not.
struct PullAndGrowth {
  double lambda = -1;

  template <class T>
  Vector<T, 2> operator()(const T& t, const Vector<T, 2>& y) const {
    return {lambda * (y[0] - sin(t)) + cos(t), y[1] * (1.0 - y[1])};
  }
};

double pull(double t) { return std::sin(t) + 0.5 * std::exp(-t); }
double growth(double t) { return 1 / (1 + 9 * std::exp(-t)); }

enum class Component { with_time, autonomous };

/// The end error on [from, to] with N steps.
template <class T, class Method>
double end_error(const Method& method, double from, double to, Component component, long long steps, double tolerance) {
  const InitialValueProblem problem{PullAndGrowth{}, from, to,
                                    Vector<T, 2>{static_cast<T>(pull(from)), static_cast<T>(growth(from))}};
  const auto solution =
      antler::solve(problem, method, Mesh::uniform(from, to, steps), Options{.rtol = tolerance, .atol = tolerance});
  EXPECT_EQ(solution.status, Status::converged);
  const auto& y = solution.final_state();
  return component == Component::with_time ? std::abs(static_cast<double>(y[0]) - pull(to))
                                           : std::abs(static_cast<double>(y[1]) - growth(to));
}

template <class Method>
void expect_order_of(const Method& method, double order, long long coarsest, int doublings) {
  for (const auto component : {Component::with_time, Component::autonomous}) {
    antler::tests::expect_order(order, coarsest, doublings,
                                [&](long long steps) { return end_error<double>(method, 0, 3, component, steps, 1e-11); });
    antler::tests::expect_order(order, coarsest, doublings,
                                [&](long long steps) { return end_error<double>(method, 2, 0, component, steps, 1e-11); });
  }
}

TEST(RadauIIAOnAMesh, HasOrdersOneThreeAndFive) {
  expect_order_of(RadauIIA<1>{}, 1, 40, 3);
  expect_order_of(RadauIIA<2>{}, 3, 20, 3);
  expect_order_of(RadauIIA<3>{}, 5, 10, 2);
}

TEST(RadauIIAOnAMesh, HasOrdersSevenAndNine) {
  expect_order_of(RadauIIA<4>{}, 7, 5, 1);
  for (const auto component : {Component::with_time, Component::autonomous})  // a long interval: errors above rounding
    antler::tests::expect_order(9, 7, 1,
                                [&](long long steps) { return end_error<double>(RadauIIA<5>{}, 0, 6, component, steps, 1e-11); });
}

TEST(GaussOnAMesh, HasOrdersTwoFourAndSix) {
  expect_order_of(Gauss<1>{}, 2, 20, 3);
  expect_order_of(Gauss<2>{}, 4, 10, 2);
  expect_order_of(Gauss<3>{}, 6, 10, 1);
}

TEST(RadauIIAOnAMesh, HasTheSameOrderWithExactNewton) { expect_order_of(Collocation{RadauIIA<3>{}, ExactNewton{}}, 5, 10, 2); }

TEST(CollocationOnAMesh, HasLowOrdersInSinglePrecision) {
  const auto expect = [](const auto& method, double order, long long coarsest, int doublings) {
    antler::tests::expect_order(order, coarsest, doublings, [&](long long steps) {
      return end_error<float>(method, 0, 3, Component::autonomous, steps, 1e-4);
    });
  };
  expect(RadauIIA<1>{}, 1, 20, 3);
  expect(Gauss<1>{}, 2, 4, 2);
}

}  // namespace
