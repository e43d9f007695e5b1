// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>

#include "antler/core/options.hpp"

namespace antler::dynamic {

/// The longest step that may be asked for: a sequential method stretches the last one a little, RODAS by a thousandth.
[[nodiscard]] inline double longest_step(const Options& options) {
  return options.maximum_step > 0 ? 0.999 * options.maximum_step : HUGE_VAL;
}

/// The error estimate that a step of Radau IIA must not exceed, in units of the tolerance: RADAU5 works with rtol' = 0.1
/// rtol^(2/3), as solve/window_march.hpp explains [HairerWanner1996, sec. IV.8].
[[nodiscard]] inline double error_limit(const Options& options) {
  constexpr double largest = 20;
  return std::min(0.1 * std::pow(options.rtol, 2.0 / 3.0) / options.rtol, largest);
}

}  // namespace antler::dynamic
