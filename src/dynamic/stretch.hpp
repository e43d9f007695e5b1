// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// One window from the prediction to the front: stations 1 to 4 of solve/window_march.hpp, for a run-time number of components.
///
/// What differs: steps are shared out to workers and not to SIMD lanes, so that a window need not hold full lanes. A step at which
/// f is not finite, or whose matrix is singular, cuts the window before it and the iteration goes on with what is left. The length
/// of a window follows from n: its matrices take 3 n^2 numbers a step.

#include <vector>

#include "antler/mesh/redistribution.hpp"
#include "dynamic/bounds_watch.hpp"
#include "dynamic/budget.hpp"
#include "dynamic/newton.hpp"
#include "dynamic/rodas.hpp"
#include "dynamic/warm_start.hpp"
#include "dynamic/window.hpp"

namespace antler::dynamic {

/// Allocates in its constructor only.
template <class Structure>
class Stretch {
 public:
  Stretch(const Evaluator& evaluator, const Structure& structure, Workers& workers, const Budget& budget, const Options& options,
          double direction, BoundsWatch& watch, Statistics& statistics);

  /// 1. Cubics of up to `most` steps of the predictor from (t, y), the first of length `step`, at the tolerance `rtol`.
  Status predict(double t, const double* y, const SmoothInterval& interval, double step, double rtol, Index most);
  /// The length that the predictor's next step would have.
  [[nodiscard]] double next_length() const { return rodas_.next_length(); }
  [[nodiscard]] const Polynomials& predicted() const { return cubics_; }

  /// 2. Newton's iteration on the predictor's mesh, and the errors of its steps; false when not even the first step converged.
  bool coarse(const double* y);

  /// In place of 1. and 2.: the steps and polynomials of the caller's guess from (t, y) on; false when it has none there.
  bool adopt(WarmStart& guess, double t, const double* y, double end);

  /// 3. A mesh on which every step is expected to pass; false when nothing is left to lay it over, or when a step of it
  /// would not be representable.
  bool redistribute(const double* y);

  /// 4. and the test of 5.: returns the number of steps of the front. What has converged behind it is left to redistribute().
  Index fine();

  /// Step i of the front: its end, its error as a part of the limit, its length, its polynomial (4 n numbers), the value at its
  /// end.
  [[nodiscard]] double end(Index i) const { return mesh_[static_cast<std::size_t>(i) + 1]; }
  [[nodiscard]] double share(Index i) const { return std::sqrt(window_.error_squared(i)) / error_limit_; }
  [[nodiscard]] double length(Index i) const { return window_.length(i); }
  void polynomial(Index i, double* cubic) const { window_.polynomial(i, cubic); }
  void end_of(Index i, double* y) const { window_.end_of(i, y); }

 private:
  Index within_bounds(Index front);
  void export_pieces(Index first, Index last);

  const Options& options_;
  double direction_, error_limit_;
  BoundsWatch& watch_;
  Statistics& statistics_;
  Rodas<Structure> rodas_;
  Window<Structure> window_;
  WindowNewton<Structure> newton_;
  Redistribution redistribution_;
  Polynomials cubics_, pieces_;
  double old_end_ = 0, predicted_end_ = 0;
  std::vector<double> mesh_, old_mesh_, errors_, cubic_;
  std::vector<int> piece_of_;
};

}  // namespace antler::dynamic
