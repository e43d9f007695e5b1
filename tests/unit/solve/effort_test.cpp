// SPDX-License-Identifier: BSD-3-Clause
// What the adaptive solver costs and what it buys: order, Newton iterations, memory, and independence of the number of threads.
#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "antler/solve/radau.hpp"
#include "testset/solved.hpp"

namespace {

using antler::InitialValueProblem;
using antler::Options;
using antler::Output;
using antler::RadauIIA;
using antler::Status;
using antler::Strategy;

/// Solves in windows, at every tolerance.
template <class F, class Method = RadauIIA<5>>
auto solved(const antler::testset::Problem<F>& problem, double rtol, Output output = Output::final_state, const Method& method = {},
            Strategy strategy = Strategy::windows) {
  const InitialValueProblem p{problem.f, problem.t0, problem.t1, problem.y0};
  return antler::solve(p, method, Options{.rtol = rtol, .atol = problem.atol(rtol), .output = output, .strategy = strategy});
}

/// The power of the number of steps with which the error falls: least squares of log error against log steps, over half decades of
/// rtol, so that the rounding to full lanes averages out.
template <class Method>
double power_of_steps(const Method& method, double from, double to) {
  const auto problem = antler::testset::lotka_volterra();
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (double rtol = from; rtol > 0.9 * to; rtol /= std::sqrt(10.0)) {
    const auto solution = solved(problem, rtol, Output::final_state, method);
    EXPECT_EQ(solution.status, Status::converged);
    const double x = std::log(static_cast<double>(solution.statistics.steps));
    const double y = std::log(problem.error(solution.final_state(), problem.final_reference()));
    n += 1, sx += x, sy += y, sxx += x * x, sxy += x * y;
  }
  return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

TEST(Effort, ErrorFallsWithTheFifthPowerOfTheNumberOfSteps) {
  const double slope = power_of_steps(RadauIIA<3>{}, 1e-4, 1e-10);
  RecordProperty("slope", std::to_string(slope));
  EXPECT_LT(slope, -4.5);  // measured: -5.05
  EXPECT_GT(slope, -6.5);
}

TEST(Effort, ErrorOfTheDefaultMethodFallsWithTheNinthPower) {
  const double slope = power_of_steps(RadauIIA<5>{}, 1e-3, 1e-8);
  RecordProperty("slope", std::to_string(slope));
  EXPECT_LT(slope, -8);
  EXPECT_GT(slope, -11);
}

/// Newton iterations per accepted step, those of coarse meshes and of rejected steps included, over four tolerances.
template <class F, class Method>
double iterations_per_step(const antler::testset::Problem<F>& problem, const Method& method, Strategy strategy) {
  double iterations = 0, steps = 0;
  for (const double rtol : {1e-4, 1e-6, 1e-8, 1e-10}) {
    const auto statistics = solved(problem, rtol, Output::final_state, method, strategy).statistics;
    iterations += static_cast<double>(statistics.newton_steps);
    steps += static_cast<double>(statistics.steps);
  }
  return iterations / steps;
}

TEST(Effort, NewtonIterationsPerAcceptedStepStayFew) {
  // A guess or a Jacobian that has become worse shows here first.
  EXPECT_LT(iterations_per_step(antler::testset::vdp100(), RadauIIA<3>{}, Strategy::windows), 4);
  EXPECT_LT(iterations_per_step(antler::testset::hires(), RadauIIA<3>{}, Strategy::windows), 4);
  EXPECT_LT(iterations_per_step(antler::testset::vdp100(), RadauIIA<5>{}, Strategy::automatic), 4);
  EXPECT_LT(iterations_per_step(antler::testset::hires(), RadauIIA<5>{}, Strategy::automatic), 4);
}

TEST(Effort, MemoryOfTheFinalStateAloneDoesNotGrowWithTheNumberOfSteps) {
  auto problem = antler::testset::vdp100();
  const auto solve_to = [&](double t1, Output output) {
    problem.t1 = t1;
    return solved(problem, 1e-6, output).statistics;
  };
  const auto few = solve_to(200, Output::final_state), many = solve_to(20'000, Output::final_state);
  EXPECT_GT(many.steps, 50 * few.steps);
  EXPECT_EQ(many.peak_bytes, few.peak_bytes);
  EXPECT_LE(many.residual_history.size(), 40u);  // of the last window only
  const auto stored = solve_to(20'000, Output::trajectory);
  EXPECT_GT(stored.peak_bytes, many.peak_bytes + static_cast<std::size_t>(many.steps) * 10 * sizeof(double));
}

TEST(Effort, WorkPerStepDoesNotGrowWithTheNumberOfSteps) {
  auto problem = antler::testset::vdp100();
  const auto per_step = [&](double t1) {
    problem.t1 = t1;
    const auto statistics = solved(problem, 1e-6).statistics;
    return static_cast<double>(statistics.function_evaluations) / static_cast<double>(statistics.steps);
  };
  EXPECT_NEAR(per_step(30'000), per_step(3'000), 0.1 * per_step(3'000));
}

/// The end state and the counts, exactly.
std::string fingerprint() {
  const auto problem = antler::testset::hires();
  const auto solution = solved(problem, 1e-8);
  std::string text = "steps " + std::to_string(solution.statistics.steps);
  char digits[40];
  for (const double y : solution.final_state()) {
    std::snprintf(digits, sizeof digits, " %.15e", y);
    text += digits;
  }
  return text;
}

/// What the process of the next test prints when it is asked with one thread or with two.
TEST(Fingerprint, DISABLED_Prints) { std::printf("fingerprint %s\n", fingerprint().c_str()); }

std::vector<double> numbers_of(const std::string& text) {
  std::vector<double> numbers;
  const char* next = text.c_str() + text.find(' ');
  for (char* end = nullptr; *next != '\0' && *next != '\n'; next = end) {
    numbers.push_back(std::strtod(next, &end));
    if (end == next) break;
  }
  return numbers;
}

TEST(Effort, TheTrajectoryDoesNotDependOnTheNumberOfThreads) {
  std::array<char, 4096> program{};
  ASSERT_GT(readlink("/proc/self/exe", program.data(), program.size() - 1), 0);
  const std::vector<double> here = numbers_of(fingerprint());
  for (const char* threads : {"1", "2", "3"}) {
    const std::string command = std::string("OMP_NUM_THREADS=") + threads + " OMP_PROC_BIND=false '" + program.data() +
                                "' --gtest_filter=Fingerprint.* --gtest_also_run_disabled_tests 2>/dev/null";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    ASSERT_TRUE(pipe);
    std::string answer;
    for (std::array<char, 1024> line{}; std::fgets(line.data(), line.size(), pipe.get());)
      if (std::string(line.data()).starts_with("fingerprint ")) answer = line.data() + 12;
    const std::vector<double> there = numbers_of(answer);
    ASSERT_EQ(there.size(), here.size()) << threads << " threads: " << answer;
    EXPECT_EQ(there[0], here[0]) << threads << " threads";
    for (std::size_t c = 1; c < here.size(); ++c)
      EXPECT_NEAR(there[c], here[c], 1e-10 * (std::abs(here[c]) + 1e-4)) << threads << " threads";  // newton_tolerance rtol
  }
}

}  // namespace
