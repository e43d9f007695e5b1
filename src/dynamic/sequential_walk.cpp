// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/sequential_walk.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "dynamic/banded.hpp"
#include "dynamic/dense.hpp"

namespace antler::dynamic {

template <class Structure>
bool SequentialWalk<Structure>::goes_on(double t, const std::vector<double>& y, const SmoothInterval& interval) const {
  return ready_ && t == t_ && interval.first == interval_.first && interval.last == interval_.last && y == y_;
}

template <class Structure>
Status SequentialWalk<Structure>::start(double h, Statistics& statistics) {
  const Status status = radau_.start(t_, y_.data(), h, interval_, statistics);
  ready_ = status == Status::converged;
  return status;
}

template <class Structure>
Status SequentialWalk<Structure>::walk(double t, const std::vector<double>& y, const SmoothInterval& interval, double first,
                                       Index count, Statistics& statistics) {
  Status status = Status::converged;
  if (!goes_on(t, y, interval)) {
    t_ = t;
    y_ = y;
    interval_ = interval;
    refused_ = 0;
    status = start(first, statistics);
  }
  const Index most = statistics.steps + count;
  while (statistics.steps < most && status == Status::converged && (interval.last - t_) * direction_ > 0) status = step(statistics);
  return status;
}

template <class Structure>
Status SequentialWalk<Structure>::step(Statistics& statistics) {
  double h = 0;
  ready_ = false;
  const Status status = radau_.advance(h, statistics);
  if (status != Status::converged) return status;
  std::copy_n(radau_.state(), next_.size(), next_.begin());
  const bool leaves = watch_.leaves(next_.data());
  moved_ = !leaves && watch_.project(next_.data());
  // A state that was moved to a bound may have no derivative there: of sqrt(y) zero has none, and no step leads on from it.
  if (leaves || (moved_ && !radau_.finite_at(next_.data(), statistics))) {
    watch_.refuse();
    if (++refused_ == BoundsWatch::most_refusals) return Status::bounds_violated;
    return start(std::abs(h) / 4, statistics);
  }
  return accept(h, std::exchange(refused_, 0) > 0, statistics);
}

template <class Structure>
Status SequentialWalk<Structure>::accept(double h, bool refused, Statistics& statistics) {
  ++statistics.steps;
  ++statistics.sequential_steps;
  t_ = radau_.time();
  y_.swap(next_);
  const double end = interval_.end_at(t_);
  Status status = Status::converged;
  if (acceptance_.wants_steps()) {
    radau_.polynomial(cubic_.data());
    status = acceptance_.step(h, cubic_.data(), end, radau_.share());
  }
  if (status == Status::converged) status = acceptance_.reached(end, y_.data(), statistics);
  if (status != Status::converged) return status;
  ready_ = true;
  if (!moved_) {
    watch_.forget();
    return status;
  }
  // A longer step left by more than the tolerance, and shorter ones would creep along a bound out of which f leads.
  if (refused && watch_.left_for_good(t_, y_.data(), direction_, scratch_)) return Status::bounds_violated;
  return start(radau_.next_length(), statistics);
}

template class SequentialWalk<Dense>;
template class SequentialWalk<Banded>;

}  // namespace antler::dynamic
