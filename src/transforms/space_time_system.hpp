// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A window of steps of u_t = kappa Laplace(u) + f(t, u) as a NewtonSystem, preconditioned: with P = d/dt - kappa Laplace + sigma_i
/// and its inverse S, the equation is U = S(f(U) + s + sigma_i U), whose residual is in units of u, and its Jacobian 1 - S (f_u +
/// sigma_i).

#include <span>
#include <vector>

#include "antler/deer/damping.hpp"
#include "antler/deer/newton.hpp"
#include "antler/deer/weights.hpp"
#include "antler/inverse/gmres.hpp"
#include "antler/inverse/space_time_inverse.hpp"
#include "antler/solve/space_time.hpp"
#include "forcing_term.hpp"
#include "radau_stages.hpp"

namespace antler::transforms {

class SpaceTimeSystem {
 public:
  /// @param times    the points of the window, one more than steps
  /// @param initial  u at the first of them; also the guess at all times
  SpaceTimeSystem(const SpaceTimeEquation& equation, int stages, std::span<const double> times, std::vector<double> initial,
                  const Options& options, const SourceLocation& where);

  // DampedNewtonSystem.
  double linearize(Statistics& statistics);
  Status solve(Statistics& statistics);
  [[nodiscard]] double update_norm() const;
  void advance();
  void keep() { Kokkos::deep_copy(best_, u_); }
  void restore() { Kokkos::deep_copy(u_, best_); }
  TrialNorms trial(double lambda, Statistics& statistics);
  void reject() { std::swap(u_, before_); }

  [[nodiscard]] Index steps() const { return steps_; }
  [[nodiscard]] double time(Index i) const { return times_[static_cast<std::size_t>(i)]; }
  /// u at point i of the window.
  [[nodiscard]] const double* state(Index i) const { return i == 0 ? initial_.data() : stage(i - 1, stages_.count - 1); }
  /// Stage k of step i.
  [[nodiscard]] const double* stage(Index i, int k) const { return u_.data() + (i * stages_.count + k) * unknowns_; }
  [[nodiscard]] const RadauStages& stages() const { return stages_; }

  /// Bytes per step of a window.
  [[nodiscard]] static std::size_t bytes_per_step(Index unknowns, int stages);

 private:
  using Space = Kokkos::DefaultHostExecutionSpace;

  void evaluate(HostField& f_u);
  void choose_shifts();
  /// out <- S(f + s + sigma u) - u, from the values of the last evaluation.
  Status residual(const HostField& out);
  [[nodiscard]] Index slices() const { return steps_ * stages_.count; }
  [[nodiscard]] Index values() const { return slices() * unknowns_; }

  const SpaceTimeEquation& equation_;
  RadauStages stages_;
  std::span<const double> times_;
  Index steps_, unknowns_;
  std::vector<double> initial_, lengths_, sigma_;
  SpaceTimeInverse inverse_;
  Gmres gmres_;
  Weights<double, 1> weights_;
  double tolerance_, residual_norm_ = 0;
  Status inverse_status_ = Status::converged;
  ForcingTerm forcing_;
  HostField u_, best_, before_, trial_, trial_f_u_, d_, r_, f_, f_u_, side_terms_;
};

}  // namespace antler::transforms
