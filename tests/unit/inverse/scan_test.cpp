// SPDX-License-Identifier: BSD-3-Clause
#include "antler/inverse/scan.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "maps.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

/// Type and size of a scan.
template <class Scalar, int components>
struct Case {
  using T = Scalar;
  static constexpr int n = components;
};

template <class C>
class ScanInverseOf : public testing::Test {};
using Cases = testing::Types<Case<float, 1>, Case<double, 1>, Case<double, 2>, Case<float, 3>, Case<double, 3>, Case<double, 5>,
                             Case<double, 16>>;
TYPED_TEST_SUITE(ScanInverseOf, Cases);

/// The maps are contractions on average, so that rounding errors do not pile up: what two orders of multiplication may differ by.
template <class T, int n>
constexpr double rounding = 200 * n* std::numeric_limits<T>::epsilon();

template <class T, int n>
void expect_like_sequential(Index length, Index workers) {
  const auto random = random_maps<T, n>(length);
  const ScanPlan<T, n, Space> plan = ScanInverse{.workers = workers}.plan<T, n>(Space{}, length);
  EXPECT_LE(distance(solved(plan, random), solved(SequentialInverse{}, random)), (rounding<T, n>))
      << length << " maps, " << workers << " workers";
}

TYPED_TEST(ScanInverseOf, MatchesSequentialForNoncommutingMaps) {
  using C = TypeParam;
  for (const Index workers : {0, 1, 2, 3, 7})
    for (const Index length : {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 255, 256, 257, 1023, 1024, 1025})
      expect_like_sequential<typename C::T, C::n>(length, workers);
}

TYPED_TEST(ScanInverseOf, MatchesSequentialAcrossTiles) {
  using C = TypeParam;
  using T = typename C::T;
  constexpr Index chunk =
      512 * 1024 / (sizeof(T) * C::n * (C::n + 2));  // a tile is as many chunks as there are workers, more for large n
  for (const Index workers : {2, 3, 7})
    for (const Index length : {2 * chunk - 1, 2 * chunk, 2 * chunk + 1, 7 * chunk + 1, 9 * chunk + 3})
      expect_like_sequential<T, C::n>(length, workers);
}

TEST(ScanInverse, MatchesSequentialForAMillionMaps) {
  for (const Index workers : {0, 1, 2}) {
    expect_like_sequential<double, 1>(1'000'000, workers);
    expect_like_sequential<float, 2>(1'000'000, workers);
    expect_like_sequential<double, 3>(1'000'000, workers);
  }
}

/// Maps whose composition in the wrong order is zero or another matrix altogether, and exact in floating point.
TEST(ScanInverse, KeepsTheOrderOfItsOperands) {
  constexpr Index length = 1000;
  RandomMaps<double, 2> shears = random_maps<double, 2>(length);
  const auto A = Kokkos::create_mirror_view(shears.maps.A);
  const auto b = Kokkos::create_mirror_view(shears.maps.b);
  for (Index i = 0; i < length; ++i) {
    const bool even = i % 2 == 0;  // y_0 <- y_1, y_1 <- 0;  then y_1 <- y_0 + 1, y_0 <- 0
    A(i, 0, 0) = A(i, 1, 1) = 0;
    A(i, 0, 1) = even ? 1 : 0;
    A(i, 1, 0) = even ? 0 : 1;
    b(i, 0) = 0;
    b(i, 1) = even ? 0 : 1;
  }
  Kokkos::deep_copy(shears.maps.A, A);
  Kokkos::deep_copy(shears.maps.b, b);
  shears.initial = Vector<double, 2>{100.0, 7.0};
  for (const Index workers : {1, 2, 3, 7}) {
    const auto y = solved(ScanInverse{.workers = workers}.plan<double, 2>(Space{}), shears);
    for (Index i = 0; i < length; ++i) {
      const auto row = static_cast<std::size_t>(2 * i);
      EXPECT_EQ(y[row], i % 2 == 0 ? 7.0 + static_cast<double>(i / 2) : 0.0);
      EXPECT_EQ(y[row + 1], i % 2 == 0 ? 0.0 : 8.0 + static_cast<double>(i / 2));
    }
  }
}

TEST(ScanInverse, CountsExactly) {
  constexpr Index length = 100'003;
  RandomMaps<double, 1> ones = random_maps<double, 1>(length);
  Kokkos::deep_copy(ones.maps.A, 1.0);
  Kokkos::deep_copy(ones.maps.b, 1.0);
  ones.initial = Vector<double, 1>{0.0};
  for (const Index workers : {2, 5}) {
    const auto y = solved(ScanInverse{.workers = workers}.plan<double, 1>(Space{}), ones);
    for (Index i = 0; i < length; ++i) ASSERT_EQ(y[static_cast<std::size_t>(i)], static_cast<double>(i + 1)) << "row " << i;
  }
}

TEST(ScanInverse, GivesTheSameBitsEveryTime) {
  const auto random = random_maps<double, 3>(200'000);
  for (const Index workers : {0, 2, 3}) {
    const auto plan = ScanInverse{.workers = workers}.plan<double, 3>(Space{});
    EXPECT_EQ(solved(plan, random), solved(plan, random)) << workers << " workers";
  }
}

TEST(ScanInverse, LetsANaNThrough) {
  auto random = random_maps<double, 2>(100);
  Kokkos::deep_copy(Kokkos::subview(random.maps.b, 50, 1), std::numeric_limits<double>::quiet_NaN());
  for (const Index workers : {1, 2, 7}) {
    const auto y = solved(ScanInverse{.workers = workers}.plan<double, 2>(Space{}), random);
    EXPECT_TRUE(std::isfinite(y[99])) << "the rows before are untouched";
    EXPECT_TRUE(std::isnan(y[101]));
    EXPECT_TRUE(std::isnan(y[199]));
  }
}

TEST(ScanInverse, ServesMapsOfAnyLengthWithOnePlan) {
  const auto plan = ScanInverse{.workers = 2}.plan<double, 2>(Space{});
  for (const Index length : {1000, 3, 0, 70'000}) {
    const auto random = random_maps<double, 2>(length);
    EXPECT_LE(distance(solved(plan, random), solved(SequentialInverse{}, random)), (rounding<double, 2>));
  }
}

TEST(ScanInverse, RejectsATrajectoryOfAnotherLength) {
  const auto random = random_maps<double, 2>(4);
  const auto plan = ScanInverse{.workers = 2}.plan<double, 2>(Space{});
  const auto y = allocate<Trajectory<double, 2, Space>>("y", 3);
  EXPECT_THROW((void)plan.apply(Space{}, random.maps, random.initial, y), InvalidArgument);
}

}  // namespace
