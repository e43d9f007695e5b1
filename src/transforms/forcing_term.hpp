// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>

namespace antler::transforms {

/// The relative accuracy of the linear solves of Newton's method [EisenstatWalker1996, choice 2]: 0.9 (r_k / r_{k-1})^2, within
/// [1e-10, 0.1], and no smaller than what brings the residual a tenth below the tolerance.
class ForcingTerm {
 public:
  [[nodiscard]] double next(double residual, double tolerance) {
    constexpr double largest = 0.1, smallest = 1e-10;
    double term = largest;
    if (residual_ > 0) {
      const double ratio = residual / residual_, memory = 0.9 * term_ * term_;
      term = std::min(term, 0.9 * ratio * ratio);
      if (memory > largest) term = std::max(term, memory);
    }
    term = std::max({term, std::min(largest, 0.1 * tolerance / std::max(residual, 1e-300)), smallest});
    residual_ = residual;
    return term_ = term;
  }

 private:
  double residual_ = 0, term_ = 0;
};

}  // namespace antler::transforms
