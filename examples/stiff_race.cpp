// SPDX-License-Identifier: BSD-3-Clause
/// @example stiff_race.cpp
/// The stiff race: problems of the literature, y' = f(t, y) with published solutions, solved in parallel in time by antler and one
/// step after the other by the solvers that people use: CVODE (BDF) and ARKODE (DIRK) of SUNDIALS, Boost.Odeint's rosenbrock4, and
/// Odeint's dopri5, an explicit RK45.
///
/// It teaches what accuracy costs with each of them, and when an explicit method is no choice.
///
///     stiff_race --demo                                         three problems, three tolerances, one picture: stiff_race.png
///     stiff_race --problem robertson --rtol 1e-6                one table
///     stiff_race --problem hires --rtol 1e-4 --rtol 1e-6 --json hires.jsonl --plot hires.png
///     stiff_race --problem vdpolm --threads 1 --threads 2       antler with one thread and with two
///     stiff_race --list                                         all problems
///
/// The error is the relative error of the final state, of the worst component: max_c |y_c - reference_c| / (|reference_c| + atol_c
/// / rtol). Times are medians of the repeats, wall clock, set-up included, of a solve that keeps the end state only; one that is
/// over in less than 2 ms is solved again until 2 ms have passed, and counts with the average. The solvers take turns, so that all
/// see the same machine.
///
/// Exit status: 0; 1 when antler did not converge or its error is above 100 rtol (more on problems that amplify errors, see
/// Contest::largest_error); 2 when something threw; more than 100 for options that make no sense.
#include <CLI/CLI.hpp>
#include <Kokkos_Core.hpp>
#include <fstream>
#include <iostream>
#include <list>

#include "race/contest.hpp"
#include "race/equal_error.hpp"
#include "race/heat.hpp"
#include "race/plot.hpp"
#include "race/report.hpp"
#include "race/settings.hpp"
#include "race/worker.hpp"

namespace {

/// antler once more per further number of threads, run by a process of its own.
void add_teams(std::vector<race::Contest>& contests, const std::vector<int>& threads, std::list<race::Worker>& workers) {
  for (std::size_t k = 1; k < threads.size(); ++k) {
    race::Worker& worker = workers.emplace_back(threads[k]);
    for (race::Contest& contest : contests) {
      auto& contestants = contest.contestants;
      for (std::size_t c = 0; c < contestants.size(); ++c) {
        const race::Contestant one = contestants[c];
        if (one.threads != race::Threads::team) continue;
        race::Contestant team = one;
        team.name = one.name + ", " + std::to_string(threads[k]) + " threads";
        team.threads = race::Threads::one;  // not to be multiplied again
        team.distance = nullptr;
        team.run = [&worker, problem = contest.name, solver = one.name](double rtol, double time_limit) {
          return worker.run(problem, solver, rtol, time_limit);
        };
        contestants.insert(contestants.begin() + static_cast<long>(++c), std::move(team));
      }
    }
  }
}

/// True when every row of antler converged to the right answer; says on stderr which did not.
bool antler_is_right(const race::Contest& contest, const std::vector<race::Row>& rows) {
  bool right = true;
  for (const race::Row& row : rows) {
    if (row.side != race::Side::antler) continue;
    const race::Performance& p = row.performance;
    if (p.finish == race::Finish::arrived && p.error <= contest.largest_error(row.rtol)) continue;
    right = false;
    std::cerr << "stiff_race: " << row.solver << " on " << contest.name << " at rtol " << row.rtol << ": " << p.status << ", error "
              << p.error << ", allowed " << contest.largest_error(row.rtol) << '\n';
  }
  return right;
}

/// @param complaint  what race::draw returned
void name_picture(const std::string& picture, const std::string& complaint) {
  std::cout << '\n' << (complaint.empty() ? "picture: " + std::filesystem::absolute(picture).string() : complaint) << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  race::Settings settings;
  CLI::App app{"Solves stiff problems in parallel in time and beside it with the sequential solvers that people use.",
               "stiff_race"};
  race::add_options(app, settings);
  std::vector<race::Contest> contests = race::all_contests();
  std::list<race::Worker> workers;
  std::vector<race::Finished> race;
  std::ofstream json;

  // 1. What is to be run. Options that begin with --kokkos are left to Kokkos, and the others kept from it: it knows --threads too.
  std::vector<char*> for_kokkos{argv[0]};
  try {
    std::vector<std::string> options;  // CLI11 takes them last one first
    for (int i = argc - 1; i > 0; --i)
      if (std::string_view(argv[i]).starts_with("--kokkos"))
        for_kokkos.push_back(argv[i]);
      else
        options.emplace_back(argv[i]);
    app.parse(options);
    if (settings.list) {
      for (const race::Contest& contest : contests) std::printf("%-20s %s\n", contest.name.c_str(), contest.title.c_str());
      return 0;
    }
    if (!settings.serve) {
      race::complete(settings, app, contests);
      add_teams(contests, settings.threads, workers);
      for (const std::string& name : settings.problems) race.push_back({&race::find(contests, name), {}});
      if (!settings.json.empty()) json.open(settings.json, std::ios::app);
      if (!settings.json.empty() && !json) throw CLI::FileError("--json: " + settings.json + " cannot be written");
    }
  } catch (const CLI::Error& error) {
    return app.exit(error);
  }
  setenv("OMP_PROC_BIND", "false", 0);  // Kokkos asks for a choice; threads bound on a machine with other work wait for that work
  if (!settings.threads.empty()) race::set_threads(settings.threads.front());
  int count = static_cast<int>(for_kokkos.size());
  for_kokkos.push_back(nullptr);
  const Kokkos::ScopeGuard kokkos(count, for_kokkos.data());
  if (settings.serve) {
    race::serve(contests);
    return 0;
  }

  // 2. The race, problem by problem, from the loosest tolerance to the tightest.
  std::cout << "error: of the final state, relative, worst component. Times: median of " << settings.repeats
            << " runs. Speed: 1.0 is CVODE at the same tolerance.\n";
  bool right = true;
  for (race::Finished& finished : race) {
    for (const double rtol : settings.rtols) {
      const std::vector<race::Row> heat =
          race::run_heat(*finished.contest, rtol, settings.repeats, settings.time_limit, finished.rows);
      finished.rows.insert(finished.rows.end(), heat.begin(), heat.end());
    }
    race::print_table(std::cout, *finished.contest, finished.rows);
    if (json.is_open()) race::append_json(json, *finished.contest, finished.rows);
    right = antler_is_right(*finished.contest, finished.rows) && right;
    if (!settings.plot.empty() && finished.contest->trajectory)
      finished.trajectory = finished.contest->trajectory(settings.rtols.back());
  }
  if (settings.rtols.size() > 2) race::print_equal_error(std::cout, race);
  race::print_team_speed(std::cout, race);

  // 3. The pictures, and the verdict.
  if (!settings.plot.empty()) name_picture(settings.plot, race::draw(settings.plot, race));
  if (!settings.diagrams.empty()) name_picture(settings.diagrams, race::draw_diagrams(settings.diagrams, race));
  return right ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "stiff_race: " << error.what() << '\n';
  return 2;
}
