// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/vector.hpp"

#include <gtest/gtest.h>

#include <numeric>

using namespace antler;

namespace {

TEST(Vector, ConvertsEveryComponentToItsType) {
  const Vector<float, 3> v{1, 0.5, 2.0f};
  EXPECT_EQ(v[0], 1.0f);
  EXPECT_EQ(v[1], 0.5f);
  EXPECT_EQ(v[2], 2.0f);
}

TEST(Vector, DeducesTypeAndSize) {
  const Vector v{1, 2.5, 3.0f};
  static_assert(std::is_same_v<decltype(v), const Vector<double, 3>>);
  EXPECT_EQ(v.size(), 3);
  EXPECT_EQ(v[1], 2.5);
}

TEST(Vector, TakesExactlyOneValuePerComponent) {
  static_assert(std::is_constructible_v<Vector<double, 2>, double, int>);
  static_assert(!std::is_constructible_v<Vector<double, 2>, double>);
  static_assert(!std::is_constructible_v<Vector<double, 2>, double, double, double>);
  static_assert(!std::is_constructible_v<Vector<double, 2>, double, const char*>);
}

TEST(Vector, IsTriviallyCopyableAndZeroWhenValueInitialised) {
  static_assert(std::is_trivially_copyable_v<Vector<double, 5>> && std::is_trivially_default_constructible_v<Vector<double, 5>>);
  static_assert(sizeof(Vector<double, 5>) == 5 * sizeof(double));
  const Vector<double, 4> zero{};
  EXPECT_EQ(zero, (Vector<double, 4>::filled(0.0)));
}

TEST(Vector, ObeysTheLawsOfAVectorSpace) {
  constexpr Vector<double, 2> a{1, 2}, b{4, -8};
  static_assert(a + b == Vector<double, 2>{5, -6});
  static_assert(b - a == Vector<double, 2>{3, -10});
  static_assert(2.0 * a == a * 2.0 && 2.0 * a == a + a);
  static_assert(-a == Vector<double, 2>{-1, -2});
  Vector<double, 2> c = a;
  c += b;
  c -= a;
  c *= 0.5;
  EXPECT_EQ(c, (Vector<double, 2>{2, -4}));
  EXPECT_NE(c, b);
}

TEST(Vector, IsARange) {
  Vector<double, 3> v = Vector<double, 3>::filled(7);
  for (double& x : v) x += 1;
  EXPECT_EQ(std::accumulate(v.begin(), v.end(), 0.0), 24);
}

}  // namespace
