// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "antler/solve/walked_stretch.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Where the next step of a walk should end, and which point of the stretch that is; where there is none, the end of the interval.
struct StretchTarget {
  double t;
  std::size_t at;
  bool later = false;  ///< there is none, but for the step after it
};

/// Looks for points of a stretch that the next step of a walk may end on: at their times, or, where f does not know the time, at
/// any time.
template <class F, class T, int n>
class StretchTargets {
  using Walk = Seulex<F, T, n>;
  using Stretch = WalkedStretch<T, n>;
  using Target = StretchTarget;

 public:
  StretchTargets(const F& f, const Weights<T, n>& weights, double direction) : f_(f), weights_(weights), direction_(direction) {}

  /// @param last     where the walk is to end otherwise
  /// @param longest  no step is longer
  void begin(double last, double longest) {
    last_ = last;
    longest_ = longest;
  }

  /// The farthest point within the next step, from the one before on.
  Target in_time(const Walk& walk, const Stretch& stretch, std::size_t strip, std::size_t from) const {
    const double reach = walk.time() + direction_ * std::min(walk.next_step(), longest_);
    Target target{last_, from};
    for (std::size_t j = from; j <= strip && (reach - stretch.times[j]) * direction_ >= 0; ++j)
      if ((stretch.times[j] - walk.time()) * direction_ > 0) target = {stretch.times[j], j};
    return target;
  }

  /// The first point near the next step, and the length with which that meets it; none if that is for the step after it.
  Target in_phase(const Walk& walk, const Stretch& stretch, std::size_t strip, Statistics& statistics) const {
    const Vector<T, n>& here = walk.state();
    Vector<T, n> scale = weights_.of(here);
    for (int c = 0; c < n; ++c) scale[c] = 1 / scale[c];
    const double h = direction_ * std::min(walk.next_step(), longest_);
    const Target none{last_, 0};
    if (std::abs(h) > std::abs(last_ - walk.time())) return none;
    const Vector<T, n> move = scaled(walk.probe(h, statistics) - here, scale);
    const double length = inner(move, move), by_length = 1 / length;
    double share = 0;
    std::size_t at = 0;
    for (std::size_t j = 1; j <= strip && at == 0; ++j) {
      const Vector<T, n> away = scaled(stretch.states[j] - here, scale);
      const double along = inner(away, move) * by_length, distance = inner(away, away) - along * along * length;
      if (along > 0 && along <= 2 && distance < near * length * std::max(1.0, along * along)) {
        share = along;
        at = j;
      }
    }
    if (at == 0 || share > 1) return {last_, 0, at != 0};
    double step = share * h;
    for (int iteration = 0; iteration < 8; ++iteration) {
      const Vector<T, n> there = walk.probe(step, statistics);
      const Vector<T, n> slope = scaled(Vector<T, n>(f_(static_cast<T>(walk.time() + step), there)), scale);
      const double correction = inner(scaled(stretch.states[at] - there, scale), slope) / inner(slope, slope);
      step += correction;
      if (!(step * direction_ > 0) || !(std::abs(step) <= std::abs(h))) return none;
      if (std::abs(correction) * std::sqrt(inner(slope, slope) / n) <= phase_error) return {walk.time() + step, at};
    }
    return none;
  }

  /// The point up to which f is the same at both times: it may jump in time and have no derivative that tells. The first lane has
  /// the time of the stretch, the others look along the whole of the step at the shifted one.
  std::size_t same_until(const Stretch& stretch, std::size_t from, std::size_t until, double shift, Statistics& statistics) const {
    using Wide = Lanes<T>;
    constexpr int width = lane_count<Wide>;
    Wide share(0.0), shifts(shift);
    set_lane(shifts, 0, 0.0);
    for (int lane = 1; lane < width; ++lane) set_lane(share, lane, static_cast<T>(lane) / (width - 1));
    statistics.function_evaluations += width * static_cast<Index>(until - from);
    for (std::size_t i = from; i < until; ++i) {
      const double t = stretch.times[i], h = stretch.times[i + 1] - t;
      Vector<Wide, n> y;
      for (int c = 0; c < n; ++c) y[c] = Wide(stretch.states[i][c]);
      const Vector<Wide, n> values = f_(Wide(t) + multiply_add(share, Wide(h), shifts), y);
      for (int c = 0; c < n; ++c)
        if (!all(values[c] == Wide(lane(values[c], 0)))) return i;
    }
    return until;
  }

 private:
  static constexpr double near = 0.01;         // squared distance of a point from a step that may lead there, of the step's own
  static constexpr double phase_error = 0.02;  // last correction of a step that meets a point

  static Vector<T, n> scaled(Vector<T, n> v, const Vector<T, n>& scale) {
    for (int c = 0; c < n; ++c) v[c] *= scale[c];
    return v;
  }
  static double inner(const Vector<T, n>& a, const Vector<T, n>& b) {
    double sum = 0;
    for (int c = 0; c < n; ++c) sum += a[c] * b[c];
    return sum;
  }

  F f_;
  Weights<T, n> weights_;
  double direction_, last_ = 0, longest_ = 0;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
