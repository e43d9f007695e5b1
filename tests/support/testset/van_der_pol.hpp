// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "problem.hpp"

namespace antler::testset {

/// Van der Pol's oscillator in time units of its harmonic part, n = 2: y'' = mu (1 - y^2) y' - y.
struct VanDerPol {
  static constexpr int size = 2;
  double mu = 1000.0;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 2> operator()(T /*t*/, const antler::Vector<T, 2>& y) const {
    return {y[1], mu * (1.0 - y[0] * y[0]) * y[1] - y[0]};
  }
};

/// The same oscillator in time units of its slow part, n = 2: eps y'' = (1 - y^2) y' - y. With eps = 1 / mu^2 it is the orbit of
/// VanDerPol: y_1(mu t; mu) = y_1(t; eps), y_2(mu t; mu) = y_2(t; eps) / mu.
struct VanDerPolSlowTime {
  static constexpr int size = 2;
  double eps = 1e-6;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 2> operator()(T /*t*/, const antler::Vector<T, 2>& y) const {
    return {y[1], ((1.0 - y[0] * y[0]) * y[1] - y[0]) / eps};
  }
};

/// VDPOLM of Bari: mu = 1000, two jumps, each a layer of width 1e-3.
inline Problem<VanDerPol> vdpolm() {
  return {.name = "vdpolm",
          .title = "Van der Pol, mu = 1000, n = 2",
          .source = "van der Pol 1926; Bari (VDPOLM); values: quad (Bari agrees to 5e-15)",
          .stiffness = Stiffness::stiff,
          .time_axis = TimeAxis::linear,
          .f = {.mu = 1000.0},
          .t0 = 0.0,
          .t1 = 2000.0,
          .y0 = {2.0, 0.0},
          .atol_scale = {1e-3, 1e-3},
          .typical = {1.5, 1e-3},
          .reference = {{500.0, {1.5967689510526617598, -1.0303911878393566656e-3}},
                        {1000.0, {-1.8636462548081338895, 7.5354308654354336010e-4}},
                        {1500.0, {-1.3547459194866034679, 1.6217887275973965467e-3}},
                        {2000.0, {1.7061677321704650085, -8.9280970102481654779e-4}}}};
}

/// VDPOL of Hairer and Wanner: eps = 1e-6, to t = 11, a dozen jumps.
inline Problem<VanDerPolSlowTime> vdpol() {
  return {.name = "vdpol",
          .title = "Van der Pol, eps = 1e-6, n = 2",
          .source = "HW (VDPOL, driver's initial value); values: quad (HW agrees to 3e-13)",
          .stiffness = Stiffness::stiff,
          .time_axis = TimeAxis::linear,
          .f = {.eps = 1e-6},
          .t0 = 0.0,
          .t1 = 11.0,
          .y0 = {2.0, 0.0},
          .atol_scale = {1e-3, 1e-3},
          .typical = {1.5, 1.0},
          .reference = {{1.0, {-1.8636462548081338895, 7.5354308654354336010e-1}},
                        {2.0, {1.7061677321704650085, -8.9280970102481654777e-1}},
                        {3.0, {-1.5106069367441114902, 1.1783800007309110239}},
                        {4.0, {1.1944146776959590368, -2.7995859965393637385}},
                        {5.0, {1.8904285964167676305, -7.3451186801667941315e-1}},
                        {6.0, {-1.7377163068059121744, 8.6040086530256388367e-1}},
                        {7.0, {1.5516146455482650905, -1.1023828925332482731}},
                        {8.0, {-1.2786319843304916397, 2.0138908830085873169}},
                        {9.0, {-1.9165529494898675637, 7.1695730034629817362e-1}},
                        {10.0, {1.7681637923919834564, -8.3152764078980604751e-1}},
                        {11.0, {-1.5901505448291267684, 1.0402793892123870306}}}};
}

/// Van der Pol with mu = 1: three periods of a soft oscillation.
inline Problem<VanDerPol> vdp1() {
  return {.name = "vdp1",
          .title = "Van der Pol, mu = 1, n = 2",
          .source = "van der Pol 1926; values: quad",
          .stiffness = Stiffness::nonstiff,
          .time_axis = TimeAxis::linear,
          .f = {.mu = 1.0},
          .t0 = 0.0,
          .t1 = 20.0,
          .y0 = {2.0, 0.0},
          .atol_scale = {1e-3, 1e-3},
          .typical = {2.0, 1.0},
          .reference = {{1.0, {1.5081442369756089432, -7.8021807462969490624e-1}},
                        {5.0, {-8.3707745029476505057e-1, 1.3070889377996718410}},
                        {10.0, {-2.0083407825797123328, 3.2907065863324064432e-2}},
                        {20.0, {2.0081497621749485920, -4.2508875273202146986e-2}}}};
}

/// Van der Pol with mu = 5: the jumps begin to show.
inline Problem<VanDerPol> vdp5() {
  return {.name = "vdp5",
          .title = "Van der Pol, mu = 5, n = 2",
          .source = "van der Pol 1926; values: quad",
          .stiffness = Stiffness::nonstiff,
          .time_axis = TimeAxis::linear,
          .f = {.mu = 5.0},
          .t0 = 0.0,
          .t1 = 20.0,
          .y0 = {2.0, 0.0},
          .atol_scale = {1e-3, 1e-3},
          .typical = {2.0, 1.0},
          .reference = {{1.0, {1.8694388533931283508, -1.4823587537713688975e-1}},
                        {5.0, {4.0418159463399945112e-1, -2.4371126840935123807}},
                        {10.0, {-1.1587012660309908032, 4.3046980897914239630e-1}},
                        {20.0, {-1.6012968795428539088, 1.9832667633866208455e-1}}}};
}

/// Van der Pol with mu = 10: one jump, resolved by any solver.
inline Problem<VanDerPol> vdp10() {
  return {.name = "vdp10",
          .title = "Van der Pol, mu = 10, n = 2",
          .source = "van der Pol 1926; values: quad",
          .stiffness = Stiffness::nonstiff,
          .time_axis = TimeAxis::linear,
          .f = {.mu = 10.0},
          .t0 = 0.0,
          .t1 = 20.0,
          .y0 = {2.0, 0.0},
          .atol_scale = {1e-3, 1e-3},
          .typical = {2.0, 1.0},
          .reference = {{1.0, {1.9338529089114712778, -7.0423517594398015615e-2}},
                        {5.0, {1.6022106290658035635, -1.0133995271698102639e-1}},
                        {10.0, {-1.9712069568291688490, 6.8173232453104388772e-2}},
                        {20.0, {1.9393585327826517344, -7.0081505735807403337e-2}}}};
}

/// Van der Pol with mu = 100: moderately stiff.
inline Problem<VanDerPol> vdp100() {
  return {.name = "vdp100",
          .title = "Van der Pol, mu = 100, n = 2",
          .source = "van der Pol 1926; values: quad",
          .stiffness = Stiffness::stiff,
          .time_axis = TimeAxis::linear,
          .f = {.mu = 100.0},
          .t0 = 0.0,
          .t1 = 200.0,
          .y0 = {2.0, 0.0},
          .atol_scale = {1e-3, 1e-3},
          .typical = {2.0, 1.0},
          .reference = {{1.0, {1.9933371741986084906, -6.7037872432639782609e-3}},
                        {50.0, {1.5968240409770877767, -1.0302125564534102039e-2}},
                        {100.0, {-1.8689241598836953618, 7.4968383151292231232e-3}},
                        {200.0, {1.7185872080192406547, -8.7968219124167040644e-3}}}};
}

/// The same over a hundred periods of 162.8: a long trajectory, for what many time steps at once can do.
inline Problem<VanDerPol> vdp100_long() {
  Problem<VanDerPol> problem = vdp100();
  problem.name = "vdp100_long";
  problem.title = "Van der Pol, mu = 100, 100 periods, n = 2";
  problem.source = "van der Pol 1926; values: quad, by Taylor series of degree 32 and 40";
  problem.t1 = 16320.0;
  problem.reference = {{200.0, {1.7185872080192406547, -8.7968219124167040644e-3}},
                       {16320.0, {1.7262066281683495970, -8.7186959893575245349e-3}}};
  return problem;
}

}  // namespace antler::testset
