// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/step_newton.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/finite.hpp"
#include "antler/discretization/collocation_step.hpp"

namespace antler::dynamic {

namespace {

using Method = RadauIIA<3>;
constexpr int s = Method::stages;
constexpr double slowest_rate = 0.99, unknown_rate = 1e-3;  // as in radau5.f; of an iteration that ended after one update

/// Row k of T W.
inline double stage(const double* w, std::size_t n, int k, std::size_t c) {
  return Method::T(k, 0) * w[c] + Method::T(k, 1) * w[n + c] + Method::T(k, 2) * w[2 * n + c];
}

/// sum_c (v_c weight_c)^2 in a fixed order that vectors can follow.
double weighted_square(std::size_t n, const double* v, const double* weight) {
  constexpr std::size_t lanes = 8;
  double sums[lanes] = {};
  std::size_t c = 0;
  for (; c + lanes <= n; c += lanes)
    for (std::size_t l = 0; l < lanes; ++l) {
      const double scaled = v[c + l] * weight[c + l];
      sums[l] += scaled * scaled;
    }
  double sum = 0;
  for (; c < n; ++c) sum += (v[c] * weight[c]) * (v[c] * weight[c]);
  for (const double lane : sums) sum += lane;
  return sum;
}

}  // namespace

template <class Structure>
StepNewton<Structure>::StepNewton(const Evaluator& evaluator, const Structure& structure, double tolerance, double floor)
    : evaluator_(evaluator),
      n_(static_cast<std::size_t>(evaluator.components())),
      tolerance_(tolerance),
      floor_(floor),
      factors_(structure),
      w_(s * n_),
      last_(s * n_),
      stages_(s * n_),
      p_(s * n_),
      inverse_weight_(n_) {}

template <class Structure>
void StepNewton<Structure>::weigh(const double* y) {
  const double rtol = evaluator_.rtol(), *atol = evaluator_.atol().data();
  for (std::size_t c = 0; c < n_; ++c) inverse_weight_[c] = 1 / (rtol * std::abs(y[c]) + atol[c]);
}

template <class Structure>
double StepNewton<Structure>::norm(const double* v) const {
  return std::sqrt(weighted_square(n_, v, inverse_weight_.data()) / static_cast<double>(n_));
}

template <class Structure>
void StepNewton<Structure>::begin() {
  std::fill(w_.begin(), w_.end(), 0.0);
}

template <class Structure>
void StepNewton<Structure>::continue_last(double ratio) {
  // z_k = q(1 + c_k ratio) - q(1) for the polynomial q(theta) = sum_m theta^m c_m, whose c_m are combinations of w: a 3 x 3 matrix.
  double from_w[s][s], change[s][s];
  for (int m = 0; m < s; ++m)
    for (int j = 0; j < s; ++j) {
      from_w[m][j] = 0;
      for (int l = 0; l < s; ++l) from_w[m][j] += Method::monomial(m, l) * Method::T(l, j);
    }
  for (int k = 0; k < s; ++k)
    for (int j = 0; j < s; ++j) {
      change[k][j] = 0;
      for (int l = 0; l < s; ++l) {
        const double x = Method::c(l) * ratio, theta = 1 + x;  // theta^m - 1 = x (theta^(m-1) + ... + 1)
        const double z = x * (from_w[0][j] + from_w[1][j] * (theta + 1) + from_w[2][j] * (theta * theta + theta + 1));
        change[k][j] += Method::inverse_T(k, l) * z;
      }
    }
  const double *w0 = last_.data(), *w1 = w0 + n_, *w2 = w1 + n_;
  for (int k = 0; k < s; ++k) {
    double* __restrict w = w_.data() + static_cast<std::size_t>(k) * n_;
    for (std::size_t c = 0; c < n_; ++c) w[c] = change[k][0] * w0[c] + change[k][1] * w1[c] + change[k][2] * w2[c];
  }
}

template <class Structure>
double StepNewton<Structure>::update(double t, double h, const double* y, Scratch& scratch) {
  double* const w = w_.data();
  double* const p = p_.data();
  for (int k = 0; k < s; ++k) {
    double* __restrict z = stages_.data() + static_cast<std::size_t>(k) * n_;
    for (std::size_t c = 0; c < n_; ++c) z[c] = y[c] + stage(w, n_, k, c);
    evaluator_.value(t + Method::c(k) * h, z, p + static_cast<std::size_t>(k) * n_, scratch);
  }
  const double gamma = Method::gamma / h, alpha = Method::alpha / h, beta = Method::beta / h;
  {
    double* __restrict p0 = p, * __restrict p1 = p + n_, * __restrict p2 = p + 2 * n_;
    const double *w0 = w, *w1 = w + n_, *w2 = w + 2 * n_;
    for (std::size_t c = 0; c < n_; ++c) {  // T^{-1} F - Lambda W / h
      const double f0 = p0[c], f1 = p1[c], f2 = p2[c];
      p0[c] = Method::inverse_T(0, 0) * f0 + Method::inverse_T(0, 1) * f1 + Method::inverse_T(0, 2) * f2 - gamma * w0[c];
      p1[c] = Method::inverse_T(1, 0) * f0 + Method::inverse_T(1, 1) * f1 + Method::inverse_T(1, 2) * f2 -
              (alpha * w1[c] - beta * w2[c]);
      p2[c] = Method::inverse_T(2, 0) * f0 + Method::inverse_T(2, 1) * f1 + Method::inverse_T(2, 2) * f2 -
              (beta * w1[c] + alpha * w2[c]);
    }
  }
  factors_.solve_stages(p);
  for (std::size_t c = 0; c < s * n_; ++c) w[c] += p[c];
  double square = 0;
  for (std::size_t k = 0; k < s; ++k) square += weighted_square(n_, p + k * n_, inverse_weight_.data());
  return std::sqrt(square / static_cast<double>(s * n_));
}

template <class Structure>
auto StepNewton<Structure>::iterate(double t, double h, const double* y, Scratch& scratch) -> Outcome {
  // What is left after an update is about remainder_ times as large; the last step's value, made more careful, until it is known.
  remainder_ = std::pow(std::max(remainder_, std::numeric_limits<double>::epsilon()), 0.8);
  rate_ = unknown_rate;
  double previous = 0, previous_ratio = 0;
  for (iterations_ = 1; iterations_ <= most_iterations; ++iterations_) {
    const double size = update(t, h, y, scratch);
    if (!is_finite(size)) return Outcome::non_finite;
    if (iterations_ > 1) {
      const double ratio = size / previous;
      rate_ = iterations_ == 2 ? ratio : std::sqrt(ratio * previous_ratio);
      previous_ratio = ratio;
      if (size > floor_) {
        if (rate_ >= slowest_rate) return Outcome::diverged;
        const int left = most_iterations - 1 - iterations_;
        const double expected = rate_ / (1 - rate_) * size * std::pow(rate_, left) / tolerance_;
        if (left >= 0 && expected >= 1) {
          shrink_ = 0.8 * std::pow(std::clamp(expected, 1e-4, 20.0), -1.0 / (4 + left));
          return Outcome::slow;
        }
      }
      remainder_ = std::min(rate_, slowest_rate) / (1 - std::min(rate_, slowest_rate));
    }
    previous = std::max(size, std::numeric_limits<double>::min());
    if (remainder_ * size <= tolerance_ || size <= floor_) return Outcome::converged;
  }
  return Outcome::diverged;
}

template <class Structure>
double StepNewton<Structure>::error(double h, const double* value) {
  double e[s] = {};  // the estimate's weights of w
  for (int j = 0; j < s; ++j)
    for (int k = 0; k < s; ++k) e[j] += Method::estimate(k) * Method::T(k, j) / h;
  const double *w0 = w_.data(), *w1 = w0 + n_, *w2 = w1 + n_;
  double* estimate = p_.data();
  for (std::size_t c = 0; c < n_; ++c) estimate[c] = value[c] + (e[0] * w0[c] + e[1] * w1[c] + e[2] * w2[c]);
  factors_.solve_real(estimate);
  return norm(estimate);
}

template <class Structure>
void StepNewton<Structure>::end_of(const double* y, double* next) const {
  static_assert(Method::T(2, 0) == 1 && Method::T(2, 1) == 1 && Method::T(2, 2) == 0, "the last stage ends the step");
  for (std::size_t c = 0; c < n_; ++c) next[c] = y[c] + (w_[c] + w_[n_ + c]);
}

template <class Structure>
void StepNewton<Structure>::polynomial(const double* y, double* cubic) const {
  for (std::size_t c = 0; c < n_; ++c) {
    cubic[c] = y[c];
    for (int m = 0; m < s; ++m) {
      double sum = 0;
      for (int k = 0; k < s; ++k) sum += Method::monomial(m, k) * stage(last_.data(), n_, k, c);
      cubic[static_cast<std::size_t>(m + 1) * n_ + c] = sum;
    }
  }
}

template class StepNewton<Dense>;
template class StepNewton<Banded>;

}  // namespace antler::dynamic
