// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <type_traits>
#include <vector>

#include "antler/core/finite.hpp"
#include "antler/core/options.hpp"
#include "antler/core/vector.hpp"

namespace antler::inline ANTLER_LANES {

/// Stands for n where the number of components is known at run time only.
inline constexpr int run_time_size = 0;

/// lower_c <= y_c <= upper_c, where Options gives bounds. States are Vector<T, n>, or spans for n = run_time_size.
template <class T, int n>
class Bounds {
  template <class X>
  using Array = std::conditional_t<n == run_time_size, std::vector<X>, Vector<X, n>>;

 public:
  using State = std::conditional_t<n == run_time_size, std::span<const T>, Vector<T, n>>;

  Bounds() = default;
  explicit Bounds(const Options& options, int components = n)
      : any_(!options.lower_bounds.empty() || !options.upper_bounds.empty()), components_(components), rtol_(options.rtol) {
    if constexpr (n == run_time_size) {
      for (auto* array : {&lower_, &upper_}) array->resize(static_cast<std::size_t>(components));
      atol_.resize(static_cast<std::size_t>(components));
    }
    const auto value = [](const std::vector<double>& bounds, int c, double none) {
      return bounds.empty() ? none : bounds[bounds.size() == 1 ? 0 : static_cast<std::size_t>(c)];
    };
    for (int c = 0; c < size(); ++c) {
      at(lower_, c) = static_cast<T>(value(options.lower_bounds, c, -HUGE_VAL));
      at(upper_, c) = static_cast<T>(value(options.upper_bounds, c, HUGE_VAL));
      at(atol_, c) = options.atol[c];
    }
  }

  /// True when there are bounds.
  [[nodiscard]] bool any() const { return any_; }
  [[nodiscard]] const Array<T>& lower() const { return lower_; }
  [[nodiscard]] const Array<T>& upper() const { return upper_; }

  /// The nearest state within the bounds.
  [[nodiscard]] Vector<T, n> projected(Vector<T, n> y) const requires(n != run_time_size) {
    move_within(y);
    return y;
  }
  /// Moves y to the nearest state within the bounds.
  void project(std::span<T> y) const requires(n == run_time_size) { move_within(y); }

  /// How far y lies outside: the largest excess of a component, in units of the tolerance rtol |bound| + atol. 0 inside; infinite
  /// for a NaN.
  [[nodiscard]] double violation(const State& y) const {
    double largest = 0;
    if (any_)
      for (int c = 0; c < size(); ++c) {
        const T value = at(y, c), lower = at(lower_, c), upper = at(upper_, c);
        if (!is_finite(value)) return HUGE_VAL;
        const T bound = value < lower ? lower : upper;
        if (value >= lower && value <= upper) continue;
        const double excess = std::abs(static_cast<double>(value) - static_cast<double>(bound));
        largest = std::max(largest, excess / (rtol_ * std::abs(static_cast<double>(bound)) + at(atol_, c)));
      }
    return largest;
  }

  /// True when a component of y sits on its bound and the slope f(t, y) takes it out.
  [[nodiscard]] bool left_along(const State& slope, const State& y) const {
    for (int c = 0; c < size(); ++c)
      if ((at(y, c) <= at(lower_, c) && at(slope, c) < 0) || (at(y, c) >= at(upper_, c) && at(slope, c) > 0)) return true;
    return false;
  }

 private:
  [[nodiscard]] int size() const {
    if constexpr (n == run_time_size) return components_;
    return n;
  }
  /// Component c of whatever holds one number per component.
  template <class X>
  static auto& at(X& array, int c) {
    return array.begin()[c];
  }

  template <class Y>
  void move_within(Y& y) const {
    if (any_)
      for (int c = 0; c < size(); ++c) at(y, c) = std::min(std::max(at(y, c), at(lower_, c)), at(upper_, c));
  }

  bool any_ = false;
  int components_ = n;
  double rtol_ = 0;
  Array<T> lower_{}, upper_{};
  Array<double> atol_{};
};

}  // namespace antler::inline ANTLER_LANES
