// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/finite.hpp"
#include "antler/core/math.hpp"
#include "antler/core/matrix.hpp"

namespace antler::inline ANTLER_LANES {

/// When simplified Newton on a single step ends, from the norms of its updates, as in RADAU5 [HairerWanner1996, sec. IV.8].
///
/// With the rate theta at which the updates contract, of the last two the geometric mean, an update of norm d leaves an error of
/// about eta d, eta = theta / (1 - theta): the iteration has converged when that is within the tolerance. After m of M updates
/// eta theta^(M-1-m) d foretells whether it will in time; if not, it stops at once and says how much shorter the step has to be.
///
///     for (rate.start(); rate.goes_on();) {
///       const auto update = ...;
///       if (rate.applies(norm(update))) z += update;
///     }
///     return rate.outcome();
class NewtonRate {
 public:
  static constexpr int most_iterations = 7;

  /// How an iteration ended: `slow` when its rate foretells that most_iterations will not do; then shrink() says by which factor a
  /// shorter step would converge.
  enum class Outcome { converged, slow, diverged, non_finite };

  /// @param tolerance      weighted norm of the update that may be left when the iteration ends
  /// @param floor          updates of this norm are noise of rounding
  /// @param largest_first  norm beyond which the first update does not end an iteration: an earlier step's rate is a guess
  NewtonRate(double tolerance, double floor, double largest_first = std::numeric_limits<double>::max())
      : tolerance_(tolerance), floor_(floor), largest_first_(largest_first) {}

  /// Begins an iteration.
  /// @param noise  norm of updates that are noise in this iteration, where that is more than the floor
  void start(double noise = 0) {
    // The last step's value, made more careful, until this iteration's is known. In single precision: it is a guess, and the power
    // takes a tenth of a step of a single equation otherwise.
    const double last = std::max(remainder_, std::numeric_limits<double>::epsilon());
    remainder_ = std::pow(static_cast<float>(last), 0.8F);
    rate_ = unknown_rate;
    noise_ = std::max(floor_, noise);
    iterations_ = 0;
    ended_ = false;
    outcome_ = Outcome::diverged;
  }

  /// Whether another update is due.
  [[nodiscard]] bool goes_on() const { return !ended_ && iterations_ < most_iterations; }

  /// To be told of every update's norm. @return whether the update is to be applied: not where the iteration fails by it
  bool applies(double norm) {
    ++iterations_;
    if (!is_finite(norm)) return end(Outcome::non_finite);
    if (iterations_ > 1) {
      const double ratio = norm / previous_;
      rate_ = iterations_ == 2 ? ratio : std::sqrt(ratio * previous_ratio_);
      previous_ratio_ = ratio;
      if (norm > noise_) {
        if (rate_ >= slowest_rate) return end(Outcome::diverged);
        if (too_slow(norm)) return end(Outcome::slow);
      }
      remainder_ = std::min(rate_, slowest_rate) / (1 - std::min(rate_, slowest_rate));
    }
    previous_ = std::max(norm, std::numeric_limits<double>::min());
    const bool known = iterations_ > 1 || norm <= largest_first_;
    if ((remainder_ * norm <= tolerance_ && known) || norm <= noise_) end(Outcome::converged);
    return true;
  }

  [[nodiscard]] Outcome outcome() const { return outcome_; }
  /// Updates of the last iteration.
  [[nodiscard]] int iterations() const { return iterations_; }
  /// Its rate of contraction.
  [[nodiscard]] double rate() const { return rate_; }
  /// Whether its matrices are good for the next step: where they cost little, as in radau5.f.
  [[nodiscard]] bool reusable() const { return rate_ <= 1e-3; }
  /// After Outcome::slow: the factor by which the step has to be shorter.
  [[nodiscard]] double shrink() const { return shrink_; }

 private:
  static constexpr double slowest_rate = 0.99;  // as in radau5.f
  static constexpr double unknown_rate = 1e-3;  // of an iteration that ended after one update: its Jacobian was good enough

  /// Whether the updates that are left will not do.
  bool too_slow(double norm) {
    const int left = most_iterations - 1 - iterations_;
    const double expected = rate_ / (1 - rate_) * norm * std::pow(rate_, left) / tolerance_;
    if (left < 0 || expected < 1) return false;
    shrink_ = 0.8 * std::pow(std::clamp(expected, 1e-4, 20.0), -1.0 / (4 + left));
    return true;
  }
  bool end(Outcome outcome) {
    outcome_ = outcome;
    ended_ = true;
    return false;
  }

  double tolerance_, floor_, largest_first_, noise_ = 0;
  double remainder_ = 1, rate_ = 1, shrink_ = 0.5, previous_ = 0, previous_ratio_ = 0;
  int iterations_ = 0;
  bool ended_ = false;
  Outcome outcome_ = Outcome::diverged;
};

namespace detail {

/// The root mean square of v_c / weight_c over the components of a state.
template <class T, int n>
double weighted_norm(const Vector<T, n>& v, const Vector<T, n>& inverse_weight) {
  T sum = 0;
  for (int c = 0; c < n; ++c) sum += square(v[c] * inverse_weight[c]);
  return std::sqrt(static_cast<double>(sum) / n);
}

/// The same over the stages of a step, one per row.
template <class T, int s, int n>
double weighted_norm(const Matrix<T, s, n>& v, const Vector<T, n>& inverse_weight) {
  T sum = 0;
  for (int k = 0; k < s; ++k)
    for (int c = 0; c < n; ++c) sum += square(v(k, c) * inverse_weight[c]);
  return std::sqrt(static_cast<double>(sum) / (n * s));
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
