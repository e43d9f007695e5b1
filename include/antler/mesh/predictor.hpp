// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The predictor: a sequential walk over the interval that yields a graded mesh and a first trajectory, the guess of the Newton iteration.
///
/// RODAS [HairerWanner1996, sec. VI.4]: a Rosenbrock method of order 4 with an embedded one of order 3, six stages, L-stable, stiffly accurate.
/// With W = 1/(gamma h) - J, f_t = df/dt and the increments u_i:
///
///     W u_i = f(t + alpha_i h, y + sum_{j<i} a_ij u_j) + sum_{j<i} c_ij u_j / h + d_i h f_t,    i = 1 .. 6
///     y_1 = y + sum a_6j u_j + u_6,   a_6 = (a_5, 1),   error estimate u_6.
///
/// One factorisation and six evaluations per step; no iteration, so that a step cannot fail to converge.

#include <algorithm>
#include <cmath>
#include <vector>

#include "antler/core/lu.hpp"
#include "antler/core/options.hpp"
#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"
#include "antler/deer/weights.hpp"
#include "antler/problem/initial_value_problem.hpp"

namespace antler::inline ANTLER_LANES {

/// What a predictor found: its accepted steps, and how far it came.
template <class T, int n>
struct Prediction {
  Status status = Status::converged;  ///< converged: t1 was reached; maximum_steps, step_too_small or non_finite: it stopped at times.back()
  std::vector<double> times;
  std::vector<Vector<T, n>> states;
};

namespace detail {

/// The coefficients of RODAS, in the notation above [HairerWanner1996, table IV.7.2 and the code rodas.f].
struct Rodas {
  static constexpr double gamma = 0.25;
  static constexpr double alpha[6] = {0, 0.386, 0.21, 0.63, 1, 1};
  static constexpr double d[6] = {0.25, -0.1043, 0.1035, -0.03620000000000023, 0, 0};
  static constexpr double a[6][5] = {{},
                                     {1.544},
                                     {0.9466785280815826, 0.2557011698983284},
                                     {3.314825187068521, 2.896124015972201, 0.9986419139977817},
                                     {1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950},
                                     {1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1}};
  static constexpr double c[6][5] = {{},
                                     {-5.6688},
                                     {-2.430093356833875, -0.2063599157091915},
                                     {-0.1073529058151375, -9.594562251023355, -20.47028614809616},
                                     {7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160},
                                     {8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054}};
};

/// f, df/dy and df/dt in one pass of dual numbers with n + 1 directions.
template <class T, int n, class F>
void evaluate_with_time_derivative(const F& f, double t, const Vector<T, n>& y, Vector<T, n>& value, Matrix<T, n>& by_y, Vector<T, n>& by_t) {
  using D = Dual<T, n + 1>;
  Vector<D, n> seeded;
  for (int c = 0; c < n; ++c) seeded[c] = D::variable(y[c], c);
  const Vector<D, n> result = f(D::variable(static_cast<T>(t), n), seeded);
  for (int r = 0; r < n; ++r) {
    value[r] = result[r].value;
    by_t[r] = result[r].derivative[n];
    for (int c = 0; c < n; ++c) by_y(r, c) = result[r].derivative[c];
  }
}

template <class T, int n>
bool all_finite(const Vector<T, n>& v) {
  for (const T& x : v)
    if (!is_finite(x)) return false;
  return true;
}

}  // namespace detail

/// Walks over problem's interval with local errors within options.rtol and options.atol.
///
/// A step that leaves the region where f is finite is repeated with a quarter of its length.
/// @note Sequential, on the host; about 6 evaluations, one Jacobian and 2/3 n^3 + 12 n^2 flops per step.
template <class F, class T, int n>
[[nodiscard]] Prediction<T, n> predict(const InitialValueProblem<F, T, n>& problem, const Options& options, Statistics& statistics) {
  using detail::Rodas;
  constexpr double safety = 0.9, smallest_factor = 0.2, largest_factor = 6;  // as in rodas.f
  const double direction = problem.t1 < problem.t0 ? -1 : 1;
  const Weights<T, n> weights(options);

  Prediction<T, n> walk;
  walk.times.push_back(problem.t0);
  walk.states.push_back(problem.y0);
  double t = problem.t0;
  Vector<T, n> y = problem.y0, value, by_t;
  Matrix<T, n> by_y;
  detail::evaluate_with_time_derivative(problem.f, t, y, value, by_y, by_t);
  if (!detail::all_finite(value)) {
    walk.status = Status::non_finite;
    statistics.first_failure = 0;
    return walk;
  }
  // The first step moves y by a hundredth of its size at most, and by the square root of the tolerance in any case [HairerNorsettWanner1993, sec. II.4].
  const double speed = weights.state_norm(value, y);
  double h = std::min(std::abs(problem.t1 - problem.t0), speed > 0 ? 0.01 / (options.rtol * speed) : std::abs(problem.t1 - problem.t0));

  while ((problem.t1 - t) * direction > 0) {
    const double remaining = std::abs(problem.t1 - t);
    const bool last = h >= 0.999 * remaining;
    const double step = direction * (last ? remaining : h);
    if (t + step == t) {
      walk.status = Status::step_too_small;
      return walk;
    }
    Matrix<T, n> w = by_y;
    w *= T(-1);
    for (int r = 0; r < n; ++r) w(r, r) += static_cast<T>(1 / (Rodas::gamma * step));
    const LU<T, n> factors(w);
    ++statistics.factorisations;
    Vector<T, n> u[6], argument = y;
    for (int i = 0; i < 6; ++i) {
      argument = y;
      for (int j = 0; j < i; ++j) argument += static_cast<T>(Rodas::a[i][j]) * u[j];
      u[i] = i == 0 ? value : Vector<T, n>(problem.f(static_cast<T>(t + Rodas::alpha[i] * step), argument));
      for (int j = 0; j < i; ++j) u[i] += static_cast<T>(Rodas::c[i][j] / step) * u[j];
      u[i] += static_cast<T>(Rodas::d[i] * step) * by_t;
      factors.solve(u[i]);
    }
    statistics.function_evaluations += 5;
    const Vector<T, n> next = argument + u[5];
    double error = weights.state_norm(u[5], next);
    Vector<T, n> next_value, next_by_t;
    Matrix<T, n> next_by_y;
    if (is_finite(error) && error <= 1) {
      detail::evaluate_with_time_derivative(problem.f, t + step, next, next_value, next_by_y, next_by_t);
      ++statistics.function_evaluations;
      ++statistics.jacobian_evaluations;
      if (!detail::all_finite(next_value)) error = HUGE_VAL;
    }
    const double factor = is_finite(error) ? std::clamp(safety * std::pow(std::max(error, 1e-12), -0.25), smallest_factor, largest_factor) : 0.25;
    if (is_finite(error) && error <= 1) {
      t = last ? problem.t1 : t + step;
      y = next;
      value = next_value;
      by_y = next_by_y;
      by_t = next_by_t;
      walk.times.push_back(t);
      walk.states.push_back(y);
      ++statistics.predictor_steps;
      if (static_cast<Index>(walk.times.size()) > options.maximum_steps && (problem.t1 - t) * direction > 0) {
        walk.status = Status::maximum_steps;
        return walk;
      }
    }
    h = std::abs(step) * factor;
  }
  return walk;
}

}  // namespace antler::inline ANTLER_LANES
