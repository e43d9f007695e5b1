// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "sequence_cells.hpp"

/// Block Jacobi sweeps, batches of sequences and Output::final_state: what they share is that every step is the loop's.

using namespace antler;
using namespace antler::tests;

namespace {

/// y' = x y (1 - y): chaotic for x above 3.57, and gone for y outside of [0, 1].
struct Logistic {
  template <class U, class V>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, const V& x) const {
    return {x * y[0] * (1.0 - y[0])};
  }
};
using LogisticEquation = DifferenceEquation<Logistic, double, 1, 1, double>;

LogisticEquation logistic(std::size_t steps, double r, double y0 = 0.2) {
  return {Logistic{}, Vector<double, 1>{y0}, std::vector<double>(steps, r)};
}

template <class S, class R>
void expect_equal_bits(const S& a, const R& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    for (int c = 0; c < a[i].size(); ++c) ASSERT_EQ(a[i][c], b[i][c]) << "step " << i;
}

TEST(BlockJacobi, ReproducesTheLoopWhateverTheBlocks) {
  const auto equation = random_cell<double, 2>(4, 3000, 0.8);
  const auto expected = loop<double>(equation);
  const auto whole = solve(equation, BlockJacobi{});
  ASSERT_EQ(whole.status, Status::converged);
  EXPECT_LE(distance(whole.states(), expected), 1e-13);
  for (const Index steps : {1, 7, 64, 999, 2999, 5000}) {
    const auto solution = solve(equation, BlockJacobi{.steps = steps}, Options{.maximum_iterations = 3000});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_LE(distance(solution.states(), expected), 1e-13) << steps << " steps per block";
  }
}

TEST(BlockJacobi, OfARecurrenceThatForgetsTakesTwoSweepsAndLittleMoreThanOneEvaluationPerStep) {
  const auto equation = random_cell<float, 4>(4, 40'000, 0.6);
  const auto solution = solve(equation, BlockJacobi{});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_LE(solution.statistics.iterations, 3);
  EXPECT_LT(solution.statistics.function_evaluations, 1.5 * 40'000);
  EXPECT_LT(solution.statistics.peak_bytes, 40'000 * 24 + 64'000) << "states, indices, and a few hundred blocks";
  EXPECT_LE(distance(solution.states(), loop<float>(equation)), 1e-5);
}

TEST(BlockJacobi, IsExactAfterAsManySweepsAsBlocks) {
  const auto solution = solve(logistic(640, 3.9), BlockJacobi{.steps = 64});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_LE(solution.statistics.iterations, 10);
  EXPECT_GE(solution.statistics.iterations, 9) << "chaos remembers";
  for (std::size_t i = 1; i <= 640; ++i)
    ASSERT_NEAR(solution.states()[i][0], 3.9 * solution.states()[i - 1][0] * (1 - solution.states()[i - 1][0]), 2e-15);
}

TEST(BlockJacobi, GoesOnBehindTheExactBlocksWhenSweepsRunOut) {
  const auto solution = solve(logistic(640, 3.9), BlockJacobi{.steps = 64}, Options{.maximum_iterations = 3});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_GE(solution.statistics.windows, 3);
  expect_equal_bits(solution.states(), solve(logistic(640, 3.9), BlockJacobi{.steps = 64}).states());
}

TEST(BlockJacobi, FromItsOwnAnswerSweepsOnce) {
  const auto equation = random_cell<double, 2>(4, 3000, 0.8);
  const auto cold = solve(equation, BlockJacobi{});
  const auto warm = solve(equation, BlockJacobi{}, cold.states().subspan(1), {});
  ASSERT_EQ(warm.status, Status::converged);
  EXPECT_EQ(warm.statistics.iterations, 1);
  expect_equal_bits(warm.states(), cold.states());
}

TEST(BlockJacobi, SaysWhereTheRecurrenceBlowsUp) {
  auto equation = logistic(1000, 2.8);
  equation.inputs[700] = 1e200;  // then y = -1e400
  equation.inputs[701] = 1e200;
  equation.inputs[702] = 1e200;
  const auto expected = solve(equation, Sequential{});
  ASSERT_EQ(expected.status, Status::non_finite);
  for (const auto& solution : {solve(equation, BlockJacobi{}), solve(equation, BlockJacobi{.steps = 50}), solve(equation)}) {
    EXPECT_EQ(solution.status, Status::non_finite);
    EXPECT_EQ(solution.statistics.first_failure, expected.statistics.first_failure);
    for (Index i = 0; i < expected.statistics.first_failure; ++i)
      ASSERT_NEAR(solution.states()[static_cast<std::size_t>(i)][0] / expected.states()[static_cast<std::size_t>(i)][0], 1, 1e-14);
  }
}

/// y' = y + x: it forgets nothing.
struct Sum {
  template <class U, class V>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, const V& x) const {
    return {y[0] + x};
  }
};

TEST(BlockJacobi, FollowsADriftOfOneUnitInTheLastPlacePerStep) {
  const double unit = std::numeric_limits<double>::epsilon();
  const DifferenceEquation equation{Sum{}, Vector<double, 1>{1.0}, std::vector<double>(2000, unit)};
  const auto expected = solve(equation, Sequential{});
  ASSERT_EQ(expected.final_state()[0], 1 + 2000 * unit);
  for (const Index steps : {1, 2, 5, 15, 16, 64, 0}) {
    const auto solution = solve(equation, BlockJacobi{.steps = steps}, Options{.maximum_iterations = 2000});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_LE(distance(solution.states(), expected.states()), 8 * unit) << steps << " steps per block";
  }
  EXPECT_EQ(solve(equation).status, Status::converged);
}

TEST(BlockJacobi, TakesNoStepOneStepAndBadLengths) {
  EXPECT_EQ(solve(logistic(0, 2.8), BlockJacobi{}).states().size(), 1u);
  EXPECT_EQ(solve(logistic(1, 2.5), BlockJacobi{}).states()[1][0], 2.5 * 0.2 * 0.8);
  EXPECT_THROW((void)solve(logistic(5, 2.8), BlockJacobi{.steps = -1}), InvalidArgument);
}

TEST(Batch, OfEqualAndDifferentLengthsIsEachSequenceByItself) {
  std::vector<TanhEquation<double, 2>> batch;
  for (const long long steps : {0, 1, 3000, 3000, 63, 3000, 2000, 700}) {
    batch.push_back(random_cell<double, 2>(4, steps, 0.8));
    batch.back().history[0][0] += 0.01 * static_cast<double>(batch.size());
  }
  const auto solutions = solve(batch);
  ASSERT_EQ(solutions.size(), batch.size());
  for (std::size_t s = 0; s < batch.size(); ++s) {
    ASSERT_EQ(solutions[s].status, Status::converged);
    EXPECT_LE(distance(solutions[s].states(), loop<double>(batch[s])), 1e-13) << "sequence " << s;
    EXPECT_EQ(solutions[s].states().size(), static_cast<std::size_t>(batch[s].steps) + 1);
    EXPECT_EQ(solutions[s].statistics.steps, batch[s].steps);
  }
  EXPECT_EQ(solve(std::vector<TanhEquation<double, 2>>{}).size(), 0u);
}

TEST(Batch, SequencesOfOtherWeightsAreNotMixed) {
  std::vector<TanhEquation<double, 2>> batch;
  for (unsigned seed = 1; seed <= 5; ++seed) batch.push_back(random_cell<double, 2>(seed, 1000, 0.7));
  batch.push_back(batch.front());
  const auto solutions = solve(batch);
  for (std::size_t s = 0; s < batch.size(); ++s) {
    ASSERT_EQ(solutions[s].status, Status::converged);
    EXPECT_LE(distance(solutions[s].states(), loop<double>(batch[s])), 1e-13) << "sequence " << s;
  }
}

TEST(Batch, EachConvergesOnItsOwnAndAChaoticOneGoesItsOwnWay) {
  const std::vector<LogisticEquation> batch{logistic(3000, 2.8), logistic(3000, 3.9), logistic(3000, 2.5), logistic(3000, 3.99)};
  const auto solutions = solve(batch);
  for (std::size_t s = 0; s < batch.size(); ++s) {
    ASSERT_EQ(solutions[s].status, Status::converged);
    for (std::size_t i = 1; i <= 3000; ++i) {
      const double y = solutions[s].states()[i - 1][0];
      ASSERT_NEAR(solutions[s].states()[i][0], batch[s].inputs[0] * y * (1 - y), 2e-15) << "sequence " << s << ", step " << i;
    }
  }
  EXPECT_LT(solutions[0].statistics.sequential_steps, 64) << "what is too short for blocks";
  EXPECT_GT(solutions[1].statistics.sequential_steps, 1000);
}

TEST(Batch, OneThatFailsLeavesTheOthersAlone) {
  std::vector<LogisticEquation> batch{logistic(500, 2.8), logistic(500, 2.8, 0.3), logistic(500, 2.8)};
  std::fill(batch[1].inputs.begin() + 100, batch[1].inputs.end(), 1e100);
  const auto solutions = solve(batch);
  EXPECT_EQ(solutions[0].status, Status::converged);
  EXPECT_EQ(solutions[1].status, Status::non_finite);
  EXPECT_EQ(solutions[1].statistics.first_failure, solve(batch[1], Sequential{}).statistics.first_failure);
  EXPECT_EQ(solutions[2].status, Status::converged);
  batch[2].inputs[7] = std::nan("");
  EXPECT_THROW((void)solve(batch), InvalidArgument);
}

TEST(FinalState, IsThatOfTheTrajectoryInMemoryThatDoesNotGrow) {
  std::vector<TanhEquation<float, 4>> batch;
  for (int b = 0; b < 3; ++b) {
    batch.push_back(random_cell<float, 4>(4, 20'000 - 5000 * b, 0.7));
    batch.back().history[0][0] += 0.1f * static_cast<float>(b);
  }
  const Options capped{.output = Output::final_state, .memory_cap = 200'000};
  const auto ends = solve(batch, capped);
  const auto whole = solve(batch);
  for (std::size_t b = 0; b < batch.size(); ++b) {
    ASSERT_EQ(ends[b].status, Status::converged);
    EXPECT_EQ(ends[b].states().size(), 1u);
    EXPECT_EQ(ends[b].final_time(), static_cast<double>(batch[b].steps));
    for (int c = 0; c < 4; ++c) EXPECT_NEAR(ends[b].final_state()[c], whole[b].final_state()[c], 1e-6);
    EXPECT_LE(ends[b].statistics.peak_bytes, capped.memory_cap);
    EXPECT_EQ(ends[b].statistics.steps, batch[b].steps);
    EXPECT_NEAR(ends[b].statistics.lyapunov_exponent, whole[b].statistics.lyapunov_exponent, 0.1);
  }
  EXPECT_THROW((void)solve(batch, Options{.memory_cap = 200'000}), InvalidArgument) << "the trajectories do not fit";
  EXPECT_THROW((void)solve(batch, Options{.output = Output::final_state, .memory_cap = 40}), InvalidArgument);
}

TEST(FinalState, OfEveryWayAndOfSeveralLags) {
  const auto equation = random_cell<double, 2>(7, 900, 0.6);
  const Vector<double, 2> expected = loop<double>(equation).back();
  const Options capped{.output = Output::final_state, .memory_cap = 16'000};
  const auto expect_end = [&](const auto& method) {
    const auto solution = solve(equation, method, capped);
    ASSERT_EQ(solution.status, Status::converged);
    for (int c = 0; c < 2; ++c) EXPECT_NEAR(solution.final_state()[c], expected[c], 1e-14);
  };
  expect_end(Sequential{});
  expect_end(Newton{});
  expect_end(QuasiNewton{});
  expect_end(BlockJacobi{});
  expect_end(Automatic{});
  const auto two_lags = [](const auto& a, const auto& b) { return 0.5 * a + 0.25 * b; };
  const DifferenceEquation lagged{two_lags, std::array{Vector<double, 1>{1.0}, Vector<double, 1>{2.0}}, Steps{50}};
  const auto end = solve(lagged, Automatic{}, Options{.output = Output::final_state, .memory_cap = 100});
  EXPECT_NEAR(end.final_state()[0], solve(lagged, Sequential{}).final_state()[0], 1e-15);
}

TEST(FinalState, SaysWhereARecurrenceBlowsUp) {
  auto equation = logistic(5000, 2.8);
  std::fill(equation.inputs.begin() + 4000, equation.inputs.end(), 1e100);
  const auto expected = solve(equation, Sequential{});
  const auto end = solve(equation, Options{.output = Output::final_state, .memory_cap = 10'000});
  EXPECT_EQ(end.status, Status::non_finite);
  EXPECT_EQ(end.statistics.first_failure, expected.statistics.first_failure);
  EXPECT_EQ(end.final_time(), static_cast<double>(expected.statistics.first_failure - 1));
}

}  // namespace
