// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

#include "row.hpp"

namespace blocks {

namespace detail {

/// Seconds of one call, the average of as many as fill two milliseconds.
template <class Work>
double seconds_of(const Work& work) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  double passed = 0;
  int calls = 0;
  while (passed < 2e-3) {
    work();
    ++calls;
    passed = std::chrono::duration<double>(Clock::now() - start).count();
  }
  return passed / calls;
}

inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace detail

/// Times `work` and `peer` in turns, so that both see the same machine, after a first call of each that counts for neither.
template <class Work, class Peer>
void in_turns(const Settings& settings, Row& row, const Work& work, const Peer& peer) {
  work();
  peer();
  std::vector<double> own, other;
  double spent = 0;
  while (static_cast<int>(own.size()) < settings.repeats && (own.empty() || spent < settings.seconds)) {
    own.push_back(detail::seconds_of(work));
    other.push_back(detail::seconds_of(peer));
    spent += own.back() + other.back();
  }
  row.seconds = detail::median(own);
  row.least = *std::min_element(own.begin(), own.end());
  row.peer_seconds = detail::median(other);
  row.peer_least = *std::min_element(other.begin(), other.end());
  row.repeats = static_cast<int>(own.size());
}

}  // namespace blocks
