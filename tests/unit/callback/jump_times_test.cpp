// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <vector>

#include "antler/solve/callback.hpp"
#include "callbacks.hpp"

/// Options::jump_times with plain callbacks: f is never asked at a jump, nor on its other side.

namespace {

using namespace antler;
using callbacks::scalar;

constexpr double poison = std::numeric_limits<double>::quiet_NaN();

/// y' = s(t) - y with a square wave s of period 2, which is 1 from 0 to 1, -1 from 1 to 2, and `at_jump` at the jumps themselves.
CallbackProblem square_wave(double at_jump, double t0, double t1) {
  const auto f = [at_jump](double t, double y) {
    const double phase = t - 2 * std::floor(0.5 * t);
    return (phase == 0 || phase == 1 ? at_jump : phase < 1 ? 1 : -1) - y;
  };
  return scalar(f, t0, t1, 0.5);
}

/// The solution from y(t0) = 0.5, at t, in either direction.
double exact(double t0, double t) {
  const double direction = t > t0 ? 1 : -1;
  double y = 0.5, at = t0;
  while (at != t) {
    const double corner = direction > 0 ? std::floor(at) + 1 : std::ceil(at) - 1;
    const double next = (corner - t) * direction > 0 ? t : corner, middle = 0.5 * (at + next);
    const double level = middle - 2 * std::floor(middle / 2) < 1 ? 1 : -1;
    y = level + (y - level) * std::exp(at - next);
    at = next;
  }
  return y;
}

std::vector<double> whole(int first, int last) {
  std::vector<double> times;
  for (int k = first; k != last; k += last > first ? 1 : -1) times.push_back(k);
  times.push_back(last);
  return times;
}

TEST(CallbackJumpTimes, AreNeverAskedAndSeenFromBothSides) {
  for (const auto& [t0, t1] : {std::pair{0, 10}, {10, 0}, {-3, 3}, {1000, 1004}, {2, -2}})
    for (const double rtol : {1e-5, 1e-8}) {
      const auto solution = solve(square_wave(poison, t0, t1), Options{.rtol = rtol, .atol = rtol, .jump_times = whole(t0, t1)});
      ASSERT_EQ(solution.status, Status::converged) << t0 << ' ' << t1;
      const double growth = t1 < t0 ? std::exp(t0 - t1) : 1;  // backwards errors grow
      for (int i = 0; i <= 40; ++i) {
        const double t = t0 + (t1 - t0) * (i / 40.0);
        EXPECT_NEAR(solution(t)[0], exact(t0, t), 50 * rtol * growth) << t;
      }
    }
}

TEST(CallbackJumpTimes, AreNeverOverstepped) {
  // y' = 1 before tau and -1 from it on, which polynomials integrate exactly, with tolerances that no error exceeds: a single stage
  // on the wrong side would stay, an error of a sizeable part of a step. f also watches for itself.
  const Options blind{.rtol = 1, .atol = 1e6};
  unsigned state = 4711;
  const auto uniform = [&](double low, double high) {
    state = state * 1664525U + 1013904223U;
    return low + (high - low) * (static_cast<double>(state >> 8) / static_cast<double>(1U << 24));
  };
  for (int draw = 0; draw < 1000; ++draw) {
    const double size = std::pow(10.0, uniform(-6, 6)), offset = draw % 3 == 0 ? 0 : uniform(-10, 10) * size;
    const double t0 = offset - uniform(0, size), t1 = offset + uniform(0, size), tau = draw % 5 == 0 ? 0.5 * (t0 + t1) : offset;
    const double unit = std::numeric_limits<double>::epsilon() * (std::abs(t0) + std::abs(t1));  // t + h is rounded
    for (const bool forward : {true, false}) {
      std::atomic<bool> at_tau = false, outside = false;
      const auto f = [&](double t, double) {
        if (t == tau) at_tau = true;
        if (t < t0 - unit || t > t1 + unit) outside = true;
        return t < tau ? 1.0 : -1.0;
      };
      Options options = blind;
      options.jump_times = {tau};
      const auto solution = solve(scalar(f, forward ? t0 : t1, forward ? t1 : t0, 0), options);
      ASSERT_EQ(solution.status, Status::converged);
      const double end = (tau - t0) - (t1 - tau), rounding = 1e-13 * (std::abs(t0) + std::abs(t1));
      ASSERT_NEAR(solution.final_state()[0], forward ? end : -end, rounding) << t0 << ' ' << tau << ' ' << t1;
      ASSERT_NEAR(solution(tau)[0], forward ? tau - t0 : t1 - tau, rounding) << t0 << ' ' << tau << ' ' << t1;
      ASSERT_FALSE(at_tau) << t0 << ' ' << tau << ' ' << t1;
      ASSERT_FALSE(outside) << t0 << ' ' << tau << ' ' << t1;
    }
  }
}

TEST(CallbackJumpTimes, CloserThanADifferenceOfTimesAreKeptApart) {
  // A piece of f is 1e-10 long: the usual difference for df/dt would leave it on either side. The solver goes from piece to piece,
  // so that a call for an earlier one, or for the next before the last is done, shows as a step back.
  const double a = 1 - 1e-10, b = 1;
  int piece = 0, back = 0, inside = 0;
  const auto f = [&](double t, double y) {
    const int now = t <= a ? 0 : t < b ? 1 : 2;
    if (now < piece || t == a || t == b) ++back;
    piece = now;
    inside += now == 1;
    return now == 1 ? 1e9 * (t - a) - y : -y;
  };
  CallbackProblem problem = scalar(f, 0, 2, 1);
  problem.calls = Calls::one_at_a_time;
  const auto solution = solve(problem, Options{.rtol = 1e-9, .atol = 1e-9, .jump_times = {a, b}});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_EQ(back, 0);
  EXPECT_GT(inside, 0);
  EXPECT_NEAR(solution.final_state()[0], std::exp(-2), 1e-8);
}

TEST(CallbackJumpTimes, GiveTheSameSolutionWhicheverValueFHasThere) {
  const auto end = [](double at_jump) {
    return solve(square_wave(at_jump, 0, 7), Options{.jump_times = whole(0, 7)}).final_state()[0];
  };
  EXPECT_EQ(end(1), end(-1));
}

TEST(CallbackJumpTimes, AreMeshPoints) {
  const auto solution = solve(square_wave(poison, 0.5, 5.5), Options{.jump_times = whole(1, 5)});
  const auto t = solution.times();
  for (int k = 1; k <= 5; ++k) EXPECT_EQ(std::count(t.begin(), t.end(), k), 1) << k;
  EXPECT_EQ(t.front(), 0.5);
  EXPECT_EQ(t.back(), 5.5);
  for (std::size_t i = 0; i < t.size(); ++i) EXPECT_NEAR(solution.state(static_cast<Index>(i))[0], exact(0.5, t[i]), 1e-5);
}

TEST(CallbackJumpTimes, SaveStepsAndAccuracy) {
  const CallbackProblem problem = square_wave(1, 0, 100);
  Options options{.rtol = 1e-7, .atol = 1e-7};
  const auto without = solve(problem, options);
  options.jump_times = whole(0, 100);
  const auto with = solve(problem, options);
  ASSERT_EQ(with.status, Status::converged);
  ASSERT_EQ(without.status, Status::converged);
  EXPECT_LT(std::abs(with.final_state()[0] - exact(0, 100)), 1e-7);
  EXPECT_LT(with.statistics.steps, without.statistics.steps);
}

TEST(CallbackJumpTimes, OutsideOfTheIntervalOrCloserThanRoundingArePassedOver) {
  const CallbackProblem problem = square_wave(poison, 2.5, 4.5);
  const auto all = solve(problem, Options{.jump_times = whole(-10, 10)}), needed = solve(problem, Options{.jump_times = {3, 4}});
  EXPECT_EQ(all.final_state()[0], needed.final_state()[0]);
  EXPECT_NEAR(all.final_state()[0], exact(2.5, 4.5), 1e-5);
  const auto close = solve(problem, Options{.jump_times = {3, std::nextafter(3.0, 4.0), 4, std::nextafter(4.5, 4.0)}});
  EXPECT_NEAR(close.final_state()[0], exact(2.5, 4.5), 1e-5);
  EXPECT_EQ(close.final_time(), 4.5);
}

TEST(CallbackJumpTimes, GoWithOutputTimesAndSteps) {
  Options options{.rtol = 1e-8, .atol = 1e-8, .initial_step = 0.01, .maximum_step = 0.1};
  options.output_times = {0, 1, 2.5, 3, 4};
  options.jump_times = whole(0, 4);
  const auto solution = solve(square_wave(poison, 0, 4), options);
  ASSERT_EQ(solution.status, Status::converged);
  ASSERT_EQ(solution.times().size(), 5U);
  for (Index i = 0; i < 5; ++i)
    EXPECT_NEAR(solution.state(i)[0], exact(0, options.output_times[static_cast<std::size_t>(i)]), 1e-6);
}

}  // namespace
