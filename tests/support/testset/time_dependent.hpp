// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "problem.hpp"

namespace antler::testset {

/// y' = lambda (y - atan t) + 1 / (1 + t^2), y = atan t: a stiff spring that pulls to a known curve [SUNDIALS, ark_analytic].
struct PullToArcTangent {
  static constexpr int size = 1;
  static constexpr bool depends_on_time = true;
  double lambda = -100.0;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 1> operator()(T t, const antler::Vector<T, 1>& y) const {
    using ::atan;  // see ChemicalAkzoNobel
    return {lambda * (y[0] - atan(t)) + 1.0 / (1.0 + t * t)};
  }
};

/// y' = (t + 1) exp(-y), y(0) = 0: y = log(t^2 / 2 + t + 1) [SUNDIALS, ark_analytic_nonlin].
struct LogarithmicGrowth {
  static constexpr int size = 1;
  static constexpr bool depends_on_time = true;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 1> operator()(T t, const antler::Vector<T, 1>& y) const {
    using ::exp;  // see ChemicalAkzoNobel
    return {(t + 1.0) * exp(-y[0])};
  }
};

/// y' = -50 (y - cos t), y(0) = 0: y = 50 (sin t + 50 cos t - 50 exp(-50 t)) / 2501, a layer, then a smooth curve [HW, eq. 1.1].
struct PullToCosine {
  static constexpr int size = 1;
  static constexpr bool depends_on_time = true;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 1> operator()(T t, const antler::Vector<T, 1>& y) const {
    using ::cos;  // see ChemicalAkzoNobel
    return {-50.0 * (y[0] - cos(t))};
  }
};

inline Problem<PullToArcTangent> arc_tangent() {
  Problem<PullToArcTangent> problem{.name = "arc_tangent",
                                    .title = "y' = -100 (y - atan t) + 1 / (1 + t^2), n = 1",
                                    .source = "SUNDIALS, ark_analytic; closed form",
                                    .stiffness = Stiffness::stiff,
                                    .time_axis = TimeAxis::linear,
                                    .f = {.lambda = -100.0},
                                    .t0 = 0.0,
                                    .t1 = 10.0,
                                    .y0 = {0.0},
                                    .atol_scale = {1e-3},
                                    .typical = {1.0},
                                    .reference = {}};
  for (const double t : {1.0, 5.0, 10.0}) problem.reference.push_back({t, {std::atan(t)}});
  return problem;
}

inline Problem<LogarithmicGrowth> logarithmic_growth() {
  Problem<LogarithmicGrowth> problem{.name = "logarithmic_growth",
                                     .title = "y' = (t + 1) exp(-y), n = 1",
                                     .source = "SUNDIALS, ark_analytic_nonlin; closed form",
                                     .stiffness = Stiffness::nonstiff,
                                     .time_axis = TimeAxis::linear,
                                     .f = {},
                                     .t0 = 0.0,
                                     .t1 = 10.0,
                                     .y0 = {0.0},
                                     .atol_scale = {1e-3},
                                     .typical = {2.0},
                                     .reference = {}};
  for (const double t : {1.0, 5.0, 10.0}) problem.reference.push_back({t, {std::log(t * t / 2.0 + t + 1.0)}});
  return problem;
}

inline Problem<PullToCosine> pull_to_cosine() {
  Problem<PullToCosine> problem{.name = "pull_to_cosine",
                                .title = "y' = -50 (y - cos t), n = 1",
                                .source = "HW, eq. 1.1; closed form",
                                .stiffness = Stiffness::stiff,
                                .time_axis = TimeAxis::linear,
                                .f = {},
                                .t0 = 0.0,
                                .t1 = 1.5,
                                .y0 = {0.0},
                                .atol_scale = {1e-3},
                                .typical = {1.0},
                                .reference = {}};
  for (const double t : {0.1, 0.5, 1.5}) {
    const double y = 50.0 * (std::sin(t) + 50.0 * std::cos(t) - 50.0 * std::exp(-50.0 * t)) / 2501.0;
    problem.reference.push_back({t, {y}});
  }
  return problem;
}

}  // namespace antler::testset
