// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <vector>

#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"
#include "antler/solve/smooth_intervals.hpp"
#include "dynamic/workers.hpp"

namespace antler::dynamic {

using antler::detail::SmoothInterval;

/// A sequential walk with RODAS, as antler::Rodas (mesh/rodas.hpp) has it for compile-time sizes, with df/dt from a difference: the
/// predictor of the parallel method. Difference Jacobians are shared out to the workers.
/// @note Per step 7 evaluations of f, one Jacobian, one factorisation and six solves.
template <class Structure>
class Rodas {
 public:
  /// @param direction  +1 forwards, -1 backwards in time
  /// @param longest    no step is longer
  Rodas(const Evaluator& evaluator, const Structure& structure, Workers& workers, double direction, double longest);

  static std::size_t numbers(int n, std::size_t matrix_size) { return 12 * static_cast<std::size_t>(n) + 2 * matrix_size; }

  /// Begins at (t, y) with a step of length h, or of a length of its own choice when h is 0; f is asked within `interval` only.
  /// Both tolerances are loosened by `factor`. Returns non_finite when f or its Jacobian is not finite there.
  Status start(double t, const double* y, double h, const SmoothInterval& interval, double factor, Statistics& statistics);

  [[nodiscard]] double time() const { return t_; }
  [[nodiscard]] const double* state() const { return y_.data(); }
  /// The length that the next step would have.
  [[nodiscard]] double next_length() const { return h_; }

  /// Takes one accepted step, at most to the end of the interval.
  /// @param cubic  out: 4 n numbers of its polynomial
  /// @param h      out: its length, with its sign
  /// @return       Status::converged, or Status::step_too_small when no step of representable length is accepted
  Status advance(double* cubic, double& h, Statistics& statistics);

 private:
  /// f, df/dy and df/dt at (t, y) into value_, by_y_ and by_t_; false when one of them is not finite.
  bool linearize(double t, const double* y, double h, Statistics& statistics);
  /// A time near t for the difference that gives df/dt, within the interval.
  [[nodiscard]] double beside(double t, double h) const;
  /// The six increments of a step and its end; returns the square of the error's norm, infinite when the step failed.
  double increments(double step, bool last, Statistics& statistics);
  void write_cubic(double* cubic) const;

  const Evaluator& evaluator_;
  Structure structure_;
  Workers& workers_;
  Scratch& scratch_;
  double direction_, longest_, t_ = 0, h_ = 0, factor_ = 1;
  SmoothInterval interval_{};
  std::vector<double> y_, next_, value_, by_t_, u_[6], by_y_, w_, memory_;
  std::vector<int> pivots_;
};

}  // namespace antler::dynamic
