// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "problem.hpp"

namespace antler::testset {

/// High irradiance response of plants to light, n = 8 [Schaefer 1975; Gottwald 1977]. y_7 + y_8 = 0.0057.
struct Hires {
  static constexpr int size = 8;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 8> operator()(T /*t*/, const antler::Vector<T, 8>& y) const {
    const T binding = 280.0 * y[5] * y[7];
    return {-1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007,
            1.71 * y[0] - 8.75 * y[1],
            -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4],
            8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3],
            -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6],
            0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6] - binding,
            binding - 1.81 * y[6],
            1.81 * y[6] - binding};
  }
};

inline Problem<Hires> hires() {
  return {
      .name = "hires",
      .title = "HIRES, n = 8, to t = 321.8122",
      .source = "Schaefer 1975; Bari (HIRES); values: quad (Bari agrees to 5e-15)",
      .stiffness = Stiffness::stiff,
      .time_axis = TimeAxis::logarithmic,
      .f = {},
      .t0 = 0.0,
      .t1 = 321.8122,
      .y0 = {1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057},
      .atol_scale = {1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3},
      .typical = {0.1, 0.02, 0.005, 0.1, 0.1, 0.5, 0.005, 0.001},
      .reference = {{321.8122,
                     {7.3713125733256678073e-4, 1.4424857263161846582e-4, 5.8887297409675750075e-5, 1.1756513432831491455e-3,
                      2.3863561988313304688e-3, 6.2389682527427957866e-3, 2.8499983951857686579e-3, 2.8500016048142313421e-3}}}};
}

/// The same to Hairer and Wanner's end time, beyond the late drop of y_5 to y_7.
inline Problem<Hires> hires_long() {
  Problem<Hires> problem = hires();
  problem.name = "hires_long";
  problem.title = "HIRES, n = 8, to t = 421.8122";
  problem.source = "Schaefer 1975; HW (HIRES); values: quad (HW agrees to 9e-15)";
  problem.t1 = 421.8122;
  problem.reference = {{321.8122,
                        {7.3713125733256678073e-4, 1.4424857263161846582e-4, 5.8887297409675750075e-5, 1.1756513432831491455e-3,
                         2.3863561988313304688e-3, 6.2389682527427957866e-3, 2.8499983951857686579e-3, 2.8500016048142313421e-3}},
                       {421.8122,
                        {6.7030550358186350506e-4, 1.3099684698634689298e-4, 4.6862231597732581444e-5, 1.0446680205517048036e-3,
                         5.9488383095148505158e-4, 1.3996288339427740293e-3, 1.0144927577184796806e-3, 4.6855072422815203194e-3}}};
  return problem;
}

}  // namespace antler::testset
