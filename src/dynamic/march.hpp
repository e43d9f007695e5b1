// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The adaptive solver for a run-time number of components: a walk step by step (SequentialWalk) or, where windows are asked for,
/// the five stations of solve/window_march.hpp (predictor, coarse iteration, redistribution, fine iteration, front), of which
/// Stretch has four, with the same tests and the same way out where windows do not converge.

#include <optional>
#include <vector>

#include "antler/solve/smooth_intervals.hpp"
#include "dynamic/acceptance.hpp"
#include "dynamic/sequential_walk.hpp"
#include "dynamic/stretch.hpp"

namespace antler::dynamic {

template <class Structure>
class March {
 public:
  /// @param guess  to be kept alive; without steps or points: no guess
  March(const CallbackProblem& problem, const Evaluator& evaluator, const Structure& structure, const Options& options,
        Acceptance& acceptance, const DynamicSolution& guess);

  /// Bytes that a march holds at the least, before it has any steps.
  static std::size_t smallest_bytes(const CallbackProblem& problem, const Structure& structure, const Options& options);

  /// From the accepted state to the end of the interval; `initial_step` is the first to try, 0 for one of its own choice.
  Status run(const SmoothInterval& interval, double initial_step);

  /// What was done so far.
  [[nodiscard]] Statistics statistics();

 private:
  Status advance();
  Status advance_window();
  Index follow_guess(Status& status);
  Index settle(Status& status);
  Status accept(Index front);
  void plan_next();
  Status retreat();
  Status walk(double first, Index count);
  bool driven_out();
  void open_windows();
  [[nodiscard]] bool recoverable_by_windows(Status status) const;

  [[nodiscard]] bool before(double a, double b) const { return (b - a) * direction_ > 0; }
  [[nodiscard]] bool out_of_memory() const { return acceptance_.stored_bytes() + held_bytes_ > options_.memory_cap; }
  [[nodiscard]] double loosest_predictor() const;

  const Evaluator& evaluator_;
  const Options& options_;
  Acceptance& acceptance_;
  Structure structure_;
  Budget budget_;
  Workers workers_;
  Statistics statistics_;
  double direction_;
  WarmStart guess_;
  bool walks_;
  std::size_t held_bytes_;
  BoundsWatch watch_;
  SequentialWalk<Structure> sequential_;
  std::optional<Stretch<Structure>> stretch_;  // none as long as the march walks
  SmoothInterval interval_{};
  double t_ = 0, predictor_step_ = 0, predictor_rtol_ = 0;
  Index predicted_ = 0, retreats_ = 0;
  std::vector<double> y_, cubic_;
};

}  // namespace antler::dynamic
