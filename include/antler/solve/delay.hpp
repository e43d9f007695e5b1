// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Delay differential equations by the method of steps. Within a stretch no longer than the shortest delay every delayed state is
/// known, so that the equation is an ordinary one there, which WindowMarch solves with all steps of a window at once. Stretches end
/// at breaking points, where a derivative of the solution jumps.

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "antler/core/stopwatch.hpp"
#include "antler/deer/weights.hpp"
#include "antler/solve/delayed_states.hpp"
#include "antler/solve/error_control.hpp"
#include "antler/solve/window_march.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Integrates from one breaking point to the next in stretches no longer than the shortest delay.
///
/// What a later stretch looks up lies between the nodes, too, and the error test does not see that: of stiff components E takes out
/// the difference of f and p' at the start of a step, of which the error of the polynomial is made. A stretch is therefore a trial.
/// Where h |f - p'| max |M|, about the error of the polynomial, exceeds the limit of the error estimates in a step, it is repeated
/// with shorter steps. Where f is not stiff, the error test itself is the stronger one.
template <class F, class H, class T, int n, class Method>
class DelayMarch {
  using RightHandSide = DelayedRightHandSide<F, H, T, n>;
  using March = WindowMarch<RightHandSide, T, n, Method, Kokkos::DefaultHostExecutionSpace>;
  using Piece = SolutionPiece<T, n>;

 public:
  static std::size_t window_bytes(const Options& options) { return March::window_bytes(options, {}); }

  DelayMarch(const DelayProblem<F, H, T, n>& problem, const Options& options, Acceptance<T, n>& acceptance)
      : options_(options),
        trial_options_(options_of_trials(options)),
        shortest_(problem.shortest_delay()),
        limit_(error_limit<Method>(options.rtol, std::numeric_limits<T>::epsilon())),
        weights_(options),
        past_(problem, acceptance.bounds()),
        problem_({problem.f, &past_}, problem.t0, problem.t1, problem.y0),
        acceptance_(acceptance),
        trial_(problem.t0, problem.y0, problem.t1, trial_options_, {}) {
    trial_.follow([this](const Piece& step, double share) { steps_.push_back({step, share}); });
    if (options.progress)
      trial_options_.progress = [this](Progress progress) {  // of all marches, less what is repeated
        progress.steps = accepted_ + static_cast<Index>(steps_.size());
        progress.iterations += before_.iterations;
        return options_.progress(progress);
      };
    open_march();
  }
  DelayMarch(const DelayMarch&) = delete;
  DelayMarch& operator=(const DelayMarch&) = delete;

  /// From the accepted state to the end of an interval without breaking points inside.
  Status run(const SmoothInterval& interval, double initial_step) {
    const double length = interval.to - interval.from, parts = std::max(1.0, std::ceil(length / shortest_ * (1 - 1e-14)));
    for (double k = 0; k < parts; ++k) {
      SmoothInterval part = interval;
      if (k > 0) part.from = part.first = interval.from + length * (k / parts);
      if (k + 1 < parts) part.to = part.last = interval.from + length * ((k + 1) / parts);
      past_.begin(part.from, part.to);
      const Status status = stretch(part, k > 0 ? past_.recent_step() : initial_step, k == 0);
      if (status != Status::converged) return status;
    }
    return Status::converged;
  }

  [[nodiscard]] Statistics statistics() const {
    Statistics statistics = before_;
    statistics += march_->statistics();
    statistics.meshes = 1;
    statistics.steps = accepted_;
    statistics.rejected_steps += repeated_;
    statistics.function_evaluations += slopes_;
    statistics.peak_bytes = std::max(statistics.peak_bytes, march_->statistics().peak_bytes + stored_bytes());
    return statistics;
  }
  [[nodiscard]] const DelayedStates<F, H, T, n>& past() const { return past_; }

 private:
  struct Step {
    Piece piece;
    double share;
    double between = 0;       // about the error of its polynomial, as a part of the limit
    bool enriched = false;    // its delayed states are to have the slope at its start
    Vector<T, n> slope = {};  // f there
  };
  static constexpr int most_repetitions = 8;
  static constexpr double walked_limit = 10;  // of the sequential method, whose error limit is 1
  static constexpr double room = 0.8;         // of the length that would just do

  static Options options_of_trials(const Options& options) {
    Options trial = options;
    trial.output = Output::final_state;
    trial.output_times.clear();
    return trial;
  }
  void open_march() { march_.emplace(Kokkos::DefaultHostExecutionSpace{}, problem_, trial_options_, trial_, no_guess_); }
  [[nodiscard]] std::size_t stored_bytes() const {
    return past_.stored_bytes() + acceptance_.stored_bytes() + steps_.capacity() * sizeof(Step);
  }

  /// @param breaks  whether a breaking point is at its start
  Status stretch(const SmoothInterval& part, double first_step, bool breaks) {
    const double t = trial_.time();
    const Vector<T, n> y = trial_.state();
    for (int repetition = 0;; ++repetition) {
      steps_.clear();
      const Status status = march_->run(part, first_step);
      const auto [trusted, violated] = longest_trusted(part.first, breaks);
      if (status != Status::converged || !violated || repetition == most_repetitions) {
        const Status accepted = accept(status);
        if (accepted == Status::converged && trial_options_.maximum_step != options_.maximum_step) relax(trusted);
        return accepted;
      }
      repeated_ += static_cast<Index>(steps_.size());
      trial_.restart(t, y);
      shorten(room * std::max(trusted, 0.25 * longest_step()));
      first_step = std::min(first_step, trusted);
    }
  }

  struct Trust {
    double length;  // that steps must not exceed so that their polynomials err by the limit at most
    bool violated;  // by a step of this trial
  };
  /// The shortest demand of the steps that err by more than the limit, and of the long ones.
  Trust longest_trusted(double start, bool breaks) {
    constexpr double order = estimate_order<Method>;
    for (std::size_t i = 0; i < steps_.size(); ++i) judge(steps_[i], start);
    const double longest = longest_step();
    Trust trust{HUGE_VAL, false};
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const double h = steps_[i].piece.h;
      double error = steps_[i].between;
      if (i == 0 && breaks && error > 1) {  // maybe of a layer that the step takes at one go: what would it be without?
        if (steps_.size() == 1) return {0.5 * h, true};
        error = std::min(error, steps_[1].between * std::pow(h / steps_[1].piece.h, order));
      }
      if (h < 0.1 * longest || !(error > 0)) continue;  // short steps follow a transient: the error test sees to them
      // What passes says how long the longest steps may become.
      trust.violated = trust.violated || !(error <= 1);
      if (!(error <= 1) || h > 0.5 * longest)
        trust.length = std::min(trust.length, is_finite(error) ? h * std::pow(error, -1 / order) : 0.25 * h);
    }
    return trust;
  }

  /// About the error of the step's polynomial, as a part of its limit.
  void judge(Step& step, double start) {
    constexpr double weight = largest_start_slope_weight<Method>();
    const Piece& piece = step.piece;
    const bool collocated = step.share != Solution<T, n>::unknown_share;
    ++slopes_;
    step.slope = problem_.f(static_cast<T>(std::max(piece.t, start)), piece.y);
    Vector<T, n> missing;
    for (int c = 0; c < n; ++c) missing[c] = static_cast<T>(weight) * (static_cast<T>(piece.h) * step.slope[c] - piece.c(0, c));
    step.between = weights_.state_norm(missing, piece.y) / (collocated ? limit_ : walked_limit);
    step.enriched = collocated && loses_order_between_nodes<Method> && step.between <= 1;
  }

  [[nodiscard]] double longest_step() const {
    double longest = 0;
    for (const Step& step : steps_) longest = std::max(longest, step.piece.h);
    return longest * (1 - 1e-6);
  }

  void shorten(double longest) {
    trial_options_.maximum_step = longest;
    before_ += march_->statistics();
    open_march();
  }
  /// Longer steps again where they would do.
  void relax(double trusted) {
    const double next = std::min(room * trusted, 2 * trial_options_.maximum_step);
    if (next < 1.2 * trial_options_.maximum_step) return;
    const bool unlimited = next >= shortest_ && options_.maximum_step == 0;
    const bool as_asked = options_.maximum_step > 0 && next >= options_.maximum_step;
    shorten(unlimited || as_asked ? options_.maximum_step : next);
  }

  /// The steps of the trial become part of the solution.
  Status accept(Status status) {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Step& step = steps_[i];
      if (step.enriched)
        past_.template append<Method>(step.piece, step.slope);
      else
        past_.template append<void>(step.piece, step.piece.y);
      ++accepted_;
      if (!acceptance_.wants_steps()) continue;
      const double end = i + 1 < steps_.size() ? steps_[i + 1].piece.t : trial_.time();
      const Status taken = acceptance_.step(step.piece, end, step.share);
      if (taken != Status::converged) return taken;
    }
    acceptance_.restart(trial_.time(), trial_.state());
    if (status != Status::converged) return status;
    if (accepted_ > options_.maximum_steps) return Status::maximum_steps;
    return stored_bytes() + march_->statistics().peak_bytes > options_.memory_cap ? Status::memory_limit : Status::converged;
  }

  const Options& options_;
  Options trial_options_;
  double shortest_, limit_;
  Weights<T, n> weights_;
  DelayedStates<F, H, T, n> past_;
  InitialValueProblem<RightHandSide, T, n> problem_;
  Acceptance<T, n>& acceptance_;
  Acceptance<T, n> trial_;
  Solution<T, n> no_guess_;
  std::optional<March> march_;
  std::vector<Step> steps_;  // of the trial
  Statistics before_;        // of marches before the present one
  Index accepted_ = 0, repeated_ = 0, slopes_ = 0;
};

}  // namespace detail

/// Solves a delay differential equation by collocation in time, adaptive and error-controlled.
///
/// As with an InitialValueProblem, but no step is longer than the shortest delay, and the breaking points t0 + sum_p k_p tau_p are
/// points of the mesh as far as a derivative of an order up to that of the method jumps there. Times in Options::jump_times have
/// breaking points of their own; those before t0 are jumps of the history. Delayed states come from the polynomials of accepted
/// steps, with one order more than dense output.
///
/// @param method   `RadauIIA<s>{}` or `Gauss<s>{}`, s = 1, 2, 3
/// @param options  rtol, atol: bounds of the local error of a step in the weighted norm
/// @param events   root functions to look for along the solution
/// @return         maximum_steps, before anything is computed, when (t1 - t0) / min tau_p is more than Options::maximum_steps
/// @throws InvalidArgument  unusable problem or options, y0 outside of its bounds, an event without root function, a history that
///                          throws or is not finite where it is needed (the message names t), Kokkos not running
/// @note Per step as an InitialValueProblem, and P look-ups of O(log(steps per delay)) per evaluation of f. Memory beside that of
///       the solution: the steps of the longest delay.
template <class F, class H, class T, int n, CollocationTableau Method>
Solution<T, n> solve(const DelayProblem<F, H, T, n>& problem, [[maybe_unused]] const Method& method, const Options& options,
                     const std::vector<Event<T, n>>& events, const SourceLocation& where = SourceLocation::current()) {
  require_kokkos(where);
  require_valid(options, n, where);
  problem.require_consistent(where);
  const double epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  require_valid_times(options, problem.t0, problem.t1, epsilon, where);
  require(Bounds<T, n>(options).violation(problem.y0) == 0,
          "y0 lies outside of Options::lower_bounds and upper_bounds: start within them", where);
  for (const Event<T, n>& event : events) require(event.root != nullptr, "an event has no root function: set Event::root", where);
  const Stopwatch total;
  using March = detail::DelayMarch<F, H, T, n, Method>;
  require_memory(options, March::window_bytes(options), where);
  detail::Acceptance<T, n> acceptance(problem.t0, problem.y0, problem.t1, options, events);
  March march(problem, options, acceptance);
  Status status = acceptance.start();
  const bool too_many = (problem.t1 - problem.t0) / problem.shortest_delay() > static_cast<double>(options.maximum_steps);
  if (status == Status::converged && too_many) status = Status::maximum_steps;
  std::vector<double> breaks;
  if (!too_many)
    for (const auto& point : detail::breaking_points_of<T>(problem, options.jump_times, Method::order))
      breaks.push_back(point.time);
  double initial_step = options.initial_step;
  for (const auto& interval : detail::smooth_intervals<T>(problem.t0, problem.t1, breaks)) {
    if (status != Status::converged) break;
    status = march.run(interval, initial_step);
    initial_step = 0;
  }
  march.past().require_history(where);
  Solution<T, n> solution = acceptance.finish(status, march.statistics());
  solution.statistics.total_seconds = total.seconds();
  return solution;
}

/// The same without events.
template <class F, class H, class T, int n, CollocationTableau Method>
Solution<T, n> solve(const DelayProblem<F, H, T, n>& problem, const Method& method, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, method, options, std::vector<Event<T, n>>{}, where);
}

/// The same by the default method, RadauIIA<3>.
template <class F, class H, class T, int n>
Solution<T, n> solve(const DelayProblem<F, H, T, n>& problem, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, RadauIIA<3>{}, options, where);
}

/// The same with events.
template <class F, class H, class T, int n>
Solution<T, n> solve(const DelayProblem<F, H, T, n>& problem, const Options& options, const std::vector<Event<T, n>>& events,
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, RadauIIA<3>{}, options, events, where);
}

}  // namespace antler::inline ANTLER_LANES
