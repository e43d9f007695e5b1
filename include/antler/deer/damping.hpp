// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>

#include "antler/core/finite.hpp"
#include "antler/core/statistics.hpp"

namespace antler::inline ANTLER_LANES {

/// What a damped step comes to, in one and the same smooth norm: |d|, |d'| and |d' - (1 - lambda) d|, with d the Newton update at y
/// and d' = -F'(y)^{-1} F(y + lambda d) the simplified one behind it.
struct TrialNorms {
  double update, simplified, deviation;
};

/// Chooses the damping factors of Newton's iteration y <- y + lambda d by the natural monotonicity test [Deuflhard2004, sec. 3.3]:
///
///     |F'(y)^{-1} F(y + lambda d)| <= (1 - lambda / 4) |d|.
///
/// The test does not change when the equations are multiplied by a matrix, so that their scaling does not matter. From the
/// deviation of d' from what a linear F would give follows an estimate of F's curvature omega, and from it the longest step that
/// may pass: lambda = 1 / (omega |d|).
class NaturalDamping {
 public:
  /// Moves `system` from y to y + lambda d with a lambda that passes; returns lambda, or 0 when none does, with the system at y.
  template <class System>
  double step(System& system, Statistics& statistics) {
    double lambda = first_;
    bool refused = false;
    for (;;) {
      const TrialNorms norms = system.trial(lambda, statistics);
      const bool finite = is_finite(norms.simplified) && is_finite(norms.deviation);
      // |d'| - (1 - lambda) d = lambda^2 omega |d|^2 / 2 to first order.
      const double longest = finite ? lambda * lambda * norms.update / (2 * norms.deviation) : 0.1 * lambda;
      if (finite && norms.simplified <= (1 - lambda / 4) * norms.update) {
        const bool timid = !refused && lambda < 1 && longest >= 4 * lambda;
        if (!timid) {
          // The next update is expected to be as long as d': its curvature times its length.
          const double next = norms.simplified > 0 ? longest * norms.update / norms.simplified : 1;
          first_ = is_finite(next) ? std::clamp(next, smallest, 1.0) : 1;
          return lambda;
        }
        lambda = std::min(1.0, longest);
      } else {
        refused = true;
        // Far out the estimate says little: an exponential has a curvature of its own everywhere.
        lambda *= std::clamp(longest / lambda, 0.1, 0.5);
      }
      system.reject();
      ++statistics.rejected_updates;
      if (!(lambda >= smallest)) return 0;
    }
  }

 private:
  static constexpr double smallest = 1e-8;

  double first_ = 1;  // to try at the next update
};

}  // namespace antler::inline ANTLER_LANES
