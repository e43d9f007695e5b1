// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "antler/core/math.hpp"
#include "antler/solve/radau.hpp"

using namespace antler;

namespace {

/// Van der Pol's equation with a force in front of its jumps; without it f does not know the time.
struct Oscillator {
  double mu, force = 0;
  template <class S>
  Vector<S, 2> operator()(const S& t, const Vector<S, 2>& y) const {
    return {y[1], mu * ((1.0 - y[0] * y[0]) * y[1]) - y[0] + force * cos(0.2 * t)};
  }
};
InitialValueProblem<Oscillator, double, 2> relaxing(double t1) { return {Oscillator{100}, 0.0, t1, Vector<double, 2>{2, 0}}; }
InitialValueProblem<Oscillator, double, 2> forced(double t1) { return {Oscillator{5, 5}, 0.0, t1, Vector<double, 2>{2, 0}}; }

/// y'' = -y: nothing is forgotten, neither phase nor amplitude.
struct Pendulum {
  template <class S>
  Vector<S, 2> operator()(const S&, const Vector<S, 2>& y) const {
    return {y[1], -y[0]};
  }
};

/// Van der Pol's equation whose force is switched off at a time that nobody is told of: df/dt is zero on both sides.
struct Switched {
  double until;
  template <class S>
  Vector<S, 2> operator()(const S& t, const Vector<S, 2>& y) const {
    return {y[1], 10.0 * ((1.0 - y[0] * y[0]) * y[1]) - y[0] + select(t < S(until), S(0.5), S(0.0))};
  }
};

/// By the norm of the tolerances, with rtol and atol as given.
double distance(const Vector<double, 2>& a, const Vector<double, 2>& b, double rtol, double atol) {
  double sum = 0;
  for (int c = 0; c < 2; ++c) sum += std::pow((a[c] - b[c]) / (rtol * std::abs(b[c]) + atol), 2) / 2;
  return std::sqrt(sum);
}

TEST(Stretches, OfAnOscillatorMeetWithAShiftInTime) {
  const double rtol = 1e-6, atol = 1e-6;
  const auto reference = solve(relaxing(16320), Options{.rtol = 1e-9, .atol = 1e-10, .output = Output::final_state});
  for (const Index stretches : {2, 3, 5}) {
    const auto solution =
        solve(relaxing(16320), Options{.rtol = rtol, .atol = atol, .output = Output::final_state, .stretches = stretches});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_GE(solution.statistics.joined_stretches, 3);
    EXPECT_LT(distance(solution.final_state(), reference.final_state(), rtol, atol), 20) << stretches;
  }
}

TEST(Stretches, OfAForcedProblemMeetInTime) {
  const auto reference = solve(forced(4000), Options{.rtol = 1e-9, .atol = 1e-9, .output = Output::final_state});
  for (const double rtol : {1e-4, 1e-6, 1e-8}) {
    const auto solution = solve(forced(4000), Options{.rtol = rtol, .atol = rtol, .output = Output::final_state, .stretches = 2});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_GE(solution.statistics.joined_stretches, 1) << rtol;
    EXPECT_LT(distance(solution.final_state(), reference.final_state(), rtol, rtol), 10) << rtol;
  }
}

TEST(Stretches, GoBackwardsInTime) {
  const Oscillator f{5, 5};
  const auto mirrored = [f]<class S>(const S& t, const Vector<S, 2>& y) { return -1.0 * f(-t, y); };
  const InitialValueProblem back{mirrored, 0.0, -4000.0, Vector<double, 2>{2, 0}};
  const Options options{.rtol = 1e-6, .atol = 1e-6, .stretches = 2};
  const auto solution = solve(back, options), forwards = solve(forced(4000), options);
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_GE(solution.statistics.joined_stretches, 1);
  EXPECT_LT(distance(solution.final_state(), forwards.final_state(), 1e-6, 1e-6), 1);
}

/// On a limit cycle each stretch begins where the one before ends, and next to nothing is walked twice. Looser bounds for more of
/// them: their rounds are shorter.
TEST(Stretches, OfAnOscillatorCostHardlyMoreThanTheWalk) {
  Options options{.rtol = 1e-6, .atol = 1e-6, .output = Output::final_state};
  const auto work = [](const Solution<double, 2>& solution) {
    return static_cast<double>(solution.statistics.function_evaluations);
  };
  const double whole = work(solve(relaxing(100'000), options));
  for (const auto& [stretches, excess] : {std::pair<Index, double>{2, 1.08}, {3, 1.1}, {8, 1.15}}) {
    options.stretches = stretches;
    const auto solution = solve(relaxing(100'000), options);
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_LT(work(solution), excess * whole) << stretches;
  }
}

TEST(Stretches, OfAnOscillatorGoBackwardsInTime) {
  const auto mirrored = []<class S>(const S& t, const Vector<S, 2>& y) { return -1.0 * Oscillator{100}(-t, y); };
  const InitialValueProblem back{mirrored, 0.0, -16320.0, Vector<double, 2>{2, 0}};
  const Options options{.rtol = 1e-6, .atol = 1e-6, .output = Output::final_state, .stretches = 2};
  const auto solution = solve(back, options), forwards = solve(relaxing(16320), options);
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_GE(solution.statistics.joined_stretches, 3);
  EXPECT_LT(distance(solution.final_state(), forwards.final_state(), 1e-6, 1e-6), 1);
}

TEST(Stretches, EndWhereRoundingDecidesAboutSteps) {
  const Options options{.rtol = 1e-9, .atol = 1e-12, .output = Output::final_state, .stretches = 2};
  const auto solution = solve(forced(20'000), options);
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_GE(solution.statistics.joined_stretches, 1);
  EXPECT_GT(solution.statistics.windows, 0);
  EXPECT_LT(solution.statistics.steps, 400'000);  // 1.5 million where nobody looks
}

TEST(Stretches, TrajectoryHasNoGaps) {
  const double rtol = 1e-6;
  const auto whole = solve(relaxing(8000), Options{.rtol = 1e-9, .atol = 1e-9});
  const auto solution = solve(relaxing(8000), Options{.rtol = rtol, .atol = rtol, .stretches = 2});
  ASSERT_EQ(solution.status, Status::converged);
  ASSERT_GE(solution.statistics.joined_stretches, 2);
  EXPECT_EQ(static_cast<Index>(solution.times().size()), solution.statistics.steps + 1);
  const auto times = solution.times();
  const auto states = solution.states();
  for (std::size_t i = 1; i < times.size(); ++i) {
    ASSERT_GT(times[i], times[i - 1]);
    // Where stretches meet, too, a step's polynomial leads to the start of the next one.
    const double before = times[i] - 1e-9 * (times[i] - times[i - 1]);
    ASSERT_LT(distance(solution(before), states[i], rtol, rtol), 2) << "t = " << times[i];
  }
  // y is as far off as the phase is, but for the jumps, where y' is up to 130.
  for (double t = 0; t < 8000; t += 7.3) {
    if (std::abs(whole(t)[1]) > 0.05) continue;
    EXPECT_LT(distance(solution(t), whole(t), rtol, rtol), 300) << t;
  }
}

TEST(Stretches, FindTheSameEvents) {
  const auto crossing = [](double, const Vector<double, 2>& y) { return y[0]; };
  const std::vector<Event<double, 2>> events{{crossing}};
  const auto whole = solve(relaxing(8000), Options{.rtol = 1e-8, .atol = 1e-8}, events);
  const auto solution = solve(relaxing(8000), Options{.rtol = 1e-8, .atol = 1e-8, .stretches = 2}, events);
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_GE(solution.statistics.joined_stretches, 2);
  ASSERT_EQ(solution.events().size(), whole.events().size());
  for (std::size_t i = 0; i < whole.events().size(); ++i)
    EXPECT_NEAR(solution.events()[i].time, whole.events()[i].time, 1e-7 * 8000) << i;
}

TEST(Stretches, ThatDoNotMeetChangeNothing) {
  const InitialValueProblem swinging{Pendulum{}, 0.0, 3000.0, Vector<double, 2>{1, 0}};
  const Options options{.rtol = 1e-6, .atol = 1e-9, .output = Output::final_state, .stretches = 2};
  const auto solution = solve(swinging, options);
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.statistics.joined_stretches, 0);
  EXPECT_NEAR(solution.final_state()[0], std::cos(3000.0), 1e-4);
  EXPECT_NEAR(solution.final_state()[1], -std::sin(3000.0), 1e-4);
}

TEST(Stretches, AreNotShiftedAcrossAJumpInTime) {
  for (const double until : {850.0, 900.0, 2407.7, 2900.0}) {
    const InitialValueProblem problem{Switched{until}, 0.0, 4000.0, Vector<double, 2>{2, 0}};
    const Options options{.rtol = 1e-7, .atol = 1e-7, .output = Output::final_state};
    Options announced = options, stretched = options;
    announced.jump_times = {until};
    stretched.stretches = 2;
    const auto reference = solve(problem, announced), solution = solve(problem, stretched);
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_GE(solution.statistics.joined_stretches, 1);
    // Jumps that nobody announces cost a few tolerances; shifted by half a time unit they would cost 10^6.
    EXPECT_LT(distance(solution.final_state(), reference.final_state(), 1e-7, 1e-7), 50) << until;
  }
}

TEST(Stretches, EndWhereTheProblemDoes) {
  // x' = x^2 behind a long oscillation: blows up at t = 1 / x(0) = 5000.
  const auto f = []<class S>(const S&, const Vector<S, 3>& y) -> Vector<S, 3> {
    return {y[1], 10.0 * ((1.0 - y[0] * y[0]) * y[1]) - y[0], y[2] * y[2]};
  };
  const InitialValueProblem problem{f, 0.0, 6000.0, Vector<double, 3>{2, 0, 2e-4}};
  const auto solution = solve(problem, Options{.rtol = 1e-6, .atol = 1e-9, .output = Output::final_state, .stretches = 2});
  EXPECT_NE(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_time(), 5000, 1);
}

TEST(Stretches, HandExceptionsOn) {
  for (const Index limit : {30'000, 100'000, 200'000}) {
    std::atomic<Index> calls{0};
    const auto f = [&]<class S>(const S&, const Vector<S, 2>& y) -> Vector<S, 2> {
      if (++calls > limit) throw std::runtime_error("no measurement");
      return {y[1], 100.0 * ((1.0 - y[0] * y[0]) * y[1]) - y[0]};
    };
    const InitialValueProblem problem{f, 0.0, 16320.0, Vector<double, 2>{2, 0}};
    EXPECT_THROW((void)solve(problem, Options{.rtol = 1e-6, .atol = 1e-6, .stretches = 2}), std::runtime_error) << limit;
  }
  EXPECT_EQ(solve(relaxing(8000), Options{.stretches = 2}).status, Status::converged);
}

TEST(Stretches, CanBeCancelled) {
  Index told = 0;
  Options options{.rtol = 1e-6, .atol = 1e-6, .output = Output::final_state, .stretches = 2};
  options.progress = [&](const Progress& progress) {
    ++told;
    return progress.time < 3000;
  };
  const auto solution = solve(relaxing(16320), options);
  EXPECT_EQ(solution.status, Status::cancelled);
  EXPECT_GE(solution.final_time(), 3000);
  EXPECT_LT(solution.final_time(), 16320);
  EXPECT_GE(told, 2);
}

TEST(Stretches, KeepToTheLargestNumberOfSteps) {
  const auto solution = solve(relaxing(1e6), Options{.rtol = 1e-6, .atol = 1e-6, .maximum_steps = 5000, .stretches = 2});
  EXPECT_EQ(solution.status, Status::maximum_steps);
  EXPECT_LT(solution.statistics.steps, 2 * 5000);
}

TEST(Stretches, KeepToTheLongestStep) {
  const Options options{.rtol = 1e-6, .atol = 1e-6, .maximum_step = 0.1, .stretches = 2};
  const auto solution = solve(forced(2000), options);
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_GE(solution.statistics.joined_stretches, 1);
  const auto t = solution.times();
  for (std::size_t i = 0; i + 1 < t.size(); ++i) ASSERT_LE(t[i + 1] - t[i], 0.1);
}

TEST(Stretches, EndAtATerminalEvent) {
  const auto late = [](double t, const Vector<double, 2>&) { return t - 5003.7; };
  const std::vector<Event<double, 2>> events{{.root = late, .action = AtEvent::stop}};
  const auto solution = solve(relaxing(16320), Options{.rtol = 1e-6, .atol = 1e-6, .stretches = 3}, events);
  EXPECT_EQ(solution.status, Status::event);
  EXPECT_NEAR(solution.final_time(), 5003.7, 1e-6);
  EXPECT_EQ(static_cast<Index>(solution.times().size()), solution.statistics.steps + 1);
  for (std::size_t i = 1; i < solution.times().size(); ++i) ASSERT_GT(solution.times()[i], solution.times()[i - 1]);
}

TEST(Stretches, EndWhereARootFunctionDoes) {
  const auto ending = [](double t, const Vector<double, 2>&) { return std::sqrt(5003.7 - t) + 1; };
  const std::vector<Event<double, 2>> events{{.root = ending}};
  const auto solution = solve(relaxing(16320), Options{.rtol = 1e-6, .atol = 1e-6, .stretches = 2}, events);
  EXPECT_EQ(solution.status, Status::non_finite);
  EXPECT_GT(solution.final_time(), 4980);
  EXPECT_LE(solution.final_time(), 5003.7);
  for (std::size_t i = 1; i < solution.times().size(); ++i) ASSERT_GT(solution.times()[i], solution.times()[i - 1]);
}

TEST(Stretches, TakeNoMoreMemoryThanAllowed) {
  Options options{.rtol = 1e-6, .atol = 1e-6, .output = Output::final_state, .memory_cap = 100'000};
  const auto whole = solve(relaxing(16320), options);
  options.stretches = 2;
  const auto capped = solve(relaxing(16320), options);
  ASSERT_EQ(whole.status, Status::converged);
  ASSERT_EQ(capped.status, Status::converged);
  EXPECT_LE(capped.statistics.peak_bytes, options.memory_cap);
}

TEST(Stretches, MustBeOneAtLeast) {
  try {
    (void)solve(relaxing(1), Options{.stretches = 0});
    FAIL() << "no complaint";
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("stretches"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("step by step"), std::string::npos);
  }
}

}  // namespace
