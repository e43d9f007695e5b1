// SPDX-License-Identifier: BSD-3-Clause
// Problems whose size is known when the program runs.
#include <antler/antler.hpp>

#include "contest.hpp"
#include "peers/cvode_lines.hpp"
#include "testset/method_of_lines.hpp"
#include "timed.hpp"

namespace race {

namespace {

using antler::testset::LinesProblem;

bool is_banded(const LinesProblem& problem) { return problem.bandwidth < problem.size() / 4; }

/// @param solver  solver(problem, run) -> PeerResult
template <class Solver>
Contestant lines_peer(std::string name, const LinesProblem& problem, const Solver& solver) {
  return {std::move(name),
          Side::peer,
          Threads::one,
          [=](double rtol, double time_limit) {
            const antler::peers::PeerRun run{.t0 = problem.t0,
                                             .t1 = problem.t1,
                                             .y0 = problem.y0,
                                             .rtol = rtol,
                                             .atol = std::vector<double>(problem.y0.size(), rtol * problem.atol_scale),
                                             .time_limit = time_limit};
            const auto [result, seconds] = timed([&] { return solver(problem, run); });
            return judge(result, run, seconds, problem.error(result.y));
          },
          {}};
}

/// antler with the same callback, and the band where there is one; the Jacobian by differences, as the peers have it.
Contestant lines_antler(const LinesProblem& problem) {
  return {"antler RadauIIA",
          Side::antler,
          Threads::team,
          [=](double rtol, double) {
            const antler::CallbackProblem to_be_solved{
                .f = [&](double t, std::span<const double> y, std::span<double> dydt) { problem.f(t, y.data(), dydt.data()); },
                .t0 = problem.t0,
                .t1 = problem.t1,
                .y0 = problem.y0,
                .pattern = is_banded(problem) ? antler::JacobianPattern(antler::BandedPattern{problem.bandwidth, problem.bandwidth})
                                              : antler::JacobianPattern(antler::DensePattern{})};
            const antler::Options options{.rtol = rtol, .atol = rtol * problem.atol_scale, .output = antler::Output::final_state};
            const auto [solution, seconds] = timed([&] { return antler::solve(to_be_solved, options); });
            return Performance{.finish = solution.status == antler::Status::converged ? Finish::arrived : Finish::gave_up,
                               .status = std::string(antler::to_string(solution.status)),
                               .seconds = seconds,
                               .error = problem.error(solution.final_state()),
                               .steps = static_cast<long>(solution.statistics.steps),
                               .iterations = static_cast<long>(solution.statistics.iterations),
                               .threads = static_cast<int>(antler::concurrency(Kokkos::DefaultHostExecutionSpace{}))};
          },
          {}};
}

Contest lines_contest(const LinesProblem& problem) {
  return {.name = problem.name,
          .title = problem.title,
          .source = problem.source,
          .stiffness = antler::testset::Stiffness::stiff,
          .time_axis = antler::testset::TimeAxis::linear,
          .t0 = problem.t0,
          .t1 = problem.t1,
          .amplification = 1.0,
          .atol_scale = std::vector<double>(problem.y0.size(), problem.atol_scale),
          .reference = {},
          .contestants = {lines_antler(problem), lines_peer("CVODE BDF", problem,
                                                            [](const LinesProblem& p, const auto& run) {
                                                              return antler::peers::cvode_bdf_lines(p.f, p.bandwidth, run);
                                                            })},
          .trajectory = {}};
}

}  // namespace

std::vector<Contest> lines_contests() {
  std::vector<Contest> contests;
  antler::testset::for_each_lines([&](const LinesProblem& problem) { contests.push_back(lines_contest(problem)); });
  return contests;
}

}  // namespace race
