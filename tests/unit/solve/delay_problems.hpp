// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Delay equations with known answers. One f with parameters for those with one delay: every f is a compilation of the solver.

#include <cmath>
#include <stdexcept>

#include "antler/core/lanes_math.hpp"
#include "antler/problem/delay_problem.hpp"

namespace antler::test {

/// y' = linear y(t - 1) + growth y (1 - y(t - 1)) + production z / (1 + z^10) - decay y, z = y(t - tau), which is one of
///
///     y' = lambda y(t - 1), Hutchinson's equation [Hutchinson1948], the Mackey-Glass equation [MackeyGlass1977],
///
/// and with stiffness k the equation of Prothero and Robinson with a delay, whose solution is cos t behind the history 1:
///
///     y' = -k (y - cos t) - sin t + k/2 (y(t - 1) - cos(max(t - 1, 0))).
struct Feedback {
  double linear = 0, growth = 0, production = 0, decay = 0, stiffness = 0;

  template <class T>
  Vector<T, 1> operator()(const T& t, const Vector<T, 1>& y, const Vector<T, 1>& z) const {
    T slope = linear * z[0] + growth * y[0] * (1.0 - z[0]) - decay * y[0];
    if (production != 0) {
      const T two = z[0] * z[0], four = two * two;
      slope += production * z[0] / (1.0 + four * four * two);
    }
    if (stiffness != 0) slope += -stiffness * (y[0] - cos(t)) - sin(t) + 0.5 * stiffness * (z[0] - cos(max(t - 1.0, 0.0)));
    return {slope};
  }
};

/// The solution of y' = lambda y(t - 1) with the history 1: sum_k lambda^k (t - k + 1)^k / k!, k = 0 .. floor(t) + 1.
inline double linear_by_steps(double lambda, double t) {
  long double sum = 1, factor = 1;
  for (int k = 1; k <= static_cast<int>(std::floor(t)) + 1; ++k) {
    factor *= static_cast<long double>(lambda) / k;
    sum += factor * std::pow(static_cast<long double>(t) - k + 1, static_cast<long double>(k));
  }
  return static_cast<double>(sum);
}

/// Hutchinson's equation with growth 2, delay 1 and history 1/2, which goes to a limit cycle. By the method of steps with Chebyshev
/// collocation of degree 26 on pieces of 1/8 and 45 digits.
inline DelayProblem<Feedback, Vector<double, 1>, double, 1> hutchinson(double t1) {
  return {Feedback{.growth = 2}, Vector<double, 1>{0.5}, {1.0}, 0.0, t1};
}
inline constexpr double hutchinson_at_10 = 2.824689149229560397917, hutchinson_at_20 = 0.1246133485132391207889;

/// The Mackey-Glass equation with delay 17 and history 1/2; references as above, on pieces of 1.
inline DelayProblem<Feedback, Vector<double, 1>, double, 1> mackey_glass(double t1) {
  return {Feedback{.production = 0.2, .decay = 0.1}, Vector<double, 1>{0.5}, {17.0}, 0.0, t1};
}
inline constexpr double mackey_glass_at_100 = 1.050020507052510584507, mackey_glass_at_300 = 1.003969448501636987513,
                        mackey_glass_at_500 = 1.15390585545228631595;

/// History of several kinds: cos t, a step at t = -1/2, a constant, and what a history should not do.
struct TestHistory {
  enum class Kind { cosine, step, constant, throws, not_a_number } kind = Kind::cosine;

  Vector<double, 1> operator()(double t) const {
    if (kind == Kind::step) return {t < -0.5 ? 0.0 : 1.0};
    if (kind == Kind::constant) return {1.0};
    if (kind == Kind::throws && t > -0.75 && t < -0.5) throw std::runtime_error("no measurement");
    if (kind == Kind::not_a_number && t > -0.75 && t < -0.5) return {std::nan("")};
    return {std::cos(t)};
  }
};

/// y' = -y(t - tau_1) + sin(t) y(t - tau_2) y / 2 - y^2 / 4; with `sum`, y' = -(y(t - tau_1) + y(t - tau_2)) / 2; with stiffness k
/// and delays 10 and 14.2 an equation whose solution is cos t behind the history cos t,
///
///     y' = -k (y - cos t) - sin t + 3/10 k (y(t - 10) - cos(t - 10) + y(t - 14.2) - cos(t - 14.2)).
struct TwoDelays {
  bool sum = false;
  double stiffness = 0;

  template <class T>
  Vector<T, 1> operator()(const T& t, const Vector<T, 1>& y, const Vector<T, 1>& a, const Vector<T, 1>& b) const {
    if (stiffness != 0)
      return {-stiffness * (y[0] - cos(t)) - sin(t) + 0.3 * stiffness * (a[0] - cos(t - 10.0) + b[0] - cos(t - 14.2))};
    if (sum) return {-0.5 * (a[0] + b[0])};
    return {-a[0] + 0.5 * sin(t) * b[0] * y[0] - 0.25 * y[0] * y[0]};
  }
};

/// Delays 1 and sqrt 2, history cos t: no mesh serves both. References as above.
inline DelayProblem<TwoDelays, TestHistory, double, 1> two_delays(double t1) {
  return {TwoDelays{}, TestHistory{}, {1.0, std::sqrt(2.0)}, 0.0, t1};
}
inline constexpr double two_delays_at_3 = -0.4163685836303532994994, two_delays_at_6 = 0.006982990482193775225775;
inline constexpr double short_delay_at_6 = 0.003275689608037890459683;  ///< with 1/100 in place of 1

}  // namespace antler::test
