// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Elliptic problems in one dimension: L u = -(kappa u')', s = 0, the inverse block tridiagonal.

#include <concepts>

#include "antler/deer/deer.hpp"
#include "antler/deer/shifters.hpp"
#include "antler/discretization/elliptic_operator.hpp"
#include "antler/inverse/block_cyclic_reduction.hpp"
#include "antler/problem/elliptic_problem.hpp"
#include "antler/solve/elliptic_solution.hpp"
#include "antler/solve/trajectory_copy.hpp"

namespace antler::inline ANTLER_LANES {

/// Three-point equations on a uniform grid, of order 4 (compact) or 2; kappa and the solution are to be as smooth as that.
/// @tparam Inverse  BlockCyclicReduction or BlockThomas
template <int order = 4, class Inverse = BlockCyclicReduction>
struct ThreePoint {
  static_assert(order == 2 || order == 4, "antler::ThreePoint: the order is 2 or 4");
  Inverse inverse{};
};

namespace detail {

/// f(x, u) of a problem as the f(i, u_i) of the framework, with its Jacobian.
template <class F, class T>
struct AtGridPoints {
  F f;
  double a, step;

  template <class U, int n>
  KOKKOS_INLINE_FUNCTION Linearization<U, n, 1> linearize(Index i, const Vector<U, n>& u) const {
    using D = Dual<U, n>;
    Vector<D, n> seeded;
    for (int c = 0; c < n; ++c) seeded[c] = D::variable(u[c], c);
    const Vector<D, n> result = source_at(f, static_cast<T>(a + static_cast<double>(i) * step), seeded);
    Linearization<U, n, 1> point;
    for (int r = 0; r < n; ++r) {
      point.f[r] = result[r].value;
      for (int c = 0; c < n; ++c) point.jacobian[0](r, c) = result[r].derivative[c];
    }
    return point;
  }
};

template <class F, class Left, class Right, class Kappa>
EllipticGrid grid_of(const EllipticProblem<F, Left, Right, Kappa>& problem, Index points) {
  return {problem.a, problem.b, points, problem.periodic};
}

/// The operator of a problem on a grid.
template <class T, class ExecutionSpace, class F, class Left, class Right, class Kappa>
auto elliptic_operator(const EllipticProblem<F, Left, Right, Kappa>& problem, Index points, int order,
                       const SourceLocation& where) {
  constexpr int n = EllipticProblem<F, Left, Right, Kappa>::size;
  const auto row_of = [](const auto& side) {
    return [&side](int c, double& a, double& b, double& value) {
      const SideRow row = side_row(side, c);
      a = row.a;
      b = row.b;
      value = row.value;
    };
  };
  const std::vector<EllipticRow> rows = elliptic_rows(
      grid_of(problem, points), n, order, [&](double x, int c) { return component(problem.kappa(x), c); },
      {row_of(problem.left), row_of(problem.right)}, where);
  return EllipticOperator<T, n, ExecutionSpace>(rows, problem.periodic ? Ends::periodic : Ends::open);
}

/// The value of a guess at x: a number, or a Vector.
template <class T, int n, class Guess>
Vector<T, n> guess_at(const Guess& guess, double x) {
  const auto value = guess(x);
  Vector<T, n> u;
  for (int c = 0; c < n; ++c) u[c] = static_cast<T>(component(value, c));
  return u;
}

/// The straight line between what the sides prescribe; a side that prescribes no value continues the other, or zero.
template <int n, class Left, class Right>
struct LineBetweenSides {
  const Left& left;
  const Right& right;
  double a, b;

  Vector<double, n> operator()(double x) const {
    Vector<double, n> u;
    for (int c = 0; c < n; ++c) {
      const SideRow from = side_row(left, c), to = side_row(right, c);
      const double first = from.b == 0 && from.a != 0 ? from.value / from.a : to.b == 0 && to.a != 0 ? to.value / to.a : 0;
      const double last = to.b == 0 && to.a != 0 ? to.value / to.a : first;
      u[c] = first + (last - first) * ((x - a) / (b - a));
    }
    return u;
  }
};

}  // namespace detail

/// Solves -(kappa u')' = f(x, u) on a uniform grid by Newton's method on all points.
///
/// @param points   of the grid, 3 at least; both ends belong to it, with Periodic sides the left one
/// @param guess    `guess(x)` is a number or a Vector; another EllipticSolution serves
/// @param options  rtol, atol weigh the norm in which the iteration ends, they do not bound the discretisation's error;
///                 maximum_iterations, memory_cap
/// @return         status singular where the problem has no unique solution, as with Neumann sides and an f without u
/// @tparam T       float or double
/// @throws InvalidArgument  fewer than 3 points, a coefficient that is not positive (the message says where), Robin with a = b = 0,
///                          a guess that is not finite, unusable options, Kokkos not running
/// @note Per iteration 10 N n (n + 1) flops of f's and what BlockCyclicReductionPlan::apply says.
template <class T = double, class F, class Left, class Right, class Kappa, int order, class Inverse, class Guess>
  requires std::invocable<const Guess&, double> EllipticSolution < T, detail::components_of<F>()
> solve(const EllipticProblem<F, Left, Right, Kappa>& problem, const ThreePoint<order, Inverse>& method, Index points,
        const Guess& guess, const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  constexpr int n = detail::components_of<F>();
  using Space = Kokkos::DefaultExecutionSpace;
  using Operator = EllipticOperator<T, n, Space>;
  using Function = detail::AtGridPoints<F, T>;
  using Plan = decltype(method.inverse.template plan<T, n>(Space(), points));
  require_kokkos(where);
  require_valid(options, n, where);
  require_no_march_options(options, "an EllipticProblem", where);
  const Stopwatch total;
  const Space space;
  const EllipticGrid grid = detail::grid_of(problem, points);
  if (points >= 3) require_memory(options, required_bytes<T, n, Operator, Function, Unshifted, Plan, Space>(points), where);
  Operator linear_operator = detail::elliptic_operator<T, Space>(problem, points, order, where);

  std::vector<double> x(static_cast<std::size_t>(points));
  std::vector<Vector<T, n>> u(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = grid.x(static_cast<Index>(i));
    u[i] = detail::guess_at<T, n>(guess, x[i]);
  }
  detail::require_finite<T, n>(u, where);
  const auto states = allocate<Trajectory<T, n, Space>>("antler::elliptic::u", points);
  detail::copy_in<T, n, Space>(u, states);

  auto inverse = method.inverse.template plan<T, n>(space, points, problem.periodic ? Ends::periodic : Ends::open);
  Statistics statistics;
  const Status status = deer_in_place<T, n>(space, linear_operator, Function{problem.f, grid.a, grid.step()}, Unshifted{}, inverse,
                                            states, options, statistics, where);
  detail::copy_out<T, n, Space>(states, u);
  statistics.meshes = 1;
  statistics.total_seconds = total.seconds();
  return {status, std::move(statistics), std::move(x), std::move(u), problem.periodic ? problem.b - problem.a : 0.0};
}

/// The same from the straight line between the values on the sides, zero where they prescribe none.
template <class T = double, class F, class Left, class Right, class Kappa, int order, class Inverse>
EllipticSolution<T, detail::components_of<F>()> solve(const EllipticProblem<F, Left, Right, Kappa>& problem,
                                                      const ThreePoint<order, Inverse>& method, Index points,
                                                      const Options& options = {},
                                                      const SourceLocation& where = SourceLocation::current()) {
  const detail::LineBetweenSides<detail::components_of<F>(), Left, Right> line{problem.left, problem.right, problem.a, problem.b};
  return solve<T>(problem, method, points, line, options, where);
}

/// The same by the default method, of order 4.
template <class T = double, class F, class Left, class Right, class Kappa>
EllipticSolution<T, detail::components_of<F>()> solve(const EllipticProblem<F, Left, Right, Kappa>& problem, Index points,
                                                      const Options& options = {},
                                                      const SourceLocation& where = SourceLocation::current()) {
  return solve<T>(problem, ThreePoint<4>{}, points, options, where);
}

}  // namespace antler::inline ANTLER_LANES
