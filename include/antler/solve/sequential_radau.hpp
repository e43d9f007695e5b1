// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Radau IIA, one adaptive step after the other: the sequential counterpart of the windows, after RADAU5 [HairerWanner1996, sec.
/// IV.8]. For every step, from the accepted (t, y):
///
///   1. starting values from the last step's polynomial, continued
///   2. simplified Newton (RadauNewton) with a Jacobian as old as it contracts well
///   3. embedded error estimate; a step that fails is repeated shorter
///   4. length of the next step by the predictive controller; factors are kept where it would grow by less than a fifth
///
/// What differs from RADAU5: a Newton iteration that fails with an old Jacobian is first tried with a new one; a step that leaves
/// the region where f is finite is repeated with a quarter of its length; the tolerances are bounded as in radau.hpp.

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/solution.hpp"
#include "antler/core/stopwatch.hpp"
#include "antler/discretization/radau_newton.hpp"
#include "antler/mesh/mesh.hpp"
#include "antler/mesh/predictive_controller.hpp"
#include "antler/mesh/rodas.hpp"
#include "antler/solve/error_control.hpp"

namespace antler::inline ANTLER_LANES {

/// The method: RadauIIA<s> with s = 1, 3 or 5 stages, of order 2 s - 1, sequential, scalars only.
template <int stages>
struct SequentialRadauIIA {};

/// The one of order 5.
using SequentialRadau = SequentialRadauIIA<3>;

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
        // As RADAU5: 0.1 rtol^(2/3) where the estimate is of order 3 and the method of order 5. But no further from rtol than the
        // accuracy that is promised where the order is lost.
        limit_(
            std::min(ErrorControl<Method>::factor * std::pow(options.rtol, ErrorControl<Method>::exponent) / options.rtol, 20.0)),
        newton_(f, std::max(options.newton_tolerance, 10 * epsilon / options.rtol), 4 * epsilon / options.rtol) {
    for (int c = 0; c < n; ++c) atol_[c] = static_cast<T>(options.atol[c]);
  }
  SequentialRadauWalk(const SequentialRadauWalk&) = delete;
  SequentialRadauWalk& operator=(const SequentialRadauWalk&) = delete;

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
    controller_ = PredictiveController(NewtonRate::most_iterations, estimate_order<Method>);
    fresh_ = true;
    continue_ = false;
    factored_length_ = 0;
    jacobian_ = jacobian<T, n>(f_, static_cast<T>(t_), y_, &value_);
    ++statistics_->function_evaluations;
    ++statistics_->jacobian_evaluations;
    if (!all_finite(value_) || !all_finite(jacobian_)) {
      statistics_->first_failure = 0;
      return Status::non_finite;
    }
    weigh();
    h_ = h > 0 ? h : first_length();
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
  [[nodiscard]] double next_step() const { return h_; }

  /// Takes one accepted step, to `end` at most.
  /// @return converged; step_too_small, non_finite or singular when no step of representable length is accepted
  Status advance(double end) {
    Status failure = Status::step_too_small;
    for (bool rejected = false;; rejected = true) {
      h_ = std::min(h_, longest_);
      const double remaining = std::abs(end - t_);
      const bool last = h_ >= (1 - 1e-10) * remaining;
      const double h = direction_ * (last ? remaining : h_);
      if (t_ + (rejected || !last ? 0.1 * h : h) == t_) return failure;
      if (rejected) ++statistics_->rejected_steps;
      if (!factors_for(h)) {
        failure = Status::singular;
        h_ = 0.5 * std::abs(h);
        continue;
      }
      Stages<T, n, Method> z = starting_values(h);
      const Outcome outcome = newton_.iterate(t_, h, y_, inverse_weight_, z);
      count_iterations();
      if (outcome != Outcome::converged) {
        failure = outcome == Outcome::non_finite ? Status::non_finite : Status::step_too_small;
        after_failed_newton(outcome, std::abs(h));
        continue;
      }
      const double error = newton_.error(t_, y_, value_, inverse_weight_, z, limit_, statistics_->function_evaluations) / limit_;
      if (!(is_finite(error) && error <= 1)) {
        failure = Status::step_too_small;
        h_ = is_finite(error) ? controller_.after_rejection(std::abs(h), error, newton_.rate().iterations()) : 0.25 * std::abs(h);
        continue;
      }
      if (!accept(last ? end : t_ + h, h, z)) {
        failure = Status::non_finite;
        h_ = 0.25 * std::abs(h);
        continue;
      }
      choose_length(std::abs(h), error, rejected);
      return Status::converged;
    }
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
      const Outcome outcome = newton_.iterate(t_, h, y_, inverse_weight_, z);
      count_iterations();
      if (outcome == Outcome::converged) return accept(end, h, z) ? Status::converged : Status::non_finite;
      finite = outcome != Outcome::non_finite;
      if (!finite) z = {};
      renew_jacobian(h, z);
    }
    return finite ? Status::maximum_iterations : Status::non_finite;
  }

 private:
  static constexpr double epsilon = std::numeric_limits<T>::epsilon();
  static constexpr int most_jacobians = 20;  // of a step whose length somebody else chose
  static constexpr double keep_factors_below =
      1.2;  // growth of the step: a new factorisation costs more than 20 % longer steps gain

  /// Factors of length h with the present Jacobian, unless they are at hand.
  bool factors_for(double h) {
    if (factored_length_ == h) return true;
    ++statistics_->factorisations;
    const bool regular = newton_.factor(jacobian_, h);
    factored_length_ = regular ? h : 0;
    return regular;
  }

  /// z_k = q(t + c_k h) - y with the polynomial q of the last accepted step, which ends in y; zero before there is one, and where
  /// its continuation has left the region in which f is finite.
  Stages<T, n, Method> starting_values(double h) const {
    Stages<T, n, Method> z{};
    if (!continue_) return z;
    const T ratio = static_cast<T>(h / piece_.h);
    for (int k = 0; k < Method::stages; ++k) {
      const T x = static_cast<T>(Method::c(k)) * ratio, theta = T(1) + x;
      T sum = 1;
      for (int m = 0; m < Method::stages; ++m, sum = multiply_add(sum, theta, T(1)))  // theta^m - 1 = x (theta^(m-1) + ... + 1)
        for (int c = 0; c < n; ++c) z(k, c) = multiply_add(x * sum, piece_.c(m, c), z(k, c));
    }
    return z;
  }

  /// The Jacobian at the middle stage of a step.
  void renew_jacobian(double h, const Stages<T, n, Method>& z) {
    constexpr int middle = Method::stages / 2;
    Vector<T, n> stage = y_;
    for (int c = 0; c < n; ++c) stage[c] += z(middle, c);
    const Matrix<T, n> renewed = jacobian<T, n>(f_, static_cast<T>(t_ + Method::c(middle) * h), stage);
    ++statistics_->jacobian_evaluations;
    if (all_finite(renewed)) jacobian_ = renewed;
    fresh_ = false;
    factored_length_ = 0;
  }

  void count_iterations() {
    statistics_->iterations += newton_.rate().iterations();
    statistics_->newton_steps += newton_.rate().iterations();
    statistics_->function_evaluations += Method::stages * newton_.rate().iterations();
  }

  /// Not finite: a quarter of the step. Else with an old Jacobian: a new one; with a new one: a shorter step.
  void after_failed_newton(Outcome outcome, double length) {
    if (outcome == Outcome::non_finite) {
      continue_ = false;
      h_ = 0.25 * length;
    } else if (!fresh_) {
      Matrix<T, n> renewed = jacobian<T, n>(f_, static_cast<T>(t_), y_);
      ++statistics_->jacobian_evaluations;
      fresh_ = true;
      factored_length_ = 0;
      if (all_finite(renewed)) {
        jacobian_ = renewed;
      } else {
        h_ = 0.5 * length;
      }
    } else {
      h_ = length * (outcome == Outcome::slow ? newton_.rate().shrink() : 0.5);
    }
  }

  /// The step's end becomes the accepted state, unless f is not finite there.
  bool accept(double end, double h, const Stages<T, n, Method>& z) {
    Vector<T, n> next, value;
    for (int c = 0; c < n; ++c) next[c] = y_[c] + z(Method::stages - 1, c);
    const bool keep_jacobian = newton_.rate().reusable();
    ++statistics_->function_evaluations;
    if (keep_jacobian) {
      value = Vector<T, n>(f_(static_cast<T>(end), next));
      if (!all_finite(value)) return false;
    } else {
      const Matrix<T, n> renewed = jacobian<T, n>(f_, static_cast<T>(end), next, &value);
      ++statistics_->jacobian_evaluations;
      if (!all_finite(value) || !all_finite(renewed)) return false;
      jacobian_ = renewed;
      factored_length_ = 0;
    }
    fresh_ = !keep_jacobian;
    keep(h, z);
    t_ = end;
    y_ = next;
    value_ = value;
    weigh();
    return true;
  }

  /// The collocation polynomial of the step from (t, y).
  void keep(double h, const Stages<T, n, Method>& z) {
    piece_.t = t_;
    piece_.h = h;
    piece_.y = y_;
    for (int m = 0; m < Method::stages; ++m)
      for (int c = 0; c < n; ++c) {
        T sum = static_cast<T>(Method::monomial(m, 0)) * z(0, c);
        for (int k = 1; k < Method::stages; ++k) sum += static_cast<T>(Method::monomial(m, k)) * z(k, c);
        piece_.c(m, c) = sum;
      }
    continue_ = true;
  }

  void choose_length(double h, double error, bool rejected) {
    double next = controller_.after_acceptance(h, error, newton_.rate().iterations());
    if (rejected) next = std::min(next, h);
    const bool keep_factors = factored_length_ == direction_ * h && next >= h && next <= keep_factors_below * h;
    h_ = keep_factors ? h : next;
  }

  /// Reciprocal weights of the norm at y.
  void weigh() {
    for (int c = 0; c < n; ++c) inverse_weight_[c] = T(1) / (static_cast<T>(options_.rtol) * abs(y_[c]) + atol_[c]);
  }

  /// A first step whose error is about a hundredth of the limit, from f and a difference of it [HairerNorsettWanner1993, sec.
  /// II.4].
  double first_length() {
    const double interval = longest_;
    const auto norm = [&](const Vector<T, n>& v) { return Newton::weighted_norm(v, inverse_weight_) / limit_; };
    const double size = norm(y_), speed = norm(value_);
    const double probe = std::min(size < 1e-5 || speed < 1e-5 ? 1e-6 * interval : 0.01 * size / speed, interval);
    const Vector<T, n> moved = y_ + static_cast<T>(direction_ * probe) * value_;
    const Vector<T, n> there = f_(static_cast<T>(t_ + direction_ * probe), moved);
    ++statistics_->function_evaluations;
    const double curvature = norm(there - value_) / probe, larger = std::max(speed, curvature);
    const double length = larger > 1e-15 ? std::sqrt(std::sqrt(0.01 / larger)) : interval;
    // A step must be felt by t.
    const double shortest = 16 * std::numeric_limits<double>::epsilon() * std::abs(t_);
    return std::min(interval, std::max(shortest, is_finite(length) ? std::min(100 * probe, length) : probe));
  }

  F f_;
  const Options& options_;
  double direction_, limit_;
  Newton newton_;
  PredictiveController controller_{NewtonRate::most_iterations};
  Statistics own_statistics_;
  Statistics* statistics_ = &own_statistics_;
  double t_ = 0, h_ = 0, longest_ = 0, factored_length_ = 0;
  bool fresh_ = true;      // the Jacobian is that of (t, y)
  bool continue_ = false;  // the last polynomial gives starting values
  Vector<T, n> y_, value_, atol_, inverse_weight_;
  Matrix<T, n> jacobian_;
  Piece piece_;
};

/// The same as Rodas offers itself to SequentialWalk.
template <class F, class T, int n>
class RadauSteps {
 public:
  RadauSteps(const F& f, const Options& options, double direction) : f_(f), walk_(f, options, direction) {}

  Status start(double t, const Vector<T, n>& y, double h, double longest) {
    Statistics counted_by_the_caller;
    walk_.count_in(counted_by_the_caller);
    return walk_.start(t, y, h, longest);
  }
  Status advance(double end, StepPolynomial<T, n, 3>* dense, Statistics& statistics) {
    walk_.count_in(statistics);
    const Status status = walk_.advance(end);
    *dense = walk_.piece();
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

/// Ends the solution where the walk came to, with what it did.
template <class F, class T, int n, class Method>
void finish(Solution<T, n>& solution, SequentialRadauWalk<F, T, n, Method>& walk, Status status, double seconds) {
  Statistics& statistics = walk.statistics();
  if (status == Status::non_finite) statistics.first_failure = statistics.steps;
  statistics.meshes = 1;
  statistics.windows = 1;
  statistics.peak_bytes = solution.stored_bytes();
  statistics.total_seconds = seconds;
  solution.status = status;
  solution.finish(walk.time(), walk.state());
  solution.statistics = statistics;
}

}  // namespace detail

/// Solves an initial value problem by Radau IIA, step by step.
///
/// @param method   SequentialRadau{}, of order 5, or SequentialRadauIIA<s>{}
/// @param options  rtol, atol: bounds of the local error of a step in the weighted norm; newton_tolerance, maximum_steps, output
/// @return         converged; maximum_steps, memory_limit, or the status with which no further step was accepted; the accepted
/// steps with their polynomials in any case
/// @throws InvalidArgument  unusable options, Kokkos not running
/// @note Scalars, one thread. Order 5: per step and Newton iteration 3 evaluations of f and 10 n^2 flops; 10/3 n^3 per
/// factorisation.
template <class F, class T, int n, int stages>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, SequentialRadauIIA<stages> /*method*/,
                     const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  require_kokkos(where);
  require_valid(options, n, where);
  problem.require_finite(where);
  const Stopwatch total;
  Solution<T, n> solution;
  const double direction = problem.t1 < problem.t0 ? -1 : 1;
  detail::SequentialRadauWalk<F, T, n, RadauIIA<stages>> walk(problem.f, options, direction);
  Statistics& statistics = walk.statistics();
  Status status = walk.start(problem.t0, problem.y0, 0, std::abs(problem.t1 - problem.t0));
  while (status == Status::converged && (problem.t1 - walk.time()) * direction > 0) {
    if (statistics.steps >= options.maximum_steps) {
      status = Status::maximum_steps;
    } else if (solution.stored_bytes() > options.memory_cap) {
      status = Status::memory_limit;
    } else {
      status = walk.advance(problem.t1);
      if (status == Status::converged) ++statistics.steps;
      if (status == Status::converged && options.output == Output::trajectory) solution.append(walk.piece());
    }
  }
  detail::finish(solution, walk, status, total.seconds());
  return solution;
}

/// The same on a mesh of the caller's, without error control: the sequential solution of the equations that
/// solve(problem, RadauIIA<s>{}, mesh, options) solves all at once, to compare with.
///
/// @param mesh     from t0 to t1
/// @param options  rtol and atol weigh the norm in which Newton's iteration ends, at newton_tolerance; memory_cap, output
/// @return         converged; maximum_iterations, non_finite or singular at the first step that could not be solved, with the
///                 steps before it
/// @throws InvalidArgument  the mesh does not span [t0, t1], unusable options, Kokkos not running
template <class F, class T, int n, int stages>
Solution<T, n> solve(const InitialValueProblem<F, T, n>& problem, SequentialRadauIIA<stages> /*method*/, const Mesh& mesh,
                     const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  require_kokkos(where);
  require_valid(options, n, where);
  problem.require_finite(where);
  require(mesh.front() == problem.t0 && mesh.back() == problem.t1, "the mesh must begin at t0 and end at t1 of the problem", where);
  const Stopwatch total;
  Solution<T, n> solution;
  detail::SequentialRadauWalk<F, T, n, RadauIIA<stages>> walk(problem.f, options, problem.t1 < problem.t0 ? -1 : 1);
  walk.place(problem.t0, problem.y0);
  Status status = mesh.steps() > 0 ? walk.start(problem.t0, problem.y0, 0, std::abs(problem.t1 - problem.t0)) : Status::converged;
  for (Index i = 1; i <= mesh.steps() && status == Status::converged; ++i) {
    status = solution.stored_bytes() > options.memory_cap ? Status::memory_limit
                                                          : walk.step_to(mesh.points()[static_cast<std::size_t>(i)]);
    if (status == Status::converged) ++walk.statistics().steps;
    if (status == Status::converged && options.output == Output::trajectory) solution.append(walk.piece());
  }
  detail::finish(solution, walk, status, total.seconds());
  return solution;
}

}  // namespace antler::inline ANTLER_LANES
