// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// How the adaptive solver holds the error of each collocation method.
///
/// A step of length h has the estimate e = C h^(s+1), the end of the interval an error of the order of the method, h^p. With every
/// e at a tolerance rtol' the steps are in proportion to rtol'^(1/(s+1)), the error of the end to rtol'^(p/(s+1)): that it is in
/// proportion to rtol takes
///
///     rtol' = factor rtol^((s+1)/p),   p = 2 s - 1 for Radau IIA, 2 s for Gauss.
///
/// RADAU5 has 0.1 rtol^(2/3) in place of rtol^(4/5) [HairerWanner1996, sec. IV.8], and so has RadauIIA<3> here. For what comes of
/// it over the test set see docs/method.md.

#include <algorithm>
#include <cmath>

#include "antler/discretization/tableau.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// What the march has to know of a method.
template <CollocationTableau Method>
struct ErrorControl {
  static constexpr double exponent = static_cast<double>(estimate_order<Method>) / Method::order, factor = 1;  // of rtol'
  /// Whether Strategy::automatic leaves loose tolerances to the predictor. Who names another method than the default wants that
  /// one.
  static constexpr bool walks_at_loose_tolerances = false;
};
template <>
struct ErrorControl<RadauIIA<1>> {
  static constexpr double exponent = 2, factor = 3;  // at an order of one every accuracy is dear: a digit is ten times the steps
  static constexpr bool walks_at_loose_tolerances = false;
};
template <>
struct ErrorControl<RadauIIA<3>> {
  static constexpr double exponent = 2.0 / 3.0, factor = 0.1;
  static constexpr bool walks_at_loose_tolerances = true;
};

/// Where the solution is slow and the problem stiff a method loses its order and the estimate is sharp: then the end error follows
/// rtol', so that the two may not lie further apart than the accuracy that is promised.
inline constexpr double largest_error_limit = 30;

/// rtol' / rtol: what the weighted norm of a step's error estimate must not exceed.
/// @param epsilon  of the state's numbers: below some of it an estimate is noise
template <CollocationTableau Method>
double error_limit(double rtol, double epsilon) {
  const double internal = ErrorControl<Method>::factor * std::pow(rtol, ErrorControl<Method>::exponent);
  return std::max(std::min(internal / rtol, largest_error_limit), 16 * epsilon / rtol);
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
