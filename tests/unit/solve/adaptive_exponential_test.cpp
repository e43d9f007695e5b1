// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/adaptive_exponential.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace antler;

namespace {

/// y' = -y + sin t: y = c exp(-t) + (sin t - cos t) / 2.
struct Driven {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T t, const Vector<T, 1>& y) const {
    return {sin(t) - y[0]};
  }
};

struct BlowUp {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T, const Vector<T, 1>& y) const {
    return {y[0] * y[0]};
  }
};

/// y' = -y until t = when, then NaN (or what `fault` is).
struct Faulty {
  double when, fault;
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T t, const Vector<T, 1>& y) const {
    return {select(t >= T(when), T(fault), -1.0 * y[0])};
  }
};

/// A right-hand side whose hand-written Jacobian alone is NaN; the predictor uses the dual numbers'.
struct NaNJacobian {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T, const Vector<T, 1>& y) const {
    return {-1.0 * y[0]};
  }
  template <class T>
  KOKKOS_FUNCTION Matrix<T, 1> jacobian(T, const Vector<T, 1>&) const {
    return {{{T(std::numeric_limits<double>::quiet_NaN())}}};
  }
};

struct Root {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T, const Vector<T, 1>& y) const {
    return {sqrt(y[0])};
  }
};

template <class F>
Solution<double, 1> solved(const F& f, double t0, double t1, double y0, const Options& options = {}) {
  return solve(InitialValueProblem{f, t0, t1, Vector<double, 1>{y0}}, Exponential{}, options);
}

TEST(AdaptiveExponential, KeepsEveryStepWithinTheTolerance) {
  for (const double rtol : {1e-3, 1e-5}) {
    const auto solution = solved(Driven{}, 0, 10, 1, Options{.rtol = rtol, .atol = rtol});
    ASSERT_EQ(solution.status, Status::converged);
    for (std::size_t i = 0; i < solution.times().size(); ++i) {
      const double t = solution.times()[i];
      EXPECT_NEAR(solution.states()[i][0], 1.5 * std::exp(-t) + (std::sin(t) - std::cos(t)) / 2, 20 * rtol);
    }
  }
}

TEST(AdaptiveExponential, ReportsWhatItDid) {
  const auto solution = solved(Driven{}, 0, 10, 1);
  const Statistics& s = solution.statistics;
  EXPECT_EQ(s.steps, static_cast<Index>(solution.times().size()) - 1);
  EXPECT_GT(s.predictor_steps, 0);
  EXPECT_GE(s.meshes, 1);
  EXPECT_GE(s.windows, s.meshes);
  EXPECT_GT(s.iterations, 0);
  EXPECT_EQ(s.update_history.size(), static_cast<std::size_t>(s.iterations));
  EXPECT_GT(s.function_evaluations, s.steps);
  EXPECT_GT(s.factorisations, s.steps);
  EXPECT_GT(s.peak_bytes, 0u);
  EXPECT_GT(s.total_seconds, 0);
  EXPECT_EQ(s.first_failure, -1);
}

TEST(AdaptiveExponential, ReturnsTheInitialValueOnAnEmptyInterval) {
  const auto solution = solved(Driven{}, 2, 2, 7);
  EXPECT_EQ(solution.status, Status::converged);
  ASSERT_EQ(solution.states().size(), 1u);
  EXPECT_EQ(solution.final_state()[0], 7);
  EXPECT_EQ(solution.statistics.steps, 0);
}

TEST(AdaptiveExponential, ReturnsToTheStartBackwards) {
  const Options options{.rtol = 1e-6, .atol = 1e-8};
  const auto there = solved(Driven{}, 0, 3, 1, options);
  const auto back = solved(Driven{}, 3, 0, there.final_state()[0], options);
  ASSERT_EQ(back.status, Status::converged);
  EXPECT_EQ(back.times().front(), 3);
  EXPECT_EQ(back.times().back(), 0);
  EXPECT_NEAR(back.final_state()[0], 1, 1e-3);  // e^3 of amplification
}

TEST(AdaptiveExponential, StopsBeforeASingularity) {
  const auto solution = solved(BlowUp{}, 0, 10, 1);
  EXPECT_EQ(solution.status, Status::step_too_small);
  EXPECT_NEAR(solution.times().back(), 1, 1e-3);
  for (const auto& y : solution.states()) EXPECT_TRUE(std::isfinite(y[0]));
}

TEST(AdaptiveExponential, StopsBeforeFIsNotFinite) {
  for (const double fault : {std::numeric_limits<double>::quiet_NaN(), HUGE_VAL}) {
    const auto at_once = solved(Faulty{0, fault}, 0, 2, 1);
    EXPECT_EQ(at_once.status, Status::non_finite);
    EXPECT_EQ(at_once.statistics.first_failure, 0);
    EXPECT_EQ(at_once.final_state()[0], 1);
    const auto later = solved(Faulty{1, fault}, 0, 2, 1);
    EXPECT_NE(later.status, Status::converged);
    EXPECT_NEAR(later.times().back(), 1, 1e-6);
    EXPECT_NEAR(later.final_state()[0], std::exp(-1.0), 1e-4);
  }
}

TEST(AdaptiveExponential, NeverConvergesWithAJacobianThatIsNotFinite) {
  const auto by_hand = solved(NaNJacobian{}, 0, 1, 1);
  EXPECT_EQ(by_hand.status, Status::non_finite);
  EXPECT_TRUE(std::isfinite(by_hand.final_state()[0]));
  const auto root = solved(Root{}, 0, 1, 0);
  EXPECT_NE(root.status, Status::converged);
  EXPECT_EQ(root.final_state()[0], 0);
}

TEST(AdaptiveExponential, HonoursTheMaximumNumberOfSteps) {
  const auto coarse = solved(Driven{}, 0, 10, 1, Options{.rtol = 1e-8, .atol = 1e-8, .maximum_steps = 100});
  EXPECT_EQ(coarse.status, Status::maximum_steps);
  EXPECT_LE(coarse.statistics.steps, 100);
  const auto predictor = solved(Driven{}, 0, 10, 1, Options{.maximum_steps = 3});
  EXPECT_EQ(predictor.status, Status::maximum_steps);
  EXPECT_EQ(predictor.statistics.steps, 3);
}

TEST(AdaptiveExponential, RepeatsBitForBit) {
  const auto first = solved(Driven{}, 0, 10, 1), second = solved(Driven{}, 0, 10, 1);
  ASSERT_EQ(first.states().size(), second.states().size());
  for (std::size_t i = 0; i < first.states().size(); ++i) EXPECT_EQ(first.states()[i], second.states()[i]);
}

TEST(AdaptiveExponential, WorksInFloat) {
  const auto solution =
      solve(InitialValueProblem{Driven{}, 0.0, 10.0, Vector<float, 1>{1.0f}}, Exponential{}, Options{.rtol = 1e-3, .atol = 1e-4});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], (std::sin(10.0) - std::cos(10.0)) / 2, 5e-3);
}

}  // namespace
