// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "problem.hpp"

namespace antler::testset {

/// Lorenz' convection model, n = 3: chaotic, errors grow by a factor of 10 in 2.5 units of time.
struct Lorenz {
  static constexpr int size = 3;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 3> operator()(T /*t*/, const antler::Vector<T, 3>& y) const {
    return {10.0 * (y[1] - y[0]), y[0] * (28.0 - y[2]) - y[1], y[0] * y[1] - (8.0 / 3.0) * y[2]};
  }
};

/// Predator and prey, n = 2. y_1 - 3 log y_1 + y_2 - 1.5 log y_2 is constant.
struct LotkaVolterra {
  static constexpr int size = 2;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 2> operator()(T /*t*/, const antler::Vector<T, 2>& y) const {
    const T meetings = y[0] * y[1];
    return {1.5 * y[0] - meetings, meetings - 3.0 * y[1]};
  }
};

/// A spiking neuron, n = 2.
struct FitzHughNagumo {
  static constexpr int size = 2;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 2> operator()(T /*t*/, const antler::Vector<T, 2>& y) const {
    return {y[0] - y[0] * y[0] * y[0] / 3.0 - y[1] + 0.5, (y[0] + 0.7 - 0.8 * y[1]) / 12.5};
  }
};

inline Problem<Lorenz> lorenz() {
  return {.name = "lorenz",
          .title = "Lorenz, n = 3",
          .source = "Lorenz 1963, start of the Odeint tutorial; values: quad",
          .stiffness = Stiffness::nonstiff,
          .time_axis = TimeAxis::linear,
          .f = {},
          .t0 = 0.0,
          .t1 = 10.0,
          .y0 = {10.0, 1.0, 1.0},
          .atol_scale = {1e-3, 1e-3, 1e-3},
          .typical = {10.0, 10.0, 25.0},
          .reference = {{1.0, {-7.3535358350822884008, -6.4755897789812612454, 2.6836358696620101327e1}},
                        {2.0, {-1.0027130205718886108e1, -1.0250362328810667509e1, 2.8661377300582873894e1}},
                        {5.0, {-8.6641324445058873781, -1.0791937982294929262e1, 2.4152081355849049853e1}},
                        {10.0, {-4.7968506224545476222, -6.2903116516048585772, 1.9572011841390935602e1}}},
          .amplification = 10.0};
}

inline Problem<LotkaVolterra> lotka_volterra() {
  return {.name = "lotka_volterra",
          .title = "Lotka-Volterra, n = 2",
          .source = "Lotka 1925, Volterra 1926; parameters of SciMLBenchmarks; values: quad",
          .stiffness = Stiffness::nonstiff,
          .time_axis = TimeAxis::linear,
          .f = {},
          .t0 = 0.0,
          .t1 = 10.0,
          .y0 = {1.0, 1.0},
          .atol_scale = {1e-3, 1e-3},
          .typical = {3.0, 1.5},
          .reference = {{1.0, {2.7728509018411121191, 2.5871087814256395390e-1}},
                        {5.0, {6.0984946759717428180, 6.2813790218746090317e-1}},
                        {10.0, {1.0263447675750893191, 9.0969107813604161755e-1}}}};
}

inline Problem<FitzHughNagumo> fitzhugh_nagumo() {
  return {.name = "fitzhugh_nagumo",
          .title = "FitzHugh-Nagumo, n = 2",
          .source = "FitzHugh 1961, Nagumo 1962; parameters of SciMLBenchmarks; values: quad",
          .stiffness = Stiffness::nonstiff,
          .time_axis = TimeAxis::linear,
          .f = {},
          .t0 = 0.0,
          .t1 = 10.0,
          .y0 = {1.0, 1.0},
          .atol_scale = {1e-3, 1e-3},
          .typical = {1.0, 1.0},
          .reference = {{1.0, {1.1232216638378457308, 1.0751659635137223019}},
                        {5.0, {8.7268004294911025613e-1, 1.3322391428434209296}},
                        {10.0, {-1.9540459529354744440, 9.9434437378389572319e-1}}}};
}

}  // namespace antler::testset
