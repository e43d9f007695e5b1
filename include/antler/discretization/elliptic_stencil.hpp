// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The three-point equations of -(kappa u')' = f on a uniform grid. They are exact for the two fluxes of a point [Samarskii2001,
/// ch. 3]: with p = 1 / kappa, P the integral of p over an interval, and phi the function that rises from 0 to 1 and falls to 0
/// over the two intervals beside x_i, kappa phi' constant in each,
///
///     (u_i - u_{i-1}) / P_{i-1/2} + (u_i - u_{i+1}) / P_{i+1/2} = integral of f phi.
///
/// order 2   P = h / kappa in the middle, the integral h f_i: the conservative difference
/// order 4   P and the moments of phi by Gauss's rule with three points, f as the parabola through three points. For constant
/// kappa:
///           h (f_{i-1} + 10 f_i + f_{i+1}) / 12, Numerov's rule
///
/// On a side with a derivative the integral ends there, and the flux through it is kappa (value - a u) / b. Its parabola goes
/// through the third point from the side, which no other term of that row reaches.

#include <functional>
#include <vector>

#include "antler/core/kokkos.hpp"
#include "antler/core/source_location.hpp"

namespace antler {

/// N points from a to b, both included; with periodic ends without b, which is a.
struct EllipticGrid {
  double a, b;
  Index points;
  bool periodic;

  [[nodiscard]] double step() const { return (b - a) / static_cast<double>(periodic ? points : points - 1); }
  [[nodiscard]] double x(Index i) const { return i + 1 == points && !periodic ? b : a + static_cast<double>(i) * step(); }
};

/// One row of one component, divided by its g_left + g_right so that it is in units of u:
///
///     g_left (u - u_left) + g_right (u - u_right) + own u - known = sum_k weight_k f_k,
///
/// k the points to the left, at and to the right of the row's; on a side the missing one is the third from there.
struct EllipticRow {
  static constexpr int numbers = 7;
  double g_left = 0, g_right = 0, own = 0, known = 0, weight[3] = {0, 0, 0};
};

/// What holds on a side, a u + b du/dn = value, and kappa, each for component c.
struct EllipticSides {
  std::function<void(int c, double&a, double&b, double&value)> left, right;
};

/// The rows of all points, point by point, component by component.
///
/// @param order  2 or 4
/// @throws InvalidArgument  fewer than 3 points, an interval that is empty or not finite, kappa that is not positive (where), Robin
///                          with a = b = 0, a side's value that is not finite
std::vector<EllipticRow> elliptic_rows(const EllipticGrid& grid, int components, int order,
                                       const std::function<double(double x, int c)>& kappa, const EllipticSides& sides,
                                       const SourceLocation& where);

}  // namespace antler
