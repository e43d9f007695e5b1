// SPDX-License-Identifier: BSD-3-Clause
// The block solvers beside their peers, in turns. A new group of rows is a file that defines a Group, a declaration in row.hpp, a
// line in groups() below and in CMakeLists.txt.
#include <CLI/CLI.hpp>
#include <Kokkos_Core.hpp>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "row.hpp"

namespace {

using blocks::Group;
using blocks::Row;
using blocks::Settings;

std::vector<Group> groups() {
  std::vector<Group> all{blocks::elimination(), blocks::parabolic(), blocks::delays(), blocks::implicit()};
#ifdef BLOCKS_WITH_FFTW
  all.push_back(blocks::rectangle());
#endif
  return all;
}

void print_head() {
  std::printf("%-44s %-24s %-24s %11s %11s %7s %9s %9s\n", "problem", "method", "peer", "seconds", "peer", "ratio", "error",
              "peer's");
}

void print(const Row& row) {
  std::printf("%-44s %-24s %-24s ", row.problem.c_str(), row.method.c_str(), row.peer.c_str());
  if (!row.failure.empty())
    std::printf("%s\n", row.failure.c_str());
  else
    std::printf("%11.3e %11.3e %7.2f %9.1e %9.1e\n", row.seconds, row.peer_seconds, row.peer_seconds / row.seconds, row.error,
                row.peer_error);
  std::fflush(stdout);
}

nlohmann::json number_or_null(double value) { return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(); }

nlohmann::json record(const Group& group, const Row& row) {
  nlohmann::json json{{"group", group.name},
                      {"problem", row.problem},
                      {"method", row.method},
                      {"peer", row.peer},
                      {"threads", Kokkos::DefaultHostExecutionSpace().concurrency()}};
  if (!row.failure.empty()) {
    json["failure"] = row.failure;
    return json;
  }
  json.update({{"seconds", row.seconds},
               {"least", row.least},
               {"peer_seconds", row.peer_seconds},
               {"peer_least", row.peer_least},
               {"error", number_or_null(row.error)},
               {"peer_error", number_or_null(row.peer_error)},
               {"repeats", row.repeats}});
  return json;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  std::string file;
  std::vector<std::string> names, chosen;
  for (const Group& group : groups()) names.push_back(group.name);
  chosen = names;
  CLI::App app("Block tridiagonal, elliptic and parabolic solvers beside their peers");
  app.add_option("--group", chosen, "groups of rows")->check(CLI::IsMember(names))->capture_default_str();
  app.add_option("--repeats", settings.repeats, "of which the median counts")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--seconds", settings.seconds, "no further repeat of a row after so long")->capture_default_str();
  app.add_option("--gigabytes", settings.gigabytes, "leave out rows with more data than this")->capture_default_str();
  app.add_flag("--tiny", settings.only_tiny, "the smallest size of each row only");
  app.add_option("--json", file, "append one JSON object per row to this file");
  CLI11_PARSE(app, argc, argv);
  Kokkos::ScopeGuard kokkos(argc, argv);

  std::ofstream json;
  if (!file.empty()) {
    json.open(file, std::ios::app);
    if (!json) {
      std::fprintf(stderr, "%s cannot be written: name a file in a folder that exists\n", file.c_str());
      return 1;
    }
  }
  std::printf("%d threads; ratio: time of the peer over that of antler\n", Kokkos::DefaultHostExecutionSpace().concurrency());
  bool failed = false;
  for (const Group& group : groups()) {
    if (std::find(chosen.begin(), chosen.end(), group.name) == chosen.end()) continue;
    std::printf("\n%s: %s\n", group.name.c_str(), group.about.c_str());
    print_head();
    group.measure(settings, [&](const Row& row) {
      print(row);
      if (json.is_open()) json << record(group, row) << std::endl;
      failed = failed || (!row.failure.empty() && row.failure.rfind("left out", 0) != 0);
    });
  }
  return failed ? 1 : 0;
}
