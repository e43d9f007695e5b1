// SPDX-License-Identifier: BSD-3-Clause
// The Brusselator with diffusion on a line [HairerWanner1996, sec. IV.10], beside CVODE's BDF with a banded Jacobian: both with the
// loosest tolerance of a ladder at which the error of the final state is below a goal.
#include <antler/solve/parabolic.hpp>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <span>
#include <utility>

#include "in_turns.hpp"
#include "peers/cvode_lines.hpp"

namespace blocks {

namespace {

using antler::CallbackProblem, antler::Options, antler::Output, antler::Status, antler::Vector;

struct Reaction {
  static constexpr int size = 2;

  template <class T>
  Vector<T, 2> operator()(const T& /*x*/, const T& /*t*/, const Vector<T, 2>& u) const {
    const T conversion = u[0] * u[0] * u[1];
    return {1.0 + conversion - 4.0 * u[0], 3.0 * u[0] - conversion};
  }
};

antler::ParabolicProblem<Reaction> brusselator() {
  const antler::Dirichlet sides{Vector<double, 2>{1.0, 3.0}};
  return {{},  0.02,  0.0,
          1.0, sides, sides,
          0.0, 10.0,  [](double x) {
            return Vector<double, 2>{1 + 0.5 * std::sin(2 * std::numbers::pi * x), 3.0}; }};
}

/// The same equations as a user would write them down by hand, for u_1, v_1, u_2, ... inside of the interval.
void rate(std::size_t points, const double* y, double* dydt) {
  const double gaps = static_cast<double>(points) + 1, diffusion = 0.02 * gaps * gaps;
  for (std::size_t i = 0; i < points; ++i) {
    const double u = y[2 * i], v = y[2 * i + 1], conversion = u * u * v;
    const double u_left = i > 0 ? y[2 * i - 2] : 1.0, u_right = i + 1 < points ? y[2 * i + 2] : 1.0;
    const double v_left = i > 0 ? y[2 * i - 1] : 3.0, v_right = i + 1 < points ? y[2 * i + 3] : 3.0;
    dydt[2 * i] = 1.0 + conversion - 4.0 * u + diffusion * (u_left - 2.0 * u + u_right);
    dydt[2 * i + 1] = 3.0 * u - conversion + diffusion * (v_left - 2.0 * v + v_right);
  }
}

Options tolerance(double rtol, antler::Strategy strategy = antler::Strategy::automatic) {
  return {.rtol = rtol, .atol = 1e-3 * rtol, .output = Output::final_state, .strategy = strategy};
}

/// What a solver returns at a tolerance: the final state, empty when it failed.
using Solver = std::function<std::vector<double>(double rtol)>;

/// The loosest tolerance whose error is at most `goal`, 0 when there is none.
double tolerance_for(double goal, const Solver& solver, const std::function<double(const std::vector<double>&)>& error_of,
                     double& error) {
  for (int quarter = 8; quarter <= 50; ++quarter) {
    const double rtol = std::pow(10.0, -0.25 * quarter);
    error = error_of(solver(rtol));
    if (error <= goal) return rtol;
  }
  return 0;
}

void measure_size(const Settings& settings, const Report& report, int points, double goal) {
  const auto problem = brusselator();
  CallbackProblem by_hand{.f = [points](double, std::span<const double> y,
                                        std::span<double> dydt) { rate(static_cast<std::size_t>(points), y.data(), dydt.data()); },
                          .t0 = 0,
                          .t1 = 10,
                          .y0 = {}};
  by_hand.pattern = antler::BandedPattern{2, 2};
  for (int i = 1; i <= points; ++i) {
    by_hand.y0.push_back(1 + 0.5 * std::sin(2 * std::numbers::pi * i / (points + 1)));
    by_hand.y0.push_back(3);
  }
  const Solver cvode = [&](double rtol) {
    const antler::peers::PeerRun run{
        .t0 = 0, .t1 = 10, .y0 = by_hand.y0, .rtol = rtol, .atol = std::vector<double>(by_hand.y0.size(), 1e-3 * rtol)};
    const auto f = [points](double, const double* y, double* dydt) { rate(static_cast<std::size_t>(points), y, dydt); };
    const auto result = antler::peers::cvode_bdf_lines(f, 2, run);
    return result.outcome == antler::peers::Outcome::finished ? result.y : std::vector<double>{};
  };
  const auto state = [](const antler::DynamicSolution& solution) {
    const auto y = solution.final_state();
    return solution.status == Status::converged ? std::vector<double>(y.begin(), y.end()) : std::vector<double>{};
  };
  const std::vector<double> reference = state(solve(by_hand, tolerance(1e-13)));
  const auto error_of = [&](const std::vector<double>& y) {
    double largest = y.size() == reference.size() && !y.empty() ? 0 : HUGE_VAL;
    for (std::size_t c = 0; c < y.size(); ++c)
      largest = std::max(largest, std::abs(y[c] - reference[c]) / (1e-3 + std::abs(reference[c])));
    return largest;
  };
  const std::pair<const char*, Solver> methods[] = {
      {"ParabolicProblem", [&](double rtol) { return state(solve(problem, points + 2, tolerance(rtol)).system()); }},
      {"CallbackProblem", [&](double rtol) { return state(solve(by_hand, tolerance(rtol))); }},
      {"CallbackProblem, windows", [&](double rtol) { return state(solve(by_hand, tolerance(rtol, antler::Strategy::windows))); }}};
  double peer_error = 0;
  const double peer_rtol = tolerance_for(goal, cvode, error_of, peer_error);
  for (const auto& [name, solver] : methods) {
    char size[64];
    std::snprintf(size, sizeof size, "Brusselator, n = %d, error %.0e", 2 * points, goal);
    Row row;
    row.problem = size;
    row.method = name;
    row.peer = "CVODE BDF, band";
    row.peer_error = peer_error;
    const double rtol = tolerance_for(goal, solver, error_of, row.error);
    if (rtol == 0 || peer_rtol == 0)
      row.failure = rtol == 0 ? "the error was not reached" : "left out: CVODE does not reach the error";
    else
      in_turns(
          settings, row, [&, &solve_ = solver] { static_cast<void>(solve_(rtol)); }, [&] { static_cast<void>(cvode(peer_rtol)); });
    report(row);
  }
}

void measure(const Settings& settings, const Report& report) {
  for (const int points : {100, 500}) {
    for (const double goal : {1e-4, 1e-6, 1e-8}) {
      measure_size(settings, report, points, goal);
      if (settings.only_tiny) return;
    }
  }
}

}  // namespace

Group parabolic() {
  return {"parabolic", "parabolic equations by the method of lines beside CVODE with a banded Jacobian, at equal error", measure};
}

}  // namespace blocks
