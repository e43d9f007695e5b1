// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "problem.hpp"

namespace antler::testset {

/// Chemical Akzo Nobel, n = 5: two species mix while oxygen is added; the algebraic equation y_6 = Ks y_1 y_4 is substituted.
/// f takes the square root of y_2: a step that makes the oxygen negative meets a NaN.
struct ChemicalAkzoNobel {
  static constexpr int size = 5;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 5> operator()(T /*t*/, const antler::Vector<T, 5>& y) const {
    using ::sqrt;  // as at global scope, where users are: inside namespace antler its own sqrt would hide the one for double
    const T root = sqrt(y[1]), y6 = 115.83 * y[0] * y[3];
    const T r1 = 18.7 * y[0] * y[0] * y[0] * y[0] * root, r2 = 0.58 * y[2] * y[3], r3 = (0.58 / 34.4) * y[0] * y[4];
    const T r4 = 0.09 * y[0] * y[3] * y[3], r5 = 0.42 * y6 * y6 * root, inflow = 3.3 * (0.9 / 737.0 - y[1]);
    return {-2.0 * r1 + r2 - r3 - r4, -0.5 * r1 - r4 - 0.5 * r5 + inflow, r1 - r2 + r3, -r2 + r3 - 2.0 * r4, r2 - r3 + r5};
  }
};

inline Problem<ChemicalAkzoNobel> chemakzo() {
  return {.name = "chemakzo",
          .title = "Chemical Akzo Nobel, ODE form, n = 5",
          .source = "Stortelder 1998; Bari (CHEMAKZO); values: quad (Bari agrees to 2e-16)",
          .stiffness = Stiffness::stiff,
          .time_axis = TimeAxis::linear,
          .f = {},
          .t0 = 0.0,
          .t1 = 180.0,
          .y0 = {0.444, 0.00123, 0.0, 0.007, 0.0},
          .atol_scale = {1e-3, 1e-3, 1e-3, 1e-3, 1e-3},
          .typical = {0.2, 0.001, 0.1, 5e-4, 0.01},
          .reference = {{180.0,
                         {1.1507949206617021862e-1, 1.2038314715677150929e-3, 1.6115628874079742096e-1, 3.6561564212492830172e-4,
                          1.7080108852644040714e-2}}}};
}

}  // namespace antler::testset
