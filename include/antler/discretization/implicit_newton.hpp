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
#include "antler/discretization/newton_rate.hpp"

namespace antler::inline ANTLER_LANES {

/// @tparam G       MassResidual or ImplicitResidual, called with scalars
/// @tparam Method  `RadauIIA<s>`
template <class G, class T, int n, class Method>
class ImplicitNewton {
 public:
  using Increments = Stages<T, n, Method>;

  /// One update with the contraction of an earlier step is enough if it is small: what it leaves of the algebraic equations, which
  /// no later step damps, must not depend on a guess.
  /// @param tolerance, floor  as of NewtonRate
  ImplicitNewton(const G& g, double tolerance, double floor) : g_(g), rate_(tolerance, floor, 1) {}

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
    noise_ = std::numeric_limits<T>::epsilon() * detail::weighted_norm(noise, inverse_weight);
    if (!is_finite(noise_)) noise_ = 0;
  }

  /// Iterates the stage increments z of the step from (t, y), for which the inverses must have been made.
  /// @param inverse_weight  reciprocal weights of the norm
  ANTLER_FLATTEN NewtonRate::Outcome iterate(double t, double h, const Vector<T, n>& y, const Vector<T, n>& inverse_weight,
                                             Increments& z) {
    for (rate_.start(noise_); rate_.goes_on();) {
      const Increments slopes = stage_derivatives<Method, T, n>(z, static_cast<T>(1 / h));
      const Increments dz = detail::implicit_change<Method, T, n>(
          inverse_, detail::negative_residuals<Method>(g_, static_cast<T>(t), static_cast<T>(h), y, z, slopes));
      if (!rate_.applies(detail::weighted_norm(dz, inverse_weight))) break;
      z += dz;
    }
    return rate_.outcome();
  }

  /// Weighted norm of the error estimate, the larger of the two of implicit_step.hpp. Not filtered a second time where it is large,
  /// see CollocationWindow::estimate.
  ANTLER_FLATTEN double error(double t, double h, const Vector<T, n>& y, const Vector<T, n>& inverse_weight, const Increments& z,
                              Index& evaluations) const {
    const Matrix<T, n> filter = error_filter<Method, T, n>(inverse_);
    const auto time = static_cast<T>(t), length = static_cast<T>(h);
    const auto errors = implicit_errors<Method, G, T, n>(g_, filter, time, length, y, z);
    evaluations += 2;
    const double inside = detail::weighted_norm(errors.inside, inverse_weight);
    const double start = detail::weighted_norm(errors.at_start, inverse_weight);
    return is_finite(start) && is_finite(inside) ? std::max(start, inside) : HUGE_VAL;
  }

  /// How the last iteration went.
  [[nodiscard]] const NewtonRate& rate() const { return rate_; }

 private:
  G g_;
  NewtonRate rate_;
  double noise_ = 0;
  StepInverseOf<T, n, Method> inverse_;
};

}  // namespace antler::inline ANTLER_LANES
