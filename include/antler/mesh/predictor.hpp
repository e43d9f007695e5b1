// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "antler/core/options.hpp"
#include "antler/mesh/rodas.hpp"

namespace antler::inline ANTLER_LANES {

/// What a predictor found: its accepted steps, and how far it came.
template <class T, int n>
struct Prediction {
  Status status =
      Status::converged;  ///< converged: t1 was reached; maximum_steps, step_too_small or non_finite: it stopped at times.back()
  std::vector<double> times;
  std::vector<Vector<T, n>> states;
};

/// Walks over problem's interval with RODAS, local errors within options.rtol and options.atol: a graded mesh and a first
/// trajectory.
/// @note Sequential, on the host.
template <class F, class T, int n>
[[nodiscard]] Prediction<T, n> predict(const InitialValueProblem<F, T, n>& problem, const Options& options,
                                       Statistics& statistics) {
  const double direction = problem.t1 < problem.t0 ? -1 : 1;
  Prediction<T, n> walk{Status::converged, {problem.t0}, {problem.y0}};
  Rodas<F, T, n> rodas(problem.f, Weights<T, n>(options), direction);
  walk.status = rodas.start(problem.t0, problem.y0, 0, std::abs(problem.t1 - problem.t0));
  if (walk.status != Status::converged) statistics.first_failure = 0;
  while (walk.status == Status::converged && (problem.t1 - rodas.time()) * direction > 0) {
    walk.status = static_cast<Index>(walk.times.size()) > options.maximum_steps ? Status::maximum_steps
                                                                                : rodas.advance(problem.t1, nullptr, statistics);
    if (walk.status != Status::converged) break;
    walk.times.push_back(rodas.time());
    walk.states.push_back(rodas.state());
    ++statistics.predictor_steps;
  }
  return walk;
}

}  // namespace antler::inline ANTLER_LANES
