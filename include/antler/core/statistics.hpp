// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <iosfwd>
#include <limits>
#include <vector>

#include "antler/core/kokkos.hpp"

namespace antler {

/// What a solve did. Norms are weighted: 1 is the tolerance. Counts are of points, so that they compare with a sequential method's.
struct Statistics {
  Index steps = 0;                       ///< steps of the final mesh, or terms of the recurrence
  Index meshes = 0;                      ///< meshes that were solved on, 1 when the mesh is fixed
  Index windows = 0;                     ///< Newton solves on a part of the trajectory, 1 when the whole converged at once
  Index predictor_steps = 0;             ///< steps of the sequential predictor that gave mesh and guess
  Index rejected_steps = 0;              ///< steps of adaptive windows that were computed and not accepted
  Index sequential_steps = 0;            ///< accepted steps of the sequential method, where windows did not converge
  Index joined_stretches = 0;            ///< stretches walked apart from each other that became part of the trajectory
  Index damped_windows = 0;              ///< windows of a recurrence that were iterated with bounded Jacobians
  Index newton_steps = 0;                ///< Newton iterations summed over the steps of adaptive windows
  Index iterations = 0;                  ///< Newton iterations, of all meshes
  std::vector<double> residual_history;  ///< weighted norm of the residual at each iterate
  std::vector<double> update_history;    ///< weighted norm of each Newton update
  std::vector<double> damping_history;   ///< lambda of each Levenberg-Marquardt step, 0 where it was Newton's
  Index rejected_updates = 0;            ///< Levenberg-Marquardt steps that were taken back
  Index function_evaluations = 0;        ///< f at one point, those of predictor and error estimate included
  Index jacobian_evaluations = 0;        ///< df/dy at one point
  Index factorisations = 0;              ///< LU factorisations of one step's matrix
  Index krylov_products = 0;             ///< products with the linearised operator in Krylov iterations
  Index root_evaluations = 0;            ///< root functions of events, each at one point
  Index bound_rejections = 0;            ///< steps not accepted because they left the bounds
  double evaluation_seconds = 0;         ///< f and its Jacobian
  double assembly_seconds = 0;           ///< the linearised system: exponentials, affine maps, residual norms
  double inverse_seconds = 0;            ///< the inverse operator (scan)
  double total_seconds = 0;              ///< the whole solve
  std::size_t peak_bytes = 0;            ///< largest memory held in arrays at one time
  /// Of a recurrence, the largest Lyapunov exponent per step (natural logarithm), an estimate along the trajectory: negative where
  /// perturbations decay, and all steps can be solved at once; NaN where it was not computed.
  double lyapunov_exponent = std::numeric_limits<double>::quiet_NaN();
  Index first_failure = -1;  ///< index of the first point at which f was not finite, -1 when there was none
};

/// Adds the work of a further solve: counts, times and histories add up, peak_bytes is the larger, steps, lyapunov_exponent and
/// first_failure the later.
Statistics& operator+=(Statistics& total, const Statistics& further);

/// Prints every count and time on a line of its own, as PrintAllStats of SUNDIALS does, and what they come to per step.
std::ostream& operator<<(std::ostream& out, const Statistics& statistics);

}  // namespace antler
