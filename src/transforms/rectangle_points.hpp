// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/rectangle_solution.hpp"
#include "antler/discretization/rectangle_laplacian.hpp"
#include "antler/problem/rectangle_problem.hpp"

namespace antler::transforms {

/// The values of the sides at time t, at all points of the axes.
RectangleSideValues side_values(const RectangleGrid& grid, const RectangleSides& sides, double t = 0);

/// u at all points: the unknowns, and the sides, with Dirichlet values or the continuation. A corner of two Dirichlet sides has the
/// mean of both.
RectangleSolution with_sides(const RectangleGrid& grid, const RectangleSideValues& values, const double* unknowns);

}  // namespace antler::transforms
