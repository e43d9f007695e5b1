// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/lu.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <limits>
#include <random>

using namespace antler;

namespace {

template <class T>
class LUOf : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(LUOf, Scalars);

template <class T, int n>
Matrix<T, n> random_matrix(std::mt19937& generator) {
  std::uniform_real_distribution<T> entry(-1, 1);
  Matrix<T, n> a;
  for (auto& row : a.values)
    for (T& x : row) x = entry(generator);
  return a;
}

// Eigen in double and with sizes of run time: compiled once for all types and sizes of ours.
template <class T, int n>
Eigen::MatrixXd to_eigen(const Matrix<T, n>& a) {
  Eigen::MatrixXd e(n, n);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) e(i, j) = static_cast<double>(a(i, j));
  return e;
}

template <class T, int n>
Eigen::VectorXd to_eigen(const Vector<T, n>& x) {
  Eigen::VectorXd e(n);
  for (int i = 0; i < n; ++i) e(i) = static_cast<double>(x[i]);
  return e;
}

/// |A x - b| <= factor n epsilon |A| |x|: partial pivoting is backward stable, growth is small for random matrices.
template <class T, int n>
void expect_backward_stable(const Matrix<T, n>& a, const Vector<T, n>& x, const Vector<T, n>& b) {
  constexpr double growth = 8;
  const Eigen::MatrixXd ea = to_eigen(a);
  const Eigen::VectorXd ex = to_eigen(x), defect = ea * ex - to_eigen(b);
  EXPECT_LE(defect.norm(), growth * n * std::numeric_limits<T>::epsilon() * ea.norm() * ex.norm());
}

template <class T, int n>
void expect_like_eigen() {
  std::mt19937 generator(n);
  for (int sample = 0; sample < 20; ++sample) {
    const auto a = random_matrix<T, n>(generator);
    const auto columns = random_matrix<T, n>(generator);
    Vector<T, n> b;
    for (int i = 0; i < n; ++i) b[i] = columns(i, 0);
    const LU<T, n> factors(a);
    EXPECT_FALSE(factors.singular());
    Vector<T, n> x = b;
    factors.solve(x);
    expect_backward_stable<T, n>(a, x, b);
    Matrix<T, n> inverse = Matrix<T, n>::identity();
    factors.solve(inverse);
    const Eigen::MatrixXd expected = Eigen::PartialPivLU<Eigen::MatrixXd>(to_eigen(a)).inverse();
    const Eigen::MatrixXd difference = to_eigen(inverse) - expected;
    const double condition = expected.norm() * to_eigen(a).norm();
    EXPECT_LE(difference.norm(), 8 * n * std::numeric_limits<T>::epsilon() * condition * expected.norm());
  }
}

TYPED_TEST(LUOf, SolvesLikeEigen) {
  expect_like_eigen<TypeParam, 1>();
  expect_like_eigen<TypeParam, 2>();
  expect_like_eigen<TypeParam, 3>();
  expect_like_eigen<TypeParam, 8>();
  expect_like_eigen<TypeParam, 17>();
}

TYPED_TEST(LUOf, PivotsPastZerosOnTheDiagonal) {
  using T = TypeParam;
  const Matrix<T, 3> a{{{0, 2, 0}, {0, 0, 4}, {8, 0, 0}}};
  Vector<T, 3> x{2, 4, 8};
  LU<T, 3>(a).solve(x);
  EXPECT_EQ(x, (Vector<T, 3>{1, 1, 1}));
}

TYPED_TEST(LUOf, PivotsPastTinyEntriesOnTheDiagonal) {
  using T = TypeParam;
  const T tiny = std::numeric_limits<T>::epsilon() / 1024;
  const Matrix<T, 2> a{{{tiny, 1}, {1, 1}}};
  Vector<T, 2> x{1, 2};  // without a row exchange x_0 would come out as 0
  LU<T, 2>(a).solve(x);
  EXPECT_NEAR(x[0], 1, 4 * std::numeric_limits<T>::epsilon());
  EXPECT_NEAR(x[1], 1, 4 * std::numeric_limits<T>::epsilon());
}

TYPED_TEST(LUOf, PivotsInEachLaneByItself) {
  using T = TypeParam;
  constexpr int n = 4, lanes = lane_count<Lanes<T>>;
  std::mt19937 generator(7);
  Matrix<Lanes<T>, n> a;
  Vector<Lanes<T>, n> b;
  Matrix<T, n> single[lanes];
  for (int l = 0; l < lanes; ++l) {
    single[l] = random_matrix<T, n>(generator);
    for (int i = 0; i <= l % n; ++i) single[l](i, 0) = 0;  // another first pivot in every lane
    if (l % n == n - 1) single[l](l % n, 0) = 1;
    for (int i = 0; i < n; ++i) {
      set_lane(b[i], l, T(i + l));
      for (int j = 0; j < n; ++j) set_lane(a(i, j), l, single[l](i, j));
    }
  }
  const LU<Lanes<T>, n> factors(a);
  EXPECT_FALSE(any(factors.singular()));
  Vector<Lanes<T>, n> x = b;
  factors.solve(x);
  for (int l = 0; l < lanes; ++l) {
    Vector<T, n> mine, rhs;
    for (int i = 0; i < n; ++i) mine[i] = lane(x[i], l), rhs[i] = lane(b[i], l);
    expect_backward_stable<T, n>(single[l], mine, rhs);
  }
}

TYPED_TEST(LUOf, ReportsSingularMatrices) {
  using T = TypeParam;
  EXPECT_TRUE((LU<T, 1>(Matrix<T, 1>{{{0}}}).singular()));
  EXPECT_TRUE((LU<T, 2>(Matrix<T, 2>{{{1, 2}, {2, 4}}}).singular()));
  EXPECT_TRUE((LU<T, 3>(Matrix<T, 3>{{{1, 0, 0}, {0, 0, 0}, {0, 0, 1}}}).singular()));
  const T nan = std::numeric_limits<T>::quiet_NaN(), infinity = std::numeric_limits<T>::infinity();
  EXPECT_TRUE((LU<T, 2>(Matrix<T, 2>{{{1, 0}, {0, nan}}}).singular()));
  EXPECT_TRUE((LU<T, 2>(Matrix<T, 2>{{{nan, 0}, {0, 1}}}).singular()));
  EXPECT_TRUE((LU<T, 2>(Matrix<T, 2>{{{infinity, 0}, {0, 1}}}).singular()));
  EXPECT_FALSE((LU<T, 2>(Matrix<T, 2>{{{1, 2}, {2, 5}}}).singular()));
}

TYPED_TEST(LUOf, ReportsTheSingularLaneOnly) {
  using T = TypeParam;
  constexpr int lanes = lane_count<Lanes<T>>;
  Matrix<Lanes<T>, 2> a{{{Lanes<T>(2), Lanes<T>(1)}, {Lanes<T>(1), Lanes<T>(1)}}};
  set_lane(a(0, 0), lanes - 1, T(1));  // the two rows agree there
  const LU<Lanes<T>, 2> factors(a);
  const Lanes<T> verdict = select(factors.singular(), Lanes<T>(1), Lanes<T>(0));
  for (int l = 0; l < lanes; ++l) EXPECT_EQ(lane(verdict, l), T(l == lanes - 1)) << "lane " << l;
  Vector<Lanes<T>, 2> x{Lanes<T>(3), Lanes<T>(2)};
  factors.solve(x);
  for (int l = 0; l + 1 < lanes; ++l) EXPECT_EQ(lane(x[0], l), T(1)) << "the singular lane spoils lane " << l;
}

}  // namespace
