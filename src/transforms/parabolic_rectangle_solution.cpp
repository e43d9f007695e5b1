// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/parabolic_rectangle_solution.hpp"

#include <utility>

#include "rectangle_points.hpp"

namespace antler {

ParabolicRectangleSolution::ParabolicRectangleSolution(DynamicSolution solution, RectangleGrid grid, RectangleSides sides)
    : status(solution.status),
      statistics(solution.statistics),
      solution_(std::move(solution)),
      grid_(std::move(grid)),
      sides_(std::move(sides)) {}

RectangleSolution ParabolicRectangleSolution::complete(double t, std::span<const double> state) const {
  RectangleSolution all = transforms::with_sides(grid_, transforms::side_values(grid_, sides_, t), state.data());
  all.status = status;
  return all;
}

RectangleSolution ParabolicRectangleSolution::profile(Index time, const SourceLocation& where) const {
  const auto state = solution_.state(time, where);
  return complete(solution_.times()[static_cast<std::size_t>(time)], state);
}

RectangleSolution ParabolicRectangleSolution::operator()(double t, const SourceLocation& where) const {
  return complete(t, solution_(t, where));
}

}  // namespace antler
