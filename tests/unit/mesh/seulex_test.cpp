// SPDX-License-Identifier: BSD-3-Clause
#include "antler/mesh/seulex.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "antler/core/lu.hpp"
#include "antler/mesh/rodas.hpp"
#include "antler/solve/radau.hpp"

using namespace antler;
using antler::detail::SeulexColumns;
using antler::detail::SeulexStep;
using antler::detail::StepStart;

namespace {

/// y' = y cos t: y = y0 exp(sin t).
struct Swing {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T t, const Vector<T, 1>& y) const {
    return {y[0] * cos(t)};
  }
};

/// y' = lambda (y - cos t) - sin t, y(0) = 1: y = cos t.
struct PulledToCosine {
  double lambda = -1e6;
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T t, const Vector<T, 1>& y) const {
    return {lambda * (y[0] - cos(t)) - sin(t)};
  }
};

struct LotkaVolterra {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(T, const Vector<T, 2>& y) const {
    return {2.0 * y[0] - y[0] * y[1], y[0] * y[1] - 3.0 * y[1]};
  }
};

/// Two blocks y' = A y with A = [2, 5; -5, -8]: both eigenvalues are -3, y = exp(-3 t) (1 + (A + 3) t) y0. With h = 1 the matrix
/// 1 - h_j A of the first column has a zero on its diagonal.
struct ZeroPivot {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 4> operator()(T, const Vector<T, 4>& y) const {
    return {2.0 * y[0] + 5.0 * y[1], -5.0 * y[0] - 8.0 * y[1], 2.0 * y[2] + 5.0 * y[3], -5.0 * y[2] - 8.0 * y[3]};
  }
};

/// y' = sqrt(1 - t): there is nothing after t = 1.
struct Wall {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T t, const Vector<T, 1>&) const {
    return {sqrt(1.0 - t)};
  }
};

template <class F, int n>
StepStart<double, n> start_at(const F& f, double t, const Vector<double, n>& y) {
  StepStart<double, n> start{.t = t, .y = y, .value = {}, .by_t = {}, .by_y = {}, .slope = {}};
  start.evaluate(f);
  start.slope = start.value;
  return start;
}

/// The error of one step of length h, and of its polynomial inside of it.
template <class F, int n, class Exact>
std::pair<double, double> step_errors(const F& f, double t, double h, const Exact& exact) {
  const auto start = start_at(f, t, exact(t));
  SeulexStep<double, n> step;
  Statistics statistics;
  const Vector<double, n> end = step.take(f, start, h, t + h, true, statistics);
  const auto polynomial = step.polynomial(start, h, end);
  const auto distance = [&](const Vector<double, n>& a, double time) {
    double largest = 0;
    for (int c = 0; c < n; ++c) largest = std::max(largest, std::abs(a[c] - exact(time)[c]));
    return largest;
  };
  double inside = 0;
  for (double theta = 0.05; theta < 1; theta += 0.05) inside = std::max(inside, distance(polynomial(t + theta * h), t + theta * h));
  EXPECT_LE(distance(polynomial(t + h), t + h), distance(end, t + h) + 1e-13) << "the polynomial ends where the step does";
  return {distance(end, t + h), inside};
}

TEST(SeulexColumns, AreExactForPolynomialsInTheStepLength) {
  const auto weights = SeulexColumns::weights(0), without = SeulexColumns::weights(1), error = SeulexColumns::error_weights(0);
  for (int power = 0; power < SeulexColumns::count; ++power) {
    double all = 0, fewer = 0, estimate = 0;
    for (int j = 0; j < SeulexColumns::count; ++j) {
      const double value = std::pow(SeulexColumns::steps(j), -power);
      all += weights[static_cast<std::size_t>(j)] * value;
      fewer += without[static_cast<std::size_t>(j)] * value;
      estimate += error[static_cast<std::size_t>(j)] * value;
    }
    EXPECT_NEAR(all, power == 0, 1e-11);
    if (power + 1 < SeulexColumns::count) {
      EXPECT_NEAR(fewer, power == 0, 1e-11);
    }
    EXPECT_NEAR(estimate, all - fewer, 1e-11);
  }
}

TEST(SeulexStep, IsOfOrderEightInsideToo) {
  const auto exact = [](double t) { return Vector<double, 1>{std::exp(std::sin(t))}; };
  const auto [long_end, long_inside] = step_errors<Swing, 1>(Swing{}, 0.3, 0.8, exact);
  const auto [short_end, short_inside] = step_errors<Swing, 1>(Swing{}, 0.3, 0.4, exact);
  EXPECT_GE(long_end / short_end, 256) << "an error like h^9 falls by 512, from " << long_end << " to " << short_end;
  EXPECT_GE(long_inside / short_inside, 128) << "one like h^8 by 256, from " << long_inside << " to " << short_inside;
  EXPECT_LE(short_end, 1e-9);
  EXPECT_LE(short_inside, 1e-8);
}

TEST(SeulexStep, StaysOnTheSlowSolutionOfAStiffProblem) {
  const auto exact = [](double t) { return Vector<double, 1>{std::cos(t)}; };
  for (const double lambda : {-1e3, -1e6, -1e9}) {
    const auto [end, inside] = step_errors<PulledToCosine, 1>(PulledToCosine{lambda}, 1.0, 0.5, exact);
    EXPECT_LE(end, 1e-8) << "lambda = " << lambda;
    EXPECT_LE(inside, 1e-6) << "lambda = " << lambda;
  }
}

TEST(SeulexStep, GoesBackwardsInTime) {
  const auto exact = [](double t) { return Vector<double, 1>{std::exp(std::sin(t))}; };
  const auto [end, inside] = step_errors<Swing, 1>(Swing{}, 0.3, -0.4, exact);
  EXPECT_LE(end, 1e-9);
  EXPECT_LE(inside, 1e-8);
}

TEST(SeulexStep, PivotsInTheLanesThatNeedIt) {
  const auto exact = [](double t) {
    const double decay = std::exp(-3 * t), a = 1, b = 0.5;
    const double first = decay * (a + t * (5 * a + 5 * b)), second = decay * (b + t * (-5 * a - 5 * b));
    return Vector<double, 4>{first, second, 2 * first, 2 * second};
  };
  const auto [end, inside] = step_errors<ZeroPivot, 4>(ZeroPivot{}, 0, 1, exact);
  const auto [longer, inside_longer] = step_errors<ZeroPivot, 4>(ZeroPivot{}, 0, 1.01, exact);
  EXPECT_LE(end, longer) << "a step in which no pivot vanishes";
  EXPECT_LE(inside, inside_longer);
  EXPECT_LE(end, 1e-5);
}

TEST(SeulexStep, AsksForNothingBehindTheEndOfTheStep) {
  const auto exact = [](double t) { return Vector<double, 1>{(1 - std::pow(1 - t, 1.5)) / 1.5}; };
  const auto start = start_at(Wall{}, 0.5, exact(0.5));
  SeulexStep<double, 1> step;
  Statistics statistics;
  const Vector<double, 1> end = step.take(Wall{}, start, 0.5, 1.0, true, statistics);
  EXPECT_NEAR(end[0], 1 / 1.5, 1e-3);
  EXPECT_TRUE(std::isfinite(step.error()[0]));
}

TEST(SeulexStep, EndsWhereItEndsWithoutAPolynomial) {
  const auto start = start_at(LotkaVolterra{}, 0, Vector<double, 2>{1, 2});
  SeulexStep<double, 2> with, without;
  Statistics counts_with, counts_without;
  const auto a = with.take(LotkaVolterra{}, start, 0.2, 0.2, true, counts_with);
  const auto b = without.take(LotkaVolterra{}, start, 0.2, 0.2, false, counts_without);
  for (int c = 0; c < 2; ++c) {
    EXPECT_NEAR(a[c], b[c], 1e-11) << "to rounding, which the weights magnify";
    EXPECT_NEAR(with.error()[c], without.error()[c], 1e-11);
  }
  EXPECT_GE(counts_without.function_evaluations, 44) << "2 + 3 + ... + 9";
  EXPECT_EQ(counts_with.function_evaluations, 2 * counts_without.function_evaluations);
  EXPECT_EQ(counts_without.factorisations, 8);
  EXPECT_EQ(counts_with.factorisations, 16);
}

template <template <class, class, int> class Walk>
struct Walked {
  Index steps = 0;
  Vector<double, 2> state{};
  Statistics statistics;
  double inside = 0;  // largest distance of the polynomials from the reference
};

template <template <class, class, int> class Walk, class Reference>
Walked<Walk> walk(double tolerance, bool dense, const Reference& reference) {
  Walked<Walk> walked;
  Walk<LotkaVolterra, double, 2> steps(LotkaVolterra{}, Weights<double, 2>(Options{.rtol = tolerance, .atol = tolerance}), 1);
  EXPECT_EQ(steps.start(0, {1, 2}, 0, 20), Status::converged);
  while (steps.time() < 20) {
    const double t = steps.time();
    typename Walk<LotkaVolterra, double, 2>::Polynomial polynomial;
    if (steps.advance(20, dense ? &polynomial : nullptr, walked.statistics) != Status::converged) break;
    ++walked.steps;
    if (!dense) continue;
    EXPECT_EQ(polynomial.t, t);
    for (const double theta : {0.1, 0.3, 0.5, 0.7, 0.9})
      for (int c = 0; c < 2; ++c)
        walked.inside =
            std::max(walked.inside, std::abs(polynomial(t + theta * polynomial.h)[c] - reference(t + theta * polynomial.h)[c]));
  }
  EXPECT_EQ(steps.time(), 20);
  walked.state = steps.state();
  return walked;
}

TEST(Seulex, TakesAFractionOfTheStepsOfRodas) {
  const auto reference = solve(InitialValueProblem{LotkaVolterra{}, 0.0, 20.0, Vector<double, 2>{1, 2}}, RadauIIA<5>{},
                               Options{.rtol = 1e-13, .atol = 1e-13, .strategy = Strategy::windows});
  ASSERT_EQ(reference.status, Status::converged);
  for (const double tolerance : {1e-5, 1e-7, 1e-9}) {
    const auto seulex = walk<Seulex>(tolerance, true, reference);
    const auto rodas = walk<Rodas>(tolerance, false, reference);
    for (int c = 0; c < 2; ++c)
      EXPECT_NEAR(seulex.state[c], reference.final_state()[c], 100 * tolerance) << "tolerance " << tolerance;
    EXPECT_LE(seulex.inside, 300 * tolerance) << "tolerance " << tolerance;
    EXPECT_LE(3 * seulex.steps, rodas.steps) << "tolerance " << tolerance;
  }
}

TEST(Seulex, FollowsWhatHappensBetweenTheEndsOfItsSteps) {
  // Of a very stiff problem the ends of steps are right however long they are: cos t is followed, not only met.
  for (const double lambda : {-1e2, -1e4, -1e6})
    for (const double rtol : {1e-4, 1e-6}) {
      const InitialValueProblem problem{PulledToCosine{lambda}, 0.0, 30.0, Vector<double, 1>{1.0}};
      const auto solution = solve(problem, Options{.rtol = rtol, .atol = rtol});
      ASSERT_EQ(solution.status, Status::converged);
      for (double t = 0; t <= 30; t += 0.01) ASSERT_NEAR(solution(t)[0], std::cos(t), 30 * rtol) << lambda << ", t = " << t;
      EXPECT_LE(solution.statistics.steps, 60);
    }
}

struct Branching {
  static constexpr bool lanes = false;
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T, const Vector<T, 1>& y) const {
    if (y[0] > 0.0) return {-y[0]};
    return {y[0]};
  }
};

TEST(Seulex, IsTheDefaultWhereLanesServe) {
  const InitialValueProblem problem{LotkaVolterra{}, 0.0, 20.0, Vector<double, 2>{1, 2}};
  for (const double rtol : {1e-3, 1e-6, 1e-9}) {
    const auto solution = solve(problem, Options{.rtol = rtol, .atol = rtol});
    ASSERT_EQ(solution.status, Status::converged);
    if (!antler::detail::extrapolates<LotkaVolterra, double, 2>) continue;
    EXPECT_EQ(solution.statistics.sequential_steps, solution.statistics.steps) << "rtol " << rtol;
    EXPECT_GE(solution.statistics.factorisations, 16 * solution.statistics.steps) << "eight columns, twice with dense output";
  }
  static_assert(!antler::detail::extrapolates<Branching, double, 1>, "f that branches on a component has no columns in lanes");
  static_assert(!antler::detail::extrapolates<LotkaVolterra, float, 2>, "single precision does not carry the extrapolation");
  static_assert(!antler::detail::extrapolates<LotkaVolterra, double, 64>, "matrices of all columns leave the cache");
  const auto walked =
      solve(InitialValueProblem{Branching{}, 0.0, 5.0, Vector<double, 1>{1.0}}, Options{.rtol = 1e-5, .atol = 1e-8});
  ASSERT_EQ(walked.status, Status::converged);
  EXPECT_NEAR(walked.final_state()[0], std::exp(-5.0), 1e-5);
}

TEST(Seulex, LeavesALooseEndToTheStepsOfLowOrder) {
  const InitialValueProblem problem{PulledToCosine{-50}, 0.0, 10.0, Vector<double, 1>{1.0}};
  for (const auto& [rtol, loose] : {std::pair{1e-3, true}, std::pair{1e-4, true}, std::pair{1e-6, false}})
    for (const Output output : {Output::final_state, Output::trajectory}) {
      const auto solution = solve(problem, Options{.rtol = rtol, .atol = rtol, .output = output});
      ASSERT_EQ(solution.status, Status::converged);
      EXPECT_NEAR(solution.final_state()[0], std::cos(10.0), 30 * rtol * (1 + std::abs(std::cos(10.0))));  // 9 on AVX2
      if (!antler::detail::extrapolates<PulledToCosine, double, 1>) continue;
      const bool iterates = solution.statistics.iterations + solution.statistics.newton_steps > 0;
      EXPECT_EQ(iterates, loose && output == Output::final_state) << "rtol " << rtol;
    }
}

TEST(Seulex, GivesWayToWindowsWhereRoundingWouldDecide) {
  const InitialValueProblem problem{LotkaVolterra{}, 0.0, 20.0, Vector<double, 2>{1, 2}};
  const auto solution = solve(problem, Options{.rtol = 1e-11, .atol = 1e-11});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.statistics.sequential_steps, 0);
  Options sequential{.rtol = 1e-12, .atol = 1e-12, .strategy = Strategy::sequential};
  const auto walked = solve(problem, sequential);
  ASSERT_EQ(walked.status, Status::converged);
  for (int c = 0; c < 2; ++c) EXPECT_NEAR(walked.final_state()[c], solution.final_state()[c], 1e-9);
}

}  // namespace
