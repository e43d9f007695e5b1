// SPDX-License-Identifier: BSD-3-Clause
#include "styles.hpp"

#include <algorithm>

namespace race {

namespace {

constexpr const char* colours[] = {"#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"};
constexpr int point_types[] = {7, 5, 9, 11, 13, 15, 4};

}  // namespace

std::vector<std::string> solvers_of(const Finished& finished) {
  std::vector<std::string> names;
  for (const Row& row : finished.rows)
    if (std::find(names.begin(), names.end(), row.solver) == names.end()) names.push_back(row.solver);
  return names;
}

std::string solver_colour(std::size_t s) { return colours[s % std::size(colours)]; }

std::string solver_style(std::size_t s) {
  return "linecolor '" + solver_colour(s) + "' pointtype " + std::to_string(point_types[s % std::size(point_types)]);
}

}  // namespace race
