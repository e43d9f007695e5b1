// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Radau IIA for implicit equations, one adaptive step after the other: RADAU5 with a mass matrix [HairerWanner1996, sec. IV.8,
/// VI.1], for general F(t, y, y') = 0. It is sequential_radau.hpp's walk with two matrices, dF/dy and dF/dy', and with y' beside y:
/// the slope of the last stage, which satisfies the equations at the end of the step, so that the next step's matrices can be
/// formed there.

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/options.hpp"
#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"
#include "antler/discretization/collocation_polynomial.hpp"
#include "antler/discretization/implicit_newton.hpp"
#include "antler/solve/error_control.hpp"
#include "antler/solve/step_trials.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// What Newton's iteration may leave behind, as a part of the tolerance: below the errors where these are held far below it, not
/// below rounding.
template <class T>
double newton_tolerance(const Options& options, double limit) {
  const double rounding = 8 * static_cast<double>(std::numeric_limits<T>::epsilon()) / options.rtol;
  return std::max(options.newton_tolerance * std::min(1.0, 10 * limit), std::min(options.newton_tolerance, rounding));
}

/// The walk from (t, y, y'), which must be consistent; one accepted step per call of advance().
template <class G, class T, int n, class Method>
class ImplicitWalk {
  using Newton = ImplicitNewton<G, T, n, Method>;

 public:
  using Piece = StepPolynomial<T, n, Method::stages>;
  using Increments = typename Newton::Increments;

  /// @param loosened   by which rtol and atol are multiplied
  /// @param direction  of time, +1 or -1
  ImplicitWalk(const G& g, const Options& options, double loosened, double direction)
      : g_(g),
        rtol_(static_cast<T>(options.rtol * loosened)),
        limit_(error_limit<Method>(static_cast<double>(rtol_), epsilon)),
        newton_(g, std::max(newton_tolerance<T>(options, limit_), 10 * epsilon / static_cast<double>(rtol_)),
                4 * epsilon / static_cast<double>(rtol_)),
        trials_(direction, estimate_order<Method>) {
    for (int c = 0; c < n; ++c) atol_[c] = static_cast<T>(options.atol[c] * loosened);
  }

  /// Begins at consistent values.
  /// @param algebraic  whether dF/dy' is singular
  /// @param h          length of the first step to try, or 0
  /// @param length     of the interval
  /// @return           non_finite when F or a Jacobian is not finite there
  Status start(double t, const Vector<T, n>& y, const Vector<T, n>& slope, bool algebraic, double h, double length,
               Statistics& statistics) {
    t_ = t;
    y_ = y;
    slope_ = slope;
    algebraic_ = algebraic;
    trials_.restart();
    if (!renew_matrices(t_, y_, slope_, statistics)) return Status::non_finite;
    weigh();
    // As IDA begins: a thousandth of the interval, and a move by about half of what an error may be.
    const double speed = weighted_norm(slope_, inverse_weight_) / limit_;
    const double first = h > 0 ? h : std::min(1e-3 * length, speed > 0 ? 0.5 / speed : length);
    const double shortest = 16 * std::numeric_limits<double>::epsilon() * std::abs(t_);  // a step must be felt by t
    trials_.set_next_length(std::max(first, shortest));
    return Status::converged;
  }

  [[nodiscard]] double time() const { return t_; }
  [[nodiscard]] const Vector<T, n>& state() const { return y_; }
  [[nodiscard]] const Vector<T, n>& slope() const { return slope_; }
  [[nodiscard]] double next_step() const { return trials_.next_length(); }
  /// The last accepted step, and its error estimate as a part of the limit.
  [[nodiscard]] const Piece& piece() const { return piece_; }
  [[nodiscard]] double share() const { return share_; }
  /// The largest estimate that a step may have, in the weighted norm.
  [[nodiscard]] double limit() const { return limit_; }
  /// Whether a longer step than the last was refused by `within`.
  [[nodiscard]] bool was_refused() const { return refused_ > 0; }

  static constexpr int most_refusals = 10;

  /// Takes one accepted step, no further than `end` and no longer than `longest`.
  /// @param within  within(y) may move y a little, and returns false for a state at which no step may end
  /// @return converged; step_too_small, non_finite or singular when no step of representable length is accepted; bounds_violated
  ///         when `within` refused ever shorter steps
  template <class Within>
  Status advance(double end, double longest, const Within& within, Statistics& statistics) {
    refused_ = 0;
    for (trials_.begin(); trials_.choose(t_, end, longest, statistics);) {
      if (step(within, statistics)) return Status::converged;
      if (refused_ == most_refusals) return Status::bounds_violated;
    }
    return trials_.failure();
  }

 private:
  static constexpr double epsilon = std::numeric_limits<T>::epsilon();

  /// Tries the step that was chosen. @return whether it was accepted
  template <class Within>
  bool step(const Within& within, Statistics& statistics) {
    const double h = trials_.h();
    if (!trials_.factors_for(h, statistics, [&] { return newton_.factor(by_y_, by_slope_, h); }))
      return trials_.fail(Status::singular, 0.5);
    if (algebraic_) newton_.expect_rounding(by_y_, by_slope_, y_, slope_, inverse_weight_);
    Increments z = starting_values(h);
    const auto outcome = newton_.iterate(t_, h, y_, inverse_weight_, z);
    count_iterations(newton_.rate(), Method::stages, statistics);
    if (outcome != NewtonRate::Outcome::converged) {
      if (trials_.renews_after(newton_.rate()) && !renew_matrices(t_, y_, slope_, statistics)) trials_.shorten(0.5);
      return false;
    }
    const double error = newton_.error(t_, h, y_, inverse_weight_, z, statistics.function_evaluations) / limit_;
    if (!trials_.passes(error, newton_.rate())) return false;
    Vector<T, n> next = y_ + row_of(z, Method::stages - 1);
    if (!within(next)) {
      if (++refused_ < most_refusals) trials_.shorten(0.25);
      return false;
    }
    if (!accept(trials_.end(), h, z, next, statistics)) return trials_.fail(Status::non_finite, 0.25);
    share_ = error;
    trials_.accept(error, newton_.rate());
    return true;
  }

  /// The last polynomial, continued; before there is one, or where its continuation left the region in which F is finite, the
  /// straight line with slope y', without which a branch of an equation that is not linear in y' would not be found.
  Increments starting_values(double h) const {
    Increments z;
    for (int k = 0; k < Method::stages; ++k) {
      const T c_k = static_cast<T>(Method::c(k));
      for (int c = 0; c < n; ++c) {
        z(k, c) = c_k * static_cast<T>(h) * slope_[c];
        if (!trials_.has_polynomial()) continue;
        const T x = c_k * static_cast<T>(h / piece_.h), theta = T(1) + x;
        T sum = 0, powers = 0, power = 1;  // theta^m - 1 = x (theta^(m-1) + ... + 1)
        for (int m = 0; m < Method::stages; ++m) {
          powers += power;
          power *= theta;
          sum += piece_.c(m, c) * powers;
        }
        z(k, c) = x * sum;
      }
    }
    return z;
  }

  /// K and N there. @return false, and the old ones stay, when a number is not finite
  bool renew_matrices(double t, const Vector<T, n>& y, const Vector<T, n>& slope, Statistics& statistics) {
    const Linearization<T, n, 2> point = g_.template linearize<T>(static_cast<T>(t), y, slope);
    ++statistics.jacobian_evaluations;
    ++statistics.function_evaluations;
    if (!all_finite(point.f) || !all_finite(point.jacobian[0]) || !all_finite(point.jacobian[1])) return false;
    by_y_ = point.jacobian[0];
    by_slope_ = point.jacobian[1];
    trials_.renewed();
    return true;
  }

  /// The step's end becomes the accepted state, unless the matrices that are due there are not finite.
  bool accept(double end, double h, const Increments& z, const Vector<T, n>& next, Statistics& statistics) {
    const Vector<T, n> slope = row_of(stage_derivatives<Method, T, n>(z, static_cast<T>(1 / h)), Method::stages - 1);
    const bool keep_matrices = newton_.rate().reusable();
    if (!keep_matrices && !renew_matrices(end, next, slope, statistics)) return false;
    if (keep_matrices) trials_.aged();
    piece_ = collocation_polynomial<Method>(t_, h, y_, z);
    trials_.set_polynomial(true);
    t_ = end;
    y_ = next;
    slope_ = slope;
    weigh();
    return true;
  }

  void weigh() {
    for (int c = 0; c < n; ++c) inverse_weight_[c] = T(1) / (rtol_ * abs(y_[c]) + atol_[c]);
  }

  G g_;
  T rtol_;
  double limit_;
  Newton newton_;
  StepTrials trials_;
  double t_ = 0, share_ = 0;
  bool algebraic_ = false;
  int refused_ = 0;
  Vector<T, n> y_{}, slope_{}, atol_{}, inverse_weight_{};
  Matrix<T, n> by_y_{}, by_slope_{};
  Piece piece_{};
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
