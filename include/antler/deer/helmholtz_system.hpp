// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/parallel.hpp"

namespace antler {

/// A function on a grid on the host: one number per unknown, shape (N, 1).
using HostField = Trajectory<double, 1, Kokkos::DefaultHostExecutionSpace>;

/// The linear system (-Laplace + sigma) d = r on the unknowns of a rectangle's grid, with zero values on the sides.
struct HelmholtzSystem {
  double sigma;
  HostField r;
};

}  // namespace antler
