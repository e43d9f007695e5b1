// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/march.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/finite.hpp"
#include "antler/core/stopwatch.hpp"
#include "dynamic/banded.hpp"
#include "dynamic/dense.hpp"

namespace antler::dynamic {

namespace {

constexpr Index fewest_predicted = 4, sequential_steps = 8;
constexpr double largest_error_limit = 20;
constexpr int most_fine_iterations = 10, most_coarse_iterations = 5, most_rounds = 3;
constexpr double shares_outside = 4;      // pieces that a step becomes which left the bounds
constexpr double coarse_accuracy = 1e-5;  // relative, of the coarse trajectory

/// What an evaluation of f costs, in flops of 1 ns: the faster of two calls.
double call_flops(double t, const double* y, const Evaluator& evaluator, Scratch& scratch) {
  double seconds = 1;
  for (int call = 0; call < 2; ++call) {
    const Stopwatch clock;
    evaluator.value(t, y, scratch.value.data(), scratch);
    seconds = std::min(seconds, clock.seconds());
  }
  return 1e9 * seconds;
}

/// The predictor stretches its last step by a thousandth.
double longest(const Options& options) { return options.maximum_step > 0 ? 0.999 * options.maximum_step : HUGE_VAL; }

}  // namespace

template <class Structure>
March<Structure>::March(const CallbackProblem& problem, const Evaluator& evaluator, const Structure& structure,
                        const Options& options, Acceptance& acceptance)
    : evaluator_(evaluator),
      options_(options),
      acceptance_(acceptance),
      budget_(evaluator.components(), structure.size(), Workers::available(problem.calls), options.memory_cap,
              options.maximum_window),
      workers_(problem.calls, budget_.capacity, evaluator.components(), structure.size()),
      direction_(problem.t1 < problem.t0 ? -1 : 1),
      window_(evaluator, structure, workers_, budget_.capacity),
      newton_(window_, statistics_),
      rodas_(evaluator, structure, workers_, direction_, longest(options)),
      redistribution_(budget_.capacity, direction_, longest(options)),
      cubics_(evaluator.components(), static_cast<std::size_t>(budget_.predicted)),
      pieces_(evaluator.components(), static_cast<std::size_t>(budget_.capacity)),
      watch_(acceptance.bounds(), evaluator),
      sequential_(rodas_, evaluator.components(), direction_, acceptance, watch_),
      // RADAU5 works with rtol' = 0.1 rtol^(2/3), as solve/radau.hpp explains [HairerWanner1996, sec. IV.8].
      error_limit_(std::min(0.1 * std::pow(options.rtol, 2.0 / 3.0) / options.rtol, largest_error_limit)) {
  const auto n = static_cast<std::size_t>(evaluator.components()), capacity = static_cast<std::size_t>(budget_.capacity);
  y_.resize(n);
  cubic_.resize(4 * n);
  mesh_.reserve(capacity + 1);
  errors_.reserve(capacity);
  piece_of_.reserve(capacity);
}

template <class Structure>
double March<Structure>::loosest_predictor() const {
  return std::clamp(std::sqrt(options_.rtol), 1e-3, 1e-2);
}

template <class Structure>
Statistics March<Structure>::statistics() {
  statistics_.meshes = 1;
  statistics_.bound_rejections = watch_.refused();
  statistics_.function_evaluations += workers_.take_function_evaluations();
  statistics_.peak_bytes = budget_.bytes + acceptance_.stored_bytes();
  return statistics_;
}

template <class Structure>
Status March<Structure>::run(const SmoothInterval& interval, double initial_step) {
  interval_ = interval;
  t_ = interval.first;
  evaluator_.import_state(acceptance_.state().data(), y_.data());
  if (workers_.call_flops == 0) workers_.call_flops = call_flops(t_, y_.data(), evaluator_, workers_.first());
  predictor_step_ = std::abs(initial_step);
  predictor_rtol_ = loosest_predictor();
  predicted_ = std::max<Index>(1, budget_.predicted / 2);
  retreats_ = 0;
  while (before(t_, interval.last)) {
    const Status status = advance_window();
    if (status != Status::converged) return status;
    if (statistics_.steps > options_.maximum_steps) return Status::maximum_steps;
    if (out_of_memory()) return Status::memory_limit;
  }
  return Status::converged;
}

template <class Structure>
Status March<Structure>::advance_window() {
  ++statistics_.windows;
  watch_.begin_window();
  const Status predicted = predict();
  if (cubics_.count() == 0) {
    if (predicted == Status::non_finite) statistics_.first_failure = statistics_.steps;
    return predicted == Status::converged ? Status::step_too_small : predicted;
  }
  Index accepted = 0;
  if (coarse()) {
    // What lies behind a front that stopped in the middle has converged: its steps are laid anew, without another prediction.
    for (int round = 0; round < most_rounds && pieces_.count() > 0 && redistribute(); ++round) {
      const Index front = fine();
      if (front > 0) {
        const Status stored = accept(front);
        if (stored != Status::converged) return stored;
      }
      accepted += front;
    }
  }
  if (accepted == 0) {
    const Status status = retreat();
    if (status != Status::converged) return status;
  } else {
    plan_next();
  }
  return driven_out() ? Status::bounds_violated : Status::converged;
}

/// 1. Cubics of up to predicted_ steps.
template <class Structure>
Status March<Structure>::predict() {
  cubics_.clear();
  const double factor = std::max(predictor_rtol_ / options_.rtol, 1.0);
  Status status = rodas_.start(t_, y_.data(), predictor_step_, interval_, factor, statistics_);
  while (status == Status::converged && static_cast<Index>(cubics_.count()) < predicted_ && before(rodas_.time(), interval_.last)) {
    const double t = rodas_.time();
    double h = 0;
    status = rodas_.advance(cubic_.data(), h, statistics_);
    if (status != Status::converged) break;
    std::copy(cubic_.begin(), cubic_.end(), cubics_.append(t, h).begin());
    ++statistics_.predictor_steps;
  }
  predicted_end_ = rodas_.time();
  return status;
}

/// 2. Newton's iteration on the predictor's mesh, and the errors of its steps; false when not even the first step converged.
template <class Structure>
bool March<Structure>::coarse() {
  mesh_.clear();
  piece_of_.clear();
  for (std::size_t i = 0; i < cubics_.count(); ++i) {
    mesh_.push_back(cubics_.t(i));
    piece_of_.push_back(static_cast<int>(i));
  }
  mesh_.push_back(predicted_end_);  // not t + h of the last cubic: that may miss t1 by its rounding
  window_.guess(mesh_, cubics_, piece_of_, static_cast<Index>(cubics_.count()), y_.data());
  const double goal = std::max(1.0, coarse_accuracy / options_.rtol);
  const Index good = newton_.iterate(goal * goal, most_coarse_iterations).front;
  if (good == 0) return false;
  window_.shorten(good);
  window_.estimate();
  export_pieces(0, good);
  return true;
}

/// 3. A mesh on which every step is expected to pass; false when a step of it would not be representable.
template <class Structure>
bool March<Structure>::redistribute() {
  if (!redistribution_.lay(pieces_, errors_, error_limit_, t_, old_end_, mesh_, piece_of_)) return false;
  window_.guess(mesh_, pieces_, piece_of_, static_cast<Index>(piece_of_.size()), y_.data());
  return true;
}

/// 4. and the test of 5.: returns the number of steps of the front; pieces_ become what has converged behind it.
template <class Structure>
Index March<Structure>::fine() {
  const Index laid = window_.steps();
  const int most_iterations = static_cast<int>(std::min<Index>(most_fine_iterations, options_.maximum_iterations));
  // Below some units of rounding of y no iteration gets.
  const double goal = std::max(options_.newton_tolerance, 16 * std::numeric_limits<double>::epsilon() / options_.rtol);
  const Index converged = newton_.iterate(goal * goal, most_iterations).front;
  window_.shorten(converged);
  window_.estimate();
  const double limit = error_limit_ * error_limit_;
  Index front = 0;
  while (front < converged && is_finite(window_.error_squared(front)) && window_.error_squared(front) <= limit) ++front;
  const Index passed = front;
  front = within_bounds(passed);
  statistics_.rejected_steps += laid - front;
  export_pieces(front, converged);
  if (front < passed) errors_.front() = std::max(errors_.front(), redistribution_.error_of_shares(shares_outside, error_limit_));
  return front;
}

/// The steps of the front before the first whose stages or end lie outside of the bounds by more than the tolerance.
template <class Structure>
Index March<Structure>::within_bounds(Index front) {
  if (!watch_.active()) return front;
  for (Index i = 0; i < front; ++i) {
    window_.polynomial(i, cubic_.data());
    bool leaves = false;  // the end is the last stage
    for (int k = 0; k < RadauIIA<3>::stages; ++k) leaves = leaves || watch_.leaves(cubic_, RadauIIA<3>::c(k));
    if (!leaves) continue;
    watch_.refuse();
    return i;
  }
  return front;
}

/// True when window after window ends at a bound out of which f leads: no step length helps against that.
template <class Structure>
bool March<Structure>::driven_out() {
  if (watch_.stopped()) return watch_.left_for_good(t_, y_.data(), direction_, workers_.first());
  watch_.forget();
  return false;
}

/// 5. The front becomes part of the solution.
template <class Structure>
Status March<Structure>::accept(Index front) {
  if (acceptance_.wants_steps()) {
    for (Index i = 0; i < front; ++i) {
      window_.polynomial(i, cubic_.data());
      ++statistics_.steps;
      const double end = interval_.end_at(mesh_[static_cast<std::size_t>(i) + 1]);
      const Status status = acceptance_.step(window_.length(i), cubic_.data(), end);
      if (status != Status::converged) return status;
      if (out_of_memory()) return Status::memory_limit;
    }
  } else {
    statistics_.steps += front;
  }
  window_.end_of(front - 1, y_.data());
  watch_.project(y_.data());
  t_ = mesh_[static_cast<std::size_t>(front)];
  return acceptance_.reached(interval_.end_at(t_), y_.data(), statistics_);
}

/// The next window's predictor: a step as long as its own were here, or would be next, and a length that the last window could use.
template <class Structure>
void March<Structure>::plan_next() {
  const std::size_t count = cubics_.count();
  std::size_t used = 0;
  while (used < count && !before(t_, cubics_.end(used))) ++used;
  predictor_step_ = used < count ? std::abs(cubics_.h(used)) : rodas_.next_length();
  if (4 * used >= 3 * count) {
    predicted_ = std::min(2 * predicted_, budget_.predicted);
    predictor_rtol_ = std::min(loosest_predictor(), 4 * predictor_rtol_);
  } else {
    predicted_ = std::min(budget_.predicted, std::max<Index>(fewest_predicted, static_cast<Index>(used)));
  }
  retreats_ = 0;
}

/// No step was accepted: shorter windows from a tighter predictor, in the end steps of the predictor at the user's tolerance.
template <class Structure>
Status March<Structure>::retreat() {
  if (++retreats_ < 3) {
    predicted_ = std::min(budget_.predicted, std::max(fewest_predicted, predicted_ / 4));
    predictor_rtol_ = std::max(options_.rtol, predictor_rtol_ / 10);
    return Status::converged;
  }
  retreats_ = 0;
  predictor_step_ = 0;
  return walk(0, sequential_steps);
}

/// Up to `count` steps of the sequential method at the user's tolerance, the first of length `first` or of its own choice.
template <class Structure>
Status March<Structure>::walk(double first, Index count) {
  const Status status = sequential_.walk(t_, y_, interval_, first, count, statistics_);
  t_ = sequential_.time();
  y_ = sequential_.state();
  if (status == Status::non_finite) statistics_.first_failure = statistics_.steps;
  return status;
}

/// Steps first .. last - 1 of the window as polynomials with their errors.
template <class Structure>
void March<Structure>::export_pieces(Index first, Index last) {
  pieces_.clear();
  errors_.clear();
  for (Index i = first; i < last; ++i) {
    window_.polynomial(i, pieces_.append(window_.start(i), window_.length(i)).data());
    errors_.push_back(window_.error_squared(i));
  }
  old_end_ = mesh_[static_cast<std::size_t>(last)];
}

template class March<Dense>;
template class March<Banded>;

}  // namespace antler::dynamic
