// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A long walk in several stretches at the same time, for problems that forget where they come from.
///
/// One round, from the accepted state (t_0, y_0), with stretches that begin at t_0 < t_1 < ... < t_p:
///
///   1. apart     every stretch is walked at the tolerance of the walk, the first from y_0, the others from guesses: from y_0, too,
///                as long as the problem forgets, or else from where a loose walk from y_0 arrives
///   2. together  one stretch after the other: the walk goes on from the accepted end into the next stretch until it ends on one of
///                its points, to within a fraction of a step's tolerance. From there on that stretch is a continuation of the
///                accepted trajectory like any other, and is accepted as it is
///
/// What does not meet is thrown away, and the walk goes on without it: a wrong guess costs time on other threads, never accuracy.
/// A problem that does not know the time remembers its phase for ever, y(t) and y(t + s) are both solutions: its trajectories meet
/// with a shift in time, found by Newton's method, with which the stretch is accepted.
///
/// The trajectory depends on the number of stretches, not on how many threads walk them.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "antler/core/parallel.hpp"
#include "antler/solve/acceptance.hpp"
#include "antler/solve/smooth_intervals.hpp"
#include "antler/solve/stretch_targets.hpp"
#include "antler/solve/walked_stretch.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Rounds of stretches. Without bounds on components: what they do to a step is the business of the sequential walk.
template <class F, class T, int n, class ExecutionSpace>
class StretchedWalk {
  using Walk = Seulex<F, T, n>;
  using Stretch = WalkedStretch<T, n>;
  using Front = WalkFront<T, n>;

 public:
  /// @param tolerance      factor of rtol and atol at which the walk goes
  /// @param windows_follow  where it is noisy: then a stretch ends there
  StretchedWalk(const ExecutionSpace& space, const F& f, const Options& options, double tolerance, double direction,
                Acceptance<T, n>& acceptance, bool windows_follow)
      : space_(space),
        f_(f),
        weights_(options, tolerance),
        loose_weights_(options, std::max(tolerance, loose_rtol / options.rtol)),
        direction_(direction),
        options_(options),
        acceptance_(acceptance),
        windows_follow_(windows_follow),
        walk_(f, weights_, direction),
        targets_(f, weights_, direction),
        stretches_(static_cast<std::size_t>(options.stretches)) {}

  /// Notes what the sequential walk did.
  void walked(Index steps, double time) {
    paced_steps_ += steps;
    paced_time_ += time;
    pause_ -= steps;
  }

  /// Whether a round pays from t on: there are steps enough left, by the pace so far, the last rounds did not fail, and the options
  /// leave room for it.
  [[nodiscard]] bool pays(double t, const SmoothInterval& interval, Index steps) const {
    const Index fewest = fewest_steps * count();
    if (pause_ > 0 || pace() * std::abs(interval.last - t) < static_cast<double>(fewest)) return false;
    constexpr std::size_t point = sizeof(double) + sizeof(Vector<T, n>) + sizeof(typename Walk::Polynomial);
    const std::size_t room = point * static_cast<std::size_t>(count() * most_points());
    return options_.maximum_steps - steps >= fewest && room + acceptance_.stored_bytes() <= options_.memory_cap;
  }

  /// Whether steps of the last round were as short as rounding makes them.
  [[nodiscard]] bool noisy() const { return stretches_.front().noisy; }

  [[nodiscard]] std::size_t bytes() const {
    std::size_t total = 0;
    for (const Stretch& stretch : stretches_) total += stretch.bytes();
    return total;
  }

  /// One round from the front on, which moves to where the accepted trajectory ends.
  Status round(Front& front, const SmoothInterval& interval, double longest, Statistics& statistics) {
    interval_ = interval;
    longest_ = longest;
    targets_.begin(interval.last, longest);
    front_ = front;
    most_ = std::min(most_points(), (options_.maximum_steps - statistics.steps) / count() + 1);
    plan();
    parallel_for("antler::stretches", space_, count(), team_threshold_flops, [this](Index k) { walk_apart(k); });
    for (const Stretch& stretch : stretches_) add_work(stretch, statistics);
    const Index before = statistics.steps;
    const double from = front_.t;
    const Status status = join(statistics);
    paced_steps_ = statistics.steps - before;
    paced_time_ = std::abs(front_.t - from);
    front = front_;
    return status;
  }

 private:
  static constexpr Index first_steps = 256, most_steps = 8192;  // of a stretch
  static constexpr Index ample_steps = 2048;                    // where stretches meet early: caches hold them
  static constexpr Index fewest_steps = 128;                    // fewer are not worth waking a team
  static constexpr Index growth = 4;
  static constexpr double loose_rtol = 1e-3;  // looser ones save few steps, and lose whole oscillations
  static constexpr double first_cost = 0.5;   // of a loose walk, as a part of the other's
  /// Of a step's tolerance: what must not show where a stretch is joined.
  static constexpr double meeting = 0.5;

  [[nodiscard]] Index count() const { return static_cast<Index>(stretches_.size()); }
  /// Of a stretch, whatever its pace turns out to be.
  [[nodiscard]] Index most_points() const { return steps_ + steps_ / 2; }
  [[nodiscard]] double pace() const { return paced_time_ > 0 ? static_cast<double>(paced_steps_) / paced_time_ : 0; }

  /// The ends of the stretches. All are done at the same time where the one that begins at t_k is (t_k - t_0) c shorter than the
  /// first, c being what the loose walk costs of the other.
  void plan() {
    const double cost = loosely_ ? cost_ : 0, parts = static_cast<double>(count());
    const double whole = cost > 0 ? (1 - std::pow(1 - cost, parts)) / cost : parts;  // of the first
    const double left = std::abs(interval_.last - front_.t), budget = static_cast<double>(most_);
    double first = std::min(std::min(static_cast<double>(steps_), budget) / pace(), left / whole);
    const bool last = first == left / whole;
    if (!loosely_ && recurrence_ < first) {
      const double whole_turns = recurrence_ * std::floor(first / recurrence_ + (last ? 0.5 : 0));
      const double rest = left - (parts - 1) * whole_turns;  // for the last stretch
      if (!last || (rest > 0.75 * whole_turns && rest < 1.25 * whole_turns)) first = whole_turns;
    }
    ends_.assign(1, front_.t);
    for (Index k = 0; k < count(); ++k)
      ends_.push_back(ends_.back() + direction_ * (first - cost * std::abs(ends_.back() - front_.t)));
    if (last) ends_.back() = interval_.last;
  }

  /// In evaluations of f: one of df/dy, and what goes with a step that is accepted, take the time of some more.
  static double work_of(const Statistics& statistics) {
    constexpr double accepted = 20;
    return static_cast<double>(statistics.function_evaluations) + accepted * static_cast<double>(statistics.jacobian_evaluations);
  }

  static void add_work(const Stretch& stretch, Statistics& statistics) {
    statistics.function_evaluations += stretch.statistics.function_evaluations;
    statistics.jacobian_evaluations += stretch.statistics.jacobian_evaluations;
    statistics.factorisations += stretch.statistics.factorisations;
  }

  /// Where f ends, or throws, the stretch does. Only the first is the trajectory's: what f throws there is thrown again.
  void walk_apart(Index k) {
    Stretch& stretch = stretches_[static_cast<std::size_t>(k)];
    stretch.clear();
    stretch.keeps_last = k == 0 && !acceptance_.wants_steps();
    if (!stretch.keeps_last) {
      const auto room = static_cast<std::size_t>(most_points());
      stretch.times.reserve(room + 1);
      stretch.states.reserve(room + 1);
      if (acceptance_.wants_steps()) stretch.pieces.reserve(room);
    }
    if (k == 0) return walk_apart(stretch, front_, ends_[1]);
    const Front guess{ends_[static_cast<std::size_t>(k)], 0, front_.y};
    try {
      walk_apart(stretch, loosely_ ? walked_loosely(guess.t, stretch) : guess, ends_[static_cast<std::size_t>(k) + 1]);
    } catch (...) {
      if (stretch.times.empty()) stretch.append(guess.t, guess.y);
    }
  }

  void walk_apart(Stretch& stretch, const Front& from, double end) {
    stretch.append(from.t, from.y);
    Walk walk(f_, weights_, direction_);
    if (start(walk, from, stretch.statistics) != Status::converged) return;
    while (!(windows_follow_ && walk.noisy()) && (end - walk.time()) * direction_ > 0 &&
           static_cast<Index>(stretch.count()) < most_) {
      if (advance(walk, interval_.last, stretch) != Status::converged || walk.left_domain()) return;
    }
    stretch.noisy = walk.noisy();
  }

  /// Where a loose walk comes to by then.
  Front walked_loosely(double begin, Stretch& stretch) {
    Walk walk(f_, loose_weights_, direction_);
    Status status = start(walk, front_, stretch.statistics);
    for (Index step = 0; step < most_points() * count() && status == Status::converged && walk.time() != begin; ++step)
      status = walk.advance(begin, nullptr, stretch.statistics);
    stretch.loose_work = work_of(stretch.statistics);
    return {begin, 0, walk.state()};
  }

  Status start(Walk& walk, const Front& from, Statistics& statistics) const {
    ++statistics.function_evaluations;
    ++statistics.jacobian_evaluations;
    return walk.start(from.t, from.y, from.step, longest_);
  }

  /// One step, which the stretch keeps.
  Status advance(Walk& walk, double end, Stretch& stretch) {
    typename Walk::Polynomial dense;
    const bool wanted = acceptance_.wants_steps();
    stretch.knows_time = stretch.knows_time || walk.knows_time();
    const Status status = walk.advance(end, wanted ? &dense : nullptr, stretch.statistics);
    if (status != Status::converged) return status;
    stretch.append(walk.time(), walk.state());
    if (wanted) stretch.pieces.push_back(dense);
    stretch.next_step = walk.next_step();
    return status;
  }

  /// 2.
  Status join(Statistics& statistics) {
    Stretch& first = stretches_.front();
    const double loose_span = std::abs(ends_[1] - front_.t);
    Status status = accept(first, 0, 0, statistics);
    Index joined = 1;
    bool forgetful = true, met_early = true;
    for (std::size_t k = 1; k < stretches_.size() && status == Status::converged && front_.t != interval_.last; ++k) {
      Stretch& next = stretches_[k];
      const Meeting met = meet(next, status, statistics);
      if (!met.found) {
        forgetful = forgetful && next.count() < 2 && k > 1;  // too short to tell
        met_early = false;
        break;
      }
      const Index length = static_cast<Index>(next.count());
      forgetful = forgetful && met.walked < length / 4;
      met_early = met_early && std::max(met.walked, static_cast<Index>(met.at)) < length / 8;
      if (k == 1 && !loosely_ && met.shift != 0) {
        const double recurrence = std::abs(ends_[1] - ends_[0] + met.shift);
        if (recurrence > 0) recurrence_ = met_early ? std::min(recurrence_, recurrence) : recurrence;
      }
      const Index before = statistics.steps;
      status = accept(next, met.at, met.shift, statistics);
      if (statistics.steps == before) break;
      ++statistics.joined_stretches;
      ++joined;
    }
    learn(joined, forgetful, met_early, loose_span);
    return status;
  }

  /// What the next round should do otherwise.
  void learn(Index joined, bool forgetful, bool met_early, double loose_span) {
    const Stretch &first = stretches_.front(), &second = stretches_[1];
    const double work = work_of(first.statistics), span = std::abs(first.times.back() - ends_[0]);
    if (second.loose_work > 0 && work > 0 && span > 0) cost_ = std::clamp(second.loose_work / work * span / loose_span, 0.05, 0.8);
    // Those that did not meet would perhaps have met later.
    steps_ = std::max(steps_, std::min(growth * steps_, met_early ? ample_steps : most_steps));
    if (!loosely_) {
      if (forgetful) return;
      loose_rounds_ = (Index{1} << std::min(disappointments_++, 20)) - 1;
      loosely_ = loose_rounds_ > 0;
      return;
    }
    if (joined > 1) {
      failures_ = 0;
    } else {
      pause_ = steps_ << std::min(failures_++, 10);
    }
    loosely_ = --loose_rounds_ > 0;
  }

  struct Meeting {
    bool found;
    std::size_t at;  // point of the stretch
    double shift;    // to be added to its times
    Index walked;    // steps on the way
  };

  /// Walks from the front into the stretch, by no more steps than half of its own.
  Meeting meet(const Stretch& stretch, Status& status, Statistics& statistics) {
    Meeting met{false, 0, 0, 0};
    const std::size_t strip = stretch.count() / 2;
    if (strip == 0 || start(walk_, front_, statistics) != Status::converged) return met;
    Index attempt = 0;
    while (met.walked < static_cast<Index>(strip) && front_.t != interval_.last) {
      const bool knows_time = knows_time_ || stretch.knows_time || walk_.knows_time();
      const double step = walk_.next_step();
      StretchTarget target{interval_.last, met.at};
      if (knows_time) {
        target = targets_.in_time(walk_, stretch, strip, met.at);
      } else if (met.walked >= attempt) {
        target = targets_.in_phase(walk_, stretch, strip, statistics);
        attempt = met.walked + (target.later ? 0 : met.walked / 4) + 1;
      }
      approach_.clear();
      approach_.append(walk_.time(), walk_.state());
      status = advance(walk_, target.t, approach_);
      add_work(approach_, statistics);
      if (status != Status::converged || walk_.left_domain()) {
        status = Status::converged;  // the sequential walk meets the same, and knows what to do
        return met;
      }
      ++met.walked;
      status = accept(approach_, 0, 0, statistics);
      if (status != Status::converged) return met;
      met.at = target.at;
      if (walk_.time() != target.t || target.t == interval_.last) continue;
      if (weights_.state_norm(walk_.state() - stretch.states[target.at], walk_.state()) > meeting) {
        // The step that was shortened says nothing about the next one.
        front_.step = std::max(step, front_.step);
        if (start(walk_, front_, statistics) != Status::converged) return met;
        continue;
      }
      met.found = true;
      met.shift = knows_time ? 0 : walk_.time() - stretch.times[target.at];
      return met;
    }
    return met;
  }

  /// The steps of a stretch behind one of its points. Where f tells that a shift is not allowed after all, the rest is left out.
  Status accept(const Stretch& stretch, std::size_t from, double shift, Statistics& statistics) {
    if (stretch.count() == 0) return Status::converged;
    if (stretch.keeps_last) {
      statistics.steps += static_cast<Index>(stretch.count());
      statistics.sequential_steps += static_cast<Index>(stretch.count());
      return accepted_to(stretch.times.back(), stretch.states.back(), stretch.next_step, statistics);
    }
    std::size_t until = stretch.count();
    while (until > from && (interval_.last - (stretch.times[until] + shift)) * direction_ < 0) --until;
    if (shift != 0) {
      const std::size_t same = targets_.same_until(stretch, from, until, shift, statistics);
      knows_time_ = knows_time_ || same < until;
      until = same;
    }
    if (until == from) return Status::converged;
    for (std::size_t i = from; i < until; ++i) {
      ++statistics.steps;
      ++statistics.sequential_steps;
      if (stretch.pieces.empty()) continue;
      typename Walk::Polynomial piece = stretch.pieces[i];
      piece.t += shift;
      const Status status = acceptance_.step(piece, interval_.end_at(stretch.times[i + 1] + shift));
      if (status != Status::converged) {
        front_ = {acceptance_.time(), 0, acceptance_.state()};
        return status;
      }
    }
    const double next = until < stretch.count() ? std::abs(stretch.times[until + 1] - stretch.times[until]) : stretch.next_step;
    return accepted_to(stretch.times[until] + shift, stretch.states[until], next, statistics);
  }

  Status accepted_to(double t, const Vector<T, n>& y, double next_step, Statistics& statistics) {
    front_ = {t, next_step, y};
    return acceptance_.reached(interval_.end_at(t), y, statistics);
  }

  ExecutionSpace space_;
  F f_;
  Weights<T, n> weights_, loose_weights_;
  double direction_, longest_ = 0;
  const Options& options_;
  Acceptance<T, n>& acceptance_;
  bool windows_follow_;
  Walk walk_;  // into the stretches
  StretchTargets<F, T, n> targets_;
  std::vector<Stretch> stretches_;
  Stretch approach_;
  std::vector<double> ends_;
  SmoothInterval interval_{};
  Front front_{};
  Index paced_steps_ = 0, steps_ = first_steps, pause_ = fewest_steps, most_ = 0;
  double recurrence_ = std::numeric_limits<double>::infinity();  // after it the first stretch was where the second one began
  double paced_time_ = 0, cost_ = first_cost;
  int failures_ = 0;
  Index loose_rounds_ = 0;  // until the next try without
  int disappointments_ = 0;
  bool loosely_ = false;
  bool knows_time_ = false;  // f does, though df/dt is zero
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
