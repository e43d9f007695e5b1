// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// -Laplace(u) = f on a rectangle by finite differences on a uniform grid, as A u - s = B f.
///
///   order 2   the five-point formula: A = -(T_x + T_y), B = 1
///   order 4   the compact nine-point formula (Mehrstellenverfahren) [Collatz1960, app. VI]: A = -(T_x + T_y + c T_x T_y),
///             c = (h_x^2 + h_y^2) / 12, B = 1 + (h_x^2 T_x + h_y^2 T_y) / 12
///
/// T is the second difference of GridAxis; s holds the values on the sides. Free sides (Neumann, Robin) of the nine-point formula:
/// the neighbour beyond a side, at distance h, is the mirror image plus 2 h q - (h^3 / 3) u_nnn (n inward, q = du/dn outward),
/// where the equation itself gives u_nnn = q_tt - f_n, and f_n is the one-sided difference (-3 f_0 + 4 f_1 - f_2) / (2 h). So row 0
/// of B becomes 1 + (-5, 6, -1) / 12, and a Robin side adds (h a / 3 b) T_t u to its row of A.
///
/// Needs the component antler::fftw.

#include <vector>

#include "antler/discretization/grid_axis.hpp"

namespace antler {

/// Both directions of a grid on a rectangle and the order of the formula. Unknown (k, l) of axes x and y stands at l * x.unknowns()
/// + k.
struct RectangleGrid {
  GridAxis x, y;
  int order = 2;

  [[nodiscard]] Index unknowns() const { return x.unknowns() * y.unknowns(); }
  /// c of the nine-point formula, 0 of the five-point formula.
  [[nodiscard]] double cross() const { return order == 2 ? 0 : (x.spacing() * x.spacing() + y.spacing() * y.spacing()) / 12; }
  /// Whether A has the constants in its kernel.
  [[nodiscard]] bool singular() const { return x.singular() && y.singular(); }
};

/// What is known on the four sides: u of a Dirichlet side, du/dn of a Neumann side, a u + b du/dn of a Robin side. Left and right
/// have a value per point of the y-axis, bottom and top per point of the x-axis; those of periodic sides are not looked at.
struct RectangleSideValues {
  std::vector<double> left, right, bottom, top;
};

/// A, B and s of a grid.
class RectangleLaplacian {
 public:
  /// @throws InvalidArgument  an order other than 2 or 4; fewer than four intervals at order 4
  explicit RectangleLaplacian(const RectangleGrid& grid, const SourceLocation& where = SourceLocation::current());

  [[nodiscard]] const RectangleGrid& grid() const { return grid_; }

  /// out <- A u, O(unknowns).
  void apply(const double* u, double* out) const;
  /// out <- out - B f.
  void subtract_average(const double* f, double* out) const;
  /// out <- A u - B (f_u u): the product with the Jacobian of A u - B f(u); `product` is overwritten with f_u u.
  void apply_jacobian(const double* f_u, const double* u, double* product, double* out) const;

  /// out <- s, the values on the sides.
  void side_terms(const RectangleSideValues& values, double* out) const;
  /// out <- out + what B takes from f on Dirichlet sides (order 4); of a point on the side at (x, y) it asks f(x, y, u).
  template <class F>
  void add_side_average(const RectangleSideValues& values, const F& f, double* out) const;

  /// The weight of unknown (k, l) in the sum that A maps to zero on singular grids: 1, 1/2 on a free side, 1/4 on a corner of two.
  [[nodiscard]] double weight(Index k, Index l) const;

 private:
  RectangleGrid grid_;
};

template <class F>
void RectangleLaplacian::add_side_average(const RectangleSideValues& values, const F& f, double* out) const {
  if (grid_.order == 2) return;
  const GridAxis &x = grid_.x, &y = grid_.y;
  const Index mx = x.unknowns(), my = y.unknowns();
  const auto at = [](const std::vector<double>& side, Index i) { return side[static_cast<std::size_t>(i)]; };
  for (Index l = 0; l < my; ++l) {
    const Index j = l + y.offset();
    if (x.first().kind == SideKind::dirichlet) out[l * mx] += f(x.begin(), y.point(j), at(values.left, j)) / 12;
    if (x.last().kind == SideKind::dirichlet) out[l * mx + mx - 1] += f(x.end(), y.point(j), at(values.right, j)) / 12;
  }
  for (Index k = 0; k < mx; ++k) {
    const Index i = k + x.offset();
    if (y.first().kind == SideKind::dirichlet) out[k] += f(x.point(i), y.begin(), at(values.bottom, i)) / 12;
    if (y.last().kind == SideKind::dirichlet) out[(my - 1) * mx + k] += f(x.point(i), y.end(), at(values.top, i)) / 12;
  }
}

}  // namespace antler
