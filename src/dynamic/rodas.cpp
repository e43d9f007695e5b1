// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/rodas.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/finite.hpp"
#include "antler/mesh/rodas_coefficients.hpp"
#include "dynamic/banded.hpp"
#include "dynamic/dense.hpp"

namespace antler::dynamic {

namespace {

using C = antler::detail::RodasCoefficients;
constexpr double safety = 0.9, smallest_factor = 0.2, largest_factor = 6;  // as in rodas.f
constexpr double first_move = 1;  // an Euler step that moves y by one unit of the tolerance errs by far less
constexpr double epsilon = std::numeric_limits<double>::epsilon();

}  // namespace

template <class Structure>
Rodas<Structure>::Rodas(const Evaluator& evaluator, const Structure& structure, Workers& workers, double direction, double longest)
    : evaluator_(evaluator),
      structure_(structure),
      workers_(workers),
      scratch_(workers.first()),
      direction_(direction),
      longest_(longest) {
  const auto n = static_cast<std::size_t>(evaluator.components());
  for (auto* array : {&y_, &next_, &value_, &by_t_, &memory_}) array->resize(n);
  for (auto& array : u_) array.resize(n);
  by_y_.resize(structure.size());
  w_.resize(structure.size());
  pivots_.resize(n);
}

template <class Structure>
double Rodas<Structure>::beside(double t, double h) const {
  const double wanted = std::sqrt(epsilon) * std::max(std::abs(t), h);
  const double ahead = std::abs(interval_.last - t), behind = std::abs(t - interval_.first);
  const double x = t + direction_ * (wanted <= ahead ? wanted : -wanted);
  if (wanted > ahead && wanted > behind) return ahead >= behind ? interval_.last : interval_.first;
  return std::clamp(x, std::min(interval_.first, interval_.last), std::max(interval_.first, interval_.last));
}

template <class Structure>
bool Rodas<Structure>::linearize(double t, const double* y, double h, Statistics& statistics) {
  ++statistics.jacobian_evaluations;
  if (!evaluator_.jacobian_by(workers_, structure_, t, y, h)) return false;
  std::copy(scratch_.jacobian.begin(), scratch_.jacobian.end(), by_y_.begin());
  evaluator_.value(t, y, value_.data(), scratch_);
  const double near = beside(t, h), delta = near - t;
  evaluator_.value(near, y, scratch_.moved.data(), scratch_);
  for (std::size_t c = 0; c < by_t_.size(); ++c) by_t_[c] = delta != 0 ? (scratch_.moved[c] - value_[c]) / delta : 0;
  return all_finite(value_.data(), value_.size()) && all_finite(by_t_.data(), by_t_.size());
}

template <class Structure>
Status Rodas<Structure>::start(double t, const double* y, double h, const SmoothInterval& interval, double factor,
                               Statistics& statistics) {
  t_ = t;
  interval_ = interval;
  factor_ = factor;
  std::copy(y, y + y_.size(), y_.begin());
  const double longest = std::abs(interval.last - t);
  evaluator_.value(t, y, value_.data(), scratch_);
  if (!all_finite(value_.data(), value_.size())) return Status::non_finite;
  // The first step moves y by about one tolerance [HairerNorsettWanner1993, sec. II.4]; the next ones grow sixfold.
  const double speed =
      std::sqrt(mean_square(evaluator_.components(), value_.data(), y, evaluator_.rtol(), evaluator_.atol())) / factor_;
  // A step must be felt by t: an initial layer below its rounding is left to the error test.
  const double shortest = 16 * epsilon * std::abs(t);
  h_ = h > 0 ? h : std::min(longest, std::max(speed > 0 ? first_move / speed : longest, shortest));
  return linearize(t, y, h_, statistics) ? Status::converged : Status::non_finite;
}

template <class Structure>
double Rodas<Structure>::increments(double step, bool last, Statistics& statistics) {
  const double inverse = 1 / step;
  const int n = evaluator_.components();
  for (std::size_t k = 0; k < w_.size(); ++k) w_[k] = -by_y_[k];
  for (int r = 0; r < n; ++r) w_[static_cast<std::size_t>(structure_.diagonal(r))] += inverse / C::gamma;
  ++statistics.factorisations;
  const RealCells w{w_.data()};
  if (!structure_.factor(w, pivots_.data())) return HUGE_VAL;
  for (int i = 0; i < 6; ++i) {
    if (i == 0) {
      u_[0] = value_;
    } else {
      next_ = y_;
      std::fill(memory_.begin(), memory_.end(), 0.0);
      for (int j = 0; j < i; ++j) {
        subtract_multiple(n, -C::a[i][j], {u_[j].data()}, {next_.data()});
        subtract_multiple(n, -C::c[i][j] * inverse, {u_[j].data()}, {memory_.data()});
      }
      evaluator_.value(last && C::alpha[i] == 1 ? interval_.last : t_ + C::alpha[i] * step, next_.data(), u_[i].data(), scratch_);
      subtract_multiple(n, -1, {memory_.data()}, {u_[i].data()});
    }
    if (C::d[i] != 0) subtract_multiple(n, -C::d[i] * step, {by_t_.data()}, {u_[i].data()});
    structure_.solve(w, pivots_.data(), RealCells{u_[i].data()});
  }
  subtract_multiple(n, -1, {u_[5].data()}, {next_.data()});
  if (!all_finite(next_.data(), next_.size())) return HUGE_VAL;
  return mean_square(n, u_[5].data(), next_.data(), evaluator_.rtol(), evaluator_.atol()) / (factor_ * factor_);
}

template <class Structure>
Status Rodas<Structure>::advance(double* cubic, double& h, Statistics& statistics) {
  const double end = interval_.last;
  for (;;) {
    h_ = std::min(h_, longest_);
    const double remaining = std::abs(end - t_);
    const bool last = h_ >= 0.999 * remaining;
    const double step = direction_ * (last ? remaining : h_);
    if (t_ + step == t_) return Status::step_too_small;
    double error = std::sqrt(increments(step, last, statistics));
    const double next_t = last ? end : t_ + step;
    if (is_finite(error) && error <= 1) {
      write_cubic(cubic);  // before value_ changes
      if (!linearize(next_t, next_.data(), std::abs(step), statistics)) {
        error = HUGE_VAL;
        linearize(t_, y_.data(), std::abs(step), statistics);  // back to where it was finite
      }
    }
    if (!is_finite(error)) {
      h_ = std::abs(step) * 0.25;
      continue;
    }
    h_ = std::abs(step) * std::clamp(safety / std::sqrt(std::sqrt(std::max(error, 1e-12))), smallest_factor, largest_factor);
    if (error > 1) continue;
    h = step;
    t_ = next_t;
    std::swap(y_, next_);
    return Status::converged;
  }
}

template <class Structure>
void Rodas<Structure>::write_cubic(double* cubic) const {
  const std::size_t n = y_.size();
  for (std::size_t c = 0; c < n; ++c) {  // y + theta (y_1 - y) + theta (1 - theta) (c_3 + theta c_4)
    double c3 = 0, c4 = 0;
    for (int j = 0; j < 5; ++j) {
      c3 += C::dense[0][j] * u_[j][c];
      c4 += C::dense[1][j] * u_[j][c];
    }
    cubic[c] = y_[c];
    cubic[n + c] = next_[c] - y_[c] + c3;
    cubic[2 * n + c] = c4 - c3;
    cubic[3 * n + c] = -c4;
  }
}

template class Rodas<Dense>;
template class Rodas<Banded>;

}  // namespace antler::dynamic
