// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/march.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "antler/core/finite.hpp"
#include "antler/core/stopwatch.hpp"
#include "dynamic/banded.hpp"
#include "dynamic/dense.hpp"

namespace antler::dynamic {

namespace {

constexpr Index fewest_predicted = 4, sequential_steps = 8, walked_at_once = 64;
constexpr double largest_error_limit = 20;
constexpr int most_fine_iterations = 10, most_coarse_iterations = 5, most_rounds = 3;
constexpr double coarse_accuracy = 1e-5;  // relative, of the coarse trajectory

/// What an evaluation of f costs, in flops of 1 ns: the faster of two calls.
double call_flops(const CallbackProblem& problem, const Evaluator& evaluator, Scratch& scratch) {
  double seconds = 1;
  evaluator.import_state(problem.y0.data(), scratch.stage.data());
  for (int call = 0; call < 2; ++call) {
    const Stopwatch clock;
    evaluator.value(problem.t0, scratch.stage.data(), scratch.value.data(), scratch);
    seconds = std::min(seconds, clock.seconds());
  }
  return 1e9 * seconds;
}

double longest(const Options& options) { return options.maximum_step > 0 ? options.maximum_step : HUGE_VAL; }

}  // namespace

template <class Structure>
March<Structure>::March(const CallbackProblem& problem, const Evaluator& evaluator, const Structure& structure,
                        const Options& options)
    : problem_(problem),
      evaluator_(evaluator),
      options_(options),
      walks_(options.strategy != Strategy::windows),
      budget_(evaluator.components(), structure.size(), Workers::available(problem.calls), options.memory_cap,
              walks_ ? 1 : options.maximum_window),
      workers_(problem.calls, walks_ ? RadauWalk<Structure>::workers(evaluator) : budget_.capacity, evaluator.components(),
               structure.size(), walks_ ? Workers::Matrices::first : Workers::Matrices::each),
      direction_(problem.t1 < problem.t0 ? -1 : 1),
      window_(evaluator, structure, workers_, budget_.capacity),
      newton_(window_, statistics_),
      rodas_(evaluator, structure, workers_, direction_, longest(options)),
      redistribution_(budget_.capacity, direction_, longest(options)),
      cubics_(evaluator.components(), static_cast<std::size_t>(budget_.predicted)),
      pieces_(evaluator.components(), static_cast<std::size_t>(budget_.capacity)),
      // RADAU5 works with rtol' = 0.1 rtol^(2/3), as solve/radau.hpp explains [HairerWanner1996, sec. IV.8].
      error_limit_(std::min(0.1 * std::pow(options.rtol, 2.0 / 3.0) / options.rtol, largest_error_limit)),
      t_(problem.t0),
      predictor_step_(std::abs(options.initial_step)),
      predictor_rtol_(loosest_predictor()),
      predicted_(std::max<Index>(1, budget_.predicted / 2)) {
  const auto n = static_cast<std::size_t>(evaluator.components()), capacity = static_cast<std::size_t>(budget_.capacity);
  y_.resize(n);
  user_.resize(n);
  cubic_.resize(4 * n);
  mesh_.reserve(capacity + 1);
  errors_.reserve(capacity);
  piece_of_.reserve(capacity);
  evaluator.import_state(problem.y0.data(), y_.data());
  workers_.call_flops = call_flops(problem, evaluator, workers_.first());
  if (walks_) radau_.emplace(evaluator, structure, workers_, options, direction_, error_limit_, longest(options));
}

template <class Structure>
double March<Structure>::loosest_predictor() const {
  return std::clamp(std::sqrt(options_.rtol), 1e-3, 1e-2);
}

template <class Structure>
DynamicSolution March<Structure>::run() {
  DynamicSolution solution(evaluator_.components());
  Status status = Status::converged;
  while (status == Status::converged && before(t_, problem_.t1)) {
    status = walks_ ? walk(solution) : advance_window(solution);
    if (status == Status::converged && statistics_.steps > options_.maximum_steps) status = Status::maximum_steps;
    if (status == Status::converged && options_.progress && !options_.progress({t_, statistics_.steps, statistics_.iterations}))
      status = Status::cancelled;
  }
  statistics_.meshes = 1;
  statistics_.function_evaluations += workers_.take_function_evaluations();
  statistics_.peak_bytes = budget_.bytes + solution.stored_bytes();
  solution.status = status;
  solution.statistics = statistics_;
  evaluator_.export_state(y_.data(), user_.data());
  solution.finish(t_, user_);
  return solution;
}

template <class Structure>
Status March<Structure>::advance_window(DynamicSolution& solution) {
  ++statistics_.windows;
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
        const Status stored = accept(front, solution);
        if (stored != Status::converged) return stored;
      }
      accepted += front;
    }
  }
  if (accepted == 0) return retreat(solution);
  plan_next();
  return Status::converged;
}

/// 1. Cubics of up to predicted_ steps.
template <class Structure>
Status March<Structure>::predict() {
  cubics_.clear();
  const double factor = std::max(predictor_rtol_ / options_.rtol, 1.0);
  Status status = rodas_.start(t_, y_.data(), predictor_step_, problem_.t1, factor, statistics_);
  while (status == Status::converged && static_cast<Index>(cubics_.count()) < predicted_ && before(rodas_.time(), problem_.t1)) {
    const double t = rodas_.time();
    double h = 0;
    status = rodas_.advance(problem_.t1, cubic_.data(), h, statistics_);
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
  statistics_.rejected_steps += laid - front;
  export_pieces(front, converged);
  return front;
}

template <class Structure>
Status March<Structure>::store(DynamicSolution& solution, double t, double h, const double* cubic) {
  ++statistics_.steps;
  if (options_.output != Output::trajectory) return Status::converged;
  const std::size_t n = y_.size();
  const std::span<double> stored = solution.append(t, h);
  for (std::size_t m = 0; m < 4; ++m) evaluator_.export_state(cubic + m * n, stored.data() + m * n);
  return solution.stored_bytes() + budget_.bytes > options_.memory_cap ? Status::memory_limit : Status::converged;
}

/// 5. The front becomes part of the solution.
template <class Structure>
Status March<Structure>::accept(Index front, DynamicSolution& solution) {
  Status status = Status::converged;
  Index i = 0;
  while (i < front && status == Status::converged) {
    if (options_.output == Output::trajectory) window_.polynomial(i, cubic_.data());
    status = store(solution, window_.start(i), window_.length(i), cubic_.data());
    ++i;
  }
  window_.end_of(i - 1, y_.data());
  t_ = mesh_[static_cast<std::size_t>(i)];
  return status;
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
Status March<Structure>::retreat(DynamicSolution& solution) {
  if (++retreats_ < 3) {
    predicted_ = std::min(budget_.predicted, std::max(fewest_predicted, predicted_ / 4));
    predictor_rtol_ = std::max(options_.rtol, predictor_rtol_ / 10);
    return Status::converged;
  }
  retreats_ = 0;
  predictor_step_ = 0;
  Status status = rodas_.start(t_, y_.data(), 0, problem_.t1, 1, statistics_);
  for (Index i = 0; i < sequential_steps && status == Status::converged && before(rodas_.time(), problem_.t1); ++i) {
    double h = 0;
    status = rodas_.advance(problem_.t1, cubic_.data(), h, statistics_);
    if (status != Status::converged) break;
    status = store(solution, t_, h, cubic_.data());
    ++statistics_.sequential_steps;
    t_ = rodas_.time();
    std::copy_n(rodas_.state(), y_.size(), y_.begin());
  }
  return status;
}

/// Some steps one after the other: what takes less time than windows on few cores.
template <class Structure>
Status March<Structure>::walk(DynamicSolution& solution) {
  Status status = Status::converged;
  if (std::exchange(statistics_.windows, 1) == 0) status = radau_->start(t_, y_.data(), predictor_step_, problem_.t1, statistics_);
  for (Index i = 0; i < walked_at_once && status == Status::converged && before(t_, problem_.t1); ++i) {
    double h = 0;
    status = radau_->advance(problem_.t1, h, statistics_);
    if (status != Status::converged) break;
    if (options_.output == Output::trajectory) radau_->polynomial(cubic_.data());
    status = store(solution, t_, h, cubic_.data());
    ++statistics_.sequential_steps;
    t_ = radau_->time();
    std::copy_n(radau_->state(), y_.size(), y_.begin());
  }
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
