// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/callback.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "antler/core/stopwatch.hpp"
#include "dynamic/banded.hpp"
#include "dynamic/dense.hpp"
#include "dynamic/march.hpp"

namespace antler {

namespace {

using namespace dynamic;

/// Calls visit with the structure in which the Jacobian of this pattern is stored and factored.
template <class Visit>
auto with_structure(const Evaluator& evaluator, const Visit& visit) {
  const int n = evaluator.components(), lower = evaluator.groups().lower(), upper = evaluator.groups().upper();
  return is_worth_a_band(n, lower, upper) ? visit(Banded(n, lower, upper)) : visit(Dense(n));
}

void require_valid(const JacobianPattern& pattern, int n, const SourceLocation& where) {
  const std::string components = " for " + std::to_string(n) + " components";
  if (const auto* band = std::get_if<BandedPattern>(&pattern))
    require(band->lower >= 0 && band->lower < n && band->upper >= 0 && band->upper < n,
            "CallbackProblem::pattern has bandwidths " + std::to_string(band->lower) + " and " + std::to_string(band->upper) +
                components + ": use 0 .. n - 1, or DensePattern{}",
            where);
  if (const auto* sparse = std::get_if<SparsePattern>(&pattern))
    for (const auto& [row, column] : sparse->entries)
      require(row >= 0 && row < n && column >= 0 && column < n,
              "CallbackProblem::pattern has the entry (" + std::to_string(row) + ", " + std::to_string(column) + ")" + components +
                  ": rows and columns are counted from 0 to n - 1",
              where);
}

std::size_t smallest_bytes(const CallbackProblem& problem, const Evaluator& evaluator, const Options& options) {
  return with_structure(evaluator, [&](const auto& structure) {
    return March<std::decay_t<decltype(structure)>>::smallest_bytes(problem, structure, options);
  });
}

}  // namespace

void require_valid(const CallbackProblem& problem, const SourceLocation& where) {
  require(problem.f != nullptr, "CallbackProblem::f is empty: give it a callable f(t, y, ydot)", where);
  require(!problem.y0.empty(), "CallbackProblem::y0 is empty: its size is the number of components", where);
  require(std::isfinite(problem.t0) && std::isfinite(problem.t1),
          "t0 and t1 must be finite: for a steady state integrate to a large finite time", where);
  for (std::size_t c = 0; c < problem.y0.size(); ++c)
    require(std::isfinite(problem.y0[c]),
            "component " + std::to_string(c) + " of y0 is not finite: check how the initial value is computed", where);
  require_valid(problem.pattern, static_cast<int>(problem.y0.size()), where);
}

void JacobianEntries::reject(int row, int column, const SourceLocation& where) const {
  throw InvalidArgument("the Jacobian callback writes entry (" + std::to_string(row) + ", " + std::to_string(column) + ") of a " +
                            std::to_string(layout_.n) + " x " + std::to_string(layout_.n) +
                            " matrix, which CallbackProblem::pattern does not have: widen the pattern, or correct the callback",
                        where);
}

void JacobianEntries::assign(std::span<const double> row_by_row, const SourceLocation& where) const {
  const auto n = static_cast<std::size_t>(layout_.n);
  require(row_by_row.size() == n * n,
          "the Jacobian callback gives " + std::to_string(row_by_row.size()) + " numbers for " + std::to_string(n) +
              " components: give n * n, row after row",
          where);
  for (std::size_t r = 0; r < n; ++r)
    for (std::size_t c = 0; c < n; ++c)
      if (row_by_row[r * n + c] != 0) (*this)(static_cast<int>(r), static_cast<int>(c), where) = row_by_row[r * n + c];
}

double jacobian_error(const CallbackProblem& problem, double t, std::span<const double> y, const SourceLocation& where) {
  require_valid(problem, where);
  require(y.size() == problem.y0.size(), "jacobian_error() needs a state of as many components as y0", where);
  CallbackProblem plain{.f = problem.f, .t0 = problem.t0, .t1 = problem.t1, .y0 = problem.y0};
  const int n = static_cast<int>(y.size());
  const Dense dense(n);
  const auto matrix = [&](const Evaluator& evaluator) {
    Scratch scratch(n, dense.size());
    std::vector<double> state(y.size()), entries(dense.size());
    evaluator.import_state(y.data(), state.data());
    if (!evaluator.jacobian(dense, t, state.data(), 0, scratch)) return std::vector<double>(dense.size(), HUGE_VAL);
    // Back to the user's order: place c holds component at[c].
    std::vector<double> names(y.size()), at(y.size());
    for (std::size_t c = 0; c < y.size(); ++c) names[c] = static_cast<double>(c);
    evaluator.import_state(names.data(), at.data());
    for (std::size_t c = 0; c < y.size(); ++c)
      for (std::size_t r = 0; r < y.size(); ++r)
        entries[static_cast<std::size_t>(at[c]) * y.size() + static_cast<std::size_t>(at[r])] = scratch.jacobian[c * y.size() + r];
    return entries;
  };
  const Options options;
  const std::vector<double> given = matrix(Evaluator(problem, options)), expected = matrix(Evaluator(plain, options));
  double largest = 0, difference = 0;
  for (std::size_t k = 0; k < given.size(); ++k) {
    largest = std::max(largest, std::abs(expected[k]));
    const double apart = std::abs(given[k] - expected[k]);
    if (!(apart <= difference)) difference = apart;  // keeps a NaN
  }
  return largest > 0 ? difference / largest : difference;
}

std::size_t smallest_bytes(const CallbackProblem& problem, const SourceLocation& where) {
  require_valid(problem, where);
  return smallest_bytes(problem, Evaluator(problem, Options{}), Options{});
}

DynamicSolution solve(const CallbackProblem& problem, const Options& options, const SourceLocation& where) {
  return solve(problem, options, std::vector<DynamicEvent>{}, DynamicSolution{}, where);
}

DynamicSolution solve(const CallbackProblem& problem, const Options& options, const std::vector<DynamicEvent>& events,
                      const SourceLocation& where) {
  return solve(problem, options, events, DynamicSolution{}, where);
}

DynamicSolution solve(const CallbackProblem& problem, const Options& options, const DynamicSolution& guess,
                      const SourceLocation& where) {
  return solve(problem, options, std::vector<DynamicEvent>{}, guess, where);
}

DynamicSolution solve(const CallbackProblem& problem, const Options& options, const std::vector<DynamicEvent>& events,
                      const DynamicSolution& guess, const SourceLocation& where) {
  require_kokkos(where);
  require_valid(problem, where);
  require_valid(options, static_cast<int>(problem.y0.size()), where);
  require_valid_times(options, problem.t0, problem.t1, std::numeric_limits<double>::epsilon(), where);
  for (const DynamicEvent& event : events)
    require(event.root != nullptr, "an event has no root function: set DynamicEvent::root", where);
  require(RunTimeBounds(options, static_cast<int>(problem.y0.size())).violation(problem.y0) == 0,
          "y0 lies outside of Options::lower_bounds and upper_bounds: start within them", where);
  require(guess.times().empty() || guess.components() == static_cast<int>(problem.y0.size()),
          "the guess has another number of components than y0: give the solution of a neighbouring problem", where);
  const Stopwatch total;
  const Evaluator evaluator(problem, options);
  require_memory(options, smallest_bytes(problem, evaluator, options), where);
  Acceptance acceptance(problem, evaluator, options, events);
  DynamicSolution solution = with_structure(evaluator, [&](const auto& structure) {
    March<std::decay_t<decltype(structure)>> march(problem, evaluator, structure, options, acceptance, guess);
    Status status = acceptance.start();
    double initial_step = options.initial_step;
    for (const auto& interval : antler::detail::smooth_intervals<double>(problem.t0, problem.t1, options.jump_times)) {
      if (status != Status::converged) break;
      status = march.run(interval, initial_step);
      initial_step = 0;  // what was right before a jump says nothing about the step behind it
    }
    return acceptance.finish(status, march.statistics());
  });
  solution.statistics.total_seconds = total.seconds();
  return solution;
}

}  // namespace antler
