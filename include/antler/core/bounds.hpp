// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "antler/core/finite.hpp"
#include "antler/core/options.hpp"
#include "antler/core/vector.hpp"

namespace antler::inline ANTLER_LANES {

/// lower_c <= y_c <= upper_c, where Options gives bounds.
template <class T, int n>
class Bounds {
 public:
  Bounds() = default;
  explicit Bounds(const Options& options)
      : any_(!options.lower_bounds.empty() || !options.upper_bounds.empty()), rtol_(options.rtol) {
    const auto value = [](const std::vector<double>& bounds, int c, double none) {
      return bounds.empty() ? none : bounds[bounds.size() == 1 ? 0 : static_cast<std::size_t>(c)];
    };
    for (int c = 0; c < n; ++c) {
      lower_[c] = static_cast<T>(value(options.lower_bounds, c, -HUGE_VAL));
      upper_[c] = static_cast<T>(value(options.upper_bounds, c, HUGE_VAL));
      atol_[c] = options.atol[c];
    }
  }

  /// True when there are bounds.
  [[nodiscard]] bool any() const { return any_; }

  /// The nearest state within the bounds.
  [[nodiscard]] Vector<T, n> projected(Vector<T, n> y) const {
    if (any_)
      for (int c = 0; c < n; ++c) y[c] = std::min(std::max(y[c], lower_[c]), upper_[c]);
    return y;
  }

  /// How far y lies outside: the largest excess of a component, in units of the tolerance rtol |bound| + atol. 0 inside; infinite
  /// for a NaN.
  [[nodiscard]] double violation(const Vector<T, n>& y) const {
    double largest = 0;
    if (any_)
      for (int c = 0; c < n; ++c) {
        if (!is_finite(y[c])) return HUGE_VAL;
        const T bound = y[c] < lower_[c] ? lower_[c] : upper_[c];
        if (y[c] >= lower_[c] && y[c] <= upper_[c]) continue;
        const double excess = std::abs(static_cast<double>(y[c]) - static_cast<double>(bound));
        largest = std::max(largest, excess / (rtol_ * std::abs(static_cast<double>(bound)) + atol_[c]));
      }
    return largest;
  }

  /// True when a component of y sits on its bound and the slope f(t, y) takes it out.
  [[nodiscard]] bool left_along(const Vector<T, n>& slope, const Vector<T, n>& y) const {
    for (int c = 0; c < n; ++c)
      if ((y[c] <= lower_[c] && slope[c] < 0) || (y[c] >= upper_[c] && slope[c] > 0)) return true;
    return false;
  }

 private:
  bool any_ = false;
  double rtol_ = 0;
  Vector<T, n> lower_{}, upper_{};
  Vector<double, n> atol_{};
};

}  // namespace antler::inline ANTLER_LANES
