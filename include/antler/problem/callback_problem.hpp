// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "antler/problem/jacobian_pattern.hpp"

namespace antler {

/// Whether callbacks may run on several threads at the same time, for different steps.
enum class Calls { concurrent, one_at_a_time };

/// y' = f(t, y), y(t0) = y0, with a number of components that is known at run time, y0.size(), and f a plain callback in double
/// precision; t1 < t0 integrates backwards.
///
///     antler::CallbackProblem problem{.f = f, .t0 = 0, .t1 = 1, .y0 = std::vector<double>(n, 1.0)};
///     problem.pattern = antler::BandedPattern{1, 1};   // optional: 3 differences in place of n
///     problem.jacobian = dfdy;                         // optional: no differences at all
///
/// f and the Jacobian are called from several threads at once and must not write to anything that they share, unless `calls` says
/// one_at_a_time. An exception of theirs ends the solve and reaches its caller.
///
/// Where n is known at compile time and small, InitialValueProblem is several times faster: its f serves SIMD lanes.
struct CallbackProblem {
  /// Writes f(t, y) to ydot; both spans hold n components.
  using RightHandSide = std::function<void(double t, std::span<const double> y, std::span<double> ydot)>;
  /// Writes the entries of df/dy at (t, y) that are not zero: `dfdy(r, c) = ...`.
  using Jacobian = std::function<void(double t, std::span<const double> y, const JacobianEntries& dfdy)>;

  RightHandSide f;
  double t0;
  double t1;
  std::vector<double> y0;
  Jacobian jacobian = {};                    // empty: differences of f, as many as the pattern needs
  JacobianPattern pattern = DensePattern{};  // the only one that is right for every f
  Calls calls = Calls::concurrent;           // most right-hand sides are functions of their arguments
};

/// Throws InvalidArgument unless f is callable, t0, t1 and y0 are finite, and the pattern fits the number of components.
void require_valid(const CallbackProblem& problem, const SourceLocation& where);

/// Compares the problem's Jacobian, in its pattern, with differences of f in every component at (t, y): the largest difference of
/// two entries over the largest entry. About 1e-7 when it is right; of order one when an entry is wrong or outside of the pattern.
/// @throws InvalidArgument  as require_valid(), or y does not have the problem's number of components
/// @note n + 1 evaluations of f; n^2 numbers.
[[nodiscard]] double jacobian_error(const CallbackProblem& problem, double t, std::span<const double> y,
                                    const SourceLocation& where = SourceLocation::current());

}  // namespace antler
