// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace antler::tests {

/// Demands that error(N), N doubling from `coarsest` on, falls like N^-order to within 0.15, between each two meshes.
template <class Error>
void expect_order(double order, long long coarsest, int doublings, const Error& error) {
  double before = error(coarsest);
  for (int k = 1; k <= doublings; ++k) {
    const double now = error(coarsest << k);
    EXPECT_NEAR(std::log2(before / now), order, 0.15)
        << "from " << (coarsest << (k - 1)) << " to " << (coarsest << k) << " steps, errors " << before << " and " << now;
    before = now;
  }
}

}  // namespace antler::tests
