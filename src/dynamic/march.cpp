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

constexpr Index fewest_steps = 4, most_steps = 512, most_predicted = 64, fewest_predicted = 4, sequential_steps = 8;
constexpr double cache_bytes = 2e6, window_bytes = 2.56e8;  // a window stays in the cache where that leaves it long enough
constexpr Index long_enough = 64;
constexpr double largest_error_limit = 20;
constexpr double target = 0.35;  // of the error limit: room for the estimate to be wrong by a step length ratio of 1.3
constexpr double fewest_shares = 0.05, most_shares = 20, neighbour_ratio = 8;
constexpr int most_fine_iterations = 10, most_coarse_iterations = 5, most_rounds = 3;
constexpr double largest_last_update = 1;  // the last update itself is at most the tolerance of the solution
constexpr double coarse_accuracy = 1e-5;   // relative, of the coarse trajectory
constexpr double slow = 0.04;              // of squares: contraction worse than 0.2 calls for new Jacobians

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

}  // namespace

Budget::Budget(int n, std::size_t matrix_size, Index workers, std::size_t limit) {
  const auto components = static_cast<std::size_t>(n);
  const auto per_step = static_cast<double>(sizeof(double)) *
                        static_cast<double>(Window<Dense>::numbers_per_step(n, matrix_size) + 4 * components + 6);
  const auto fixed = [&](Index steps) {
    const auto scratches = static_cast<std::size_t>(std::min(workers, steps));
    return static_cast<double>(sizeof(double)) *
           static_cast<double>(scratches * Scratch::numbers(n, matrix_size) + Rodas<Dense>::numbers(n, matrix_size) +
                               4 * components * static_cast<std::size_t>(predicted) + 6 * components);
  };
  const auto total = [&] { return static_cast<double>(capacity) * per_step + fixed(capacity); };
  const auto steps = [&](double space) { return static_cast<Index>(space / per_step); };
  capacity = std::clamp<Index>(steps(cache_bytes), long_enough, most_steps);
  capacity = std::min(capacity, std::max({steps(window_bytes), fewest_steps, 2 * workers}));
  const auto allowed = static_cast<double>(limit);
  for (;;) {
    predicted = std::clamp<Index>(capacity / 4, 1, most_predicted);
    if (capacity == fewest_steps || total() <= allowed) break;
    capacity = std::max(fewest_steps, capacity - std::max<Index>(1, capacity / 8));
  }
  bytes = static_cast<std::size_t>(total());
}

template <class Structure>
March<Structure>::March(const CallbackProblem& problem, const Evaluator& evaluator, const Structure& structure,
                        const Options& options)
    : problem_(problem),
      evaluator_(evaluator),
      options_(options),
      budget_(evaluator.components(), structure.size(), Workers::available(problem.calls), options.memory_cap),
      workers_(problem.calls, budget_.capacity, evaluator.components(), structure.size()),
      direction_(problem.t1 < problem.t0 ? -1 : 1),
      window_(evaluator, structure, workers_, budget_.capacity, call_flops(problem, evaluator, workers_.first())),
      rodas_(evaluator, structure, direction_),
      cubics_(evaluator.components(), static_cast<std::size_t>(budget_.predicted)),
      pieces_(evaluator.components(), static_cast<std::size_t>(budget_.capacity)),
      // RADAU5 works with rtol' = 0.1 rtol^(2/3), as solve/radau.hpp explains [HairerWanner1996, sec. IV.8].
      error_limit_(std::min(0.1 * std::pow(options.rtol, 2.0 / 3.0) / options.rtol, largest_error_limit)),
      t_(problem.t0),
      predictor_rtol_(loosest_predictor()),
      predicted_(std::max<Index>(1, budget_.predicted / 2)) {
  const auto n = static_cast<std::size_t>(evaluator.components()), capacity = static_cast<std::size_t>(budget_.capacity);
  y_.resize(n);
  user_.resize(n);
  cubic_.resize(4 * n);
  mesh_.reserve(capacity + 1);
  shares_.reserve(capacity + 1);
  errors_.reserve(capacity);
  piece_of_.reserve(capacity);
  evaluator.import_state(problem.y0.data(), y_.data());
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
    status = advance_window(solution);
    if (status == Status::converged && statistics_.steps > options_.maximum_steps) status = Status::maximum_steps;
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
  Status status = rodas_.start(t_, y_.data(), predictor_step_, problem_.t1, factor, workers_.first(), statistics_);
  while (status == Status::converged && static_cast<Index>(cubics_.count()) < predicted_ && before(rodas_.time(), problem_.t1)) {
    const double t = rodas_.time();
    double h = 0;
    status = rodas_.advance(problem_.t1, cubic_.data(), h, workers_.first(), statistics_);
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
  const Index good = iterate(goal * goal, most_coarse_iterations).front;
  if (good == 0) return false;
  window_.shorten(good);
  window_.estimate();
  export_pieces(0, good);
  return true;
}

/// shares_[i]: new steps before piece i, for errors at the target.
template <class Structure>
void March<Structure>::lay_shares() {
  const double scale = 1 / (error_limit_ * error_limit_ * target * target);
  shares_.assign(1, 0.0);
  double previous = 0;
  for (std::size_t i = 0; i < pieces_.count(); ++i) {
    const double squared = errors_[i] * scale;
    double share = is_finite(squared) ? std::sqrt(std::sqrt(std::sqrt(std::max(squared, 0.0)))) : most_shares;  // ^(1/8)
    share = std::clamp(share, fewest_shares, most_shares);
    // Steps of neighbours differ by no more than a factor: the density does not fall faster than that from piece to piece.
    const double length = std::abs(pieces_.h(i));
    if (i > 0) share = std::max(share, previous * length / neighbour_ratio);
    previous = share / length;
    shares_.push_back(shares_.back() + share);
  }
}

/// 3. A mesh on which every step is expected to pass; false when a step of it would not be representable.
template <class Structure>
bool March<Structure>::redistribute() {
  lay_shares();
  const std::size_t old = pieces_.count();
  const double used = std::min(shares_.back(), static_cast<double>(budget_.capacity));
  const auto count = std::max<Index>(1, static_cast<Index>(std::ceil(used)));
  mesh_.assign(1, t_);
  piece_of_.clear();
  std::size_t middle_piece = 0, end_piece = 0;
  const double per_step = used / static_cast<double>(count);
  for (Index i = 1; i <= count; ++i) {
    const double share = per_step * static_cast<double>(i), middle = share - 0.5 * per_step;
    while (middle_piece + 1 < old && shares_[middle_piece + 1] < middle) ++middle_piece;
    piece_of_.push_back(static_cast<int>(middle_piece));
    while (end_piece + 1 < old && shares_[end_piece + 1] < share) ++end_piece;
    const double theta = (share - shares_[end_piece]) / (shares_[end_piece + 1] - shares_[end_piece]);
    double t = pieces_.t(end_piece) + std::min(theta, 1.0) * pieces_.h(end_piece);
    if (i == count && used == shares_.back()) t = old_end_;
    if (!before(mesh_.back(), t)) return false;
    mesh_.push_back(t);
  }
  window_.guess(mesh_, pieces_, piece_of_, count, y_.data());
  return true;
}

template <class Structure>
void March<Structure>::factor() {
  const Stopwatch assembly;
  window_.factor();
  statistics_.assembly_seconds += assembly.seconds();
  statistics_.jacobian_evaluations += window_.steps();
  statistics_.factorisations += window_.steps();
  const Stopwatch evaluation;
  window_.evaluate(Window<Structure>::Pending::none);
  statistics_.evaluation_seconds += evaluation.seconds();
}

template <class Structure>
bool March<Structure>::keep_finite(bool with_update) {
  Index finite = 0;
  while (finite < window_.steps() && is_finite(window_.residual_squared(finite)) &&
         (!with_update || is_finite(window_.update_squared(finite))))
    ++finite;
  window_.shorten(finite);
  return finite > 0;
}

/// Simplified Newton on the window's guess until the squares of update and residual are below `tolerance`.
template <class Structure>
typename March<Structure>::Iterated March<Structure>::iterate(double tolerance, int most_iterations) {
  statistics_.residual_history.clear();  // of this window only: memory must not grow with the number of steps
  statistics_.update_history.clear();
  const auto record = [&] {
    double update = 0, residual = 0;
    for (Index i = 0; i < window_.steps(); ++i) {
      update = std::max(update, window_.update_squared(i));
      residual = std::max(residual, window_.residual_squared(i));
    }
    statistics_.residual_history.push_back(std::sqrt(residual));
    return std::pair{update, residual};
  };
  factor();
  if (!keep_finite(false)) return {false, 0};
  record();
  double last = 0, contraction = 1;
  for (int iteration = 0; iteration < most_iterations; ++iteration) {
    const Stopwatch inverse;
    window_.sweep();
    statistics_.inverse_seconds += inverse.seconds();
    const Stopwatch evaluation;
    window_.evaluate(Window<Structure>::Pending::update);
    statistics_.evaluation_seconds += evaluation.seconds();
    ++statistics_.iterations;
    statistics_.newton_steps += window_.steps();
    if (!keep_finite(true)) return {false, 0};
    const auto [update, residual] = record();
    statistics_.update_history.push_back(std::sqrt(update));
    // The next update is expected to be contraction * update; it is applied without another evaluation.
    contraction = iteration == 0 ? 0.01 : update / last;  // of squares
    if (update <= std::max(largest_last_update, tolerance) && residual <= tolerance && contraction * update <= tolerance) {
      window_.sweep();
      window_.apply();
      return {true, window_.steps()};
    }
    if (iteration >= 2 && contraction > 1) break;
    if (iteration >= 1 && contraction > slow && iteration + 1 < most_iterations) {
      factor();
      if (!keep_finite(true)) return {false, 0};
    }
    last = update;
  }
  Index front = 0;
  while (front < window_.steps() && window_.update_squared(front) <= tolerance && window_.residual_squared(front) <= tolerance)
    ++front;
  return {false, front};
}

/// 4. and the test of 5.: returns the number of steps of the front; pieces_ become what has converged behind it.
template <class Structure>
Index March<Structure>::fine() {
  const Index laid = window_.steps();
  const int most_iterations = static_cast<int>(std::min<Index>(most_fine_iterations, options_.maximum_iterations));
  // Below some units of rounding of y no iteration gets.
  const double goal = std::max(options_.newton_tolerance, 16 * std::numeric_limits<double>::epsilon() / options_.rtol);
  const Index converged = iterate(goal * goal, most_iterations).front;
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
  Status status = rodas_.start(t_, y_.data(), 0, problem_.t1, 1, workers_.first(), statistics_);
  for (Index i = 0; i < sequential_steps && status == Status::converged && before(rodas_.time(), problem_.t1); ++i) {
    double h = 0;
    status = rodas_.advance(problem_.t1, cubic_.data(), h, workers_.first(), statistics_);
    if (status != Status::converged) break;
    status = store(solution, t_, h, cubic_.data());
    ++statistics_.sequential_steps;
    t_ = rodas_.time();
    std::copy_n(rodas_.state(), y_.size(), y_.begin());
  }
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
