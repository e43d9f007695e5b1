// SPDX-License-Identifier: BSD-3-Clause
#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>

namespace race {

namespace {

std::string text(const char* format, ...) {
  char buffer[200];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(buffer, sizeof buffer, format, arguments);
  va_end(arguments);
  return buffer;
}

/// Three digits with the unit that suits them.
std::string duration(double seconds) {
  if (seconds < 1e-3) return text("%.3g us", 1e6 * seconds);
  if (seconds < 1.0) return text("%.3g ms", 1e3 * seconds);
  return text("%.3g s", seconds);
}

std::string speed(double seconds, double cvode_seconds) {
  const double ratio = cvode_seconds / seconds;
  return ratio < 0.095 ? text("%.2g x", ratio) : ratio < 9.95 ? text("%.1f x", ratio) : text("%.0f x", ratio);
}

/// The time CVODE took at this tolerance, 0 when it did not arrive.
double cvode_seconds(const std::vector<Row>& rows, double rtol) {
  for (const Row& row : rows)
    if (row.solver == "CVODE BDF" && row.rtol == rtol && row.performance.finish == Finish::arrived) return row.performance.seconds;
  return 0.0;
}

}  // namespace

void print_table(std::ostream& out, const Contest& contest, const std::vector<Row>& rows) {
  const auto line = [&](const char* rtol, const char* solver, const std::string& steps, const std::string& iterations,
                        const std::string& error, const std::string& time, const std::string& relative, const std::string& remark) {
    std::string row = text("  %-6s %-27s %9s %11s %9s %10s %9s", rtol, solver, steps.c_str(), iterations.c_str(), error.c_str(),
                           time.c_str(), relative.c_str());
    if (!remark.empty()) row += "   " + remark;
    out << row << '\n';
  };
  out << '\n' << contest.title << "   [" << contest.source << "]\n";
  line("rtol", "solver", "steps", "iterations", "error", "time", "vs CVODE", "");
  double previous = 0.0;
  for (const Row& row : rows) {
    const Performance& p = row.performance;
    const std::string rtol = row.rtol == previous ? "" : text("%.0e", row.rtol);
    previous = row.rtol;
    if (p.finish == Finish::not_started) {
      line(rtol.c_str(), row.solver.c_str(), "", "", "", "", "", p.status);
      continue;
    }
    const bool arrived = p.finish == Finish::arrived;
    const bool comparable = arrived && cvode_seconds(rows, row.rtol) > 0.0;
    const bool wrong = arrived && row.side == Side::antler && !(p.error <= contest.largest_error(row.rtol));
    line(rtol.c_str(), row.solver.c_str(), std::to_string(p.steps), p.iterations < 0 ? "" : std::to_string(p.iterations),
         arrived || row.side == Side::antler ? text("%.1e", p.error) : "", (arrived ? "" : "> ") + duration(p.seconds),
         comparable ? speed(p.seconds, cvode_seconds(rows, row.rtol)) : "",
         wrong     ? text("WRONG: above %.0e", contest.largest_error(row.rtol))
         : arrived ? ""
                   : p.status);
  }
  out.flush();
}

void append_json(std::ostream& out, const Contest& contest, const std::vector<Row>& rows) {
  using nlohmann::json;
  for (const Row& row : rows) {
    const Performance& p = row.performance;
    json atol = json::array();
    const auto& scale = contest.atol_scale;
    const bool one_for_all = scale.size() > 20 && std::count(scale.begin(), scale.end(), scale.front()) == std::ssize(scale);
    for (std::size_t c = 0; c < (one_for_all ? 1 : scale.size()); ++c) atol.push_back(row.rtol * scale[c]);
    const bool has_error = p.finish == Finish::arrived && std::isfinite(p.error);
    const json object{{"problem", contest.name},
                      {"solver", row.solver},
                      {"rtol", row.rtol},
                      {"atol", atol},
                      {"threads", p.threads},
                      {"seconds", p.finish == Finish::not_started ? json() : json(p.seconds)},
                      {"minimum_seconds", p.finish == Finish::not_started ? json() : json(row.minimum_seconds)},
                      {"repeats", row.repeats},
                      {"error", has_error ? json(p.error) : json()},
                      {"distance_to_sequential", std::isfinite(row.distance) ? json(row.distance) : json()},
                      {"steps", p.steps},
                      {"iterations", p.iterations < 0 ? json() : json(p.iterations)},
                      {"status", p.status}};
    out << object.dump() << '\n';
  }
  out.flush();
}

}  // namespace race
