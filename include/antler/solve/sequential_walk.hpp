// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "antler/mesh/rodas.hpp"
#include "antler/mesh/seulex.hpp"
#include "antler/solve/acceptance.hpp"
#include "antler/solve/bounds_watch.hpp"
#include "antler/solve/sequential_radau_walk.hpp"
#include "antler/solve/smooth_intervals.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Whether SEULEX serves: its columns need lanes, and its matrices, one for each, a core's first-level cache. In single precision
/// the rounding of an extrapolation exceeds usual tolerances.
template <class F, class T, int n>
inline constexpr bool extrapolates = std::is_same_v<T, double>&& accepts_lanes<F>() &&
                                     (lane_count<Lanes<T>> >= 4 ? n <= 32 : lane_count<Lanes<T>> == 2 && n <= 3);

/// At looser tolerances than this one the end of an interval comes sooner by short steps of low order than by the few of SEULEX,
/// whose first are as accurate as if a hundredth of that had been asked for: of single equations, and where the matrices of its
/// columns take most of the time. Measured at equal errors [docs/performance.md].
template <int n, int lanes>
constexpr double loosest_extrapolation() {
  if (n == 1) return 3e-5;
  if (n <= 3 || (n <= 12 && lanes >= 8)) return HUGE_VAL;
  if (n <= 12) return 5e-4;
  return lanes >= 8 ? 5e-5 : 5e-6;
}

/// Some accepted steps at the user's tolerance, one after the other: all the way by default, and the last resort where windows do
/// not converge. All the way SEULEX takes them, which watches over what lies between their ends as well; as a resort, where SEULEX
/// cannot, and at loose tolerances where only the end is wanted, RODAS, of a single equation, whose implicit steps cost next to
/// nothing, Radau IIA.
template <class F, class T, int n>
class SequentialWalk {
  using Plain = std::conditional_t<n == 1, RadauSteps<F, T, n>, Rodas<F, T, n>>;
  struct None {};
  using Extrapolated = std::conditional_t<detail::extrapolates<F, T, n>, Seulex<F, T, n>, None>;

 public:
  /// @param all_the_way  and not between windows that failed: there RODAS walks, whose short steps take fewer components that are
  ///                     below their atol across zero, and an equation that blows up behind zero with them
  SequentialWalk(const F& f, const Options& options, double direction, bool all_the_way, Acceptance<T, n>& acceptance,
                 BoundsWatch<T, n>& watch)
      : f_(f),
        plain_(plain(f, options, direction)),
        extrapolated_(extrapolated(f, options, direction)),
        extrapolates_(all_the_way && detail::extrapolates<F, T, n> && options.rtol >= tightest_extrapolation),
        loose_(options.rtol > loosest_extrapolation<n, lane_count<Lanes<T>>>()),
        direction_(direction),
        acceptance_(acceptance),
        watch_(watch) {}

  /// Of rtol and atol where SEULEX walks: long steps have few estimates, and what they let pass adds up over a trajectory.
  static constexpr double extrapolated_tolerance = 0.1;
  /// Whether SEULEX does.
  [[nodiscard]] bool extrapolates() const { return extrapolates_ && (!loose_ || acceptance_.wants_steps()); }

  /// Where the walk came to.
  [[nodiscard]] double time() const { return t_; }
  [[nodiscard]] const Vector<T, n>& state() const { return y_; }
  /// Whether steps that were tried kept leading to where f is not finite.
  [[nodiscard]] bool left_domain() const { return left_domain_; }
  /// Whether its steps are as short as rounding makes them.
  [[nodiscard]] bool noisy() const {
    if constexpr (detail::extrapolates<F, T, n>) return extrapolated_.noisy();
    return false;
  }
  /// The length that its next step would have.
  [[nodiscard]] double next_step() const { return next_step_; }

  /// At most `count` steps from (t, y) towards interval.last, none longer than `longest`, the first of length `first` or, if that
  /// is 0, of its own choice. A step that leaves the bounds, or ends on one where f has no derivative, is repeated with a quarter
  /// of its length.
  Status walk(double t, const Vector<T, n>& y, const SmoothInterval& interval, double first, double longest, int count,
              Statistics& statistics) {
    t_ = t;
    y_ = y;
    longest_ = longest;
    left_domain_ = false;
    if constexpr (detail::extrapolates<F, T, n>)
      if (extrapolates()) return walk_with(extrapolated_, interval, first, count, statistics);
    return walk_with(plain_, interval, first, count, statistics);
  }

 private:
  static constexpr int border_steps = 8;
  static constexpr double tightest_extrapolation = 1e-10;  // below it rounding decides about steps

  static Plain plain(const F& f, const Options& options, double direction) {
    if constexpr (n == 1)
      return {f, options, direction};
    else
      return {f, Weights<T, n>(options), direction};
  }
  static Extrapolated extrapolated(const F& f, const Options& options, double direction) {
    if constexpr (detail::extrapolates<F, T, n>)
      return {f, Weights<T, n>(options, extrapolated_tolerance), direction};
    else
      return {};
  }

  template <class Steps>
  Status walk_with(Steps& steps, const SmoothInterval& interval, double first, int count, Statistics& statistics) {
    const bool wanted = acceptance_.wants_steps();
    int refused = 0;
    Status status = start(steps, first, statistics);
    while (count > 0 && status == Status::converged && (interval.last - t_) * direction_ > 0) {
      typename Steps::Polynomial dense;
      status = steps.advance(interval.last, wanted ? &dense : nullptr, statistics);
      if (status != Status::converged) break;
      if (watch_.leaves(steps.state()) || !smooth_at(steps, watch_.projected(steps.state()), statistics)) {
        watch_.refuse();
        if (++refused == BoundsWatch<T, n>::most_refusals) return Status::bounds_violated;
        status = start(steps, std::abs(steps.time() - t_) / 4, statistics);
        continue;
      }
      --count;
      note_departure(steps.left_domain());
      status = accept(steps, wanted ? &dense : nullptr, interval.end_at(steps.time()), refused > 0, statistics);
      refused = 0;
      if (left_domain_) break;  // the caller decides how to go on along such a border
    }
    next_step_ = steps.next_step();
    return status;
  }

  /// One step that was too long may end anywhere, and overflow; a border is met again as soon as steps have grown.
  void note_departure(bool left_domain) {
    left_domain_ = left_domain && since_departure_ < border_steps;
    since_departure_ = left_domain ? 0 : std::min(since_departure_ + 1, border_steps);  // counts no further in a long solve
  }

  /// Whether a state that was moved to a bound has a derivative there: of sqrt(y) zero has none, and no step leads on from it.
  template <class Steps>
  static bool smooth_at(const Steps& steps, const Vector<T, n>& y, Statistics& statistics) {
    return y == steps.state() || steps.finite_at(y, statistics);
  }

  template <class Steps>
  Status start(Steps& steps, double h, Statistics& statistics) {
    ++statistics.function_evaluations;
    ++statistics.jacobian_evaluations;
    return steps.start(t_, y_, h, longest_);
  }

  Vector<T, n> slope(Statistics& statistics) const {
    ++statistics.function_evaluations;
    return static_cast<T>(direction_) * Vector<T, n>(f_(static_cast<T>(t_), y_));
  }

  /// @param dense    null where nobody wants steps
  /// @param refused  whether a longer step from the same state left the bounds
  template <class Steps>
  Status accept(Steps& steps, const typename Steps::Polynomial* dense, double end, bool refused, Statistics& statistics) {
    ++statistics.steps;
    ++statistics.sequential_steps;
    t_ = steps.time();
    y_ = watch_.projected(steps.state());
    Status status = dense ? acceptance_.step(*dense, end) : Status::converged;
    if (status == Status::converged) status = acceptance_.reached(end, y_, statistics);
    if (status != Status::converged) return status;
    if (y_ == steps.state()) {
      watch_.forget();
      return status;
    }
    // A longer step left by more than the tolerance, and shorter ones would creep along a bound out of which f leads.
    if (refused && watch_.left_for_good(slope(statistics), y_)) return Status::bounds_violated;
    return start(steps, steps.next_step(), statistics);
  }

  F f_;
  Plain plain_;
  [[no_unique_address]] Extrapolated extrapolated_;
  bool extrapolates_, loose_;
  double direction_, t_ = 0, longest_ = 0, next_step_ = 0;
  bool left_domain_ = false;
  int since_departure_ = border_steps;
  Vector<T, n> y_;
  Acceptance<T, n>& acceptance_;
  BoundsWatch<T, n>& watch_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
