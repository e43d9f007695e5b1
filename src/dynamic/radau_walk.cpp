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
      trials_(direction),
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
  trials_.renewed();
  return true;
}

template <class Structure>
Status RadauWalk<Structure>::start(double t, const double* y, double h, const SmoothInterval& interval, Statistics& statistics) {
  t_ = t;
  interval_ = interval;
  std::copy_n(y, y_.size(), y_.begin());
  trials_.set_polynomial(false);
  evaluator_.value(t, y_.data(), value_.data(), scratch_);
  newton_.weigh(y_.data());
  trials_.set_next_length(h > 0 ? h : first_length());
  const bool finite = all_finite(value_.data(), value_.size()) && linearize(t, y_.data(), next_length(), statistics);
  return finite ? Status::converged : Status::non_finite;
}

template <class Structure>
bool RadauWalk<Structure>::finite_at(const double* y, Statistics& statistics) {
  evaluator_.value(t_, y, next_value_.data(), scratch_);
  return all_finite(next_value_.data(), next_value_.size()) && linearize(t_, y, next_length(), statistics);
}

template <class Structure>
double RadauWalk<Structure>::first_length() {
  const auto norm = [&](const std::vector<double>& v) { return newton_.norm(v.data()) / limit_; };
  const auto change = [&](double probe) {
    for (std::size_t c = 0; c < y_.size(); ++c) next_[c] = y_[c] + direction_ * probe * value_[c];
    evaluator_.value(t_ + direction_ * probe, next_.data(), next_value_.data(), scratch_);
    for (std::size_t c = 0; c < y_.size(); ++c) next_value_[c] -= value_[c];
    return norm(next_value_);
  };
  return antler::detail::first_length(t_, std::abs(interval_.last - t_), norm(y_), norm(value_), change);
}

template <class Structure>
Status RadauWalk<Structure>::advance(double& length, Statistics& statistics) {
  for (trials_.begin(); trials_.choose(t_, interval_.last, longest_, statistics);)
    if (step(statistics)) {
      length = trials_.h();
      return Status::converged;
    }
  return trials_.failure();
}

/// Tries the step that was chosen; returns whether it was accepted.
template <class Structure>
bool RadauWalk<Structure>::step(Statistics& statistics) {
  const double h = trials_.h();
  if (!trials_.factors_for(h, statistics, [&] { return newton_.factor(jacobian_.data(), h); })) return trials_.shorten(0.5);
  if (trials_.has_polynomial())
    newton_.continue_last(h / last_length_);
  else
    newton_.begin();
  const auto outcome = newton_.iterate(t_, h, y_.data(), workers_);
  antler::detail::count_iterations(newton_.rate(), 0, statistics);  // the evaluator counts its calls
  if (outcome != NewtonRate::Outcome::converged) {
    if (trials_.renews_after(newton_.rate()) && !linearize(t_, y_.data(), std::abs(h), statistics)) trials_.shorten(0.5);
    return false;
  }
  const double error = newton_.error(h, value_.data()) / limit_;
  if (!trials_.passes(error, newton_.rate())) return false;
  if (!accept(trials_.end(), h, statistics)) return trials_.fail(Status::non_finite, 0.25);
  trials_.accept(error, newton_.rate(), keep_factors_below());
  share_ = error;
  return true;
}

/// The step's end becomes the accepted state, unless f is not finite there.
template <class Structure>
bool RadauWalk<Structure>::accept(double end, double h, Statistics& statistics) {
  newton_.end_of(y_.data(), next_.data());
  evaluator_.value(end, next_.data(), next_value_.data(), scratch_);
  if (!all_finite(next_value_.data(), next_value_.size())) return false;
  const bool keep_jacobian = newton_.rate().rate() <= reusable_rate_;
  if (keep_jacobian)
    trials_.aged();
  else if (!linearize(end, next_.data(), std::abs(h), statistics))
    return false;
  newton_.keep();
  last_length_ = h;
  trials_.set_polynomial(true);
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
void RadauWalk<Structure>::polynomial(double* cubic) const {
  newton_.polynomial(start_.data(), cubic);
}

template class RadauWalk<Dense>;
template class RadauWalk<Banded>;

}  // namespace antler::dynamic
