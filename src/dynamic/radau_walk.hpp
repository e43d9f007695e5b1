// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Radau IIA of order 5, one step after the other, for a run-time number of components: what solve/sequential_radau_walk.hpp is for
/// compile-time sizes, after RADAU5 [HairerWanner1996, sec. IV.8]. For every step, from the accepted (t, y):
///
///   1. starting values from the last step's polynomial, continued
///   2. simplified Newton in transformed stages w, with a Jacobian and factors as old as they contract well (StepNewton)
///   3. embedded error estimate; a step that fails is repeated shorter
///   4. length of the next step by the predictive controller; factors are kept where it would grow by little
///
/// A window repeats its iterations until its last step is done, and needs factors of its own for every step: on few cores, and with
/// factors that cost more than a solution, the walk takes less time.

#include <algorithm>
#include <vector>

#include "antler/core/options.hpp"
#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"
#include "antler/solve/smooth_intervals.hpp"
#include "antler/solve/step_trials.hpp"
#include "dynamic/step_newton.hpp"
#include "dynamic/workers.hpp"

namespace antler::dynamic {

using antler::detail::SmoothInterval;

template <class Structure>
class RadauWalk {
 public:
  /// @param direction  +1 forwards, -1 backwards in time
  RadauWalk(const Evaluator& evaluator, const Structure& structure, Workers& workers, const Options& options, double direction);

  /// How many workers it can use: for the stages of a step, and for the differences of a Jacobian.
  static Index workers(const Evaluator& evaluator) { return std::max<Index>(3, evaluator.jacobian_cost()); }

  static std::size_t numbers(int n, std::size_t matrix_size) {
    return 6 * static_cast<std::size_t>(n) + matrix_size + StepNewton<Structure>::numbers(n, matrix_size);
  }

  /// Begins at (t, y) with a step of length h, or of a length of its own choice when h is 0; f is asked within `interval` only.
  /// Returns non_finite when f or its Jacobian is not finite there.
  Status start(double t, const double* y, double h, const SmoothInterval& interval, Statistics& statistics);

  [[nodiscard]] double time() const { return t_; }
  [[nodiscard]] const double* state() const { return y_.data(); }
  /// Whether f and its Jacobian are finite at (time(), y). The next call must be start().
  bool finite_at(const double* y, Statistics& statistics);
  /// The length that the next step would have.
  [[nodiscard]] double next_length() const { return trials_.next_length(); }
  /// The error estimate of the last accepted step as a part of the limit.
  [[nodiscard]] double share() const { return share_; }

  /// Takes one accepted step, at most to the end of the interval.
  /// @param h  out: its length, with its sign
  /// @return   converged; step_too_small or non_finite when no step of representable length is accepted
  Status advance(double& h, Statistics& statistics);

  /// The last accepted step as a cubic, 4 n numbers.
  void polynomial(double* cubic) const;

 private:
  bool linearize(double t, const double* y, double h, Statistics& statistics);
  bool step(Statistics& statistics);
  bool accept(double end, double h, Statistics& statistics);
  [[nodiscard]] double keep_factors_below() const;
  double first_length();

  const Evaluator& evaluator_;
  Structure structure_;
  Workers& workers_;
  Scratch& scratch_;
  StepNewton<Structure> newton_;
  antler::detail::StepTrials trials_;
  SmoothInterval interval_{};
  double direction_, limit_, longest_, share_ = 0, t_ = 0, last_length_ = 0;
  double reusable_rate_;  // of contraction: below, the Jacobian is good for the next step
  std::vector<double> y_, next_, value_, next_value_, start_, jacobian_;
};

}  // namespace antler::dynamic
