// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/polynomials.hpp"

namespace antler::dynamic {

void evaluate_cubic(std::span<const double> cubic, double theta, std::span<double> y) {
  const std::size_t n = y.size();
  for (std::size_t c = 0; c < n; ++c)
    y[c] = cubic[c] + theta * (cubic[n + c] + theta * (cubic[2 * n + c] + theta * cubic[3 * n + c]));
}

}  // namespace antler::dynamic
