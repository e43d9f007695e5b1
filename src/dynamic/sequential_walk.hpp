// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "dynamic/acceptance.hpp"
#include "dynamic/bounds_watch.hpp"
#include "dynamic/radau_walk.hpp"

namespace antler::dynamic {

/// Accepted steps of Radau IIA, one after the other, as solve/sequential_walk.hpp has RODAS for compile-time sizes: the method
/// unless windows are asked for, and the last resort where windows do not converge.
template <class Structure>
class SequentialWalk {
 public:
  SequentialWalk(const Evaluator& evaluator, const Structure& structure, Workers& workers, const Options& options, double direction,
                 Acceptance& acceptance, BoundsWatch& watch)
      : radau_(evaluator, structure, workers, options, direction),
        scratch_(workers.first()),
        direction_(direction),
        acceptance_(acceptance),
        watch_(watch),
        y_(static_cast<std::size_t>(evaluator.components())),
        next_(y_.size()),
        cubic_(4 * y_.size()) {}

  /// Where the walk came to.
  [[nodiscard]] double time() const { return t_; }
  [[nodiscard]] const std::vector<double>& state() const { return y_; }

  /// At most `count` steps from (t, y) towards interval.last, the first of length `first` or, if that is 0, of its own choice. A
  /// step that leaves the bounds, or ends on one where f has no derivative, is repeated with a quarter of its length. From where
  /// the last walk in this interval ended it goes on, with Jacobian, factors and step length as they are.
  Status walk(double t, const std::vector<double>& y, const SmoothInterval& interval, double first, Index count,
              Statistics& statistics);

 private:
  [[nodiscard]] bool goes_on(double t, const std::vector<double>& y, const SmoothInterval& interval) const;
  Status start(double h, Statistics& statistics);
  /// One step that was accepted or refused.
  Status step(Statistics& statistics);
  /// @param refused  whether a longer step from the same state left the bounds
  Status accept(double h, bool refused, Statistics& statistics);

  RadauWalk<Structure> radau_;
  Scratch& scratch_;
  double direction_, t_ = 0;
  Acceptance& acceptance_;
  BoundsWatch& watch_;
  SmoothInterval interval_{};
  bool ready_ = false;  // radau_ is at (t_, y_)
  bool moved_ = false;  // the end of the last step, by its bounds
  int refused_ = 0;     // steps in a row
  std::vector<double> y_, next_, cubic_;
};

}  // namespace antler::dynamic
