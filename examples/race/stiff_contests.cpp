// SPDX-License-Identifier: BSD-3-Clause
#include "contestants.hpp"
#include "testset/solved.hpp"

namespace race {

std::vector<Contest> nonstiff_contests();
std::vector<Contest> lines_contests();

std::vector<Contest> all_contests() {
  std::vector<Contest> contests;
  antler::testset::for_each_stiff([&](const auto& problem) { contests.push_back(contest(problem)); });
  for (Contest& other : lines_contests()) contests.push_back(std::move(other));
  for (Contest& other : nonstiff_contests()) contests.push_back(std::move(other));
  return contests;
}

}  // namespace race
