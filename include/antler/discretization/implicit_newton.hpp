// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Simplified Newton for a single step of an implicit equation, as a sequential integrator does it: radau_newton.hpp with the two
/// matrices of implicit_step.hpp. One pair of inverses serves all iterations, and further steps as long as they contract.

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/all_finite.hpp"
#include "antler/core/kokkos.hpp"
#include "antler/discretization/implicit_step.hpp"

namespace antler::inline ANTLER_LANES {

/// @tparam G       MassResidual or ImplicitResidual, called with scalars
/// @tparam Method  `RadauIIA<s>`
template <class G, class T, int n, class Method>
class ImplicitNewton {
 public:
  using Increments = Stages<T, n, Method>;
  static constexpr int most_iterations = 7;

  /// As RadauNewton::Outcome.
  enum class Outcome { converged, slow, diverged, non_finite };

  /// @param tolerance  weighted norm of the update that may be left when the iteration ends
  /// @param floor      updates of this norm are noise of rounding
  ImplicitNewton(const G& g, double tolerance, double floor) : g_(g), tolerance_(tolerance), floor_(floor) {}

  /// Inverses for a step of length h, h < 0 backwards. @return false when a matrix is singular
  ANTLER_FLATTEN bool factor(const Matrix<T, n>& by_y, const Matrix<T, n>& by_slope, double h) {
    inverse_ = step_inverse<Method, T, n>(by_y, by_slope, static_cast<T>(1 / h));
    bool regular = true;
    if constexpr (Method::has_real) regular = detail::all_finite(inverse_.real);
    for (int q = 0; q < Method::pairs; ++q)
      for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j)
          regular = regular && is_finite(inverse_.pair[q](i, j).re) && is_finite(inverse_.pair[q](i, j).im);
    return regular;
  }

  /// The updates that rounding of the residuals makes, |E| (|N| |y'| + |K| |y|) units in the last place, count as noise from now
  /// on. In an algebraic equation a small component is found beside large ones, whose rounding no weight of its own foresees.
  ANTLER_FLATTEN void expect_rounding(const Matrix<T, n>& by_y, const Matrix<T, n>& by_slope, const Vector<T, n>& y,
                                      const Vector<T, n>& slope, const Vector<T, n>& inverse_weight) {
    const Matrix<T, n> filter = error_filter<Method, T, n>(inverse_);
    Vector<T, n> terms, noise;
    for (int i = 0; i < n; ++i) {
      terms[i] = 0;
      for (int j = 0; j < n; ++j) terms[i] += abs(by_slope(i, j) * slope[j]) + abs(by_y(i, j) * y[j]);
    }
    for (int i = 0; i < n; ++i) {
      noise[i] = 0;
      for (int j = 0; j < n; ++j) noise[i] += abs(filter(i, j)) * terms[j];
    }
    noise_ = std::numeric_limits<T>::epsilon() * weighted_norm(noise, inverse_weight);
    if (!is_finite(noise_)) noise_ = 0;
  }

  /// Iterates the stage increments z of the step from (t, y), for which the inverses must have been made.
  /// @param inverse_weight  reciprocal weights of the norm
  ANTLER_FLATTEN Outcome iterate(double t, double h, const Vector<T, n>& y, const Vector<T, n>& inverse_weight, Increments& z) {
    // What is left after an update is about remainder_ times as large; the last step's value, made more careful, until it is known.
    remainder_ = std::pow(std::max(remainder_, std::numeric_limits<double>::epsilon()), 0.8);
    rate_ = unknown_rate;
    const double floor = std::max(floor_, noise_);
    double previous = 0, previous_ratio = 0;
    for (iterations_ = 1; iterations_ <= most_iterations; ++iterations_) {
      const Increments slopes = stage_derivatives<Method, T, n>(z, static_cast<T>(1 / h));
      const Increments dz = detail::implicit_change<Method, T, n>(
          inverse_, detail::negative_residuals<Method>(g_, static_cast<T>(t), static_cast<T>(h), y, z, slopes));
      const double norm = stage_norm(dz, inverse_weight);
      if (!is_finite(norm)) return Outcome::non_finite;
      if (iterations_ > 1) {
        const double ratio = norm / previous;
        rate_ = iterations_ == 2 ? ratio : std::sqrt(ratio * previous_ratio);
        previous_ratio = ratio;
        if (norm > floor) {
          if (rate_ >= slowest_rate) return Outcome::diverged;
          const int left = most_iterations - 1 - iterations_;
          const double expected = rate_ / (1 - rate_) * norm * std::pow(rate_, left) / tolerance_;
          if (left >= 0 && expected >= 1) {
            shrink_ = 0.8 * std::pow(std::clamp(expected, 1e-4, 20.0), -1.0 / (4 + left));
            return Outcome::slow;
          }
        }
        remainder_ = std::min(rate_, slowest_rate) / (1 - std::min(rate_, slowest_rate));
      }
      previous = std::max(norm, std::numeric_limits<double>::min());
      z += dz;
      // One update with the contraction of an earlier step is enough if it is small: what it leaves of the algebraic equations,
      // which no later step damps, must not depend on a guess.
      if ((remainder_ * norm <= tolerance_ && (iterations_ > 1 || norm <= 1)) || norm <= floor) return Outcome::converged;
    }
    return Outcome::diverged;
  }

  /// Weighted norm of the error estimate, the larger of the two of implicit_step.hpp. Not filtered a second time where it is large,
  /// see CollocationWindow::estimate.
  ANTLER_FLATTEN double error(double t, double h, const Vector<T, n>& y, const Vector<T, n>& inverse_weight, const Increments& z,
                              Index& evaluations) const {
    const Matrix<T, n> filter = error_filter<Method, T, n>(inverse_);
    const auto time = static_cast<T>(t), length = static_cast<T>(h);
    const auto errors = implicit_errors<Method, G, T, n>(g_, filter, time, length, y, z);
    evaluations += 2;
    const double inside = weighted_norm(errors.inside, inverse_weight);
    const double start = weighted_norm(errors.at_start, inverse_weight);
    return is_finite(start) && is_finite(inside) ? std::max(start, inside) : HUGE_VAL;
  }

  /// sqrt(1/n sum_c (v_c / weight_c)^2).
  static double weighted_norm(const Vector<T, n>& v, const Vector<T, n>& inverse_weight) {
    T sum = 0;
    for (int c = 0; c < n; ++c) sum += square(v[c] * inverse_weight[c]);
    return std::sqrt(static_cast<double>(sum) / n);
  }

  /// Rate of contraction of the last iteration; below reusable_rate its matrices are good for the next step.
  [[nodiscard]] bool reusable() const { return rate_ <= reusable_rate; }
  [[nodiscard]] int iterations() const { return std::min(iterations_, most_iterations); }
  /// After Outcome::slow: the factor by which the step has to be shorter.
  [[nodiscard]] double shrink() const { return shrink_; }

 private:
  static constexpr double reusable_rate = 1e-3, slowest_rate = 0.99;  // as in radau5.f
  static constexpr double unknown_rate = 1e-3;

  static double stage_norm(const Increments& v, const Vector<T, n>& inverse_weight) {
    T sum = 0;
    for (int k = 0; k < Method::stages; ++k)
      for (int c = 0; c < n; ++c) sum += square(v(k, c) * inverse_weight[c]);
    return std::sqrt(static_cast<double>(sum) / (n * Method::stages));
  }

  G g_;
  double tolerance_, floor_, noise_ = 0;
  double remainder_ = 1, rate_ = 1, shrink_ = 0.5;
  int iterations_ = 0;
  StepInverseOf<T, n, Method> inverse_;
};

}  // namespace antler::inline ANTLER_LANES
