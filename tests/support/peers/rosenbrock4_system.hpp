// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "peer.hpp"

namespace antler::peers {

/// f and its derivatives behind plain pointers: Boost 1.74's rosenbrock4 does not compile as C++20, antler's headers need it.
///
/// What the calls cost: nothing that can be measured. On Robertson's problem (f and its Jacobian are a dozen flops) the same loop
/// with both inlined is between 2 % slower and 1 % faster, at about 600 ns per step.
struct RosenbrockSystem {
  const void* f;
  void (*rhs)(const void* f, double t, const double* y, double* dydt);
  void (*derivatives)(const void* f, double t, const double* y, double* dfdy, double* dfdt);  ///< dfdy row by row
};

/// Odeint's rosenbrock4 with rosenbrock4_controller, an L-stable fourth-order method: of the sequential peers the fastest on small
/// systems.
///
/// @note Odeint takes one absolute tolerance: the smallest of the components'. Scaling the components so that each has its own was
///       tried: on Robertson's problem it saves 8 % of the steps, no time, and changes no error by more than a tenth. The clock is
///       looked at every 100 trials.
PeerResult rosenbrock4(const RosenbrockSystem& system, const PeerRun& run);

}  // namespace antler::peers
