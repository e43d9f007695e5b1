// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "antler/solve/radau.hpp"

using namespace antler;

namespace {

/// y' = s(t) - y with a square wave s of period 2, which is 1 from 0 to 1, -1 from 1 to 2.
struct SquareWave {
  double at_jump;  // s at the jumps themselves

  template <class T>
  Vector<T, 1> operator()(const T& t, const Vector<T, 1>& y) const {
    const T phase = t - 2.0 * floor(0.5 * t);
    T s = select(phase < 1.0, T(1.0), T(-1.0));
    s = select(phase == 1.0, T(at_jump), s);
    s = select(phase == 0.0, T(at_jump), s);
    return {s - y[0]};
  }
};

/// The solution from y(t0) = y0, at t, in either direction.
double exact(double t0, double y0, double t) {
  const double direction = t > t0 ? 1 : -1;
  double y = y0, at = t0;
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

constexpr double poison = std::numeric_limits<double>::quiet_NaN();

TEST(JumpTimes, AreNeverAskedAndSeenFromBothSides) {
  for (const auto& [t0, t1] : {std::pair{0, 10}, {10, 0}, {-3, 3}, {1000, 1004}, {2, -2}})
    for (const double rtol : {1e-5, 1e-8}) {
      const InitialValueProblem problem{SquareWave{poison}, double(t0), double(t1), Vector<double, 1>{0.5}};
      const auto solution = solve(problem, Options{.rtol = rtol, .atol = rtol, .jump_times = whole(t0, t1)});
      ASSERT_EQ(solution.status, Status::converged) << t0 << ' ' << t1;
      const double growth = t1 < t0 ? std::exp(t0 - t1) : 1;  // backwards errors grow
      for (int i = 0; i <= 40; ++i) {
        const double t = t0 + (t1 - t0) * (i / 40.0);
        EXPECT_NEAR(solution(t)[0], exact(t0, 0.5, t), 50 * rtol * growth) << t;
      }
    }
}

/// y' = 1 before tau and -1 from it on, which polynomials integrate exactly.
struct Switch {
  double tau;
  template <class T>
  Vector<T, 1> operator()(const T& t, const Vector<T, 1>& y) const {
    return {select(t < tau, T(1.0), T(-1.0)) + 0.0 * y[0]};
  }
};

TEST(JumpTimes, AreNeverOverstepped) {
  // Tolerances that no error exceeds: a single stage on the wrong side would stay, an error of a sizeable part of a step.
  const Options blind{.rtol = 1, .atol = 1e6};
  unsigned state = 4711;
  const auto uniform = [&](double low, double high) {
    state = state * 1664525u + 1013904223u;
    return low + (high - low) * (static_cast<double>(state >> 8) / static_cast<double>(1u << 24));
  };
  for (int draw = 0; draw < 2000; ++draw) {
    const double size = std::pow(10.0, uniform(-6, 6)), offset = draw % 3 == 0 ? 0 : uniform(-10, 10) * size;
    const double t0 = offset - uniform(0, size), t1 = offset + uniform(0, size), tau = draw % 5 == 0 ? 0.5 * (t0 + t1) : offset;
    for (const bool forward : {true, false}) {
      const InitialValueProblem problem{Switch{tau}, forward ? t0 : t1, forward ? t1 : t0, Vector<double, 1>{0}};
      for (const auto strategy : {Strategy::windows, Strategy::automatic}) {
        Options options = blind;
        options.jump_times = {tau};
        options.strategy = strategy;
        const auto solution = solve(problem, options);
        ASSERT_EQ(solution.status, Status::converged);
        // An extrapolation magnifies the rounding of its columns by up to 1e4.
        const double rounding = (strategy == Strategy::windows ? 1e-13 : 4e-12) * (std::abs(t0) + std::abs(t1));
        const double exact = (tau - t0) - (t1 - tau);
        ASSERT_NEAR(solution.final_state()[0], forward ? exact : -exact, rounding) << t0 << ' ' << tau << ' ' << t1;
        ASSERT_NEAR(solution(tau)[0], forward ? tau - t0 : t1 - tau, rounding) << t0 << ' ' << tau << ' ' << t1;
      }
    }
  }
}

TEST(JumpTimes, GiveTheSameSolutionWhicheverValueFHasThere) {
  const auto end = [](double at_jump) {
    const InitialValueProblem problem{SquareWave{at_jump}, 0.0, 7.0, Vector<double, 1>{0.5}};
    return solve(problem, Options{.jump_times = whole(0, 7)}).final_state();
  };
  EXPECT_EQ(end(1), end(-1));
}

TEST(JumpTimes, AreMeshPoints) {
  const InitialValueProblem problem{SquareWave{poison}, 0.5, 5.5, Vector<double, 1>{0.5}};
  const auto solution = solve(problem, Options{.jump_times = whole(1, 5)});
  const auto t = solution.times();
  for (int k = 1; k <= 5; ++k) EXPECT_EQ(std::count(t.begin(), t.end(), k), 1) << k;
  EXPECT_EQ(t.front(), 0.5);
  EXPECT_EQ(t.back(), 5.5);
  EXPECT_EQ(t.size(), solution.states().size());
  for (std::size_t i = 0; i < t.size(); ++i) EXPECT_NEAR(solution.states()[i][0], exact(0.5, 0.5, t[i]), 1e-5);
}

TEST(JumpTimes, SaveStepsAndAccuracy) {
  const InitialValueProblem problem{SquareWave{1}, 0.0, 100.0, Vector<double, 1>{0.5}};
  const Options options{.rtol = 1e-7, .atol = 1e-7};
  Options told = options;
  told.jump_times = whole(0, 100);
  const auto with = solve(problem, told), without = solve(problem, options);
  ASSERT_EQ(with.status, Status::converged);
  ASSERT_EQ(without.status, Status::converged);
  EXPECT_LT(std::abs(with.final_state()[0] - exact(0, 0.5, 100)), 1e-7);
  EXPECT_LT(with.statistics.steps, without.statistics.steps);
}

TEST(JumpTimes, OutsideOfTheIntervalArePassedOver) {
  const InitialValueProblem problem{SquareWave{poison}, 2.5, 4.5, Vector<double, 1>{0.5}};
  const auto all = solve(problem, Options{.jump_times = whole(-10, 10)}), needed = solve(problem, Options{.jump_times = {3, 4}});
  EXPECT_EQ(all.final_state(), needed.final_state());
  EXPECT_NEAR(all.final_state()[0], exact(2.5, 0.5, 4.5), 1e-5);
}

TEST(JumpTimes, CloserThanRoundingAreOne) {
  const InitialValueProblem problem{SquareWave{1}, 0.5, 2.5, Vector<double, 1>{0.5}};
  const double behind = std::nextafter(1.0, 2.0), end = std::nextafter(2.5, 0.0);
  const auto solution = solve(problem, Options{.jump_times = {1, behind, 2, end}});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], exact(0.5, 0.5, 2.5), 1e-5);
  EXPECT_EQ(solution.final_time(), 2.5);
}

TEST(JumpTimes, WorkInSinglePrecision) {
  const InitialValueProblem problem{SquareWave{poison}, -3.0, 3.0, Vector<float, 1>{0.5f}};
  const auto solution = solve(problem, Options{.rtol = 1e-4, .atol = 1e-4, .jump_times = whole(-3, 3)});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], exact(-3, 0.5, 3), 1e-3);
}

TEST(JumpTimes, GoWithOutputTimesEventsAndSteps) {
  const InitialValueProblem problem{SquareWave{poison}, 0.0, 4.0, Vector<double, 1>{0.5}};
  Options options{.rtol = 1e-8, .atol = 1e-8, .initial_step = 0.01, .maximum_step = 0.1};
  options.output_times = {0, 1, 2.5, 3, 4};
  options.jump_times = whole(0, 4);
  const auto solution = solve(problem, options, {{[](double, const auto& y) { return y[0] - 0.2; }}});
  ASSERT_EQ(solution.status, Status::converged);
  ASSERT_EQ(solution.times().size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(solution.states()[i][0], exact(0, 0.5, options.output_times[i]), 1e-6);
  ASSERT_EQ(solution.events().size(), 3u) << "down, up, down";
  for (const auto& event : solution.events()) {
    EXPECT_NEAR(exact(0, 0.5, event.time), 0.2, 1e-6);
    EXPECT_NEAR(event.state[0], 0.2, 1e-12);
  }
}

/// y' = -k (y - s), s being one up to a time that nobody is told of, then zero.
struct SwitchedPull {
  double k, until;
  template <class T>
  Vector<T, 1> operator()(const T& t, const Vector<T, 1>& y) const {
    return {-k * (y[0] - select(t < until, T(1.0), T(0.0)))};
  }
};

/// Wherever in a step it lies: a walk's first steps are the longer the later they come.
TEST(JumpTimes, ThatNobodyAnnouncedCostATolerance) {
  const double tolerance = 1e-6;
  for (const double k : {1.0, 50.0, 1e3, 1e6})
    for (int i = 0; i < 40; ++i) {
      const double until = 3 + 0.0612345 * i, end = until + 0.3 / k;
      const InitialValueProblem problem{SwitchedPull{k, until}, 0.0, end, Vector<double, 1>{0.0}};
      for (const Output output : {Output::final_state, Output::trajectory}) {
        const auto solution = solve(problem, Options{.rtol = tolerance, .atol = tolerance, .output = output});
        ASSERT_EQ(solution.status, Status::converged);
        const double exact = (1 - std::exp(-k * until)) * std::exp(-k * (end - until));
        EXPECT_NEAR(solution.final_state()[0], exact, 2 * tolerance) << "k = " << k << ", until " << until;
      }
    }
}

/// Van der Pol's equation with such a force.
struct SwitchedOscillator {
  double until;
  template <class T>
  Vector<T, 2> operator()(const T& t, const Vector<T, 2>& y) const {
    return {y[1], 10.0 * ((1.0 - y[0] * y[0]) * y[1]) - y[0] + select(t < until, T(0.5), T(0.0))};
  }
};

TEST(JumpTimes, ThatNobodyAnnouncedOfAnOscillatorCostAFewTolerances) {
  for (const double until : {900.0, 2407.7}) {
    const InitialValueProblem problem{SwitchedOscillator{until}, 0.0, 4000.0, Vector<double, 2>{2, 0}};
    const auto reference =
        solve(problem, Options{.rtol = 1e-9, .atol = 1e-9, .output = Output::final_state, .jump_times = {until}}).final_state();
    for (int i = 0; i < 8; ++i) {
      const double rtol = 1e-7 * (1 + 0.02 * i);
      const auto solution = solve(problem, Options{.rtol = rtol, .atol = rtol, .output = Output::final_state});
      ASSERT_EQ(solution.status, Status::converged);
      for (int c = 0; c < 2; ++c)
        EXPECT_NEAR(solution.final_state()[c], reference[c], 20 * rtol * (1 + std::abs(reference[c]))) << until << ", " << rtol;
    }
  }
}

/// A stiff element that is switched off: y is held at one, then grows with t. A step that reckons with the stiffness of its start
/// holds y to its end, and all estimates agree on that: the answer was one in place of two.
struct SwitchedOff {
  double k, until;
  template <class T>
  Vector<T, 1> operator()(const T& t, const Vector<T, 1>& y) const {
    return {select(t < until, -k * (y[0] - 1.0), T(1.0))};
  }
};

TEST(JumpTimes, ThatTakeAStiffElementAwayAreSeen) {
  struct Parameters {
    double k, tolerance;
  };
  for (const auto& [k, tolerance] : {Parameters{1e3, 1e-4}, {1e5, 1e-4}, {1e7, 1e-6}, {1e9, 1e-8}})
    for (int i = 0; i < 40; ++i) {
      const double until = 3 + 0.0612345 * i;
      const InitialValueProblem problem{SwitchedOff{k, until}, 0.0, until + 1, Vector<double, 1>{0.0}};
      for (const Output output : {Output::final_state, Output::trajectory}) {
        const auto solution = solve(problem, Options{.rtol = tolerance, .atol = tolerance, .output = output});
        ASSERT_EQ(solution.status, Status::converged);
        EXPECT_NEAR(solution.final_state()[0], 2, 100 * tolerance) << "k = " << k << ", until " << until;
      }
    }
}

/// A stiff stop at y_0 = 1 against which the second component pushes, and from which it pulls away again and again.
struct Stop {
  double k;
  template <class T>
  Vector<T, 2> operator()(const T& t, const Vector<T, 2>& y) const {
    const T free = y[1] - 0.1 * y[0];
    return {select(y[0] < 1.0, free, free - k * (y[0] - 1.0)), cos(t)};
  }
};

TEST(JumpTimes, OfAStiffContactAreSeenAsTheStateFeelsThem) {
  for (int i = 0; i < 10; ++i) {
    const InitialValueProblem problem{Stop{1e4 * (1 + 0.1 * i)}, 0.0, 30.0, Vector<double, 2>{0, 0}};
    const auto reference =
        solve(problem, Options{.rtol = 1e-10, .atol = 1e-10, .strategy = Strategy::windows, .maximum_step = 0.01});
    for (const double tolerance : {1e-4, 1e-6, 1e-8})
      for (const Output output : {Output::final_state, Output::trajectory}) {
        const auto solution = solve(problem, Options{.rtol = tolerance, .atol = tolerance, .output = output});
        ASSERT_EQ(solution.status, Status::converged);
        EXPECT_NEAR(solution.final_state()[0], reference.final_state()[0], 100 * tolerance) << i << ' ' << tolerance;
      }
  }
}

/// Waves that are not asked for are passed over: looking for jumps must not see them in these.
TEST(JumpTimes, ThatAreNotThereCostNoSteps) {
  for (const double k : {1e3, 1e6, 1e8}) {
    const auto pull = [k]<class T>(const T& t, const Vector<T, 1>& y) -> Vector<T, 1> { return {-k * (y[0] - cos(t))}; };
    const auto solution = solve(InitialValueProblem{pull, 0.0, 200.0, Vector<double, 1>{0.0}},
                                Options{.rtol = 1e-6, .atol = 1e-6, .output = Output::final_state});
    EXPECT_LT(solution.statistics.steps, 75) << k;
    EXPECT_NEAR(solution.final_state()[0], (k * k * std::cos(200.0) + k * std::sin(200.0)) / (k * k + 1), 1e-6) << k;
  }
}

}  // namespace
