// SPDX-License-Identifier: BSD-3-Clause
#include "antler/mesh/redistribution.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace {

using antler::Index;
using antler::Redistribution;

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Laid {
  bool possible;
  std::vector<double> mesh;
  std::vector<int> piece_of;
};

Redistribution::Limits limits() { return {.most = 100, .multiple = 1, .direction = 1, .longest = infinity, .target = 0.5}; }

Laid lay(const std::vector<double>& old, const std::vector<double>& errors, Redistribution::Limits with = limits()) {
  std::vector<double> squared;
  for (const double e : errors) squared.push_back(e * e);
  Laid laid{};
  laid.possible = Redistribution(with).lay(old, squared, 1, laid.mesh, laid.piece_of);
  return laid;
}

TEST(Redistribution, ForetellsHowManyStepsErrorsAskFor) {
  for (const int order : {4, 6, 5}) {
    Redistribution::Limits with = limits();
    with.order = order;
    const Redistribution redistribution(with);
    // On target, sixteen times its error, and next to nothing, of which a twentieth of a step is the least.
    const std::vector<double> squared{0.25, 64, 1e-30};
    EXPECT_NEAR(redistribution.expected_steps(squared, 1), 1 + std::pow(16, 1.0 / order) + 0.05, 1e-12) << order;
    EXPECT_NEAR(redistribution.squared_error_of(1), 0.25, 1e-15);
  }
}

TEST(Redistribution, KeepsStepsThatAreOnTarget) {
  const std::vector<double> old{0, 1, 2, 3, 4};
  const Laid laid = lay(old, {0.5, 0.5, 0.5, 0.5});
  ASSERT_TRUE(laid.possible);
  ASSERT_EQ(laid.mesh.size(), old.size());
  for (std::size_t i = 0; i < old.size(); ++i) EXPECT_NEAR(laid.mesh[i], old[i], 1e-12);
  EXPECT_EQ(laid.piece_of, (std::vector<int>{0, 1, 2, 3}));
}

TEST(Redistribution, MakesTwoStepsOfOneWithSixteenTimesTheError) {
  const Laid laid = lay({0, 1, 2}, {8, 8});
  ASSERT_EQ(laid.mesh.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(laid.mesh[i], 0.5 * static_cast<double>(i), 1e-12);
  EXPECT_EQ(laid.piece_of, (std::vector<int>{0, 0, 1, 1}));
}

TEST(Redistribution, SharesErrorsByTheirOrder) {
  auto second = limits();
  second.order = 2;
  EXPECT_EQ(lay({0, 1, 2}, {8, 8}, second).piece_of.size(), 8U);  // 16 times the error: four steps of one
  EXPECT_NEAR(std::sqrt(Redistribution(second).squared_error_of(4)), 8, 1e-12);
  auto third = limits();
  third.order = 3;
  EXPECT_EQ(lay({0, 1, 2}, {4 * (1 - 1e-12), 4 * (1 - 1e-12)}, third).piece_of.size(), 4U);  // 8 times
}

TEST(Redistribution, MakesLongerStepsOfSmallErrors) {
  const Laid laid = lay({0, 1, 2, 3, 4}, {0.5 / 16, 0.5 / 16, 0.5 / 16, 0.5 / 16});
  ASSERT_EQ(laid.mesh.size(), 3U);
  EXPECT_NEAR(laid.mesh[1], 2, 1e-12);
  EXPECT_EQ(laid.mesh.back(), 4);
}

TEST(Redistribution, GoesAsFarAsItsNumberOfStepsAllows) {
  auto few = limits();
  few.most = 3;
  const Laid laid = lay({0, 1, 2}, {8, 8}, few);
  ASSERT_EQ(laid.mesh.size(), 4U);
  EXPECT_NEAR(laid.mesh.back(), 1.5, 1e-12);
}

TEST(Redistribution, RoundsUpToFullLanes) {
  auto lanes = limits();
  lanes.multiple = 4;
  for (const int old : {1, 3, 4, 5, 9}) {
    std::vector<double> points(static_cast<std::size_t>(old) + 1), errors(static_cast<std::size_t>(old), 0.5);
    for (std::size_t i = 0; i < points.size(); ++i) points[i] = static_cast<double>(i);
    const Laid laid = lay(points, errors, lanes);
    EXPECT_EQ(laid.piece_of.size(), static_cast<std::size_t>((old + 3) / 4 * 4)) << old;
    EXPECT_EQ(laid.mesh.back(), old);
  }
}

TEST(Redistribution, TakesNoStepLongerThanTheLongest) {
  auto bounded = limits();
  bounded.longest = 0.3;
  const Laid laid = lay({0, 1, 2, 4}, {1e-9, 1e-9, 1e-9}, bounded);
  for (std::size_t i = 1; i < laid.mesh.size(); ++i) EXPECT_LE(laid.mesh[i] - laid.mesh[i - 1], 0.3 * (1 + 1e-12));
  EXPECT_EQ(laid.mesh.back(), 4);
}

TEST(Redistribution, BoundsHowFastStepsGrow) {
  const Laid laid = lay({0, 1, 2, 3, 4, 5}, {infinity, 1e-12, 1e-12, 1e-12, 1e-12});
  ASSERT_TRUE(laid.possible);
  const auto in = [&](int piece) { return std::count(laid.piece_of.begin(), laid.piece_of.end(), piece); };
  EXPECT_NEAR(static_cast<double>(in(0)), 20, 1);
  EXPECT_NEAR(static_cast<double>(in(1)), 20 / 8.0, 1) << "an error of 1e-12 alone would be a twentieth of a step";
  EXPECT_LE(in(2), 1);
}

TEST(Redistribution, TakesTheShortestStepsWhereTheErrorIsNotFinite) {
  for (const double error : {infinity, std::nan("")}) {
    const Laid laid = lay({0, 1}, {error});
    EXPECT_EQ(laid.mesh.size(), 21U);
    EXPECT_EQ(laid.mesh.back(), 1);
  }
}

TEST(Redistribution, GoesBackwards) {
  auto backwards = limits();
  backwards.direction = -1;
  const Laid laid = lay({0, -1, -2}, {8, 8}, backwards);
  ASSERT_TRUE(laid.possible);
  ASSERT_EQ(laid.mesh.size(), 5U);
  EXPECT_NEAR(laid.mesh[1], -0.5, 1e-12);
  EXPECT_EQ(laid.mesh.back(), -2);
}

TEST(Redistribution, SaysWhenAStepIsNotRepresentable) {
  EXPECT_FALSE(lay({1, std::nextafter(1.0, 2.0)}, {1e9}).possible);
  EXPECT_FALSE(lay({0, 1}, {0.5}, {.most = 100, .multiple = 1, .direction = -1, .longest = infinity, .target = 0.5}).possible);
}

TEST(Redistribution, KnowsTheErrorThatAsksForSoManySteps) {
  const double error = std::sqrt(Redistribution(limits()).squared_error_of(4));
  EXPECT_EQ(lay({0, 1}, {error * (1 - 1e-12)}).piece_of.size(), 4U);
}

}  // namespace
