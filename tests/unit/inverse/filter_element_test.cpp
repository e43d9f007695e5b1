// SPDX-License-Identifier: BSD-3-Clause
#include "antler/inverse/filter_element.hpp"

#include <gtest/gtest.h>

#include <random>

using namespace antler;

namespace {

using Blocks = DenseBlocks<double, 3>;
using Element = FilterElement<Blocks>;
using State = Vector<double, 3>;

constexpr double lambda = 0.3;
constexpr double rounding = 1e-13;  // of products of three matrices of order one

struct Random {
  std::minstd_rand generator{7};
  State state() {
    State v;
    for (double& x : v) x = std::uniform_real_distribution<double>(-1, 1)(generator);
    return v;
  }
  Matrix<double, 3> matrix() {
    Matrix<double, 3> a;
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) a(i, j) = std::uniform_real_distribution<double>(-1, 1)(generator);
    return a;
  }
  Element step() {
    auto element = Element::empty();
    element.append(matrix(), state(), lambda);
    return element;
  }
};

void expect_near(const Matrix<double, 3>& a, const Matrix<double, 3>& b) {
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) EXPECT_NEAR(a(i, j), b(i, j), rounding);
}
void expect_near(const State& a, const State& b) {
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(a[i], b[i], rounding);
}
void expect_near(const Element& a, const Element& b) {
  expect_near(a.A, b.A);
  expect_near(a.b, b.b);
  expect_near(a.C, b.C);
  expect_near(a.eta, b.eta);
  expect_near(a.J, b.J);
}

/// One step by the formulas of the literature: S = Q + R, K = Q S^{-1} with Q = I, R = I / lambda, and the observation 0.
TEST(FilterElement, IsTheLiteraturesForOneStep) {
  Random random;
  const auto a = random.matrix();
  const State bias = random.state();
  auto element = Element::empty();
  element.append(a, bias, lambda);
  const double s = 1 + 1 / lambda, k = 1 / s;
  expect_near(element.A, (1 - k) * a);
  expect_near(element.b, (1 - k) * bias);
  expect_near(element.C, (1 - k) * Matrix<double, 3>::identity());
  expect_near(element.eta, (-1 / s) * detail::transposed_product(a, bias));
  expect_near(element.J, (1 / s) * (detail::transposed(a) * a));
}

TEST(FilterElement, ComposesAsItAppends) {
  Random random;
  auto appended = Element::empty(), composed = Element::empty();
  for (int i = 0; i < 5; ++i) {
    const auto a = random.matrix();
    const State bias = random.state();
    appended.append(a, bias, lambda);
    auto step = Element::empty();
    step.append(a, bias, lambda);
    composed = compose(composed, step);
    expect_near(composed, appended);
  }
}

TEST(FilterElement, ComposesAssociativelyAndInOrder) {
  Random random;
  const Element e1 = random.step(), e2 = random.step(), e3 = random.step();
  expect_near(compose(compose(e1, e2), e3), compose(e1, compose(e2, e3)));
  expect_near(compose(Element::empty(), e1), e1);
  expect_near(compose(e1, Element::empty()), e1);
  EXPECT_GT(std::abs(compose(e1, e2).A(0, 0) - compose(e2, e1).A(0, 0)), 1e-3) << "a test that could not tell the order";
}

TEST(FilterElement, CarriesBeliefsForwardAndAdjointsBackwardLikeItsParts) {
  Random random;
  const Element e1 = random.step(), e2 = random.step(), both = compose(e1, e2);
  const Belief<Blocks> before{random.state(), detail::symmetric_product(Matrix<double, 3>::identity(), both.C)};
  const auto between = e1(before), after = e2(between), at_once = both(before);
  expect_near(at_once.m, after.m);
  expect_near(at_once.P, after.P);
  const State u = random.state();
  expect_near(both.adjoint(before, u), e1.adjoint(before, e2.adjoint(between, u)));
}

}  // namespace
