// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "problem.hpp"

namespace antler::testset {

/// Robertson's chemical reaction, n = 3: one slow, one fast, one very fast rate. y_1 + y_2 + y_3 = 1.
struct Robertson {
  static constexpr int size = 3;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 3> operator()(T /*t*/, const antler::Vector<T, 3>& y) const {
    const T a = 0.04 * y[0], b = 1e4 * y[1] * y[2], c = 3e7 * y[1] * y[1];
    return {b - a, a - b - c, c};
  }
};

inline Problem<Robertson> robertson() {
  return {.name = "robertson",
          .title = "Robertson (1966), n = 3, to t = 1e5",
          .source = "Robertson 1966; times of HW; values: quad (HW agrees to 4e-16)",
          .stiffness = Stiffness::stiff,
          .time_axis = TimeAxis::logarithmic,
          .f = {},
          .t0 = 0.0,
          .t1 = 1e5,
          .y0 = {1.0, 0.0, 0.0},
          .atol_scale = {1e-4, 1e-8, 1e-4},
          .typical = {0.5, 1e-5, 0.5},
          .reference = {{1.0, {9.6645973733300350351e-1, 3.0746265785786747392e-5, 3.3509516401210709742e-2}},
                        {10.0, {8.4136992384147292450e-1, 1.6233909379904725661e-5, 1.5861384224914717078e-1}},
                        {100.0, {6.1723488239608775602e-1, 6.1535912746391229234e-6, 3.8275896401263760486e-1}},
                        {1000.0, {3.3687453066070690842e-1, 2.0137023182613925634e-6, 6.6312345563697483019e-1}},
                        {10000.0, {1.0730042853780404196e-1, 4.8001669725716597930e-7, 8.9269909144549870088e-1}},
                        {100000.0, {1.7865921142099464965e-2, 7.2747514684363187708e-8, 9.8213400611038585067e-1}}}};
}

/// The same to t = 1e11, where y_1 and y_2 have fallen to 1e-8 and 1e-13 and a solver that drifts below zero blows up.
inline Problem<Robertson> robertson_long() {
  Problem<Robertson> problem = robertson();
  problem.name = "robertson_long";
  problem.title = "Robertson (1966), n = 3, to t = 1e11";
  problem.source = "Robertson 1966; Bari; values: quad (HW agrees to 5e-15)";
  problem.t1 = 1e11;
  problem.reference = {{1.0, {9.6645973733300350351e-1, 3.0746265785786747392e-5, 3.3509516401210709742e-2}},
                       {100.0, {6.1723488239608775602e-1, 6.1535912746391229234e-6, 3.8275896401263760486e-1}},
                       {10000.0, {1.0730042853780404196e-1, 4.8001669725716597930e-7, 8.9269909144549870088e-1}},
                       {1e6, {2.0314839249734155129e-3, 8.1422777833561618899e-9, 9.9796850793274880113e-1}},
                       {1e8, {2.0824175121794606684e-5, 8.3298414299089576979e-11, 9.9997917574157979109e-1}},
                       {1e10, {2.0833284718830881246e-7, 8.3333156028095016172e-13, 9.9999979166631948013e-1}},
                       {1e11, {2.0833401497012942305e-8, 8.3333607703347834005e-14, 9.9999997916651516938e-1}}};
  return problem;
}

}  // namespace antler::testset
