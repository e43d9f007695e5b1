// SPDX-License-Identifier: BSD-3-Clause
#include "rectangle_points.hpp"

namespace antler::transforms {

namespace {

/// The values that Dirichlet sides of one direction give to point i: their sum and number.
struct Given {
  double sum = 0;
  int count = 0;

  void add(const GridAxis& axis, Index i, const std::vector<double>& first, const std::vector<double>& last, Index along) {
    const bool at_first = i == 0 && axis.first().kind == SideKind::dirichlet;
    const bool at_last = i == axis.intervals() && axis.last().kind == SideKind::dirichlet;
    if (!at_first && !at_last) return;
    sum += (at_first ? first : last)[static_cast<std::size_t>(along)];
    ++count;
  }
};

std::vector<double> points(const GridAxis& axis) {
  std::vector<double> all;
  for (Index i = 0; i <= axis.intervals(); ++i) all.push_back(axis.point(i));
  return all;
}

}  // namespace

RectangleSideValues side_values(const RectangleGrid& grid, const RectangleSides& sides, double t) {
  const auto along = [t](const GridAxis& axis, const GridSide& side) {
    std::vector<double> values;
    for (Index i = 0; i <= axis.intervals(); ++i) values.push_back(side.value(axis.point(i), t));
    return values;
  };
  return {along(grid.y, sides.left), along(grid.y, sides.right), along(grid.x, sides.bottom), along(grid.x, sides.top)};
}

RectangleSolution with_sides(const RectangleGrid& grid, const RectangleSideValues& values, const double* unknowns) {
  const GridAxis &x = grid.x, &y = grid.y;
  std::vector<double> u;
  for (Index j = 0; j <= y.intervals(); ++j)
    for (Index i = 0; i <= x.intervals(); ++i) {
      Given given;
      given.add(x, i, values.left, values.right, j);
      given.add(y, j, values.bottom, values.top, i);
      const Index k = x.periodic() ? i % x.intervals() : i - x.offset(), l = y.periodic() ? j % y.intervals() : j - y.offset();
      u.push_back(given.count > 0 ? given.sum / given.count : unknowns[l * x.unknowns() + k]);
    }
  return {points(x), points(y), std::move(u)};
}

}  // namespace antler::transforms
