// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>

#include "contest.hpp"
#include "peers/peer.hpp"

namespace race {

/// Wall clock that one measurement lasts at least. A solve of twenty microseconds is over before the caches, the branch predictor
/// and the allocator have forgotten who ran before it; a hundred in a row are a user's parameter sweep, for every solver alike.
inline constexpr double least_seconds = 2e-3;

template <class Result>
struct Timed {
  Result result;   ///< of the last solve
  double seconds;  ///< of one solve: set-up, solve, release of everything
};

/// Solves as often as fits into `least_seconds`, at least once.
template <class Solve>
auto timed(const Solve& solve) {
  const antler::peers::Stopwatch clock;
  auto result = solve();
  int solves = 1;
  double seconds = clock.seconds();
  for (; seconds < least_seconds; seconds = clock.seconds(), ++solves) result = solve();
  return Timed<decltype(result)>{std::move(result), seconds / solves};
}

/// What a peer's result is worth.
Performance judge(const antler::peers::PeerResult& result, const antler::peers::PeerRun& run, double seconds, double error);

}  // namespace race
