// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <type_traits>

#include "antler/mesh/rodas.hpp"
#include "antler/solve/acceptance.hpp"
#include "antler/solve/bounds_watch.hpp"
#include "antler/solve/sequential_radau_walk.hpp"
#include "antler/solve/smooth_intervals.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Some accepted steps at the user's tolerance, one after the other: at loose tolerances, and the last resort where windows do not
/// converge. RODAS takes them; of a single equation, whose implicit steps cost next to nothing, Radau IIA.
template <class F, class T, int n>
class SequentialWalk {
  using Steps = std::conditional_t<n == 1, RadauSteps<F, T, n>, Rodas<F, T, n>>;

 public:
  SequentialWalk(const F& f, const Options& options, double direction, Acceptance<T, n>& acceptance, BoundsWatch<T, n>& watch)
      : f_(f), steps_(steps(f, options, direction)), direction_(direction), acceptance_(acceptance), watch_(watch) {}

  /// Where the walk came to.
  [[nodiscard]] double time() const { return t_; }
  [[nodiscard]] const Vector<T, n>& state() const { return y_; }
  /// Whether f was not finite along a step that was tried.
  [[nodiscard]] bool left_domain() const { return left_domain_; }
  /// The length that its next step would have.
  [[nodiscard]] double next_step() const { return steps_.next_step(); }

  /// At most `count` steps from (t, y) towards interval.last, none longer than `longest`, the first of length `first` or, if that
  /// is 0, of its own choice. A step that leaves the bounds, or ends on one where f has no derivative, is repeated with a quarter
  /// of its length.
  Status walk(double t, const Vector<T, n>& y, const SmoothInterval& interval, double first, double longest, int count,
              Statistics& statistics) {
    t_ = t;
    y_ = y;
    longest_ = longest;
    left_domain_ = false;
    int refused = 0;
    Status status = start(first, statistics);
    while (count > 0 && status == Status::converged && (interval.last - t_) * direction_ > 0) {
      StepPolynomial<T, n, 3> cubic;
      status = steps_.advance(interval.last, &cubic, statistics);
      if (status != Status::converged) break;
      if (watch_.leaves(steps_.state()) || !smooth_at(watch_.projected(steps_.state()), statistics)) {
        watch_.refuse();
        if (++refused == BoundsWatch<T, n>::most_refusals) return Status::bounds_violated;
        status = start(std::abs(cubic.h) / 4, statistics);
        continue;
      }
      --count;
      left_domain_ = steps_.left_domain();
      status = accept(cubic, interval.end_at(steps_.time()), refused > 0, statistics);
      refused = 0;
      if (left_domain_) break;  // the caller decides how to go on along such a border
    }
    return status;
  }

 private:
  static Steps steps(const F& f, const Options& options, double direction) {
    if constexpr (n == 1)
      return {f, options, direction};
    else
      return {f, Weights<T, n>(options), direction};
  }

  /// Whether a state that was moved to a bound has a derivative there: of sqrt(y) zero has none, and no step leads on from it.
  bool smooth_at(const Vector<T, n>& y, Statistics& statistics) { return y == steps_.state() || steps_.finite_at(y, statistics); }

  Status start(double h, Statistics& statistics) {
    ++statistics.function_evaluations;
    ++statistics.jacobian_evaluations;
    return steps_.start(t_, y_, h, longest_);
  }

  Vector<T, n> slope(Statistics& statistics) const {
    ++statistics.function_evaluations;
    return static_cast<T>(direction_) * Vector<T, n>(f_(static_cast<T>(t_), y_));
  }

  /// @param refused  whether a longer step from the same state left the bounds
  Status accept(const StepPolynomial<T, n, 3>& cubic, double end, bool refused, Statistics& statistics) {
    ++statistics.steps;
    ++statistics.sequential_steps;
    t_ = steps_.time();
    y_ = watch_.projected(steps_.state());
    Status status = acceptance_.wants_steps() ? acceptance_.step(cubic, end) : Status::converged;
    if (status == Status::converged) status = acceptance_.reached(end, y_, statistics);
    if (status != Status::converged) return status;
    if (y_ == steps_.state()) {
      watch_.forget();
      return status;
    }
    // A longer step left by more than the tolerance, and shorter ones would creep along a bound out of which f leads.
    if (refused && watch_.left_for_good(slope(statistics), y_)) return Status::bounds_violated;
    return start(steps_.next_step(), statistics);
  }

  F f_;
  Steps steps_;
  double direction_, t_ = 0, longest_ = 0;
  bool left_domain_ = false;
  Vector<T, n> y_;
  Acceptance<T, n>& acceptance_;
  BoundsWatch<T, n>& watch_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
