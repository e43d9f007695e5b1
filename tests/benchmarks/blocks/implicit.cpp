// SPDX-License-Identifier: BSD-3-Clause
// Differential-algebraic problems of the literature (tests/support/testset/implicit.hpp) beside IDA with a dense Jacobian: both
// with the loosest tolerance of a ladder at which the error of the final state is below a goal. IDA is given the consistent y' that
// antler finds for itself.
#include <antler/solve/implicit.hpp>
#include <cmath>
#include <cstdio>
#include <initializer_list>

#include "in_turns.hpp"
#include "peers/ida.hpp"
#include "testset/implicit.hpp"

namespace blocks {

namespace {

using antler::Options, antler::Output;

/// The loosest tolerance whose error is at most `goal`, 0 when there is none.
template <class Error>
double tolerance_for(double goal, const Error& error_at, double& error) {
  for (int quarter = 8; quarter <= 46; ++quarter) {
    const double rtol = std::pow(10.0, -0.25 * quarter);
    error = error_at(rtol);
    if (error <= goal) return rtol;
  }
  return 0;
}

template <class Test>
void measure(const Settings& settings, const Report& report, const Test& test, std::initializer_list<double> goals,
             const typename Test::State& slope) {
  constexpr int n = Test::size;
  const auto problem = test.problem();
  const auto g = problem.residual();
  const auto solved = [&](double rtol) {
    return antler::solve(problem, Options{.rtol = rtol, .atol = test.atol(rtol), .output = Output::final_state});
  };
  const auto peer = [&](double rtol) {
    return antler::peers::ida_bdf<n>(
        g, {problem.t0, problem.t1, {problem.y0.begin(), problem.y0.end()}, rtol, test.atol(rtol), 2.0}, slope);
  };
  for (const double goal : goals) {
    if (settings.only_tiny && goal < 1e-4) continue;
    char text[80];
    std::snprintf(text, sizeof text, "%s, n = %d, error at most %.0e", test.name.c_str(), n, goal);
    Row row;
    row.problem = text;
    row.method = "RadauIIA<3>";
    row.peer = "IDA";
    const double rtol = tolerance_for(
        goal,
        [&](double at) {
          const auto solution = solved(at);
          return antler::succeeded(solution.status) ? test.error(solution.final_state()) : HUGE_VAL;
        },
        row.error);
    const double peer_rtol = tolerance_for(
        goal,
        [&](double at) {
          const auto result = peer(at);
          if (result.outcome != antler::peers::Outcome::finished) return HUGE_VAL;
          typename Test::State y;
          for (int c = 0; c < n; ++c) y[c] = result.y[static_cast<std::size_t>(c)];
          return test.error(y);
        },
        row.peer_error);
    if (rtol == 0)
      row.failure = "no tolerance of antler's reaches the error";
    else if (peer_rtol == 0)
      row.failure = "left out: no tolerance of IDA's reaches the error";
    else
      in_turns(
          settings, row, [&] { (void)solved(rtol); }, [&] { (void)peer(peer_rtol); });
    report(row);
  }
}

}  // namespace

Group implicit() {
  return {"implicit", "differential-algebraic equations at equal errors of the final state, relative to its components",
          [](const Settings& settings, const Report& report) {
            measure(settings, report, antler::testset::robertson_balance(), {1e-4, 1e-6, 1e-8}, {-0.04, 0.04, 0.0});
            const auto akzo = antler::testset::chemakzo_balance();
            auto slope = akzo.f(0.0, akzo.y0);
            slope[5] = 115.83 * (slope[0] * akzo.y0[3] + slope[3] * akzo.y0[0]);
            measure(settings, report, akzo, {1e-4, 1e-6, 1e-8}, slope);
            measure(settings, report, antler::testset::transistor_amplifier(), {1e-4, 1e-6},  // slopes as published with it
                    {51.338775, 51.338775, -3.0 / (2e-6 * 9000), -24.9757667, -24.9757667, -3.0 / (4e-6 * 9000), -10.00564453,
                     -10.00564453});
          }};
}

}  // namespace blocks
