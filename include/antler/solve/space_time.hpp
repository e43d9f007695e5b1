// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Parabolic problems with constant kappa, all times at once: Newton's method over the whole trajectory, with a Krylov iteration
/// that the space-time solver preconditions.
///
/// Needs the component antler::fftw.

#include <functional>
#include <memory>
#include <vector>

#include "antler/core/options.hpp"
#include "antler/mesh/mesh.hpp"
#include "antler/problem/parabolic_rectangle_problem.hpp"
#include "antler/solve/parabolic.hpp"
#include "antler/solve/parabolic_rectangle_solution.hpp"
#include "antler/solve/rectangle.hpp"

namespace antler {

/// The method: Radau IIA with `stages` stages, 1, 2 or 3, of order 2 stages - 1 in time, on a mesh of yours; of order 2 in space.
struct SpaceTime {
  int stages = 3;    // what RadauIIA<3> is to ordinary differential equations
  Index window = 0;  ///< steps that are solved at once, at most; 0: all of them, as far as a quarter of a gigabyte of memory goes
};

namespace transforms {

/// What the solver has to know of a problem on a grid: unknowns in the order of the axes, x first.
struct SpaceTimeEquation {
  std::vector<GridAxis> axes;
  double kappa;
  std::function<void(double t, const double* u, double* f, double* f_u)> reaction = {};
  std::function<void(double t, double* s)> side_terms = {};  ///< what the sides add to kappa Laplace(u)
  std::vector<double> initial = {};
  std::vector<Index> place = {};  ///< of an unknown in the solution's states; empty: the same
};

/// The solve behind solve(): compiled into antler::fftw.
DynamicSolution solve_space_time(const SpaceTimeEquation& equation, const SpaceTime& method, const Mesh& mesh,
                                 const Options& options, const SourceLocation& where);

/// Throws InvalidArgument unless the mesh goes from t0 to t1, forwards.
void require_mesh(const Mesh& mesh, double t0, double t1, const SourceLocation& where);

/// The equation of a rectangle, all but its reaction.
SpaceTimeEquation rectangle_equation(const RectangleGrid& grid, double kappa, const RectangleSides& sides,
                                     const std::function<double(double, double)>& initial, const SourceLocation& where);

/// The equation of an interval, all but its reaction.
struct IntervalSide {
  SideCondition condition;
  std::function<double(double t)> value;  ///< u or du/dn
};
SpaceTimeEquation interval_equation(double a, double b, Index intervals, double kappa, const IntervalSide& left,
                                    const IntervalSide& right, const SourceLocation& where);

}  // namespace transforms

inline namespace ANTLER_LANES {

namespace detail {

/// A side that is not periodic, in the terms of a grid. @throws InvalidArgument  a Robin side
inline transforms::IntervalSide interval_side(const ParabolicSide<1>& side, const SourceLocation& where) {
  if (side.is_periodic()) return {{SideKind::periodic}, {}};
  const double robin = side.robin(0), slope = side.slope(0);
  require(robin == 0 || slope == 0,
          "SpaceTime{} needs sides whose eigenvectors are sines and cosines: Dirichlet, Neumann or Periodic. With Robin sides "
          "leave the method away: solve(problem, points, options)",
          where);
  const SideKind kind = slope == 0 ? SideKind::dirichlet : SideKind::neumann;
  return {{kind}, [side, factor = slope == 0 ? robin : slope](double t) { return side.value(t)[0] / factor; }};
}

}  // namespace detail

/// Solves a parabolic problem in one dimension on all steps of a mesh at once.
///
/// The collocated equation of a window of steps, L U = f(U) with L = d/dt - kappa d^2/dx^2, is solved by newton(): each update by
/// GMRES for (1 - P^{-1} (f_u + sigma_i)) d = P^{-1} f - U, where P = L + sigma_i with sigma_i the mean of -f_u over a step, is
/// inverted directly by SpaceTimeInverse. Linear problems whose coefficient of u does not depend on x take one product. Where the
/// iteration does not converge over a window the window is cut to a quarter; it grows again as it goes.
///
///     const auto solution = antler::solve(problem, antler::SpaceTime{}, antler::Mesh::uniform(0, 1, 100), 257);
///
/// @param mesh     from problem.t0 to problem.t1; the error in time is its affair
/// @param grid     a number of points, or UniformGrid of order 2; transforms are fastest for 2^k + 1 points (2^k on a ring)
/// @param options  rtol, atol, newton_tolerance, maximum_iterations: when the iteration ends; memory_cap; Output::final_state
/// @throws InvalidArgument  kappa that depends on x or is not positive, Robin sides, fewer than three points, order 4, a mesh with
///                          other ends, unusable options, Kokkos not running
/// @note On the host, all threads. One equation, f(x, t, u).
template <class F>
ParabolicSolution solve(const ParabolicProblem<F>& problem, const SpaceTime& method, const Mesh& mesh, const UniformGrid& grid,
                        const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  static_assert(
      ParabolicProblem<F>::size == 1 && !detail::depends_on_slope<F>,
      "antler::solve: SpaceTime serves one equation u_t = kappa u_xx + f(x, t, u); for systems and for f of u_x leave the "
      "method away");
  require_kokkos(where);
  require_valid(problem, where);
  require(grid.order == 2, "SpaceTime{} is of order 2 in space: UniformGrid{.points = N}", where);
  require(problem.kappa.is_constant(), "SpaceTime{} needs a constant kappa; for kappa(x) leave the method away", where);
  transforms::require_mesh(mesh, problem.t0, problem.t1, where);
  const double kappa = problem.kappa(problem.a)[0];
  const auto left = detail::interval_side(problem.left, where), right = detail::interval_side(problem.right, where);
  const auto lines = std::make_shared<const MethodOfLines>(detail::describe(problem), grid, where);
  const Index intervals = left.condition.kind == SideKind::periodic ? grid.points : grid.points - 1;
  transforms::SpaceTimeEquation equation =
      transforms::interval_equation(problem.a, problem.b, intervals, kappa, left, right, where);
  const GridAxis& axis = equation.axes[0];
  std::vector<double> x;
  for (Index k = 0; k < axis.unknowns(); ++k) {
    x.push_back(axis.point(k + axis.offset()));
    equation.initial.push_back(problem.initial(x.back())[0]);
    equation.place.push_back(lines->unknown(static_cast<int>(k + axis.offset()), 0));
  }
  equation.reaction = [&f = problem.f, x](double t, const double* u, double* value, double* slope) {
    using D = Dual<double, 1>;
    for (std::size_t k = 0; k < x.size(); ++k) {
      const D result = f(D(x[k]), D(t), D::variable(u[k], 0));
      value[k] = result.value;
      slope[k] = result.derivative[0];
    }
  };
  return {transforms::solve_space_time(equation, method, mesh, options, where), lines};
}

template <class F>
ParabolicSolution solve(const ParabolicProblem<F>& problem, const SpaceTime& method, const Mesh& mesh, int points,
                        const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, method, mesh, UniformGrid{points}, options, where);
}

/// The same on a rectangle; `grid` as for a RectangleProblem, of order 2.
/// @throws InvalidArgument  as above; an initial value that is not finite
template <class F>
ParabolicRectangleSolution solve(const ParabolicRectangleProblem<F>& problem, const SpaceTime& method, const Mesh& mesh,
                                 const Grid& grid, const Options& options = {},
                                 const SourceLocation& where = SourceLocation::current()) {
  require_kokkos(where);
  transforms::require_mesh(mesh, problem.t0, problem.t1, where);
  require(grid.order == 2, "SpaceTime{} is of order 2 in space", where);
  const RectangleGrid discrete = transforms::rectangle_grid(problem.domain, problem.sides, grid, where);
  transforms::SpaceTimeEquation equation =
      transforms::rectangle_equation(discrete, problem.kappa, problem.sides, problem.initial, where);
  equation.reaction = [&f = problem.f, &discrete](double t, const double* u, double* value, double* slope) {
    using D = Dual<double, 1>;
    const Index mx = discrete.x.unknowns();
    for (Index l = 0; l < discrete.y.unknowns(); ++l) {
      const double y = discrete.y.point(l + discrete.y.offset());
      for (Index k = 0; k < mx; ++k) {
        const D result = f(discrete.x.point(k + discrete.x.offset()), y, t, D::variable(u[l * mx + k], 0));
        value[l * mx + k] = result.value;
        slope[l * mx + k] = result.derivative[0];
      }
    }
  };
  return {transforms::solve_space_time(equation, method, mesh, options, where), discrete, problem.sides};
}

}  // namespace ANTLER_LANES

}  // namespace antler
