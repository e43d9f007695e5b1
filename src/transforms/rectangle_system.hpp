// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// -Laplace(u) = f(x, y, u) on a grid as a NewtonSystem: F(u) = A u - s - B f(u).

#include <vector>

#include "antler/core/options.hpp"
#include "antler/deer/damping.hpp"
#include "antler/deer/newton.hpp"
#include "antler/deer/weights.hpp"
#include "antler/inverse/gmres.hpp"
#include "antler/inverse/transform_inverse.hpp"
#include "antler/problem/rectangle_problem.hpp"
#include "forcing_term.hpp"
#include "rectangle_points.hpp"

namespace antler::transforms {

class RectangleSystem {
 public:
  RectangleSystem(const RectangleGrid& grid, const RectangleRowFunction& f, const RectangleSides& sides, const Options& options,
                  const std::function<double(double, double)>& guess, const SourceLocation& where);

  // NewtonSystem.
  double linearize(Statistics& statistics);
  Status solve(Statistics& statistics);
  [[nodiscard]] double update_norm() const;
  void advance();

  // Of a DampedNewtonSystem. Updates are compared as the preconditioner sees them, P^{-1} F in place of F'^{-1} F.
  TrialNorms trial(double lambda, Statistics& statistics);
  void reject();

  void keep() { Kokkos::deep_copy(best_, u_); }
  void restore() { Kokkos::deep_copy(u_, best_); }

  /// Whether u is determined up to a constant only, and by how much sources and sides then do not add up.
  [[nodiscard]] bool free_constant() const { return free_constant_; }
  [[nodiscard]] double compatibility_defect() const { return free_constant_ ? defect_ : 0; }
  /// The largest defect that the error of the sums may make of a problem that has a solution.
  [[nodiscard]] double largest_compatible_defect() const;

  [[nodiscard]] RectangleSolution solution() const;
  [[nodiscard]] static std::size_t required_bytes(const RectangleGrid& grid);

 private:
  using Space = Kokkos::DefaultHostExecutionSpace;

  void evaluate();
  /// out <- s + B f - A u, from the values of the last evaluation.
  void negative_residual(double* out) const;
  void choose_shift();
  void remove_defect();

  RectangleGrid grid_;
  RectangleLaplacian laplacian_;
  TransformInverse inverse_;
  Gmres gmres_;
  const RectangleRowFunction& f_;
  RectangleSideValues values_;
  std::vector<double> x_;  // of the unknowns
  Weights<double, 1> weights_;
  double tolerance_;
  ForcingTerm forcing_;
  Status inverse_status_ = Status::converged;
  double sigma_ = 0, residual_ = 0, defect_ = 0;
  bool free_constant_ = false;
  HostField u_, best_, before_, trial_, trial_f_u_, d_, r_, f_values_, f_u_, side_terms_, product_;
};

}  // namespace antler::transforms
