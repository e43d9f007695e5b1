// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The adaptive solver for initial value problems, stiff ones above all: collocation, all steps of a window at once.
///
/// One window, from the accepted state (t, y):
///
///   1. predictor   RODAS walks some tens of steps at a loose tolerance: a mesh and cubics
///   2. coarse      some Newton iterations of the collocation method on that mesh, then the error estimate of every step
///   3. mesh        step density (error / target)^(1/(s+1)), full SIMD lanes; the guess moves over through the polynomials
///   4. fine        simplified Newton until residual and update are below tolerance; Jacobians again where it contracts slowly.
///                  Blocks in which a step fails its error test are cut, the others keep their factors
///   5. front       the steps from the left that have converged and pass the error test are accepted. Converged steps behind a
///                  front that stopped in the middle go back to 3 with their own errors; the next window starts behind the front
///
/// WindowSolver does 1. to 4., the march decides.
///
/// A window whose front does not move is repeated shorter and from a tighter predictor; at the end of that road SequentialWalk goes
/// on at the user's tolerance for some steps, so that the solver gets through whatever a sequential one gets through. At all but
/// the tightest tolerances (Strategy) it walks all the way in the place of the default method.

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "antler/solve/acceptance.hpp"
#include "antler/solve/bounds_watch.hpp"
#include "antler/solve/error_control.hpp"
#include "antler/solve/sequential_walk.hpp"
#include "antler/solve/smooth_intervals.hpp"
#include "antler/solve/stretched_walk.hpp"
#include "antler/solve/warm_start.hpp"
#include "antler/solve/window_solver.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The march of windows over one interval after the other, between which f may jump. It decides what becomes of windows; what
/// happens with accepted steps is the business of Acceptance.
template <class F, class T, int n, class Method, class ExecutionSpace>
class WindowMarch {
  using Solver = WindowSolver<F, T, n, Method, ExecutionSpace>;
  using Piece = typename Solver::Piece;
  using Sequential = SequentialWalk<F, T, n>;
  struct None {};
  static constexpr int width = Solver::width;

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
        sequential_(problem.f, options, direction_, walks_, acceptance, watch_),
        guess_(guess, largest_window(options), estimate_order<Method>),
        error_limit_(error_limit<Method>(options.rtol, std::numeric_limits<T>::epsilon())) {
    plan_ = {first_predicted, loosest_predictor(), 0};
    if (!walks_) {
      open_windows();
    } else if constexpr (extrapolates<F, T, n>) {
      if (options.stretches > 1 && sequential_.extrapolates() && !watch_.active())
        stretched_.emplace(space, problem.f, options, Sequential::extrapolated_tolerance, direction_, acceptance,
                           windows_may_follow());
    }
  }

  /// From the accepted state to the end of the interval.
  Status run(const SmoothInterval& interval, double initial_step) {
    statistics_.meshes = 1;
    interval_ = interval;
    problem_.t1 = interval.last;
    t_ = interval.first;
    y_ = acceptance_.state();
    plan_ = {std::min(first_predicted, most_predicted_), loosest_predictor(), std::abs(initial_step)};
    while ((problem_.t1 - t_) * direction_ > 0) {
      const Status status = advance();
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
  /// The coarse mesh must fit: the predictor's steps in full lanes.
  static constexpr Index smallest_window = std::max<Index>(8 * width, most_predicted + width);
  static constexpr int most_rounds = 3;
  static constexpr double shares_outside = 4;  // pieces of a step that left the bounds

  static std::size_t bytes_of_windows(const Options& options) {
    return static_cast<std::size_t>(largest_window(options)) * Solver::bytes_per_step;
  }

  /// With bounds on components windows have their stages held within, too.
  static bool walks(const Options& options, const Solution<T, n>& guess) {
    if (options.strategy != Strategy::automatic) return options.strategy == Strategy::sequential;
    const bool bounded = !options.lower_bounds.empty() || !options.upper_bounds.empty();
    const WalkedProblem walked{n, extrapolates<F, T, n>, !guess.times().empty()};
    return options.rtol > ErrorControl<Method>::loosest_window(walked) && !bounded;
  }

  /// Windows stay in a core's second-level cache.
  static Index largest_window(const Options& options) {
    const auto fitting = std::clamp<Index>(static_cast<Index>(1'000'000 / Solver::bytes_per_step), smallest_window, 1024);
    if (options.maximum_window == 0) return fitting;
    const Index wanted = std::min(options.maximum_window, fitting);
    return std::max({(wanted + width - 1) / width * width, Index{2 * width}, Index{2 * fewest_predicted}});
  }
  /// The longest step that the predictor may take.
  [[nodiscard]] double longest() const {
    const double rest = std::abs(problem_.t1 - t_);
    return options_.maximum_step > 0 ? std::min(rest, Solver::nearly_all * options_.maximum_step) : rest;
  }
  [[nodiscard]] double loosest_predictor() const {
    return std::clamp(std::sqrt(options_.rtol), ErrorControl<Method>::tightest_predictor, 1e-2);
  }

  Status advance() {
    if (walks_) {
      const Status status = goes_in_stretches() ? round_of_stretches() : walk_on();
      if (!recoverable_by_windows(status)) return status;
      walks_ = false;
      plan_.step = 0;
      statistics_.first_failure = -1;
      if constexpr (extrapolates<F, T, n>) stretched_.reset();
      open_windows();
    }
    ++statistics_.windows;
    watch_.begin_window();
    Solver& window = *window_;
    window.watch_between(acceptance_.wants_steps());
    if (take_guess(window)) {
      const Index before = statistics_.newton_steps;
      const Settled settled = settle(window);
      if (settled.status != Status::converged) return settled.status;
      if (settled.accepted > 0) {
        guess_.helped(static_cast<double>(statistics_.newton_steps - before) / static_cast<double>(settled.accepted));
        retreats_ = 0;
        plan_.step = 0;
        return driven_out() ? Status::bounds_violated : Status::converged;
      }
      guess_.failed();
    }
    return advance_window(window);
  }

  /// One window from the predictor on.
  Status advance_window(Solver& window) {
    const bool prepared = window.prepare(t_, y_, problem_.t1, longest(), plan_);
    if (window.cubics().empty()) {
      window.add_to(statistics_);
      if (window.predictor_status() == Status::non_finite) statistics_.first_failure = statistics_.steps;
      return window.predictor_status() == Status::converged ? Status::step_too_small : window.predictor_status();
    }
    const Settled settled = prepared ? settle(window) : Settled{0, Status::converged};
    window.add_to(statistics_);
    if (settled.status != Status::converged) return settled.status;
    if (settled.accepted == 0) {
      const Status status = retreat();
      if (status != Status::converged) return status;
    } else {
      plan_next(window);
    }
    return driven_out() ? Status::bounds_violated : Status::converged;
  }

  struct Settled {
    Index accepted;
    Status status;  // not converged: the march ends here
  };

  /// 3. to 5. from the window's pieces. What lies behind a front that stopped in the middle has converged: its steps are laid anew,
  /// without another prediction.
  Settled settle(Solver& window) {
    Settled settled{0, Status::converged};
    for (int round = 0; round < most_rounds && window.has_pieces() && window.lay(t_, y_); ++round) {
      const Index passed = window.fine(), front = within_bounds(window, passed);
      window.keep_behind(front, front < passed ? shares_outside : 0);
      window.add_to(statistics_);
      if (front > 0) settled.status = accept(window, front);
      if (settled.status != Status::converged) break;
      settled.accepted += front;
    }
    return settled;
  }

  /// In place of 1. and 2.: the steps and polynomials of the caller's guess from t on; false when it has none there.
  bool take_guess(Solver& window) {
    window.take_pieces(guess_.take(t_, y_, problem_.t1, Solver::target, window.pieces(), window.errors()));
    return window.has_pieces();
  }

  /// The steps of the front before the first whose stages or end lie outside of the bounds by more than the tolerance.
  Index within_bounds(const Solver& window, Index front) {
    if (!watch_.active()) return front;
    for (Index i = 0; i < front; ++i) {
      const Piece step = window.window().polynomial(i);
      bool leaves = watch_.leaves(window.window().end_of(i));
      for (int k = 0; k < Method::stages; ++k) leaves = leaves || watch_.leaves(step(step.t + Method::c(k) * step.h));
      if (!leaves) continue;
      watch_.refuse();
      return i;
    }
    return front;
  }

  /// 5. The front becomes part of the solution.
  Status accept(const Solver& window, Index front) {
    if (acceptance_.wants_steps()) {
      for (Index i = 0; i < front; ++i) {
        ++statistics_.steps;
        const Status status = acceptance_.step(
            window.window().polynomial(i), interval_.end_at(window.mesh()[static_cast<std::size_t>(i) + 1]), window.error_share(i));
        if (status != Status::converged) return status;
      }
    } else {
      statistics_.steps += front;
    }
    t_ = window.mesh()[static_cast<std::size_t>(front)];
    y_ = watch_.projected(window.window().end_of(front - 1));
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
  void plan_next(const Solver& window) {
    const auto& cubics = window.cubics();
    std::size_t used = 0;
    while (used + 1 < cubics.size() && (cubics[used].t + cubics[used].h - t_) * direction_ < 0) ++used;
    plan_.step = std::abs(cubics[used].h);
    if (4 * used >= 3 * cubics.size()) {
      plan_.steps = std::min(2 * plan_.steps, most_predicted_);
      plan_.rtol = std::min(loosest_predictor(), 4 * plan_.rtol);
    } else {
      plan_.steps = std::max(fewest_predicted, static_cast<int>(used));
    }
    retreats_ = 0;
  }

  /// No step was accepted: shorter windows from a tighter predictor, in the end steps of the predictor at the user's tolerance.
  Status retreat() {
    if (++retreats_ < 3) {
      plan_.steps = std::max(fewest_predicted, plan_.steps / 4);
      plan_.rtol = std::max(options_.rtol, plan_.rtol / 10);
      return Status::converged;
    }
    retreats_ = 0;
    return walk(0, sequential_steps);
  }

  /// Where f is finite on one side only explicit arguments feel their way in ever shorter steps; the stages of Radau IIA get
  /// through. They take longer steps, too, where rounding shortens those that are extrapolated.
  [[nodiscard]] bool recoverable_by_windows(Status status) const {
    if (!windows_may_follow()) return false;
    const bool stuck = status == Status::step_too_small || status == Status::non_finite;
    const bool hindered = sequential_.left_domain() || noisy();
    return stuck || (status == Status::converged && hindered && (problem_.t1 - t_) * direction_ > 0);
  }
  [[nodiscard]] bool windows_may_follow() const {
    return options_.strategy == Strategy::automatic &&
           bytes_of_windows(options_) + acceptance_.stored_bytes() <= options_.memory_cap;
  }

  [[nodiscard]] bool noisy() const {
    if constexpr (extrapolates<F, T, n>)
      if (stretched_ && stretched_->noisy()) return true;
    return sequential_.noisy();
  }

  void open_windows() {
    const Index capacity = largest_window(options_);
    most_predicted_ = std::max(fewest_predicted, std::min(most_predicted, static_cast<int>(capacity) - width));
    plan_.steps = std::min(first_predicted, most_predicted_);
    window_.emplace(space_, problem_.f, options_, direction_, error_limit_, capacity, most_predicted_);
    Solver::reserve_history(statistics_);
    window_bytes_ = bytes_of_windows(options_);
  }

  [[nodiscard]] bool goes_in_stretches() const {
    if constexpr (extrapolates<F, T, n>) return stretched_ && stretched_->pays(t_, interval_, statistics_.steps);
    return false;
  }
  /// What a round meets of borders and failures of f it leaves to the next steps of the walk.
  Status round_of_stretches() {
    if constexpr (extrapolates<F, T, n>) {
      WalkFront<T, n> front{t_, plan_.step, y_};
      const Status status = stretched_->round(front, interval_, longest(), statistics_);
      t_ = front.t;
      y_ = front.y;
      plan_.step = front.step;
      window_bytes_ = stretched_->bytes();
      if (status == Status::non_finite) statistics_.first_failure = statistics_.steps;
      return status;
    }
    return Status::converged;
  }
  Status walk_on() {
    const double from = t_;
    const Index steps = statistics_.steps;
    const Status status = walk(plan_.step, walked_at_once);
    if constexpr (extrapolates<F, T, n>) {
      if (stretched_) stretched_->walked(statistics_.steps - steps, std::abs(t_ - from));
    }
    return status;
  }

  /// Up to `count` steps of the sequential method at the user's tolerance, the first of length `first` or of its own choice.
  Status walk(double first, int count) {
    const Status status = sequential_.walk(t_, y_, interval_, first, longest(), count, statistics_);
    plan_.step = walks_ ? sequential_.next_step() : 0;
    t_ = sequential_.time();
    y_ = sequential_.state();
    if (status == Status::non_finite) statistics_.first_failure = statistics_.steps;
    return status;
  }

  ExecutionSpace space_;
  InitialValueProblem<F, T, n> problem_;  // t1: the end of the present interval
  const Options& options_;
  Acceptance<T, n>& acceptance_;
  double direction_;
  bool walks_;
  std::optional<Solver> window_;  // none as long as the march walks
  std::size_t window_bytes_ = 0;
  BoundsWatch<T, n> watch_;
  Sequential sequential_;
  [[no_unique_address]] std::conditional_t<extrapolates<F, T, n>, std::optional<StretchedWalk<F, T, n, ExecutionSpace>>, None>
      stretched_;
  WarmStart<T, n, Solver::degree> guess_;
  Statistics statistics_;
  SmoothInterval interval_{};
  int most_predicted_ = most_predicted, retreats_ = 0;
  double error_limit_, t_ = 0;
  Vector<T, n> y_;
  PredictorPlan plan_{};
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
