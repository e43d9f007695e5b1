// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/finite.hpp"

namespace antler::inline ANTLER_LANES {

/// The root of g between a and b, to rounding, by the method ITP [OliveiraTakahashi2020]: superlinear for a smooth g, and never
/// more than one evaluation above bisection.
///
/// @param a, b    ends in either order, with g of opposite signs
/// @param ga, gb  g(a), g(b), not zero
/// @return        a point where g is zero or has the sign of g(b), within 4 units in the last place of the larger end of a root
/// @note A value of g that is not finite counts as beyond the root.
template <class G>
[[nodiscard]] double bracketed_root(const G& g, double a, double b, double ga, double gb) {
  const double epsilon = 2 * std::numeric_limits<double>::epsilon() * std::max(std::abs(a), std::abs(b));
  const double sign = gb > 0 ? 1 : -1, length = std::abs(b - a), kappa = 0.2 / length;
  // At most this many halvings, and one evaluation of slack [OliveiraTakahashi2020, thm. 2.1].
  const double most = std::max(0.0, std::ceil(std::log2(length / (2 * epsilon)))) + 1;
  for (double j = 0; std::abs(b - a) > 2 * epsilon && j <= most; ++j) {
    const double middle = a + 0.5 * (b - a), half = 0.5 * std::abs(b - a);
    double falsi = a - ga * ((b - a) / (gb - ga));
    if (!is_finite(falsi)) falsi = middle;
    const double towards = middle > falsi ? 1 : -1, shift = kappa * 4 * half * half;
    double x = shift <= std::abs(middle - falsi) ? falsi + towards * shift : middle;  // truncated towards the middle
    const double radius = epsilon * std::exp2(most - j) - half;
    if (std::abs(x - middle) > radius) x = middle - towards * std::max(radius, 0.0);  // projected on what bisection allows
    const double value = g(x);
    if (value == 0) return x;
    if (is_finite(value) && sign * value < 0) {
      a = x;
      ga = value;
    } else {
      b = x;
      gb = value;
    }
  }
  return b;
}

}  // namespace antler::inline ANTLER_LANES
