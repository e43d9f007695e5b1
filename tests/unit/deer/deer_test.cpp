// SPDX-License-Identifier: BSD-3-Clause
#include "antler/deer/deer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "antler/core/dual_math.hpp"
#include "antler/deer/shifters.hpp"
#include "antler/discretization/identity.hpp"
#include "antler/inverse/scan.hpp"

using namespace antler;

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;
using States = Trajectory<double, 1, Space>;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Logistic {
  double r;
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(Index, const Vector<T, 1>& y) const {
    return {r * y[0] * (1.0 - y[0])};
  }
};

/// Chaotic as the logistic map is, with a derivative that is bounded everywhere: Newton's iterates cannot overflow.
struct Sine {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(Index, const Vector<T, 1>& y) const {
    return {2.8 * sin(y[0])};
  }
};

/// y_i = sin(2 y_{i-1}) + y_{i-2} / 2.
struct TwoLags {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(Index, const Vector<T, 1>& y1, const Vector<T, 1>& y2) const {
    return {sin(2.0 * y1[0]) + 0.5 * y2[0]};
  }
};

States constant(Index points, double value) {
  const auto y = allocate<States>("y", points);
  Kokkos::deep_copy(y, value);
  return y;
}

/// The sequential inverse, which keeps every update that it returns.
struct Recorder {
  std::vector<std::vector<double>> updates = {};

  template <class System>
  Status apply(const Space& space, const System& system, const States& d) {
    const Status status = SequentialInverse{}.apply(space, system, d);
    updates.emplace_back();
    for (std::size_t i = 0; i < d.extent(0); ++i) updates.back().push_back(d(i, 0));
    return status;
  }
};

template <int lags, class F>
DeerResult<double, 1, Space> solve(const F& f, const std::array<double, lags>& history, const States& guess, const Options& options,
                                   Recorder& recorder) {
  Lags<double, 1, lags> shifter;
  for (std::size_t p = 0; p < lags; ++p) shifter.history[p] = Vector<double, 1>{history[p]};
  IdentityOperator<double, 1, lags, Space> identity(static_cast<Index>(guess.extent(0)));
  return deer(identity, f, shifter, recorder, guess, options);
}

template <class F>
DeerResult<double, 1, Space> solve(const F& f, double y0, const States& guess, const Options& options = {}) {
  Recorder recorder;
  return solve<1>(f, {y0}, guess, options, recorder);
}

/// f of a recurrence at step i, from states with y_0 (and y_{-1}) in front.
template <int lags, class F>
double step(const F& f, const std::vector<double>& y, std::size_t i) {
  if constexpr (lags == 1) {
    return f(0, Vector<double, 1>{y[i - 1]})[0];
  } else {
    return f(0, Vector<double, 1>{y[i - 1]}, Vector<double, 1>{y[i - 2]})[0];
  }
}

/// Takes the iterates y^k for k = 1, 2, ... and demands that the k-th obeys the recurrence on its first k steps, to rounding. The
/// rounding is that of the sums f(y) + J d and y + d over the iterate before, whose tail may be far off.
template <int lags, class F>
void expect_exact_first_steps(const F& f, const std::array<double, lags>& history, Index points) {
  constexpr double rounding = 16 * std::numeric_limits<double>::epsilon();
  Recorder recorder;
  const Options options{.rtol = 1e-14, .atol = 1e-16, .maximum_iterations = points};
  (void)solve<lags>(f, history, constant(points, history[0]), options, recorder);
  ASSERT_GE(recorder.updates.size(), 4u) << "too easy to tell anything";
  std::vector<double> y(history.rbegin(), history.rend());
  y.insert(y.end(), static_cast<std::size_t>(points), history[0]);
  for (std::size_t k = 0; k < recorder.updates.size(); ++k) {
    const std::vector<double> before = y;
    for (std::size_t i = 0; i < recorder.updates[k].size(); ++i) y[i + lags] += recorder.updates[k][i];
    for (std::size_t i = lags; i < lags + k + 1; ++i) {
      double magnitude = 1 + std::abs(step<lags>(f, before, i));
      for (std::size_t p = 0; p <= lags; ++p)
        magnitude = std::max({magnitude, std::abs(before[i - p]), std::abs(y[i - p] - before[i - p])});
      EXPECT_NEAR(y[i], (step<lags>(f, y, i)), rounding * magnitude) << "step " << i + 1 - lags << " of iterate " << k + 1;
    }
  }
}

TEST(Deer, KthIterateIsExactOnItsFirstKSteps) {
  expect_exact_first_steps<1>(Logistic{3.9}, {0.3}, 6);
  expect_exact_first_steps<1>(Sine{}, {1.0}, 40);
  expect_exact_first_steps<2>(TwoLags{}, {1.0, 0.3}, 40);
}

TEST(Deer, SolvesAChaoticMapOfNStepsInNIterationsAndOneToSeeIt) {
  const auto result = solve(Sine{}, 1.0, constant(12, 1.0), Options{.rtol = 1e-8, .atol = 1e-9, .maximum_iterations = 13});
  EXPECT_EQ(result.status, Status::converged);
  double y = 1;
  for (int i = 0; i < 12; ++i) {
    y = 2.8 * std::sin(y);
    EXPECT_NEAR(result.states(i, 0), y, 1e-11);
  }
}

TEST(Deer, ConvergesQuadratically) {
  const auto result = solve(Logistic{2.8}, 0.2, constant(50, 0.6), Options{.rtol = 1e-12, .atol = 1e-14});
  ASSERT_EQ(result.status, Status::converged);
  int quadratic = 0;
  const auto& updates = result.statistics.update_history;  // in units of rtol |y| + atol, y about 0.6
  for (std::size_t k = 0; k + 1 < updates.size(); ++k) {
    const double now = 1e-12 * updates[k], next = 1e-12 * updates[k + 1];
    if (now > 0.1) continue;
    EXPECT_LE(next, 20 * now * now + 1e-14);
    quadratic += next > 1e-13;
  }
  EXPECT_GE(quadratic, 1) << "no pair of updates in the quadratic regime: the test says nothing";
}

TEST(Deer, ReturnsTheIterateWithTheSmallestResidual) {
  const double y0 = 0.3;
  for (const Index limit : {1, 2, 3, 5}) {
    const Options options{.rtol = 1e-9, .atol = 1e-12, .maximum_iterations = limit};
    const auto result = solve(Logistic{3.9}, y0, constant(10, y0), options);
    ASSERT_EQ(result.status, Status::maximum_iterations);
    const auto residual = allocate<States>("residual", 10);
    for (int i = 0; i < 10; ++i)
      residual(i, 0) = Logistic{3.9}(0, Vector<double, 1>{i == 0 ? y0 : result.states(i - 1, 0)})[0] - result.states(i, 0);
    const auto& history = result.statistics.residual_history;
    const double best = *std::min_element(history.begin(), history.end());
    EXPECT_NEAR((Weights<double, 1>(options).norm(Space{}, residual, result.states)), best, 1e-3 * best);
  }
}

TEST(Deer, KeepsTheGuessThatItIsGiven) {
  const auto guess = constant(20, 0.4);
  ASSERT_EQ(solve(Logistic{2.5}, 0.2, guess).status, Status::converged);
  EXPECT_EQ(guess(19, 0), 0.4);
}

TEST(Deer, StartsWarmFromATrajectory) {
  const auto cold = solve(Logistic{2.8}, 0.2, constant(100, 0.6));
  ASSERT_EQ(cold.status, Status::converged);
  const auto again = solve(Logistic{2.8}, 0.2, cold.states);
  EXPECT_EQ(again.status, Status::converged);
  EXPECT_EQ(again.statistics.iterations, 1) << "a guess that is the solution needs to be looked at once";
  const auto near = constant(100, 0);
  for (int i = 0; i < 100; ++i) near(i, 0) = 1.01 * cold.states(i, 0);
  const auto warm = solve(Logistic{2.8}, 0.2, near);
  EXPECT_EQ(warm.status, Status::converged);
  EXPECT_LT(warm.statistics.iterations, cold.statistics.iterations);
}

TEST(Deer, CountsWhatItDoes) {
  const auto result = solve(Logistic{2.8}, 0.2, constant(100, 0.6));
  ASSERT_EQ(result.status, Status::converged);
  const Statistics& s = result.statistics;
  EXPECT_EQ(s.steps, 100);
  EXPECT_EQ(s.residual_history.size(), static_cast<std::size_t>(s.iterations));
  EXPECT_EQ(s.update_history.size(), static_cast<std::size_t>(s.iterations));
  EXPECT_EQ(s.function_evaluations, 100 * s.iterations);
  EXPECT_EQ(s.jacobian_evaluations, 100 * s.iterations);
  EXPECT_EQ(s.factorisations, 0);
  EXPECT_GT(s.evaluation_seconds, 0);
  EXPECT_GT(s.assembly_seconds, 0);
  EXPECT_GT(s.inverse_seconds, 0);
  EXPECT_GE(s.total_seconds, s.evaluation_seconds + s.assembly_seconds + s.inverse_seconds);
  EXPECT_EQ(s.peak_bytes, 100 * sizeof(double) * (3 + 1 + 1 + 1)) << "f, update, best; Jacobian; states; residual";
  EXPECT_EQ(s.first_failure, -1);
}

/// y_i = rate y_{i-1}.
struct Amplifier {
  double rate;
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(Index, const Vector<T, 1>& y) const {
    return {rate * y[0]};
  }
};

TEST(Deer, ReportsAnUpdateThatOverflowsAsDivergence) {
  const auto result = solve(Amplifier{1e100}, 1.0, constant(10, 1.0));
  EXPECT_EQ(result.status, Status::diverged);
  EXPECT_EQ(result.states(9, 0), 1.0) << "the guess is the best iterate";
}

/// NaN at one point only, or in the Jacobian only.
struct Faulty {
  enum class Where { value, jacobian };
  Where where;
  Index point;
  double fault;

  KOKKOS_FUNCTION Linearization<double, 1, 1> linearize(Index i, const Vector<double, 1>& y) const {
    Linearization<double, 1, 1> at;
    at.f = {0.5 * y[0] + 1.0};
    at.jacobian[0](0, 0) = 0.5;
    if (i == point) (where == Where::value ? at.f[0] : at.jacobian[0](0, 0)) = fault;
    return at;
  }
};

TEST(Deer, ReportsWhereFIsNotFinite) {
  for (const auto where : {Faulty::Where::value, Faulty::Where::jacobian})
    for (const double fault : {nan, HUGE_VAL, -HUGE_VAL})
      for (const Index point : {0, 1, 17, 99}) {
        const auto result = solve(Faulty{where, point, fault}, 0.0, constant(100, 0.0));
        EXPECT_EQ(result.status, Status::non_finite) << fault;
        EXPECT_EQ(result.statistics.first_failure, point);
        EXPECT_EQ(result.statistics.iterations, 0);
        EXPECT_EQ(result.states(50, 0), 0.0) << "the guess is the best iterate";
      }
}

/// f does not look at y, so that a NaN in the guess never reaches f.
struct Blind {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(Index, const Vector<T, 1>&) const {
    return {T(1.0)};
  }
};

TEST(Deer, NeverConvergesFromAGuessWithANaN) {
  const auto guess = constant(10, 1.0);
  guess(9, 0) = nan;
  EXPECT_NE(solve(Blind{}, 1.0, guess).status, Status::converged);
}

TEST(Deer, HasNothingToDoForNoPoints) {
  const auto result = solve(Logistic{2.0}, 0.5, constant(0, 0.0));
  EXPECT_EQ(result.status, Status::converged);
  EXPECT_EQ(result.statistics.iterations, 0);
}

TEST(Deer, RejectsBadOptionsAtTheCallersLine) {
  IdentityOperator<double, 1, 1, Space> identity(3);
  const Lags<double, 1, 1> shifter{{{Vector<double, 1>{0.5}}}};
  SequentialInverse inverse;
  const auto guess = constant(3, 0.5);
  const auto expect_complaint = [&](const Options& options, const char* text) {
    const auto here = antler::SourceLocation::current();
    try {
      (void)deer(identity, Logistic{2.0}, shifter, inverse, guess, options);
      FAIL();
    } catch (const InvalidArgument& error) {
      EXPECT_EQ(error.where().line(), here.line() + 2);
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    }
  };
  expect_complaint({.rtol = 0}, "Options::rtol");
  expect_complaint({.atol = -1}, "Options::atol");
  expect_complaint({.memory_cap = 10}, "Options::memory_cap is 10: raise the cap");
}

}  // namespace
