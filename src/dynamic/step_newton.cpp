// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/step_newton.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace antler::dynamic {

namespace {

using Method = RadauIIA<3>;
constexpr int s = Method::stages;
const std::string label = "antler::dynamic::stages";  // made once: a loop is not to allocate

/// c_m = sum_j from_w[m][j] w_j, the coefficients of the collocation polynomial.
void coefficients(double (&from_w)[s][s]) {
  for (int m = 0; m < s; ++m)
    for (int j = 0; j < s; ++j) {
      from_w[m][j] = 0;
      for (int l = 0; l < s; ++l) from_w[m][j] += Method::monomial(m, l) * Method::T(l, j);
    }
}

}  // namespace

template <class Structure>
StepNewton<Structure>::StepNewton(const Evaluator& evaluator, const Structure& structure, double tolerance, double floor)
    : evaluator_(evaluator),
      n_(static_cast<std::size_t>(evaluator.components())),
      rate_(tolerance, floor),
      factors_(structure),
      w_(s * n_),
      last_(s * n_),
      stages_(s * n_),
      p_(s * n_),
      inverse_weight_(n_),
      loops_(stage_loops()) {}

template <class Structure>
void StepNewton<Structure>::weigh(const double* y) {
  loops_.weigh(n_, evaluator_.rtol(), evaluator_.atol().data(), y, inverse_weight_.data());
}

template <class Structure>
double StepNewton<Structure>::norm(const double* v) const {
  return std::sqrt(loops_.square(n_, inverse_weight_.data(), v) / static_cast<double>(n_));
}

template <class Structure>
void StepNewton<Structure>::begin() {
  std::fill(w_.begin(), w_.end(), 0.0);
}

template <class Structure>
void StepNewton<Structure>::continue_last(double ratio) {
  // z_k = q(1 + c_k ratio) - q(1) for the polynomial q(theta) = sum_m theta^m c_m, whose c_m are combinations of w: a 3 x 3 matrix.
  double from_w[s][s], change[s][s];
  coefficients(from_w);
  for (int k = 0; k < s; ++k)
    for (int j = 0; j < s; ++j) {
      change[k][j] = 0;
      for (int l = 0; l < s; ++l) {
        const double x = Method::c(l) * ratio, theta = 1 + x;  // theta^m - 1 = x (theta^(m-1) + ... + 1)
        const double z = x * (from_w[0][j] + from_w[1][j] * (theta + 1) + from_w[2][j] * (theta * theta + theta + 1));
        change[k][j] += Method::inverse_T(k, l) * z;
      }
    }
  loops_.combine(n_, change[0], last_.data(), w_.data());
}

template <class Structure>
double StepNewton<Structure>::update(double t, double h, const double* y, Workers& workers) {
  loops_.stages(n_, y, w_.data(), stages_.data());
  workers.for_each(label, s, workers.call_flops, [&](Index stage, Scratch& scratch) {
    const std::size_t first = static_cast<std::size_t>(stage) * n_;
    evaluator_.value(t + Method::c(static_cast<int>(stage)) * h, stages_.data() + first, p_.data() + first, scratch);
  });
  loops_.residual(n_, h, w_.data(), p_.data());
  factors_.solve_stages(p_.data());
  return std::sqrt(loops_.update(n_, inverse_weight_.data(), p_.data(), w_.data()) / static_cast<double>(s * n_));
}

template <class Structure>
NewtonRate::Outcome StepNewton<Structure>::iterate(double t, double h, const double* y, Workers& workers) {
  for (rate_.start(); rate_.goes_on();) rate_.applies(update(t, h, y, workers));
  return rate_.outcome();
}

template <class Structure>
double StepNewton<Structure>::error(double h, const double* value) {
  double e[s] = {};  // the estimate's weights of w
  for (int j = 0; j < s; ++j)
    for (int k = 0; k < s; ++k) e[j] += estimate_weight<Method>(k) * Method::T(k, j) / h;
  double* estimate = p_.data();
  loops_.estimate(n_, e, value, w_.data(), estimate);
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
  double from_w[s][s];
  coefficients(from_w);
  std::copy_n(y, n_, cubic);
  loops_.combine(n_, from_w[0], last_.data(), cubic + n_);
}

template class StepNewton<Dense>;
template class StepNewton<Banded>;

}  // namespace antler::dynamic
