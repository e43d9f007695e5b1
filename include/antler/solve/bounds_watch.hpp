// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What bounds on components do to a march. A value outside by more than the tolerance is refused, and the step that has it made
/// shorter; one outside by less is moved to the bound, as CVODE does with its constraints [Hindmarsh2005]. So every accepted state
/// lies within. Where f leads out of a bound that the solution has reached, every step would end in such a move, and ever shorter
/// windows would creep along it: after ten windows in a row the march gives up.

#include "antler/core/bounds.hpp"
#include "antler/core/kokkos.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// States are Vector<T, n>, or spans for n = run_time_size.
template <class T, int n>
class BoundsWatch {
  using State = typename Bounds<T, n>::State;

 public:
  static constexpr int most_refusals = 10;  // in a row; CVODE's largest number of failures of a step

  explicit BoundsWatch(const Bounds<T, n>& bounds) : bounds_(bounds) {}

  [[nodiscard]] bool active() const { return bounds_.any(); }
  [[nodiscard]] Vector<T, n> projected(const Vector<T, n>& y) const requires(n != run_time_size) { return bounds_.projected(y); }
  void project(std::span<T> y) const requires(n == run_time_size) { bounds_.project(y); }
  /// Steps refused so far.
  [[nodiscard]] Index refused() const { return refused_; }

  /// True when y lies outside of the bounds by more than the tolerance.
  [[nodiscard]] bool leaves(const State& y) const { return active() && !(bounds_.violation(y) <= 1); }

  /// Notes that a step was refused in this window.
  void refuse() {
    ++refused_;
    stopped_ = true;
  }

  void begin_window() { stopped_ = false; }
  /// True when refused steps ended this window, so that left_for_good() needs to know.
  [[nodiscard]] bool stopped() const { return stopped_; }

  /// Ends a window at y, where f, times the direction of integration, is `slope`.
  /// @return true after ten windows in a row that ended on a bound with f leading out
  bool left_for_good(const State& slope, const State& y) {
    outward_ = bounds_.left_along(slope, y) ? outward_ + 1 : 0;
    return outward_ >= most_refusals;
  }
  /// Ends a window in which nothing was refused.
  void forget() { outward_ = 0; }

 private:
  Bounds<T, n> bounds_;
  Index refused_ = 0;
  int outward_ = 0;
  bool stopped_ = false;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
