// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// All test problems, and visitors over them: `for_each_stiff([](const auto& problem) { ... });`

#include "brusselator.hpp"
#include "chemakzo.hpp"
#include "hires.hpp"
#include "mechanics.hpp"
#include "nonstiff.hpp"
#include "orego.hpp"
#include "pollu.hpp"
#include "robertson.hpp"
#include "time_dependent.hpp"
#include "van_der_pol.hpp"

namespace antler::testset {

/// Visits every problem that an explicit solver cannot, or should not, solve.
template <class Visitor>
void for_each_stiff(Visitor&& visit) {
  visit(vdpolm());
  visit(vdpol());
  visit(vdp100());
  visit(vdp100_long());
  visit(robertson());
  visit(robertson_long());
  visit(orego());
  visit(hires());
  visit(hires_long());
  visit(pollu());
  visit(chemakzo());
  visit(fed_brusselator_1());
  visit(fed_brusselator_2());
  visit(fed_brusselator_3());
  visit(arc_tangent());
  visit(pull_to_cosine());
}

/// Visits the others.
template <class Visitor>
void for_each_nonstiff(Visitor&& visit) {
  visit(vdp1());
  visit(vdp5());
  visit(vdp10());
  visit(brusselator());
  visit(logarithmic_growth());
  visit(lorenz());
  visit(lotka_volterra());
  visit(fitzhugh_nagumo());
  visit(arenstorf());
  visit(kepler());
  visit(henon_heiles());
  visit(rigid_body());
  visit(pendulum());
}

}  // namespace antler::testset
