// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "antler/problem/boundary_value_problem.hpp"

namespace antler::tests {

/// y'' = s(t, y, y') as a system, several s in one type, so that one compilation serves them all.
struct SecondOrder {
  static constexpr int size = 2;
  enum class Kind { bratu, troesch, corner, layer, undefined, free };

  Kind kind;
  double c;

  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(const T&, const Vector<T, 2>& y) const {
    switch (kind) {
      case Kind::bratu:  // y'' = -c exp(y)
        return {y[1], -c * exp(y[0])};
      case Kind::troesch:  // y'' = c sinh(c y)
        return {y[1], c * sinh(c * y[0])};
      case Kind::corner:  // c y'' = y - y y'
        return {y[1], (1 / c) * y[0] * (1.0 - y[1])};
      case Kind::layer:  // c y'' = -y'
        return {y[1], (-1 / c) * y[1]};
      case Kind::undefined:  // not a number where y < c
        return {y[1], sqrt(y[0] - c)};
      case Kind::free:  // y'' = c
        break;
    }
    return {y[1], T(c)};
  }
};

/// Two conditions, some of them wrong.
struct TwoConditions {
  enum class Kind { ends, repeated, contradictory, slopes, periodic };

  double left = 0, right = 0;
  Kind kind = Kind::ends;

  template <class T>
  Vector<T, 2> operator()(const Vector<T, 2>& ya, const Vector<T, 2>& yb) const {
    switch (kind) {
      case Kind::ends:
        return {ya[0] - left, yb[0] - right};
      case Kind::repeated:
        return {ya[0] - left, 3.0 * (ya[0] - left)};
      case Kind::contradictory:
        return {ya[0] - left, ya[0] - right};
      case Kind::slopes:
        return {ya[1] - left, yb[1] - right};
      case Kind::periodic:
        break;
    }
    return {ya[0] - yb[0], ya[1] - yb[1]};
  }
};

/// Bratu's problem in closed form, u = -2 log(cosh((t - 1/2) theta / 2) / cosh(theta / 4)), theta = sqrt(2 lambda) cosh(theta / 4).
struct BratuSolution {
  double theta;

  /// The lower solution is near theta = 1.5 for lambda = 1, the upper one near 11.
  BratuSolution(double lambda, double near) : theta(near) {
    for (int k = 0; k < 50; ++k) {
      const double root = std::sqrt(2 * lambda);
      theta -= (theta - root * std::cosh(theta / 4)) / (1 - root / 4 * std::sinh(theta / 4));
    }
  }
  Vector<double, 2> operator()(double t) const {
    const double at = (t - 0.5) * theta / 2;
    return {-2 * std::log(std::cosh(at) / std::cosh(theta / 4)), -theta * std::tanh(at)};
  }
};

/// The largest error of a solution at its points and, when asked for, between them.
template <class Solution, class Exact>
double largest_error(const Solution& solution, const Exact& exact, int between = 0) {
  double largest = 0;
  const auto times = solution.times();
  for (std::size_t i = 0; i + 1 < times.size(); ++i)
    for (int k = 0; k <= between; ++k) {
      const double t = times[i] + k * (times[i + 1] - times[i]) / (between + 1);
      largest = std::max(largest, std::abs(solution(t)[0] - exact(t)[0]));
    }
  return largest;
}

}  // namespace antler::tests
