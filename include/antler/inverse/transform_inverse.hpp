// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The fast Poisson solver: (A + sigma B) d = r on a rectangle, directly, by a sine, cosine or Fourier transform along one
/// direction and a tridiagonal system per coefficient along the other [Hockney1965; BuzbeeGolubNielson1970].
///
///   1. r <- transform of r along the lines of one direction
///   2. for each coefficient, with eigenvalue lambda: (A_lambda + sigma B_lambda) d = r along the other direction, eliminated in
///   the
///      order of the grid, from factors that are kept; divided by the sum of both eigenvalues where both directions are periodic
///   3. d <- inverse transform
///
/// Needs the component antler::fftw.

#include <memory>

#include "antler/core/status.hpp"
#include "antler/deer/helmholtz_system.hpp"
#include "antler/discretization/rectangle_laplacian.hpp"

namespace antler {

/// Solves (A + sigma B) d = r for the A and B of RectangleLaplacian. One direction may have Robin sides. With Robin sides in both
/// it solves with Neumann sides in place of those of the x-axis: close, for a Krylov iteration. B on free sides is that of the
/// mirror image, which differs from RectangleLaplacian's there; at sigma = 0 it is not used.
///
/// @note O(N log N) for N unknowns: about 12 ns per unknown with 512 x 512 on one core. Factors and transforms are kept; sigma
/// changes them.
class TransformInverse {
 public:
  explicit TransformInverse(const RectangleGrid& grid, const SourceLocation& where = SourceLocation::current());
  TransformInverse(TransformInverse&&) noexcept;
  TransformInverse& operator=(TransformInverse&&) noexcept;
  ~TransformInverse();

  /// Solves the system. At sigma = 0 on a grid where constants are in the kernel, the solution with mean zero (in the weights of
  /// RectangleLaplacian) of the system that r less its mean gives.
  /// @param solution  out, shape (N, 1); may be system.r
  /// @return          Status::singular when a pivot vanishes: -sigma is an eigenvalue, or nearly
  /// @throws InvalidArgument  the extents of system.r or solution differ from the grid's
  Status apply(const Kokkos::DefaultHostExecutionSpace& space, const HelmholtzSystem& system, const HostField& solution);

  /// The same in two parts: factors for sigma, then d <- (A + sigma B)^{-1} d in place.
  Status factor(double sigma);
  void solve(double* d) const;

  /// Bytes that it holds.
  [[nodiscard]] std::size_t required_bytes() const;

 private:
  class Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace antler
