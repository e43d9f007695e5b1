// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// One direction of a uniform grid: its unknowns, the second difference with what holds on its two sides, and the eigenvalues of
/// that where sines, cosines or Fourier modes are its eigenvectors.
///
/// Needs the component antler::fftw.

#include "antler/core/kokkos.hpp"
#include "antler/core/require.hpp"
#include "antler/problem/grid_side.hpp"

namespace antler {

/// Points x_i = begin + i h, i = 0 .. intervals. Unknowns are the points without Dirichlet sides, and without the last one where
/// the sides are periodic.
///
/// T is the second difference of the unknowns, T u = (u_{k-1} - 2 u_k + u_{k+1}) / h^2, with zero values on the sides: a neighbour
/// beyond a Dirichlet side is 0, one beyond a Neumann side the mirror image, one beyond a Robin side the mirror image less
/// 2 h (a / b) u; neighbours beyond periodic sides come in again on the other side.
class GridAxis {
 public:
  /// @throws InvalidArgument  fewer than two intervals (three points), ends that are not finite or not in order, one periodic side
  ///                          beside another kind, a Robin side with b = 0
  GridAxis(double begin, double end, Index intervals, SideCondition first, SideCondition last,
           const SourceLocation& where = SourceLocation::current());

  [[nodiscard]] double begin() const { return begin_; }
  [[nodiscard]] double end() const { return end_; }
  [[nodiscard]] Index intervals() const { return intervals_; }
  [[nodiscard]] double spacing() const { return spacing_; }
  [[nodiscard]] const SideCondition& first() const { return first_; }
  [[nodiscard]] const SideCondition& last() const { return last_; }
  [[nodiscard]] bool periodic() const { return first_.kind == SideKind::periodic; }

  /// x_i, i = 0 .. intervals.
  [[nodiscard]] double point(Index i) const { return i == intervals_ ? end_ : begin_ + spacing_ * static_cast<double>(i); }
  /// How many unknowns there are, and which point unknown 0 is.
  [[nodiscard]] Index unknowns() const { return unknowns_; }
  [[nodiscard]] Index offset() const { return first_.kind == SideKind::dirichlet ? 1 : 0; }

  /// Row k of T: the coefficients of u_{k-1}, u_k and u_{k+1}; of k = 0 and k = unknowns - 1 on a periodic axis the neighbours are
  /// taken cyclically.
  [[nodiscard]] double lower(Index k) const;
  [[nodiscard]] double diagonal(Index k) const;
  [[nodiscard]] double upper(Index k) const;

  /// Whether a sine, cosine or Fourier transform diagonalises T: no side is a Robin side.
  [[nodiscard]] bool transformable() const { return first_.kind != SideKind::robin && last_.kind != SideKind::robin; }
  /// Eigenvalue of -T that belongs to coefficient k of LineTransform, (2 sin(theta_k / 2) / h)^2.
  [[nodiscard]] double eigenvalue(Index k) const;
  /// Whether constants are in the kernel of T: no Dirichlet side, and no Robin side with a != 0.
  [[nodiscard]] bool singular() const;
  /// The same axis with Neumann sides in place of Robin sides.
  [[nodiscard]] GridAxis without_robin() const;

 private:
  double begin_, end_, spacing_;
  Index intervals_, unknowns_;
  SideCondition first_, last_;
};

}  // namespace antler
