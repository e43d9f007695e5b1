// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/stretch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/finite.hpp"
#include "dynamic/banded.hpp"
#include "dynamic/dense.hpp"
#include "dynamic/step_limits.hpp"

namespace antler::dynamic {

namespace {

constexpr int most_fine_iterations = 10, most_coarse_iterations = 5;
constexpr double target = 0.35;           // of the error limit: room for the estimate to be wrong by a step length ratio of 1.3
constexpr double shares_outside = 4;      // pieces that a step becomes which left the bounds
constexpr double coarse_accuracy = 1e-5;  // relative, of the coarse trajectory

}  // namespace

template <class Structure>
Stretch<Structure>::Stretch(const Evaluator& evaluator, const Structure& structure, Workers& workers, const Budget& budget,
                            const Options& options, double direction, BoundsWatch& watch, Statistics& statistics)
    : options_(options),
      direction_(direction),
      error_limit_(error_limit(options)),
      watch_(watch),
      statistics_(statistics),
      rodas_(evaluator, structure, workers, direction, longest_step(options)),
      window_(evaluator, structure, workers, budget.capacity),
      newton_(window_, statistics_),
      redistribution_({budget.capacity, 1, direction, longest_step(options), target}),
      cubics_(evaluator.components(), static_cast<std::size_t>(budget.predicted)),
      pieces_(evaluator.components(), static_cast<std::size_t>(budget.capacity)) {
  const auto n = static_cast<std::size_t>(evaluator.components()), capacity = static_cast<std::size_t>(budget.capacity);
  cubic_.resize(4 * n);
  mesh_.reserve(capacity + 1);
  old_mesh_.reserve(capacity + 1);
  errors_.reserve(capacity);
  piece_of_.reserve(capacity);
}

template <class Structure>
Status Stretch<Structure>::predict(double t, const double* y, const SmoothInterval& interval, double step, double rtol,
                                   Index most) {
  cubics_.clear();
  Status status = rodas_.start(t, y, step, interval, std::max(rtol / options_.rtol, 1.0), statistics_);
  while (status == Status::converged && static_cast<Index>(cubics_.count()) < most &&
         (interval.last - rodas_.time()) * direction_ > 0) {
    const double start = rodas_.time();
    double h = 0;
    status = rodas_.advance(cubic_.data(), h, statistics_);
    if (status != Status::converged) break;
    std::copy(cubic_.begin(), cubic_.end(), cubics_.append(start, h).begin());
    ++statistics_.predictor_steps;
  }
  predicted_end_ = rodas_.time();
  return status;
}

template <class Structure>
bool Stretch<Structure>::adopt(WarmStart& guess, double t, const double* y, double end) {
  old_end_ = guess.take(t, y, end, target, pieces_, errors_);
  for (double& squared : errors_) squared *= error_limit_ * error_limit_;
  return pieces_.count() > 0;
}

template <class Structure>
bool Stretch<Structure>::coarse(const double* y) {
  mesh_.clear();
  piece_of_.clear();
  for (std::size_t i = 0; i < cubics_.count(); ++i) {
    mesh_.push_back(cubics_.t(i));
    piece_of_.push_back(static_cast<int>(i));
  }
  mesh_.push_back(predicted_end_);  // not t + h of the last cubic: that may miss t1 by its rounding
  window_.guess(mesh_, cubics_, piece_of_, static_cast<Index>(cubics_.count()), y);
  const double goal = std::max(1.0, coarse_accuracy / options_.rtol);
  const Index good = newton_.iterate(goal * goal, most_coarse_iterations).front;
  if (good == 0) return false;
  window_.shorten(good);
  window_.estimate();
  export_pieces(0, good);
  return true;
}

template <class Structure>
bool Stretch<Structure>::redistribute(const double* y) {
  if (pieces_.count() == 0) return false;
  old_mesh_.clear();
  for (std::size_t i = 0; i < pieces_.count(); ++i) old_mesh_.push_back(pieces_.t(i));
  old_mesh_.push_back(old_end_);
  if (!redistribution_.lay(old_mesh_, errors_, error_limit_, mesh_, piece_of_)) return false;
  window_.guess(mesh_, pieces_, piece_of_, static_cast<Index>(piece_of_.size()), y);
  return true;
}

template <class Structure>
Index Stretch<Structure>::fine() {
  const Index laid = window_.steps();
  const int most_iterations = static_cast<int>(std::min<Index>(most_fine_iterations, options_.maximum_iterations));
  // Below some units of rounding of y no iteration gets.
  const double goal = std::max(options_.newton_tolerance, 16 * std::numeric_limits<double>::epsilon() / options_.rtol);
  const Index converged = newton_.iterate(goal * goal, most_iterations).front;
  window_.shorten(converged);
  window_.estimate();
  const double limit = error_limit_ * error_limit_;
  Index front = 0;
  while (front < converged && is_finite(window_.error_squared(front)) && window_.error_squared(front) <= limit) ++front;
  const Index passed = front;
  front = within_bounds(passed);
  statistics_.rejected_steps += laid - front;
  export_pieces(front, converged);
  if (front < passed) errors_.front() = std::max(errors_.front(), limit * redistribution_.squared_error_of(shares_outside));
  return front;
}

/// The steps of the front before the first whose stages or end lie outside of the bounds by more than the tolerance.
template <class Structure>
Index Stretch<Structure>::within_bounds(Index front) {
  if (!watch_.active()) return front;
  for (Index i = 0; i < front; ++i) {
    window_.polynomial(i, cubic_.data());
    bool leaves = false;  // the end is the last stage
    for (int k = 0; k < RadauIIA<3>::stages; ++k) leaves = leaves || watch_.leaves(cubic_, RadauIIA<3>::c(k));
    if (!leaves) continue;
    watch_.refuse();
    return i;
  }
  return front;
}

/// Steps first .. last - 1 of the window as polynomials with their errors.
template <class Structure>
void Stretch<Structure>::export_pieces(Index first, Index last) {
  pieces_.clear();
  errors_.clear();
  for (Index i = first; i < last; ++i) {
    window_.polynomial(i, pieces_.append(window_.start(i), window_.length(i)).data());
    errors_.push_back(window_.error_squared(i));
  }
  old_end_ = mesh_[static_cast<std::size_t>(last)];
}

template class Stretch<Dense>;
template class Stretch<Banded>;

}  // namespace antler::dynamic
