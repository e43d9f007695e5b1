// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// -Laplace(u) = f(x, y, u) on rectangles, by Newton's method with a Krylov iteration that the fast Poisson solver preconditions.
///
/// Needs the component antler::fftw.

#include <functional>

#include "antler/core/options.hpp"
#include "antler/core/rectangle_solution.hpp"
#include "antler/discretization/rectangle_laplacian.hpp"
#include "antler/problem/rectangle_problem.hpp"

namespace antler {

/// The grid of a rectangle: intervals in each direction, and the order of the formula, 2 or 4.
struct Grid {
  Index x, y;
  int order = 2;  // what every textbook expects; 4 costs a third more per iteration, and its error falls sixteenfold per halving
};

/// u to start from, at the points of the grid.
using RectangleGuess = std::function<double(double x, double y)>;

namespace transforms {

/// The grid in terms of its axes.
RectangleGrid rectangle_grid(const Rectangle& domain, const RectangleSides& sides, const Grid& grid, const SourceLocation& where);

/// The solve behind solve(): compiled into antler::fftw.
RectangleSolution solve_rectangle(const RectangleRowFunction& f, const Rectangle& domain, const RectangleSides& sides,
                                  const Grid& grid, const Options& options, const RectangleGuess& guess,
                                  const SourceLocation& where);

}  // namespace transforms

inline namespace ANTLER_LANES {

/// Solves the problem on a uniform grid.
///
/// Each Newton step solves (-Laplace - f_u) d = -F(u) by GMRES, preconditioned by the direct inverse of (-Laplace + sigma), sigma
/// the mean of -f_u; to a relative accuracy that follows the residual (Eisenstat and Walker), which is measured behind the
/// preconditioner, in units of u. Where f_u is constant the preconditioner is the inverse, and nothing is iterated.
///
///     const auto solution = antler::solve(problem, {.x = 512, .y = 512, .order = 4});
///
/// Where constants solve the homogeneous problem (Neumann and periodic sides, f independent of u) the solution has the mean of the
/// guess. With sources and fluxes that do not add up there is none: Status::singular, and RectangleSolution::compatibility_defect.
///
/// @param options  rtol and atol (one value) are of the norm in which residual and update are measured, the largest over the
/// points;
///                 newton_tolerance, maximum_iterations, memory_cap
/// @param guess    u(x, y) to start from, another RectangleSolution for one; without: the mean of the Dirichlet values
/// @return         u on all points; Status::singular when the Krylov iteration makes no progress
/// @throws InvalidArgument  fewer than two intervals (three points) in a direction, four at order 4; another order; a rectangle
///                          without extent; one periodic side beside another kind; unusable options; Kokkos not running
/// @note O(N log N) per Krylov product for N unknowns; holds about forty vectors. On the host, all threads.
template <class F>
RectangleSolution solve(const RectangleProblem<F>& problem, const Grid& grid, const Options& options = {},
                        const RectangleGuess& guess = {}, const SourceLocation& where = SourceLocation::current()) {
  return transforms::solve_rectangle(detail::row_function(problem.f), problem.domain, problem.sides, grid, options, guess, where);
}

}  // namespace ANTLER_LANES

}  // namespace antler
