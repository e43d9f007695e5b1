// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "problem.hpp"

namespace antler::testset {

/// The restricted three-body problem, n = 4: a spacecraft between earth and moon, in rotating coordinates [HNW, sec. II.0].
struct Arenstorf {
  static constexpr int size = 4;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 4> operator()(T /*t*/, const antler::Vector<T, 4>& y) const {
    using ::sqrt;  // see ChemicalAkzoNobel
    constexpr double moon = 0.012277471, earth = 1.0 - moon;
    const T to_earth = y[0] + moon, to_moon = y[0] - earth;
    const T square_earth = to_earth * to_earth + y[1] * y[1], square_moon = to_moon * to_moon + y[1] * y[1];
    const T pull_earth = earth / (square_earth * sqrt(square_earth)), pull_moon = moon / (square_moon * sqrt(square_moon));
    return {y[2], y[3], y[0] + 2.0 * y[3] - pull_earth * to_earth - pull_moon * to_moon,
            y[1] - 2.0 * y[2] - pull_earth * y[1] - pull_moon * y[1]};
  }
};

/// Two bodies, n = 4: q'' = -q / |q|^3.
struct Kepler {
  static constexpr int size = 4;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 4> operator()(T /*t*/, const antler::Vector<T, 4>& y) const {
    using ::sqrt;  // see ChemicalAkzoNobel
    const T square = y[0] * y[0] + y[1] * y[1];
    const T pull = 1.0 / (square * sqrt(square));
    return {y[2], y[3], -pull * y[0], -pull * y[1]};
  }
};

/// A star in the field of a galaxy, n = 4: y = (q_1, q_2, p_1, p_2). |p|^2 / 2 + |q|^2 / 2 + q_1^2 q_2 - q_2^3 / 3 is constant.
struct HenonHeiles {
  static constexpr int size = 4;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 4> operator()(T /*t*/, const antler::Vector<T, 4>& y) const {
    return {y[2], y[3], -y[0] - 2.0 * y[0] * y[1], -y[1] - y[0] * y[0] + y[1] * y[1]};
  }
};

/// A free rigid body, n = 3: Euler's equations. y_1^2 + 1.6 y_2^2 and y_1^2 - 4 y_3^2 are constant.
struct RigidBody {
  static constexpr int size = 3;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 3> operator()(T /*t*/, const antler::Vector<T, 3>& y) const {
    return {-2.0 * y[1] * y[2], 1.25 * y[0] * y[2], -0.5 * y[0] * y[1]};
  }
};

/// A pendulum, n = 2: y = (angular velocity, angle). y_1^2 / 2 - cos y_2 is constant.
struct Pendulum {
  static constexpr int size = 2;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 2> operator()(T /*t*/, const antler::Vector<T, 2>& y) const {
    using ::sin;  // see ChemicalAkzoNobel
    return {-sin(y[1]), y[0]};
  }
};

inline Problem<Arenstorf> arenstorf() {
  return {.name = "arenstorf",
          .title = "Arenstorf orbit, one period, n = 4",
          .source = "Arenstorf 1963; HNW, sec. II.0; values: quad",
          .stiffness = Stiffness::nonstiff,
          .time_axis = TimeAxis::linear,
          .f = {},
          .t0 = 0.0,
          .t1 = 17.0652165601579625588917206249,
          .y0 = {0.994, 0.0, 0.0, -2.00158510637908252240537862224},
          .atol_scale = {1e-3, 1e-3, 1e-3, 1e-3},
          .typical = {0.5, 0.5, 0.5, 0.5},
          .reference =
              {{1.0, {3.1328459555610224299e-1, 3.4800897467514167457e-1, -1.0426165112787883218, 6.7338411409655613188e-1}},
               {2.0, {-5.7987672323638947738e-1, 6.0907835550230616315e-1, -4.2253009227388059646e-1, 2.4422199185507654963e-1}},
               {5.0, {2.2688783647977123181e-2, 8.6654014017124730293e-1, -1.1773647864086439066e-1, -4.2178580416287772627e-1}},
               {10.0, {-8.3980716633898647154e-1, 4.4683141709847205637e-1, 3.7374253561439383395e-1, -1.4966964466689517725e-1}},
               {17.065216560157962558891721, {0.994, 0, 0, -2.00158510637908252240537862224}}},
          .amplification = 1e5};
}

inline Problem<HenonHeiles> henon_heiles() {
  return {.name = "henon_heiles",
          .title = "Henon-Heiles, n = 4",
          .source = "Henon and Heiles 1964; values: quad",
          .stiffness = Stiffness::nonstiff,
          .time_axis = TimeAxis::linear,
          .f = {},
          .t0 = 0.0,
          .t1 = 100.0,
          .y0 = {0.1, 0.0, 0.0, 0.5},
          .atol_scale = {1e-3, 1e-3, 1e-3, 1e-3},
          .typical = {0.1, 0.5, 0.1, 0.5},
          .reference =
              {{1.0, {4.1535926633482264862e-2, 4.3476682389302009246e-1, -1.1392019801568750626e-1, 3.3100100846167545537e-1}},
               {10.0, {3.6708919703026082557e-2, 6.8269223990171486364e-1, 4.7163967175845155951e-2, -2.5305958813863047638e-2}},
               {50.0, {9.7225520334124619258e-2, -4.9158764515237337057e-2, 1.2713358127088641701e-2, -4.9881776550288668175e-1}},
               {100.0, {-4.0194237876068816794e-2, 6.7901692177202164214e-1, 3.8450928951859834502e-2, 4.8594831553003642243e-2}}},
          .amplification = 10.0};
}

inline Problem<RigidBody> rigid_body() {
  return {.name = "rigid_body",
          .title = "Rigid body, n = 3",
          .source = "Euler 1758; HNW; values: quad",
          .stiffness = Stiffness::nonstiff,
          .time_axis = TimeAxis::linear,
          .f = {},
          .t0 = 0.0,
          .t1 = 20.0,
          .y0 = {1.0, 0.0, 0.9},
          .atol_scale = {1e-3, 1e-3, 1e-3},
          .typical = {0.5, 0.5, 0.8},
          .reference = {{1.0, {2.4466697533995618743e-1, 7.6654177608676247169e-1, 7.5826478370388577758e-1}},
                        {5.0, {9.7168999706775501532e-1, 1.8677953179896721780e-1, 8.9221374266505413292e-1}},
                        {10.0, {8.9018057222794878192e-1, 3.6018966256328212205e-1, 8.7069246166084358982e-1}},
                        {20.0, {6.0620385396481222179e-1, 6.2874721045017797038e-1, 8.0738514857560257554e-1}}}};
}

inline Problem<Kepler> kepler() {
  constexpr double pi = 3.14159265358979323846;
  return {.name = "kepler",
          .title = "Kepler orbit, eccentricity 0.6, one period, n = 4",
          .source = "Kepler 1609; closed form",
          .stiffness = Stiffness::nonstiff,
          .time_axis = TimeAxis::linear,
          .f = {},
          .t0 = 0.0,
          .t1 = 2.0 * pi,
          .y0 = {0.4, 0.0, 0.0, 2.0},
          .atol_scale = {1e-3, 1e-3, 1e-3, 1e-3},
          .typical = {1.0, 0.5, 0.5, 0.5},
          .reference = {{pi, {-1.6, 0.0, 0.0, -0.5}}, {2.0 * pi, {0.4, 0.0, 0.0, 2.0}}},
          .amplification = 1e4};
}

inline Problem<Pendulum> pendulum() {
  return {.name = "pendulum",
          .title = "Pendulum, n = 2",
          .source = "SUNDIALS, ark_pendulum; values: quad",
          .stiffness = Stiffness::nonstiff,
          .time_axis = TimeAxis::linear,
          .f = {},
          .t0 = 0.0,
          .t1 = 10.0,
          .y0 = {1.5, 1.0},
          .atol_scale = {1e-3, 1e-3},
          .typical = {1.0, 1.0},
          .reference = {{1.0, {0.543887685297029459083, 2.02282437337222437479}},
                        {5.0, {-1.00211546325452708857, -1.65347046771165787582}},
                        {10.0, {0.508682849959387971585, 2.04352632352086385220}}}};
}

}  // namespace antler::testset
