// SPDX-License-Identifier: BSD-3-Clause
// Delay equations beside the method of steps by DOPRI5, at equal error: each with the loosest of the tolerances 1e-2, 1e-3, ... at
// which no state at a hundred times is off by more than 1e-6.
#include <antler/solve/delay.hpp>
#include <antler/solve/delay_adaptive_mesh.hpp>
#include <cmath>

#include "in_turns.hpp"
#include "retard.hpp"

namespace blocks {

namespace {

constexpr double goal = 1e-6, tightest = 1e-12;

struct Constant {
  double value;
  antler::Vector<double, 1> operator()(double /*t*/) const { return {value}; }
};
struct Cosine {
  antler::Vector<double, 1> operator()(double t) const { return {std::cos(t)}; }
};

struct MackeyGlass {
  template <class T>
  antler::Vector<T, 1> operator()(const T& /*t*/, const antler::Vector<T, 1>& y, const antler::Vector<T, 1>& z) const {
    const T two = z[0] * z[0], four = two * two;
    return {0.2 * z[0] / (1.0 + four * four * two) - 0.1 * y[0]};
  }
};

/// y' = -k (y - cos t) - sin t + 3/10 k (y(t - tau_1) - cos(t - tau_1) + y(t - tau_2) - cos(t - tau_2)), y = cos t.
struct Stiff {
  double k, tau1, tau2;
  template <class T>
  antler::Vector<T, 1> operator()(const T& t, const antler::Vector<T, 1>& y, const antler::Vector<T, 1>& a,
                                  const antler::Vector<T, 1>& b) const {
    return {-k * (y[0] - cos(t)) - sin(t) + 0.3 * k * (a[0] - cos(t - tau1) + b[0] - cos(t - tau2))};
  }
};

/// The largest deviation from `known` at a hundred times.
template <class Solved, class Known>
double error_of(const Solved& solution, double t0, double t1, const Known& known) {
  double largest = 0;
  for (int i = 1; i <= 100; ++i) {
    const double t = t0 + (t1 - t0) * (i / 101.0);
    largest = std::max(largest, std::abs(solution(t)[0] - known(t)));
  }
  return largest;
}

/// The loosest tolerance at which `error(rtol)` is small enough; the error goes to *reached.
template <class Error>
double loosest(const Error& error, double* reached) {
  double rtol = 1e-2;
  for (; rtol > 1.5 * tightest; rtol /= 10)
    if ((*reached = error(rtol)) <= goal) break;
  return rtol;
}

template <class Problem, class Method, class Known>
Row measure(const Settings& settings, const char* name, const Problem& problem, const char* method_name, const Method& method,
            const Known& known) {
  Row row;
  row.problem = name;
  row.method = method_name;
  row.peer = "DOPRI5 by steps";
  const auto solve = [&](double rtol) { return antler::solve(problem, method, antler::Options{.rtol = rtol, .atol = rtol}); };
  const auto peer = [&](double rtol) {
    Retard<Problem> retard(problem, rtol, rtol);
    static_cast<void>(retard.solve());
    return retard;
  };
  const double rtol = loosest([&](double r) { return error_of(solve(r), problem.t0, problem.t1, known); }, &row.error);
  const double peer_rtol = loosest([&](double r) { return error_of(peer(r), problem.t0, problem.t1, known); }, &row.peer_error);
  if (row.error > goal || row.peer_error > goal) row.failure = "one of them does not get there";
  in_turns(
      settings, row, [&] { static_cast<void>(solve(rtol)); }, [&] { static_cast<void>(peer(peer_rtol)); });
  return row;
}

void measure_all(const Settings& settings, const Report& report) {
  const antler::RadauIIA<3> steps;
  const antler::DelayCollocation at_once{antler::RadauIIA<3>{}};
  const auto cosine = [](double t) { return std::cos(t); };
  const antler::DelayProblem mackey_glass{MackeyGlass{}, Constant{0.5}, {17.0}, 0.0, settings.only_tiny ? 50.0 : 300.0};
  Retard reference(mackey_glass, 1e-13, 1e-13);
  static_cast<void>(reference.solve());
  const auto known = [&](double t) { return reference(t)[0]; };
  report(measure(settings, "Mackey-Glass", mackey_glass, "method of steps", steps, known));
  report(measure(settings, "Mackey-Glass", mackey_glass, "all steps at once", at_once, known));
  for (const double k : {1e0, 1e2, 1e4}) {
    if (settings.only_tiny && k > 1e2) continue;
    const antler::DelayProblem long_delays{Stiff{k, 10, 14.2}, Cosine{}, {10.0, 14.2}, 0.0, 60.0};
    const std::string name = "cos t, delays 10 and 14.2, k = " + std::to_string(static_cast<int>(k));
    report(measure(settings, name.c_str(), long_delays, "method of steps", steps, cosine));
    report(measure(settings, name.c_str(), long_delays, "all steps at once", at_once, cosine));
  }
  const antler::DelayProblem short_delay{Stiff{1, 0.001, 14.2}, Cosine{}, {0.001, 14.2}, 0.0, 60.0};
  report(measure(settings, "cos t, delays 0.001 and 14.2, k = 1", short_delay, "all steps at once", at_once, cosine));
}

}  // namespace

Group delays() {
  return {"delays", "delay equations to an error of 1e-6, all times; at the loosest tolerance that does", measure_all};
}

}  // namespace blocks
