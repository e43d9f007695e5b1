// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The walk of sequential_radau.hpp: Radau IIA, one adaptive step after the other, after RADAU5 [HairerWanner1996, sec. IV.8]. For
/// every step, from the accepted (t, y):
///
///   1. starting values from the last step's polynomial, continued
///   2. simplified Newton (RadauNewton) with a Jacobian as old as it contracts well
///   3. embedded error estimate; a step that fails is repeated shorter
///   4. length of the next step by the predictive controller; factors are kept where it would grow by less than a fifth
///
/// What differs from RADAU5: a Newton iteration that fails with an old Jacobian is first tried with a new one; a step that leaves
/// the region where f is finite is repeated with a quarter of its length (StepTrials); the tolerances are bounded as in radau.hpp.

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/all_finite.hpp"
#include "antler/core/options.hpp"
#include "antler/discretization/collocation_polynomial.hpp"
#include "antler/discretization/radau_newton.hpp"
#include "antler/mesh/lost_stiffness.hpp"
#include "antler/problem/initial_value_problem.hpp"
#include "antler/solve/error_control.hpp"
#include "antler/solve/step_trials.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// A walk of accepted steps, one per call of advance().
template <class F, class T, int n, class Tableau = RadauIIA<3>>
class SequentialRadauWalk {
  using Newton = RadauNewton<F, T, n, Tableau>;
  using Outcome = NewtonRate::Outcome;
  using Method = Tableau;

 public:
  using Piece = StepPolynomial<T, n, Method::stages>;

  /// @param direction  +1 forwards, -1 backwards in time
  SequentialRadauWalk(const F& f, const Options& options, double direction)
      : f_(f),
        options_(options),
        direction_(direction),
        limit_(sequential_error_limit<Method>(options.rtol)),
        newton_(f, std::max(options.newton_tolerance, 10 * epsilon / options.rtol), 4 * epsilon / options.rtol),
        trials_(direction, estimate_order<Method>) {
    for (int c = 0; c < n; ++c) atol_[c] = static_cast<T>(options.atol[c]);
  }
  SequentialRadauWalk(const SequentialRadauWalk&) = delete;
  SequentialRadauWalk& operator=(const SequentialRadauWalk&) = delete;

  /// Forms a Jacobian at the end of every step, to see where it is another one altogether: worth it where that costs little.
  void watch_stiffness() { watches_ = true; }
  /// Where a walk is that has not begun.
  void place(double t, const Vector<T, n>& y) {
    t_ = t;
    y_ = y;
  }

  /// Begins at (t, y) with a step of length h, or of a length of its own choice when h is 0; no step is longer than `longest`.
  /// @return non_finite when f or its Jacobian is not finite there
  Status start(double t, const Vector<T, n>& y, double h, double longest) {
    place(t, y);
    longest_ = longest;
    trials_.restart();
    jacobian_ = jacobian<T, n>(f_, static_cast<T>(t_), y_, &value_);
    ++statistics_->function_evaluations;
    ++statistics_->jacobian_evaluations;
    if (!all_finite(value_) || !all_finite(jacobian_)) {
      statistics_->first_failure = 0;
      return Status::non_finite;
    }
    weigh();
    trials_.set_next_length(h > 0 ? h : first_length());
    return Status::converged;
  }

  [[nodiscard]] double time() const { return t_; }
  [[nodiscard]] const Vector<T, n>& state() const { return y_; }
  /// The last accepted step.
  [[nodiscard]] const Piece& piece() const { return piece_; }
  [[nodiscard]] Statistics& statistics() { return *statistics_; }
  /// What is done from now on is counted there; accepted steps are for the caller to count.
  void count_in(Statistics& statistics) { statistics_ = &statistics; }
  /// The length that the next step will be tried with.
  [[nodiscard]] double next_step() const { return trials_.next_length(); }

  /// Takes one accepted step, to `end` at most.
  /// @return converged; step_too_small, non_finite or singular when no step of representable length is accepted
  Status advance(double end) {
    for (trials_.begin(); trials_.choose(t_, end, longest_, *statistics_);)
      if (step()) return Status::converged;
    return trials_.failure();
  }

  /// Takes the step to `end`, which somebody else chose: no error test. Where Newton's iteration does not converge with the
  /// Jacobian at hand, it goes on with that of the middle of the step, as windows have it, time and again.
  /// @return converged; maximum_iterations, non_finite or singular when the step's equations could not be solved
  Status step_to(double end) {
    const double h = end - t_;
    Stages<T, n, Method> z = starting_values(h);
    bool finite = true;
    for (int attempt = 0; attempt < most_jacobians; ++attempt) {
      if (!factors_for(h)) return Status::singular;
      const Outcome outcome = iterate(h, z);
      if (outcome == Outcome::converged) return accept(end, h, z) ? Status::converged : Status::non_finite;
      finite = outcome != Outcome::non_finite;
      if (!finite) z = {};
      constexpr int middle = Method::stages / 2;
      Vector<T, n> stage = y_;
      for (int c = 0; c < n; ++c) stage[c] += z(middle, c);
      renew_jacobian(t_ + Method::c(middle) * h, stage);
      trials_.aged();
    }
    return finite ? Status::maximum_iterations : Status::non_finite;
  }

 private:
  static constexpr double epsilon = std::numeric_limits<T>::epsilon();
  static constexpr double part = 0.25;       // of a step, for lost_stiffness()
  static constexpr int most_jacobians = 20;  // of a step whose length somebody else chose

  /// Tries the step that was chosen. @return whether it was accepted
  bool step() {
    const double h = trials_.h();
    if (!factors_for(h)) return trials_.fail(Status::singular, 0.5);
    Stages<T, n, Method> z = starting_values(h);
    if (iterate(h, z) != Outcome::converged) {
      if (trials_.renews_after(newton_.rate()) && !renew_jacobian(t_, y_)) trials_.shorten(0.5);
      return false;
    }
    const double error = newton_.error(t_, y_, value_, inverse_weight_, z, limit_, statistics_->function_evaluations) / limit_;
    if (!trials_.passes(error, newton_.rate())) return false;
    if (!accept(trials_.end(), h, z)) return trials_.fail(Status::non_finite, 0.25);
    trials_.accept(error, newton_.rate());
    return true;
  }

  bool factors_for(double h) {
    return trials_.factors_for(h, *statistics_, [&] { return newton_.factor(jacobian_, h); });
  }

  Outcome iterate(double h, Stages<T, n, Method>& z) {
    const Outcome outcome = newton_.iterate(t_, h, y_, inverse_weight_, z);
    count_iterations(newton_.rate(), Method::stages, *statistics_);
    return outcome;
  }

  /// z_k = q(t + c_k h) - y with the polynomial q of the last accepted step, which ends in y; zero before there is one, and where
  /// its continuation has left the region in which f is finite.
  Stages<T, n, Method> starting_values(double h) const {
    Stages<T, n, Method> z{};
    if (!trials_.has_polynomial()) return z;
    const T ratio = static_cast<T>(h / piece_.h);
    for (int k = 0; k < Method::stages; ++k) {
      const T x = static_cast<T>(Method::c(k)) * ratio, theta = T(1) + x;
      T sum = 1;
      for (int m = 0; m < Method::stages; ++m, sum = multiply_add(sum, theta, T(1)))  // theta^m - 1 = x (theta^(m-1) + ... + 1)
        for (int c = 0; c < n; ++c) z(k, c) = multiply_add(x * sum, piece_.c(m, c), z(k, c));
    }
    return z;
  }

  /// The Jacobian there; the old one stays where it is not finite. @return whether it is
  bool renew_jacobian(double t, const Vector<T, n>& y) {
    const Matrix<T, n> renewed = jacobian<T, n>(f_, static_cast<T>(t), y);
    ++statistics_->jacobian_evaluations;
    trials_.renewed();
    if (!all_finite(renewed)) return false;
    jacobian_ = renewed;
    return true;
  }

  /// The step's end becomes the accepted state, unless f is not finite there.
  bool accept(double end, double h, const Stages<T, n, Method>& z) {
    Vector<T, n> next, value;
    for (int c = 0; c < n; ++c) next[c] = y_[c] + z(Method::stages - 1, c);
    ++statistics_->function_evaluations;
    if (newton_.rate().reusable() && !watches_) {
      value = Vector<T, n>(f_(static_cast<T>(end), next));
      if (!all_finite(value)) return false;
      trials_.aged();
    } else {
      const Matrix<T, n> renewed = jacobian<T, n>(f_, static_cast<T>(end), next, &value);
      ++statistics_->jacobian_evaluations;
      if (!all_finite(value) || !all_finite(renewed)) return false;
      if (watches_ && lost_stiffness(jacobian_, renewed, value, part * h,
                                     [&](const Vector<T, n>& move) { return weighted_norm(move, inverse_weight_); }))
        return false;
      if (newton_.rate().reusable()) {
        trials_.aged();
      } else {
        jacobian_ = renewed;
        trials_.renewed();
      }
    }
    piece_ = collocation_polynomial<Method>(t_, h, y_, z);
    trials_.set_polynomial(true);
    t_ = end;
    y_ = next;
    value_ = value;
    weigh();
    return true;
  }

  /// Reciprocal weights of the norm at y.
  void weigh() {
    for (int c = 0; c < n; ++c) inverse_weight_[c] = T(1) / (static_cast<T>(options_.rtol) * abs(y_[c]) + atol_[c]);
  }

  double first_length() {
    const auto norm = [&](const Vector<T, n>& v) { return weighted_norm(v, inverse_weight_) / limit_; };
    const auto change = [&](double probe) {
      const Vector<T, n> moved = y_ + static_cast<T>(direction_ * probe) * value_;
      const Vector<T, n> there = f_(static_cast<T>(t_ + direction_ * probe), moved);
      ++statistics_->function_evaluations;
      return norm(there - value_);
    };
    return detail::first_length(t_, longest_, norm(y_), norm(value_), change);
  }

  F f_;
  const Options& options_;
  bool watches_ = false;
  double direction_, limit_;
  Newton newton_;
  StepTrials trials_;
  Statistics own_statistics_;
  Statistics* statistics_ = &own_statistics_;
  double t_ = 0, longest_ = 0;
  Vector<T, n> y_, value_, atol_, inverse_weight_;
  Matrix<T, n> jacobian_;
  Piece piece_;
};

/// The same as Rodas offers itself to SequentialWalk.
template <class F, class T, int n>
class RadauSteps {
 public:
  using Polynomial = StepPolynomial<T, n, 3>;

  RadauSteps(const F& f, const Options& options, double direction) : f_(f), walk_(f, options, direction) {
    walk_.watch_stiffness();
  }

  Status start(double t, const Vector<T, n>& y, double h, double longest) {
    Statistics counted_by_the_caller;
    walk_.count_in(counted_by_the_caller);
    return walk_.start(t, y, h, longest);
  }
  Status advance(double end, Polynomial* dense, Statistics& statistics) {
    walk_.count_in(statistics);
    const Status status = walk_.advance(end);
    if (dense) *dense = walk_.piece();
    return status;
  }
  /// Whether f and its Jacobian are finite at (time(), y).
  bool finite_at(const Vector<T, n>& y, Statistics& statistics) const {
    Vector<T, n> value;
    const Matrix<T, n> by_y = jacobian<T, n>(f_, static_cast<T>(time()), y, &value);
    ++statistics.function_evaluations;
    ++statistics.jacobian_evaluations;
    return all_finite(value) && all_finite(by_y);
  }
  [[nodiscard]] double time() const { return walk_.time(); }
  [[nodiscard]] const Vector<T, n>& state() const { return walk_.state(); }
  [[nodiscard]] double next_step() const { return walk_.next_step(); }
  /// Its steps get along a border of the region where f is finite.
  [[nodiscard]] static bool left_domain() { return false; }

 private:
  F f_;
  SequentialRadauWalk<F, T, n> walk_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
