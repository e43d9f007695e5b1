// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "antler/solve/callback.hpp"
#include "callbacks.hpp"

/// Misuse of CallbackProblem throws InvalidArgument from the user's line, with a message that says what to do.

namespace {

using namespace antler;
using callbacks::Heat;

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

void expect_complaint(const std::function<void()>& call, const std::string& text) {
  try {
    call();
    ADD_FAILURE() << "accepted, but should say: " << text;
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("bad_input_test.cpp:"), std::string::npos) << error.what();
  }
}

void expect_complaint(const CallbackProblem& problem, const std::string& text, const Options& options = {}) {
  expect_complaint([&] { (void)solve(problem, options); }, text);
}

/// A good problem with one thing changed.
template <class Change>
CallbackProblem changed(const Change& change) {
  CallbackProblem problem = Heat{10}.problem(1);
  change(problem);
  return problem;
}

TEST(CallbackBadInput, AProblemThatIsNotComplete) {
  expect_complaint(changed([](auto& p) { p.f = nullptr; }), "CallbackProblem::f is empty");
  expect_complaint(changed([](auto& p) { p.y0.clear(); }), "CallbackProblem::y0 is empty");
}

TEST(CallbackBadInput, ValuesThatAreNotFinite) {
  for (const double bad : {nan, infinity, -infinity}) {
    expect_complaint(changed([=](auto& p) { p.t0 = bad; }), "t0 and t1 must be finite");
    expect_complaint(changed([=](auto& p) { p.t1 = bad; }), "integrate to a large finite time");
    expect_complaint(changed([=](auto& p) { p.y0[3] = bad; }), "component 3 of y0 is not finite");
  }
}

TEST(CallbackBadInput, PatternsThatDoNotFitTheState) {
  for (const auto& [lower, upper] : {std::pair{-1, 0}, {0, -1}, {10, 0}, {0, 10}})
    expect_complaint(changed([lower = lower, upper = upper](auto& p) {
                       p.pattern = BandedPattern{lower, upper};
                     }),
                     "bandwidths " + std::to_string(lower) + " and " + std::to_string(upper) + " for 10 components");
  for (const auto& entry : {JacobianIndex{10, 0}, {0, 10}, {-1, 0}, {0, -1}})
    expect_complaint(changed([&](auto& p) { p.pattern = SparsePattern{{{0, 0}, entry}}; }), "counted from 0 to n - 1");
}

TEST(CallbackBadInput, TolerancesThatDoNotFitTheState) {
  const CallbackProblem problem = Heat{10}.problem(1);
  expect_complaint(problem, "has 3 values for a state of 10", Options{.atol = {1, 2, 3}});
  expect_complaint(problem, "Options::rtol is", Options{.rtol = 0});
}

TEST(CallbackBadInput, JacobiansOfTheWrongSizeOrBandwidth) {
  using Entries = const JacobianEntries&;
  const auto with = [](CallbackProblem::Jacobian jacobian, JacobianPattern pattern) {
    return changed([&](auto& p) {
      p.jacobian = std::move(jacobian);
      p.pattern = std::move(pattern);
    });
  };
  const auto heat = Heat{10}.jacobian();
  expect_complaint(with([](double, auto, Entries dfdy) { dfdy(10, 0) = 1; }, DensePattern{}), "entry (10, 0) of a 10 x 10 matrix");
  expect_complaint(with([](double, auto, Entries dfdy) { dfdy(0, -1) = 1; }, DensePattern{}), "entry (0, -1)");
  // The heat equation has one diagonal on each side; the message is thrown at the line of the callback, here in callbacks.hpp.
  EXPECT_THROW((void)solve(with(heat, BandedPattern{0, 1})), InvalidArgument);
  EXPECT_THROW((void)solve(with(heat, BandedPattern{1, 0})), InvalidArgument);
  EXPECT_EQ(solve(with(heat, BandedPattern{1, 1})).status, Status::converged);
  expect_complaint(with([](double, auto, Entries dfdy) { dfdy(5, 2) = 1; }, BandedPattern{1, 1}), "widen the pattern");
  expect_complaint(with([](double, auto, Entries dfdy) { dfdy.assign(std::vector<double>(99)); }, DensePattern{}),
                   "gives 99 numbers for 10 components");
}

TEST(CallbackBadInput, TooLittleMemory) {
  const CallbackProblem problem = Heat{10}.problem(1);
  const std::size_t needed = smallest_bytes(problem);
  expect_complaint(problem, "Options::memory_cap is " + std::to_string(needed - 1), Options{.memory_cap = needed - 1});
  EXPECT_EQ(solve(problem, Options{.output = Output::final_state, .memory_cap = needed}).status, Status::converged);
}

TEST(CallbackBadInput, OptionsThatAreNotServed) {
  const CallbackProblem problem = Heat{10}.problem(1);
  const std::string text = "output times, jump times and bounds";
  expect_complaint(problem, text, Options{.output_times = {0.5}});
  expect_complaint(problem, text, Options{.jump_times = {0.5}});
  expect_complaint(problem, text, Options{.lower_bounds = {0}});
  expect_complaint(problem, text, Options{.upper_bounds = {10}});
}

TEST(CallbackBadInput, DenseOutputOutsideOfTheInterval) {
  const DynamicSolution solution = solve(Heat{10}.problem(1));
  for (const double t : {-0.1, 1.1, nan, infinity}) expect_complaint([&] { (void)solution(t); }, "outside of the interval");
  std::vector<double> small(9);
  expect_complaint([&] { solution.evaluate(0.5, small); }, "room for every component");
  expect_complaint([&] { (void)solution.state(-1); }, "states 0 .. times().size() - 1");
  expect_complaint([&] { (void)solution.state(static_cast<Index>(solution.times().size())); }, "states 0 .. times().size() - 1");
}

TEST(CallbackBadInput, AStateOfAnotherSizeForTheJacobianCheck) {
  expect_complaint([] { (void)jacobian_error(Heat{10}.problem(1), 0, std::vector<double>(9)); }, "as many components as y0");
}

}  // namespace
