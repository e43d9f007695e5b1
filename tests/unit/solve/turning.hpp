// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "antler/problem/initial_value_problem.hpp"

/// y' = w(t) (-y_2, y_1) with w = 1 + 2 r t: y turns by the phase t + r t^2, so that every question has an answer in closed form.
struct Turning {
  double r = 0;

  template <class T>
  antler::Vector<T, 2> operator()(const T& t, const antler::Vector<T, 2>& y) const {
    const T w = 1.0 + 2.0 * r * t;
    return {-(w * y[1]), w * y[0]};
  }
  [[nodiscard]] double phase(double t) const { return t + r * t * t; }
  [[nodiscard]] antler::Vector<double, 2> exact(double t) const { return {std::cos(phase(t)), std::sin(phase(t))}; }
  [[nodiscard]] antler::InitialValueProblem<Turning, double, 2> between(double t0, double t1) const {
    return {*this, t0, t1, exact(t0)};
  }
};

inline double distance(const antler::Vector<double, 2>& a, const antler::Vector<double, 2>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1]);
}
