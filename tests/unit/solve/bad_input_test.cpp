// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "antler/antler.hpp"

/// Misuse throws InvalidArgument from the user's line, with a message that says what to do. Mesh and Options have tests of their
/// own.

using namespace antler;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

struct Decay {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(T, const Vector<T, 2>& y) const {
    return {-1.0 * y[0], -2.0 * y[1]};
  }
};

struct Halving {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(const Vector<T, 1>& y) const {
    return {0.5 * y[0]};
  }
};

using State = Vector<double, 2>;
const InitialValueProblem problem{Decay{}, 0.0, 1.0, State{1, 1}};
const DifferenceEquation recurrence{Halving{}, Vector<double, 1>{1.0}, Steps{10}};
const Mesh mesh = Mesh::uniform(0, 1, 10);

void expect_complaint(const std::function<void()>& call, const std::string& text) {
  try {
    call();
    ADD_FAILURE() << "accepted, but should say: " << text;
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.where().file_name()).find("bad_input_test.cpp"), std::string::npos) << error.where().file_name();
    EXPECT_NE(std::string(error.what()).find("bad_input_test.cpp:" + std::to_string(error.where().line())), std::string::npos)
        << error.what();
  }
}

TEST(BadInput, InitialValuesThatAreNotFinite) {
  for (const double bad : {nan, infinity, -infinity}) {
    expect_complaint(
        [=] {
          (void)InitialValueProblem{Decay{}, 0.0, 1.0, State{1, bad}};
        },
        "component 1 of y0 is not finite: check how");
    expect_complaint([=] { (void)InitialValueProblem{Decay{}, bad, 1.0, State{1, 1}}; }, "t0 and t1 must be finite");
    expect_complaint([=] { (void)InitialValueProblem{Decay{}, 0.0, bad, State{1, 1}}; }, "integrate to a large finite time");
    expect_complaint(
        [=] {
          (void)DifferenceEquation{Halving{}, Vector<double, 1>{bad}, Steps{3}};
        },
        "component 0 of an initial value is not finite");
  }
}

TEST(BadInput, ANegativeNumberOfSteps) {
  expect_complaint([] { (void)DifferenceEquation{Halving{}, Vector<double, 1>{1.0}, Steps{-1}}; }, "must not be negative");
}

TEST(BadInput, OptionsThatTheMethodWouldNotHonour) {
  const Options several[] = {
      {.initial_step = 0.1}, {.maximum_step = 0.1}, {.maximum_window = 10}, {.output_times = {0.5}},
      {.jump_times = {0.5}}, {.lower_bounds = {0}}, {.upper_bounds = {1}},  {.progress = [](const auto&) { return true; }}};
  for (const Options& options : several) {
    expect_complaint([&] { (void)solve(problem, Exponential{}, mesh, options); }, "Exponential does not honour them");
    expect_complaint([&] { (void)solve(problem, Exponential{}, options); }, "Exponential does not honour them");
    expect_complaint([&] { (void)solve(recurrence, options); }, "a DifferenceEquation does not honour them");
  }
}

TEST(BadInput, TolerancesOnEveryEntryPoint) {
  for (const double bad : {0.0, -1e-6, nan}) {
    expect_complaint([=] { (void)solve(problem, Exponential{}, mesh, Options{.rtol = bad}); }, "Options::rtol");
    expect_complaint([=] { (void)solve(problem, Exponential{}, mesh, Options{.atol = bad}); }, "Options::atol");
    expect_complaint([=] { (void)solve(problem, Exponential{}, Options{.rtol = bad}); }, "Options::rtol");
    expect_complaint([=] { (void)solve(problem, Options{.atol = bad}); }, "Options::atol");
    expect_complaint([=] { (void)solve(recurrence, Options{.rtol = bad}); }, "Options::rtol");
    expect_complaint([=] { (void)solve(recurrence, Newton{}, Options{.atol = bad}); }, "Options::atol");
  }
  expect_complaint([] { (void)solve(problem, Exponential{}, mesh, Options{.atol = {1, 1, 1}}); }, "3 values for a state of 2");
  expect_complaint([] { (void)solve(problem, Options{.atol = {1, 1, 1}}); }, "one value, or one per component");
  expect_complaint([] { (void)solve(recurrence, Options{.atol = {1, 1}}); }, "2 values for a state of 1");
}

TEST(BadInput, AMeshThatDoesNotSpanTheInterval) {
  for (const Mesh& wrong : {Mesh{0, 0.5}, Mesh{0.1, 1}, Mesh{1, 0}, Mesh{0.0}})
    expect_complaint([&] { (void)solve(problem, Exponential{}, wrong); }, "the mesh must begin at t0 and end at t1");
}

TEST(BadInput, AGuessOfTheWrongExtents) {
  for (const std::size_t size : {0u, 1u, 10u, 12u}) {
    const std::vector<State> guess(size, State{1, 1});
    expect_complaint([&] { (void)solve(problem, Exponential{}, mesh, guess, Options{}); },
                     "one state per point of the mesh: 11 states");
  }
  for (const std::size_t size : {0u, 9u, 11u}) {
    const std::vector<Vector<double, 1>> guess(size, Vector<double, 1>{1.0});
    expect_complaint([&] { (void)solve(recurrence, Newton{}, guess, Options{}); },
                     "one state per step of the recurrence: 10 states");
  }
}

TEST(BadInput, AGuessThatIsNotFinite) {
  for (const double bad : {nan, infinity})
    for (const std::size_t at : {0u, 5u, 10u}) {
      std::vector<State> guess(11, State{1, 1});
      guess[at][1] = bad;
      expect_complaint([&] { (void)solve(problem, Exponential{}, mesh, guess, Options{}); },
                       "the guess holds a value that is not finite");
    }
  std::vector<Vector<double, 1>> guess(10, Vector<double, 1>{1.0});
  guess[9][0] = nan;
  expect_complaint([&] { (void)solve(recurrence, Newton{}, guess, Options{}); }, "the guess holds a value that is not finite");
}

TEST(BadInput, AGuessThatCoversAnotherInterval) {
  const InitialValueProblem shorter{Decay{}, 0.0, 0.5, State{1, 1}};
  const auto half = solve(shorter, Exponential{}, Mesh::uniform(0, 0.5, 5));
  expect_complaint([&] { (void)solve(problem, Exponential{}, mesh, half, Options{}); }, "outside of the interval");
}

TEST(BadInput, DenseOutputOutsideOfTheInterval) {
  const auto forward = solve(problem, Exponential{}, mesh);
  for (const double t : {-1e-12, 1 + 1e-12, nan, infinity, -infinity})
    expect_complaint([&] { (void)forward(t); }, "extend the interval, or ask inside of it");
  const auto backward = solve(InitialValueProblem{Decay{}, 1.0, 0.0, State{1, 1}}, Exponential{}, Mesh::uniform(1, 0, 4));
  for (const double t : {-0.1, 1.1, nan}) expect_complaint([&] { (void)backward(t); }, "outside of the interval");
}

TEST(BadInput, NamesTheLineOfTheCall) {
  const auto line_of = [](const std::function<void()>& call) -> unsigned {
    try {
      call();
    } catch (const InvalidArgument& error) {
      return error.where().line();
    }
    return 0;
  };
  const Options bad{.rtol = -1};
  const std::vector<State> guess(3);
  const auto solution = solve(problem, Exponential{}, mesh);
  const unsigned here = antler::SourceLocation::current().line();
  EXPECT_EQ(line_of([&] { (void)solve(problem, Exponential{}, mesh, bad); }), here + 1);
  EXPECT_EQ(line_of([&] { (void)solve(problem, Exponential{}, bad); }), here + 2);
  EXPECT_EQ(line_of([&] { (void)solve(problem, bad); }), here + 3);
  EXPECT_EQ(line_of([&] { (void)solve(recurrence, bad); }), here + 4);
  EXPECT_EQ(line_of([&] { (void)solve(recurrence, Newton{}, bad); }), here + 5);
  EXPECT_EQ(line_of([&] { (void)solve(problem, Exponential{}, mesh, guess, Options{}); }), here + 6);
  EXPECT_EQ(line_of([&] { (void)solve(problem, Exponential{}, mesh, solution, bad); }), here + 7);
  EXPECT_EQ(line_of([&] { (void)solution(7.0); }), here + 8);
  EXPECT_EQ(line_of([&] { (void)InitialValueProblem(Decay{}, 0.0, nan, State{1, 1}); }), here + 9);
  EXPECT_EQ(line_of([&] { (void)DifferenceEquation(Halving{}, Vector<double, 1>{nan}, Steps{1}); }), here + 10);
  EXPECT_EQ(line_of([&] { (void)mesh.refined(0); }), here + 11);
  EXPECT_EQ(line_of([&] { (void)Mesh::uniform(0, 1, 0); }), here + 12);
  EXPECT_EQ(line_of([&] { (void)Mesh::geometric(0, 1, 2, 3); }), here + 13);
}

}  // namespace
