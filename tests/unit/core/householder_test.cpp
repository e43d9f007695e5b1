// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/householder.hpp"

#include <gtest/gtest.h>

#include "antler/core/complete_pivoting.hpp"
#include "antler/core/random.hpp"

using namespace antler;

namespace {

template <class T, int m, int n>
Matrix<T, m, n> random_matrix(std::uint64_t seed) {
  Matrix<T, m, n> a;
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) a(i, j) = static_cast<T>(2 * random_uniform(seed, static_cast<std::uint64_t>(i * n + j)) - 1);
  return a;
}

TEST(Householder, LeavesZerosBelowATriangle) {
  const auto a = random_matrix<double, 6, 3>(1);
  const Householder<double, 6, 3> factors(a);
  auto triangle = a;
  factors.apply(triangle);
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 3; ++j) {
      if (i >= j) {
        EXPECT_NEAR(triangle(i, j), i == j ? factors.diagonal(j) : 0, 1e-15);
      }
    }
}

TEST(Householder, KeepsLengthsAndSolvesConsistentEquations) {
  const auto a = random_matrix<double, 6, 3>(2);
  const Vector<double, 3> x{1, -2, 3};
  Vector<double, 6> b = a * x;
  double before = 0, after = 0;
  for (const double v : b) before += v * v;
  const Householder<double, 6, 3> factors(a);
  factors.apply(b);
  for (const double v : b) after += v * v;
  EXPECT_NEAR(after, before, 1e-13);
  Vector<double, 3> solved{b[0], b[1], b[2]};
  factors.back_substitute(solved);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(solved[i], x[i], 1e-13);
}

TEST(Householder, LeavesAColumnOfZerosAlone) {
  auto a = random_matrix<double, 4, 2>(3);
  for (int i = 0; i < 4; ++i) a(i, 0) = 0;
  const Householder<double, 4, 2> factors(a);
  EXPECT_EQ(factors.diagonal(0), 0);
  Vector<double, 4> b{1, 2, 3, 4};
  factors.apply(b);
  for (const double v : b) EXPECT_TRUE(std::isfinite(v));
}

TEST(Householder, DoesInEveryLaneWhatItDoesWithScalars) {
  using U = Lanes<double>;
  constexpr int width = lane_count<U>;
  Matrix<U, 5, 3> a;
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 3; ++j)
      a(i, j) = from_lanes<U>([&](int l) { return random_matrix<double, 5, 3>(static_cast<std::uint64_t>(l))(i, j); });
  Vector<U, 5> b{1, 2, 3, 4, 5};
  Householder<U, 5, 3>(a).apply(b);
  for (int l = 0; l < width; ++l) {
    Vector<double, 5> scalar{1, 2, 3, 4, 5};
    Householder<double, 5, 3>(random_matrix<double, 5, 3>(static_cast<std::uint64_t>(l))).apply(scalar);
    for (int i = 0; i < 5; ++i) EXPECT_NEAR(lane(b[i], l), scalar[i], 1e-14);
  }
}

TEST(CompletePivoting, SolvesSystemsOfBadlyScaledRowsAndColumns) {
  auto a = random_matrix<double, 5, 5>(4);
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 5; ++j) a(i, j) *= std::pow(10.0, 4 * i - 6 * j);
  const Vector<double, 5> x{1, 1e6, -2e12, 3e18, 1e24};
  const CompletePivoting<double, 5, 5> factors(a);
  EXPECT_GT(factors.pivot_ratio(), 1e-4);
  const auto solved = factors.solve(a * x);
  for (int i = 0; i < 5; ++i) EXPECT_NEAR(solved[i] / x[i], 1, 1e-11);
}

TEST(CompletePivoting, SeesThatRowsRepeatEachOther) {
  auto a = random_matrix<double, 4, 4>(5);
  for (int j = 0; j < 4; ++j) a(3, j) = 2 * a(0, j) - a(1, j);
  EXPECT_LT((CompletePivoting<double, 4, 4>(a).pivot_ratio()), 1e-14);
  a(2, 2) = NAN;
  EXPECT_EQ((CompletePivoting<double, 4, 4>(a).pivot_ratio()), 0);
}

TEST(CompletePivoting, FindsTheNullVectorOfAnUnknownMore) {
  const auto a = random_matrix<double, 3, 4>(6);
  const auto null = CompletePivoting<double, 3, 4>(a).null_vector();
  const auto product = a * null;
  double largest = 0;
  for (const double v : null) largest = std::max(largest, std::abs(v));
  EXPECT_GT(largest, 0.1);
  for (const double v : product) EXPECT_NEAR(v, 0, 1e-14 * largest);
}

}  // namespace
