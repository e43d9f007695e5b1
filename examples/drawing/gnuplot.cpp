// SPDX-License-Identifier: BSD-3-Clause
#include "gnuplot.hpp"

#include <cstdlib>

namespace drawing {

namespace {

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

}  // namespace drawing
