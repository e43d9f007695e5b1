// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Simplified Newton for a single step of RadauIIA<s>, as a sequential integrator does it: RADAU5 [HairerWanner1996, sec. IV.8] and
/// RADAU [HairerWanner1999].
///
///     (gamma / h - J) dW_1 = ...,   ((alpha + i beta) / h - J) (dW_2 + i dW_3) = (T^{-1} F - Lambda W / h)_{2,3}, ...
///
/// One real and (s - 1) / 2 complex factorisations serve all iterations, and further steps as long as they contract. The rate of
/// contraction is watched: an iteration that will not end in time stops at once and says how much shorter the step has to be.

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/complex_lu.hpp"
#include "antler/core/kokkos.hpp"
#include "antler/core/lu.hpp"
#include "antler/discretization/collocation_step.hpp"

namespace antler::inline ANTLER_LANES {

/// @tparam F       the right-hand side, called with scalars
/// @tparam Tableau  `RadauIIA<s>` with an odd s: the error estimate takes the real eigenvalue
template <class F, class T, int n, class Tableau = RadauIIA<3>>
class RadauNewton {
 public:
  using Method = Tableau;
  static_assert(Method::has_real, "antler::RadauNewton: the number of stages must be odd");
  using Increments = Stages<T, n, Method>;

  static constexpr int most_iterations = 7;

  /// How an iteration ended: `slow` when its rate foretells that most_iterations will not do; then shrink() says by which factor a
  /// shorter step would converge.
  enum class Outcome { converged, slow, diverged, non_finite };

  /// @param tolerance  weighted norm of the update that may be left when the iteration ends
  /// @param floor      updates of this norm are noise of rounding
  RadauNewton(const F& f, double tolerance, double floor) : f_(f), tolerance_(tolerance), floor_(floor) {}

  /// Factors of a step of length h, h < 0 backwards. @return false when a matrix is singular
  ANTLER_FLATTEN bool factor(const Matrix<T, n>& jacobian, double h) {
    inverse_h_ = static_cast<T>(1 / h);
    Matrix<T, n> real = jacobian;
    real *= T(-1);
    bool regular = true;
    detail::unrolled<Method::pairs>([&](auto q) ANTLER_INLINED {
      Matrix<Complex<T>, n> pair;
      for (int i = 0; i < n; ++i) {
        for (int j = 0; j < n; ++j) pair(i, j) = {real(i, j), T(0)};
        pair(i, i) += Complex<T>{static_cast<T>(Method::alpha(q)) * inverse_h_, static_cast<T>(Method::beta(q)) * inverse_h_};
      }
      pair_[q] = ComplexLU<T, n>(pair);
      regular = regular && !pair_[q].singular();
    });
    for (int i = 0; i < n; ++i) real(i, i) += static_cast<T>(Method::gamma) * inverse_h_;
    real_ = LU<T, n>(real);
    return regular && !real_.singular();
  }

  /// Iterates the stage increments z of the step from (t, y), for which the factors must have been made.
  /// @param inverse_weight  reciprocal weights of the norm
  ANTLER_FLATTEN Outcome iterate(double t, double h, const Vector<T, n>& y, const Vector<T, n>& inverse_weight, Increments& z) {
    // What is left after an update is about remainder_ times as large; the last step's value, made more careful, until it is known.
    remainder_ = std::pow(std::max(remainder_, std::numeric_limits<double>::epsilon()), 0.8);
    rate_ = unknown_rate;
    Increments w = to_transformed<Method, T, n>(z);
    double previous = 0, previous_ratio = 0;
    for (iterations_ = 1; iterations_ <= most_iterations; ++iterations_) {
      const Increments dw = update(t, h, y, z, w);
      const double norm = stage_norm(dw, inverse_weight);
      if (!is_finite(norm)) return Outcome::non_finite;
      if (iterations_ > 1) {
        const double ratio = norm / previous;
        rate_ = iterations_ == 2 ? ratio : std::sqrt(ratio * previous_ratio);
        previous_ratio = ratio;
        if (norm > floor_) {
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
      w += dw;
      z = from_transformed<Method, T, n>(w);
      if (remainder_ * norm <= tolerance_ || norm <= floor_) return Outcome::converged;
    }
    return Outcome::diverged;
  }

  /// Weighted norm of the embedded error estimate, (gamma / h - J)^{-1} (f(t, y) + sum_k e_k z_k / h); where that exceeds `limit`
  /// it is filtered once more, which takes the stiff components out of it [HairerWanner1996, eq. IV.8.20].
  /// @param f0           f(t, y)
  /// @param evaluations  counts the evaluation of f that the filter takes
  ANTLER_FLATTEN double error(double t, const Vector<T, n>& y, const Vector<T, n>& f0, const Vector<T, n>& inverse_weight,
                              const Increments& z, double limit, Index& evaluations) const {
    Vector<T, n> combination;
    for (int c = 0; c < n; ++c) {
      T sum = static_cast<T>(estimate_weight<Method>(0)) * z(0, c);
      for (int k = 1; k < Method::stages; ++k) sum += static_cast<T>(estimate_weight<Method>(k)) * z(k, c);
      combination[c] = sum * inverse_h_;
    }
    Vector<T, n> estimate = f0 + combination;
    real_.solve(estimate);
    const double norm = weighted_norm(estimate, inverse_weight);
    if (norm <= limit || !is_finite(norm)) return norm;
    estimate = Vector<T, n>(f_(static_cast<T>(t), Vector<T, n>(y + estimate))) + combination;
    ++evaluations;
    real_.solve(estimate);
    const double filtered = weighted_norm(estimate, inverse_weight);
    return is_finite(filtered) ? filtered : norm;
  }

  /// sqrt(1/n sum_c (v_c / weight_c)^2).
  static double weighted_norm(const Vector<T, n>& v, const Vector<T, n>& inverse_weight) {
    T sum = 0;
    for (int c = 0; c < n; ++c) sum += square(v[c] * inverse_weight[c]);
    return std::sqrt(static_cast<double>(sum) / n);
  }

  /// Rate of contraction of the last iteration; below reusable_rate its Jacobian is good for the next step.
  [[nodiscard]] bool reusable() const { return rate_ <= reusable_rate; }
  [[nodiscard]] int iterations() const { return std::min(iterations_, most_iterations); }
  /// After Outcome::slow: the factor by which the step has to be shorter.
  [[nodiscard]] double shrink() const { return shrink_; }

 private:
  static constexpr double reusable_rate = 1e-3, slowest_rate = 0.99;  // as in radau5.f
  static constexpr double unknown_rate = 1e-3;  // of an iteration that ended after one update: its Jacobian was good enough

  Increments update(double t, double h, const Vector<T, n>& y, const Increments& z, const Increments& w) const {
    Increments f;
    for (int k = 0; k < Method::stages; ++k) {
      Vector<T, n> stage;
      for (int c = 0; c < n; ++c) stage[c] = y[c] + z(k, c);
      const Vector<T, n> value = f_(static_cast<T>(t + Method::c(k) * h), stage);
      for (int c = 0; c < n; ++c) f(k, c) = value[c];
    }
    const Increments g = to_transformed<Method, T, n>(f);
    Increments dw;
    Vector<T, n> real;
    for (int c = 0; c < n; ++c) real[c] = g(0, c) - static_cast<T>(Method::gamma) * inverse_h_ * w(0, c);
    real_.solve(real);
    for (int c = 0; c < n; ++c) dw(0, c) = real[c];
    detail::unrolled<Method::pairs>([&](auto q) ANTLER_INLINED {
      constexpr int p = detail::pair_stage<Method, q>;
      const T a = static_cast<T>(Method::alpha(q)) * inverse_h_, b = static_cast<T>(Method::beta(q)) * inverse_h_;
      Vector<Complex<T>, n> pair;
      for (int c = 0; c < n; ++c)
        pair[c] = {g(p, c) - (a * w(p, c) - b * w(p + 1, c)), g(p + 1, c) - (b * w(p, c) + a * w(p + 1, c))};
      pair_[q].solve(pair);
      for (int c = 0; c < n; ++c) {
        dw(p, c) = pair[c].re;
        dw(p + 1, c) = pair[c].im;
      }
    });
    return dw;
  }

  static double stage_norm(const Increments& v, const Vector<T, n>& inverse_weight) {
    T sum = 0;
    for (int k = 0; k < Method::stages; ++k)
      for (int c = 0; c < n; ++c) sum += square(v(k, c) * inverse_weight[c]);
    return std::sqrt(static_cast<double>(sum) / (n * Method::stages));
  }

  F f_;
  double tolerance_, floor_;
  double remainder_ = 1, rate_ = 1, shrink_ = 0.5;
  int iterations_ = 0;
  T inverse_h_ = 0;
  LU<T, n> real_;
  ComplexLU<T, n> pair_[Method::pairs > 0 ? Method::pairs : 1];
};

}  // namespace antler::inline ANTLER_LANES
