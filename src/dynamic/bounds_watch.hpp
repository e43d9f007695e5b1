// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>

#include "antler/solve/bounds_watch.hpp"
#include "dynamic/evaluator.hpp"
#include "dynamic/polynomials.hpp"

namespace antler::dynamic {

/// The watch of solve/bounds_watch.hpp over states in the solver's order of the components.
class BoundsWatch {
  using Watch = antler::detail::BoundsWatch<double, run_time_size>;

 public:
  static constexpr int most_refusals = Watch::most_refusals;

  BoundsWatch(const Bounds<double, run_time_size>& bounds, const Evaluator& evaluator)
      : watch_(bounds), evaluator_(evaluator), y_(size()), slope_(size()) {}

  [[nodiscard]] bool active() const { return watch_.active(); }
  [[nodiscard]] Index refused() const { return watch_.refused(); }
  [[nodiscard]] bool stopped() const { return watch_.stopped(); }
  void refuse() { watch_.refuse(); }
  void begin_window() { watch_.begin_window(); }
  void forget() { watch_.forget(); }

  /// True when y lies outside of the bounds by more than the tolerance.
  bool leaves(const double* y) {
    if (!active()) return false;
    evaluator_.export_state(y, y_.data());
    return watch_.leaves(y_);
  }
  /// The same of the cubic at theta.
  bool leaves(std::span<const double> cubic, double theta) {
    if (!active()) return false;
    evaluate_cubic(cubic, theta, slope_);
    return leaves(slope_.data());
  }

  /// Moves y to the nearest state within the bounds; true when that is another one.
  bool project(double* y) {
    if (!active()) return false;
    evaluator_.export_state(y, y_.data());
    slope_ = y_;
    watch_.project(y_);
    evaluator_.import_state(y_.data(), y);
    return y_ != slope_;
  }

  /// Ends a window at (t, y), as the watch of solve/bounds_watch.hpp does.
  bool left_for_good(double t, const double* y, double direction, Scratch& scratch) {
    evaluator_.value(t, y, scratch.value.data(), scratch);
    for (double& x : scratch.value) x *= direction;
    evaluator_.export_state(scratch.value.data(), slope_.data());
    evaluator_.export_state(y, y_.data());
    return watch_.left_for_good(slope_, y_);
  }

 private:
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(evaluator_.components()); }

  Watch watch_;
  const Evaluator& evaluator_;
  std::vector<double> y_, slope_;
};

}  // namespace antler::dynamic
