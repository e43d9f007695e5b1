// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Who takes part: one row of the race per entry of contestants(). A further solver is one more entry and nothing else.

#include <antler/antler.hpp>
#include <cstdio>
#include <utility>

#include "contest.hpp"
#include "peers/cvode.hpp"
#include "peers/dopri5.hpp"
#include "peers/rosenbrock4.hpp"

namespace race {

using antler::testset::Problem;

/// antler with a method of its own: every time point of the trajectory at once.
template <class F, class Method>
Performance run_antler(const Problem<F>& problem, const Method& method, double rtol) {
  const antler::InitialValueProblem initial_value_problem{problem.f, problem.t0, problem.t1, problem.y0};
  const antler::Options options{.rtol = rtol, .atol = problem.atol(rtol)};

  const antler::peers::Stopwatch clock;
  const auto solution = antler::solve(initial_value_problem, method, options);
  const double seconds = clock.seconds();

  Performance performance{.finish = solution.status == antler::Status::converged ? Finish::arrived : Finish::gave_up,
                          .status = std::string(antler::to_string(solution.status)),
                          .seconds = seconds,
                          .error = problem.error(solution.final_state(), problem.final_reference()),
                          .steps = static_cast<long>(solution.statistics.steps),
                          .iterations = static_cast<long>(solution.statistics.iterations),
                          .threads = static_cast<int>(antler::concurrency(Kokkos::DefaultExecutionSpace{})),
                          .trajectory = {}};
  constexpr std::size_t points_in_picture = 4000;
  const std::size_t points = solution.times().size(), stride = 1 + points / points_in_picture;
  for (std::size_t i = 0; i < points; i += stride) {
    performance.trajectory.times.push_back(solution.times()[i]);
    performance.trajectory.states.emplace_back(solution.states()[i].begin(), solution.states()[i].end());
  }
  return performance;
}

/// A sequential peer.
template <class F, class Solver>
Performance run_peer(const Problem<F>& problem, const Solver& solver, double rtol, double time_limit) {
  using antler::peers::Outcome;
  const antler::peers::PeerRun run{.t0 = problem.t0,
                                   .t1 = problem.t1,
                                   .y0 = {problem.y0.begin(), problem.y0.end()},
                                   .rtol = rtol,
                                   .atol = problem.atol(rtol),
                                   .time_limit = time_limit};
  const antler::peers::PeerResult result = solver(problem.f, run);
  Performance performance{.finish = result.outcome == Outcome::finished      ? Finish::arrived
                                    : result.outcome == Outcome::out_of_time ? Finish::out_of_time
                                                                             : Finish::gave_up,
                          .status = result.status,
                          .seconds = result.seconds,
                          .error = problem.error(result.y, problem.final_reference()),
                          .steps = result.steps,
                          .iterations = result.iterations > 0 ? result.iterations : -1,
                          .threads = 1,
                          .trajectory = {}};
  if (performance.finish == Finish::out_of_time) {
    const double at_this_pace = result.seconds * (problem.t1 - problem.t0) / (result.t - problem.t0);
    char where[96];
    std::snprintf(where, sizeof where, "stopped at t = %.2g after %.2g s, needs about %.2g s", result.t, result.seconds,
                  at_this_pace);
    performance.status = where;
  } else if (performance.finish == Finish::gave_up) {
    char where[48];
    std::snprintf(where, sizeof where, " at t = %.3g", result.t);
    performance.status += where;
  }
  return performance;
}

/// The field, in the order of the table.
template <class F>
std::vector<Contestant> contestants(const Problem<F>& problem) {
  const auto antler_with = [&](std::string name, auto method) {
    return Contestant{std::move(name), Side::antler, [=](double rtol, double) { return run_antler(problem, method, rtol); }};
  };
  const auto peer = [&](std::string name, auto solver) {
    return Contestant{std::move(name), Side::peer,
                      [=](double rtol, double time_limit) { return run_peer(problem, solver, rtol, time_limit); }};
  };
  return {
      antler_with("antler RadauIIA", antler::RadauIIA<3>{}),
      antler_with("antler Exponential", antler::Exponential{}),
      peer("CVODE BDF", [](const auto& f, const auto& run) { return antler::peers::cvode_bdf(f, run); }),
      peer("rosenbrock4", [](const auto& f, const auto& run) { return antler::peers::rosenbrock4(f, run); }),
      peer("dopri5", [](const auto& f, const auto& run) { return antler::peers::dopri5(f, run); }),
  };
}

template <class F>
Contest contest(const Problem<F>& problem) {
  Contest contest{.name = problem.name,
                  .title = problem.title,
                  .source = problem.source,
                  .time_axis = problem.time_axis,
                  .t0 = problem.t0,
                  .t1 = problem.t1,
                  .amplification = problem.amplification,
                  .atol_scale = {problem.atol_scale.begin(), problem.atol_scale.end()},
                  .reference = {},
                  .contestants = contestants(problem)};
  for (const auto& [t, y] : problem.reference) contest.reference.emplace_back(t, std::vector<double>(y.begin(), y.end()));
  return contest;
}

}  // namespace race
