// SPDX-License-Identifier: BSD-3-Clause
#include "antler/discretization/collocation_step.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <random>

#include "antler/core/inverse_matrix.hpp"
#include "antler/core/lu.hpp"

namespace {

template <class Method>
class CollocationTableau : public testing::Test {};
using Methods = testing::Types<antler::RadauIIA<1>, antler::RadauIIA<2>, antler::RadauIIA<3>, antler::RadauIIA<4>,
                               antler::RadauIIA<5>, antler::Gauss<1>, antler::Gauss<2>, antler::Gauss<3>>;
TYPED_TEST_SUITE(CollocationTableau, Methods);

constexpr double rounding = 1e-14;  // sums of at most nine products of numbers below 30
/// The same for the numbers of a method: those of five stages are up to 550.
template <class Method>
constexpr double rounding_of = Method::stages > 3 ? 50 * rounding : rounding;

/// A = T Lambda^{-1} T^{-1}, the Runge-Kutta matrix that the transformation stands for.
template <class Method>
double runge_kutta(int k, int l) {
  constexpr int s = Method::stages;
  double inverse[s][s] = {};
  if constexpr (Method::has_real) inverse[0][0] = 1 / Method::gamma;
  antler::detail::unrolled<Method::pairs>([&](auto q) {
    constexpr int p = antler::detail::pair_stage<Method, q>;
    const double alpha = Method::alpha(q), beta = Method::beta(q), size = alpha * alpha + beta * beta;
    inverse[p][p] = inverse[p + 1][p + 1] = alpha / size;
    inverse[p][p + 1] = beta / size;
    inverse[p + 1][p] = -beta / size;
  });
  double sum = 0;
  for (int i = 0; i < s; ++i)
    for (int j = 0; j < s; ++j) sum += Method::T(k, i) * inverse[i][j] * Method::inverse_T(j, l);
  return sum;
}

TYPED_TEST(CollocationTableau, IsACollocationMethod) {
  constexpr int s = TypeParam::stages;
  for (int k = 0; k < s; ++k)
    for (int m = 1; m <= s; ++m) {
      double sum = 0;
      for (int l = 0; l < s; ++l) sum += runge_kutta<TypeParam>(k, l) * std::pow(TypeParam::c(l), m - 1);
      EXPECT_NEAR(sum, std::pow(TypeParam::c(k), m) / m, rounding_of<TypeParam>) << "stage " << k << ", power " << m;
    }
}

TYPED_TEST(CollocationTableau, IntegratesPolynomialsUpToItsOrder) {
  constexpr int s = TypeParam::stages;
  for (int m = 1; m <= TypeParam::order; ++m) {
    double sum = 0;
    for (int k = 0; k < s; ++k)
      for (int l = 0; l < s; ++l) sum += TypeParam::v(k) * runge_kutta<TypeParam>(k, l) * std::pow(TypeParam::c(l), m - 1);
    EXPECT_NEAR(sum, 1.0 / m, rounding_of<TypeParam>) << "power " << m - 1;
  }
}

TYPED_TEST(CollocationTableau, PolynomialPassesThroughTheStages) {
  constexpr int s = TypeParam::stages;
  for (int k = 0; k < s; ++k)
    for (int l = 0; l < s; ++l) {
      double sum = 0;
      for (int m = 0; m < s; ++m) sum += std::pow(TypeParam::c(k), m + 1) * TypeParam::monomial(m, l);
      EXPECT_NEAR(sum, k == l ? 1 : 0, rounding_of<TypeParam>);
    }
}

TYPED_TEST(CollocationTableau, EndDerivativeIsTheStabilityFunction) {
  constexpr int s = TypeParam::stages;
  for (const double z : {-1e8, -100.0, -1.0, -1e-3, 0.5}) {
    // R(z) = 1 + z b^T (1 - z A)^{-1} 1 by a dense solve.
    antler::Matrix<double, s> m;
    antler::Vector<double, s> x;
    for (int k = 0; k < s; ++k) {
      x[k] = 1;
      for (int l = 0; l < s; ++l) m(k, l) = (k == l ? 1 : 0) - z * runge_kutta<TypeParam>(k, l);
    }
    antler::LU<double, s>(m).solve(x);
    double stability = 1;
    for (int k = 0; k < s; ++k)
      for (int l = 0; l < s; ++l) stability += TypeParam::v(k) * runge_kutta<TypeParam>(k, l) * z * x[l];
    const double h = 0.25;
    antler::Matrix<double, 1> jacobian;
    jacobian(0, 0) = z / h;
    const auto e = antler::step_inverse<TypeParam, double, 1>(jacobian, 1 / h);
    EXPECT_NEAR((antler::end_derivative<TypeParam, double, 1>(e, 1 / h)(0, 0)), stability, 1e-10 * (1 + std::abs(stability)))
        << "z = " << z;
  }
}

TYPED_TEST(CollocationTableau, NewtonStepSolvesALinearProblemAtOnce) {
  using U = antler::Lanes<double>;
  constexpr int s = TypeParam::stages, n = 3;
  antler::Matrix<U, n> jacobian;
  const double a[3][3] = {{-1000, 2, 0}, {5, -3, 40}, {0, 1, -0.1}};
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) jacobian(i, j) = U(a[i][j]);
  const U inverse_h(1 / 0.3);
  const auto e = antler::step_inverse<TypeParam, U, n>(jacobian, inverse_h);
  antler::Vector<U, n> y(1.0, -2.0, 3.0);
  antler::Stages<U, n, TypeParam> w{};
  const auto f_of = [&](const antler::Stages<U, n, TypeParam>& stages, const antler::Vector<U, n>& start) {
    const auto z = antler::from_transformed<TypeParam, U, n>(stages);
    antler::Stages<U, n, TypeParam> f;
    for (int k = 0; k < s; ++k) {
      antler::Vector<U, n> stage = start;
      for (int c = 0; c < n; ++c) stage[c] += z(k, c);
      const antler::Vector<U, n> value = jacobian * stage;
      for (int c = 0; c < n; ++c) f(k, c) = value[c];
    }
    return f;
  };
  // A change d of the start together with the local update must leave no residual.
  const antler::Vector<U, n> d(0.5, 0.25, -1.0);
  const auto p = antler::local_update<TypeParam, U, n>(e, inverse_h, w, f_of(w, y));
  w += p + antler::start_update<TypeParam, U, n>(e, inverse_h, d);
  const auto left = antler::local_update<TypeParam, U, n>(e, inverse_h, w, f_of(w, y + d));
  for (int k = 0; k < s; ++k)
    for (int c = 0; c < n; ++c)
      for (int l = 0; l < antler::lane_count<U>; ++l) EXPECT_NEAR(antler::lane(left(k, c), l), 0, 1e-11);
}

TEST(InverseMatrix, PivotsInEachLaneByItself) {
  using U = antler::Lanes<double>;
  constexpr int n = 5;
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  for (int trial = 0; trial < 20; ++trial) {
    antler::Matrix<U, n> a;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j)
        for (int l = 0; l < antler::lane_count<U>; ++l) antler::set_lane(a(i, j), l, (i == j && l % 2 == 0) ? 0.0 : normal(random));
    antler::Matrix<U, n> inverse = a;
    antler::invert_pivoted<U>(inverse, U(1));
    const antler::Matrix<U, n> product = a * inverse;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j)
        for (int l = 0; l < antler::lane_count<U>; ++l)
          EXPECT_NEAR(antler::lane(product(i, j), l), i == j ? 1 : 0, 1e-9)
              << "lane " << l;  // condition numbers up to some thousands
  }
}

TEST(InverseMatrix, UnpivotedSaysWhereItIsNotSound) {
  antler::Matrix<double, 2> a;
  a(0, 0) = 1e-9, a(0, 1) = a(1, 0) = 1, a(1, 1) = 1;
  EXPECT_FALSE((antler::invert_unpivoted<double>(a, 1.0)));
  a(0, 0) = 2, a(0, 1) = a(1, 0) = 1, a(1, 1) = 1;
  EXPECT_TRUE((antler::invert_unpivoted<double>(a, 1.0)));
  EXPECT_NEAR(a(0, 0), 1, rounding);
}

}  // namespace
