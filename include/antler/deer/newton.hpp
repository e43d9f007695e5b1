// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Newton's method on the whole trajectory: the one loop that every problem class runs through.

#include <concepts>

#include "antler/core/finite.hpp"
#include "antler/core/options.hpp"
#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"
#include "antler/deer/damping.hpp"

namespace antler::inline ANTLER_LANES {

/// A nonlinear system F(y) = 0 over a whole trajectory, with its linearisation and the inverse of that.
///
///   linearize(statistics)  evaluates F and F' at y; returns the weighted norm of the residual, infinite when a value is not finite
///   solve(statistics)      solves F'(y) d = -F(y); returns Status::converged, or Status::singular
///   update_norm()          the weighted norm of d, infinite when a component is not finite
///   advance()              y <- y + d
///   keep(), restore()      remembers y as the best iterate so far; brings the best iterate back
template <class System>
concept NewtonSystem = requires(System& system, Statistics& statistics) {
  { system.linearize(statistics) } -> std::same_as<double>;
  { system.solve(statistics) } -> std::same_as<Status>;
  { system.update_norm() } -> std::same_as<double>;
  system.advance();
  system.keep();
  system.restore();
};

/// A NewtonSystem that can try a part of an update, so that newton() damps its steps: for problems without a direction of time,
/// where the iteration need not converge from a poor guess.
///
///   trial(lambda, statistics)  y <- y + lambda d, and the simplified update there; infinite norms where F is not finite
///   reject()                   y <- y - lambda d, exactly what it was
template <class System>
concept TrialNewtonSystem = NewtonSystem<System> && requires(System& system, double lambda, Statistics& statistics) {
  { system.trial(lambda, statistics) } -> std::same_as<TrialNorms>;
  system.reject();
};

/// Iterates y <- y - F'(y)^{-1} F(y) until the residual of y *and* the update are below `tolerance` in the weighted norm.
///
/// Leaves the last iterate in the system when it converged, else the iterate with the smallest residual. A norm that is not finite
/// never passes: it ends the iteration with Status::non_finite (f or its Jacobian) or Status::diverged (the update). The residual
/// may grow for many iterations before it falls: iteration k is exact on the first k steps of a recurrence, whatever the rest does.
/// A TrialNewtonSystem takes parts of updates until it is near a solution; Status::diverged when no part of one leads closer.
template <NewtonSystem System>
[[nodiscard]] Status newton(System& system, const Options& options, Statistics& statistics) {
  double best_residual = 0;
  bool kept = false;
  [[maybe_unused]] NaturalDamping damping;
  const auto stop = [&](Status status) {
    if (kept) system.restore();
    return status;
  };
  for (Index iteration = 0; iteration < options.maximum_iterations; ++iteration) {
    const double residual = system.linearize(statistics);
    statistics.residual_history.push_back(residual);
    if (!is_finite(residual)) return stop(Status::non_finite);
    if (!kept || residual < best_residual) {
      best_residual = residual;
      system.keep();
      kept = true;
    }

    ++statistics.iterations;
    const Status solved = system.solve(statistics);
    if (solved != Status::converged) return stop(solved);
    const double update = system.update_norm();
    statistics.update_history.push_back(update);
    if (!is_finite(update)) return stop(Status::diverged);

    const bool small = residual <= options.newton_tolerance && update <= options.newton_tolerance;
    if constexpr (TrialNewtonSystem<System>) {
      if (!small) {
        if (damping.step(system, statistics) == 0) return stop(Status::diverged);
        continue;
      }
    }
    system.advance();
    if (small) return Status::converged;
  }
  return stop(Status::maximum_iterations);
}

}  // namespace antler::inline ANTLER_LANES
