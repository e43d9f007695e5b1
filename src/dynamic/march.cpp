// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/march.hpp"

#include <algorithm>
#include <cmath>

#include "antler/core/stopwatch.hpp"
#include "dynamic/banded.hpp"
#include "dynamic/dense.hpp"

namespace antler::dynamic {

namespace {

constexpr Index fewest_predicted = 4, sequential_steps = 8;
constexpr int most_rounds = 3;

/// Steps in a row take several times less work than windows, whatever the tolerance [docs/choosing.md]; how many cores would make
/// up for that is for the user to say, since the choice must not depend on the number of threads. Windows that start from a guess
/// need no predictor and few iterations, and with bounds on components their stages are held within, too.
bool walks(const Options& options, const WarmStart& guess) {
  if (options.strategy != Strategy::automatic) return options.strategy == Strategy::sequential;
  const bool bounded = !options.lower_bounds.empty() || !options.upper_bounds.empty();
  return guess.empty() && !bounded;
}

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

/// Of a march that walks: the method's arrays, a Scratch per worker with one Jacobian among them, and about twenty states here and
/// there.
template <class Structure>
std::size_t walking_bytes(int n, std::size_t matrix_size, Index workers) {
  const std::size_t scratches = static_cast<std::size_t>(workers) * Scratch::numbers(n, 0) + matrix_size;
  return sizeof(double) * (scratches + RadauWalk<Structure>::numbers(n, matrix_size) + 20 * static_cast<std::size_t>(n));
}

/// Steps of a walk between two looks at the limits of memory and steps: the more components, the more bytes they may store.
Index walked_at_once(int n) { return std::clamp<Index>(4096 / n, 1, 64); }

}  // namespace

template <class Structure>
March<Structure>::March(const CallbackProblem& problem, const Evaluator& evaluator, const Structure& structure,
                        const Options& options, Acceptance& acceptance, const DynamicSolution& guess)
    : evaluator_(evaluator),
      options_(options),
      acceptance_(acceptance),
      structure_(structure),
      budget_(evaluator.components(), structure.size(), Workers::available(problem.calls), options.memory_cap,
              options.maximum_window),
      workers_(problem.calls, std::max(budget_.capacity, RadauWalk<Structure>::workers(evaluator)), evaluator.components(),
               structure.size()),
      direction_(problem.t1 < problem.t0 ? -1 : 1),
      guess_(guess, evaluator, budget_.capacity),
      walks_(walks(options, guess_)),
      held_bytes_(walking_bytes<Structure>(evaluator.components(), structure.size(), workers_.count())),
      watch_(acceptance.bounds(), evaluator),
      sequential_(evaluator, structure, workers_, options, direction_, acceptance, watch_) {
  const auto n = static_cast<std::size_t>(evaluator.components());
  y_.resize(n);
  cubic_.resize(4 * n);
  if (!walks_) open_windows();
}

template <class Structure>
std::size_t March<Structure>::smallest_bytes(const CallbackProblem& problem, const Structure& structure, const Options& options) {
  const int n = static_cast<int>(problem.y0.size());
  const Index available = Workers::available(problem.calls);
  if (options.strategy == Strategy::sequential) return walking_bytes<Structure>(n, structure.size(), available);
  return Budget(n, structure.size(), available, 0).bytes;
}

template <class Structure>
void March<Structure>::open_windows() {
  held_bytes_ = budget_.bytes;
  workers_.give_matrices(structure_.size(), budget_.capacity);
  stretch_.emplace(evaluator_, structure_, workers_, budget_, options_, direction_, watch_, statistics_);
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
  statistics_.peak_bytes = held_bytes_ + acceptance_.stored_bytes();
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
    const Status status = advance();
    if (status != Status::converged) return status;
    if (statistics_.steps > options_.maximum_steps) return Status::maximum_steps;
    if (out_of_memory()) return Status::memory_limit;
  }
  return Status::converged;
}

template <class Structure>
Status March<Structure>::advance() {
  if (!walks_) return advance_window();
  const Status status = walk(predictor_step_, walked_at_once(evaluator_.components()));
  if (!recoverable_by_windows(status)) return status;
  walks_ = false;
  predictor_step_ = 0;
  statistics_.first_failure = -1;
  open_windows();
  return Status::converged;
}

/// A walk that is stuck has tried all step lengths from one state; the windows' Jacobians are those of the middles of steps.
template <class Structure>
bool March<Structure>::recoverable_by_windows(Status status) const {
  if (options_.strategy != Strategy::automatic) return false;
  const bool stuck = status == Status::step_too_small || status == Status::non_finite;
  if (!stuck) return false;
  return budget_.bytes + acceptance_.stored_bytes() <= options_.memory_cap;
}

template <class Structure>
Status March<Structure>::advance_window() {
  ++statistics_.windows;
  watch_.begin_window();
  Status status = Status::converged;
  if (follow_guess(status) > 0 && status == Status::converged) return driven_out() ? Status::bounds_violated : Status::converged;
  if (status != Status::converged) return status;
  const Status predicted = stretch_->predict(t_, y_.data(), interval_, predictor_step_, predictor_rtol_, predicted_);
  if (stretch_->predicted().count() == 0) {
    if (predicted == Status::non_finite) statistics_.first_failure = statistics_.steps;
    return predicted == Status::converged ? Status::step_too_small : predicted;
  }
  const Index accepted = stretch_->coarse(y_.data()) ? settle(status) : 0;
  if (status != Status::converged) return status;
  if (accepted == 0) {
    status = retreat();
    if (status != Status::converged) return status;
  } else {
    plan_next();
  }
  return driven_out() ? Status::bounds_violated : Status::converged;
}

/// A window from the caller's guess in place of the predictor; returns the number of accepted steps, 0 when it did not help.
/// @param status  out: not converged when the march ends here
template <class Structure>
Index March<Structure>::follow_guess(Status& status) {
  if (guess_.empty() || !stretch_->adopt(guess_, t_, y_.data(), interval_.last)) return 0;
  const Index before = statistics_.newton_steps, accepted = settle(status);
  if (accepted == 0) {
    guess_.failed();
    return 0;
  }
  guess_.helped(static_cast<double>(statistics_.newton_steps - before) / static_cast<double>(accepted));
  retreats_ = 0;
  predictor_step_ = 0;
  return accepted;
}

/// 3. to 5.; returns the number of accepted steps. What lies behind a front that stopped in the middle has converged: its steps are
/// laid anew, without another prediction.
/// @param status  out: not converged when the march ends here
template <class Structure>
Index March<Structure>::settle(Status& status) {
  Index accepted = 0;
  for (int round = 0; round < most_rounds && stretch_->redistribute(y_.data()); ++round) {
    const Index front = stretch_->fine();
    if (front > 0) status = accept(front);
    if (status != Status::converged) break;
    accepted += front;
  }
  return accepted;
}

/// 5. The front becomes part of the solution.
template <class Structure>
Status March<Structure>::accept(Index front) {
  if (acceptance_.wants_steps()) {
    for (Index i = 0; i < front; ++i) {
      stretch_->polynomial(i, cubic_.data());
      ++statistics_.steps;
      const Status status =
          acceptance_.step(stretch_->length(i), cubic_.data(), interval_.end_at(stretch_->end(i)), stretch_->share(i));
      if (status != Status::converged) return status;
      if (out_of_memory()) return Status::memory_limit;
    }
  } else {
    statistics_.steps += front;
  }
  stretch_->end_of(front - 1, y_.data());
  watch_.project(y_.data());
  t_ = stretch_->end(front - 1);
  return acceptance_.reached(interval_.end_at(t_), y_.data(), statistics_);
}

/// True when window after window ends at a bound out of which f leads: no step length helps against that.
template <class Structure>
bool March<Structure>::driven_out() {
  if (watch_.stopped()) return watch_.left_for_good(t_, y_.data(), direction_, workers_.first());
  watch_.forget();
  return false;
}

/// The next window's predictor: a step as long as its own were here, or would be next, and a length that the last window could use.
template <class Structure>
void March<Structure>::plan_next() {
  const Polynomials& cubics = stretch_->predicted();
  const std::size_t count = cubics.count();
  std::size_t used = 0;
  while (used < count && !before(t_, cubics.end(used))) ++used;
  predictor_step_ = used < count ? std::abs(cubics.h(used)) : stretch_->next_length();
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

template class March<Dense>;
template class March<Banded>;

}  // namespace antler::dynamic
