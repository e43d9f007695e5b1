// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The adaptive solver of solve/radau.hpp for a run-time number of components: the same five stations (predictor, coarse iteration,
/// redistribution, fine iteration, front), the same tests.
///
/// What differs: steps are shared out to workers and not to SIMD lanes, so that a window need not hold full lanes. A step at which
/// f is not finite, or whose matrix is singular, cuts the window before it and the iteration goes on with what is left. The length
/// of a window follows from n: its matrices take 3 n^2 numbers a step.

#include <vector>

#include "antler/solve/smooth_intervals.hpp"
#include "dynamic/acceptance.hpp"
#include "dynamic/bounds_watch.hpp"
#include "dynamic/budget.hpp"
#include "dynamic/newton.hpp"
#include "dynamic/redistribution.hpp"
#include "dynamic/rodas.hpp"
#include "dynamic/sequential_walk.hpp"
#include "dynamic/window.hpp"

namespace antler::dynamic {

template <class Structure>
class March {
 public:
  March(const CallbackProblem& problem, const Evaluator& evaluator, const Structure& structure, const Options& options,
        Acceptance& acceptance);

  /// From the accepted state to the end of the interval; `initial_step` is the first to try, 0 for one of its own choice.
  Status run(const SmoothInterval& interval, double initial_step);

  /// What was done so far.
  [[nodiscard]] Statistics statistics();

 private:
  Status advance_window();
  Status predict();
  bool coarse();
  bool redistribute();
  Index fine();
  Index within_bounds(Index front);
  bool driven_out();
  Status accept(Index front);
  void plan_next();
  Status retreat();

  void export_pieces(Index first, Index last);
  Status walk(double first, Index count);
  [[nodiscard]] bool before(double a, double b) const { return (b - a) * direction_ > 0; }
  [[nodiscard]] bool out_of_memory() const { return acceptance_.stored_bytes() + budget_.bytes > options_.memory_cap; }
  [[nodiscard]] double loosest_predictor() const;

  const Evaluator& evaluator_;
  const Options& options_;
  Acceptance& acceptance_;
  Budget budget_;
  Workers workers_;
  Statistics statistics_;
  double direction_;
  Window<Structure> window_;
  WindowNewton<Structure> newton_;
  Rodas<Structure> rodas_;
  Redistribution redistribution_;
  Polynomials cubics_, pieces_;
  BoundsWatch watch_;
  SequentialWalk<Structure> sequential_;
  SmoothInterval interval_{};
  double error_limit_, t_ = 0, predictor_step_ = 0, predictor_rtol_ = 0, old_end_ = 0, predicted_end_ = 0;
  Index predicted_ = 0, retreats_ = 0;
  std::vector<double> y_, mesh_, errors_, cubic_;
  std::vector<int> piece_of_;
};

}  // namespace antler::dynamic
