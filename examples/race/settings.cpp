// SPDX-License-Identifier: BSD-3-Clause
#include "settings.hpp"

#include <algorithm>
#include <cstdio>

namespace race {

namespace {

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

/// The demo's choices, for what the user has not chosen.
void choose_demo(Settings& settings, const CLI::App& app) {
  if (settings.problems.empty()) settings.problems = {"vdpolm", "hires", "robertson"};
  if (settings.rtols.empty()) settings.rtols = {1e-3, 1e-4, 1e-5};
  if (settings.plot.empty()) settings.plot = "stiff_race.png";
  if (app.count("--time-limit") == 0) settings.time_limit = 15.0;
}

/// Takes solvers out of a contest.
void leave_out(Contest& contest, const std::vector<std::string>& names) {
  contest.contestants.erase(std::remove_if(contest.contestants.begin(), contest.contestants.end(),
                                           [&](const Contestant& contestant) {
                                             return std::find(names.begin(), names.end(), contestant.name) != names.end();
                                           }),
                            contest.contestants.end());
}

bool takes_part(const std::vector<Contest>& contests, const std::string& solver) {
  for (const Contest& contest : contests)
    for (const Contestant& contestant : contest.contestants)
      if (contestant.name == solver) return true;
  return false;
}

}  // namespace

void add_options(CLI::App& app, Settings& settings) {
  app.add_option("-p,--problem", settings.problems, "problem of the test set; may be given several times");
  app.add_flag("--stiff", settings.stiff, "every stiff problem of the test set");
  app.add_option("-r,--rtol", settings.rtols, "relative tolerance, default 1e-6; may be given several times")
      ->check(between(1e-14, 0.1));
  app.add_option("--json", settings.json, "append one JSON object per row to this file");
  app.add_option("--plot", settings.plot, "draw solutions and timings into this .png");
  app.add_option("--diagrams", settings.diagrams, "draw the work-precision diagrams of all problems into this .png");
  app.add_option("--repeats", settings.repeats, "runs per solver, of which median and minimum count")
      ->check(between(1, 1000))
      ->take_last()
      ->capture_default_str();
  app.add_option("--time-limit", settings.time_limit, "seconds after which a peer is stopped")
      ->check(between(1e-3, 1e6))
      ->take_last()
      ->capture_default_str();
  app.add_option("--threads", settings.threads,
                 "threads of antler; each further number is run by a process of its own that takes turns with this one")
      ->check(between(1, 1024));
  app.add_option("--without", settings.without, "a solver of the table to leave out; may be given several times");
  app.add_flag("--list", settings.list, "name all problems and end");
  app.add_flag("--demo", settings.demo, "Van der Pol (mu = 1000), HIRES and Robertson, about a minute, with a picture");
  app.add_flag("--serve", settings.serve, "answer requests on standard input: what --threads starts")->group("");
}

void complete(Settings& settings, const CLI::App& app, std::vector<Contest>& contests) {
  if (settings.demo) choose_demo(settings, app);
  if (settings.stiff)
    for (const Contest& contest : contests)
      if (contest.stiffness == antler::testset::Stiffness::stiff) settings.problems.push_back(contest.name);
  if (settings.problems.empty()) throw CLI::RequiredError("--problem NAME, --stiff, --demo or --list");
  for (const std::string& name : settings.problems) find(contests, name);
  if (settings.rtols.empty()) settings.rtols = {1e-6};
  std::sort(settings.rtols.begin(), settings.rtols.end(), std::greater<>());
  settings.rtols.erase(std::unique(settings.rtols.begin(), settings.rtols.end()), settings.rtols.end());
  for (const std::string& name : settings.without)
    if (!takes_part(contests, name)) throw CLI::ValidationError("--without", "there is no solver '" + name + "' in the table");
  for (Contest& contest : contests) leave_out(contest, settings.without);
}

const Contest& find(const std::vector<Contest>& contests, const std::string& name) {
  for (const Contest& contest : contests)
    if (contest.name == name) return contest;
  std::string known;
  for (const Contest& contest : contests) known += (known.empty() ? "" : ", ") + contest.name;
  throw CLI::ValidationError("--problem", "there is no problem '" + name + "'; there are " + known);
}

}  // namespace race
