// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include "antler/solve/radau.hpp"
#include "testset/solved.hpp"
#include "turning.hpp"

using namespace antler;

namespace {

using State = Vector<double, 2>;
using Turn = Event<double, 2>;
constexpr double pi = std::numbers::pi;

const Turn upper_crossing{[](double, const State& y) { return y[1]; }};  // at whole multiples of pi
const Options accurate{.rtol = 1e-10, .atol = 1e-12};

TEST(Events, AreFoundInTheOrderOfTimeWithStateAndDirection) {
  const auto problem = Turning{}.between(0, 20);
  const auto solution = solve(problem, accurate, {upper_crossing});
  ASSERT_EQ(solution.status, Status::converged);
  ASSERT_EQ(solution.events().size(), 6u) << "pi, ..., 6 pi; not 0, where the function starts";
  for (std::size_t k = 0; k < 6; ++k) {
    const auto& event = solution.events()[k];
    EXPECT_NEAR(event.time, (double(k) + 1) * pi, 1e-7);
    // The function has slope one there: it is off by the units in the last place of t that enclose the root, and its own rounding.
    EXPECT_LT(std::abs(event.state[1]), 8 * std::numeric_limits<double>::epsilon() * event.time);
    EXPECT_EQ(event.state, solution(event.time));
    EXPECT_EQ(event.which, 0);
    EXPECT_EQ(event.crossing, k % 2 == 0 ? Crossing::falling : Crossing::rising);
  }
  EXPECT_EQ(solution.final_time(), 20);
  EXPECT_GT(solution.statistics.root_evaluations, solution.statistics.steps);
}

TEST(Events, CountInOneDirectionOnly) {
  const auto problem = Turning{}.between(0, 20);
  Turn rising = upper_crossing, falling = upper_crossing;
  rising.crossing = Crossing::rising;
  falling.crossing = Crossing::falling;
  const auto solution = solve(problem, accurate, {rising, falling});
  ASSERT_EQ(solution.events().size(), 6u);
  for (std::size_t k = 0; k < 6; ++k) EXPECT_EQ(solution.events()[k].which, k % 2 == 0 ? 1 : 0);
}

TEST(Events, AreSeenInTheOrderOfIntegrationBackwards) {
  const auto problem = Turning{0.1}.between(3, -3);  // t-dependent; phase 3.9 to -2.1
  const auto solution = solve(problem, accurate, {upper_crossing});
  ASSERT_EQ(solution.events().size(), 2u);
  const double first = (-1 + std::sqrt(1 + 0.4 * pi)) / 0.2;  // phase pi
  EXPECT_NEAR(solution.events()[0].time, first, 1e-7);
  EXPECT_NEAR(solution.events()[1].time, 0, 1e-7);
  EXPECT_EQ(solution.events()[0].crossing, Crossing::rising) << "sin is negative at phase 3.9 and positive before";
  EXPECT_EQ(solution.events()[1].crossing, Crossing::falling);
}

TEST(Events, MayEndTheSolve) {
  for (const auto output : {Output::trajectory, Output::final_state})
    for (const double end : {20.0, -20.0}) {
      const auto problem = Turning{}.between(0, end);
      Options options = accurate;
      options.output = output;
      const Turn stop{[](double, const State& y) { return y[0] + 1 - 1e-3; }, Crossing::falling, AtEvent::stop};
      const auto solution = solve(problem, options, {upper_crossing, stop});
      ASSERT_EQ(solution.status, Status::event);
      EXPECT_TRUE(succeeded(solution.status));
      const double t = std::copysign(std::acos(-1 + 1e-3), end);
      EXPECT_NEAR(solution.final_time(), t, 1e-7);
      ASSERT_EQ(solution.events().size(), 1u) << "the crossing at pi comes later in the same step";
      EXPECT_EQ(solution.events()[0].which, 1);
      EXPECT_EQ(solution.final_state(), solution.events()[0].state);
      EXPECT_EQ(solution.times().back(), solution.final_time());
      EXPECT_EQ(solution.states().back(), solution.final_state());
      EXPECT_EQ(solution(solution.final_time()), solution.final_state());
      EXPECT_THROW((void)solution(std::copysign(pi, end)), InvalidArgument);
    }
}

TEST(Events, ThatEndTheSolveEndTheOutput) {
  Options options = accurate;
  options.output_times = {1, 2, 3, 4, 5};
  const Turn stop{[](double t, const State&) { return t - 3.5; }, Crossing::any, AtEvent::stop};
  const auto solution = solve(Turning{}.between(0, 20), options, {stop});
  ASSERT_EQ(solution.status, Status::event);
  EXPECT_EQ(solution.times().size(), 3u);
  EXPECT_NEAR(solution.final_time(), 3.5, 1e-14);
}

TEST(Events, AreLocatedToRounding) {
  for (const double root : {1e-9, 0.1, 1.0, 7.77, 19.999999}) {
    const auto g = [root](double t, const State&) { return std::expm1(3 * (t - root)); };
    const auto solution = solve(Turning{}.between(0, 20), accurate, {{g}});
    ASSERT_EQ(solution.events().size(), 1u) << root;
    EXPECT_NEAR(solution.events()[0].time, root, 1e-14 * (1 + root));
    EXPECT_GE(solution.events()[0].time, root) << "behind the root, as in SUNDIALS";
  }
}

TEST(Events, ComeInPairsWithinOneStep) {
  // Steps of the turning at this tolerance are about 0.2 long; the function is below zero for half a step, then for a tenth.
  for (const double width : {0.1, 0.02})
    for (const double centre : {1.234, 5.0, 7.891}) {
      const auto g = [=](double t, const State&) { return (t - centre) * (t - centre) - 0.25 * width * width; };
      const auto solution = solve(Turning{}.between(0, 20), Options{.rtol = 1e-5, .atol = 1e-5}, {{g}});
      ASSERT_EQ(solution.events().size(), 2u) << width << ' ' << centre;
      EXPECT_NEAR(solution.events()[0].time, centre - 0.5 * width, 1e-12);
      EXPECT_NEAR(solution.events()[1].time, centre + 0.5 * width, 1e-12);
    }
}

TEST(Events, MayNeverOccur) {
  const auto solution = solve(Turning{}.between(0, 20), accurate, {{[](double, const State& y) { return y[0] - 2; }}});
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_TRUE(solution.events().empty());
}

TEST(Events, AtTheStartCountWhenTheyReturnOnly) {
  const auto leaves = [](double t, const State&) { return t; };
  const auto returns = [](double t, const State&) { return t * (t - 1); };
  const auto stays = [](double, const State&) { return 0.0; };
  const auto solution = solve(Turning{}.between(0, 20), accurate, {{leaves}, {returns}, {stays}});
  ASSERT_EQ(solution.events().size(), 1u);
  EXPECT_EQ(solution.events()[0].which, 1);
  EXPECT_NEAR(solution.events()[0].time, 1, 1e-14);
  EXPECT_EQ(solution.events()[0].crossing, Crossing::rising);
}

TEST(Events, AreNotRepeatedByASolveThatGoesOnFromOne) {
  const auto problem = Turning{}.between(0, 20);
  Turn stop = upper_crossing;
  stop.action = AtEvent::stop;
  double t = 0;
  State y = problem.y0;
  for (int k = 1; k <= 6; ++k) {
    const auto solution = solve(InitialValueProblem{Turning{}, t, 20.0, y}, accurate, {stop});
    ASSERT_EQ(solution.status, Status::event);
    t = solution.final_time();
    y = solution.final_state();
    EXPECT_NEAR(t, k * pi, 1e-7);
  }
  EXPECT_EQ(solve(InitialValueProblem{Turning{}, t, 20.0, y}, accurate, {stop}).status, Status::converged);
}

TEST(Events, AtTheEndAreFound) {
  const auto solution = solve(Turning{}.between(0, 8), accurate, {{[](double t, const State&) { return t - 8; }}});
  ASSERT_EQ(solution.events().size(), 1u);
  EXPECT_EQ(solution.events()[0].time, 8);
}

TEST(Events, WorkInSinglePrecision) {
  const InitialValueProblem problem{Turning{}, 0.0, 7.0, Vector<float, 2>{1, 0}};
  const auto solution = solve(problem, Options{.rtol = 1e-5, .atol = 1e-5}, {{[](double, const auto& y) { return y[1]; }}});
  ASSERT_EQ(solution.events().size(), 2u);
  EXPECT_NEAR(solution.events()[0].time, pi, 1e-3);
  EXPECT_NEAR(solution.events()[1].time, 2 * pi, 1e-3);
}

TEST(Events, WorkOnAnEmptyInterval) {
  const auto solution = solve(Turning{}.between(3, 3), accurate, {upper_crossing});
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_TRUE(solution.events().empty());
}

TEST(Events, EndTheSolveWhenTheirFunctionIsNotFinite) {
  const auto late = [](double t, const State&) { return t < 3 ? 1 : std::numeric_limits<double>::quiet_NaN(); };
  const auto solution = solve(Turning{}.between(0, 20), accurate, {{late}});
  EXPECT_EQ(solution.status, Status::non_finite);
  EXPECT_LE(solution.final_time(), 3);
  EXPECT_GT(solution.final_time(), 2);
  EXPECT_LT(distance(solution.final_state(), Turning{}.exact(solution.final_time())), 1e-7);
  const auto at_once = [](double, const State&) { return std::numeric_limits<double>::infinity(); };
  EXPECT_EQ(solve(Turning{}.between(0, 20), accurate, {{at_once}}).status, Status::non_finite);
}

TEST(Events, NeedARootFunction) {
  try {
    static_cast<void>(solve(Turning{}.between(0, 20), accurate, {Turn{}}));
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("set Event::root"), std::string::npos);
  }
}

TEST(Events, HandOnWhatTheirFunctionThrows) {
  const auto throws = [](double t, const State&) -> double { return t < 3 ? 1 : throw std::runtime_error("beyond"); };
  EXPECT_THROW((void)solve(Turning{}.between(0, 20), accurate, {{throws}}), std::runtime_error);
  EXPECT_EQ(solve(Turning{}.between(0, 20), accurate).status, Status::converged);
}

TEST(Events, OfRobertsonsProblemAreCvodesOnes) {  // the roots of SUNDIALS' example cvRoberts_dns, there to four digits
  const InitialValueProblem problem{testset::Robertson{}, 0.0, 4e10, Vector<double, 3>{1, 0, 0}};
  const auto solution =
      solve(problem, Options{.rtol = 1e-8, .atol = {1e-12, 1e-16, 1e-12}, .output = Output::final_state},
            {{[](double, const auto& y) { return y[0] - 1e-4; }}, {[](double, const auto& y) { return y[2] - 0.01; }}});
  ASSERT_EQ(solution.status, Status::converged);
  ASSERT_EQ(solution.events().size(), 2u);
  EXPECT_EQ(solution.events()[0].which, 1);
  EXPECT_EQ(solution.events()[0].crossing, Crossing::rising);
  EXPECT_NEAR(solution.events()[0].time / 0.264019078188, 1, 1e-7);  // CVODE 6.4.1 at rtol 1e-14
  EXPECT_EQ(solution.events()[1].which, 0);
  EXPECT_EQ(solution.events()[1].crossing, Crossing::falling);
  EXPECT_NEAR(solution.events()[1].time / 2.0795496883e7, 1, 1e-7);
  EXPECT_NEAR(solution.events()[1].state[1] / 4.000395240e-10, 1, 1e-7);
}

}  // namespace
