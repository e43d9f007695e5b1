// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/statistics.hpp"
#include "dynamic/window.hpp"

namespace antler::dynamic {

/// Simplified Newton on a window: the Jacobians and factors of every step are kept while the iteration contracts well.
///
/// A step at which f is not finite, or whose matrix is singular, cuts the window before it; the iteration goes on with what is
/// left.
template <class Structure>
class WindowNewton {
 public:
  WindowNewton(Window<Structure>& window, Statistics& statistics) : window_(window), statistics_(statistics) {}

  struct Result {
    bool converged;
    Index front;  // steps from the left that have converged
  };

  /// Iterates from the window's guess until the squares of update and residual are below `tolerance`.
  Result iterate(double tolerance, int most_iterations);

 private:
  void factor();
  /// Cuts the window before the first step whose norms are not finite; false when that is the first one.
  bool keep_finite(bool with_update);

  Window<Structure>& window_;
  Statistics& statistics_;
};

}  // namespace antler::dynamic
