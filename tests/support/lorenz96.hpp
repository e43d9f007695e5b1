// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/dual_math.hpp"
#include "antler/core/vector.hpp"

/// @file
/// One explicit Runge-Kutta step of Lorenz's ring of n variables as a recurrence.

namespace antler::tests {

/// y -> y + one step of length h of Dormand's and Prince's method of order 5 for y_i' = (y_{i+1} - y_{i-2}) y_{i-1} - y_i + F:
/// chaotic for F = 8.
template <int n>
struct Lorenz96Step {
  static constexpr bool lanes = true;
  double h = 0.01, F = 8;

  template <class U>
  KOKKOS_FUNCTION Vector<U, n> slope(const Vector<U, n>& y) const {
    Vector<U, n> k;
    for (int i = 0; i < n; ++i) k[i] = (y[(i + 1) % n] - y[(i + n - 2) % n]) * y[(i + n - 1) % n] - y[i] + F;
    return k;
  }

  template <class U>
  KOKKOS_FUNCTION Vector<U, n> operator()(const Vector<U, n>& y) const {
    constexpr double a[6][6] = {{1. / 5},
                                {3. / 40, 9. / 40},
                                {44. / 45, -56. / 15, 32. / 9},
                                {19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
                                {9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
                                {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84}};
    Vector<U, n> slopes[6], stage = y;
    for (int s = 0; s < 6; ++s) {
      slopes[s] = slope(stage);
      stage = y;
      for (int r = 0; r <= s; ++r)
        for (int i = 0; i < n; ++i) stage[i] += (h * a[s][r]) * slopes[r][i];
    }
    return stage;
  }
};

}  // namespace antler::tests
