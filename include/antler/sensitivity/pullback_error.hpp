// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "antler/sensitivity/step_arguments.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The largest entry of a matrix of derivatives, and the largest difference from another, as they come.
class LargestDifference {
 public:
  template <class T>
  void compare(const T& given, const T& expected) {
    const double difference = std::abs(static_cast<double>(given) - static_cast<double>(expected));
    if (!(difference <= difference_)) difference_ = std::isnan(difference) ? HUGE_VAL : difference;
    largest_ = std::max(largest_, std::abs(static_cast<double>(expected)));
  }
  [[nodiscard]] double relative() const { return largest_ > 0 ? difference_ / largest_ : difference_; }

 private:
  double largest_ = 0, difference_ = 0;
};

}  // namespace detail

/// Compares f's own pullback with dual numbers at (y, x): the largest difference of two derivatives of f over the largest
/// derivative, with respect to y, x and theta. Zero to rounding when the pullback is right.
///
/// @note n pullbacks, and n + m + parameter_count evaluations in dual numbers: for tests.
template <class F, class T, int n, class X>
[[nodiscard]] double pullback_error(const DifferenceEquation<F, T, n, 1, X>& equation, const Vector<T, n>& y, const X& x) {
  static_assert(InputTraits<X>::size > 0 && detail::brings_pullback<F, T, n, X>(),
                "pullback_error: f must bring pullback(y, x, lambda, y_bar, x_bar, theta_bar)");
  using Traits = InputTraits<X>;
  using D = Dual<T, 1>;
  constexpr int m = Traits::size, parameters = parameter_count_of<F>();
  const F& f = equation.f;
  const Vector<D, n> y_constant = detail::constants<D>(y);

  std::vector<Vector<T, n>> columns;  // df/dy_0, ..., df/dx_0, ..., df/dtheta_0, ...
  const auto add = [&](const Vector<D, n>& value) {
    Vector<T, n> derivative;
    for (int r = 0; r < n; ++r) derivative[r] = value[r].derivative[0];
    columns.push_back(derivative);
  };
  for (int c = 0; c < n; ++c) add(f(detail::variables<1>(y, c), x));
  for (int c = 0; c < m; ++c) add(f(y_constant, detail::input_variables<1, X, T>(x, c)));
  if constexpr (parameters > 0)
    for (int k = 0; k < parameters; ++k) add(detail::along_parameters<T, 1>(f, k)(y_constant, x));

  detail::LargestDifference difference;
  for (int r = 0; r < n; ++r) {
    Vector<T, n> unit = Vector<T, n>::filled(T(0)), y_bar;
    unit[r] = T(1);
    X x_bar{};
    std::vector<T> theta_bar(static_cast<std::size_t>(parameters), T(0));
    f.pullback(y, x, unit, y_bar, x_bar, ParameterSums<T>{theta_bar.data()});
    auto column = columns.begin();
    for (int c = 0; c < n; ++c) difference.compare(y_bar[c], (*column++)[r]);
    for (int c = 0; c < m; ++c) difference.compare(Traits::component(x_bar, c), (*column++)[r]);
    for (const T& p : theta_bar) difference.compare(p, (*column++)[r]);
  }
  return difference.relative();
}

}  // namespace antler::inline ANTLER_LANES
