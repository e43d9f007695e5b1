// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Problems with plain callbacks for the tests: those of the test set, and systems of any size with a closed form.

#include <cmath>
#include <numbers>
#include <vector>

#include "antler/problem/callback_problem.hpp"
#include "antler/problem/initial_value_problem.hpp"

namespace callbacks {

using Span = std::span<const double>;

/// y' = f(t, y) of a right-hand side with a compile-time size.
template <class F>
antler::CallbackProblem of(const F& f, double t0, double t1, std::vector<double> y0) {
  const auto state = [](Span y) {
    antler::Vector<double, F::size> v;
    for (int c = 0; c < F::size; ++c) v[c] = y[static_cast<std::size_t>(c)];
    return v;
  };
  return {.f =
              [f, state](double t, Span y, std::span<double> ydot) {
                const antler::Vector<double, F::size> value = f(t, state(y));
                for (int c = 0; c < F::size; ++c) ydot[static_cast<std::size_t>(c)] = value[c];
              },
          .t0 = t0,
          .t1 = t1,
          .y0 = std::move(y0),
          .jacobian =
              [f, state](double t, Span y, const antler::JacobianEntries& dfdy) {
                const auto j = antler::jacobian<double, F::size>(f, t, state(y));
                for (int r = 0; r < F::size; ++r)
                  for (int c = 0; c < F::size; ++c) dfdy(r, c) = j(r, c);
              }};
}

/// A problem of the test set, with the Jacobian of its dual numbers.
template <class Problem>
antler::CallbackProblem of(const Problem& problem) {
  return of(problem.f, problem.t0, problem.t1, std::vector<double>(problem.y0.begin(), problem.y0.end()));
}

/// u_t = u_xx on (0, 1), zero at both ends, second differences on n points. y0 holds three eigenmodes of the difference operator:
///
/// y_i(t) = sum_k exp(-lambda_k t) sin(k pi x_i), lambda_k = 4 (n + 1)^2 sin^2(k pi / (2 (n + 1))), k = 1, 2, 3.
struct Heat {
  int n;

  [[nodiscard]] double x(int i) const { return (i + 1.0) / (n + 1.0); }
  [[nodiscard]] double rate() const { return (n + 1.0) * (n + 1.0); }

  [[nodiscard]] std::vector<double> exact(double t) const {
    std::vector<double> y(static_cast<std::size_t>(n), 0.0);
    for (int k = 1; k <= std::min(n, 3); ++k) {
      const double s = std::sin(k * std::numbers::pi / (2 * (n + 1.0)));
      for (int i = 0; i < n; ++i)
        y[static_cast<std::size_t>(i)] += std::exp(-4 * rate() * s * s * t) * std::sin(k * std::numbers::pi * x(i));
    }
    return y;
  }

  [[nodiscard]] antler::CallbackProblem problem(double t1) const {
    const double r = rate();
    return {.f =
                [r](double, Span y, std::span<double> ydot) {
                  for (std::size_t i = 0; i < y.size(); ++i)
                    ydot[i] = r * ((i > 0 ? y[i - 1] : 0) - 2 * y[i] + (i + 1 < y.size() ? y[i + 1] : 0));
                },
            .t0 = 0,
            .t1 = t1,
            .y0 = exact(0)};
  }

  [[nodiscard]] antler::CallbackProblem::Jacobian jacobian() const {
    return [r = rate()](double, Span, const antler::JacobianEntries& dfdy) {
      for (int i = 0; i < dfdy.size(); ++i) {
        if (i > 0) dfdy(i, i - 1) = r;
        dfdy(i, i) = -2 * r;
        if (i + 1 < dfdy.size()) dfdy(i, i + 1) = r;
      }
    };
  }
};

/// The Brusselator with diffusion on a line [HairerWanner1996, sec. IV.1]: u and v on n / 2 points of (0, 1), components u_0, v_0,
/// u_1, v_1, ...
struct DiffusiveBrusselator {
  int points;

  [[nodiscard]] antler::CallbackProblem problem(double t1) const {
    const double r = 0.02 * (points + 1.0) * (points + 1.0);
    std::vector<double> y0;
    for (int i = 0; i < points; ++i) {
      y0.push_back(1 + std::sin(2 * std::numbers::pi * (i + 1) / (points + 1.0)));
      y0.push_back(3);
    }
    return {.f =
                [r](double, Span y, std::span<double> ydot) {
                  for (std::size_t i = 0; i < y.size(); i += 2) {
                    const double u = y[i], v = y[i + 1];
                    const double left_u = i > 0 ? y[i - 2] : 1, left_v = i > 0 ? y[i - 1] : 3;
                    const double right_u = i + 2 < y.size() ? y[i + 2] : 1, right_v = i + 2 < y.size() ? y[i + 3] : 3;
                    ydot[i] = 1 + u * u * v - 4 * u + r * (left_u - 2 * u + right_u);
                    ydot[i + 1] = 3 * u - u * u * v + r * (left_v - 2 * v + right_v);
                  }
                },
            .t0 = 0,
            .t1 = t1,
            .y0 = std::move(y0),
            .pattern = antler::BandedPattern{2, 2}};
  }
};

/// y' = w(t) (-y_2, y_1) with w = 1 + 2 r t: y turns by the phase t + r t^2, so that every question has an answer in closed form.
struct Turn {
  double r = 0;

  [[nodiscard]] double phase(double t) const { return t + r * t * t; }
  [[nodiscard]] std::vector<double> exact(double t) const { return {std::cos(phase(t)), std::sin(phase(t))}; }
  [[nodiscard]] antler::CallbackProblem between(double t0, double t1) const {
    return {.f =
                [r = r](double t, Span y, std::span<double> ydot) {
                  const double w = 1 + 2 * r * t;
                  ydot[0] = -w * y[1];
                  ydot[1] = w * y[0];
                },
            .t0 = t0,
            .t1 = t1,
            .y0 = exact(t0)};
  }
};

/// y' = f(t, y) with one component.
template <class F>
antler::CallbackProblem scalar(const F& f, double t0, double t1, double y0) {
  return {.f = [f](double t, Span y, std::span<double> ydot) { ydot[0] = f(t, y[0]); }, .t0 = t0, .t1 = t1, .y0 = {y0}};
}

inline std::vector<double> copy(Span y) { return {y.begin(), y.end()}; }

/// The largest error of a component, relative to |expected| + floor.
inline double error(Span y, Span expected, double floor) {
  double largest = 0;
  for (std::size_t c = 0; c < y.size(); ++c) {
    const double component = std::abs(y[c] - expected[c]) / (std::abs(expected[c]) + floor);
    if (!(component <= largest)) largest = component;  // keeps a NaN
  }
  return largest;
}

}  // namespace callbacks
