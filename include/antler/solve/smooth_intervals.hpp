// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "antler/core/finite.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// A part of the interval of integration within which f does not jump.
struct SmoothInterval {
  double from, to;     ///< its ends
  double first, last;  ///< where f is asked for in their place: a little inside when f jumps there

  /// The time that the user knows, of the end of a step: the jump itself, not the last point before it.
  [[nodiscard]] double end_at(double t) const { return t == last ? to : t; }
};

/// The parts of the interval from t0 to t1 between the jumps; none when t0 == t1.
///
/// Radau's last stage sits at the end of the step, so that a step up to a jump must see f from the left. Its argument t + h is
/// rounded; four units in the last place of the larger end keep it inside. A step from a jump begins at t itself: the next number
/// will do.
/// @param jumps  in the order of integration; jumps within some units in the last place of each other or of an end are one
template <class T>
std::vector<SmoothInterval> smooth_intervals(double t0, double t1, std::span<const double> jumps) {
  if (t0 == t1) return {};
  const double epsilon = static_cast<double>(std::numeric_limits<T>::epsilon()), direction = t1 > t0 ? 1 : -1;
  const auto apart = [&](double a, double b) { return (b - a) * direction > 32 * epsilon * std::max(std::abs(a), std::abs(b)); };
  // Not nextafter: behind a jump at zero a subnormal number would come, which some compilers' flags flush to zero.
  const double least = static_cast<double>(std::numeric_limits<T>::min());
  std::vector<SmoothInterval> intervals;
  intervals.reserve(jumps.size() + 1);
  double from = t0;
  bool jumps_at_from = false, jumps_at_end = false;
  const auto append = [&](double to, bool jumps_at_to) {
    SmoothInterval part{from, to, from, to};
    if (jumps_at_from) part.first += direction * std::max(2 * epsilon * std::abs(from), least);
    if (jumps_at_to) part.last -= direction * 4 * epsilon * std::max(std::abs(from), std::abs(to));
    intervals.push_back(part);
  };
  for (const double jump : jumps) {
    if ((jump - t0) * direction < 0 || (t1 - jump) * direction < 0) continue;
    if (!apart(jump, t1)) {
      jumps_at_end = true;
    } else if (apart(from, jump)) {
      append(jump, true);
      from = jump;
      jumps_at_from = true;
    } else if (intervals.empty()) {
      jumps_at_from = true;
    }
  }
  append(t1, jumps_at_end);
  return intervals;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
