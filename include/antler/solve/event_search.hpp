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

#include "antler/core/bounds.hpp"
#include "antler/core/bracketed_root.hpp"
#include "antler/core/event.hpp"
#include "antler/core/kokkos.hpp"
#include "antler/core/status.hpp"
#include "antler/core/step_polynomial.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

template <class T, int n>
class EventSearch {
 public:
  EventSearch(std::vector<Event<T, n>> events, const Bounds<T, n>& bounds) : events_(std::move(events)), bounds_(bounds) {
    samples_.reserve(2 * samples_per_step);
  }

  [[nodiscard]] bool any() const { return !events_.empty(); }
  [[nodiscard]] Index evaluations() const { return evaluations_; }
  /// The roots of the last step, in the order of time; the last one may be terminal.
  [[nodiscard]] const std::vector<FoundEvent<T, n>>& found() const { return found_; }

  /// The signs at the start of the solve.
  Status start(double t0, const Vector<T, n>& y0) {
    start_ = t0;
    for (std::size_t e = 0; e < events_.size(); ++e) {
      const double value = evaluate(e, t0, y0);
      if (!is_finite(value)) return Status::non_finite;
      trackers_.push_back({value, sign_of(value)});
    }
    return Status::converged;
  }

  /// Searches the step from `start` to `end`: fills found().
  /// @return Status::converged, Status::event when the last of found() ends the solve, Status::non_finite when a root function is
  Status search(const StepPolynomial<T, n, 3>& step, double start, double end) {
    found_.clear();
    if (first_step_ == 0) first_step_ = std::abs(end - start);
    for (std::size_t e = 0; e < events_.size(); ++e)
      if (!search(e, step, start, end)) return Status::non_finite;
    std::stable_sort(found_.begin(), found_.end(),
                     [&](const auto& a, const auto& b) { return (b.time - a.time) * (end - start) > 0; });
    for (std::size_t i = 0; i < found_.size(); ++i)
      if (events_[static_cast<std::size_t>(found_[i].which)].action == AtEvent::stop) {
        found_.erase(found_.begin() + static_cast<std::ptrdiff_t>(i) + 1, found_.end());
        return Status::event;
      }
    return Status::converged;
  }

 private:
  static constexpr int samples_per_step = 4;
  struct Sample {
    double t, value;
  };
  struct Tracker {
    double value;  // at the end of the last step
    int sign;      // of the last value that was not zero; 0 while the function has not left zero
  };

  static int sign_of(double value) { return (value > 0) - (value < 0); }
  double evaluate(std::size_t e, double t, const Vector<T, n>& y) {
    ++evaluations_;
    return events_[e].root(t, y);
  }

  bool search(std::size_t e, const StepPolynomial<T, n, 3>& step, double start, double end) {
    const auto value_at = [&](double t) { return evaluate(e, t, bounds_.projected(step(t))); };
    samples_.assign(1, {start, trackers_[e].value});
    for (int k = 1; k <= samples_per_step; ++k) {
      const double t = k == samples_per_step ? end : start + (end - start) * k / samples_per_step;
      samples_.push_back({t, value_at(t)});
      if (!is_finite(samples_.back().value)) return false;
    }
    trackers_[e].value = samples_.back().value;
    add_vertices(value_at);
    for (std::size_t i = 0; i + 1 < samples_.size(); ++i) {
      const Sample a = samples_[i], b = samples_[i + 1];
      int& sign = trackers_[e].sign;
      const int next = sign_of(b.value);
      if (sign != 0 && next != sign) {
        const double t = next == 0 ? b.t : bracketed_root(value_at, a.t, b.t, a.value, b.value);
        note(e, t, sign < 0 ? Crossing::rising : Crossing::falling, bounds_.projected(step(t)));
        sign = next;
      } else if (sign == 0) {
        sign = next;
      }
    }
    return true;
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

  void note(std::size_t e, double t, Crossing crossing, const Vector<T, n>& state) {
    if (events_[e].crossing != Crossing::any && events_[e].crossing != crossing) return;
    // A start on a root to rounding, as after a restart at an event, is a start at zero.
    if (std::abs(t - start_) <= 100 * std::numeric_limits<double>::epsilon() * (std::abs(start_) + first_step_)) return;
    found_.push_back({t, state, static_cast<int>(e), crossing});
  }

  std::vector<Event<T, n>> events_;
  Bounds<T, n> bounds_;
  std::vector<Tracker> trackers_;
  std::vector<Sample> samples_;
  std::vector<FoundEvent<T, n>> found_;
  double start_ = 0, first_step_ = 0;
  Index evaluations_ = 0;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
