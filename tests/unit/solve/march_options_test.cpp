// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "antler/solve/radau.hpp"
#include "turning.hpp"

using namespace antler;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

/// A pulse in t of width 1 ms that nothing announces; y is its integral.
struct Pulse {
  double centre;
  template <class T>
  Vector<T, 1> operator()(const T& t, const Vector<T, 1>& /*y*/) const {
    const T x = (t - centre) * 1e3;
    return {1e3 * exp(-(x * x))};
  }
};
constexpr double pulse_integral = 1.7724538509055160;  // sqrt(pi)

TEST(MaximumStep, FindsWhatLongStepsPassOver) {
  for (const double sign : {1.0, -1.0}) {
    const InitialValueProblem problem{Pulse{sign * 1.0}, 0.0, sign * 10.0, Vector<double, 1>{0}};
    const auto solution = solve(problem, Options{.rtol = 1e-8, .atol = 1e-8, .maximum_step = 1e-3});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_NEAR(solution.final_state()[0], sign * pulse_integral, 1e-6);
  }
}

TEST(MaximumStep, BoundsEveryStep) {
  for (const double longest : {1.0, 0.1, 0.0123}) {
    const auto solution = solve(Turning{0.05}.between(-1, 7), Options{.rtol = 1e-3, .atol = 1e-3, .maximum_step = longest});
    ASSERT_EQ(solution.status, Status::converged);
    const auto t = solution.times();
    for (std::size_t i = 0; i + 1 < t.size(); ++i) EXPECT_LE(t[i + 1] - t[i], longest);
  }
}

/// Steps so short that their estimates are rounding are not noisy for that.
TEST(MaximumStep, DoesNotEndTheWalk) {
  const auto oscillator = []<class T>(const T&, const Vector<T, 2>& y) -> Vector<T, 2> {
    return {y[1], 5.0 * ((1.0 - y[0] * y[0]) * y[1]) - y[0]};
  };
  const InitialValueProblem problem{oscillator, 0.0, 60.0, Vector<double, 2>{2, 0}};
  const auto solution = solve(problem, Options{.rtol = 1e-6, .atol = 1e-6, .output = Output::final_state, .maximum_step = 0.003});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.statistics.windows, 0);
}

TEST(MaximumStep, MayBeInfinite) {
  const auto problem = Turning{}.between(0, 3);
  EXPECT_EQ(solve(problem, Options{.maximum_step = infinity}).final_state(), solve(problem).final_state());
}

TEST(InitialStep, FindsWhatTheFirstStepWouldPassOver) {
  for (const double sign : {1.0, -1.0}) {
    const InitialValueProblem problem{Pulse{sign * 0.01}, 0.0, sign * 10.0, Vector<double, 1>{0}};
    const auto solution = solve(problem, Options{.rtol = 1e-8, .atol = 1e-8, .initial_step = sign * 1e-3});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_NEAR(solution.final_state()[0], sign * pulse_integral, 1e-6);
  }
}

TEST(MaximumWindow, ChangesTheWorkAndNotTheSolution) {
  const auto problem = Turning{0.1}.between(0, 10);
  const Options options{.rtol = 1e-7, .atol = 1e-9, .strategy = Strategy::windows};
  Index most_windows = 0;
  for (const Index window : {0, 1, 16, 64, 100, 1 << 20}) {
    Options limited = options;
    limited.maximum_window = window;
    const auto solution = solve(problem, limited);
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_LT(distance(solution.final_state(), problem.f.exact(10)), 1e-5);
    if (window == 1) most_windows = solution.statistics.windows;
    EXPECT_LE(solution.statistics.windows, most_windows == 0 ? solution.statistics.windows : most_windows);
  }
  EXPECT_GT(most_windows, solve(problem, options).statistics.windows);
}

TEST(Progress, IsToldInTheOrderOfTimeUpToTheEnd) {
  for (const double end : {50.0, -50.0}) {
    std::vector<Progress> told;
    Options options{.rtol = 1e-7, .atol = 1e-9};
    options.progress = [&](const Progress& progress) { return told.push_back(progress), true; };
    const auto solution = solve(Turning{}.between(0, end), options);
    ASSERT_EQ(solution.status, Status::converged);
    ASSERT_GT(told.size(), 1u);
    for (std::size_t i = 0; i + 1 < told.size(); ++i) {
      EXPECT_GT((told[i + 1].time - told[i].time) * end, 0);
      EXPECT_GT(told[i + 1].steps, told[i].steps);
      EXPECT_GE(told[i + 1].iterations, told[i].iterations);
    }
    EXPECT_EQ(told.back().time, end);
    EXPECT_EQ(told.back().steps, solution.statistics.steps);
  }
}

TEST(Progress, CancelsAndKeepsWhatWasAccepted) {
  Options options{.rtol = 1e-7, .atol = 1e-9};
  double last = 0;
  options.progress = [&](const Progress& progress) { return last = progress.time, progress.time < 20; };
  const auto problem = Turning{}.between(0, 1e6);
  const auto solution = solve(problem, options);
  ASSERT_EQ(solution.status, Status::cancelled);
  EXPECT_FALSE(succeeded(solution.status));
  EXPECT_EQ(solution.final_time(), last);
  EXPECT_EQ(solution.times().back(), last);
  EXPECT_GE(last, 20);
  EXPECT_LT(last, 1000);
  EXPECT_LT(distance(solution.final_state(), problem.f.exact(last)), 1e-4);
  EXPECT_LT(distance(solution(10), problem.f.exact(10)), 1e-4);
}

/// What the solver says about these options on [1, 2]; empty when it accepts them.
std::string complaint(const Options& options, double t1 = 2) {
  try {
    static_cast<void>(solve(Turning{}.between(1, t1), options));
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "";
}

void expect_complaint(const Options& options, const std::string& subject, const std::string& remedy, double t1 = 2) {
  const std::string text = complaint(options, t1);
  EXPECT_NE(text.find("Options::" + subject), std::string::npos) << "'" << text << "' does not name " << subject;
  EXPECT_NE(text.find(remedy), std::string::npos) << "'" << text << "' does not say '" << remedy << "'";
}

TEST(MarchOptions, RejectAnInitialStepThatCannotBeTaken) {
  for (const double step : {nan, infinity, -infinity}) expect_complaint({.initial_step = step}, "initial_step", "not finite");
  expect_complaint({.initial_step = -0.1}, "initial_step", "the sign of t1 - t0");
  expect_complaint({.initial_step = 0.1}, "initial_step", "the sign of t1 - t0", 0);
  expect_complaint({.initial_step = 1e-17}, "initial_step", "use at least");
  EXPECT_EQ(complaint({.initial_step = -0.1}, 0), "");
  EXPECT_EQ(complaint({.initial_step = 100}), "") << "longer than the interval: cut";
}

TEST(MarchOptions, RejectAMaximumStepThatCannotBeTaken) {
  for (const double step : {nan, -1.0}) expect_complaint({.maximum_step = step}, "maximum_step", "0 for none");
  expect_complaint({.maximum_step = 1e-16}, "maximum_step", "use a larger value");
}

TEST(MarchOptions, RejectTimesThatAreUnsortedOrNotFinite) {
  expect_complaint({.output_times = {1.5, 1.2}}, "output_times", "ascending");
  expect_complaint({.output_times = {1.2, 1.2}}, "output_times", "strictly");
  expect_complaint({.output_times = {0.2, 0.5}}, "output_times", "descending", 0);
  expect_complaint({.output_times = {1.2, nan}}, "output_times", "not finite");
  expect_complaint({.output_times = {0.9}}, "output_times", "outside of the interval");
  expect_complaint({.output_times = {2.1}}, "output_times", "outside of the interval");
  expect_complaint({.jump_times = {1.5, 1.2}}, "jump_times", "ascending");
  expect_complaint({.jump_times = {1.2, 1.2}}, "jump_times", "strictly");
  expect_complaint({.jump_times = {infinity}}, "jump_times", "not finite");
}

TEST(MarchOptions, RejectBoundsThatDoNotFit) {
  expect_complaint({.lower_bounds = {0, 0, 0}}, "lower_bounds", "one per component");
  expect_complaint({.upper_bounds = {1, 1, 1}}, "upper_bounds", "one per component");
  expect_complaint({.lower_bounds = {nan}}, "lower_bounds", "NaN");
  EXPECT_NE(complaint({.lower_bounds = {-9, 1}, .upper_bounds = {9, 0}}).find("component 1 is above"), std::string::npos);
  expect_complaint({.lower_bounds = {0.9}}, "lower_bounds", "start within");
  EXPECT_EQ(complaint({.lower_bounds = {-2}, .upper_bounds = {infinity}}), "");
}

TEST(MarchOptions, RejectANegativeWindow) {
  expect_complaint({.maximum_window = -1}, "maximum_window", "0 for the solver's choice");
}

TEST(MarchOptions, RejectTolerancesBelowThePrecisionOfTheState) {
  expect_complaint({.rtol = 1e-17}, "rtol", "use a value of at least 8.88178e-16");
  const InitialValueProblem single{Turning{}, 0.0, 1.0, Vector<float, 2>{1, 0}};
  try {
    static_cast<void>(solve(single, Options{.rtol = 1e-7}));
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("use a value of at least 4.76837e-07"), std::string::npos) << error.what();
  }
}

}  // namespace
