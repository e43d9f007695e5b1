// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/space_time.hpp"

#include <algorithm>
#include <cmath>

#include "antler/core/stopwatch.hpp"
#include "rectangle_points.hpp"
#include "space_time_system.hpp"

namespace antler::transforms {

namespace {

constexpr std::size_t usual_memory = std::size_t{1} << 28;  // of a window: some tenths of what a machine of today has per thread
constexpr Index window_iterations = 12;                     // of Newton; a window that takes more is better cut

/// How long windows are to be where the caller does not say: a linear problem takes a product or two whatever the length, and is
/// solved at once. A nonlinear one takes more products the longer a window is, each of them a pass over the window: from so few
/// steps that the passes are still long beside the time that threads take to wake, windows grow while they take few products.
constexpr Index first_window = 16, few_products = 12, many_products = 40;

/// Writes the steps of a window that converged.
void append(const SpaceTimeSystem& system, const std::vector<Index>& place, DynamicSolution& solution) {
  const RadauStages& stages = system.stages();
  const auto n = static_cast<std::size_t>(solution.components());
  for (Index i = 0; i < system.steps(); ++i) {
    const auto row = solution.append(system.time(i), system.time(i + 1) - system.time(i));
    std::fill(row.begin(), row.end(), 0.0);
    const double* y = system.state(i);
    for (std::size_t c = 0; c < n; ++c) {
      const std::size_t to = place.empty() ? c : static_cast<std::size_t>(place[c]);
      row[to] = y[c];
      for (int m = 0; m < stages.count; ++m)
        for (int k = 0; k < stages.count; ++k)
          row[static_cast<std::size_t>(m + 1) * n + to] +=
              stages.monomial[static_cast<std::size_t>(m)][static_cast<std::size_t>(k)] * (system.stage(i, k)[c] - y[c]);
    }
  }
}

/// Steps that may be solved at once.
Index longest_window(const SpaceTimeEquation& equation, const SpaceTime& method, Index steps, const Options& options,
                     const SourceLocation& where) {
  const std::size_t bytes = SpaceTimeSystem::bytes_per_step(static_cast<Index>(equation.initial.size()), method.stages);
  require_memory(options, bytes, where);
  const auto fit = static_cast<Index>(std::min(options.memory_cap, std::max(usual_memory, bytes)) / bytes);
  const Index most = std::max<Index>(1, method.window > 0 ? std::min(method.window, fit) : fit);
  const Index windows = (steps + most - 1) / most;
  return windows == 0 ? 1 : (steps + windows - 1) / windows;
}

/// Whether f_u is a constant at t0 and u = 0 and 1: as good a guess as any that does not look at f everywhere.
bool is_linear(const SpaceTimeEquation& equation, double t) {
  const std::size_t n = equation.initial.size();
  std::vector<double> u(n), f(n), at_zero(n), at_one(n);
  equation.reaction(t, u.data(), f.data(), at_zero.data());
  u.assign(n, 1.0);
  equation.reaction(t, u.data(), f.data(), at_one.data());
  return std::all_of(at_zero.begin(), at_zero.end(), [&](double slope) { return slope == at_zero[0]; }) && at_zero == at_one;
}

/// The window behind one that converged.
Index next_window(Index window, Index iterations, Index products, const SpaceTime& method) {
  if (method.window > 0) return iterations <= window_iterations / 2 ? 2 * window : window;
  if (products <= few_products) return 2 * window;
  return products > many_products ? std::max(first_window / 4, window / 2) : window;
}

void require_usable(const SpaceTimeEquation& equation, const SpaceTime& method, const Options& options,
                    const SourceLocation& where) {
  require_valid(options, 1, where);
  require_no_march_options(options, "SpaceTime", where);
  require(method.stages >= 1 && method.stages <= 3, "SpaceTime::stages must be 1, 2 or 3: orders 1, 3 and 5", where);
  require(method.window >= 0, "SpaceTime::window must not be negative", where);
  require(std::isfinite(equation.kappa) && equation.kappa > 0,
          "kappa must be positive: without diffusion there is no parabolic equation", where);
  for (const double u : equation.initial)
    require(std::isfinite(u), "an initial value is not finite: check how it is computed", where);
}

}  // namespace

void require_mesh(const Mesh& mesh, double t0, double t1, const SourceLocation& where) {
  require(std::isfinite(t0) && std::isfinite(t1) && t0 <= t1,
          "a parabolic problem runs forward, t0 <= t1, both finite: backwards in time diffusion has no bounded solution", where);
  require(mesh.front() == t0 && mesh.back() == t1, "the mesh must go from the problem's t0 to its t1", where);
}

DynamicSolution solve_space_time(const SpaceTimeEquation& equation, const SpaceTime& method, const Mesh& mesh,
                                 const Options& options, const SourceLocation& where) {
  const Stopwatch clock;
  require_usable(equation, method, options, where);
  const Index longest = longest_window(equation, method, mesh.steps(), options, where);
  const auto unknowns = static_cast<Index>(equation.initial.size());
  DynamicSolution solution(static_cast<int>(unknowns));
  Statistics& statistics = solution.statistics;
  Status status = Status::converged;
  std::vector<double> state = equation.initial;
  Index done = 0, window = method.window > 0 || is_linear(equation, mesh.front()) ? longest : std::min(first_window, longest);
  while (done < mesh.steps() && status == Status::converged) {
    window = std::min({window, longest, mesh.steps() - done});
    SpaceTimeSystem system(equation, method.stages,
                           mesh.points().subspan(static_cast<std::size_t>(done), static_cast<std::size_t>(window) + 1), state,
                           options, where);
    Options limited = options;
    if (window > 1) limited.maximum_iterations = std::min(options.maximum_iterations, window_iterations);
    const Index iterations = statistics.iterations, products = statistics.krylov_products;
    const Status solved = newton(system, limited, statistics);
    statistics.peak_bytes = std::max(statistics.peak_bytes,
                                     static_cast<std::size_t>(window) * SpaceTimeSystem::bytes_per_step(unknowns, method.stages));
    if (solved == Status::converged) {
      ++statistics.windows;
      if (options.output == Output::trajectory) append(system, equation.place, solution);
      state.assign(system.state(window), system.state(window) + unknowns);
      done += window;
      window = next_window(window, statistics.iterations - iterations, statistics.krylov_products - products, method);
    } else if (recoverable(solved) && window > 1) {
      statistics.rejected_steps += window;
      window = std::max<Index>(1, window / 4);
    } else {
      status = solved;
    }
  }
  std::vector<double> placed(state.size());
  for (std::size_t c = 0; c < state.size(); ++c)
    placed[equation.place.empty() ? c : static_cast<std::size_t>(equation.place[c])] = state[c];
  solution.finish(mesh.points()[static_cast<std::size_t>(done)], placed);
  solution.status = status;
  statistics.steps = done;
  statistics.meshes = 1;
  statistics.total_seconds = clock.seconds();
  return solution;
}

SpaceTimeEquation rectangle_equation(const RectangleGrid& grid, double kappa, const RectangleSides& sides,
                                     const std::function<double(double, double)>& initial, const SourceLocation& where) {
  require(grid.x.transformable() && grid.y.transformable(),
          "SpaceTime{} needs sides whose eigenvectors are sines and cosines: Dirichlet, Neumann or Periodic", where);
  require(initial != nullptr, "the problem has no initial values: give it a function of x and y", where);
  SpaceTimeEquation equation{.axes = {grid.x, grid.y}, .kappa = kappa};
  for (Index l = 0; l < grid.y.unknowns(); ++l)
    for (Index k = 0; k < grid.x.unknowns(); ++k)
      equation.initial.push_back(initial(grid.x.point(k + grid.x.offset()), grid.y.point(l + grid.y.offset())));
  equation.side_terms = [grid, sides, kappa, laplacian = RectangleLaplacian(grid, where)](double t, double* s) {
    laplacian.side_terms(side_values(grid, sides, t), s);
    for (Index k = 0; k < grid.unknowns(); ++k) s[k] *= kappa;
  };
  return equation;
}

SpaceTimeEquation interval_equation(double a, double b, Index intervals, double kappa, const IntervalSide& left,
                                    const IntervalSide& right, const SourceLocation& where) {
  const GridAxis axis(a, b, intervals, left.condition, right.condition, where);
  SpaceTimeEquation equation{.axes = {axis}, .kappa = kappa};
  const auto term = [axis, kappa](const IntervalSide& side) -> std::function<double(double)> {
    const double h = axis.spacing();
    if (side.condition.kind == SideKind::periodic) return [](double) { return 0.0; };
    const double factor = side.condition.kind == SideKind::dirichlet ? kappa / (h * h) : 2 * kappa / h;
    return [factor, value = side.value](double t) { return factor * value(t); };
  };
  equation.side_terms = [m = axis.unknowns(), first = term(left), last = term(right)](double t, double* s) {
    std::fill(s, s + m, 0.0);
    s[0] += first(t);
    s[m - 1] += last(t);
  };
  return equation;
}

}  // namespace antler::transforms
