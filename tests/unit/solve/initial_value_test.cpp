// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "antler/mesh/rodas.hpp"
#include "antler/solve/exponential.hpp"

using namespace antler;

namespace {

struct VanDerPol {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(T, const Vector<T, 2>& y) const {
    return {y[1], (1.0 - y[0] * y[0]) * y[1] - y[0]};
  }
};

/// The same with a hand-written Jacobian.
struct VanDerPolByHand : VanDerPol {
  template <class T>
  KOKKOS_FUNCTION Matrix<T, 2> jacobian(T, const Vector<T, 2>& y) const {
    return {{{T(0), T(1)}, {-2.0 * y[0] * y[1] - 1.0, 1.0 - y[0] * y[0]}}};
  }
};

/// f and df/dy in one go, or twice df/dy.
struct VanDerPolLinearized : VanDerPol {
  double factor = 1;

  template <class T>
  KOKKOS_FUNCTION Linearization<T, 2, 1> linearize(T t, const Vector<T, 2>& y) const {
    return {(*this)(t, y), {VanDerPolByHand{}.jacobian(t, y) * T(factor)}};
  }
};

/// The same, wrong.
struct VanDerPolWrong : VanDerPol {
  template <class T>
  KOKKOS_FUNCTION Matrix<T, 2> jacobian(T, const Vector<T, 2>& y) const {
    return {{{T(0), T(1)}, {2.0 * y[0] * y[1] - 1.0, 1.0 - y[0] * y[0]}}};
  }
};

/// y' = -|y|, written with a branch that lanes cannot take.
struct Branching {
  static constexpr bool lanes = false;
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T, const Vector<T, 1>& y) const {
    if (y[0] < 0.0) return {y[0]};
    return {-1.0 * y[0]};
  }
};

template <class F>
InitialValueProblem<F, double, 2> oscillator(double t1 = 10) {
  return {F{}, 0.0, t1, Vector<double, 2>{2, 0}};
}

const Mesh mesh = Mesh::uniform(0, 10, 1000);
const Options tight{.rtol = 1e-11, .atol = 1e-13};

double distance(const Solution<double, 2>& a, const Solution<double, 2>& b) {
  if (a.states().size() != b.states().size()) return HUGE_VAL;
  double largest = 0;
  for (std::size_t i = 0; i < a.states().size(); ++i)
    for (int c = 0; c < 2; ++c) largest = std::max(largest, std::abs(a.states()[i][c] - b.states()[i][c]));
  return largest;
}

TEST(InitialValueProblem, GivesTheSameTrajectoryByEveryInverseOperator) {
  const auto sequential = solve(oscillator<VanDerPol>(), Exponential{SequentialInverse{}}, mesh, tight);
  ASSERT_EQ(sequential.status, Status::converged);
  for (const Index workers : {0, 1, 2, 7}) {
    const auto scanned = solve(oscillator<VanDerPol>(), Exponential{ScanInverse{.workers = workers}}, mesh, tight);
    ASSERT_EQ(scanned.status, Status::converged);
    EXPECT_LE(distance(sequential, scanned), 1e-10) << workers << " workers";
  }
}

TEST(InitialValueProblem, GivesTheSameTrajectoryInWindowsOfAnyLength) {
  const auto whole = solve(oscillator<VanDerPol>(), Exponential{}, mesh, tight);
  Options impatient = tight;
  impatient.maximum_iterations = 6;
  const auto in_windows = solve(oscillator<VanDerPol>(), Exponential{}, mesh, impatient);
  ASSERT_EQ(in_windows.status, Status::converged);
  EXPECT_GT(in_windows.statistics.windows, whole.statistics.windows);
  EXPECT_LE(distance(whole, in_windows), 1e-10);
}

TEST(InitialValueProblem, RepeatsBitForBit) {
  const auto first = solve(oscillator<VanDerPol>(), Exponential{}, mesh),
             second = solve(oscillator<VanDerPol>(), Exponential{}, mesh);
  EXPECT_EQ(distance(first, second), 0);
  EXPECT_EQ(first.statistics.residual_history, second.statistics.residual_history);
  EXPECT_EQ(first.statistics.update_history, second.statistics.update_history);
}

TEST(InitialValueProblem, TakesAHandWrittenJacobian) {
  const auto dual = solve(oscillator<VanDerPol>(), Exponential{}, mesh, tight),
             by_hand = solve(oscillator<VanDerPolByHand>(), Exponential{}, mesh, tight);
  ASSERT_EQ(by_hand.status, Status::converged);
  EXPECT_LE(distance(dual, by_hand), 1e-10);
  EXPECT_EQ(dual.statistics.iterations, by_hand.statistics.iterations);
}

TEST(InitialValueProblem, ComparesAHandWrittenJacobianWithTheDualNumbers) {
  const Vector<double, 2> y{1.5, -0.7};
  EXPECT_LE(jacobian_error(oscillator<VanDerPol>(), 0, y), 1e-15);
  EXPECT_LE(jacobian_error(oscillator<VanDerPolByHand>(), 0, y), 1e-15);
  EXPECT_GT(jacobian_error(oscillator<VanDerPolWrong>(), 0, y), 0.1);
}

TEST(InitialValueProblem, TakesTheValueThatComesWithAHandWrittenJacobian) {
  const Vector<double, 2> y{1.5, -0.7};
  const VanDerPolLinearized f;
  Vector<double, 2> value;
  const auto by_hand = jacobian<double, 2>(f, 0.0, y, &value), dual = jacobian<double, 2>(VanDerPol{}, 0.0, y);
  EXPECT_EQ(value, f(0.0, y));
  for (int r = 0; r < 2; ++r)
    for (int c = 0; c < 2; ++c) EXPECT_NEAR(by_hand(r, c), dual(r, c), 1e-15);
  EXPECT_GT(jacobian_error(InitialValueProblem{VanDerPolLinearized{{}, 2}, 0.0, 1.0, y}, 0, y), 0.4);

  detail::StepStart<double, 2> start{.t = 0.0, .y = y, .value = {}, .by_t = {}, .by_y = {}, .slope = {}};
  start.evaluate(f);
  EXPECT_EQ(start.value, value);
  EXPECT_EQ(start.by_y(1, 0), by_hand(1, 0));
}

TEST(InitialValueProblem, ServesRightHandSidesThatBranch) {
  const InitialValueProblem problem{Branching{}, 0.0, 5.0, Vector<double, 1>{1.0}};
  const auto solution = solve(problem, Exponential{}, Mesh::uniform(0, 5, 100));
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[0], std::exp(-5.0), 1e-9);
}

TEST(InitialValueProblem, IntegratesBackToTheStart) {
  const auto there = solve(oscillator<VanDerPol>(5), Exponential{}, Mesh::uniform(0, 5, 2000), tight);
  const InitialValueProblem back{VanDerPol{}, 5.0, 0.0, there.final_state()};
  const auto again = solve(back, Exponential{}, Mesh::uniform(5, 0, 2000), tight);
  ASSERT_EQ(again.status, Status::converged);
  for (int c = 0; c < 2; ++c)
    EXPECT_NEAR(again.final_state()[c], there.states()[0][c], 1e-9) << "the averaged step is symmetric in time";
}

TEST(InitialValueProblem, ReturnsTheInitialValueOnAnEmptyInterval) {
  const InitialValueProblem problem{VanDerPol{}, 3.0, 3.0, Vector<double, 2>{2, -1}};
  for (const auto& point : {Mesh{3.0}, Mesh::uniform(3, 3, 10)}) {
    const auto solution = solve(problem, Exponential{}, point);
    EXPECT_EQ(solution.status, Status::converged);
    ASSERT_EQ(solution.states().size(), 1u);
    EXPECT_EQ(solution.final_state(), (Vector<double, 2>{2, -1}));
    EXPECT_EQ(solution(3.0), (Vector<double, 2>{2, -1}));
    EXPECT_EQ(solution.statistics.steps, 0);
  }
}

TEST(InitialValueProblem, SolvesOnAMeshOfOneStep) {
  const InitialValueProblem problem{VanDerPol{}, 0.0, 1e-3, Vector<double, 2>{2, 0}};
  const auto solution = solve(problem, Exponential{}, Mesh{0, 1e-3});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_state()[1], -2e-3, 1e-5);
}

TEST(InitialValueProblem, StartsWarmFromASolutionOrAGuess) {
  const auto cold = solve(oscillator<VanDerPol>(), Exponential{}, mesh);
  ASSERT_EQ(cold.status, Status::converged);
  const auto warm = solve(oscillator<VanDerPol>(), Exponential{}, mesh, cold, Options{});
  EXPECT_EQ(warm.status, Status::converged);
  EXPECT_EQ(warm.statistics.iterations, 1);
  std::vector<Vector<double, 2>> guess(cold.states().begin(), cold.states().end());
  for (auto& y : guess) y *= 1.01;
  const auto near = solve(oscillator<VanDerPol>(), Exponential{}, mesh, guess, Options{});
  EXPECT_EQ(near.status, Status::converged);
  EXPECT_LT(near.statistics.iterations, cold.statistics.iterations);
  EXPECT_EQ(near.states()[0], (Vector<double, 2>{2, 0})) << "the first row of a guess is replaced by y0";
  const auto finer = solve(oscillator<VanDerPol>(), Exponential{}, mesh.refined(2), cold, Options{});
  EXPECT_EQ(finer.status, Status::converged);
  EXPECT_LT(finer.statistics.iterations, cold.statistics.iterations);
}

TEST(InitialValueProblem, CountsWhatItDoes) {
  const auto warm = solve(oscillator<VanDerPol>(), Exponential{}, mesh, solve(oscillator<VanDerPol>(), Exponential{}, mesh), tight);
  const Statistics& s = warm.statistics;
  ASSERT_EQ(s.windows, 1);
  EXPECT_EQ(s.steps, 1000);
  EXPECT_EQ(s.meshes, 1);
  EXPECT_GE(s.iterations, 1);
  EXPECT_EQ(s.residual_history.size(), static_cast<std::size_t>(s.iterations));
  EXPECT_EQ(s.update_history.size(), static_cast<std::size_t>(s.iterations));
  EXPECT_LE(s.residual_history.back(), tight.newton_tolerance);
  EXPECT_LE(s.update_history.back(), tight.newton_tolerance);
  EXPECT_EQ(s.function_evaluations, 1001 * s.iterations);
  EXPECT_EQ(s.jacobian_evaluations, 1001 * s.iterations);
  EXPECT_EQ(s.factorisations, 1000 * s.iterations);
  EXPECT_GT(s.inverse_seconds, 0);
  EXPECT_GE(s.total_seconds, s.evaluation_seconds + s.assembly_seconds + s.inverse_seconds);
  const std::size_t trajectory = 1001 * 2 * sizeof(double), matrices = 2 * trajectory;
  EXPECT_GE(s.peak_bytes, 5 * trajectory + 2 * matrices) << "y, f, update, best, b; Jacobians, A";
  EXPECT_LE(s.peak_bytes, 10 * trajectory + 3 * matrices);
}

}  // namespace
