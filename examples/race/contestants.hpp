// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Who takes part: one row of the race per entry of contestants(). A further solver is one more entry and nothing else.

#include <algorithm>
#include <antler/antler.hpp>
#include <cmath>
#include <utility>

#include "contest.hpp"
#include "peers/arkode.hpp"
#include "peers/cvode.hpp"
#include "peers/dopri5.hpp"
#include "peers/rosenbrock4.hpp"
#include "timed.hpp"

namespace race {

using antler::testset::Problem;

template <class F>
auto initial_value_problem(const Problem<F>& problem) {
  return antler::InitialValueProblem{problem.f, problem.t0, problem.t1, problem.y0};
}

/// antler with a method of its own. Like every peer it keeps the end state and nothing else.
template <class F, class Method>
Performance run_antler(const Problem<F>& problem, Threads threads, const Method& method, double rtol) {
  const auto to_be_solved = initial_value_problem(problem);
  const int count = threads == Threads::one ? 1 : static_cast<int>(antler::concurrency(Kokkos::DefaultHostExecutionSpace{}));
  antler::Options options{.rtol = rtol, .atol = problem.atol(rtol), .output = antler::Output::final_state};
  if constexpr (antler::CollocationTableau<Method>) options.stretches = count;
  const auto [solution, seconds] = timed([&] { return antler::solve(to_be_solved, method, options); });
  return {.finish = solution.status == antler::Status::converged ? Finish::arrived : Finish::gave_up,
          .status = std::string(antler::to_string(solution.status)),
          .seconds = seconds,
          .error = problem.error(solution.final_state(), problem.final_reference()),
          .steps = static_cast<long>(solution.statistics.steps),
          .iterations = static_cast<long>(solution.statistics.iterations),
          .threads = count};
}

/// The largest distance, in the measure of the error, of the windows' solution from the sequential solution of the same scheme on
/// the same mesh: what the iteration on the whole trajectory left undone. NaN where steps of another scheme were taken, or the
/// sequential one failed.
template <class F>
double distance_to_sequential(const Problem<F>& problem, double rtol) {
  const auto to_be_solved = initial_value_problem(problem);
  antler::Options options{.rtol = rtol, .atol = problem.atol(rtol)};
  const auto solution = antler::solve(to_be_solved, antler::RadauIIA<5>{}, options);
  if (solution.status != antler::Status::converged || solution.statistics.sequential_steps > 0) return std::nan("");
  const antler::Mesh mesh(std::vector<double>(solution.times().begin(), solution.times().end()));
  options.newton_tolerance *= 1e-4;
  const auto sequential = antler::solve(to_be_solved, antler::SequentialRadauIIA<5>{}, mesh, options);
  if (sequential.status != antler::Status::converged) return std::nan("");
  double largest = 0;
  for (std::size_t i = 0; i < solution.states().size(); ++i)
    largest = std::max(largest, problem.error(solution.states()[i], sequential.states()[i]));
  return largest;
}

/// Every stride-th point of antler's trajectory, for the picture.
template <class F>
Trajectory picture_of(const Problem<F>& problem, double rtol) {
  const auto solution = antler::solve(initial_value_problem(problem), antler::Options{.rtol = rtol, .atol = problem.atol(rtol)});
  constexpr std::size_t points_in_picture = 4000;
  const std::size_t points = solution.times().size(), stride = 1 + points / points_in_picture;
  Trajectory trajectory;
  for (std::size_t i = 0; i < points; i += stride) {
    trajectory.times.push_back(solution.times()[i]);
    trajectory.states.emplace_back(solution.states()[i].begin(), solution.states()[i].end());
  }
  return trajectory;
}

/// A sequential peer.
template <class F, class Solver>
Performance run_peer(const Problem<F>& problem, const Solver& solver, double rtol, double time_limit) {
  const antler::peers::PeerRun run{.t0 = problem.t0,
                                   .t1 = problem.t1,
                                   .y0 = {problem.y0.begin(), problem.y0.end()},
                                   .rtol = rtol,
                                   .atol = problem.atol(rtol),
                                   .time_limit = time_limit};
  const auto [result, seconds] = timed([&] { return solver(problem.f, run); });
  return judge(result, run, seconds, problem.error(result.y, problem.final_reference()));
}

/// The field, in the order of the table; the first entry is the one that equal_error.hpp measures the others against.
template <class F>
std::vector<Contestant> contestants(const Problem<F>& problem) {
  const auto antler_with = [&](std::string name, Threads threads, auto method) {
    return Contestant{std::move(name),
                      Side::antler,
                      threads,
                      [=](double rtol, double) { return run_antler(problem, threads, method, rtol); },
                      {}};
  };
  const auto peer = [&](std::string name, auto solver) {
    return Contestant{std::move(name),
                      Side::peer,
                      Threads::one,
                      [=](double rtol, double time_limit) { return run_peer(problem, solver, rtol, time_limit); },
                      {}};
  };
  Contestant flagship = antler_with("antler RadauIIA", Threads::team, antler::RadauIIA<5>{});
  flagship.distance = [=](double rtol) { return distance_to_sequential(problem, rtol); };
  return {
      flagship,
      antler_with("antler sequential", Threads::one, antler::SequentialRadau{}),
      antler_with("antler Exponential", Threads::team, antler::Exponential{}),
      peer("CVODE BDF", [](const auto& f, const auto& run) { return antler::peers::cvode_bdf(f, run); }),
      peer("ARKODE", [](const auto& f, const auto& run) { return antler::peers::arkode_dirk(f, run); }),
      peer("rosenbrock4", [](const auto& f, const auto& run) { return antler::peers::rosenbrock4(f, run); }),
      peer("dopri5", [](const auto& f, const auto& run) { return antler::peers::dopri5(f, run); }),
  };
}

template <class F>
Contest contest(const Problem<F>& problem) {
  Contest contest{.name = problem.name,
                  .title = problem.title,
                  .source = problem.source,
                  .stiffness = problem.stiffness,
                  .time_axis = problem.time_axis,
                  .t0 = problem.t0,
                  .t1 = problem.t1,
                  .amplification = problem.amplification,
                  .atol_scale = {problem.atol_scale.begin(), problem.atol_scale.end()},
                  .reference = {},
                  .contestants = contestants(problem),
                  .trajectory = [problem](double rtol) { return picture_of(problem, rtol); }};
  for (const auto& [t, y] : problem.reference) contest.reference.emplace_back(t, std::vector<double>(y.begin(), y.end()));
  return contest;
}

}  // namespace race
