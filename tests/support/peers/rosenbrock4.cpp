// SPDX-License-Identifier: BSD-3-Clause
// Compiled as C++17, with optimisation and NDEBUG in every build type: without NDEBUG uBLAS checks each access and the method is 10
// to 20 times slower, which would be no fair peer.
#include <algorithm>
#include <boost/numeric/odeint/stepper/rosenbrock4.hpp>
#include <boost/numeric/odeint/stepper/rosenbrock4_controller.hpp>
#include <utility>

#include "rosenbrock4_system.hpp"

#if !defined(NDEBUG)
#error "rosenbrock4.cpp: define NDEBUG, see the comment above"
#endif

namespace antler::peers {

namespace {

/// Boost (1.74 at least) has the last coefficient of df/dt with the wrong sign, which makes the method first order wherever f
/// depends on t; with the sign of RODAS [HW, sec. IV.7, code RODAS] it has order four. Where df/dt is zero it changes nothing.
struct RodasCoefficients : boost::numeric::odeint::default_rosenbrock_coefficients<double> {
  const double d4 = -0.3620000000000023e-01;
};

}  // namespace

PeerResult rosenbrock4(const RosenbrockSystem& system, const PeerRun& run) {
  constexpr long trials_per_look = 100;
  namespace odeint = boost::numeric::odeint;
  using Stepper = odeint::rosenbrock4<double, RodasCoefficients>;
  using State = Stepper::state_type;
  using Matrix = Stepper::matrix_type;
  const Stopwatch clock;

  PeerResult result;
  const auto rhs = [&](const State& y, State& dydt, double t) {
    ++result.function_evaluations;
    system.rhs(system.f, t, &y[0], &dydt[0]);
  };
  const auto jacobian = [&](const State& y, Matrix& dfdy, const double& t, State& dfdt) {
    ++result.jacobian_evaluations;
    system.derivatives(system.f, t, &y[0], &dfdy.data()[0], &dfdt[0]);
  };
  const auto implicit_system = std::make_pair(rhs, jacobian);
  const double atol = *std::min_element(run.atol.begin(), run.atol.end());
  odeint::rosenbrock4_controller<Stepper> stepper(atol, run.rtol);
  State y(run.y0.size());
  std::copy(run.y0.begin(), run.y0.end(), y.begin());
  double t = run.t0;
  double h = initial_step([&](double s, const double* x, double* dxdt) { system.rhs(system.f, s, x, dxdt); }, run, 4);

  result.status = "the step size vanished";  // unless something else ends the loop
  for (long trials = 1; t < run.t1 && t + h > t; ++trials) {
    const bool last = run.t1 - (t + h) <= 1e-15 * std::abs(run.t1);
    if (last) h = run.t1 - t;
    if (stepper.try_step(implicit_system, y, t, h) == odeint::success) {
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
