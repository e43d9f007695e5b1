// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <boost/numeric/odeint/algebra/array_algebra.hpp>
#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/generation/generation_controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/generation/generation_runge_kutta_dopri5.hpp>
#include <boost/numeric/odeint/stepper/generation/make_controlled.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>

#include "jacobian.hpp"
#include "peer.hpp"

namespace antler::peers {

/// Odeint's controlled runge_kutta_dopri5, the RK45 that everyone checks against: explicit, so that on a stiff problem it is the
/// clock that stops it.
///
/// @note Odeint takes one absolute tolerance: the smallest of the components'. The clock is looked at every 1000 trials.
template <class F>
PeerResult dopri5(const F& f, const PeerRun& run) {
  constexpr int n = F::size;
  constexpr long trials_per_look = 1000;
  using State = std::array<double, n>;
  namespace odeint = boost::numeric::odeint;
  const Stopwatch clock;

  PeerResult result;
  const auto rhs = [&](const State& y, State& dydt, double t) {
    ++result.function_evaluations;
    evaluate(f, t, y.data(), dydt.data());
  };
  const double atol = *std::min_element(run.atol.begin(), run.atol.end());
  auto stepper = odeint::make_controlled(atol, run.rtol, odeint::runge_kutta_dopri5<State>());
  State y;
  std::copy(run.y0.begin(), run.y0.end(), y.begin());
  double t = run.t0;
  double h = initial_step([&](double s, const double* x, double* dxdt) { evaluate(f, s, x, dxdt); }, run, 5);

  result.status = "the step size vanished";  // unless something else ends the loop
  for (long trials = 1; t < run.t1 && t + h > t; ++trials) {
    const bool last = run.t1 - (t + h) <= 1e-15 * std::abs(run.t1);
    if (last) h = run.t1 - t;
    if (stepper.try_step(rhs, y, t, h) == odeint::success) {
      ++result.steps;
      if (last) t = run.t1;
    } else {
      ++result.rejected;
    }
    if (trials % trials_per_look == 0 && clock.seconds() > run.time_limit) {
      result.outcome = Outcome::out_of_time;
      break;
    }
  }
  result.seconds = clock.seconds();
  result.t = t;
  result.y.assign(y.begin(), y.end());
  conclude(result, run);
  return result;
}

}  // namespace antler::peers
