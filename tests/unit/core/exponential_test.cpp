// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/exponential.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <limits>
#include <random>
#include <unsupported/Eigen/MatrixFunctions>

using namespace antler;

namespace {

using Long = long double;
using LongMatrix = Eigen::Matrix<Long, Eigen::Dynamic, Eigen::Dynamic>;

/// The oracle, shares nothing with the code: the Taylor series of exp [[X, v], [0, 0]] in long double, scaled until it converges
/// fast, squared back as exp - 1.
template <class T, int n>
LongMatrix augmented_expm1(const Matrix<T, n>& x, const Vector<T, n>& v) {
  LongMatrix a = LongMatrix::Zero(n + 1, n + 1);
  for (int i = 0; i < n; ++i) {
    a(i, n) = v[i];
    for (int j = 0; j < n; ++j) a(i, j) = x(i, j);
  }
  int squarings = 0;
  while (a.topLeftCorner(n, n).norm() * std::pow(Long(0.5), squarings) > Long(0.5)) ++squarings;
  a *= std::pow(Long(0.5), squarings);
  LongMatrix term = a, sum = a;
  for (int k = 2; k < 40; ++k) sum += term = term * a / Long(k);
  for (int s = 0; s < squarings; ++s) sum = 2 * sum + sum * sum;
  return sum;
}

/// max |computed - oracle| over max(1, |oracle|), for the matrix and the vector.
template <class T, int n>
double error(const Matrix<T, n>& x, const Vector<T, n>& v) {
  const LongMatrix expected = augmented_expm1<T, n>(x, v);
  const auto step = exponential_step<T, n>(x, v);
  Long difference = 0;
  const Long scale = std::max(Long(1), expected.topLeftCorner(n, n).cwiseAbs().maxCoeff());
  const Long vector_scale = std::max(std::numeric_limits<Long>::min(), expected.col(n).cwiseAbs().maxCoeff());
  for (int i = 0; i < n; ++i) {
    const Long d = std::abs(Long(step.phi1[i]) - expected(i, n)) / vector_scale;
    if (!(d <= difference)) difference = d;
    for (int j = 0; j < n; ++j) {
      const Long e = std::abs(Long(step.expm1(i, j)) - expected(i, j)) / scale;
      if (!(e <= difference)) difference = e;
    }
  }
  return static_cast<double>(difference);
}

template <class T, int n>
struct Sample {
  Matrix<T, n> x;
  Vector<T, n> v;
};

template <class T, int n>
Sample<T, n> random_sample(std::mt19937& generator, double norm) {
  std::uniform_real_distribution<double> entry(-1, 1);
  Sample<T, n> sample;
  for (auto& row : sample.x.values)
    for (T& x : row) x = static_cast<T>(norm * entry(generator) / n);
  for (T& x : sample.v) x = static_cast<T>(entry(generator));
  return sample;
}

template <class T, int n>
void expect_right_for_random_matrices() {
  std::mt19937 generator(n);
  for (const double norm : {1e-6, 0.1, 1.0, 5.0, 20.0}) {
    // Squaring multiplies errors by the norm, at worst: the condition number of the exponential is at least |X|.
    const double tolerance = 50 * n * std::numeric_limits<T>::epsilon() * std::max(1.0, norm);
    for (int k = 0; k < 10; ++k) {
      const auto [x, v] = random_sample<T, n>(generator, norm);
      EXPECT_LE((error<T, n>(x, v)), tolerance) << "norm " << norm << ", n = " << n;
    }
  }
}

TEST(ExponentialStep, MatchesALongTaylorSeriesForRandomMatrices) {
  expect_right_for_random_matrices<double, 1>();
  expect_right_for_random_matrices<double, 2>();
  expect_right_for_random_matrices<double, 3>();
  expect_right_for_random_matrices<double, 8>();
  expect_right_for_random_matrices<float, 3>();
}

TEST(ExponentialStep, MatchesEigensMatrixExponential) {
  std::mt19937 generator(5);
  constexpr int n = 5;
  const auto [x, v] = random_sample<double, n>(generator, 3.0);
  Eigen::MatrixXd a(n, n);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) a(i, j) = x(i, j);
  const Eigen::MatrixXd expected = a.exp();
  const auto step = exponential_step<double, n>(x, v);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) EXPECT_NEAR(step.expm1(i, j) + (i == j), expected(i, j), 1e-13);
}

TEST(ExponentialStep, IsExactForNilpotentMatrices) {
  const Matrix<double, 3> x{{{0, 2, 5}, {0, 0, 3}, {0, 0, 0}}};
  const auto step = exponential_step<double, 3>(x, {1, 1, 1});
  const Matrix<double, 3> expected{{{0, 2, 8}, {0, 0, 3}, {0, 0, 0}}};  // X + X^2 / 2
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) EXPECT_NEAR(step.expm1(i, j), expected(i, j), 1e-14);
  EXPECT_NEAR(step.phi1[0], 1 + 3.5 + 1, 1e-14);  // v + X v / 2 + X^2 v / 6
  EXPECT_NEAR(step.phi1[1], 1 + 1.5, 1e-14);
  EXPECT_NEAR(step.phi1[2], 1, 1e-15);
}

TEST(ExponentialStep, NeedsNoInverseOfTheMatrix) {
  const auto zero = exponential_step<double, 2>(Matrix<double, 2>{}, {3, -4});
  EXPECT_EQ(zero.expm1, (Matrix<double, 2>{}));
  EXPECT_EQ(zero.phi1, (Vector<double, 2>{3, -4}));  // phi_1(0) = 1
  const Matrix<double, 2> singular{{{1, 2}, {2, 4}}};
  EXPECT_LE((error<double, 2>(singular, {1, 1})), 1e-13);
  EXPECT_LE((error<double, 2>(singular, {2, -1})), 1e-13);  // in the null space: phi_1 v = v
}

TEST(ExponentialStep, KeepsSlowModesBesideVeryFastOnes) {
  const Matrix<double, 2> diagonal{{{-1e8, 0}, {0, -1}}}, upper{{{-1e8, 1e8}, {0, -1}}}, lower{{{-1, 0}, {1e8, -1e8}}};
  constexpr double e = 0.36787944117144233;  // exp(-1)
  const auto d = exponential_step<double, 2>(diagonal, {1e8, 1});
  EXPECT_NEAR(d.expm1(0, 0), -1, 1e-15);
  EXPECT_NEAR(d.expm1(1, 1) + 1, e, 1e-14);
  EXPECT_NEAR(d.phi1[0], 1, 1e-14);
  EXPECT_NEAR(d.phi1[1], 1 - e, 1e-14);
  // exp [[-a, a], [0, -1]]: off the diagonal a (exp(-1) - exp(-a)) / (a - 1)
  constexpr double off = e * (1e8 / (1e8 - 1));
  const auto u = exponential_step<double, 2>(upper, {0, 0});
  EXPECT_NEAR(u.expm1(0, 1), off, 1e-13);
  EXPECT_NEAR(u.expm1(1, 1) + 1, e, 1e-14);
  const auto l = exponential_step<double, 2>(lower, {0, 0});
  EXPECT_NEAR(l.expm1(1, 0), off, 1e-13);
  EXPECT_NEAR(l.expm1(0, 0) + 1, e, 1e-14);
}

TEST(ExponentialStep, StaysBoundedForContractionsOfAnyNorm) {
  for (const double norm : {1e2, 1e4, 1e8, 1e16, 1e100, 1e300}) {
    const auto step = exponential_step<double, 1>(Matrix<double, 1>{{{-norm}}}, Vector<double, 1>{norm});
    EXPECT_NEAR(step.expm1(0, 0), -1, 1e-14) << norm;
    EXPECT_NEAR(step.phi1[0], 1, 1e-13) << norm;
  }
  const auto in_float = exponential_step<float, 1>(Matrix<float, 1>{{{-1e30f}}}, Vector<float, 1>{1e30f});
  EXPECT_NEAR(in_float.expm1(0, 0), -1, 1e-6);
  EXPECT_NEAR(in_float.phi1[0], 1, 1e-5);
}

TEST(ExponentialStep, NeverHidesOverflowOrNaN) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  for (const double x : {800.0, 1e10, infinity, -infinity, nan}) {
    const auto step = exponential_step<double, 1>(Matrix<double, 1>{{{x}}}, Vector<double, 1>{1.0});
    EXPECT_FALSE(std::isfinite(step.expm1(0, 0))) << x;
  }
  Matrix<double, 2> x{};
  x(0, 1) = nan;
  EXPECT_FALSE(std::isfinite((exponential_step<double, 2>(x, {1, 1}).phi1[0])));
}

TEST(ExponentialStep, ScalesEachLaneByItsOwnNorm) {
  using L = Lanes<double>;
  constexpr int n = 3, lanes = lane_count<L>;
  std::mt19937 generator(11);
  Sample<double, n> samples[lanes];
  Matrix<L, n> x;
  Vector<L, n> v;
  for (int l = 0; l < lanes; ++l) {
    samples[l] = random_sample<double, n>(generator, std::pow(10.0, l % 4 - 2));
    if (l == lanes - 1) samples[l].x = Matrix<double, n>{};
    for (int i = 0; i < n; ++i) {
      set_lane(v[i], l, samples[l].v[i]);
      for (int j = 0; j < n; ++j) set_lane(x(i, j), l, samples[l].x(i, j));
    }
  }
  const auto together = exponential_step<L, n>(x, v);
  for (int l = 0; l < lanes; ++l) {
    const auto alone = exponential_step<double, n>(samples[l].x, samples[l].v);
    for (int i = 0; i < n; ++i) {
      EXPECT_NEAR(lane(together.phi1[i], l), alone.phi1[i], 1e-13 * std::max(1.0, std::abs(alone.phi1[i]))) << "lane " << l;
      for (int j = 0; j < n; ++j)
        EXPECT_NEAR(lane(together.expm1(i, j), l), alone.expm1(i, j), 1e-13 * std::max(1.0, std::abs(alone.expm1(i, j))))
            << "lane " << l;
    }
  }
}

TEST(ExponentialStep, KeepsANaNInItsLane) {
  using L = Lanes<double>;
  if (lane_count<L> == 1) GTEST_SKIP() << "one lane on this machine";
  Matrix<L, 1> x{{{L(-2.0)}}};
  set_lane(x(0, 0), 0, std::numeric_limits<double>::quiet_NaN());
  const auto step = exponential_step<L, 1>(x, Vector<L, 1>{L(1.0)});
  EXPECT_FALSE(std::isfinite(lane(step.expm1(0, 0), 0)));
  EXPECT_NEAR(lane(step.expm1(0, 0), lane_count<L> - 1), std::expm1(-2.0), 1e-15);
}

}  // namespace
