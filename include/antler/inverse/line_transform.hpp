// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Sine, cosine and Fourier transforms of many lines at once, in place: the eigenvectors of GridAxis' second difference.
///
/// Needs the component antler::fftw.

#include <memory>

#include "antler/discretization/grid_axis.hpp"

namespace antler {

/// Where the lines lie: line l of slice s begins at l * distance + s * slice_distance, and its neighbours are `stride` apart.
struct LineLayout {
  Index stride = 1;
  Index lines = 1, distance = 0;
  Index slices = 1, slice_distance = 0;
};

/// The transform that diagonalises -T of an axis, for all lines of an array at once [FrigoJohnson2005]:
///
///     Dirichlet, Dirichlet     sin(pi (k + 1) i / n)          DST-I
///     Neumann, Neumann         cos(pi k i / n)                DCT-I
///     one of each              sin or cos(pi (k + 1/2) i / n)  DST-II, DCT-II and their inverses
///     periodic                 Fourier modes, half-complex
///
/// inverse(forward(u)) is u / scale(): who divides by eigenvalues multiplies by scale() on the way.
///
/// @note O(m log m) per line of m unknowns; fastest when the number of intervals is a product of small primes. On the host only,
/// lines shared by the threads of its execution space. A plan may be used by several threads at once.
class LineTransform {
 public:
  /// @throws InvalidArgument  a Robin side
  LineTransform(const GridAxis& axis, const LineLayout& layout, const SourceLocation& where = SourceLocation::current());
  LineTransform(LineTransform&&) noexcept;
  LineTransform& operator=(LineTransform&&) noexcept;
  ~LineTransform();

  /// Values at the unknowns -> coefficients, in place.
  void forward(double* values) const;
  /// Coefficients -> values, in place.
  void inverse(double* coefficients) const;
  [[nodiscard]] double scale() const;

 private:
  class Plans;
  std::unique_ptr<Plans> plans_;
};

}  // namespace antler
