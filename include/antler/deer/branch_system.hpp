// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Equations with one unknown more than equations, F(x) = 0 with x = (y, lambda): their solutions are branches. One condition more,
/// the constraint of a step of continuation, makes them a NewtonSystem [AllgowerGeorg2003].

#include <cmath>
#include <utility>
#include <vector>

#include "antler/deer/newton.hpp"

namespace antler::inline ANTLER_LANES {

/// F(x) = 0, N equations in the N + 1 numbers of x, of which the last is the parameter lambda.
///
///   linearize(x, statistics)  evaluates F and F' at x; returns the weighted norm of F, infinite when a value is not finite
///   solve(d, b, statistics)   any d with F' d = -F, and any b other than zero with F' b = 0, both of N + 1 numbers, to be resized
///   norm(v, x)                the weighted norm of an update v at x, infinite when a component is not finite
///   snapshot(x)               what the caller is to keep of a point of the branch
///
/// Who can solve with the square matrix F_y alone gives d = (-F_y^{-1} F, 0) and b = (-F_y^{-1} F_lambda, 1), Keller's bordering:
/// two right-hand sides of one factorisation [Keller1977]. It loses digits as F_y becomes singular towards a fold, which Newton's
/// iteration corrects.
///
/// It may also bring
///   inner(v, w)               the inner product that arc length is measured by; without it the mean of v_i w_i over the y plus
///   that
///                             of lambda, so that a finer grid has the same branch
///   adapt(x, tangent, ...)    see AdaptiveBranchSystem
template <class System>
concept BranchSystem = requires(System& system, const System& constant, const std::vector<double>& x, std::vector<double>& v,
                                Statistics& statistics) {
  { system.linearize(x, statistics) } -> std::same_as<double>;
  { system.solve(v, v, statistics) } -> std::same_as<Status>;
  { constant.norm(x, x) } -> std::same_as<double>;
  constant.snapshot(x);
};

/// What an AdaptiveBranchSystem did at a point: nothing, or it moved to another discretisation.
enum class Adaptation { kept, moved, failed };

/// A BranchSystem that looks at every point of the branch and may change its discretisation there: then it moves x and the tangent
/// over, which may change their length, and the point is corrected once more. `failed` ends the branch.
template <class System>
concept AdaptiveBranchSystem = BranchSystem<System> && requires(System& system, std::vector<double>& v, Statistics& statistics) {
  { system.adapt(v, v, statistics) } -> std::same_as<Adaptation>;
};

/// The inner product of arc length.
template <BranchSystem System>
[[nodiscard]] double branch_inner(const System& system, const std::vector<double>& v, const std::vector<double>& w) {
  if constexpr (requires { system.inner(v, w); }) {
    return system.inner(v, w);
  } else {
    double sum = 0;
    for (std::size_t i = 0; i + 1 < v.size(); ++i) sum += v[i] * w[i];
    return sum / static_cast<double>(v.size() > 1 ? v.size() - 1 : 1) + v.back() * w.back();
  }
}

/// F(x) = 0 with a constraint: lambda = target, or <tangent, x> = target where there is a tangent. A NewtonSystem.
///
/// With d and b of BranchSystem::solve the update is d + alpha b, alpha from the constraint, which is linear. Singular where the
/// branch runs along the constraint: with lambda = target at a fold, with a tangent at none.
template <BranchSystem System>
class BorderedSystem {
 public:
  /// @param x        the iterate; keeps the solution
  /// @param tangent  nullptr: the constraint is on lambda
  BorderedSystem(System& system, std::vector<double>& x, const std::vector<double>* tangent, double target)
      : system_(system), x_(x), tangent_(tangent), target_(target) {}

  double linearize(Statistics& statistics) { return system_.linearize(x_, statistics); }

  Status solve(Statistics& statistics) {
    const Status status = system_.solve(update_, null_, statistics);
    if (status != Status::converged) return status;
    const double slope = along(null_), alpha = (target_ - along(x_) - along(update_)) / slope;
    const double longest = std::sqrt(branch_inner(system_, null_, null_));
    if (!is_finite(alpha) || std::abs(slope) <= parallel * longest) return Status::singular;
    for (std::size_t i = 0; i < x_.size(); ++i) update_[i] += alpha * null_[i];
    return Status::converged;
  }

  [[nodiscard]] double update_norm() const { return system_.norm(update_, x_); }
  void advance() {
    for (std::size_t i = 0; i < x_.size(); ++i) x_[i] += update_[i];
  }
  void keep() { best_ = x_; }
  void restore() { x_ = best_; }

  /// A vector along the branch, F' b = 0, from the last linearisation; not normalised.
  [[nodiscard]] const std::vector<double>& null_vector() const { return null_; }

 private:
  static constexpr double parallel = 1e-12;  // sine of the angle between branch and constraint below which digits are gone

  [[nodiscard]] double along(const std::vector<double>& v) const {
    return tangent_ ? branch_inner(system_, *tangent_, v) : v.back();
  }

  System& system_;
  std::vector<double>& x_;
  const std::vector<double>* tangent_;
  double target_;
  std::vector<double> update_, null_, best_;
};

}  // namespace antler::inline ANTLER_LANES
