// SPDX-License-Identifier: BSD-3-Clause
#include "antler/deer/weights.hpp"

#include <gtest/gtest.h>

#include <limits>

using namespace antler;

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;
constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

TEST(Weights, AreTheWeightedRootMeanSquareOfSundials) {
  const Weights<double, 2> weights(Options{.rtol = 1e-2, .atol = {1e-3, 1e-4}});
  const Vector<double, 2> v{0.3, -0.02}, y{-2, 4};
  const double a = 0.3 / (1e-2 * 2 + 1e-3), b = 0.02 / (1e-2 * 4 + 1e-4);
  EXPECT_NEAR(weights.state_norm(v, y), std::sqrt((a * a + b * b) / 2), 1e-12);
}

TEST(Weights, CountWhatIsBelowRoundingAsZero) {
  const Weights<double, 1> weights(Options{.rtol = 1e-15, .atol = 1e-30});
  EXPECT_EQ(weights.state_norm(Vector<double, 1>{2e-16}, Vector<double, 1>{1.0}), 0);
  EXPECT_GT(weights.state_norm(Vector<double, 1>{4e-15}, Vector<double, 1>{1.0}), 0);
  const Weights<float, 1> in_float(Options{.rtol = 1e-6});
  EXPECT_EQ(in_float.state_norm(Vector<float, 1>{2e-7f}, Vector<float, 1>{1.0f}), 0);
  EXPECT_GT(in_float.state_norm(Vector<float, 1>{1e-5f}, Vector<float, 1>{1.0f}), 0);
}

TEST(Weights, NeverLetANonFiniteValuePass) {
  const Weights<double, 3> weights(Options{});
  const Vector<double, 3> zero{}, one{1, 1, 1};
  for (const double bad : {nan, infinity, -infinity})
    for (int c = 0; c < 3; ++c) {
      Vector<double, 3> v = zero, y = one;
      v[c] = bad;
      EXPECT_FALSE(weights.state_norm(v, y) <= 1e300) << "update " << bad << " in component " << c;
      v = zero;
      y[c] = bad;
      EXPECT_FALSE(weights.state_norm(v, y) <= 1e300) << "state " << bad << " in component " << c;
    }
}

TEST(Weights, TakeTheWorstPointAndSeeANaNAnywhere) {
  for (const Index points : {1, 2, 7, 8, 9, 100'000}) {
    const auto v = allocate<Trajectory<double, 2, Space>>("v", points), y = allocate<Trajectory<double, 2, Space>>("y", points);
    Kokkos::deep_copy(y, 1.0);
    const Weights<double, 2> weights(Options{.rtol = 1e-3, .atol = 1e-3});
    for (const Index i : {Index{0}, points / 2, points - 1}) {
      Kokkos::deep_copy(v, 1e-5);
      v(i, 1) = 1.0;
      EXPECT_NEAR(weights.norm(Space{}, v, y), std::sqrt(0.5) * 500, 0.1);
      v(i, 1) = nan;
      EXPECT_FALSE(is_finite(weights.norm(Space{}, v, y)));
      v(i, 1) = 0;
      y(i, 0) = nan;
      EXPECT_FALSE(is_finite(weights.norm(Space{}, v, y)));
      y(i, 0) = 1;
    }
  }
}

TEST(ParallelMaximum, IsZeroForNoPointsAndInfiniteForNaN) {
  const auto maximum = [](Index count, double last) {
    return parallel_maximum("test", Space{}, count, 1e3,
                            [=](Index i) { return i == count - 1 ? last : static_cast<double>(i % 10); });
  };
  EXPECT_EQ(maximum(0, 1), 0);
  EXPECT_EQ(maximum(1000, 42), 42);
  EXPECT_EQ(maximum(5, 42), 42);
  for (const Index count : {1, 5, 1000}) {
    EXPECT_EQ(maximum(count, nan), HUGE_VAL);
    EXPECT_EQ(maximum(count, infinity), HUGE_VAL);
  }
}

TEST(ParallelFor, CallsEveryIndexOnceWhetherATeamWorksOrNot) {
  for (const Index count : {0, 1, 1000})
    for (const double flops : {1.0, 1e6}) {
      std::vector<int> calls(static_cast<std::size_t>(count), 0);
      parallel_for("test", Space{}, count, flops, [&](Index i) { ++calls[static_cast<std::size_t>(i)]; });
      EXPECT_EQ(calls, std::vector<int>(static_cast<std::size_t>(count), 1));
    }
}

}  // namespace
