// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The adaptive solver for implicit equations: from jump to jump, consistent values first, then step by step. What becomes of
/// accepted steps is the business of Acceptance, as in window_march.hpp.

#include <cmath>

#include "antler/discretization/consistent_values.hpp"
#include "antler/solve/acceptance.hpp"
#include "antler/solve/bounds_watch.hpp"
#include "antler/solve/implicit_walk.hpp"
#include "antler/solve/smooth_intervals.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// A step's polynomial as a cubic.
template <class T, int n, int degree>
StepPolynomial<T, n, 3> cubic(const StepPolynomial<T, n, degree>& step) {
  StepPolynomial<T, n, 3> piece{step.t, step.h, step.y, {}};
  for (int m = 0; m < degree; ++m)
    for (int c = 0; c < n; ++c) piece.c(m, c) = step.c(m, c);
  return piece;
}

/// The march over one smooth interval after the other.
template <class G, class T, int n, class Method>
class ImplicitMarch {
  using Walk = ImplicitWalk<G, T, n, Method>;

 public:
  /// @param values  consistent at t0
  ImplicitMarch(const G& g, double t0, double t1, const ConsistentValues<G, T, n>& values, const Options& options,
                Acceptance<T, n>& acceptance)
      : options_(options),
        acceptance_(acceptance),
        direction_(t1 < t0 ? -1 : 1),
        values_(values),
        watch_(acceptance.bounds()),
        walk_(g, options, 1, direction_) {}

  /// From the accepted state to the end of the interval.
  /// @param behind_jump  F may be another one than before: what it makes of the algebraic components is found first
  Status run(const SmoothInterval& interval, double initial_step, bool behind_jump, Statistics& statistics) {
    statistics.meshes = statistics.windows = 1;
    interval_ = interval;
    const double length = std::abs(interval.last - interval.first);
    values_.y = acceptance_.state();
    if (behind_jump) {
      const Status found = values_.compute(interval.first, statistics);
      if (found != Status::converged) return found;
    }
    Status status = walk_.start(interval.first, values_.y, values_.slope, values_.has_algebraic_part(), std::abs(initial_step),
                                length, statistics);
    while (status == Status::converged && (interval.last - walk_.time()) * direction_ > 0) {
      if (statistics.steps >= options_.maximum_steps) return Status::maximum_steps;
      status = step(statistics);
      if (status == Status::converged && acceptance_.stored_bytes() > options_.memory_cap) status = Status::memory_limit;
    }
    values_.slope = walk_.slope();
    return status;
  }

 private:
  Status step(Statistics& statistics) {
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
    if (acceptance_.wants_steps()) status = acceptance_.step(cubic(walk_.piece()), end, walk_.share());
    if (status == Status::converged) status = acceptance_.reached(end, walk_.state(), statistics);
    if (status != Status::converged) return status;
    if (!walk_.was_refused()) {
      watch_.forget();
      return status;
    }
    return watch_.left_for_good(static_cast<T>(direction_) * walk_.slope(), walk_.state()) ? Status::bounds_violated : status;
  }

  [[nodiscard]] double longest() const { return options_.maximum_step > 0 ? options_.maximum_step : HUGE_VAL; }

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
  ConsistentValues<G, T, n> values_;
  BoundsWatch<T, n> watch_;
  Walk walk_;
  SmoothInterval interval_{};
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
