// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>

using namespace antler;

namespace {

TEST(Random, IsSplitMix64) {  // the published generator's first outputs
  EXPECT_EQ(random_bits(0, 0), 0xe220a8397b1dcdafu);
  EXPECT_EQ(random_bits(0, 1), 0x6e789e6aa1b965f4u);
  EXPECT_EQ(random_bits(1234567, 0), 6457827717110365317u);
  EXPECT_EQ(random_bits(1234567, 1), 3203168211198807973u);
  EXPECT_EQ(random_bits(1234567, 2), 9817491932198370423u);
}

TEST(Random, IsUniform) {
  constexpr int count = 100000, bins = 20;
  int hits[bins] = {};
  double sum = 0;
  for (int k = 0; k < count; ++k) {
    const double u = random_uniform(7, static_cast<std::uint64_t>(k));
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    sum += u;
    ++hits[static_cast<int>(u * bins)];
  }
  EXPECT_NEAR(sum / count, 0.5, 5 / std::sqrt(12.0 * count));  // five standard deviations
  double chi_squared = 0;
  for (const int hit : hits) chi_squared += (hit - count / bins) * (hit - count / bins) / (1.0 * count / bins);
  EXPECT_LT(chi_squared, 19 + 5 * std::sqrt(2.0 * 19));
}

}  // namespace
