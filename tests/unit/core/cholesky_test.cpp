// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/cholesky.hpp"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <limits>
#include <random>

using namespace antler;

namespace {

/// G G^T + shift, whose condition number the shift bounds.
template <class T, int n>
Matrix<T, n> random_positive_definite(double shift) {
  std::minstd_rand generator(3);
  std::uniform_real_distribution<double> entry(-1, 1);
  Matrix<T, n> g, a;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) g(i, j) = static_cast<T>(entry(generator));
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      a(i, j) = static_cast<T>(i == j ? shift : 0);
      for (int k = 0; k < n; ++k) a(i, j) += g(i, k) * g(j, k);
    }
  return a;
}

template <class T, int n>
void expect_inverse() {
  constexpr double rounding = 100 * n * std::numeric_limits<T>::epsilon();  // a condition number of about ten
  const auto a = random_positive_definite<T, n>(0.5 * n);
  Eigen::MatrixXd dense(n, n);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) dense(i, j) = static_cast<double>(a(i, j));
  const Eigen::MatrixXd oracle = dense.fullPivLu().inverse();
  const Cholesky<T, n> factors(a);
  const auto inverse = factors.inverse();
  for (int j = 0; j < n; ++j) {
    auto column = Vector<T, n>{};
    column[j] = T(1);
    factors.solve(column);
    for (int i = 0; i < n; ++i) {
      EXPECT_NEAR(inverse(i, j), oracle(i, j), rounding);
      EXPECT_NEAR(column[i], oracle(i, j), rounding);
      EXPECT_EQ(inverse(i, j), inverse(j, i));
    }
  }
}

TEST(Cholesky, InvertsLikeAGeneralFactorisation) {
  expect_inverse<double, 1>();
  expect_inverse<double, 2>();
  expect_inverse<float, 3>();
  expect_inverse<double, 8>();
  expect_inverse<double, 16>();
}

TEST(Cholesky, IsExactForIdentityAndDiagonals) {
  EXPECT_EQ((Cholesky<double, 3>(Matrix<double, 3>::identity()).inverse()), (Matrix<double, 3>::identity()));
  auto diagonal = Matrix<double, 2>{};
  diagonal(0, 0) = 4;
  diagonal(1, 1) = 1e-300;
  const auto inverse = Cholesky<double, 2>(diagonal).inverse();
  EXPECT_EQ(inverse(0, 0), 0.25);
  EXPECT_NEAR(inverse(1, 1), 1e300, 1e285);
}

TEST(Cholesky, ReadsTheLowerTriangle) {
  auto a = random_positive_definite<double, 4>(1.0);
  const auto inverse = Cholesky<double, 4>(a).inverse();
  for (int i = 0; i < 4; ++i)
    for (int j = i + 1; j < 4; ++j) a(i, j) = -777;
  EXPECT_EQ((Cholesky<double, 4>(a).inverse()), inverse);
}

TEST(Cholesky, IsNotFiniteWhereTheMatrixIsNotPositiveDefinite) {
  auto a = Matrix<double, 2>::identity();
  a(1, 0) = 2;
  auto x = Vector<double, 2>{1.0, 1.0};
  Cholesky<double, 2>(a).solve(x);
  EXPECT_FALSE(std::isfinite(x[1]));
}

}  // namespace
