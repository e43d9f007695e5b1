// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Simplified Newton for a single step of `RadauIIA<s>`, as a sequential integrator does it: RADAU5 [HairerWanner1996, sec. IV.8]
/// and RADAU [HairerWanner1999].
///
///     (gamma / h - J) dW_1 = ...,   ((alpha + i beta) / h - J) (dW_2 + i dW_3) = (T^{-1} F - Lambda W / h)_{2,3}, ...
///
/// One real and (s - 1) / 2 complex factorisations serve all iterations, and further steps as long as they contract (NewtonRate).

#include "antler/core/complex_lu.hpp"
#include "antler/core/kokkos.hpp"
#include "antler/core/lu.hpp"
#include "antler/discretization/collocation_step.hpp"
#include "antler/discretization/newton_rate.hpp"

namespace antler::inline ANTLER_LANES {

/// @tparam F       the right-hand side, called with scalars
/// @tparam Tableau  `RadauIIA<s>` with an odd s: the error estimate takes the real eigenvalue
template <class F, class T, int n, class Tableau = RadauIIA<3>>
class RadauNewton {
 public:
  using Method = Tableau;
  static_assert(Method::has_real, "antler::RadauNewton: the number of stages must be odd");
  using Increments = Stages<T, n, Method>;

  /// @param tolerance, floor  as of NewtonRate
  RadauNewton(const F& f, double tolerance, double floor) : f_(f), rate_(tolerance, floor) {}

  /// Factors of a step of length h, h < 0 backwards. @return false when a matrix is singular
  ANTLER_FLATTEN bool factor(const Matrix<T, n>& jacobian, double h) {
    inverse_h_ = static_cast<T>(1 / h);
    Matrix<T, n> real = jacobian;
    real *= T(-1);
    bool regular = true;
    detail::unrolled_on_host<Method::pairs>([&](auto q) ANTLER_INLINED {
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
  ANTLER_FLATTEN NewtonRate::Outcome iterate(double t, double h, const Vector<T, n>& y, const Vector<T, n>& inverse_weight,
                                             Increments& z) {
    Increments w = to_transformed<Method, T, n>(z);
    for (rate_.start(); rate_.goes_on();) {
      const Increments dw = update(t, h, y, z, w);
      if (!rate_.applies(detail::weighted_norm(dw, inverse_weight))) break;
      w += dw;
      z = from_transformed<Method, T, n>(w);
    }
    return rate_.outcome();
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
    const double norm = detail::weighted_norm(estimate, inverse_weight);
    if (norm <= limit || !is_finite(norm)) return norm;
    estimate = Vector<T, n>(f_(static_cast<T>(t), Vector<T, n>(y + estimate))) + combination;
    ++evaluations;
    real_.solve(estimate);
    const double filtered = detail::weighted_norm(estimate, inverse_weight);
    return is_finite(filtered) ? filtered : norm;
  }

  /// How the last iteration went.
  [[nodiscard]] const NewtonRate& rate() const { return rate_; }

 private:
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
    detail::unrolled_on_host<Method::pairs>([&](auto q) ANTLER_INLINED {
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

  F f_;
  NewtonRate rate_;
  T inverse_h_ = 0;
  LU<T, n> real_;
  ComplexLU<T, n> pair_[Method::pairs > 0 ? Method::pairs : 1];
};

}  // namespace antler::inline ANTLER_LANES
