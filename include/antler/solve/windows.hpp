// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <limits>
#include <span>

#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"
#include "antler/core/vector.hpp"

namespace antler::inline ANTLER_LANES {

/// Where the guess of a trajectory comes from: the caller's is kept as it is, the constant default follows the accepted part.
enum class Guess { given, constant };

/// Solves rows 1 .. N of a trajectory window by window: all of it first; a window that does not converge is halved, one that does
/// is accepted, and the next one may be twice as long. In the worst case windows hold one row, and the solve is a sequential
/// method.
///
/// @param window  `window(first, count)` solves rows first .. first + count - 1 from the accepted rows before them and returns its
/// Status; it
///                leaves the guess in place when it fails
/// @param states  rows 0 .. N, of which row 0 is given: guess, then solution
/// @param largest  most rows of a window
/// @return        Status::converged, or the status of the single row that could not be solved; rows before it are accepted
template <class T, int n, class Window>
Status solve_by_windows(std::span<Vector<T, n>> states, Guess guess, Statistics& statistics, const Window& window,
                        Index largest = std::numeric_limits<Index>::max()) {
  const Index rows = static_cast<Index>(states.size()) - 1;
  Index first = 1, count = std::min(rows, largest);
  Status status = Status::converged;
  while (first <= rows) {
    count = std::min(count, rows - first + 1);
    if (guess == Guess::constant && first > 1) {
      const auto row = states.begin() + first;
      std::fill(row, row + count, *(row - 1));
    }
    ++statistics.windows;
    statistics.first_failure = -1;
    status = window(first, count);
    if (status == Status::converged) {
      first += count;
      count = std::min(2 * count, largest);
    } else if (count > 1 && recoverable(status)) {
      count = (count + 1) / 2;
    } else {
      break;
    }
  }
  if (status == Status::converged) statistics.first_failure = -1;
  if (statistics.first_failure >= 0) statistics.first_failure += first - 1;
  return status;
}

}  // namespace antler::inline ANTLER_LANES
