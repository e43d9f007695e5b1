// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/matrix.hpp"

#include <gtest/gtest.h>

using namespace antler;

namespace {

/// a_ij = first + i columns + j.
template <int m, int n = m>
Matrix<double, m, n> counting(double first = 1) {
  Matrix<double, m, n> a;
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) a(i, j) = first + i * n + j;
  return a;
}

TEST(Matrix, StoresRowsOneAfterTheOther) {
  const auto a = counting<2, 3>();
  EXPECT_EQ(a.rows(), 2);
  EXPECT_EQ(a.columns(), 3);
  EXPECT_EQ(&a(1, 0), &a(0, 0) + 3);
}

TEST(Matrix, IsTriviallyCopyableAndZeroWhenValueInitialised) {
  static_assert(std::is_trivially_copyable_v<Matrix<float, 3>> && std::is_trivially_default_constructible_v<Matrix<float, 3>>);
  const Matrix<double, 2> zero{};
  EXPECT_EQ(zero(0, 0) + zero(0, 1) + zero(1, 0) + zero(1, 1), 0);
}

TEST(Matrix, AddsAndScalesEntryByEntry) {
  const auto a = counting<2>(1), b = counting<2>(5);
  EXPECT_EQ(a + a, 2.0 * a);
  EXPECT_EQ((a + b) - b, a);
  EXPECT_EQ(a * 2.0, 2.0 * a);
  EXPECT_EQ((b - a)(1, 1), 4);
}

TEST(Matrix, MultipliesRectangularFactorsInOrder) {
  const auto a = counting<2, 3>();
  const auto c = 2.0 * counting<3, 2>();
  const Matrix<double, 2> product = a * c;
  EXPECT_EQ(product(0, 0), 44);  // 1 2 + 2 6 + 3 10
  EXPECT_EQ(product(0, 1), 56);
  EXPECT_EQ(product(1, 0), 98);
  EXPECT_EQ(product(1, 1), 128);
  EXPECT_EQ((c * a).rows(), 3);
}

TEST(Matrix, IsNotCommutative) {
  const Matrix<double, 2> a{{{0, 1}, {0, 0}}}, b{{{0, 0}, {1, 0}}};
  EXPECT_EQ((a * b)(0, 0), 1);
  EXPECT_EQ((b * a)(0, 0), 0);
  EXPECT_EQ((b * a)(1, 1), 1);
}

TEST(Matrix, MapsAVector) {
  const Vector<double, 2> y = counting<2, 3>() * Vector<double, 3>{1, 0, -1};
  EXPECT_EQ(y, (Vector<double, 2>{-2, -2}));
}

TEST(Matrix, HasANeutralElement) {
  const auto a = counting<3>();
  EXPECT_EQ((Matrix<double, 3>::identity() * a), a);
  EXPECT_EQ((a * Matrix<double, 3>::identity()), a);
  EXPECT_EQ((Matrix<double, 3>::identity() * Vector<double, 3>{1, 2, 3}), (Vector<double, 3>{1, 2, 3}));
}

}  // namespace
