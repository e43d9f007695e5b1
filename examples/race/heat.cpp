// SPDX-License-Identifier: BSD-3-Clause
#include "heat.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

namespace race {

namespace {

/// What is running: on one line of a terminal that the next one replaces; in a log one line per problem and tolerance.
void show_progress(const Contest& contest, double rtol, int repeat, const std::string& solver) {
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

/// One row per contestant; who is not to be started says why.
std::vector<Row> line_up(const Contest& contest, double rtol, const std::vector<Row>& before) {
  std::vector<Row> heat;
  for (const Contestant& contestant : contest.contestants) {
    Row row{.solver = contestant.name, .side = contestant.side, .rtol = rtol, .performance = {}};
    for (const Row& earlier : before) {
      const Finish finish = earlier.performance.finish;
      if (earlier.solver == row.solver && (finish == Finish::out_of_time || finish == Finish::not_started))
        row.performance.status =
            finish == Finish::out_of_time ? "not started, out of time at a looser tolerance" : earlier.performance.status;
    }
    heat.push_back(std::move(row));
  }
  return heat;
}

}  // namespace

std::vector<Row> run_heat(const Contest& contest, double rtol, int repeats, double time_limit, const std::vector<Row>& before) {
  std::vector<Row> heat = line_up(contest, rtol, before);
  std::vector<std::vector<double>> seconds(heat.size());
  for (int repeat = 0; repeat < repeats; ++repeat)
    for (std::size_t c = 0; c < heat.size(); ++c) {
      Performance& performance = heat[c].performance;
      const bool barred = !performance.status.empty() && performance.finish == Finish::not_started;
      if (barred || (repeat > 0 && performance.seconds > 0.1 * time_limit)) continue;
      show_progress(contest, rtol, repeat, heat[c].solver);
      performance = contest.contestants[c].run(rtol, time_limit);
      seconds[c].push_back(performance.seconds);
    }
  show_progress(contest, rtol, 0, "");
  for (std::size_t c = 0; c < heat.size(); ++c) {
    if (seconds[c].empty()) continue;
    std::sort(seconds[c].begin(), seconds[c].end());
    heat[c].performance.seconds = seconds[c][seconds[c].size() / 2];
    heat[c].minimum_seconds = seconds[c].front();
    heat[c].repeats = static_cast<int>(seconds[c].size());
    if (contest.contestants[c].distance && heat[c].performance.finish == Finish::arrived)
      heat[c].distance = contest.contestants[c].distance(rtol);
  }
  return heat;
}

}  // namespace race
