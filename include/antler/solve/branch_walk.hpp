// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A walk along a branch of solutions, a point at a time; where it goes and where it ends says continuation().

#include <algorithm>

#include "antler/core/require.hpp"
#include "antler/deer/branch_system.hpp"

namespace antler::inline ANTLER_LANES {

/// What continuation() may be told.
struct ContinuationOptions {
  double step = 0.1;            ///< the first step, in arc length or in lambda
  double smallest_step = 1e-8;  ///< below it the branch is given up
  double largest_step = 1;      ///< so that branches are seen as curves
  Index maximum_points = 1000;
  double fold_tolerance = 1e-8;  ///< relative, of the parameter at a fold
};

/// A point of a branch: the parameter and what BranchSystem::snapshot() made of it.
template <class Snapshot>
struct BranchPoint {
  double parameter;
  Snapshot solution;
};

/// What continuation() returns: how it ended, the points in the order of the branch, and the folds that were passed.
///
/// status  converged: the branch came to the end of the range or back to its start;
///         fold: natural continuation cannot go on, the branch turns back. folds.back() is where; points.back() is the last point
///         before it;
///         maximum_steps: ContinuationOptions::maximum_points; else why the corrector failed at the smallest step.
template <class Snapshot>
struct [[nodiscard]] Branch {
  Status status = Status::maximum_iterations;
  Statistics statistics;
  std::vector<BranchPoint<Snapshot>> points;
  std::vector<BranchPoint<Snapshot>> folds;
};

namespace detail {

/// Throws InvalidArgument unless the options are usable.
inline void require_valid(const ContinuationOptions& options, const SourceLocation& where) {
  require(options.smallest_step > 0 && options.step >= options.smallest_step && options.largest_step >= options.step,
          "continuation: steps must be positive, smallest_step <= step <= largest_step", where);
  require(options.maximum_points >= 1, "continuation: maximum_points must be at least 1", where);
  require(options.fold_tolerance > 0, "continuation: fold_tolerance must be positive", where);
}

/// Walks along a branch, a point at a time.
template <BranchSystem System>
class BranchWalk {
 public:
  using Snapshot = std::decay_t<decltype(std::declval<const System&>().snapshot(std::vector<double>{}))>;
  using Point = BranchPoint<Snapshot>;

  BranchWalk(System& system, std::vector<double> start, const ContinuationOptions& continuation, const Options& options,
             Branch<Snapshot>& branch)
      : system_(system), x_(std::move(start)), continuation_(continuation), newton_options_(options), branch_(branch) {}

  /// Corrects the start at its own parameter; the tangent points towards `to`.
  Status start(double to) {
    Status status = correct(x_, nullptr, x_.back(), 0);
    if (status == Status::converged) {
      tangent_ = normalised(null_);
      if (tangent_.back() * (to - x_.back()) < 0) turn();
      status = settle();
    }
    if (status == Status::converged) store();
    return status;
  }

  /// One step of length s, in arc length or in lambda; the point is kept when it converged and the branch did not jump.
  Status step(double s, bool natural) {
    const double factor = natural ? s / tangent_.back() : s;
    std::vector<double> x = x_;
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += factor * tangent_[i];
    const double target = natural ? x_.back() + s : branch_inner(system_, tangent_, x);
    if (natural) x.back() = target;
    const Index before = branch_.statistics.iterations;
    const Status status = correct(x, natural ? nullptr : &tangent_, target, corrector_iterations);
    iterations_ = branch_.statistics.iterations - before;
    if (status != Status::converged) return status;
    std::vector<double> tangent = normalised(null_);
    turning_ = branch_inner(system_, tangent, tangent_);
    if (turning_ < 0) {
      for (double& v : tangent) v = -v;
      turning_ = -turning_;
    }
    if (turning_ < least_cosine) return Status::diverged;
    last_x_ = std::exchange(x_, std::move(x));
    last_tangent_ = std::exchange(tangent_, std::move(tangent));
    last_step_ = s;
    return Status::converged;
  }

  /// How much longer the next step may be: two to three iterations and a slight turn are what is aimed at.
  [[nodiscard]] double growth() const {
    const double turn = std::acos(std::min(1.0, turning_));
    const double by_turn = wanted_turn / std::max(turn, 0.25 * wanted_turn);
    const double by_iterations = iterations_ <= 3 ? 2 : iterations_ <= 5 ? 1.2 : 0.7;
    return std::clamp(std::min(by_turn, by_iterations), 0.5, 2.0);
  }

  /// Whether the last step passed a fold.
  [[nodiscard]] bool passed_fold() const { return last_tangent_.back() * tangent_.back() < 0; }

  /// The fold between the last two points: tangent's part in lambda is zero there, as a function of the step from the former point.
  ///
  /// The parameter is quadratic in that step, so that half the digits of it are all that is needed. False when no point near it
  /// could be computed.
  bool locate_fold() {
    double a = 0, b = last_step_, ga = last_tangent_.back(), gb = tangent_.back();
    std::vector<double> x, best = std::abs(ga) < std::abs(gb) ? last_x_ : x_;
    double smallest = std::min(std::abs(ga), std::abs(gb));
    bool found = false;
    for (int k = 0; k < fold_iterations; ++k) {
      // Illinois' rule: the end that stays counts half.
      const double s = std::clamp((a * gb - b * ga) / (gb - ga), std::min(a, b) + 0.01 * std::abs(b - a),
                                  std::max(a, b) - 0.01 * std::abs(b - a));
      x = last_x_;
      for (std::size_t i = 0; i < x.size(); ++i) x[i] += s * last_tangent_[i];
      if (correct(x, &last_tangent_, branch_inner(system_, last_tangent_, x), corrector_iterations) != Status::converged) break;
      const std::vector<double> tangent = normalised(null_);
      const double g = (branch_inner(system_, tangent, last_tangent_) < 0 ? -1 : 1) * tangent.back();
      if (std::abs(g) <= smallest) {
        smallest = std::abs(g);
        best = x;
        found = true;
      }
      // To first order lambda changes by g times the distance that is left, at most the bracket.
      const double left = std::abs(g / (gb - ga) * (b - a));
      if (std::abs(g) * left <= continuation_.fold_tolerance * std::max(std::abs(x.back()), smallest_parameter)) break;
      if (g * gb < 0) {
        a = b;
        ga = gb;
      } else {
        ga *= 0.5;
      }
      b = s;
      gb = g;
    }
    if (found) branch_.folds.push_back({best.back(), system_.snapshot(best)});
    return found;
  }

  /// Lets the system look at the point, and corrects it again on the discretisation that it moved to.
  Status settle() {
    if constexpr (AdaptiveBranchSystem<System>) {
      for (int k = 0; k < most_adaptations; ++k) {
        const Adaptation adaptation = system_.adapt(x_, tangent_, branch_.statistics);
        if (adaptation == Adaptation::kept) return Status::converged;
        if (adaptation == Adaptation::failed) return Status::maximum_steps;
        tangent_ = normalised(tangent_);
        const std::vector<double> constraint = tangent_;
        const Status status = correct(x_, &constraint, branch_inner(system_, constraint, x_), 0);
        if (status != Status::converged) return status;
        tangent_ = normalised(null_);
        if (branch_inner(system_, tangent_, constraint) < 0) turn();
      }
      return Status::maximum_steps;
    } else {
      return Status::converged;
    }
  }

  void store() { branch_.points.push_back({x_.back(), system_.snapshot(x_)}); }

  /// From the last two points, to lambda = target: the branch ends there.
  Status finish(double target) {
    const double share = (target - last_x_.back()) / (x_.back() - last_x_.back());
    for (std::size_t i = 0; i < x_.size(); ++i) x_[i] = last_x_[i] + share * (x_[i] - last_x_[i]);
    x_.back() = target;
    const Status status = correct(x_, nullptr, target, 0);
    if (status != Status::converged) return status;
    return settle_at_parameter(target);
  }

  [[nodiscard]] double parameter() const { return x_.back(); }
  [[nodiscard]] double last_parameter() const { return last_x_.back(); }
  [[nodiscard]] double slope() const { return tangent_.back(); }

 private:
  static constexpr Index corrector_iterations = 10;  // Newton's method from a good predictor takes 2 to 4
  static constexpr double least_cosine = 0.8;        // a sharper turn is a jump to another branch
  static constexpr double wanted_turn = 0.2;         // radians from point to point
  static constexpr int fold_iterations = 40, most_adaptations = 8;
  static constexpr double smallest_parameter = 1e-3;

  /// Newton's iteration with a constraint; `most` iterations, 0: as many as the options say. Leaves the null vector in null_.
  Status correct(std::vector<double>& x, const std::vector<double>* tangent, double target, Index most) {
    Options options = newton_options_;
    if (most > 0) options.maximum_iterations = std::min(options.maximum_iterations, most);
    BorderedSystem<System> bordered(system_, x, tangent, target);
    const Status status = newton(bordered, options, branch_.statistics);
    null_ = bordered.null_vector();
    return status;
  }

  /// settle() with lambda kept.
  Status settle_at_parameter(double target) {
    if constexpr (AdaptiveBranchSystem<System>) {
      for (int k = 0; k < most_adaptations; ++k) {
        const Adaptation adaptation = system_.adapt(x_, tangent_, branch_.statistics);
        if (adaptation == Adaptation::kept) return Status::converged;
        if (adaptation == Adaptation::failed) return Status::maximum_steps;
        x_.back() = target;
        const Status status = correct(x_, nullptr, target, 0);
        if (status != Status::converged) return status;
      }
      return Status::maximum_steps;
    } else {
      return Status::converged;
    }
  }

  [[nodiscard]] std::vector<double> normalised(std::vector<double> v) const {
    const double length = std::sqrt(branch_inner(system_, v, v));
    for (double& component : v) component /= length;
    return v;
  }
  void turn() {
    for (double& v : tangent_) v = -v;
  }

  System& system_;
  std::vector<double> x_, tangent_, last_x_, last_tangent_, null_;
  double last_step_ = 0, turning_ = 1;
  Index iterations_ = 0;
  const ContinuationOptions& continuation_;
  const Options& newton_options_;
  Branch<Snapshot>& branch_;
};

/// True when the branch turns back close behind the walk's last point: then the fold is in Branch::folds.
template <class Walk>
bool turns_back(Walk& walk, double step) {
  constexpr int most_steps = 60;
  for (int k = 0; k < most_steps; ++k) {
    const Status status = walk.step(step, false);
    if (status != Status::converged) {
      step *= 0.25;
      continue;
    }
    if (walk.passed_fold()) return walk.locate_fold();
    step *= walk.growth();
  }
  return false;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
