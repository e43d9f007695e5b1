// SPDX-License-Identifier: BSD-3-Clause
// Robertson's reaction from 0 to 4e10, and the times at which y_1 falls through 1e-4 and y_3 rises through 0.01: the example
// cvRoberts_dns of SUNDIALS, with its tolerances.
//
//     y_1' = -0.04 y_1 + 1e4 y_2 y_3     y_2' = 0.04 y_1 - 1e4 y_2 y_3 - 3e7 y_2^2     y_3' = 3e7 y_2^2
//
// It shows output at given times, events, bounds, and what a solve did. Sample run: events
#include <antler/antler.hpp>
#include <cmath>
#include <iostream>

struct Robertson {
  template <class T>
  KOKKOS_FUNCTION antler::Vector<T, 3> operator()(const T& /*t*/, const antler::Vector<T, 3>& y) const {
    const T a = 0.04 * y[0], b = 1e4 * y[1] * y[2], c = 3e7 * y[1] * y[1];
    return {b - a, a - b - c, c};
  }
};

int main(int argc, char** argv) {
  Kokkos::ScopeGuard kokkos(argc, argv);

  // 1. The problem; is f what a solver needs?
  const antler::InitialValueProblem problem{Robertson{}, 0.0, 4e10, antler::Vector<double, 3>{1, 0, 0}};
  if (const auto report = antler::check_problem(problem); !report.ok()) {
    std::cerr << report;
    return 1;
  }

  // 2. Output at twelve times and nowhere else; concentrations are not negative.
  antler::Options options{.rtol = 1e-4, .atol = {1e-8, 1e-14, 1e-6}, .output = antler::Output::final_state, .lower_bounds = {0}};
  for (int k = 0; k < 12; ++k) options.output_times.push_back(0.4 * std::pow(10.0, k));
  options.output_times.back() = problem.t1;

  // 3. Two events. An event with .action = antler::AtEvent::stop would end the solve, with Status::event.
  const auto solution =
      antler::solve(problem, options,
                    {{.root = [](double, const auto& y) { return y[0] - 1e-4; }},
                     {.root = [](double, const auto& y) { return y[2] - 0.01; }, .crossing = antler::Crossing::rising}});
  if (!antler::succeeded(solution.status)) {
    std::cerr << antler::remedy(solution.status) << '\n';
    return 1;
  }

  // 4. What came out.
  for (std::size_t i = 0; i < solution.times().size(); ++i) {
    const auto& y = solution.states()[i];
    std::cout << "t = " << solution.times()[i] << "  y = " << y[0] << ' ' << y[1] << ' ' << y[2] << '\n';
  }
  for (const auto& event : solution.events()) std::cout << "event " << event.which << " at t = " << event.time << '\n';
  std::cout << '\n' << solution.statistics;

  // 5. The answer, by CVODE at rtol 1e-14. The tolerance here is 1e-4 per step.
  const auto near = [](double value, double known) { return std::abs(value / known - 1) < 1e-3; };
  const auto events = solution.events();
  const bool right = events.size() == 2 && events[0].which == 1 && near(events[0].time, 0.264019078188) && events[1].which == 0 &&
                     near(events[1].time, 2.0795496883e7) && solution.times().size() == 12;
  if (!right) std::cerr << "the events are not where they should be\n";
  return right ? 0 : 1;
}
