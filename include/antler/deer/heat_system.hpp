// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "antler/deer/helmholtz_system.hpp"

namespace antler {

/// The linear system of u_t - kappa Laplace(u) + sigma_i u = g, u(t_0) = initial, collocated on the steps h_1 .. h_N:
///
///     U_ik = U_{i-1,s} + h_i sum_l a_kl (kappa Laplace(U_il) - sigma_i U_il + g_il),   i = 1 .. N,  k = 1 .. s.
///
/// Values of stage k of step i on the m unknowns of a grid stand from ((i - 1) s + k - 1) m on.
struct HeatSystem {
  std::span<const double> steps;    ///< h_i, N of them
  std::span<const double> sigma;    ///< N of them
  HostField g;                      ///< shape (N s m, 1)
  std::span<const double> initial;  ///< m of them, or none for zero
};

}  // namespace antler
