// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/dynamic_solution.hpp"
#include "antler/core/rectangle_solution.hpp"
#include "antler/discretization/rectangle_laplacian.hpp"
#include "antler/problem/rectangle_problem.hpp"

namespace antler {

/// u(x, y, t) of a parabolic problem on a rectangle: how the solve ended, what it did, and the values. When the status is not
/// converged, they end where the solver came to.
class [[nodiscard]] ParabolicRectangleSolution {
 public:
  Status status = Status::maximum_iterations;
  Statistics statistics;

  ParabolicRectangleSolution(DynamicSolution solution, RectangleGrid grid, RectangleSides sides);

  /// The points of the mesh in time, or the end alone after Output::final_state.
  [[nodiscard]] std::span<const double> times() const { return solution_.times(); }
  /// u at times()[time], on all points of the grid.
  /// @throws InvalidArgument  there is no such time
  [[nodiscard]] RectangleSolution profile(Index time, const SourceLocation& where = SourceLocation::current()) const;
  /// u at any time of the interval, from the collocation polynomials.
  /// @throws InvalidArgument  as DynamicSolution::operator()
  [[nodiscard]] RectangleSolution operator()(double t, const SourceLocation& where = SourceLocation::current()) const;

  /// The unknowns, point (k, l) of the grid's axes at l * x.unknowns() + k.
  [[nodiscard]] const DynamicSolution& system() const { return solution_; }

 private:
  [[nodiscard]] RectangleSolution complete(double t, std::span<const double> state) const;

  DynamicSolution solution_;
  RectangleGrid grid_;
  RectangleSides sides_;
};

}  // namespace antler
