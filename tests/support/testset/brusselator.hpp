// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "problem.hpp"

namespace antler::testset {

/// The Brusselator of Lefever and Nicolis, n = 2: A = 1, B = 3 [HNW, eq. 16.12].
struct Brusselator {
  static constexpr int size = 2;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 2> operator()(T /*t*/, const antler::Vector<T, 2>& y) const {
    const T conversion = y[0] * y[0] * y[1];
    return {1.0 - 4.0 * y[0] + conversion, 3.0 * y[0] - conversion};
  }
};

/// The Brusselator with a third species that is fed at rate 1 / eps, n = 3 [SUNDIALS, ark_brusselator].
struct FedBrusselator {
  static constexpr int size = 3;
  double a;
  double b;
  double eps;

  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 3> operator()(T /*t*/, const antler::Vector<T, 3>& y) const {
    const T conversion = y[1] * y[0] * y[0], feed = y[2] * y[0];
    return {a - (y[2] + 1.0) * y[0] + conversion, feed - conversion, (b - y[2]) / eps - feed};
  }
};

inline Problem<Brusselator> brusselator() {
  return {.name = "brusselator",
          .title = "Brusselator, n = 2",
          .source = "HNW, eq. 16.12; values: quad",
          .stiffness = Stiffness::nonstiff,
          .time_axis = TimeAxis::linear,
          .f = {},
          .t0 = 0.0,
          .t1 = 20.0,
          .y0 = {1.5, 3.0},
          .atol_scale = {1e-3, 1e-3},
          .typical = {1.0, 3.0},
          .reference = {{1.0, {1.9687324368631135014, 1.3872242658075480341}},
                        {5.0, {4.2684766840753530733e-1, 4.2948418058667477504}},
                        {10.0, {4.1355878300195589400e-1, 2.9890253794739728989}},
                        {20.0, {4.9863707126834784865e-1, 4.5967803494520111832}}}};
}

/// Test 1 of ark_brusselator: settles to an equilibrium.
inline Problem<FedBrusselator> fed_brusselator_1() {
  return {.name = "fed_brusselator_1",
          .title = "Brusselator with feed, eps = 1e-5, n = 3",
          .source = "SUNDIALS, ark_brusselator test 1; values: quad",
          .stiffness = Stiffness::stiff,
          .time_axis = TimeAxis::linear,
          .f = {.a = 1.2, .b = 2.5, .eps = 1e-5},
          .t0 = 0.0,
          .t1 = 10.0,
          .y0 = {3.9, 1.1, 2.8},
          .atol_scale = {1e-3, 1e-3, 1e-3},
          .typical = {1.0, 2.0, 2.5},
          .reference = {{1.0, {2.07527457828892212939, 1.05960197056832369576, 2.49994811883725728236}},
                        {5.0, {1.18700291642379606652, 2.59554187792525962129, 2.49997032545496596174}},
                        {10.0, {1.06496983083927190155, 2.59595579372158809077, 2.49997337614197781138}}}};
}

/// Test 2 of ark_brusselator: a slow rise, then a jump near t = 6.5.
inline Problem<FedBrusselator> fed_brusselator_2() {
  Problem<FedBrusselator> problem = fed_brusselator_1();
  problem.name = "fed_brusselator_2";
  problem.title = "Brusselator with feed, eps = 5e-6, n = 3";
  problem.source = "SUNDIALS, ark_brusselator test 2; values: quad";
  problem.f = {.a = 1.0, .b = 3.5, .eps = 5e-6};
  problem.y0 = {1.2, 3.1, 3.0};
  problem.typical = {1.0, 4.0, 3.5};
  problem.reference = {{1.0, {1.1038495529880126804, 3.0131622668476714171, 3.4999806827135564987}},
                       {2.0, {6.8799952080555741748e-1, 3.5213813949182685067, 3.4999879600122514779}},
                       {3.0, {4.0946637104710998513e-1, 4.2778850651619290917, 3.4999928343422086233}},
                       {4.0, {3.6788646853758420925e-1, 4.9420052218803422490, 3.4999935619998123900}},
                       {5.0, {4.1385432102372064295e-1, 5.5106236534061741776, 3.4999927575714991886}},
                       {6.0, {5.8923402068554912379e-1, 5.8556774294087847491, 3.4999896884684003686}},
                       {7.0, {4.7565440767859285785, 7.3540825733286677649e-1, 3.4999167621288043436}},
                       {8.0, {1.8134341448795410544, 1.5757814673853009723, 3.4999682650171062242}},
                       {9.0, {5.2789610298061058470e-1, 2.8073699643406115125, 3.4999907617906779061}},
                       {10.0, {3.0559915844603606424e-1, 3.6573824370431213903, 3.4999946520199563340}}};
  return problem;
}

/// Test 3 of ark_brusselator: a quick drop, then a slow rise.
inline Problem<FedBrusselator> fed_brusselator_3() {
  Problem<FedBrusselator> problem = fed_brusselator_1();
  problem.name = "fed_brusselator_3";
  problem.title = "Brusselator with feed, eps = 5e-4, n = 3";
  problem.source = "SUNDIALS, ark_brusselator test 3; values: quad";
  problem.f = {.a = 0.5, .b = 3.0, .eps = 5e-4};
  problem.y0 = {3.0, 3.0, 3.5};
  problem.typical = {0.5, 4.0, 3.0};
  problem.reference = {{1.0, {1.89725483337780005388, 1.27493898823035059818, 2.99715494871476931666}},
                       {5.0, {1.42658857328120202150e-1, 3.58320561866465233479, 2.99978602871525040622}},
                       {10.0, {1.56901259092943207793e-1, 5.32232972109160705965, 2.99976466916546094322}}};
  return problem;
}

}  // namespace antler::testset
