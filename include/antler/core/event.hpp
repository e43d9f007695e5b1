// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "antler/core/vector.hpp"

namespace antler {

/// How a root function passes through zero, in the order of integration: from below, from above.
enum class Crossing { rising, falling, any };

/// What a solve does at an event: notes it, or ends there.
enum class AtEvent { note, stop };

/// An event of a CallbackProblem: a root of g(t, y) along the solution.
struct DynamicEvent {
  std::function<double(double, std::span<const double>)> root;  ///< g, called on the calling thread; may throw
  Crossing crossing = Crossing::any;                            ///< which roots count
  AtEvent action = AtEvent::note;
};

/// An event that a solve of a CallbackProblem found.
struct FoundDynamicEvent {
  double time;  ///< just behind the root, within rounding
  std::vector<double> state;
  int which;          ///< index of the event in the call
  Crossing crossing;  ///< rising or falling
};

}  // namespace antler

namespace antler::inline ANTLER_LANES {

/// An event: a root of g(t, y) along the solution.
template <class T, int n>
struct Event {
  std::function<double(double, const Vector<T, n>&)> root;  ///< g, called on the calling thread; may throw
  Crossing crossing = Crossing::any;                        ///< which roots count
  AtEvent action = AtEvent::note;
};

/// An event that a solve found.
template <class T, int n>
struct FoundEvent {
  double time;  ///< just behind the root, within rounding
  Vector<T, n> state;
  int which;          ///< index of the event in the call
  Crossing crossing;  ///< rising or falling
};

}  // namespace antler::inline ANTLER_LANES
