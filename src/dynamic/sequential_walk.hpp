// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "dynamic/acceptance.hpp"
#include "dynamic/bounds_watch.hpp"
#include "dynamic/rodas.hpp"

namespace antler::dynamic {

/// Some accepted steps of RODAS at the user's tolerance, one after the other, as solve/sequential_walk.hpp has it for compile-time
/// sizes: at loose tolerances, and the last resort where windows do not converge.
template <class Structure>
class SequentialWalk {
 public:
  /// @param rodas  which others may use between two walks
  SequentialWalk(Rodas<Structure>& rodas, Scratch& scratch, int n, double direction, Acceptance& acceptance, BoundsWatch& watch)
      : rodas_(rodas),
        scratch_(scratch),
        direction_(direction),
        acceptance_(acceptance),
        watch_(watch),
        y_(static_cast<std::size_t>(n)),
        cubic_(4 * static_cast<std::size_t>(n)) {}

  /// Where the walk came to.
  [[nodiscard]] double time() const { return t_; }
  [[nodiscard]] const std::vector<double>& state() const { return y_; }
  /// Whether f was not finite along a step that was tried.
  [[nodiscard]] bool left_domain() const { return left_domain_; }

  /// At most `count` steps from (t, y) towards interval.last, the first of length `first` or, if that is 0, of its own choice. A
  /// step that leaves the bounds, or ends on one where f has no derivative, is repeated with a quarter of its length. A step for
  /// which f was not finite on the way is the last.
  Status walk(double t, const std::vector<double>& y, const SmoothInterval& interval, double first, Index count,
              Statistics& statistics);

 private:
  Status start(double h, Statistics& statistics);
  /// @param refused  whether a longer step from the same state left the bounds
  Status accept(double h, bool refused, Statistics& statistics);

  Rodas<Structure>& rodas_;
  Scratch& scratch_;
  double direction_, t_ = 0;
  Acceptance& acceptance_;
  BoundsWatch& watch_;
  SmoothInterval interval_{};
  bool left_domain_ = false;
  bool moved_ = false;  // the end of the last step, by its bounds
  std::vector<double> y_, cubic_, next_;
};

}  // namespace antler::dynamic
