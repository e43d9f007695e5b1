// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/config.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The coefficients of RODAS, in the notation of rodas.hpp [HairerWanner1996, table IV.7.2 and the code rodas.f].
struct RodasCoefficients {
  static constexpr double gamma = 0.25;
  static constexpr double alpha[6] = {0, 0.386, 0.21, 0.63, 1, 1};
  static constexpr double d[6] = {0.25, -0.1043, 0.1035, -0.03620000000000023, 0, 0};
  static constexpr double a[6][5] = {{},
                                     {1.544},
                                     {0.9466785280815826, 0.2557011698983284},
                                     {3.314825187068521, 2.896124015972201, 0.9986419139977817},
                                     {1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950},
                                     {1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1}};
  static constexpr double dense[2][5] = {
      {10.12623508344586, -7.487995877610167, -34.80091861555747, -7.992771707568823, 1.025137723295662},
      {-0.6762803392806898, 6.087714651680015, 16.43084320892478, 24.76722511418386, -6.594389125716872}};
  static constexpr double c[6][5] = {
      {},
      {-5.6688},
      {-2.430093356833875, -0.2063599157091915},
      {-0.1073529058151375, -9.594562251023355, -20.47028614809616},
      {7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160},
      {8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054}};
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
