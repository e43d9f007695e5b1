// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/sequential_walk.hpp"

#include <cmath>

#include "dynamic/banded.hpp"
#include "dynamic/dense.hpp"

namespace antler::dynamic {

template <class Structure>
Status SequentialWalk<Structure>::start(double h, Statistics& statistics) {
  return rodas_.start(t_, y_.data(), h, interval_, 1, statistics);
}

template <class Structure>
Status SequentialWalk<Structure>::walk(double t, const std::vector<double>& y, const SmoothInterval& interval, double first,
                                       Index count, Statistics& statistics) {
  t_ = t;
  y_ = y;
  interval_ = interval;
  left_domain_ = false;
  int refused = 0;
  Status status = start(first, statistics);
  while (count > 0 && status == Status::converged && (interval.last - t_) * direction_ > 0) {
    double h = 0;
    status = rodas_.advance(cubic_.data(), h, statistics);
    if (status != Status::converged) break;
    next_.assign(rodas_.state(), rodas_.state() + y_.size());
    const bool leaves = watch_.leaves(next_.data());
    moved_ = !leaves && watch_.project(next_.data());
    // A state that was moved to a bound may have no derivative there: of sqrt(y) zero has none, and no step leads on from it.
    if (leaves || (moved_ && !rodas_.finite_at(next_.data(), statistics))) {
      watch_.refuse();
      if (++refused == BoundsWatch::most_refusals) return Status::bounds_violated;
      status = start(std::abs(h) / 4, statistics);
      continue;
    }
    --count;
    left_domain_ = rodas_.left_domain();
    status = accept(h, refused > 0, statistics);
    refused = 0;
    if (left_domain_) break;  // the caller decides how to go on along such a border
  }
  return status;
}

template <class Structure>
Status SequentialWalk<Structure>::accept(double h, bool refused, Statistics& statistics) {
  ++statistics.steps;
  ++statistics.sequential_steps;
  t_ = rodas_.time();
  y_ = next_;
  const double end = interval_.end_at(t_);
  Status status = acceptance_.wants_steps() ? acceptance_.step(h, cubic_.data(), end) : Status::converged;
  if (status == Status::converged) status = acceptance_.reached(end, y_.data(), statistics);
  if (status != Status::converged) return status;
  if (!moved_) {
    watch_.forget();
    return status;
  }
  // A longer step left by more than the tolerance, and shorter ones would creep along a bound out of which f leads.
  if (refused && watch_.left_for_good(t_, y_.data(), direction_, scratch_)) return Status::bounds_violated;
  return start(rodas_.next_length(), statistics);
}

template class SequentialWalk<Dense>;
template class SequentialWalk<Banded>;

}  // namespace antler::dynamic
