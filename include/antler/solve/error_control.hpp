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
///
/// And where windows begin to pay for one thread: at looser tolerances steps of SEULEX, or where lanes are no use of RODAS, take
/// less time, one after the other. The borders were measured at equal errors [docs/performance.md].

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/discretization/tableau.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

inline constexpr double everywhere = std::numeric_limits<double>::infinity();

/// What decides between windows and a sequential walk.
struct WalkedProblem {
  int n;
  bool extrapolated;  ///< SEULEX walks, and not RODAS
  bool guessed;       ///< windows would start from a neighbouring solution, and need no predictor
};

/// What the march has to know of a method.
template <CollocationTableau Method>
struct ErrorControl {
  static constexpr double exponent = static_cast<double>(estimate_order<Method>) / Method::order, factor = 1;  // of rtol'
  /// With Strategy::automatic the largest rtol for windows. Who names another method than one of those below wants that one at
  /// every tolerance.
  static constexpr double loosest_window(const WalkedProblem&) { return everywhere; }
  /// The tolerance of the predictor follows sqrt(rtol) down to this one.
  static constexpr double tightest_predictor = 1e-3;
};
template <>
struct ErrorControl<RadauIIA<1>> : ErrorControl<Gauss<1>> {
  static constexpr double exponent = 2, factor = 3;  // at an order of one every accuracy is dear: a digit is ten times the steps
};
template <>
struct ErrorControl<RadauIIA<3>> : ErrorControl<Gauss<1>> {
  static constexpr double exponent = 2.0 / 3.0, factor = 0.1;
  static constexpr double loosest_window(const WalkedProblem& p) {
    if (p.guessed) return everywhere;
    return p.n == 1 ? 3e-6 : p.n <= 3 ? 5e-5 : p.n <= 6 ? 1e-6 : p.n <= 12 ? 3e-8 : 3e-9;
  }
};
template <>
struct ErrorControl<RadauIIA<5>> : ErrorControl<Gauss<1>> {
  static constexpr double exponent = 2.0 / 3.0;
  /// The default method. Steps of SEULEX have no use for a guess, and take less time than windows that have one.
  static constexpr double loosest_window(const WalkedProblem& p) {
    if (p.extrapolated) return 5e-10;
    if (p.guessed) return everywhere;
    return p.n == 1 ? 1e-7 : p.n <= 6 ? 3e-6 : p.n <= 12 ? 3e-7 : 3e-8;
  }
  static constexpr double tightest_predictor = 1e-2;  // its steps are hardly shorter than the predictor's
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

/// The same of a sequential walk, no further from rtol than the accuracy that is promised where the order is lost.
template <CollocationTableau Method>
double sequential_error_limit(double rtol) {
  constexpr double largest = 20;
  return std::min(ErrorControl<Method>::factor * std::pow(rtol, ErrorControl<Method>::exponent) / rtol, largest);
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
