// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/radau_walk.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "dynamic/banded.hpp"
#include "dynamic/step_limits.hpp"

namespace antler::dynamic {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

}  // namespace

template <class Structure>
RadauWalk<Structure>::RadauWalk(const Evaluator& evaluator, const Structure& structure, Workers& workers, const Options& options,
                                double direction)
    : evaluator_(evaluator),
      structure_(structure),
      workers_(workers),
      scratch_(workers.first()),
      newton_(evaluator, structure, std::max(options.newton_tolerance, 10 * epsilon / options.rtol), 4 * epsilon / options.rtol),
      controller_(NewtonRate::most_iterations),
      direction_(direction),
      limit_(error_limit(options)),
      longest_(longest_step(options)),
      // As in radau5.f: 0.001 for a Jacobian that costs about one f, up to 0.1 for one that costs a hundred. Factors of a band cost
      // as much as ten evaluations of f, or more.
      reusable_rate_(std::clamp(1e-3 * evaluator.jacobian_cost(), std::is_same_v<Structure, Banded> ? 1e-2 : 1e-3, 0.1)),
      jacobian_(structure.size()) {
  for (auto* array : {&y_, &next_, &value_, &next_value_, &start_}) array->resize(static_cast<std::size_t>(evaluator.components()));
}

template <class Structure>
bool RadauWalk<Structure>::linearize(double t, const double* y, double h, Statistics& statistics) {
  ++statistics.jacobian_evaluations;
  if (!evaluator_.jacobian_by(workers_, structure_, t, y, h)) return false;
  std::copy(scratch_.jacobian.begin(), scratch_.jacobian.end(), jacobian_.begin());
  newton_.observe(jacobian_.data());
  factored_length_ = 0;
  fresh_ = true;
  return true;
}

template <class Structure>
Status RadauWalk<Structure>::start(double t, const double* y, double h, const SmoothInterval& interval, Statistics& statistics) {
  t_ = t;
  interval_ = interval;
  std::copy_n(y, y_.size(), y_.begin());
  continue_ = false;
  evaluator_.value(t, y_.data(), value_.data(), scratch_);
  newton_.weigh(y_.data());
  h_ = h > 0 ? h : first_length();
  const bool finite = all_finite(value_.data(), value_.size()) && linearize(t, y_.data(), h_, statistics);
  return finite ? Status::converged : Status::non_finite;
}

template <class Structure>
bool RadauWalk<Structure>::finite_at(const double* y, Statistics& statistics) {
  evaluator_.value(t_, y, next_value_.data(), scratch_);
  return all_finite(next_value_.data(), next_value_.size()) && linearize(t_, y, h_, statistics);
}

/// A first step whose error is about a hundredth of the limit, from f and a difference of it [HairerNorsettWanner1993, sec. II.4].
template <class Structure>
double RadauWalk<Structure>::first_length() {
  const double interval = std::abs(interval_.last - t_);
  const double size = newton_.norm(y_.data()) / limit_, speed = newton_.norm(value_.data()) / limit_;
  const double probe = std::min(size < 1e-5 || speed < 1e-5 ? 1e-6 * interval : 0.01 * size / speed, interval);
  for (std::size_t c = 0; c < y_.size(); ++c) next_[c] = y_[c] + direction_ * probe * value_[c];
  evaluator_.value(t_ + direction_ * probe, next_.data(), next_value_.data(), scratch_);
  for (std::size_t c = 0; c < y_.size(); ++c) next_value_[c] -= value_[c];
  const double curvature = newton_.norm(next_value_.data()) / limit_ / probe, larger = std::max(speed, curvature);
  const double length = larger > 1e-15 ? std::sqrt(std::sqrt(0.01 / larger)) : interval;
  const double shortest = 16 * epsilon * std::abs(t_);  // a step must be felt by t
  return std::min(interval, std::max(shortest, std::isfinite(length) ? std::min(100 * probe, length) : probe));
}

template <class Structure>
bool RadauWalk<Structure>::factors_for(double h, Statistics& statistics) {
  if (factored_length_ == h) return true;
  ++statistics.factorisations;
  const bool regular = newton_.factor(jacobian_.data(), h);
  factored_length_ = regular ? h : 0;
  return regular;
}

template <class Structure>
Status RadauWalk<Structure>::advance(double& length, Statistics& statistics) {
  using Outcome = NewtonRate::Outcome;
  const double end = interval_.last;
  Status failure = Status::step_too_small;
  for (bool rejected = false;; rejected = true) {
    h_ = std::min(h_, longest_);
    const double remaining = std::abs(end - t_);
    const bool last = h_ >= (1 - 1e-10) * remaining;
    const double h = direction_ * (last ? remaining : h_);
    if (t_ + (rejected || !last ? 0.1 * h : h) == t_) return failure;
    if (rejected) ++statistics.rejected_steps;
    if (!factors_for(h, statistics)) {
      h_ = 0.5 * std::abs(h);
      continue;
    }
    if (continue_)
      newton_.continue_last(h / last_length_);
    else
      newton_.begin();
    const Outcome outcome = newton_.iterate(t_, h, y_.data(), workers_);
    statistics.iterations += newton_.rate().iterations();
    statistics.newton_steps += newton_.rate().iterations();
    if (outcome != Outcome::converged) {
      failure = outcome == Outcome::non_finite ? Status::non_finite : Status::step_too_small;
      after_failed_iteration(outcome, std::abs(h), statistics);
      continue;
    }
    const double error = newton_.error(h, value_.data()) / limit_;
    if (!(std::isfinite(error) && error <= 1)) {
      failure = Status::step_too_small;
      h_ = std::isfinite(error) ? controller_.after_rejection(std::abs(h), error, newton_.rate().iterations()) : 0.25 * std::abs(h);
      continue;
    }
    if (!accept(last ? end : t_ + h, h, statistics)) {
      failure = Status::non_finite;
      h_ = 0.25 * std::abs(h);
      continue;
    }
    choose_length(std::abs(h), error, rejected);
    share_ = error;
    length = h;
    return Status::converged;
  }
}

/// Not finite: a quarter of the step. Else with an old Jacobian: a new one; with a new one: a shorter step.
template <class Structure>
void RadauWalk<Structure>::after_failed_iteration(NewtonRate::Outcome outcome, double length, Statistics& statistics) {
  using Outcome = NewtonRate::Outcome;
  if (outcome == Outcome::non_finite) {
    continue_ = false;
    h_ = 0.25 * length;
  } else if (!fresh_) {
    if (!linearize(t_, y_.data(), length, statistics)) h_ = 0.5 * length;
    fresh_ = true;
  } else {
    h_ = length * (outcome == Outcome::slow ? newton_.rate().shrink() : 0.5);
  }
}

/// The step's end becomes the accepted state, unless f is not finite there.
template <class Structure>
bool RadauWalk<Structure>::accept(double end, double h, Statistics& statistics) {
  newton_.end_of(y_.data(), next_.data());
  evaluator_.value(end, next_.data(), next_value_.data(), scratch_);
  if (!all_finite(next_value_.data(), next_value_.size())) return false;
  const bool keep_jacobian = newton_.rate().rate() <= reusable_rate_;
  if (keep_jacobian)
    fresh_ = false;
  else if (!linearize(end, next_.data(), std::abs(h), statistics))
    return false;
  newton_.keep();
  last_length_ = h;
  continue_ = true;
  t_ = end;
  start_.swap(y_);
  y_.swap(next_);
  value_.swap(next_value_);
  newton_.weigh(y_.data());
  return true;
}

/// Growth of the step by a factor g saves 1 - 1/g of the work until the next change: of about eight steps with four solutions each.
/// New factors cost more below g = 1.2 at least; where they are dear, as dense ones, below up to 2 [HairerWanner1996, sec. IV.8].
template <class Structure>
double RadauWalk<Structure>::keep_factors_below() const {
  constexpr double smallest = 1.2, largest = 2, solutions = 32;
  return std::clamp(solutions / std::max(solutions - newton_.factor_cost(), 1.0), smallest, largest);
}

template <class Structure>
void RadauWalk<Structure>::choose_length(double h, double error, bool rejected) {
  double next = controller_.after_acceptance(h, error, newton_.rate().iterations());
  if (rejected) next = std::min(next, h);
  const bool keep_factors = factored_length_ == direction_ * h && next >= h && next <= keep_factors_below() * h;
  h_ = keep_factors ? h : next;
}

template <class Structure>
void RadauWalk<Structure>::polynomial(double* cubic) const {
  newton_.polynomial(start_.data(), cubic);
}

template class RadauWalk<Dense>;
template class RadauWalk<Banded>;

}  // namespace antler::dynamic
