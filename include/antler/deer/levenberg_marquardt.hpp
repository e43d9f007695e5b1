// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Newton's method on the whole trajectory with damped steps, where the plain ones overflow [Gonzalez2024; NocedalWright2006,
/// sec. 10.3]:
///
///     d = argmin |F(y) + F'(y) d|^2 + lambda |d|^2     (or a causal estimate of it),     y <- y + d.
///
/// lambda follows from how far the linear model can be trusted. With F_lin = F(y) + F'(y) d, in a weighted 2-norm,
///
///     theta = |F(y + d) - F_lin| / |F(y)|
///
/// is the part of the residual that the model did not foresee: small, and lambda falls; near one, and it grows. A step is taken
/// back when f is not finite behind it, or its residual is larger than the states; an undamped one, when the residual does not
/// fall. Where an undamped step is foreseen well, newton() finishes.
///
/// What differs from Levenberg and Marquardt: theta in the place of the gain ratio, and the residual may grow. Steps that only go
/// downhill end in a valley, far from the solution: a trajectory that leaves the true one early, and then is nearly a solution. Its
/// small residual lies in the first steps, and F'(y), whose smallest singular values fall exponentially with the length, hardly
/// tells it from zero (docs/method.md has figures).
///
/// With a stand-in for F'(y), diagonal blocks say, the same, but for what follows from the stand-in: what it leaves out is never
/// foreseen, so that more is put up with (ModelTrust); there is no Newton's method to finish with; and the residual alone says when
/// y has been found.

#include <algorithm>

#include "antler/deer/newton.hpp"

namespace antler::inline ANTLER_LANES {

/// A NewtonSystem whose steps can be damped and taken back.
///
///   damp(lambda)   the weight of the update in solve() from now on, 0 for Newton's step
///   square()       |F(y)|^2 in the weighted 2-norm, at the last linearize(), from the first solve() on; infinite when it overflows
///   largest_square() what square() is where residuals are as large as the states themselves
///   unforeseen()   |F(y + d) - F_lin|^2, after solve(), advance() and linearize()
///   mark(), undo() remembers y; brings it back
template <class System>
concept DampedNewtonSystem = NewtonSystem<System> && requires(System& system, double lambda) {
  system.damp(lambda);
  { system.square() } -> std::same_as<double>;
  { system.largest_square() } -> std::same_as<double>;
  { system.unforeseen() } -> std::same_as<double>;
  system.mark();
  system.undo();
};

/// Shares theta of the residual that the model of a step did not foresee, and what they mean for lambda.
struct ModelTrust {
  double foreseen = 0.02;  ///< below, the step was much shorter than the model is good for: a tenth of lambda
  double trusted = 0.1;    ///< below, half of it. At three times as much iterates that are far from the solution grow
  double untrusted = 0.2;  ///< above, twice as much
  bool exact = true;       ///< undamped steps are Newton's

  /// For a stand-in for F'(y): a step that removes a part of the residual is a good one. What is left of it is at most theta and
  /// the part that the damping leaves; with 0.9 in the place of 0.7 the sum lets iterates of chaotic recurrences grow.
  static ModelTrust of_a_stand_in() { return {0.3, 0.5, 0.7, false}; }
};

namespace detail {

/// lambda of the next step. In units in which a step's own unknown has the coefficient one: lambda = 1 halves the update of a step
/// that follows no other; where the recursion neither amplifies nor contracts, the damping is felt over lambda^(-1/2) steps.
class DampingControl {
 public:
  explicit DampingControl(const ModelTrust& trust) : trust_(trust) {}
  [[nodiscard]] double lambda() const { return lambda_; }

  /// After a step that was accepted.
  void accepted(double theta) {
    if (lambda_ == 0) return;
    if (theta >= trust_.foreseen) working_ = lambda_;
    if (theta < trust_.foreseen)
      lambda_ *= 0.1;
    else if (theta < trust_.trusted)
      lambda_ *= 0.5;
    else if (theta > trust_.untrusted)
      lambda_ *= 2;
    if (lambda_ < negligible) lambda_ = 0;
  }
  /// After a step that was taken back.
  void rejected() { lambda_ = lambda_ == 0 ? working_ : 8 * lambda_; }
  /// After Newton's method failed.
  void restart() { lambda_ = working_; }

  /// Steps that do not move any more.
  [[nodiscard]] bool in_vain() const { return lambda_ > largest; }

 private:
  static constexpr double negligible = 1e-7;  // felt over thousands of steps only
  static constexpr double largest = 1e20;

  ModelTrust trust_;
  double lambda_ = 0;   // a contraction needs no damping: the first step tries without
  double working_ = 1;  // the last that the model called for; at first, that no step moves further than its own residual asks
};

}  // namespace detail

/// Iterates with damped steps until undamped ones are foreseen well, then by newton(), until the residual of y *and* the undamped
/// update are below `tolerance` in the weighted norm. With a stand-in for F'(y) until the residual and the last update are, damped
/// or not.
///
/// Leaves the last iterate in the system when it converged, else the iterate with the smallest residual, as newton() does. Never
/// more than Options::maximum_iterations steps, those that were taken back and those of newton() counted.
template <DampedNewtonSystem System>
[[nodiscard]] Status levenberg_marquardt(System& system, const Options& options, Statistics& statistics,
                                         const ModelTrust& trust = {}) {
  constexpr double overflow = 1e300;
  const Index last = statistics.iterations + options.maximum_iterations;
  detail::DampingControl control(trust);
  double best_residual = HUGE_VAL, next_attempt = HUGE_VAL;

  double residual = system.linearize(statistics), square = HUGE_VAL;
  if (!is_finite(residual)) return Status::non_finite;
  while (statistics.iterations < last) {
    if (residual < best_residual) {
      best_residual = residual;
      system.keep();
    }
    // Of rounding errors nothing is foreseen.
    const double lambda = trust.exact && residual <= options.newton_tolerance ? 0 : control.lambda();
    ++statistics.iterations;
    statistics.residual_history.push_back(residual);
    statistics.damping_history.push_back(lambda);
    system.damp(lambda);
    system.mark();
    const Status solved = system.solve(statistics);
    if (!is_finite(square)) square = system.square();
    const double update = solved == Status::converged ? system.update_norm() : HUGE_VAL;
    statistics.update_history.push_back(is_finite(update) ? update : overflow);
    const bool arrived =
        (lambda == 0 || !trust.exact) && residual <= options.newton_tolerance && update <= options.newton_tolerance;
    double trial = HUGE_VAL, trial_square = HUGE_VAL;
    if (is_finite(update)) {
      system.advance();
      if (arrived) return Status::converged;
      trial = system.linearize(statistics);
      if (is_finite(trial)) trial_square = system.square();
    }

    // What is at rest moves by rounding errors, uphill as well.
    const bool climbed = trial > options.newton_tolerance && trial_square > (lambda == 0 ? square : system.largest_square());
    if (!is_finite(trial_square) || climbed) {
      ++statistics.rejected_updates;
      statistics.first_failure = -1;  // where f was not finite is behind a step that nobody takes
      control.rejected();
      system.undo();
      if (control.in_vain()) break;
      residual = system.linearize(statistics);
      continue;
    }
    const double theta = square > 0 ? std::sqrt(system.unforeseen() / square) : 0;
    residual = trial;
    square = trial_square;
    control.accepted(theta);
    if (trust.exact && lambda == 0 && theta < trust.trusted && square < next_attempt && statistics.iterations < last) {
      next_attempt = 1e-4 * square;
      Options rest = options;
      rest.maximum_iterations = last - statistics.iterations;
      system.mark();
      const Status finished = newton(system, rest, statistics);
      if (finished == Status::converged || finished == Status::maximum_iterations) return finished;
      statistics.first_failure = -1;
      best_residual = HUGE_VAL;  // newton() has kept iterates of its own
      system.undo();
      control.restart();
      residual = system.linearize(statistics);
      square = system.square();
    }
  }
  system.restore();
  return control.in_vain() ? Status::diverged : Status::maximum_iterations;
}

}  // namespace antler::inline ANTLER_LANES
