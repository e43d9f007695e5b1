// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "jacobian.hpp"
#include "rosenbrock4_system.hpp"

namespace antler::peers {

/// @copydoc rosenbrock4(const RosenbrockSystem&, const PeerRun&)
template <class F>
PeerResult rosenbrock4(const F& f, const PeerRun& run) {
  const auto rhs = [](const void* user, double t, const double* y, double* dydt) {
    evaluate(*static_cast<const F*>(user), t, y, dydt);
  };
  const auto derivatives = [](const void* user, double t, const double* y, double* dfdy, double* dfdt) {
    constexpr int n = F::size;
    const F& g = *static_cast<const F*>(user);
    const Matrix<double, n> j = jacobian_at(g, t, y);
    for (int r = 0; r < n; ++r)
      for (int c = 0; c < n; ++c) dfdy[r * n + c] = j(r, c);
    time_derivative(g, t, y, dfdt);
  };
  return rosenbrock4(RosenbrockSystem{&f, rhs, derivatives}, run);
}

}  // namespace antler::peers
