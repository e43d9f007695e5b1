// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/window.hpp"

#include <algorithm>
#include <string>

#include "antler/discretization/collocation_step.hpp"
#include "dynamic/banded.hpp"
#include "dynamic/dense.hpp"

namespace antler::dynamic {

namespace {

using Method = RadauIIA<3>;
using antler::detail::end_weight;
using antler::detail::tau;

/// Kernel names as strings that are made once: a loop is not to allocate.
const struct {
  std::string guess = "antler::dynamic::guess", factor = "antler::dynamic::factor", evaluate = "antler::dynamic::evaluate",
              apply = "antler::dynamic::apply", estimate = "antler::dynamic::estimate";
} labels;

/// Row k of T W.
inline double stage(const double* w, std::size_t n, int k, std::size_t c) {
  return Method::T(k, 0) * w[c] + Method::T(k, 1) * w[n + c] + Method::T(k, 2) * w[2 * n + c];
}

}  // namespace

template <class Structure>
Window<Structure>::Window(const Evaluator& evaluator, const Structure& structure, Workers& workers, Index capacity)
    : evaluator_(evaluator),
      structure_(structure),
      workers_(workers),
      n_(static_cast<std::size_t>(evaluator.components())),
      capacity_(capacity),
      factors_(structure, capacity),
      rows_(std::make_unique_for_overwrite<double[]>(index(capacity) * index(int(Row::count)) * n_)) {
  for (auto* array : {&t_, &h_, &update_, &residual_, &error_}) array->resize(index(capacity));
}

template <class Structure>
void Window<Structure>::guess(const std::vector<double>& points, const Polynomials& pieces, const std::vector<int>& piece_of,
                              Index count, const double* y) {
  steps_ = count;
  workers_.for_each(labels.guess, count, 40.0 * static_cast<double>(n_), [&](Index i, Scratch&) {
    const auto piece = static_cast<std::size_t>(piece_of[index(i)]);
    const double *start = pieces.start(piece), *c1 = start + n_, *c2 = c1 + n_, *c3 = c2 + n_;
    const double t = points[index(i)], h = points[index(i) + 1] - t;
    t_[index(i)] = t;
    h_[index(i)] = h;
    const double theta = (t - pieces.t(piece)) / pieces.h(piece), ratio = h / pieces.h(piece);
    double *node = at(i, Row::y), *scale = at(i, Row::scale), *w = at(i, Row::w);
    for (std::size_t c = 0; c < n_; ++c) {
      const auto increment = [&](double x) { return x * (c1[c] + x * (c2[c] + x * c3[c])); };
      const double first = increment(theta);
      node[c] = i == 0 ? y[c] : start[c] + first;
      scale[c] = 1 / (evaluator_.rtol() * std::abs(node[c]) + evaluator_.atol()[c]);
      double z[s];
      for (int k = 0; k < s; ++k) z[k] = increment(theta + ratio * Method::c(k)) - first;
      for (int k = 0; k < s; ++k) {
        double sum = 0;
        for (int l = 0; l < s; ++l) sum += Method::inverse_T(k, l) * z[l];
        w[index(k) * n_ + c] = sum;
      }
    }
  });
}

template <class Structure>
template <class Body>
void Window<Structure>::for_each_group(const std::string& label, double flops_per_step, const Body& body) {
  const Index together = factors_.together(), groups = (steps_ + together - 1) / together;
  workers_.for_each(label, groups, flops_per_step * static_cast<double>(together), [&](Index group, Scratch& scratch) {
    const Index first = group * together;
    body(first, std::min(together, steps_ - first), scratch);
  });
}

template <class Structure>
void Window<Structure>::factor() {
  const double jacobian_flops = workers_.call_flops * (1 + evaluator_.groups().groups());
  for_each_group(labels.factor, jacobian_flops + 5 * structure_.factor_flops(), [this](Index first, Index count, Scratch& scratch) {
    for (Index i = first; i < first + count; ++i) linearize_step(i, scratch);
    factors_.factor(first, count);
  });
}

template <class Structure>
void Window<Structure>::linearize_step(Index i, Scratch& scratch) {
  constexpr int middle = s / 2;
  const double h = h_[index(i)];
  const double *y = at(i, Row::y), *w = at(i, Row::w);
  for (std::size_t c = 0; c < n_; ++c) scratch.stage[c] = y[c] + stage(w, n_, middle, c);
  const bool finite = evaluator_.jacobian(structure_, t_[index(i)] + Method::c(middle) * h, scratch.stage.data(), h, scratch);
  factors_.store(i, finite ? scratch.jacobian.data() : nullptr, h);
}

template <class Structure>
void Window<Structure>::evaluate(Pending pending) {
  const double flops = s * (workers_.call_flops + 30 * static_cast<double>(n_)) + 5 * structure_.solve_flops();
  for_each_group(labels.evaluate, flops, [&](Index first, Index count, Scratch& scratch) {
    double* right_hand_sides[LaneBands::lanes];
    for (Index j = 0; j < count; ++j) {
      if (pending == Pending::update) update_step(first + j);
      evaluate_step(first + j, scratch);
      right_hand_sides[j] = at(first + j, Row::p);
    }
    factors_.solve_stages(first, count, right_hand_sides);
    for (Index j = 0; j < count; ++j) conclude_step(first + j);
  });
}

template <class Structure>
void Window<Structure>::update_step(Index i) {
  double *y = at(i, Row::y), *w = at(i, Row::w), *change = at(i, Row::change);
  const double *d = at(i, Row::d), *p = at(i, Row::p);
  for (std::size_t c = 0; c < s * n_; ++c) w[c] += change[c] += p[c];
  for (std::size_t c = 0; c < n_; ++c) y[c] += d[c];
  const double stages = stages_square(i, change), node = node_square(i, d);
  update_[index(i)] = stages > node ? stages : node + 0 * stages;  // a NaN stays
}

template <class Structure>
void Window<Structure>::evaluate_step(Index i, Scratch& scratch) {
  if (!factors_.usable(i)) {
    std::fill_n(at(i, Row::p), s * n_, 0.0);
    return;
  }
  const double h = h_[index(i)], t = t_[index(i)];
  const double *y = at(i, Row::y), *w = at(i, Row::w), *w1 = w + n_, *w2 = w1 + n_;
  double *p = at(i, Row::p), *p1 = p + n_, *p2 = p1 + n_;
  for (int k = 0; k < s; ++k) {
    for (std::size_t c = 0; c < n_; ++c) scratch.stage[c] = y[c] + stage(w, n_, k, c);
    evaluator_.value(t + Method::c(k) * h, scratch.stage.data(), p + index(k) * n_, scratch);
  }
  const double gamma = Method::gamma / h, alpha = Method::alpha() / h, beta = Method::beta() / h;
  for (std::size_t c = 0; c < n_; ++c) {  // T^{-1} F - Lambda W / h
    const double f0 = p[c], f1 = p1[c], f2 = p2[c];
    const auto transformed = [&](int k) {
      return Method::inverse_T(k, 0) * f0 + Method::inverse_T(k, 1) * f1 + Method::inverse_T(k, 2) * f2;
    };
    p[c] = transformed(0) - gamma * w[c];
    p1[c] = transformed(1) - (alpha * w1[c] - beta * w2[c]);
    p2[c] = transformed(2) - (beta * w1[c] + alpha * w2[c]);
  }
}

template <class Structure>
void Window<Structure>::conclude_step(Index i) {
  const double *y = at(i, Row::y), *w = at(i, Row::w), *w1 = w + n_, *w2 = w1 + n_;
  double *p = at(i, Row::p), *p1 = p + n_, *p2 = p1 + n_, *end = at(i, Row::end);
  if (!factors_.usable(i)) {
    residual_[index(i)] = HUGE_VAL;
    std::fill_n(p, s * n_, std::nan(""));
    std::fill_n(end, n_, std::nan(""));
    return;
  }
  residual_[index(i)] = stages_square(i, p);
  for (std::size_t c = 0; c < n_; ++c)
    end[c] = y[c] + end_weight<Method>(0) * (w[c] + p[c]) + end_weight<Method>(1) * (w1[c] + p1[c]) +
             end_weight<Method>(2) * (w2[c] + p2[c]);
}

template <class Structure>
void Window<Structure>::change_of_start(Index i) {
  const double* d = at(i, Row::d);
  double *x = at(i, Row::change), *x1 = x + n_, *x2 = x1 + n_;
  if (i == 0 || !factors_.usable(i)) {  // the first node does not move
    std::fill_n(x, s * n_, i == 0 ? 0.0 : std::nan(""));
    return;
  }
  std::copy_n(d, n_, x);
  std::copy_n(d, n_, x1);
  std::fill_n(x2, n_, 0.0);
  factors_.solve_stages_of(i, x);
  const double h = h_[index(i)], gamma = Method::gamma / h, alpha = Method::alpha() / h, beta = Method::beta() / h;
  constexpr double t0 = tau<Method>(0), t1 = tau<Method>(1), t2 = tau<Method>(2);
  for (std::size_t c = 0; c < n_; ++c) {
    x[c] = t0 * (gamma * x[c] - d[c]);
    const double re = alpha * x1[c] - beta * x2[c] - d[c], im = beta * x1[c] + alpha * x2[c];
    x1[c] = t1 * re - t2 * im;
    x2[c] = t1 * im + t2 * re;
  }
}

template <class Structure>
void Window<Structure>::sweep() {
  for (Index i = 0; i < steps_; ++i) {
    double* d = at(i, Row::d);
    if (i == 0) std::fill_n(d, n_, 0.0);
    change_of_start(i);
    if (i + 1 == steps_) return;
    const double *end = at(i, Row::end), *next = at(i + 1, Row::y), *change = at(i, Row::change);
    double* d_next = at(i + 1, Row::d);
    for (std::size_t c = 0; c < n_; ++c) {
      d_next[c] = end[c] - next[c] + d[c];
      for (int k = 0; k < s; ++k) d_next[c] += end_weight<Method>(k) * change[index(k) * n_ + c];
    }
  }
}

template <class Structure>
void Window<Structure>::apply() {
  workers_.for_each(labels.apply, steps_, 8.0 * static_cast<double>(n_), [this](Index i, Scratch&) {
    double *y = at(i, Row::y), *w = at(i, Row::w);
    const double *d = at(i, Row::d), *p = at(i, Row::p), *change = at(i, Row::change);
    for (std::size_t c = 0; c < n_; ++c) y[c] += d[c];
    for (std::size_t c = 0; c < s * n_; ++c) w[c] += p[c] + change[c];
  });
}

/// The updates are done with: their place holds the estimates.
template <class Structure>
void Window<Structure>::estimate() {
  for_each_group(labels.estimate, workers_.call_flops + structure_.solve_flops(),
                 [this](Index first, Index count, Scratch& scratch) {
                   double* errors[LaneBands::lanes];
                   for (Index j = 0; j < count; ++j) {
                     estimate_step(first + j, scratch);
                     errors[j] = at(first + j, Row::p);
                   }
                   factors_.solve_real(first, count, errors);
                   for (Index j = 0; j < count; ++j) conclude_estimate(first + j);
                 });
}

template <class Structure>
void Window<Structure>::estimate_step(Index i, Scratch& scratch) {
  double* error = at(i, Row::p);
  if (!factors_.usable(i)) {
    std::fill_n(error, n_, 0.0);
    return;
  }
  const double inverse_h = 1 / h_[index(i)], t = t_[index(i)];
  const double *y = at(i, Row::y), *w = at(i, Row::w);
  evaluator_.value(t, y, error, scratch);
  for (std::size_t c = 0; c < n_; ++c) {
    double combination = 0;
    for (int k = 0; k < s; ++k) combination += estimate_weight<Method>(k) * stage(w, n_, k, c);
    error[c] += combination * inverse_h;
  }
}

template <class Structure>
void Window<Structure>::conclude_estimate(Index i) {
  error_[index(i)] = factors_.usable(i)
                         ? mean_square(evaluator_.components(), at(i, Row::p), at(i, Row::y), evaluator_.rtol(), evaluator_.atol())
                         : HUGE_VAL;
}

template <class Structure>
void Window<Structure>::polynomial(Index i, double* cubic) const {
  const double *y = at(i, Row::y), *w = at(i, Row::w);
  for (std::size_t c = 0; c < n_; ++c) {
    cubic[c] = y[c];
    for (int m = 0; m < s; ++m) {
      double sum = 0;
      for (int k = 0; k < s; ++k) sum += Method::monomial(m, k) * stage(w, n_, k, c);
      cubic[index(m + 1) * n_ + c] = sum;
    }
  }
}

template <class Structure>
void Window<Structure>::end_of(Index i, double* y) const {
  const double *start = at(i, Row::y), *w = at(i, Row::w);
  for (std::size_t c = 0; c < n_; ++c) {
    y[c] = start[c];
    for (int k = 0; k < s; ++k) y[c] += end_weight<Method>(k) * w[index(k) * n_ + c];
  }
}

template <class Structure>
double Window<Structure>::node_square(Index i, const double* v) const {
  const double* scale = at(i, Row::scale);
  double sum = 0;
  for (std::size_t c = 0; c < n_; ++c) sum += (v[c] * scale[c]) * (v[c] * scale[c]);
  return sum / static_cast<double>(n_);
}

template <class Structure>
double Window<Structure>::stages_square(Index i, const double* w) const {
  const double* scale = at(i, Row::scale);
  double sums[s] = {};
  for (std::size_t c = 0; c < n_; ++c)
    for (int k = 0; k < s; ++k) {
      const double scaled = stage(w, n_, k, c) * scale[c];
      sums[k] += scaled * scaled;
    }
  return (sums[0] + sums[1] + sums[2]) / static_cast<double>(s * n_);
}

template class Window<Dense>;
template class Window<Banded>;

}  // namespace antler::dynamic
