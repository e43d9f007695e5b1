// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "antler/core/parallel.hpp"
#include "antler/core/stopwatch.hpp"
#include "antler/sensitivity/variation.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// dy_0 .. dy_N in several directions, window by window in the order of time: a window is linearised once and solved for each.
///
/// @param initial  dy_0 of each direction
/// @param longest  most steps of a window
/// @param bytes    what all of it holds
/// @param begin    (first, count, statistics): linearises steps first .. first + count - 1, counted from 1
/// @param solve    (d, states): fills the rows of these steps in the dy_0 .. dy_N of direction d
template <class T, int n, class Begin, class Solve>
std::vector<Sensitivity<T, n>> sensitivities_by(const std::vector<Vector<T, n>>& initial, Index steps, Index longest,
                                                std::size_t bytes, const Begin& begin, const Solve& solve) {
  const Stopwatch total;
  const Vector<T, n> unknown = Vector<T, n>::filled(std::numeric_limits<T>::quiet_NaN());
  std::vector<Sensitivity<T, n>> moved(initial.size());
  for (std::size_t d = 0; d < initial.size(); ++d) {
    moved[d].states.assign(static_cast<std::size_t>(steps) + 1, unknown);
    moved[d].states[0] = initial[d];
  }
  Statistics statistics;
  Status status = Status::converged;
  for (Index first = 1; first <= steps && status == Status::converged && !moved.empty(); first += longest) {
    ++statistics.windows;
    status = begin(first, std::min(longest, steps - first + 1), statistics);
    const Stopwatch inversion;
    for (std::size_t d = 0; d < moved.size() && status == Status::converged; ++d)
      status = solve(d, std::span<Vector<T, n>>(moved[d].states));
    statistics.inverse_seconds += inversion.seconds();
  }
  statistics.steps = steps;
  statistics.peak_bytes = bytes;
  statistics.total_seconds = total.seconds();
  for (auto& one : moved) {
    one.status = status;
    one.statistics = statistics;
    for (const auto& state : one.states)
      if (one.status == Status::converged && !all_finite(state)) one.status = Status::diverged;
    if (one.status != Status::converged) one.states.assign(one.states.size(), unknown);
  }
  return moved;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
