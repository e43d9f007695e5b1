// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Branches of solutions of F(y, lambda) = 0: natural and pseudo-arclength continuation over any BranchSystem.
///
///     x_p = x_k + s t_k                                    predictor: t_k the unit tangent of the branch
///     F(x) = 0,  <t_k, x - x_k> = s  (or lambda = lambda_k + s)   corrector: Newton's iteration
///
/// [Keller1977; AllgowerGeorg2003, ch. 6]. A fold is where the tangent's part in lambda changes its sign.

#include "antler/core/stopwatch.hpp"
#include "antler/solve/branch_walk.hpp"

namespace antler::inline ANTLER_LANES {

/// Steps in arc length: passes folds.
struct PseudoArclength {};
/// Steps in the parameter: ends at a fold, with Status::fold.
struct NaturalContinuation {};

namespace detail {

/// Steps until the branch ends; what the statuses mean says Branch.
template <class Walk, class Snapshot>
Status follow(Walk& walk, Branch<Snapshot>& branch, double from, double to, bool natural, const ContinuationOptions& steps) {
  const double direction = to > from ? 1 : -1;
  const auto beyond = [direction](double parameter, double end) { return direction * (parameter - end) >= 0; };
  double step = steps.step;
  while (static_cast<Index>(branch.points.size()) < steps.maximum_points) {
    const double s = natural ? direction * std::min(step, std::abs(to - walk.parameter())) : step;
    Status status = walk.step(s, natural);
    if (status != Status::converged) {
      step *= 0.25;
      if (step >= steps.smallest_step) continue;
      return natural && turns_back(walk, steps.step) ? Status::fold : status;
    }
    if (!natural && walk.passed_fold()) walk.locate_fold();
    const bool arrived = beyond(walk.parameter(), to), returned = !beyond(walk.parameter(), from);
    status = arrived ? walk.finish(to) : returned ? walk.finish(from) : walk.settle();
    if (status != Status::converged) return status;
    walk.store();
    if (arrived || returned) return Status::converged;
    step = std::min(step * walk.growth(), steps.largest_step);
  }
  return Status::maximum_steps;
}

}  // namespace detail

/// Follows the branch of solutions of a BranchSystem from lambda = start.back() towards lambda = to.
///
/// Pseudo-arclength continuation passes folds, notes where they are, and ends when lambda reaches `to` or comes back to where it
/// began: the last point lies there exactly. Natural continuation takes steps in lambda alone and ends at a fold, with Status::fold
/// and the last point before it. The method is PseudoArclength{} or NaturalContinuation{}.
///
/// @param start    (y, lambda), near a solution; it is corrected with lambda kept
/// @param options  of Newton's iteration; the system has its own copy of the tolerances
/// @throws InvalidArgument  unusable options, a start that is empty or not finite, `to` equal to the start's parameter
/// @note Per point two to four solves. A fold takes about five points more.
template <BranchSystem System, class Method>
auto continuation(System& system, const Method&, std::vector<double> start, double to, const ContinuationOptions& steps = {},
                  const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  constexpr bool natural = std::is_same_v<Method, NaturalContinuation>;
  static_assert(natural || std::is_same_v<Method, PseudoArclength>,
                "antler::continuation: the method is PseudoArclength{} or NaturalContinuation{}");
  using Walk = detail::BranchWalk<System>;
  detail::require_valid(steps, where);
  require(!start.empty() && std::all_of(start.begin(), start.end(), [](double v) { return is_finite(v); }),
          "continuation: the start must be finite: the unknowns, and the parameter as the last number", where);
  const double from = start.back();
  require(is_finite(to) && to != from, "continuation: the branch must lead to another parameter than that of its start", where);

  const Stopwatch total;
  Branch<typename Walk::Snapshot> branch;
  Walk walk(system, std::move(start), steps, options, branch);
  branch.status = walk.start(to);
  if (branch.status == Status::converged) branch.status = detail::follow(walk, branch, from, to, natural, steps);
  branch.statistics.total_seconds = total.seconds();
  return branch;
}

}  // namespace antler::inline ANTLER_LANES
