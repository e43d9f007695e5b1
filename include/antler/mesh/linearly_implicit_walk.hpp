// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What sequential walks with linearly implicit steps have in common: their matrices come from the exact Jacobian at the start of
/// the step, no iteration follows, and so no step can fail to converge.

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/all_finite.hpp"
#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"
#include "antler/deer/weights.hpp"
#include "antler/mesh/lost_stiffness.hpp"
#include "antler/problem/initial_value_problem.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// f, df/dy and df/dt at the start of a step.
template <class T, int n>
struct StepStart {
  double t;
  Vector<T, n> y, value, by_t;
  Matrix<T, n> by_y;
  /// y' as the step before found it: f(t, y) where there is none. Of a stiff problem f magnifies the error of y.
  Vector<T, n> slope;

  /// Evaluates f in one pass of dual numbers with n + 1 directions; with one direction where f brings its df/dy.
  template <class F>
  void evaluate(const F& f) {
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

  [[nodiscard]] bool finite() const { return all_finite(value) && all_finite(by_t) && all_finite(by_y); }
};

}  // namespace detail

/// A sequential walk, one accepted step at a time.
///
/// A step that fails its error test is repeated with a shorter one; a step that leaves the region where f is finite with a quarter
/// of its length.
/// @tparam Step  one step: `take(f, start, h, end, dense, statistics)` returns its end, `error()` the estimate of that;
///               `root(e)` is the p-th root of the square root of e, where p is the power of h in the estimate; where dense was
///               true `polynomial(start, h, end)` is its dense output, `error_between(p)` the estimate of that, to be below one
///               as well, and `end_slope(h)` what the next step may need for its own; where `may_miss_jumps`,
///               `jumps(...)` is the estimate of what a jump of f in time did that error() could not see; where it
///               `magnifies_rounding`, `loses_order(...)` tells where that was the error; `shortest_part` is the part of the
///               step over which f is asked for once, for lost_stiffness()
template <class F, class T, int n, class Step>
class LinearlyImplicitWalk {
 public:
  using Polynomial = typename Step::Polynomial;

  /// @param weights    the norm in which a step's error must be at most one
  /// @param direction  +1 forwards, -1 backwards in time
  LinearlyImplicitWalk(const F& f, const Weights<T, n>& weights, double direction)
      : f_(f), weights_(weights), direction_(direction) {}

  /// Begins at (t, y) with a step of length h, or of a length of its own choice when h is 0; no step is longer than `longest`,
  /// except the last by a thousandth. Returns non_finite when f is not finite there.
  Status start(double t, const Vector<T, n>& y, double h, double longest) {
    const bool continues = t == at_.t && y == at_.y;
    if (continues && h > 0 && h == h_) {  // as if it had not been left
      longest_ = longest;
      return Status::converged;
    }
    at_.t = t;
    at_.y = y;
    longest_ = longest;
    at_.evaluate(f_);
    if (!continues) at_.slope = at_.value;
    if (!at_.finite()) {
      at_.t = std::numeric_limits<double>::quiet_NaN();
      return Status::non_finite;
    }
    h_ = h > 0 ? h : std::min(longest, first_length());
    accepted_length_ = 0;
    growing_ = !(h > 0);
    rejected_ = left_domain_ = false;
    return Status::converged;
  }

  /// Whether f and its derivatives are finite at (time(), y).
  bool finite_at(const Vector<T, n>& y, Statistics& statistics) const {
    detail::StepStart<T, n> there{at_.t, y, {}, {}, {}, {}};
    there.evaluate(f_);
    ++statistics.function_evaluations;
    ++statistics.jacobian_evaluations;
    return there.finite();
  }

  [[nodiscard]] double time() const { return at_.t; }
  [[nodiscard]] const Vector<T, n>& state() const { return at_.y; }
  /// Whether the last step was repeated because f was not finite along it.
  [[nodiscard]] bool left_domain() const { return left_domain_; }
  /// Whether the last thousand steps or so were as short as rounding made them, not their order.
  [[nodiscard]] bool noisy() const { return noise_ > most_noise; }
  /// The length that the next step will be tried with.
  [[nodiscard]] double next_step() const { return h_; }

  /// Whether df/dt is anything but zero there.
  [[nodiscard]] bool knows_time() const {
    for (int c = 0; c < n; ++c)
      if (at_.by_t[c] != 0) return true;
    return false;
  }
  /// Where one step of length h, with its sign, would lead, whatever its error.
  Vector<T, n> probe(double h, Statistics& statistics) const {
    Step trial;
    return trial.take(f_, at_, h, at_.t + h, false, statistics);
  }

  /// Takes one accepted step, at most to `end`; its polynomial goes to *dense unless that is null.
  /// @return Status::converged, or Status::step_too_small when no step of representable length is accepted
  Status advance(double end, Polynomial* dense, Statistics& statistics) {
    return dense ? step<true>(end, dense, statistics) : step<false>(end, nullptr, statistics);
  }

 private:
  /// Two functions, as the steps without a polynomial are much shorter.
  template <bool wanted>
  ANTLER_FLATTEN Status step(double end, [[maybe_unused]] Polynomial* dense, Statistics& statistics) {
    left_domain_ = false;
    for (;;) {
      h_ = std::min(h_, longest_);
      const double remaining = std::abs(end - at_.t);
      const bool last = h_ >= 0.999 * remaining;
      const double h = direction_ * (last ? remaining : h_);
      if (at_.t + h == at_.t) return Status::step_too_small;
      detail::StepStart<T, n> next;
      next.t = last ? end : at_.t + h;
      Step trial;
      if constexpr (Step::magnifies_rounding) trial.compare_orders((accepted_ + 1) % noise_stride == 0);
      next.y = trial.take(f_, at_, h, next.t, wanted, statistics);
      double error = weights_.sum_of_squares(trial.error(), next.y) * (1.0 / n);  // squared
      if constexpr (wanted) {
        if (is_finite(error) && error <= 1) {
          *dense = trial.polynomial(at_, h, next.y);
          error = std::max(error, weights_.sum_of_squares(Step::error_between(*dense), next.y) * (1.0 / n));
        }
      }
      if (is_finite(error) && error <= 1) {
        next.evaluate(f_);
        ++statistics.jacobian_evaluations;
        if (!next.finite())
          error = HUGE_VAL;
        else if constexpr (Step::may_miss_jumps)
          error = std::max(error, trial.jumps(f_, at_, next, h, wanted || last, wanted, weights_, statistics));
        if (error <= 1 && detail::lost_stiffness(at_.by_y, next.by_y, next.value, h * Step::shortest_part,
                                                 [&](const Vector<T, n>& move) { return weights_.state_norm(move, next.y); }))
          error = enormous;
      }
      if (!is_finite(error)) {
        h_ = std::abs(h) * 0.25;
        rejected_ = left_domain_ = true;
        continue;
      }
      choose_step(std::abs(h), error);
      if (error > 1) continue;
      if constexpr (wanted) next.slope = trial.end_slope(h);
      if constexpr (Step::magnifies_rounding)
        if (++accepted_ % noise_stride == 0) [[unlikely]]
          noise_ += ((trial.loses_order(weights_, next.y) ? 1 : 0) - noise_) / noise_samples;
      at_ = next;
      return Status::converged;
    }
  }

  /// A first step that moves y by about one tolerance [HairerNorsettWanner1993, sec. II.4], after which steps grow. Where the start
  /// tells how fast y bends, tau = |y'| / |y''|, a method of high order may begin with a good part of tau, but not with more than y
  /// takes to move by its own size: y' = f is fast where y is far from a slow solution.
  [[nodiscard]] double first_length() const {
    const double speed = weights_.state_norm(at_.value, at_.y);
    // A step must be felt by t: an initial layer below its rounding is left to the error test.
    const double shortest = 16 * std::numeric_limits<double>::epsilon() * std::abs(at_.t);
    if (!(speed > 0)) return longest_;
    double length = first_move / speed;
    if constexpr (Step::begins_by_curvature) {
      Vector<T, n> curvature = at_.by_y * at_.value;
      curvature += at_.by_t;
      const double bend = weights_.state_norm(curvature, at_.y), size = weights_.state_norm(at_.y, at_.y);
      const double tau = speed / bend;  // y in units of the tolerance is speed tau, the 8th derivative of it that over tau^8
      if (bend > 0) length = std::max(length, std::min(tau * std::pow(speed * tau, -1.0 / 8), 0.1 * size / speed));
    }
    return std::max(length, shortest);
  }

  /// The next step's length from this one's error, squared: what the error asks for, and after an accepted step not more than what
  /// the trend of the last two errors asks for [HairerWanner1996, eq. IV.8.25, due to Gustafsson]. The next step waits for it;
  /// roots in single precision take half the time.
  void choose_step(double length, double squared_error) {
    const double root = Step::root(static_cast<float>(std::max(squared_error, smallest_squared_error)));
    double factor = safety / root;
    if (squared_error > 1) {
      rejected_ = true;
    } else {
      if (accepted_length_ > 0) factor = std::min(factor, factor * (length / accepted_length_) * (accepted_root_ / root));
      if (rejected_) factor = std::min(factor, 1.0);
      rejected_ = false;
      accepted_length_ = length;
      accepted_root_ = std::max(root, Step::smallest_remembered_root);
    }
    const double largest = growing_ ? Step::largest_first_factor : largest_factor;
    growing_ = growing_ && factor >= largest;
    h_ = length * std::clamp(factor, smallest_factor, largest);
  }

  static constexpr double safety = 0.9, smallest_factor = 0.2, largest_factor = 6;  // as in rodas.f
  /// Of steps that lose their order: 0.75 of those that rounding decides about, at most 0.35 of others.
  static constexpr double most_noise = 0.6, noise_samples = 64;
  static constexpr unsigned noise_stride = 8;
  static constexpr double smallest_squared_error = 1e-24;
  static constexpr double enormous = 1e12;  // squared error of a step that is to be repeated shorter
  static constexpr double first_move = 1;   // an Euler step that moves y by one unit of the tolerance errs by far less

  F f_;
  Weights<T, n> weights_;
  double direction_, h_ = 0, longest_ = 0, accepted_length_ = 0, accepted_root_ = 1;
  bool rejected_ = false, left_domain_ = false;
  double noise_ = 0;       // part of the steps that lose their order, as a moving average
  unsigned accepted_ = 0;  // steps
  bool growing_ = false;   // from the first step on each one allowed a longer one
  detail::StepStart<T, n> at_{std::numeric_limits<double>::quiet_NaN(), {}, {}, {}, {}, {}};
};

}  // namespace antler::inline ANTLER_LANES
