// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "antler/core/options.hpp"
#include "antler/discretization/method_of_lines.hpp"
#include "antler/discretization/parabolic_rates.hpp"
#include "antler/problem/parabolic_problem.hpp"
#include "antler/solve/callback.hpp"
#include "antler/solve/parabolic_solution.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// One value per component of the equation becomes one per unknown; one for all stays as it is.
/// @throws InvalidArgument  neither one value nor m
[[nodiscard]] inline std::vector<double> per_unknown(const std::vector<double>& values, const MethodOfLines& lines,
                                                     const char* name, const SourceLocation& where) {
  if (values.size() <= 1) return values;
  require(values.size() == static_cast<std::size_t>(lines.components()),
          std::string("Options::") + name + " has " + std::to_string(values.size()) + " values for " +
              std::to_string(lines.components()) + " components: give one for all, or one per component of u",
          where);
  std::vector<double> all(static_cast<std::size_t>(lines.unknowns()));
  for (int i = 0; i < lines.points(); ++i)
    for (int c = 0; c < lines.components(); ++c)
      if (lines.unknown(i, c) >= 0) all[static_cast<std::size_t>(lines.unknown(i, c))] = values[static_cast<std::size_t>(c)];
  return all;
}

/// The system of ordinary differential equations that a parabolic problem is on a grid.
/// @param problem  to be kept alive
template <class F>
CallbackProblem lines_problem(const ParabolicProblem<F>& problem, std::shared_ptr<const MethodOfLines> lines) {
  const ParabolicRates<F> rates(problem.f, *lines);
  CallbackProblem system{
      .f = [rates, lines](double t, std::span<const double> u, std::span<double> rate) { rates(t, u.data(), rate.data()); },
      .t0 = problem.t0,
      .t1 = problem.t1,
      .y0 = lines->initial_state()};
  system.jacobian = [rates, lines](double t, std::span<const double> u, const JacobianEntries& dfdy) {
    rates.jacobian(t, u.data(), dfdy);
  };
  system.pattern = BandedPattern{lines->bandwidth(), lines->bandwidth()};
  return system;
}

template <class F>
ParabolicSolution solve_lines(const ParabolicProblem<F>& problem, std::shared_ptr<const MethodOfLines> lines, Options options,
                              const SourceLocation& where) {
  options.atol = per_unknown(options.atol.values(), *lines, "atol", where);
  options.lower_bounds = per_unknown(options.lower_bounds, *lines, "lower_bounds", where);
  options.upper_bounds = per_unknown(options.upper_bounds, *lines, "upper_bounds", where);
  return {solve(lines_problem(problem, lines), options, where), lines};
}

}  // namespace detail

/// Solves a parabolic problem by the method of lines: finite differences in space, Radau IIA of order 5 in time, adaptive and
/// error-controlled, as a CallbackProblem whose band is factored step by step (or, with Strategy::windows, for all steps of a
/// window at once).
///
///     const auto solution = antler::solve(problem, 401, {.rtol = 1e-6, .output_times = {0, 1, 2, 3}});
///     const double middle = solution.u(2, 200);
///
/// @param grid     number of equally spaced points, or UniformGrid{.points = N, .order = 4}
/// @param options  those of a CallbackProblem; atol and bounds: one for all or one per component of u
/// @throws InvalidArgument  unusable problem, grid or options, kappa that is not positive or a profile that is not finite at some x
/// @note rtol and atol bound the error in time only; halve the spacing to see the error in space. Per step about three solutions of
///       a band of m unknowns per point (2 m on a ring), and one or two evaluations of f and factorisations.
template <class F>
ParabolicSolution solve(const ParabolicProblem<F>& problem, const UniformGrid& grid, const Options& options = {},
                        const SourceLocation& where = SourceLocation::current()) {
  require_valid(problem, where);
  return detail::solve_lines(problem, std::make_shared<const MethodOfLines>(detail::describe(problem), grid, where), options,
                             where);
}

template <class F>
ParabolicSolution solve(const ParabolicProblem<F>& problem, int points, const Options& options = {},
                        const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, UniformGrid{points}, options, where);
}

/// The same on points of your own, of second order in space.
/// @param x  points that grow from a to b; on a periodic interval from a on, without b
template <class F>
ParabolicSolution solve(const ParabolicProblem<F>& problem, std::vector<double> x, const Options& options = {},
                        const SourceLocation& where = SourceLocation::current()) {
  require_valid(problem, where);
  return detail::solve_lines(problem, std::make_shared<const MethodOfLines>(detail::describe(problem), std::move(x), where),
                             options, where);
}

}  // namespace antler::inline ANTLER_LANES
