// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>

#include "antler/core/config.hpp"

namespace antler::inline ANTLER_LANES {

/// Gustafsson's predictive controller of the step length, for an error estimate of order 3 [HairerWanner1996, sec. IV.8], or of
/// another.
///
/// With errors e_k of steps h_k, 1 being the limit, the next step is the shorter of
///
///     h_k safety e_k^(-1/4)     and     h_k safety (h_k / h_{k-1}) (e_{k-1} / e_k^2)^(1/4) :
///
/// the second one supposes that the error goes on to grow as it did. `safety` is 0.9, and less after many Newton iterations.
class PredictiveController {
 public:
  /// @param most_iterations  Newton iterations after which a step is given up
  /// @param power            of h in the error of a step of length h
  explicit PredictiveController(int most_iterations, int power = 4) : most_iterations_(most_iterations), power_(power) {}

  /// The length to try after a step of length h > 0 with error > 1.
  [[nodiscard]] double after_rejection(double h, double error, int newton_iterations) const {
    // Before any accepted step h is a guess, which may be wrong by more than an extrapolated error can say.
    return accepted_length_ == 0 ? h * first_shrink : h * factor(error, newton_iterations);
  }

  /// The length to try after an accepted step of length h > 0 with error <= 1.
  double after_acceptance(double h, double error, int newton_iterations) {
    double next = factor(error, newton_iterations);
    if (accepted_length_ > 0) {
      const double trend = h / accepted_length_ * root(accepted_error_ / (error * error));
      next = std::min(next, std::clamp(safety * trend, smallest_factor, largest_factor));
    }
    accepted_length_ = h;
    accepted_error_ = std::max(error, smallest_remembered);
    return h * next;
  }

 private:
  static constexpr double safety = 0.9, smallest_factor = 0.2, largest_factor = 8, first_shrink = 0.1;  // as in radau5.f
  static constexpr double smallest_remembered = 1e-2;  // an error that passes through zero says little about the next one
  static constexpr double smallest_error = 1e-10;

  [[nodiscard]] double root(double x) const { return power_ == 4 ? std::sqrt(std::sqrt(x)) : std::pow(x, 1.0 / power_); }

  [[nodiscard]] double factor(double error, int newton_iterations) const {
    const double effort = (1.0 + 2 * most_iterations_) / (newton_iterations + 2 * most_iterations_);
    return std::clamp(safety * std::min(1.0, effort) / root(std::max(error, smallest_error)), smallest_factor, largest_factor);
  }

  int most_iterations_, power_;
  double accepted_length_ = 0, accepted_error_ = 1;
};

}  // namespace antler::inline ANTLER_LANES
