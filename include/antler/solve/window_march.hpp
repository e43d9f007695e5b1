// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The adaptive solver for stiff initial value problems: Radau IIA collocation, all steps of a window at once.
///
/// One window, from the accepted state (t, y):
///
///   1. predictor   RODAS walks some tens of steps at a loose tolerance: a mesh and cubics
///   2. coarse      some Newton iterations of the collocation method on that mesh, then the error estimate of every step
///   3. mesh        step density (error / target)^(1/4), full SIMD lanes; the guess moves over through the polynomials
///   4. fine        simplified Newton until residual and update are below tolerance; Jacobians again where it contracts slowly
///   5. front       the steps from the left that have converged and pass the error test are accepted. Converged steps behind a
///   front
///                  that stopped in the middle go back to 3 with their own errors; the next window starts behind the front
///
/// A window whose front does not move is repeated shorter and from a tighter predictor; at the end of that road the predictor walks
/// on by itself at the user's tolerance for some steps, so that the solver gets through whatever a sequential one gets through.
/// At loose tolerances (Strategy) it walks all the way.

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "antler/discretization/collocation_window.hpp"
#include "antler/mesh/redistribution.hpp"
#include "antler/mesh/rodas.hpp"
#include "antler/solve/acceptance.hpp"
#include "antler/solve/bounds_watch.hpp"
#include "antler/solve/sequential_walk.hpp"
#include "antler/solve/smooth_intervals.hpp"
#include "antler/solve/warm_start.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The march of windows over one interval after the other, between which f may jump. It decides meshes; what happens with accepted
/// steps is the business of Acceptance.
template <class F, class T, int n, class Method, class ExecutionSpace>
class WindowMarch {
  using Window = CollocationWindow<F, T, n, Method>;
  using Piece = StepPolynomial<T, n, Method::stages>;
  using Cubic = StepPolynomial<T, n, 3>;
  static constexpr int width = Window::width;

 public:
  /// Bytes of the arrays that every march holds.
  static std::size_t window_bytes(const Options& options, const Solution<T, n>& guess) {
    return walks(options, guess) ? 0 : bytes_of_windows(options);
  }

  WindowMarch(const ExecutionSpace& space, const InitialValueProblem<F, T, n>& problem, const Options& options,
              Acceptance<T, n>& acceptance, const Solution<T, n>& guess)
      : space_(space),
        problem_(problem),
        options_(options),
        acceptance_(acceptance),
        direction_(problem.t1 < problem.t0 ? -1 : 1),
        walks_(walks(options, guess)),
        watch_(acceptance.bounds()),
        sequential_(problem.f, options, direction_, acceptance, watch_),
        guess_(guess, largest_window(options)) {
    // RADAU5 works with rtol' = 0.1 rtol^(2/3): the estimate is of order 3 where the method is of order 5 [HairerWanner1996, sec.
    // IV.8].
    const double internal = 0.1 * std::pow(options.rtol, 2.0 / 3.0);
    // Where the solution is slow and the problem stiff the method loses its order and the estimate is sharp: then the end error
    // follows rtol', so that the two may not lie further apart than the accuracy that is promised.
    error_limit_ = std::min(internal / options.rtol, largest_error_limit);
    if (!walks_) open_windows();
  }

  /// From the accepted state to the end of the interval.
  Status run(const SmoothInterval& interval, double initial_step) {
    statistics_.meshes = 1;
    interval_ = interval;
    problem_.t1 = interval.last;
    t_ = interval.first;
    y_ = acceptance_.state();
    predicted_ = std::min(first_predicted, most_predicted_);
    predictor_step_ = std::abs(initial_step);
    predictor_rtol_ = loosest_predictor();
    while ((problem_.t1 - t_) * direction_ > 0) {
      const Status status = advance_window();
      statistics_.peak_bytes = window_bytes_ + acceptance_.stored_bytes();
      statistics_.bound_rejections = watch_.refused();
      if (status != Status::converged) return status;
      if (statistics_.steps > options_.maximum_steps) return Status::maximum_steps;
      if (statistics_.peak_bytes > options_.memory_cap) return Status::memory_limit;
    }
    return Status::converged;
  }

  [[nodiscard]] const Statistics& statistics() const { return statistics_; }

 private:
  static constexpr int first_predicted = 32, most_predicted = 64, fewest_predicted = 4;
  static constexpr int sequential_steps = 8;
  static constexpr int walked_at_once = 64;
  /// Above this rtol the predictor's method needs so few steps at the user's tolerance that windows cost more than they save. A
  /// window's work per step grows like n^3 in scalar lanes, the sequential method's in vector registers [docs/performance.md].
  static constexpr double loosest_window = n <= 3 ? 3e-6 : n <= 6 ? 1e-6 : n <= 12 ? 3e-8 : 3e-9;
  /// The coarse mesh must fit: the predictor's steps in full lanes.
  static constexpr Index smallest_window = std::max<Index>(8 * width, most_predicted + width);
  static constexpr double largest_error_limit = 30;
  static constexpr double target =
      0.2;  // of the error limit: a lower one costs steps, a higher one rejected steps, both take the same time from 0.15 to 0.35

  static constexpr std::size_t bytes_per_step = sizeof(T) * Window::rows_per_step + sizeof(Piece);

  static std::size_t bytes_of_windows(const Options& options) {
    return static_cast<std::size_t>(largest_window(options)) * bytes_per_step;
  }

  /// Windows that start from a guess need no predictor, and with bounds on components their stages are held within, too.
  static bool walks(const Options& options, const Solution<T, n>& guess) {
    if (options.strategy != Strategy::automatic) return options.strategy == Strategy::sequential;
    const bool bounded = !options.lower_bounds.empty() || !options.upper_bounds.empty();
    return options.rtol > loosest_window && guess.times().empty() && !bounded;
  }

  /// Windows stay in a core's second-level cache.
  static Index largest_window(const Options& options) {
    const auto fitting = std::clamp<Index>(static_cast<Index>(1'000'000 / bytes_per_step), smallest_window, 1024);
    if (options.maximum_window == 0) return fitting;
    const Index wanted = std::min(options.maximum_window, fitting);
    return std::max({(wanted + width - 1) / width * width, Index{2 * width}, Index{2 * fewest_predicted}});
  }
  /// The longest step that the predictor may take.
  [[nodiscard]] double longest() const {
    const double rest = std::abs(problem_.t1 - t_);
    return options_.maximum_step > 0 ? std::min(rest, nearly_all * options_.maximum_step) : rest;
  }
  [[nodiscard]] double loosest_predictor() const { return std::clamp(std::sqrt(options_.rtol), 1e-3, 1e-2); }

  Status advance_window() {
    if (walks_) {
      const Status status = walk(predictor_step_, walked_at_once);
      if (!recoverable_by_windows(status)) return status;
      walks_ = false;
      predictor_step_ = 0;
      statistics_.first_failure = -1;
      open_windows();
    }
    ++statistics_.windows;
    watch_.begin_window();
    if (take_guess()) {
      const Index before = statistics_.newton_steps;
      const Settled settled = settle();
      if (settled.status != Status::converged) return settled.status;
      if (settled.accepted > 0) {
        guess_.helped(static_cast<double>(statistics_.newton_steps - before) / static_cast<double>(settled.accepted));
        retreats_ = 0;
        predictor_step_ = 0;
        return driven_out() ? Status::bounds_violated : Status::converged;
      }
      guess_.failed();
    }
    ++statistics_.function_evaluations;  // at the start of the predictor
    ++statistics_.jacobian_evaluations;
    const Status predicted = predict();
    if (cubics_.empty()) {
      if (predicted == Status::non_finite) statistics_.first_failure = statistics_.steps;
      return predicted == Status::converged ? Status::step_too_small : predicted;
    }
    const Settled settled = coarse() ? settle() : Settled{0, Status::converged};
    if (settled.status != Status::converged) return settled.status;
    if (settled.accepted == 0) {
      const Status status = retreat();
      if (status != Status::converged) return status;
    } else {
      plan_next();
    }
    return driven_out() ? Status::bounds_violated : Status::converged;
  }

  struct Settled {
    Index accepted;
    Status status;  // not converged: the march ends here
  };

  /// 3. to 5. from pieces_. What lies behind a front that stopped in the middle has converged: its steps are laid anew, without
  /// another prediction.
  Settled settle() {
    Settled settled{0, Status::converged};
    for (int round = 0; round < most_rounds && !pieces_.empty() && redistribute(); ++round) {
      const Index front = fine();
      if (front > 0) settled.status = accept(front);
      if (settled.status != Status::converged) break;
      settled.accepted += front;
    }
    return settled;
  }

  /// In place of 1. and 2.: the steps and polynomials of the caller's guess from t on; false when it has none there.
  bool take_guess() {
    old_end_ = guess_.take(t_, y_, problem_.t1, target, pieces_, errors_);
    for (double& squared : errors_) squared *= error_limit_ * error_limit_;
    return !pieces_.empty();
  }

  /// 1. Cubics of up to predicted_ steps.
  Status predict() {
    cubics_.clear();
    const double factor = std::max(predictor_rtol_ / options_.rtol, 1.0);
    Rodas<F, T, n> rodas(problem_.f, Weights<T, n>(options_, factor), direction_);
    Status status = rodas.start(t_, y_, predictor_step_, longest());
    while (status == Status::converged && static_cast<int>(cubics_.size()) < predicted_ &&
           (problem_.t1 - rodas.time()) * direction_ > 0) {
      cubics_.emplace_back();
      status = rodas.advance(problem_.t1, &cubics_.back(), statistics_);
      if (status != Status::converged)
        cubics_.pop_back();
      else
        ++statistics_.predictor_steps;
    }
    predicted_end_ = rodas.time();
    return status;
  }

  /// 2. Newton's iteration on the predictor's mesh, and the errors of its steps; false when not even the first step converged.
  bool coarse() {
    const auto count = static_cast<Index>(cubics_.size());
    const Index steps = (count + width - 1) / width * width;
    mesh_.clear();
    piece_of_.clear();
    for (Index i = 0; i < count; ++i) {  // full lanes: the first steps are halved, or cut further, as needed
      const Index parts = steps / count + (i < steps % count ? 1 : 0);
      const Cubic& cubic = cubics_[static_cast<std::size_t>(i)];
      for (Index k = 0; k < parts; ++k) {
        mesh_.push_back(cubic.t + cubic.h * (static_cast<double>(k) / static_cast<double>(parts)));
        piece_of_.push_back(static_cast<int>(i));
      }
    }
    mesh_.push_back(predicted_end_);  // not t + h of the last cubic: that may miss t1 by its rounding
    window_->guess(mesh_, cubics_, piece_of_, steps);
    window_->set_first(y_);
    const double goal = std::max(1.0, coarse_accuracy / options_.rtol);
    const Index good = iterate(goal * goal, most_coarse_iterations).front;
    if (good == 0) return false;
    estimate();
    export_pieces(0, good);
    return true;
  }

  /// 3. A mesh of full lanes on which every step is expected to pass; false when no step of it would be representable.
  bool redistribute() {
    old_mesh_.clear();
    for (const Piece& piece : pieces_) old_mesh_.push_back(piece.t);
    old_mesh_.push_back(old_end_);
    if (!redistribution_->lay(old_mesh_, errors_, error_limit_, mesh_, next_piece_of_)) return false;
    window_->guess(mesh_, pieces_, next_piece_of_, static_cast<Index>(next_piece_of_.size()));
    window_->set_first(y_);
    return true;
  }

  struct Iterated {
    bool converged;
    Index front;  // steps from the left that have converged
  };

  /// Simplified Newton on the window's guess until the squares of update and residual are below `tolerance`.
  Iterated iterate(double tolerance, int most_iterations) {
    const Index steps = window_->steps();
    const auto factor = [&] {
      window_->factor(space_);
      statistics_.jacobian_evaluations += steps;
      statistics_.factorisations += steps;
      window_->evaluate(space_, Window::Pending::none);
      count_evaluations();
    };
    statistics_.residual_history.clear();  // of this window only: memory must not grow with the number of steps
    statistics_.update_history.clear();
    factor();
    statistics_.residual_history.push_back(std::sqrt(window_->largest_residual_squared()));
    double last = 0, contraction = 1;
    Iterated result{false, 0};
    for (int iteration = 0; iteration < most_iterations; ++iteration) {
      window_->sweep();
      window_->evaluate(space_, Window::Pending::update);
      ++statistics_.iterations;
      statistics_.newton_steps += steps;
      count_evaluations();
      const double update = window_->largest_update_squared(), residual = window_->largest_residual_squared();
      statistics_.update_history.push_back(std::sqrt(update));
      statistics_.residual_history.push_back(std::sqrt(residual));
      if (!is_finite(update) || !is_finite(residual)) break;
      // The next update is expected to be contraction * update; it is applied without another evaluation.
      contraction = iteration == 0 ? 0.01 : update / last;  // of squares
      result.converged =
          update <= std::max(largest_last_update, tolerance) && residual <= tolerance && contraction * update <= tolerance;
      if (!result.converged) result.converged = last_update_suffices(update, residual, tolerance);
      if (result.converged) break;
      if (iteration >= 2 && contraction > 1) break;
      if (iteration >= 1 && contraction > slow && iteration + 1 < most_iterations) factor();
      last = update;
    }
    if (result.converged) {
      window_->sweep();
      window_->apply(space_);
      result.front = steps;
    } else {
      const auto small = [&](double squared) { return is_finite(squared) && squared <= tolerance; };
      while (result.front < steps && small(window_->update_squared(result.front)) && small(window_->residual_squared(result.front)))
        ++result.front;
    }
    return result;
  }

  /// The next update, which is applied without another evaluation, is known but for the stages' share in it: nodes d from a sweep,
  /// local updates from the residual. What it leaves is expected to be its contraction times itself. All are squares.
  bool last_update_suffices(double previous, double residual, double tolerance) {
    if (residual > largest_last_update) return false;
    window_->sweep();
    const double next = std::max(residual, window_->largest_change_squared());
    return next <= largest_last_update && next / previous * next <= tolerance;
  }

  /// 4. and the test of 5.: returns the number of steps of the front; pieces_ become what has converged behind it.
  Index fine() {
    const int most_iterations = static_cast<int>(std::min<Index>(most_fine_iterations, options_.maximum_iterations));
    const Iterated iterated = iterate(options_.newton_tolerance * options_.newton_tolerance, most_iterations);
    const Index steps = window_->steps();
    estimate();
    const double limit = error_limit_ * error_limit_;
    Index front = 0;
    while (front < iterated.front && is_finite(window_->error_squared(front)) && window_->error_squared(front) <= limit) ++front;
    const Index passed = front;
    front = within_bounds(passed);
    statistics_.rejected_steps += steps - front;
    export_pieces(front, iterated.front);
    if (front < passed) errors_.front() = std::max(errors_.front(), std::pow(shares_outside, 8) * limit * target * target);
    return front;
  }

  /// The steps of the front before the first whose stages or end lie outside of the bounds by more than the tolerance.
  Index within_bounds(Index front) {
    if (!watch_.active()) return front;
    for (Index i = 0; i < front; ++i) {
      const Piece step = window_->polynomial(i);
      bool leaves = watch_.leaves(window_->end_of(i));
      for (int k = 0; k < Method::stages; ++k) leaves = leaves || watch_.leaves(step(step.t + Method::c(k) * step.h));
      if (!leaves) continue;
      watch_.refuse();
      return i;
    }
    return front;
  }

  /// 5. The front becomes part of the solution.
  Status accept(Index front) {
    if (acceptance_.wants_steps()) {
      for (Index i = 0; i < front; ++i) {
        ++statistics_.steps;
        const Status status = acceptance_.step(window_->polynomial(i), interval_.end_at(mesh_[static_cast<std::size_t>(i) + 1]),
                                               std::sqrt(window_->error_squared(i)) / error_limit_);
        if (status != Status::converged) return status;
      }
    } else {
      statistics_.steps += front;
    }
    t_ = mesh_[static_cast<std::size_t>(front)];
    y_ = watch_.projected(window_->end_of(front - 1));
    return acceptance_.reached(interval_.end_at(t_), y_, statistics_);
  }

  /// True when window after window ends at a bound out of which f leads: no step length helps against that.
  bool driven_out() {
    if (!watch_.stopped()) {
      watch_.forget();
      return false;
    }
    ++statistics_.function_evaluations;
    return watch_.left_for_good(static_cast<T>(direction_) * Vector<T, n>(problem_.f(static_cast<T>(t_), y_)), y_);
  }

  /// The next window's predictor: a step as long as its own were here, and a length that the last window could use.
  void plan_next() {
    std::size_t used = 0;
    while (used + 1 < cubics_.size() && (cubics_[used].t + cubics_[used].h - t_) * direction_ < 0) ++used;
    predictor_step_ = std::abs(cubics_[used].h);
    if (4 * used >= 3 * cubics_.size()) {
      predicted_ = std::min(2 * predicted_, most_predicted_);
      predictor_rtol_ = std::min(loosest_predictor(), 4 * predictor_rtol_);
    } else {
      predicted_ = std::max(fewest_predicted, static_cast<int>(used));
    }
    retreats_ = 0;
  }

  /// No step was accepted: shorter windows from a tighter predictor, in the end steps of the predictor at the user's tolerance.
  Status retreat() {
    if (++retreats_ < 3) {
      predicted_ = std::max(fewest_predicted, predicted_ / 4);
      predictor_rtol_ = std::max(options_.rtol, predictor_rtol_ / 10);
      return Status::converged;
    }
    retreats_ = 0;
    return walk(0, sequential_steps);
  }

  /// Where f is finite on one side only the stages of RODAS feel their way in ever shorter steps; those of Radau IIA get through.
  [[nodiscard]] bool recoverable_by_windows(Status status) const {
    if (options_.strategy != Strategy::automatic) return false;
    const bool stuck = status == Status::step_too_small || status == Status::non_finite;
    if (!stuck && !(status == Status::converged && sequential_.left_domain() && (problem_.t1 - t_) * direction_ > 0)) return false;
    return bytes_of_windows(options_) + acceptance_.stored_bytes() <= options_.memory_cap;
  }

  void open_windows() {
    window_.emplace(problem_.f, options_, largest_window(options_));
    window_bytes_ = bytes_of_windows(options_);
    const auto capacity = static_cast<std::size_t>(window_->capacity());
    most_predicted_ = std::max(fewest_predicted, std::min(most_predicted, static_cast<int>(window_->capacity()) - width));
    predicted_ = std::min(first_predicted, most_predicted_);
    const double longest_step = options_.maximum_step > 0 ? nearly_all * options_.maximum_step : HUGE_VAL;
    redistribution_.emplace(Redistribution::Limits{window_->capacity() - width, width, direction_, longest_step, target});
    old_mesh_.reserve(capacity + 1);
    mesh_.reserve(capacity + 1);
    piece_of_.reserve(capacity);
    pieces_.reserve(capacity);
    cubics_.reserve(most_predicted);
  }

  /// Up to `count` steps of the sequential method at the user's tolerance, the first of length `first` or of its own choice.
  Status walk(double first, int count) {
    const Status status = sequential_.walk(t_, y_, interval_, first, longest(), count, statistics_);
    predictor_step_ = walks_ ? sequential_.next_step() : 0;
    t_ = sequential_.time();
    y_ = sequential_.state();
    if (status == Status::non_finite) statistics_.first_failure = statistics_.steps;
    return status;
  }

  /// Steps first .. last - 1 of the window as polynomials with their errors.
  void export_pieces(Index first, Index last) {
    pieces_.clear();
    errors_.clear();
    for (Index i = first; i < last; ++i) {
      pieces_.push_back(window_->polynomial(i));
      errors_.push_back(window_->error_squared(i));
    }
    old_end_ = mesh_[static_cast<std::size_t>(last)];
  }
  void estimate() {
    window_->estimate(space_);
    statistics_.function_evaluations += window_->steps();
  }
  void count_evaluations() { statistics_.function_evaluations += window_->steps() * Method::stages; }

  static constexpr double shares_outside = 4;  // pieces of a step that left them
  static constexpr double nearly_all = 0.999;  // of maximum_step: the predictor stretches its last step by as much
  static constexpr int most_fine_iterations = 10, most_coarse_iterations = 5, most_rounds = 3;
  /// The last update itself is at most the tolerance of the solution; what it leaves behind, at most newton_tolerance times that.
  static constexpr double largest_last_update = 1;
  static constexpr double coarse_accuracy = 1e-5;  // relative, of the coarse trajectory: one or two fine iterations from six digits
  static constexpr double slow = 0.04;             // of squares: contraction worse than 0.2 calls for new Jacobians

  ExecutionSpace space_;
  InitialValueProblem<F, T, n> problem_;  // t1: the end of the present interval
  const Options& options_;
  Acceptance<T, n>& acceptance_;
  double direction_;
  bool walks_;
  std::optional<Window> window_;  // none as long as the march walks
  std::optional<Redistribution> redistribution_;
  std::size_t window_bytes_ = 0;
  BoundsWatch<T, n> watch_;
  SequentialWalk<F, T, n> sequential_;
  WarmStart<T, n> guess_;
  Statistics statistics_;
  SmoothInterval interval_{};
  int most_predicted_ = most_predicted;
  double error_limit_ = 1, t_ = 0, predictor_step_ = 0, predictor_rtol_ = 1e-2, old_end_ = 0, predicted_end_ = 0;
  int predicted_ = first_predicted, retreats_ = 0;
  Vector<T, n> y_;
  std::vector<double> mesh_, old_mesh_, errors_;
  std::vector<int> piece_of_, next_piece_of_;
  std::vector<Cubic> cubics_;
  std::vector<Piece> pieces_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
