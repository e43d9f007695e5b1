// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The space-time solver: u_t - kappa Laplace(u) + sigma u = g at all times at once, directly. Sine, cosine or Fourier transforms
/// diagonalise the operator in space; what is left of a step for a coefficient with eigenvalue lambda is, with z = h (lambda +
/// sigma) and W(z) = (A^{-1} + z)^{-1},
///
///     U = W A^{-1} 1 u_{i-1} + h W g,   u_i = U_s:
///
/// an affine recurrence per coefficient.
///
///   1. transform all times of g, and the initial values
///   2. write the recurrences of eight coefficients as DiagonalMaps, and solve them by the library's inverse operators: by the
///   sweep,
///      different coefficients on different threads; by the scan, where there are fewer of them than threads
///   3. the stages of all steps from the states before them; transform back
///
/// Needs the component antler::fftw.

#include <memory>
#include <vector>

#include "antler/core/status.hpp"
#include "antler/deer/heat_system.hpp"
#include "antler/discretization/grid_axis.hpp"

namespace antler {

/// Solves a HeatSystem on a grid of one or two directions by Radau IIA with 1, 2 or 3 stages.
///
/// @note Work O(N s m log m) for N steps of s stages and m unknowns; depth O(log m + N) with as many threads as coefficients, O(log
/// m
/// + log N) with more.
class SpaceTimeInverse {
 public:
  /// @param axes   of a grid on an interval or a rectangle, x first
  /// @param steps  N
  /// @throws InvalidArgument  neither one nor two axes, a Robin side, kappa that is not positive, stages other than 1, 2, 3
  SpaceTimeInverse(std::vector<GridAxis> axes, double kappa, int stages, Index steps,
                   const SourceLocation& where = SourceLocation::current());
  SpaceTimeInverse(SpaceTimeInverse&&) noexcept;
  SpaceTimeInverse& operator=(SpaceTimeInverse&&) noexcept;
  ~SpaceTimeInverse();

  /// @param solution  out, the stages of all steps, shape (N s m, 1); may be system.g
  /// @return          Status::singular where a step amplifies without bound: h (lambda + sigma) is minus an eigenvalue of A^{-1}
  /// @throws InvalidArgument  extents that differ from the plan's
  Status apply(const Kokkos::DefaultHostExecutionSpace& space, const HeatSystem& system, const HostField& solution);

 private:
  class Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace antler
