// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include "antler/solve/callback.hpp"
#include "callbacks.hpp"
#include "testset/robertson.hpp"

/// Events with plain callbacks.

namespace {

using namespace antler;
using callbacks::copy;
using callbacks::Span;
using callbacks::Turn;

constexpr double pi = std::numbers::pi, epsilon = std::numeric_limits<double>::epsilon();
const DynamicEvent upper_crossing{[](double, Span y) { return y[1]; }};  // at whole multiples of pi
const Options accurate{.rtol = 1e-10, .atol = 1e-12};

TEST(CallbackEvents, AreFoundInTheOrderOfTimeWithStateAndDirection) {
  const auto solution = solve(Turn{}.between(0, 20), accurate, {upper_crossing});
  ASSERT_EQ(solution.status, Status::converged);
  ASSERT_EQ(solution.events().size(), 6U) << "pi, ..., 6 pi; not 0, where the function starts";
  for (std::size_t k = 0; k < 6; ++k) {
    const auto& event = solution.events()[k];
    EXPECT_NEAR(event.time, (static_cast<double>(k) + 1) * pi, 1e-7);
    // The function has slope one there: it is off by the units in the last place of t that enclose the root, and its own rounding.
    EXPECT_LT(std::abs(event.state[1]), 8 * epsilon * event.time);
    EXPECT_EQ(event.state, solution(event.time));
    EXPECT_EQ(event.which, 0);
    EXPECT_EQ(event.crossing, k % 2 == 0 ? Crossing::falling : Crossing::rising);
  }
  EXPECT_EQ(solution.final_time(), 20);
  EXPECT_GT(solution.statistics.root_evaluations, solution.statistics.steps);
}

TEST(CallbackEvents, CountInOneDirectionOnly) {
  DynamicEvent rising = upper_crossing, falling = upper_crossing;
  rising.crossing = Crossing::rising;
  falling.crossing = Crossing::falling;
  const auto solution = solve(Turn{}.between(0, 20), accurate, {rising, falling});
  ASSERT_EQ(solution.events().size(), 6U);
  for (std::size_t k = 0; k < 6; ++k) EXPECT_EQ(solution.events()[k].which, k % 2 == 0 ? 1 : 0);
}

TEST(CallbackEvents, AreSeenInTheOrderOfIntegrationBackwards) {
  const auto solution = solve(Turn{0.1}.between(3, -3), accurate, {upper_crossing});  // t-dependent; phase 3.9 to -2.1
  ASSERT_EQ(solution.events().size(), 2U);
  EXPECT_NEAR(solution.events()[0].time, (-1 + std::sqrt(1 + 0.4 * pi)) / 0.2, 1e-7);  // phase pi
  EXPECT_NEAR(solution.events()[1].time, 0, 1e-7);
  EXPECT_EQ(solution.events()[0].crossing, Crossing::rising) << "sin is negative at phase 3.9 and positive before";
  EXPECT_EQ(solution.events()[1].crossing, Crossing::falling);
}

TEST(CallbackEvents, MayEndTheSolve) {
  for (const auto output : {Output::trajectory, Output::final_state})
    for (const double end : {20.0, -20.0}) {
      Options options = accurate;
      options.output = output;
      const DynamicEvent stop{[](double, Span y) { return y[0] + 1 - 1e-3; }, Crossing::falling, AtEvent::stop};
      const auto solution = solve(Turn{}.between(0, end), options, {upper_crossing, stop});
      ASSERT_EQ(solution.status, Status::event);
      EXPECT_TRUE(succeeded(solution.status));
      EXPECT_NEAR(solution.final_time(), std::copysign(std::acos(-1 + 1e-3), end), 1e-7);
      ASSERT_EQ(solution.events().size(), 1U) << "the crossing at pi comes later in the same step";
      EXPECT_EQ(solution.events()[0].which, 1);
      EXPECT_EQ(copy(solution.final_state()), solution.events()[0].state);
      EXPECT_EQ(solution.times().back(), solution.final_time());
      EXPECT_EQ(copy(solution.state(static_cast<Index>(solution.times().size()) - 1)), copy(solution.final_state()));
      EXPECT_EQ(solution(solution.final_time()), copy(solution.final_state()));
      EXPECT_THROW((void)solution(std::copysign(pi, end)), InvalidArgument);
    }
}

TEST(CallbackEvents, ThatEndTheSolveEndTheOutput) {
  Options options = accurate;
  options.output_times = {1, 2, 3, 4, 5};
  const DynamicEvent stop{[](double t, Span) { return t - 3.5; }, Crossing::any, AtEvent::stop};
  const auto solution = solve(Turn{}.between(0, 20), options, {stop});
  ASSERT_EQ(solution.status, Status::event);
  EXPECT_EQ(solution.times().size(), 3U);
  EXPECT_NEAR(solution.final_time(), 3.5, 1e-14);
}

TEST(CallbackEvents, AreLocatedToRounding) {
  for (const double root : {1e-9, 0.1, 1.0, 7.77, 19.999999}) {
    const auto g = [root](double t, Span) { return std::expm1(3 * (t - root)); };
    const auto solution = solve(Turn{}.between(0, 20), accurate, {{g}});
    ASSERT_EQ(solution.events().size(), 1U) << root;
    EXPECT_NEAR(solution.events()[0].time, root, 1e-14 * (1 + root));
    EXPECT_GE(solution.events()[0].time, root) << "behind the root, as in SUNDIALS";
  }
}

TEST(CallbackEvents, ComeInPairsWithinOneStep) {
  for (const double width : {0.1, 0.02})
    for (const double centre : {1.234, 5.0, 7.891}) {
      const auto g = [=](double t, Span) { return (t - centre) * (t - centre) - 0.25 * width * width; };
      const auto solution = solve(Turn{}.between(0, 20), Options{.rtol = 1e-5, .atol = 1e-5}, {{g}});
      ASSERT_EQ(solution.events().size(), 2U) << width << ' ' << centre;
      EXPECT_NEAR(solution.events()[0].time, centre - 0.5 * width, 1e-12);
      EXPECT_NEAR(solution.events()[1].time, centre + 0.5 * width, 1e-12);
    }
}

TEST(CallbackEvents, AtTheStartCountWhenTheyReturnOnly) {
  const auto leaves = [](double t, Span) { return t; };
  const auto returns = [](double t, Span) { return t * (t - 1); };
  const auto stays = [](double, Span) { return 0.0; };
  const auto never = [](double, Span y) { return y[0] - 2; };
  const auto solution = solve(Turn{}.between(0, 20), accurate, {{leaves}, {returns}, {stays}, {never}});
  ASSERT_EQ(solution.events().size(), 1U);
  EXPECT_EQ(solution.events()[0].which, 1);
  EXPECT_NEAR(solution.events()[0].time, 1, 1e-14);
  EXPECT_EQ(solution.events()[0].crossing, Crossing::rising);
}

TEST(CallbackEvents, AreNotRepeatedByASolveThatGoesOnFromOne) {
  CallbackProblem problem = Turn{}.between(0, 20);
  DynamicEvent stop = upper_crossing;
  stop.action = AtEvent::stop;
  for (int k = 1; k <= 6; ++k) {
    const auto solution = solve(problem, accurate, {stop});
    ASSERT_EQ(solution.status, Status::event);
    problem.t0 = solution.final_time();
    problem.y0 = copy(solution.final_state());
    EXPECT_NEAR(problem.t0, k * pi, 1e-7);
  }
  EXPECT_EQ(solve(problem, accurate, {stop}).status, Status::converged);
}

TEST(CallbackEvents, AtTheEndAreFoundAndOnAnEmptyIntervalNotAny) {
  const auto solution = solve(Turn{}.between(0, 8), accurate, {{[](double t, Span) { return t - 8; }}});
  ASSERT_EQ(solution.events().size(), 1U);
  EXPECT_EQ(solution.events()[0].time, 8);
  const auto empty = solve(Turn{}.between(3, 3), accurate, {upper_crossing});
  EXPECT_EQ(empty.status, Status::converged);
  EXPECT_TRUE(empty.events().empty());
}

TEST(CallbackEvents, EndTheSolveWhenTheirFunctionIsNotFinite) {
  const auto late = [](double t, Span) { return t < 3 ? 1 : std::numeric_limits<double>::quiet_NaN(); };
  const auto solution = solve(Turn{}.between(0, 20), accurate, {{late}});
  EXPECT_EQ(solution.status, Status::non_finite);
  EXPECT_LE(solution.final_time(), 3);
  EXPECT_GT(solution.final_time(), 2);
  EXPECT_LT(callbacks::error(solution.final_state(), Turn{}.exact(solution.final_time()), 1), 1e-7);
  const auto at_once = [](double, Span) { return std::numeric_limits<double>::infinity(); };
  EXPECT_EQ(solve(Turn{}.between(0, 20), accurate, {{at_once}}).status, Status::non_finite);
}

TEST(CallbackEvents, NeedARootFunction) {
  try {
    static_cast<void>(solve(Turn{}.between(0, 20), accurate, {DynamicEvent{}}));
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("set DynamicEvent::root"), std::string::npos);
  }
}

TEST(CallbackEvents, HandOnWhatTheirFunctionThrows) {
  const auto throws = [](double t, Span) -> double { return t < 3 ? 1 : throw std::runtime_error("beyond"); };
  EXPECT_THROW((void)solve(Turn{}.between(0, 20), accurate, {{throws}}), std::runtime_error);
  EXPECT_EQ(solve(Turn{}.between(0, 20), accurate).status, Status::converged);
}

TEST(CallbackEvents, GoWithJumpsAndAreSeenBehindThem) {
  // y' = 1 before 1, -1 behind it: y = 0.5 at 0.5 and at 1.5, both beside a jump that is a mesh point.
  const auto f = [](double t, double) { return t < 1 ? 1.0 : -1.0; };
  Options options{.rtol = 1e-8, .atol = 1e-8};
  options.jump_times = {1};
  const auto solution = solve(callbacks::scalar(f, 0, 2, 0), options, {{[](double, Span y) { return y[0] - 0.5; }}});
  ASSERT_EQ(solution.events().size(), 2U);
  EXPECT_NEAR(solution.events()[0].time, 0.5, 1e-12);
  EXPECT_NEAR(solution.events()[1].time, 1.5, 1e-12);
}

TEST(CallbackEvents, OfRobertsonsProblemAreCvodesOnes) {  // the roots of SUNDIALS' example cvRoberts_dns, there to four digits
  const CallbackProblem problem = callbacks::of(testset::Robertson{}, 0, 4e10, {1, 0, 0});
  const auto solution = solve(problem, Options{.rtol = 1e-8, .atol = {1e-12, 1e-16, 1e-12}, .output = Output::final_state},
                              {{[](double, Span y) { return y[0] - 1e-4; }}, {[](double, Span y) { return y[2] - 0.01; }}});
  ASSERT_EQ(solution.status, Status::converged);
  ASSERT_EQ(solution.events().size(), 2U);
  EXPECT_EQ(solution.events()[0].which, 1);
  EXPECT_EQ(solution.events()[0].crossing, Crossing::rising);
  EXPECT_NEAR(solution.events()[0].time / 0.264019078188, 1, 1e-7);  // CVODE 6.4.1 at rtol 1e-14
  EXPECT_EQ(solution.events()[1].which, 0);
  EXPECT_EQ(solution.events()[1].crossing, Crossing::falling);
  EXPECT_NEAR(solution.events()[1].time / 2.0795496883e7, 1, 1e-7);
  EXPECT_NEAR(solution.events()[1].state[1] / 4.000395240e-10, 1, 1e-7);
}

}  // namespace
