// SPDX-License-Identifier: BSD-3-Clause
#include "gnuplot.hpp"

#include <algorithm>
#include <cstdlib>

namespace race {

namespace {

constexpr const char* colours[] = {"#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"};
constexpr int point_types[] = {7, 5, 9, 11, 13, 15, 4};

/// For the shell: everything between single quotes, which themselves are spelt '\''.
std::string in_shell_quotes(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::string in_quotes(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

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

std::string run_gnuplot(const std::filesystem::path& script) {
  if (std::system("command -v gnuplot > /dev/null 2>&1") != 0)
    return "There is no picture: gnuplot is missing; install gnuplot-nox and run 'gnuplot " + script.filename().string() +
           "' where that file is.";
  const std::string folder = script.has_parent_path() ? script.parent_path().string() : ".";
  const std::string command = "cd " + in_shell_quotes(folder) + " && gnuplot " + in_shell_quotes(script.filename().string());
  if (std::system(command.c_str()) != 0)
    return "There is no picture: gnuplot failed on " + script.string() + ", see its message above.";
  return "";
}

std::string unwritable(const std::filesystem::path& script) {
  return "There is no picture: " + script.string() + " could not be written; name a folder that exists.";
}

}  // namespace race
