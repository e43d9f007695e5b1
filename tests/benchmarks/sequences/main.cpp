// SPDX-License-Identifier: BSD-3-Clause
// A GRU over long sequences: antler's default, parallel in time, beside the best sequential evaluation that we can write, in turns.
// n units and as many inputs per step, single precision, forward alone and forward with the gradient.
#include <CLI/CLI.hpp>
#include <Kokkos_Core.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "row.hpp"

namespace {

using sequences::Case;
using sequences::Row;

struct Settings {
  std::vector<long long> steps{1000, 10'000, 100'000, 1'000'000};
  std::vector<int> units, batches{1, 16};
  std::vector<std::string> works{"forward", "gradient"};
  int repeats = 5;
  double seconds = 10, gigabytes = 4;
  std::string json;
};

void print_head() {
  std::printf("%9s %5s %5s %-8s %12s %12s %8s %10s %8s %9s %9s %9s %9s\n", "T", "n", "batch", "work", "parallel/s", "sequential/s",
              "ratio", "iterations", "windows", "stepwise", "peak/MB", "states", "gradient");
}

void print(const Case& c, const Row& row) {
  std::printf("%9lld %5d %5d %-8s ", c.steps, c.units, c.batch, c.gradient ? "gradient" : "forward");
  if (!row.failure.empty()) {
    std::printf("%s\n", row.failure.c_str());
  } else {
    std::printf("%12.3e %12.3e %8.2f %10.1f %8.0f %8.0f%% %9.1f %9.1e %9.1e\n", row.parallel, row.sequential,
                row.sequential / row.parallel, row.iterations, row.windows, 100 * row.evaluated,
                static_cast<double>(row.peak_bytes) / 1e6, row.deviation, row.gradient_deviation);
  }
  std::fflush(stdout);
}

nlohmann::json record(const Case& c, const Row& row) {
  nlohmann::json json{{"steps", c.steps},
                      {"units", c.units},
                      {"batch", c.batch},
                      {"work", c.gradient ? "gradient" : "forward"},
                      {"threads", Kokkos::DefaultHostExecutionSpace().concurrency()},
                      {"precision", "float"}};
  if (!row.failure.empty()) {
    json["failure"] = row.failure;
    return json;
  }
  json.update({{"parallel_seconds", row.parallel},
               {"parallel_least", row.parallel_least},
               {"sequential_seconds", row.sequential},
               {"sequential_least", row.sequential_least},
               {"iterations_per_window", row.iterations},
               {"windows", row.windows},
               {"evaluated_share", row.evaluated},
               {"peak_bytes", row.peak_bytes},
               {"deviation", row.deviation},
               {"gradient_deviation", row.gradient_deviation},
               {"repeats", row.repeats}});
  return json;
}

Row run(const sequences::Measure& measure, const Case& c, const Settings& settings) {
  if (static_cast<double>(sequences::data_bytes(c)) > settings.gigabytes * 1e9) {
    Row row;
    row.failure = "left out: its inputs and states exceed --gigabytes";
    return row;
  }
  return measure(c);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  std::vector<int> compiled;
  for (const auto& [units, measure] : sequences::measures()) compiled.push_back(units);
  settings.units = compiled;
  CLI::App app("A GRU in parallel in time beside the best sequential evaluation");
  app.add_option("--steps", settings.steps, "lengths T")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--units", settings.units, "numbers of units n")->check(CLI::IsMember(compiled))->capture_default_str();
  app.add_option("--batch", settings.batches, "sequences at a time")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--work", settings.works, "forward, gradient")
      ->check(CLI::IsMember({"forward", "gradient"}))
      ->capture_default_str();
  app.add_option("--repeats", settings.repeats, "of which the median counts")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--seconds", settings.seconds, "no further repeat of a case after so long")->capture_default_str();
  app.add_option("--gigabytes", settings.gigabytes, "leave out cases with more data than this")->capture_default_str();
  app.add_option("--json", settings.json, "append one JSON object per row to this file");
  CLI11_PARSE(app, argc, argv);
  Kokkos::ScopeGuard kokkos(argc, argv);

  std::ofstream json;
  if (!settings.json.empty()) {
    json.open(settings.json, std::ios::app);
    if (!json) {
      std::fprintf(stderr, "%s cannot be written: name a file in a folder that exists\n", settings.json.c_str());
      return 1;
    }
  }
  std::printf("%d threads; ratio: time of the sequential evaluation over that of antler\n",
              Kokkos::DefaultHostExecutionSpace().concurrency());
  print_head();
  bool failed = false;
  for (const auto& [units, measure] : sequences::measures()) {
    if (std::find(settings.units.begin(), settings.units.end(), units) == settings.units.end()) continue;
    for (const std::string& work : settings.works)
      for (const int batch : settings.batches)
        for (const long long steps : settings.steps) {
          const Case c{steps, units, batch, work == "gradient", settings.repeats, settings.seconds};
          const Row row = run(measure, c, settings);
          print(c, row);
          if (json.is_open()) json << record(c, row) << std::endl;
          failed = failed || (!row.failure.empty() && row.failure.rfind("left out", 0) != 0);
        }
  }
  return failed ? 1 : 0;
}
