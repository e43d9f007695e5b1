// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Events along accepted steps.
///
///   1. every root function is sampled at four points of the step, and at the vertex of the parabola through three samples where
///      that may lie on the other side of zero: two roots in one step are seen unless they are close
///   2. a change of sign between neighbouring samples is a root; ITP finds it on the step's polynomial, to rounding
///   3. the roots of all functions in the order of time, up to the first that ends the solve
///
/// A function that is zero at the start, or returns to zero from where it is, has no event there until it has left zero, as in
/// SUNDIALS [Hindmarsh2005].

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "antler/core/bracketed_root.hpp"
#include "antler/core/event.hpp"
#include "antler/core/finite.hpp"
#include "antler/core/kokkos.hpp"
#include "antler/core/status.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The search does not know what a state is: it asks for values of root function e along the step by value(e, t), so that solvers
/// with states of any type share it.
class EventSearch {
 public:
  /// A root along a step.
  struct Root {
    double time;  ///< just behind it, within rounding
    int which;    ///< index of the root function
    Crossing crossing;
  };

  /// @param events  of which crossing and action are taken
  template <class Event>
  explicit EventSearch(const std::vector<Event>& events) {
    for (const Event& event : events) watched_.push_back({event.crossing, event.action});
    if (any()) samples_.reserve(2 * samples_per_step);
  }

  [[nodiscard]] bool any() const { return !watched_.empty(); }
  /// Of root functions, so far.
  [[nodiscard]] Index evaluations() const { return evaluations_; }
  /// The roots of the last step, in the order of time; the last one may be terminal.
  [[nodiscard]] const std::vector<Root>& found() const { return found_; }

  /// The signs at the start of the solve.
  template <class Value>
  Status start(double t0, const Value& value) {
    start_ = t0;
    for (std::size_t e = 0; e < watched_.size(); ++e) {
      ++evaluations_;
      const double at_start = value(e, t0);
      if (!is_finite(at_start)) return Status::non_finite;
      trackers_.push_back({at_start, sign_of(at_start)});
    }
    return Status::converged;
  }

  /// Searches the step from `start` to `end`: fills found().
  /// @return Status::converged, Status::event when the last of found() ends the solve, Status::non_finite when a root function is
  template <class Value>
  Status search(double start, double end, const Value& value) {
    found_.clear();
    if (first_step_ == 0) first_step_ = std::abs(end - start);
    for (std::size_t e = 0; e < watched_.size(); ++e) {
      const auto counted = [&](double t) {
        ++evaluations_;
        return value(e, t);
      };
      if (!sample(e, start, end, counted)) return Status::non_finite;
      add_vertices(counted);
      find_roots(e, counted);
    }
    std::stable_sort(found_.begin(), found_.end(),
                     [&](const Root& a, const Root& b) { return (b.time - a.time) * (end - start) > 0; });
    for (std::size_t i = 0; i < found_.size(); ++i)
      if (watched_[static_cast<std::size_t>(found_[i].which)].action == AtEvent::stop) {
        found_.erase(found_.begin() + static_cast<std::ptrdiff_t>(i) + 1, found_.end());
        return Status::event;
      }
    return Status::converged;
  }

 private:
  static constexpr int samples_per_step = 4;
  struct Watched {
    Crossing crossing;
    AtEvent action;
  };
  struct Sample {
    double t, value;
  };
  struct Tracker {
    double value;  // at the end of the last step
    int sign;      // of the last value that was not zero; 0 while the function has not left zero
  };

  static int sign_of(double value) { return (value > 0) - (value < 0); }

  template <class Value>
  bool sample(std::size_t e, double start, double end, const Value& value_at) {
    samples_.assign(1, {start, trackers_[e].value});
    for (int k = 1; k <= samples_per_step; ++k) {
      const double t = k == samples_per_step ? end : start + (end - start) * k / samples_per_step;
      samples_.push_back({t, value_at(t)});
      if (!is_finite(samples_.back().value)) return false;
    }
    trackers_[e].value = samples_.back().value;
    return true;
  }

  template <class Value>
  void find_roots(std::size_t e, const Value& value_at) {
    for (std::size_t i = 0; i + 1 < samples_.size(); ++i) {
      const Sample a = samples_[i], b = samples_[i + 1];
      int& sign = trackers_[e].sign;
      const int next = sign_of(b.value);
      if (sign != 0 && next != sign) {
        note(e, next == 0 ? b.t : bracketed_root(value_at, a.t, b.t, a.value, b.value),
             sign < 0 ? Crossing::rising : Crossing::falling);
        sign = next;
      } else if (sign == 0) {
        sign = next;
      }
    }
  }

  /// Inserts the vertices of parabolas through three samples of one sign where the function turns out to have another.
  template <class Value>
  void add_vertices(const Value& value_at) {
    constexpr double suspicious = 0.25;  // of the smallest sample: parabolas are not the function
    const std::size_t count = samples_.size();
    for (std::size_t i = 0; i + 2 < count; ++i) {
      const Sample a = samples_[i], b = samples_[i + 1], c = samples_[i + 2];
      if (sign_of(a.value) != sign_of(b.value) || sign_of(b.value) != sign_of(c.value) || b.value == 0) continue;
      const double slope = 0.5 * (c.value - a.value), bend = c.value - 2 * b.value + a.value, x = -slope / bend;
      if (!is_finite(x) || std::abs(x) >= 1) continue;
      const double predicted = b.value + x * (slope + 0.5 * x * bend);
      const double least = std::min({std::abs(a.value), std::abs(b.value), std::abs(c.value)});
      if (predicted * sign_of(b.value) > suspicious * least) continue;
      const double t = b.t + x * (c.t - b.t), value = value_at(t);
      if (is_finite(value) && sign_of(value) != sign_of(b.value)) samples_.push_back({t, value});
    }
    const double direction = samples_[1].t - samples_[0].t;
    std::sort(samples_.begin(), samples_.end(),
              [direction](const Sample& a, const Sample& b) { return (b.t - a.t) * direction > 0; });
  }

  void note(std::size_t e, double t, Crossing crossing) {
    if (watched_[e].crossing != Crossing::any && watched_[e].crossing != crossing) return;
    // A start on a root to rounding, as after a restart at an event, is a start at zero.
    if (std::abs(t - start_) <= 100 * std::numeric_limits<double>::epsilon() * (std::abs(start_) + first_step_)) return;
    found_.push_back({t, static_cast<int>(e), crossing});
  }

  std::vector<Watched> watched_;
  std::vector<Tracker> trackers_;
  std::vector<Sample> samples_;
  std::vector<Root> found_;
  double start_ = 0, first_step_ = 0;
  Index evaluations_ = 0;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
