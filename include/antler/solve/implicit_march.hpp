// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The adaptive solver for implicit equations: from jump to jump, consistent values first, then step by step (implicit_walk.hpp),
/// or with Strategy::windows in windows whose steps are solved all at once (implicit_window.hpp), and step by step where these do
/// not converge. What becomes of accepted steps is the business of Acceptance, as in window_march.hpp.

#include <algorithm>
#include <cmath>
#include <optional>

#include "antler/discretization/consistent_values.hpp"
#include "antler/solve/acceptance.hpp"
#include "antler/solve/bounds_watch.hpp"
#include "antler/solve/implicit_window.hpp"
#include "antler/solve/smooth_intervals.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The march over one smooth interval after the other.
template <class G, class T, int n, class Method>
class ImplicitMarch {
  using Walk = ImplicitWalk<G, T, n, Method>;
  using Window = ImplicitWindow<G, T, n, Method>;

 public:
  /// Bytes of the arrays that every march holds.
  static std::size_t window_bytes(const Options& options) { return walks(options) ? 0 : Window::required_bytes(capacity(options)); }

  /// @param values  consistent at t0
  ImplicitMarch(const G& g, double t0, double t1, const ConsistentValues<G, T, n>& values, const Options& options,
                Acceptance<T, n>& acceptance)
      : options_(options),
        acceptance_(acceptance),
        direction_(t1 < t0 ? -1 : 1),
        values_(values),
        watch_(acceptance.bounds()),
        walk_(g, options, 1, direction_),
        loosest_(std::max(1.0, std::clamp(std::sqrt(options.rtol), tightest_prediction, loosest_prediction) / options.rtol)) {
    if (!walks(options)) window_.emplace(g, options, direction_, walk_.limit(), capacity(options));
  }

  /// From the accepted state to the end of the interval.
  /// @param behind_jump  F may be another one than before: what it makes of the algebraic components is found first
  Status run(const SmoothInterval& interval, double initial_step, bool behind_jump, Statistics& statistics) {
    statistics.meshes = 1;
    interval_ = interval;
    values_.y = acceptance_.state();
    if (behind_jump) {
      const Status found = values_.compute(interval.first, statistics);
      if (found != Status::converged) return found;
    }
    t_ = interval.first;
    step_ = std::abs(initial_step);
    predicted_ = first_predicted;
    loosened_ = loosest_;
    walking_ = false;
    Status status = Status::converged;
    while (status == Status::converged && rest() > 0) {
      status = window_ ? advance_window(statistics) : walk(Index{1} << 40, statistics);
      if (status == Status::converged && statistics.steps >= options_.maximum_steps && rest() > 0) return Status::maximum_steps;
    }
    return status;
  }

 private:
  static constexpr int first_predicted = 32, fewest_predicted = 4, walked_after_retreat = 16;
  static constexpr double tightest_prediction = 1e-5, loosest_prediction = 1e-3;
  /// A walk takes less time than windows on one core (docs/method.md) and wakes no team. Windows do not look at bounds before a
  /// step is accepted: with bounds every solve walks.
  static bool walks(const Options& options) {
    return options.strategy != Strategy::windows || !options.lower_bounds.empty() || !options.upper_bounds.empty();
  }
  /// Steps of a window: what a second-level cache holds.
  static Index capacity(const Options& options) {
    constexpr Index width = Window::width;
    const auto fitting =
        std::clamp<Index>(static_cast<Index>(1'000'000 / (Window::required_bytes(1) / 2)), std::max<Index>(8 * width, 64), 512);
    const Index wanted = options.maximum_window > 0 ? std::min(options.maximum_window, fitting) : fitting;
    return std::max((wanted + width - 1) / width * width, 2 * width);
  }

  [[nodiscard]] double rest() const { return (interval_.last - t_) * direction_; }
  [[nodiscard]] double longest() const { return options_.maximum_step > 0 ? options_.maximum_step : HUGE_VAL; }

  /// One window; what lies behind a front that stopped in the middle is laid anew. Where nothing is accepted the next window is
  /// shorter and better predicted, and in the end some steps are walked.
  Status advance_window(Statistics& statistics) {
    ++statistics.windows;
    walking_ = false;
    Index accepted = 0, tried = 0;
    if (window_->predict(t_, values_.y, values_.slope, values_.has_algebraic_part(), interval_.last, longest(), predicted_,
                         loosened_, step_, statistics)) {
      for (bool more = true; more && tried < 3; ++tried) {
        const Index front = window_->solve(t_, values_.y, statistics);
        if (front == 0) break;
        accepted += front;
        const Status status = accept(front, statistics);
        if (status != Status::converged) return status;
        more = front < window_->steps() && window_->keep_behind(front, statistics);
      }
    }
    if (accepted > 0) {
      step_ = window_->next_prediction();
      predicted_ = std::min(2 * predicted_, Window::most_predicted);
      loosened_ = std::min(4 * loosened_, loosest_);
      retreats_ = 0;
      return Status::converged;
    }
    step_ = 0.1 * last_length_;
    if (++retreats_ < 3) {
      predicted_ = std::max(fewest_predicted, predicted_ / 4);
      loosened_ = std::max(1.0, loosened_ / 10);
      return Status::converged;
    }
    retreats_ = 0;
    return walk(walked_after_retreat, statistics);
  }

  /// The first steps of the window become part of the solution.
  Status accept(Index front, Statistics& statistics) {
    const bool wanted = acceptance_.wants_steps();
    for (Index i = 0; i < front; ++i) {
      ++statistics.steps;
      if (!wanted) continue;
      const double end = interval_.end_at(window_->mesh()[static_cast<std::size_t>(i) + 1]);
      const Status status = acceptance_.step(window_->piece(i), end, window_->share(i));
      if (status != Status::converged) return status;
    }
    t_ = window_->mesh()[static_cast<std::size_t>(front)];
    last_length_ = std::abs(t_ - window_->mesh()[static_cast<std::size_t>(front - 1)]);
    values_.y = window_->end_of(front - 1);
    values_.slope = window_->slope_at_end_of(front - 1);
    return stored(acceptance_.reached(interval_.end_at(t_), values_.y, statistics));
  }

  [[nodiscard]] Status stored(Status status) const {
    return status == Status::converged && acceptance_.stored_bytes() > options_.memory_cap ? Status::memory_limit : status;
  }

  /// Some steps one after the other.
  Status walk(Index count, Statistics& statistics) {
    Status status = Status::converged;
    if (!walking_) status = walk_.start(t_, values_.y, values_.slope, values_.has_algebraic_part(), step_, rest(), statistics);
    walking_ = true;
    for (; count > 0 && status == Status::converged && rest() > 0; --count) {
      if (statistics.steps >= options_.maximum_steps) return Status::maximum_steps;
      status = walked_step(statistics);
      t_ = walk_.time();
    }
    values_.y = walk_.state();
    values_.slope = walk_.slope();
    step_ = walk_.next_step();
    return status;
  }

  Status walked_step(Statistics& statistics) {
    const auto within = [this](Vector<T, n>& y) {
      if (watch_.leaves(y)) {
        watch_.refuse();
        return false;
      }
      y = watch_.projected(y);
      return true;
    };
    Status status = walk_.advance(interval_.last, longest(), within, statistics);
    if (status == Status::step_too_small && settle(statistics))
      status = walk_.advance(interval_.last, longest(), within, statistics);
    statistics.bound_rejections = watch_.refused();
    if (status == Status::non_finite) statistics.first_failure = statistics.steps;
    if (status != Status::converged) return status;
    ++statistics.steps;
    ++statistics.sequential_steps;
    const double end = interval_.end_at(walk_.time());
    if (acceptance_.wants_steps()) status = acceptance_.step(walk_.piece(), end, walk_.share());
    if (status == Status::converged) status = stored(acceptance_.reached(end, walk_.state(), statistics));
    if (status != Status::converged) return status;
    if (!walk_.was_refused()) {
      watch_.forget();
      return status;
    }
    return watch_.left_for_good(static_cast<T>(direction_) * walk_.slope(), walk_.state()) ? Status::bounds_violated : status;
  }

  /// No step from here is short enough: the algebraic equations may hold less well than the steps' errors must be, as where one
  /// iteration ended too early. Then they are solved anew, once at a time, and the walk begins again.
  bool settle(Statistics& statistics) {
    if (!values_.has_algebraic_part() || settled_at_ == walk_.time()) return false;
    settled_at_ = walk_.time();
    values_.y = walk_.state();
    values_.slope = walk_.slope();
    if (values_.compute(settled_at_, statistics) != Status::converged) return false;
    const double rest = std::abs(interval_.last - settled_at_);
    return walk_.start(settled_at_, values_.y, values_.slope, true, 0, rest, statistics) == Status::converged;
  }

  const Options& options_;
  Acceptance<T, n>& acceptance_;
  double direction_, settled_at_ = HUGE_VAL;
  ConsistentValues<G, T, n> values_;  // y and y' at t_
  BoundsWatch<T, n> watch_;
  Walk walk_;
  std::optional<Window> window_;  // none when the march walks
  SmoothInterval interval_{};
  double t_ = 0, step_ = 0, last_length_ = 0, loosest_, loosened_ = 1;
  int predicted_ = first_predicted, retreats_ = 0;
  bool walking_ = false;  // walk_ stands at t_
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
