// SPDX-License-Identifier: BSD-3-Clause
// A translation unit of its own, so that the two halves of the test set compile at the same time.
#include "contestants.hpp"
#include "testset/solved.hpp"

namespace race {

std::vector<Contest> nonstiff_contests() {
  std::vector<Contest> contests;
  antler::testset::for_each_nonstiff([&](const auto& problem) { contests.push_back(contest(problem)); });
  return contests;
}

}  // namespace race
