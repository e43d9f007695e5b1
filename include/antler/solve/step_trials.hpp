// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What the sequential walks of Radau IIA have in common, for explicit and implicit equations and run-time sizes: a step is tried
/// until it is accepted. Which length a trial has, what follows a failure, and how old matrices and factors may be, after RADAU5
/// [HairerWanner1996, sec. IV.8].

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/finite.hpp"
#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"
#include "antler/discretization/newton_rate.hpp"
#include "antler/mesh/predictive_controller.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The trials of one step after the other.
///
///     for (trials.begin(); trials.choose(t, end, longest, statistics);)
///       if (/* the step of length trials.h() is accepted */) return Status::converged;
///     return trials.failure();
class StepTrials {
 public:
  /// @param direction  +1 forwards, -1 backwards in time
  /// @param power      of h in the error estimate of a step of length h
  explicit StepTrials(double direction, int power = 4)
      : direction_(direction), power_(power), controller_(NewtonRate::most_iterations, power) {}

  /// Forgets the steps before, but for the length of the next one: a walk begins, with matrices of its first state.
  void restart() {
    controller_ = PredictiveController(NewtonRate::most_iterations, power_);
    has_polynomial_ = false;
    renewed();
  }

  /// The length, without its sign, that the next trial will have where no border is in its way.
  [[nodiscard]] double next_length() const { return next_; }
  void set_next_length(double length) { next_ = length; }

  /// Whether the last step's polynomial may be continued: not before there is one, nor after it left the region where f is finite.
  [[nodiscard]] bool has_polynomial() const { return has_polynomial_; }
  void set_polynomial(bool has) { has_polynomial_ = has; }

  /// Matrices were formed at the start of the next step; or it will do with those of an earlier one.
  void renewed() {
    fresh_ = true;
    factored_ = 0;
  }
  void aged() { fresh_ = false; }

  /// A new step.
  void begin() {
    tried_ = 0;
    failure_ = Status::step_too_small;
  }

  /// Chooses the next trial of the step from t.
  /// @param longest  no step is longer
  /// @return         false when no length that t would feel is left; then failure() says why none was accepted
  [[nodiscard]] bool choose(double t, double end, double longest, Statistics& statistics) {
    next_ = std::min(next_, longest);
    const double remaining = std::abs(end - t);
    const bool last = next_ >= (1 - 1e-10) * remaining;
    h_ = direction_ * (last ? remaining : next_);
    end_ = last ? end : t + h_;
    rejected_ = tried_++ > 0;
    if (t + (rejected_ || !last ? 0.1 * h_ : h_) == t) return false;
    if (rejected_) ++statistics.rejected_steps;
    return true;
  }

  /// The trial: its length, with its sign, and where it ends.
  [[nodiscard]] double h() const { return h_; }
  [[nodiscard]] double end() const { return end_; }
  [[nodiscard]] Status failure() const { return failure_; }

  /// Whether factors of a step of length h are at hand, or factor() makes them.
  template <class Factor>
  bool factors_for(double h, Statistics& statistics, const Factor& factor) {
    if (factored_ == h) return true;
    ++statistics.factorisations;
    const bool regular = factor();
    factored_ = regular ? h : 0;
    return regular;
  }

  /// The trial failed: the next one is so much shorter. @return false
  bool shorten(double factor) {
    next_ = factor * std::abs(h_);
    return false;
  }
  bool fail(Status why, double factor) {
    failure_ = why;
    return shorten(factor);
  }

  /// Newton's iteration failed. Where a number was not finite a quarter of the step follows; else with old matrices the same step
  /// with new ones, with new ones a shorter step.
  /// @return whether the matrices of the step's start are to be formed
  [[nodiscard]] bool renews_after(const NewtonRate& newton) {
    if (newton.outcome() == NewtonRate::Outcome::non_finite) {
      has_polynomial_ = false;
      return fail(Status::non_finite, 0.25);
    }
    if (fresh_) return fail(Status::step_too_small, newton.outcome() == NewtonRate::Outcome::slow ? newton.shrink() : 0.5);
    failure_ = Status::step_too_small;
    return fresh_ = true;
  }

  /// Whether an error estimate, 1 being the limit, is small enough; if not, a shorter step follows.
  [[nodiscard]] bool passes(double error, const NewtonRate& newton) {
    if (!is_finite(error)) return fail(Status::step_too_small, 0.25);
    if (error <= 1) return true;
    failure_ = Status::step_too_small;
    next_ = controller_.after_rejection(std::abs(h_), error, newton.iterations());
    return false;
  }

  /// The trial is the step: chooses the next length.
  /// @param keep_factors_below  growth of the step that gains less than new factors cost
  void accept(double error, const NewtonRate& newton, double keep_factors_below = 1.2) {
    const double length = std::abs(h_);
    double next = controller_.after_acceptance(length, error, newton.iterations());
    if (rejected_) next = std::min(next, length);
    const bool keep_factors = factored_ == h_ && next >= length && next <= keep_factors_below * length;
    next_ = keep_factors ? length : next;
  }

 private:
  double direction_;
  int power_;
  PredictiveController controller_;
  double next_ = 0, h_ = 0, end_ = 0;
  double factored_ = 0;          // length, with its sign, that factors are at hand for; 0: none
  bool fresh_ = true;            // the matrices are those of the step's start
  bool has_polynomial_ = false;  // the last one gives starting values
  bool rejected_ = false;        // this is not the first trial of its step
  int tried_ = 0;
  Status failure_ = Status::step_too_small;
};

/// A first step whose error is about a hundredth of the limit, from f and a difference of it [HairerNorsettWanner1993, sec. II.4].
/// @param size, speed  norms of y and f(t, y), 1 being the limit
/// @param change       change(d): the norm of f(t + d, y + d f) - f, d > 0 in the direction of time
template <class Change>
double first_length(double t, double interval, double size, double speed, const Change& change) {
  const double probe = std::min(size < 1e-5 || speed < 1e-5 ? 1e-6 * interval : 0.01 * size / speed, interval);
  const double curvature = change(probe) / probe, larger = std::max(speed, curvature);
  const double length = larger > 1e-15 ? std::sqrt(std::sqrt(0.01 / larger)) : interval;
  const double shortest = 16 * std::numeric_limits<double>::epsilon() * std::abs(t);  // a step must be felt by t
  return std::min(interval, std::max(shortest, is_finite(length) ? std::min(100 * probe, length) : probe));
}

/// Counts a Newton iteration. @param evaluations  of f, per update
inline void count_iterations(const NewtonRate& newton, int evaluations, Statistics& statistics) {
  statistics.iterations += newton.iterations();
  statistics.newton_steps += newton.iterations();
  statistics.function_evaluations += evaluations * newton.iterations();
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
