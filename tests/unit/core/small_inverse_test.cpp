// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/small_inverse.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <limits>
#include <random>

using namespace antler;

namespace {

// Eigen in double and with sizes of run time: compiled once for all types and sizes of ours.
template <class T, int n>
Matrix<T, n> from_eigen(const Eigen::MatrixXd& e) {
  Matrix<T, n> a;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) a(i, j) = static_cast<T>(e(i, j));
  return a;
}

/// |x - A^{-1} b| <= factor n epsilon cond(A) |x|, with Eigen's singular values and full pivoting as the oracle.
template <class T, int n>
void expect_like_eigen(const Eigen::MatrixXd& a, const Eigen::VectorXd& b) {
  constexpr double growth = 8;
  const Eigen::VectorXd expected = a.fullPivLu().solve(b);
  const Eigen::VectorXd values = Eigen::JacobiSVD<Eigen::MatrixXd>(a).singularValues();
  Vector<T, n> x;
  for (int i = 0; i < n; ++i) x[i] = static_cast<T>(b[i]);
  SmallInverse<T, n>(from_eigen<T, n>(a)).apply(x);
  double difference = 0;
  for (int i = 0; i < n; ++i) difference = std::max(difference, std::abs(static_cast<double>(x[i]) - expected[i]));
  EXPECT_LE(difference, growth * n * std::numeric_limits<T>::epsilon() * values[0] / values[n - 1] * expected.norm());
}

template <class T, int n>
void expect_like_eigen() {
  std::srand(n);
  for (int sample = 0; sample < 20; ++sample) {
    Eigen::MatrixXd a = Eigen::MatrixXf::Random(n, n).cast<double>();  // numbers that both types of ours hold
    const Eigen::VectorXd b = Eigen::VectorXf::Random(n).cast<double>();
    expect_like_eigen<T, n>(a, b);
    if (n > 1) {
      a(0, 0) = 0;  // a row must be exchanged
      expect_like_eigen<T, n>(a, b);
    }
  }
}

template <class T>
class SmallInverseOf : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(SmallInverseOf, Scalars);

TYPED_TEST(SmallInverseOf, SolvesLikeEigen) {
  expect_like_eigen<TypeParam, 1>();
  expect_like_eigen<TypeParam, 2>();
  expect_like_eigen<TypeParam, 3>();
  expect_like_eigen<TypeParam, 4>();
  expect_like_eigen<TypeParam, 7>();
  expect_like_eigen<TypeParam, 8>();
  expect_like_eigen<TypeParam, 9>();
  expect_like_eigen<TypeParam, 17>();
}

TYPED_TEST(SmallInverseOf, InvertsAPermutationExactly) {
  constexpr int n = 5;
  Matrix<TypeParam, n> a{};
  Vector<TypeParam, n> x;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) a(i, j) = j == (i + 2) % n ? TypeParam(1) : TypeParam(0);
    x[i] = static_cast<TypeParam>(i);
  }
  SmallInverse<TypeParam, n>(a).apply(x);
  for (int i = 0; i < n; ++i) EXPECT_EQ(x[(i + 2) % n], static_cast<TypeParam>(i));
}

TYPED_TEST(SmallInverseOf, GivesValuesThatAreNotFiniteForASingularMatrix) {
  Matrix<TypeParam, 3> a{};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) a(i, j) = static_cast<TypeParam>(i + 1);
  Vector<TypeParam, 3> x{1, 0, 0};
  SmallInverse<TypeParam, 3>(a).apply(x);
  EXPECT_FALSE(std::isfinite(x[0]) && std::isfinite(x[1]) && std::isfinite(x[2]));
}

}  // namespace
