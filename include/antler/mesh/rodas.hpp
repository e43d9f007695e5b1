// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// RODAS [HairerWanner1996, sec. VI.4]: a Rosenbrock method of order 4 with an embedded one of order 3, six stages, L-stable,
/// stiffly accurate. With W = 1/(gamma h) - J, f_t = df/dt and the increments u_i:
///
///     W u_i = f(t + alpha_i h, y + sum_{j<i} a_ij u_j) + sum_{j<i} c_ij u_j / h + d_i h f_t,    i = 1 .. 6
///     y_1 = y + sum a_6j u_j + u_6,   a_6 = (a_5, 1),   error estimate u_6.
///
/// One factorisation and six evaluations per step; no iteration, so that a step cannot fail to converge.

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/all_finite.hpp"
#include "antler/core/small_inverse.hpp"
#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"
#include "antler/core/step_polynomial.hpp"
#include "antler/core/unrolled.hpp"
#include "antler/deer/weights.hpp"
#include "antler/mesh/rodas_coefficients.hpp"
#include "antler/problem/initial_value_problem.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// f, df/dy and df/dt in one pass of dual numbers with n + 1 directions; with one direction where f brings its df/dy.
template <class T, int n, class F>
void evaluate_with_time_derivative(const F& f, double t, const Vector<T, n>& y, Vector<T, n>& value, Matrix<T, n>& by_y,
                                   Vector<T, n>& by_t) {
  constexpr bool given = BringsJacobian<F, T, n>;
  constexpr int directions = given ? 1 : n + 1;
  using D = Dual<T, directions>;
  Vector<D, n> seeded;
  for (int c = 0; c < n; ++c) {
    if constexpr (given) {
      seeded[c] = D(y[c]);
    } else {
      seeded[c] = D::variable(y[c], c);
    }
  }
  const Vector<D, n> result = f(D::variable(static_cast<T>(t), directions - 1), seeded);
  for (int r = 0; r < n; ++r) {
    value[r] = result[r].value;
    by_t[r] = result[r].derivative[directions - 1];
    if constexpr (!given)
      for (int c = 0; c < n; ++c) by_y(r, c) = result[r].derivative[c];
  }
  if constexpr (given) by_y = jacobian<T, n>(f, static_cast<T>(t), y);
}

}  // namespace detail

/// A sequential walk with RODAS, one accepted step at a time: the predictor of the parallel methods, and their last resort.
///
/// A step that fails its error test is repeated with a shorter one; a step that leaves the region where f is finite with a quarter
/// of its length.
/// @note Per step 6 evaluations of f, one of them with n + 1 directions of dual numbers, and 2/3 n^3 + 12 n^2 flops.
template <class F, class T, int n>
class Rodas {
 public:
  using Polynomial = StepPolynomial<T, n, 3>;

  /// @param weights    the norm in which a step's error must be at most one
  /// @param direction  +1 forwards, -1 backwards in time
  Rodas(const F& f, const Weights<T, n>& weights, double direction) : f_(f), weights_(weights), direction_(direction) {}

  /// Begins at (t, y) with a step of length h, or of a length of its own choice when h is 0; no step is longer than `longest`,
  /// except the last by a thousandth. Returns non_finite when f is not
  /// finite there.
  Status start(double t, const Vector<T, n>& y, double h, double longest) {
    t_ = t;
    y_ = y;
    longest_ = longest;
    detail::evaluate_with_time_derivative(f_, t_, y_, value_, by_y_, by_t_);
    if (!detail::all_finite(value_) || !detail::all_finite(by_t_) || !detail::all_finite(by_y_)) return Status::non_finite;
    // The first step moves y by about one tolerance [HairerNorsettWanner1993, sec. II.4]; the next ones grow sixfold.
    const double speed = weights_.state_norm(value_, y_);
    // A step must be felt by t: an initial layer below its rounding is left to the error test.
    const double shortest = 16 * std::numeric_limits<double>::epsilon() * std::abs(t);
    h_ = h > 0 ? h : std::min(longest, std::max(speed > 0 ? first_move / speed : longest, shortest));
    accepted_length_ = 0;
    rejected_ = left_domain_ = false;
    return Status::converged;
  }

  /// Whether f and its derivatives are finite at (time(), y).
  bool finite_at(const Vector<T, n>& y, Statistics& statistics) const {
    Vector<T, n> value{}, by_t{};
    Matrix<T, n> by_y{};
    detail::evaluate_with_time_derivative(f_, t_, y, value, by_y, by_t);
    ++statistics.function_evaluations;
    ++statistics.jacobian_evaluations;
    return detail::all_finite(value) && detail::all_finite(by_y) && detail::all_finite(by_t);
  }

  [[nodiscard]] double time() const { return t_; }
  [[nodiscard]] const Vector<T, n>& state() const { return y_; }
  /// Whether a step since start() was repeated because f was not finite along it.
  [[nodiscard]] bool left_domain() const { return left_domain_; }
  /// The length that the next step will be tried with.
  [[nodiscard]] double next_step() const { return h_; }

  /// Takes one accepted step, at most to `end`; the step's cubic goes to *dense unless it is null.
  /// @return Status::converged, or Status::step_too_small when no step of representable length is accepted
  ANTLER_FLATTEN Status advance(double end, Polynomial* dense, Statistics& statistics) {
    using C = detail::RodasCoefficients;
    for (;;) {
      h_ = std::min(h_, longest_);
      const double remaining = std::abs(end - t_);
      const bool last = h_ >= 0.999 * remaining;
      const double step = direction_ * (last ? remaining : h_);
      if (t_ + step == t_) return Status::step_too_small;
      const T inverse_step = static_cast<T>(1 / step);
      Matrix<T, n> w = by_y_;  // h W: its entries do not grow as h falls
      w *= static_cast<T>(-step);
      for (int r = 0; r < n; ++r) w(r, r) += static_cast<T>(1 / C::gamma);
      SmallInverse<T, n> inverse(w);
      inverse *= static_cast<T>(step);
      ++statistics.factorisations;
      Vector<T, n> u[6], argument = y_;
      detail::unrolled_on_host<6>([&](auto i) {
        if constexpr (i == 0) {
          u[0] = value_;
        } else {
          argument = y_;
          Vector<T, n> memory{};
          detail::unrolled_on_host<i>([&](auto j) {
            argument += static_cast<T>(C::a[i][j]) * u[j];
            memory += static_cast<T>(C::c[i][j]) * u[j];
          });
          u[i] = Vector<T, n>(f_(static_cast<T>(last && C::alpha[i] == 1 ? end : t_ + C::alpha[i] * step), argument)) +
                 inverse_step * memory;
        }
        if constexpr (C::d[i] != 0) u[i] += static_cast<T>(C::d[i] * step) * by_t_;
        inverse.apply(u[i]);
      });
      statistics.function_evaluations += 6;
      const Vector<T, n> next = argument + u[5];
      double error = weights_.sum_of_squares(u[5], next) * (1.0 / n);  // squared
      Vector<T, n> next_value{}, next_by_t{};
      Matrix<T, n> next_by_y{};
      if (is_finite(error) && error <= 1) {
        detail::evaluate_with_time_derivative(f_, last ? end : t_ + step, next, next_value, next_by_y, next_by_t);
        ++statistics.jacobian_evaluations;
        if (!detail::all_finite(next_value) || !detail::all_finite(next_by_y) || !detail::all_finite(next_by_t)) error = HUGE_VAL;
      }
      if (!is_finite(error)) {
        h_ = std::abs(step) * 0.25;
        rejected_ = left_domain_ = true;
        continue;
      }
      choose_step(std::abs(step), error);
      if (error > 1) continue;

      if (dense) {
        dense->t = t_;
        dense->h = step;
        dense->y = y_;
        Vector<T, n> c3{}, c4{};
        for (int j = 0; j < 5; ++j) {
          c3 += static_cast<T>(C::dense[0][j]) * u[j];
          c4 += static_cast<T>(C::dense[1][j]) * u[j];
        }
        for (int c = 0; c < n; ++c) {  // y + theta (y_1 - y) + theta (1 - theta) (c_3 + theta c_4)
          dense->c(0, c) = next[c] - y_[c] + c3[c];
          dense->c(1, c) = c4[c] - c3[c];
          dense->c(2, c) = -c4[c];
        }
      }
      t_ = last ? end : t_ + step;
      y_ = next;
      value_ = next_value;
      by_y_ = next_by_y;
      by_t_ = next_by_t;
      return Status::converged;
    }
  }

 private:
  /// The next step's length from this one's error, squared: what the error asks for, and after an accepted step not more than what
  /// the trend of the last two errors asks for [HairerWanner1996, eq. IV.8.25, due to Gustafsson]. The next step waits for it;
  /// roots in single precision take half the time.
  void choose_step(double length, double squared_error) {
    const double root = std::sqrt(std::sqrt(std::sqrt(static_cast<float>(std::max(squared_error, smallest_squared_error)))));
    double factor = safety / root;
    if (squared_error > 1) {
      rejected_ = true;
    } else {
      if (accepted_length_ > 0) factor = std::min(factor, factor * (length / accepted_length_) * (accepted_root_ / root));
      if (rejected_) factor = std::min(factor, 1.0);
      rejected_ = false;
      accepted_length_ = length;
      accepted_root_ = std::max(root, smallest_remembered_root);
    }
    h_ = length * std::clamp(factor, smallest_factor, largest_factor);
  }

  static constexpr double safety = 0.9, smallest_factor = 0.2, largest_factor = 6;           // as in rodas.f
  static constexpr double smallest_squared_error = 1e-24, smallest_remembered_root = 0.316;  // of an error of 1e-12, and of 1e-2
  static constexpr double first_move = 1;  // an Euler step that moves y by one unit of the tolerance errs by far less

  F f_;
  Weights<T, n> weights_;
  double direction_, t_ = 0, h_ = 0, longest_ = 0, accepted_length_ = 0, accepted_root_ = 1;
  bool rejected_ = false, left_domain_ = false;
  Vector<T, n> y_, value_, by_t_;
  Matrix<T, n> by_y_;
};

}  // namespace antler::inline ANTLER_LANES
