// SPDX-License-Identifier: BSD-3-Clause
/// @example stiff_race.cpp
/// The stiff race: problems of the literature, y' = f(t, y) with published solutions, solved in parallel in time by antler and one
/// step after the other by the solvers that people use: CVODE (BDF), Boost.Odeint's rosenbrock4, and Odeint's dopri5, an explicit
/// RK45.
///
/// It teaches what accuracy costs with each of them, and when an explicit method is no choice.
///
///     stiff_race --demo                                         three problems, three tolerances, one picture: stiff_race.png
///     stiff_race --problem robertson --rtol 1e-6                one table
///     stiff_race --problem hires --rtol 1e-4 --rtol 1e-6 --json hires.jsonl --plot hires.png
///     stiff_race --list                                         all problems
///
/// The error is the relative error of the final state, of the worst component: max_c |y_c - reference_c| / (|reference_c| + atol_c
/// / rtol). Times are medians of the repeats, wall clock, set-up included. The solvers take turns, so that all see the same
/// machine.
///
/// Exit status: 0; 1 when antler did not converge or its error is above 100 rtol (more on problems that amplify errors, see
/// Contest::largest_error); 2 when something threw; more than 100 for options that make no sense.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <Kokkos_Core.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>

#include "race/contest.hpp"
#include "race/equal_error.hpp"
#include "race/plot.hpp"
#include "race/report.hpp"

namespace {

struct Settings {
  std::vector<std::string> problems;
  std::vector<double> rtols;
  std::string json;
  std::string plot;
  int repeats = 5;           // the median of five survives two disturbances
  double time_limit = 60.0;  // seconds per run of a peer: a person waits a minute, not longer
  bool list = false;
  std::vector<std::string> without;
  bool demo = false;
};

/// Refuses what is not a number between the two, NaN included.
CLI::Validator between(double low, double high) {
  const auto complaint = [=](const std::string& text) {
    double x = 0.0;
    char range[80];
    std::snprintf(range, sizeof range, " is not a number from %g to %g", low, high);
    return CLI::detail::lexical_cast(text, x) && x >= low && x <= high ? std::string() : text + range;
  };
  return CLI::Validator(complaint, "NUMBER");
}

void add_options(CLI::App& app, Settings& settings) {
  app.add_option("-p,--problem", settings.problems, "problem of the test set; may be given several times");
  app.add_option("-r,--rtol", settings.rtols, "relative tolerance, default 1e-6; may be given several times")
      ->check(between(1e-14, 0.1));
  app.add_option("--json", settings.json, "append one JSON object per row to this file");
  app.add_option("--plot", settings.plot, "draw solutions and timings into this .png");
  app.add_option("--repeats", settings.repeats, "runs per solver, of which the median time counts")
      ->check(between(1, 1000))
      ->capture_default_str();
  app.add_option("--time-limit", settings.time_limit, "seconds after which a peer is stopped")
      ->check(between(1e-3, 1e6))
      ->capture_default_str();
  app.add_flag("--list", settings.list, "name all problems and end");
  app.add_option("--without", settings.without, "A solver of the table to leave out; several allowed");
  app.add_flag("--demo", settings.demo, "Van der Pol (mu = 1000), HIRES and Robertson, about a minute, with a picture");
}

/// The demo's choices, for what the user has not chosen.
void choose_demo(Settings& settings, const CLI::App& app) {
  if (settings.problems.empty()) settings.problems = {"vdpolm", "hires", "robertson"};
  if (settings.rtols.empty()) settings.rtols = {1e-3, 1e-4, 1e-5};
  if (settings.plot.empty()) settings.plot = "stiff_race.png";
  if (app.count("--time-limit") == 0) settings.time_limit = 15.0;
}

/// Takes solvers out of a contest.
void leave_out(race::Contest& contest, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto left = std::remove_if(contest.contestants.begin(), contest.contestants.end(),
                                     [&](const race::Contestant& contestant) { return contestant.name == name; });
    if (left == contest.contestants.end())
      throw CLI::ValidationError("--without", "there is no solver '" + name + "' in the table");
    contest.contestants.erase(left, contest.contestants.end());
  }
}

const race::Contest& find(const std::vector<race::Contest>& contests, const std::string& name) {
  for (const race::Contest& contest : contests)
    if (contest.name == name) return contest;
  std::string known;
  for (const race::Contest& contest : contests) known += (known.empty() ? "" : ", ") + contest.name;
  throw CLI::ValidationError("--problem", "there is no problem '" + name + "'; there are " + known);
}

/// What is running: on one line of a terminal that the next one replaces; in a log one line per problem and tolerance.
void show_progress(const race::Contest& contest, double rtol, int repeat, const std::string& solver) {
  static const bool terminal = isatty(STDERR_FILENO) != 0;
  static std::string shown;
  char heat[80];
  std::snprintf(heat, sizeof heat, "%s, rtol %.0e", contest.name.c_str(), rtol);
  if (terminal) {
    std::cerr << "\r\033[K";
    if (!solver.empty()) std::cerr << heat << ", run " << repeat + 1 << ": " << solver << std::flush;
  } else if (heat != shown) {
    std::cerr << "stiff_race: " << heat << '\n';
    shown = heat;
  }
}

/// All solvers at one tolerance, taking turns. Who was stopped by the clock at a looser tolerance is not started again, and nobody
/// who took more than a tenth of the time limit is asked to repeat that.
std::vector<race::Row> run_heat(const race::Contest& contest, double rtol, const Settings& settings,
                                const std::vector<race::Row>& before) {
  using race::Finish;
  std::vector<race::Row> heat;
  for (const race::Contestant& contestant : contest.contestants) {
    race::Row row{.solver = contestant.name, .side = contestant.side, .rtol = rtol, .performance = {}};
    for (const race::Row& earlier : before) {
      const Finish finish = earlier.performance.finish;
      if (earlier.solver == row.solver && (finish == Finish::out_of_time || finish == Finish::not_started))
        row.performance.status =
            finish == Finish::out_of_time ? "not started, out of time at a looser tolerance" : earlier.performance.status;
    }
    heat.push_back(std::move(row));
  }
  std::vector<std::vector<double>> seconds(heat.size());
  for (int repeat = 0; repeat < settings.repeats; ++repeat)
    for (std::size_t c = 0; c < heat.size(); ++c) {
      race::Performance& performance = heat[c].performance;
      const bool barred = !performance.status.empty() && performance.finish == Finish::not_started;
      if (barred || (repeat > 0 && performance.seconds > 0.1 * settings.time_limit)) continue;
      show_progress(contest, rtol, repeat, heat[c].solver);
      performance = contest.contestants[c].run(rtol, settings.time_limit);
      seconds[c].push_back(performance.seconds);
    }
  show_progress(contest, rtol, 0, "");
  for (std::size_t c = 0; c < heat.size(); ++c) {
    if (seconds[c].empty()) continue;
    std::nth_element(seconds[c].begin(), seconds[c].begin() + static_cast<long>(seconds[c].size() / 2), seconds[c].end());
    heat[c].performance.seconds = seconds[c][seconds[c].size() / 2];
  }
  return heat;
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

}  // namespace

int main(int argc, char** argv) try {
  Settings settings;
  CLI::App app{"Solves stiff problems in parallel in time and beside it with the sequential solvers that people use.",
               "stiff_race"};
  add_options(app, settings);
  std::vector<race::Contest> contests = race::all_contests();
  std::vector<race::Finished> race;
  std::ofstream json;

  // 1. What is to be run. Options that begin with --kokkos are left to Kokkos, and --help is kept from it.
  try {
    std::vector<std::string> options;  // CLI11 takes them last one first
    for (int i = argc - 1; i > 0; --i)
      if (!std::string_view(argv[i]).starts_with("--kokkos")) options.emplace_back(argv[i]);
    app.parse(options);
    if (settings.list) {
      for (const race::Contest& contest : contests) std::printf("%-20s %s\n", contest.name.c_str(), contest.title.c_str());
      return 0;
    }
    if (settings.demo) choose_demo(settings, app);
    if (settings.problems.empty()) throw CLI::RequiredError("--problem NAME, --demo or --list");
    if (settings.rtols.empty()) settings.rtols = {1e-6};
    std::sort(settings.rtols.begin(), settings.rtols.end(), std::greater<>());
    settings.rtols.erase(std::unique(settings.rtols.begin(), settings.rtols.end()), settings.rtols.end());
    for (race::Contest& contest : contests) leave_out(contest, settings.without);
    for (const std::string& name : settings.problems) race.push_back({&find(contests, name), {}});
    if (!settings.json.empty()) json.open(settings.json, std::ios::app);
    if (!settings.json.empty() && !json) throw CLI::FileError("--json: " + settings.json + " cannot be written");
  } catch (const CLI::Error& error) {
    return app.exit(error);
  }
  setenv("OMP_PROC_BIND", "false", 0);  // Kokkos asks for a choice; threads bound on a machine with other work wait for that work
  const Kokkos::ScopeGuard kokkos(argc, argv);

  // 2. The race, problem by problem, from the loosest tolerance to the tightest.
  std::cout << "error: of the final state, relative, worst component. Times: median of " << settings.repeats
            << " runs. Speed: 1.0 is CVODE at the same tolerance.\n";
  bool right = true;
  for (race::Finished& finished : race) {
    for (const double rtol : settings.rtols) {
      const std::vector<race::Row> heat = run_heat(*finished.contest, rtol, settings, finished.rows);
      finished.rows.insert(finished.rows.end(), heat.begin(), heat.end());
    }
    race::print_table(std::cout, *finished.contest, finished.rows);
    if (json.is_open()) race::append_json(json, *finished.contest, finished.rows);
    right = antler_is_right(*finished.contest, finished.rows) && right;
  }

  if (settings.rtols.size() > 2) race::print_equal_error(std::cout, race);

  // 3. The picture, and the verdict.
  if (!settings.plot.empty()) {
    const std::string complaint = race::draw(settings.plot, race);
    std::cout << '\n' << (complaint.empty() ? "picture: " + std::filesystem::absolute(settings.plot).string() : complaint) << '\n';
  }
  return right ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "stiff_race: " << error.what() << '\n';
  return 2;
}
