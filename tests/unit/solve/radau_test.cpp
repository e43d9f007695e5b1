// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/radau.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "testset/solved.hpp"

namespace {

using antler::InitialValueProblem;
using antler::Options;
using antler::RadauIIA;
using antler::Status;
using antler::Strategy;
using antler::Vector;

TEST(RadauIIA, EndErrorFollowsTheToleranceOnTheStiffTestSet) {
  antler::testset::for_each_stiff([](const auto& problem) {
    for (const Strategy strategy : {Strategy::automatic, Strategy::windows, Strategy::sequential})
      for (const double rtol : {1e-4, 1e-6, 1e-8, 1e-10}) {
        const InitialValueProblem p{problem.f, problem.t0, problem.t1, problem.y0};
        const auto solution =
            antler::solve(p, RadauIIA<5>{}, Options{.rtol = rtol, .atol = problem.atol(rtol), .strategy = strategy});
        EXPECT_EQ(solution.status, Status::converged) << problem.name << " at " << rtol;
        EXPECT_LT(problem.error(solution.final_state(), problem.final_reference()), 100 * rtol * problem.amplification)
            << problem.name << " at " << rtol << ", strategy " << static_cast<int>(strategy);
      }
  });
}

template <class Problem, class Method>
void expect_finished(const Problem& problem, const Method& method) {
  for (const Strategy strategy : {Strategy::windows, Strategy::sequential})
    for (const double rtol : {1e-3, 1e-5, 1e-7, 1e-9}) {
      const InitialValueProblem p{problem.f, problem.t0, problem.t1, problem.y0};
      const auto solution = antler::solve(p, method, Options{.rtol = rtol, .atol = problem.atol(rtol), .strategy = strategy});
      EXPECT_EQ(solution.status, Status::converged) << problem.name << " at " << rtol;
      EXPECT_LT(problem.error(solution.final_state(), problem.final_reference()), 100 * rtol * problem.amplification)
          << problem.name << " at " << rtol << (strategy == Strategy::windows ? ", windows" : ", sequential");
    }
}

TEST(RadauIIA, FinishesTheHardProblemsAtTheTolerancesBetween) {
  expect_finished(antler::testset::orego(), RadauIIA<5>{});
  expect_finished(antler::testset::vdpol(), RadauIIA<5>{});
  expect_finished(antler::testset::robertson_long(), RadauIIA<5>{});
  expect_finished(antler::testset::brusselator(), RadauIIA<5>{});
  expect_finished(antler::testset::arenstorf(), RadauIIA<5>{});
}

TEST(RadauIIA, FinishesHardProblemsWithTheLowerOrders) {
  expect_finished(antler::testset::orego(), RadauIIA<3>{});
  expect_finished(antler::testset::vdpol(), RadauIIA<3>{});
  expect_finished(antler::testset::orego(), RadauIIA<4>{});
}

TEST(RadauIIA, ChoosesItsStrategyByTheTolerance) {
  const auto problem = antler::testset::robertson();
  const InitialValueProblem p{problem.f, problem.t0, problem.t1, problem.y0};
  const auto loose = antler::solve(p, Options{.rtol = 1e-4, .atol = problem.atol(1e-4)}).statistics;
  EXPECT_EQ(loose.sequential_steps, loose.steps);
  EXPECT_EQ(loose.windows, 0);
  const auto tight = antler::solve(p, Options{.rtol = 1e-10, .atol = problem.atol(1e-10)}).statistics;
  EXPECT_EQ(tight.sequential_steps, 0);
  EXPECT_GT(tight.windows, 0);
}

TEST(RadauIIA, SolvesTheNonstiffTestSet) {
  antler::testset::for_each_nonstiff([](const auto& problem) {
    for (const double rtol : {1e-5, 1e-9}) {
      const InitialValueProblem p{problem.f, problem.t0, problem.t1, problem.y0};
      const auto solution = antler::solve(p, Options{.rtol = rtol, .atol = problem.atol(rtol)});
      EXPECT_EQ(solution.status, Status::converged) << problem.name << " at " << rtol;
      EXPECT_LT(problem.error(solution.final_state(), problem.final_reference()), 100 * rtol * problem.amplification)
          << problem.name << " at " << rtol;
    }
  });
}

struct Circle {
  template <class T>
  Vector<T, 2> operator()(const T& /*t*/, const Vector<T, 2>& y) const {
    return {-y[1], y[0]};
  }
};

TEST(RadauIIA, DenseOutputIsAsAccurateAsTheStepsBetween) {
  const InitialValueProblem p{Circle{}, 0.0, 10.0, Vector<double, 2>{1, 0}};
  for (const auto strategy : {Strategy::automatic, Strategy::windows}) {
    const auto solution = antler::solve(p, Options{.rtol = 1e-8, .atol = 1e-8, .strategy = strategy});
    ASSERT_EQ(solution.status, Status::converged);
    for (int i = 0; i <= 1000; ++i) {
      const double t = 0.01 * i;
      ASSERT_NEAR(solution(t)[0], std::cos(t), 1e-7);
    }
  }
}

/// y' = rate (cos t - y): from y(0) = 1 close to the cosine.
struct Pulled {
  static constexpr int size = 1;
  double rate;
  template <class T>
  Vector<T, 1> operator()(const T& t, const Vector<T, 1>& y) const {
    return {rate * (cos(t) - y[0])};
  }
};

TEST(RadauIIA, WindowsSeeWhatHappensBetweenTheNodesOfAStiffProblem) {
  // The filtered estimate does not: without the one between the nodes errors are up to 1e7 times the tolerance.
  for (const double rate : {1e2, 1e4, 1e6})
    for (const double rtol : {1e-4, 1e-6, 1e-8, 1e-10}) {
      const InitialValueProblem p{Pulled{rate}, 0.0, 50.0, Vector<double, 1>{1}};
      const auto solution = antler::solve(p, Options{.rtol = rtol, .atol = rtol, .strategy = Strategy::windows});
      ASSERT_EQ(solution.status, Status::converged);
      const double at0 = rate * rate / (1 + rate * rate);
      double largest = 0;
      for (int i = 0; i <= 20'000; ++i) {
        const double t = 50.0 * i / 20'000;
        const double exact = at0 * (std::cos(t) + std::sin(t) / rate) + (1 - at0) * std::exp(-rate * t);
        largest = std::max(largest, std::abs(solution(t)[0] - exact) / (rtol * (1 + std::abs(exact))));
      }
      EXPECT_LT(largest, 30) << rate << ", rtol " << rtol;
    }
}

TEST(RadauIIA, IntegratesBackwards) {
  const InitialValueProblem p{Circle{}, 5.0, -5.0, Vector<double, 2>{std::cos(5.0), std::sin(5.0)}};
  const auto solution = antler::solve(p, Options{.rtol = 1e-8, .atol = 1e-8});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[1], std::sin(-5.0), 1e-6);
  EXPECT_NEAR(solution(1.0)[1], std::sin(1.0), 1e-5);
}

TEST(RadauIIA, EndsExactlyAtTheEnd) {
  for (const auto& [t0, t1] : {std::pair{10.0, 0.1}, {-1.0, 1e-3}, {0.0, 321.8122}, {0.3, 0.7}, {1e6, 1e6 + 0.1}, {-0.1, -7.7}}) {
    const InitialValueProblem p{Circle{}, t0, t1, Vector<double, 2>{1, 0}};
    for (const auto strategy : {antler::Strategy::windows, antler::Strategy::automatic, antler::Strategy::sequential}) {
      const auto solution = antler::solve(p, Options{.strategy = strategy});
      ASSERT_EQ(solution.status, Status::converged);
      EXPECT_EQ(solution.times().back(), t1);
      if (strategy == antler::Strategy::windows) {
        EXPECT_EQ(solution.statistics.sequential_steps, 0);
      }
      EXPECT_NEAR(solution.final_state()[0], std::cos(t1 - t0), 1e-4);
    }
  }
}

template <bool several>
struct Chain {  // n components, y_i' = -(i + 1) (y_i - y_{i-1} / 2), long enough that windows are as short as they get
  static constexpr int n = 24;
  static constexpr bool lanes = several;
  template <class T>
  Vector<T, n> operator()(const T& /*t*/, const Vector<T, n>& y) const {
    Vector<T, n> f;
    f[0] = -y[0];
    for (int i = 1; i < n; ++i) f[i] = -(i + 1.0) * (y[i] - 0.5 * y[i - 1]);
    return f;
  }
};

TEST(RadauIIA, ServesLargerStatesWithAndWithoutLanes) {
  const InitialValueProblem scalar{Chain<false>{}, 0.0, 5.0, Vector<double, 24>::filled(1.0)};
  const InitialValueProblem lanes{Chain<true>{}, 0.0, 5.0, Vector<double, 24>::filled(1.0)};
  const auto a = antler::solve(scalar, Options{.rtol = 1e-7, .atol = 1e-9}),
             b = antler::solve(lanes, Options{.rtol = 1e-7, .atol = 1e-9});
  ASSERT_EQ(a.status, Status::converged);
  ASSERT_EQ(b.status, Status::converged);
  for (int c = 0; c < 24; ++c) EXPECT_NEAR(a.final_state()[c], b.final_state()[c], 1e-6);
  EXPECT_NEAR(a.final_state()[0], std::exp(-5.0), 1e-7);
}

TEST(RadauIIA, WorksInSinglePrecision) {
  const InitialValueProblem p{Circle{}, 0.0, 3.0, Vector<float, 2>{1, 0}};
  const auto solution = antler::solve(p, Options{.rtol = 1e-4, .atol = 1e-5});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], std::cos(3.0), 1e-3);
}

TEST(RadauIIA, ChecksMembersThatWereChangedAfterwards) {
  InitialValueProblem p{Circle{}, 0.0, 3.0, Vector<double, 2>{1, 0}};
  p.t1 = std::nan("");
  EXPECT_THROW((void)antler::solve(p), antler::InvalidArgument);
  p.t1 = 0;
  p.y0[1] = std::nan("");
  EXPECT_THROW((void)antler::solve(p), antler::InvalidArgument);
}

TEST(RadauIIA, ReturnsTheInitialValueOnAnEmptyInterval) {
  const InitialValueProblem p{Circle{}, 2.0, 2.0, Vector<double, 2>{3, 4}};
  const auto solution = antler::solve(p);
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.final_state(), (Vector<double, 2>{3, 4}));
  EXPECT_EQ(solution.times().size(), 1u);
}

TEST(RadauIIA, RepeatsBitForBit) {
  const auto problem = antler::testset::hires();
  const InitialValueProblem p{problem.f, problem.t0, problem.t1, problem.y0};
  const auto first = antler::solve(p), second = antler::solve(p);
  EXPECT_EQ(first.final_state(), second.final_state());
}

TEST(RadauIIA, KeepsOnlyTheEndWhenAsked) {
  const InitialValueProblem p{Circle{}, 0.0, 10.0, Vector<double, 2>{1, 0}};
  for (const auto strategy : {antler::Strategy::windows, antler::Strategy::automatic}) {
    const auto everything = antler::solve(p, Options{.strategy = strategy}),
               end = antler::solve(p, Options{.output = antler::Output::final_state, .strategy = strategy});
    EXPECT_EQ(end.times().size(), 1u);
    EXPECT_EQ(end.times().back(), 10.0);
    EXPECT_LT(end.statistics.peak_bytes, everything.statistics.peak_bytes);
    if (strategy == antler::Strategy::windows) {
      EXPECT_EQ(end.final_state(), everything.final_state());
      continue;
    }
    EXPECT_NEAR(end.final_state()[0], std::cos(10.0), 1e-5);  // steps need not carry a polynomial, and may be longer
    EXPECT_LE(end.statistics.steps, everything.statistics.steps);
  }
}

struct BlowUp {
  template <class T>
  Vector<T, 1> operator()(const T& /*t*/, const Vector<T, 1>& y) const {
    return {y[0] * y[0]};
  }
};

TEST(RadauIIA, ReportsABlowUpAndWhere) {
  const InitialValueProblem p{BlowUp{}, 0.0, 2.0, Vector<double, 1>{1}};
  const auto solution = antler::solve(p);
  EXPECT_NE(solution.status, Status::converged);
  EXPECT_NEAR(solution.times().back(), 1.0, 1e-3);
}

struct Pole {
  template <class T>
  Vector<T, 1> operator()(const T& t, const Vector<T, 1>& /*y*/) const {
    return {1.0 / (t - 1.0)};
  }
};

TEST(RadauIIA, EndsNextToAPole) {  // looped for ever in another library
  const InitialValueProblem p{Pole{}, 1 + 1e-15, 2.0, Vector<double, 1>{0}};
  const auto solution = antler::solve(p, Options{.maximum_steps = 100000});
  if (solution.status == Status::converged) {
    EXPECT_NEAR(solution.final_state()[0], -std::log(1 + 1e-15 - 1.0), 1e-2);
  }
}

struct PredatorPrey {
  template <class T>
  Vector<T, 2> operator()(const T& /*t*/, const Vector<T, 2>& y) const {
    return {6.90918 * y[0] * (1.0 - y[0] / 3634.03) - 191.152 * y[0] * y[1], 191.152 * y[0] * y[1] - 65013.0 * y[1]};
  }
};

TEST(RadauIIA, GetsThroughTheStiffPredatorPreySystem) {  // got stuck in another library
  const InitialValueProblem p{PredatorPrey{}, 0.0, 1.0, Vector<double, 2>{5, 0.1}};
  const auto solution = antler::solve(p, Options{.rtol = 1e-6, .atol = 1e-10});
  EXPECT_EQ(solution.status, Status::converged);
}

struct RootOfState {
  template <class T>
  Vector<T, 1> operator()(const T& /*t*/, const Vector<T, 1>& y) const {
    return {-sqrt(y[0])};
  }
};

TEST(RadauIIA, StepsBackFromARegionWhereTheRightHandSideIsNaN) {
  const InitialValueProblem p{RootOfState{}, 0.0, 1.9, Vector<double, 1>{1}};  // y = (1 - t/2)^2, NaN beyond y = 0 at t = 2
  const auto solution = antler::solve(p, Options{.rtol = 1e-7, .atol = 1e-10});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], 0.05 * 0.05, 1e-6);
}

struct NotANumber {
  template <class T>
  Vector<T, 1> operator()(const T& t, const Vector<T, 1>& y) const {
    return {sqrt(0.5 - t) * y[0]};  // NaN from t = 0.5 on
  }
};

TEST(RadauIIA, NeverReportsNaNAsConverged) {
  const InitialValueProblem p{NotANumber{}, 0.0, 1.0, Vector<double, 1>{1}};
  const auto solution = antler::solve(p);
  EXPECT_NE(solution.status, Status::converged);
  EXPECT_LE(solution.times().back(), 0.5);
  EXPECT_TRUE(std::isfinite(solution.final_state()[0]));
  const InitialValueProblem at_once{NotANumber{}, 0.75, 1.0, Vector<double, 1>{1}};
  EXPECT_EQ(antler::solve(at_once).status, Status::non_finite);
}

struct Branches {
  static constexpr bool lanes = false;
  template <class T>
  Vector<T, 1> operator()(const T& /*t*/, const Vector<T, 1>& y) const {
    if (y[0] > 0.5) return {-y[0]};
    return {-0.5 * (y[0] + 0.5)};
  }
};

TEST(RadauIIA, ServesARightHandSideThatBranches) {
  const InitialValueProblem p{Branches{}, 0.0, 2.0, Vector<double, 1>{1}};
  const auto solution = antler::solve(p, Options{.rtol = 1e-8, .atol = 1e-10});
  ASSERT_EQ(solution.status, Status::converged);
  const double rest = 2 - std::log(2.0);
  EXPECT_NEAR(solution.final_state()[0], -0.5 + std::exp(-0.5 * rest), 1e-6);
}

TEST(RadauIIA, HonoursTheLimitsOfSteps) {
  const InitialValueProblem p{Circle{}, 0.0, 1e6, Vector<double, 2>{1, 0}};
  const auto solution = antler::solve(p, Options{.rtol = 1e-8, .atol = 1e-8, .maximum_steps = 1000});
  EXPECT_EQ(solution.status, Status::maximum_steps);
  EXPECT_LT(solution.statistics.steps, 3000);
}

TEST(RadauIIA, HonoursTheMemoryCap) {
  const InitialValueProblem p{Circle{}, 0.0, 1e4, Vector<double, 2>{1, 0}};
  EXPECT_THROW((void)antler::solve(p, Options{.memory_cap = 1000, .strategy = antler::Strategy::windows}), antler::InvalidArgument);
  EXPECT_NE(antler::solve(p, Options{.memory_cap = 10'000}).status, Status::converged) << "step by step no array comes first";
  const auto solution = antler::solve(p, Options{.rtol = 1e-8, .atol = 1e-8, .memory_cap = 2'000'000});
  EXPECT_EQ(solution.status, Status::memory_limit);
  EXPECT_TRUE(std::isfinite(solution.final_state()[0]));
}

struct Rates {
  double k1, k2, k3;
  template <class T>
  Vector<T, 3> operator()(const T& /*t*/, const Vector<T, 3>& y) const {
    const T a = k1 * y[0], b = k2 * y[1] * y[2], c = k3 * y[1] * y[1];
    return {b - a, a - b - c, c};
  }
};

TEST(RadauIIA, EndsWithATrueStatusForEveryDrawOfRates) {
  // A parameter sweep as a sampler would draw it: every draw ends, and what is called converged conserves mass.
  unsigned state = 12345;
  const auto uniform = [&] {
    state = state * 1664525u + 1013904223u;
    return static_cast<double>(state >> 8) / static_cast<double>(1u << 24);
  };
  int converged = 0;
  for (int draw = 0; draw < 300; ++draw) {
    const auto log_uniform = [&](double low, double high) { return low * std::pow(high / low, uniform()); };
    const Rates rates{log_uniform(1e-6, 1e6), log_uniform(1e-6, 1e10), log_uniform(1e-6, 1e12)};
    const InitialValueProblem p{rates, 0.0, 1e3, Vector<double, 3>{1, 0, 0}};
    const auto solution = antler::solve(p, Options{.rtol = 1e-6, .atol = 1e-10, .maximum_steps = 100000});
    if (solution.status != Status::converged) continue;
    ++converged;
    const auto& y = solution.final_state();
    EXPECT_NEAR(y[0] + y[1] + y[2], 1, 1e-4) << rates.k1 << ' ' << rates.k2 << ' ' << rates.k3;
  }
  EXPECT_GT(converged, 290);
}

}  // namespace
