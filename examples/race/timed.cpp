// SPDX-License-Identifier: BSD-3-Clause
#include "timed.hpp"

#include <cstdio>

namespace race {

Performance judge(const antler::peers::PeerResult& result, const antler::peers::PeerRun& run, double seconds, double error) {
  using antler::peers::Outcome;
  Performance performance{.finish = result.outcome == Outcome::finished      ? Finish::arrived
                                    : result.outcome == Outcome::out_of_time ? Finish::out_of_time
                                                                             : Finish::gave_up,
                          .status = result.status,
                          .seconds = seconds,
                          .error = error,
                          .steps = result.steps,
                          .iterations = result.iterations > 0 ? result.iterations : -1,
                          .threads = 1};
  if (performance.finish == Finish::out_of_time) {
    const double at_this_pace = result.seconds * (run.t1 - run.t0) / (result.t - run.t0);
    char where[96];
    std::snprintf(where, sizeof where, "stopped at t = %.2g after %.2g s, needs about %.2g s", result.t, result.seconds,
                  at_this_pace);
    performance.status = where;
  } else if (performance.finish == Finish::gave_up) {
    char where[48];
    std::snprintf(where, sizeof where, " at t = %.3g", result.t);
    performance.status += where;
  }
  return performance;
}

}  // namespace race
