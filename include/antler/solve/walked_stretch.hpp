// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "antler/core/statistics.hpp"
#include "antler/mesh/seulex.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The points of one stretch, as they were walked apart.
template <class T, int n>
struct alignas(128) WalkedStretch {
  using Polynomial = typename SeulexStep<T, n>::Polynomial;

  std::vector<double> times;         ///< the start and the ends of steps, or of the last one alone
  std::vector<Vector<T, n>> states;  ///< there
  std::vector<Polynomial> pieces;    ///< of the steps, where somebody wants them
  double next_step = 0;              ///< for the step behind its end
  bool knows_time = false;           ///< whether df/dt was anything but zero
  bool noisy = false;                ///< whether rounding decided about its steps
  double loose_work = 0;             ///< on the way to its start
  bool keeps_last = false;           ///< of all points
  std::size_t left_out = 0;          ///< points
  Statistics statistics;

  /// Of steps.
  [[nodiscard]] std::size_t count() const { return left_out + times.size() - 1; }
  [[nodiscard]] std::size_t bytes() const {
    return times.capacity() * sizeof(double) + states.capacity() * sizeof(Vector<T, n>) + pieces.capacity() * sizeof(Polynomial);
  }
  void clear() {
    times.clear();
    states.clear();
    pieces.clear();
    next_step = 0;
    knows_time = noisy = false;
    loose_work = 0;
    left_out = 0;
    statistics = {};
  }
  void append(double t, const Vector<T, n>& y) {
    if (keeps_last && times.size() == 2) {
      times[1] = t;
      states[1] = y;
      ++left_out;
      return;
    }
    times.push_back(t);
    states.push_back(y);
  }
};

/// Where an accepted trajectory has come to, and the length its next step would have.
template <class T, int n>
struct WalkFront {
  double t, step;
  Vector<T, n> y;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
