// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "antler/core/options.hpp"
#include "antler/solve/error_control.hpp"

namespace antler::dynamic {

/// The longest step that may be asked for: a sequential method stretches the last one a little, RODAS by a thousandth.
[[nodiscard]] inline double longest_step(const Options& options) {
  return options.maximum_step > 0 ? 0.999 * options.maximum_step : HUGE_VAL;
}

/// The error estimate that a step of Radau IIA must not exceed, in units of the tolerance.
[[nodiscard]] inline double error_limit(const Options& options) {
  return antler::detail::sequential_error_limit<RadauIIA<3>>(options.rtol);
}

}  // namespace antler::dynamic
