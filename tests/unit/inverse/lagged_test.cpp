// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "maps.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

template <int n, int lags>
LaggedMaps<double, n, lags, Space> random_lagged(Index length) {
  LaggedMaps<double, n, lags, Space> maps;
  for (int p = 0; p < lags; ++p) {
    const auto random = random_maps<double, n>(length, 0.9 / lags, static_cast<unsigned>(p + 1));
    maps.A[static_cast<std::size_t>(p)] = random.maps.A;
    maps.b = random.maps.b;
  }
  return maps;
}

template <int n, int lags, class Solver>
std::vector<double> solved_lagged(const Solver& solver, const LaggedMaps<double, n, lags, Space>& maps) {
  const auto y = allocate<Trajectory<double, n, Space>>("y", maps.length());
  if (solver.apply(Space{}, maps, y) != Status::converged) return {};
  const auto mirror = Kokkos::create_mirror_view(y);
  Kokkos::deep_copy(mirror, y);
  std::vector<double> values;
  for (Index i = 0; i < maps.length(); ++i)
    for (int c = 0; c < n; ++c) values.push_back(mirror(i, c));
  return values;
}

TEST(LaggedScanPlan, MatchesSequentialForNoncommutingMaps) {
  constexpr double rounding = 1e-12;  // contractions: errors do not grow along the sequence
  for (const Index workers : {0, 1, 2, 3, 7})
    for (const Index length : {0, 1, 2, 3, 7, 8, 9, 255, 256, 257, 5000}) {
      const auto two = random_lagged<2, 2>(length);
      EXPECT_LE(distance(solved_lagged<2, 2>(ScanInverse{.workers = workers}.plan<double, 2, 2>(Space{}, length), two),
                         solved_lagged<2, 2>(SequentialInverse{}, two)),
                rounding)
          << length << " maps, " << workers << " workers";
      const auto three = random_lagged<1, 3>(length);
      EXPECT_LE(distance(solved_lagged<1, 3>(ScanInverse{.workers = workers}.plan<double, 1, 3>(Space{}, length), three),
                         solved_lagged<1, 3>(SequentialInverse{}, three)),
                rounding)
          << length << " maps, " << workers << " workers";
    }
}

/// y_i = y_{i-1} + y_{i-2} + (i == 0): the Fibonacci numbers, exact below 2^53.
TEST(LaggedInverse, YieldsTheFibonacciNumbers) {
  constexpr Index length = 70;
  LaggedMaps<double, 1, 2, Space> maps;
  maps.b = allocate<Trajectory<double, 1, Space>>("b", length);
  Kokkos::deep_copy(maps.b, 0.0);
  Kokkos::deep_copy(Kokkos::subview(maps.b, 0, 0), 1.0);
  for (auto p : {0, 1}) {
    maps.A[static_cast<std::size_t>(p)] = allocate<Matrices<double, 1, Space>>("A", length);
    Kokkos::deep_copy(maps.A[static_cast<std::size_t>(p)], 1.0);
  }
  for (const auto& y : {solved_lagged<1, 2>(SequentialInverse{}, maps),
                        solved_lagged<1, 2>(ScanInverse{.workers = 3}.plan<double, 1, 2>(Space{}, length), maps)}) {
    double before = 0, current = 1;
    for (const double value : y) {
      ASSERT_EQ(value, current);
      before = std::exchange(current, current + before);
    }
  }
}

TEST(LaggedScanPlan, RejectsMapsOfAnotherLength) {
  const auto plan = ScanInverse{}.plan<double, 2, 2>(Space{}, 10);
  const auto maps = random_lagged<2, 2>(11);
  const auto y = allocate<Trajectory<double, 2, Space>>("y", 11);
  EXPECT_THROW((void)plan.apply(Space{}, maps, y), InvalidArgument);
}

TEST(AutomaticInverse, SweepsOverSeveralLagsOnAHost) {
  if (!is_host_space<Space>) GTEST_SKIP() << "the default execution space is a device";
  EXPECT_TRUE((std::is_same_v<decltype(AutomaticInverse{}.plan<double, 2, 2>(Space{}, 10)), SequentialInverse>));
  EXPECT_TRUE((std::is_same_v<decltype(AutomaticInverse{}.plan<double, 2>(Space{}, 10)), ScanPlan<double, 2, Space>>));
}

}  // namespace
