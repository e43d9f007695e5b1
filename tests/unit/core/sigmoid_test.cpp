// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/sigmoid.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace antler;

namespace {

long double exact(long double x) { return 1 / (1 + std::exp(-x)); }

/// |value - exact| in units of the last place, or of the smallest normal number below it.
template <class T>
double ulps(T value, T x) {
  const long double right = exact(x);
  const long double spacing =
      std::max(std::ldexp(1.0L, std::ilogb(right)), static_cast<long double>(std::numeric_limits<T>::min())) *
      std::numeric_limits<T>::epsilon();
  const bool underflows = right < static_cast<long double>(std::numeric_limits<T>::min());  // value may be flushed to zero
  if (underflows) return value >= 0 && value <= std::numeric_limits<T>::min() ? 0 : 1e9;
  return static_cast<double>(std::abs(static_cast<long double>(value) - right) / spacing);
}

template <class T>
void expect_accurate() {
  const T most = sizeof(T) == 4 ? T(110) : T(760);
  for (int k = -4000; k <= 4000; ++k) {
    const T x = most * static_cast<T>(k) / 4000, near = x / 50;
    for (const T at : {x, near}) {
      EXPECT_LE(ulps(sigmoid(at), at), 6) << at;
      EXPECT_LE(ulps(lane(sigmoid(Lanes<T>(at)), 0), at), 6) << at;
    }
  }
}

TEST(Sigmoid, IsAccurateToSixUnitsInTheLastPlaceEverywhere) {
  expect_accurate<float>();
  expect_accurate<double>();
}

template <class T>
void expect_limits() {
  constexpr T largest = std::numeric_limits<T>::max(), infinity = std::numeric_limits<T>::infinity();
  for (const T x : {largest, infinity}) {
    EXPECT_EQ(sigmoid(x), T(1));
    EXPECT_EQ(sigmoid(-x), T(0));
    EXPECT_EQ(lane(sigmoid(Lanes<T>(x)), 0), T(1));
    EXPECT_EQ(lane(sigmoid(Lanes<T>(-x)), 0), T(0));
  }
  EXPECT_TRUE(std::isnan(sigmoid(std::numeric_limits<T>::quiet_NaN())));
  for (const T x : {T(-1000), T(1000)}) {
    const auto dual = sigmoid(Dual<T, 1>::variable(x, 0));
    EXPECT_EQ(dual.derivative[0], T(0)) << x;
  }
}

TEST(Sigmoid, IsFiniteForEveryArgument) {
  expect_limits<float>();
  expect_limits<double>();
}

TEST(Sigmoid, HasTheDerivativeOfDifferences) {
  for (const double x : {-7.0, -0.3, 0.0, 0.5, 4.0}) {
    const auto dual = sigmoid(Dual<double, 2>(x, 1.0, -3.0));
    const double difference = (sigmoid(x + 1e-6) - sigmoid(x - 1e-6)) / 2e-6;
    EXPECT_NEAR(dual.derivative[0], difference, 1e-9);
    EXPECT_NEAR(dual.derivative[1], -3 * difference, 1e-9);
  }
}

}  // namespace
