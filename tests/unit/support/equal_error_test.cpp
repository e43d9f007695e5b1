// SPDX-License-Identifier: BSD-3-Clause
// The figures that docs/performance.md quotes, on curves whose crossings are known.
#include "race/equal_error.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace {

using race::Contest;
using race::Finish;
using race::Finished;
using race::Performance;
using race::Row;
using race::Side;

Contest contest_of(const std::string& name, std::size_t n) {
  return {.name = name,
          .title = name,
          .source = "",
          .stiffness = antler::testset::Stiffness::stiff,
          .time_axis = antler::testset::TimeAxis::linear,
          .t0 = 0,
          .t1 = 1,
          .amplification = 1,
          .atol_scale = std::vector<double>(n, 1.0),
          .reference = {},
          .contestants = {},
          .trajectory = {}};
}

/// seconds = factor error^(-1/4) at the errors 1e-3, 1e-5, 1e-7, 1e-9.
void add_curve(Finished& finished, const std::string& solver, Side side, double factor, double smallest_error = 1e-9) {
  for (double error = 1e-3; error > 0.5e-9; error *= 1e-2) {
    Row row{.solver = solver, .side = side, .rtol = error, .performance = {}};
    row.performance.finish = error > 0.5 * smallest_error ? Finish::arrived : Finish::gave_up;
    row.performance.error = error;
    row.performance.seconds = factor * std::pow(error, -0.25);
    finished.rows.push_back(row);
  }
}

std::string printed(const std::vector<Finished>& race) {
  std::ostringstream out;
  race::print_equal_error(out, race);
  return out.str();
}

/// The line of the summary that begins with these words, its blanks made single.
std::string line_of(const std::string& text, const std::string& begin) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word, single;
    while (words >> word) single += (single.empty() ? "" : " ") + word;
    if (single.starts_with(begin)) return single;
  }
  return "";
}

TEST(EqualError, InterpolatesInLogarithmsAndTakesTheBestPeer) {
  const Contest small = contest_of("small", 3), large = contest_of("large", 20);
  std::vector<Finished> race{{&small, {}}, {&large, {}}};
  add_curve(race[0], "antler RadauIIA", Side::antler, 1e-5);
  add_curve(race[0], "CVODE BDF", Side::peer, 8e-5);
  add_curve(race[0], "rosenbrock4", Side::peer, 2e-5);
  add_curve(race[1], "antler RadauIIA", Side::antler, 1e-5);
  add_curve(race[1], "CVODE BDF", Side::peer, 4e-5);
  add_curve(race[1], "rosenbrock4", Side::peer, 0.5e-5);
  const std::string text = printed(race);
  EXPECT_EQ(line_of(text, "small 1e-04"), "small 1e-04 100 us 8.0 x - 2.00 x rosenbrock4");  // 1e-5 (1e-4)^(-1/4)
  EXPECT_EQ(line_of(text, "CVODE BDF, n <= 8"), "CVODE BDF, n <= 8 8.00 8.00 small at 1e-04 3 0 0");
  EXPECT_EQ(line_of(text, "CVODE BDF, n > 8"), "CVODE BDF, n > 8 4.00 4.00 large at 1e-04 3 0 0");
  EXPECT_EQ(line_of(text, "best peer, all"), "best peer, all 1.00 0.50 large at 1e-04 6 3 0");
  EXPECT_EQ(line_of(text, "antler sequential"), "");
}

TEST(EqualError, CountsALevelThatOnlyAPeerReachesAsLost) {
  const Contest small = contest_of("small", 3);
  std::vector<Finished> race{{&small, {}}};
  add_curve(race[0], "antler RadauIIA", Side::antler, 1e-5, 1e-7);
  add_curve(race[0], "CVODE BDF", Side::peer, 8e-5);
  add_curve(race[0], "antler sequential", Side::antler, 3e-5, 1e-5);
  const std::string text = printed(race);
  EXPECT_EQ(line_of(text, "small 1e-08"), "small 1e-08 not reached");
  EXPECT_EQ(line_of(text, "best peer, all"), "best peer, all 8.00 8.00 small at 1e-04 2 1 0");
  EXPECT_EQ(line_of(text, "antler sequential"), "antler sequential, n <= 8 3.00 3.00 small at 1e-04 1 0 1");
}

TEST(EqualError, ComparesTeamsAtEqualTolerance) {
  const Contest small = contest_of("small", 3);
  std::vector<Finished> race{{&small, {}}};
  add_curve(race[0], "antler RadauIIA", Side::antler, 3e-5);
  add_curve(race[0], "antler RadauIIA, 2 threads", Side::antler, 2e-5);
  std::ostringstream out;
  race::print_team_speed(out, race);
  EXPECT_EQ(line_of(out.str(), "small"), "small antler RadauIIA, 2 threads mean 1.50, from 1.50 to 1.50");
}

}  // namespace
