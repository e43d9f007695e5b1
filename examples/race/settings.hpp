// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "contest.hpp"

namespace race {

/// What the command line asks for.
struct Settings {
  std::vector<std::string> problems;
  std::vector<double> rtols;
  std::string json;
  std::string plot;
  std::string diagrams;
  int repeats = 5;             // the median of five survives two disturbances
  double time_limit = 60.0;    // seconds per run of a peer: a person waits a minute, not longer
  std::vector<int> threads{};  // empty: what OpenMP gives
  std::vector<std::string> without;
  bool list = false;
  bool demo = false;
  bool stiff = false;
  bool serve = false;
};

void add_options(CLI::App& app, Settings& settings);

/// Fills in what the user has not chosen, in the order of a race: the demo's choices, problems, tolerances from the loosest to the
/// tightest. Takes the solvers out that are to be left out.
/// @throws CLI::Error  a problem or solver that does not exist; nothing to do
void complete(Settings& settings, const CLI::App& app, std::vector<Contest>& contests);

/// The contest of this name.
/// @throws CLI::ValidationError  there is none; names those that there are
const Contest& find(const std::vector<Contest>& contests, const std::string& name);

}  // namespace race
