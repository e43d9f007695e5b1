// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "antler/sensitivity/sequence_gradient.hpp"
#include "antler/solve/levenberg_marquardt.hpp"
#include "recurrence_directions.hpp"
#include "sequence_cells.hpp"

/// Every iteration reproduces the loop, and leaves its gradient; what each of them promises beyond that.

using namespace antler;
using namespace antler::tests;

namespace {

template <class T, class Method>
void expect_the_loop(const Method& method, double gain, double tolerance) {
  for (const long long steps : {0LL, 1LL, 2LL, 7LL, 8LL, 9LL, 64LL, 200LL}) {
    const auto equation = random_cell<T, 2>(5, steps, gain);
    const auto solution = solve(equation, method, Options{.maximum_iterations = 250});
    ASSERT_EQ(solution.status, Status::converged) << steps;
    ASSERT_EQ(solution.states().size(), static_cast<std::size_t>(steps) + 1);
    EXPECT_LE(distance(solution.states(), loop<T>(equation)), tolerance) << steps;
    EXPECT_LE(solution.statistics.windows, 1) << steps;
    EXPECT_LE(solution.statistics.iterations, steps + 1) << "iterate k is exact on its first k steps, and one iteration sees it";
  }
}

template <class Method>
void expect_the_loop_in_both_precisions(const Method& method) {
  expect_the_loop<double>(method, 0.7, 1e-13);
  expect_the_loop<float>(method, 0.7, 5e-6);
}

TEST(Iteration, NewtonReproducesTheLoop) { expect_the_loop_in_both_precisions(Newton{}); }
TEST(Iteration, QuasiNewtonReproducesTheLoop) { expect_the_loop_in_both_precisions(QuasiNewton{}); }
TEST(Iteration, BlockQuasiNewtonReproducesTheLoop) { expect_the_loop<double>(BlockQuasiNewton<>{}, 0.7, 1e-13); }
TEST(Iteration, StochasticQuasiNewtonReproducesTheLoop) { expect_the_loop<double>(StochasticQuasiNewton<>{.seed = 7}, 0.7, 1e-13); }
TEST(Iteration, JacobiReproducesTheLoop) { expect_the_loop<double>(Jacobi{}, 0.7, 1e-13); }
TEST(Iteration, PicardReproducesTheLoop) { expect_the_loop<double>(Picard<>{}, 0.3, 1e-13); }
TEST(Iteration, ScaledNewtonReproducesTheLoop) { expect_the_loop<double>(ScaledNewton<>{.k = 0.3}, 0.7, 1e-13); }
TEST(Iteration, ClippedNewtonReproducesTheLoop) {
  expect_the_loop<double>(ClippedNewton<>{}, 1.2, 1e-12);
  expect_the_loop<double>(ClippedNewton<DiagonalJacobian>{.bound = 0.5}, 0.7, 1e-13);
}

/// The gradient after this iteration is that of the plain loop in dual numbers: each entry for y_0 and the parameters, and the
/// inputs in some directions.
template <class Method>
void expect_the_gradient_of_the_loop(const Method& method, double gain = 0.7) {
  const Options tight{.rtol = 1e-13, .atol = 1e-15, .maximum_iterations = 250};
  const auto equation = random_cell<double, 2>(5, 200, gain);
  const auto solution = solve(equation, method, tight);
  ASSERT_EQ(solution.status, Status::converged);
  const auto loss = Random(7).vectors<double, 2>(200);
  const auto by = gradient(equation, solution, loss, tight);
  ASSERT_EQ(by.status, Status::converged);
  const auto expect_along = [&](const auto& direction) {
    const double expected = directional(equation, direction, loss);
    EXPECT_NEAR((inner<double, 2, 1, Vector<double, 2>>(by, direction)), expected, 1e-10 * (1 + std::abs(expected)));
  };
  const auto none = no_variation(equation);
  for (int c = 0; c < 2; ++c) {
    auto unit = none;
    unit.history[0][c] = 1;
    expect_along(unit);
  }
  for (std::size_t k = 0; k < none.parameters.size(); ++k) {
    auto unit = none;
    unit.parameters[k] = 1;
    expect_along(unit);
  }
  for (unsigned seed = 1; seed <= 3; ++seed) expect_along(random_direction(none, seed));
}

TEST(Iteration, EachLeavesTheGradientOfTheLoop) {
  expect_the_gradient_of_the_loop(Newton{});
  expect_the_gradient_of_the_loop(QuasiNewton{});
  expect_the_gradient_of_the_loop(BlockQuasiNewton<>{});
  expect_the_gradient_of_the_loop(StochasticQuasiNewton<>{.seed = 7});
  expect_the_gradient_of_the_loop(ScaledNewton<>{.k = 0.3});
  expect_the_gradient_of_the_loop(ClippedNewton<>{}, 1.2);
  expect_the_gradient_of_the_loop(ClippedNewton<DiagonalJacobian>{.bound = 0.5});
  expect_the_gradient_of_the_loop(Picard<>{}, 0.3);
  expect_the_gradient_of_the_loop(Jacobi{});
  expect_the_gradient_of_the_loop(BlockJacobi{.steps = 5});
  expect_the_gradient_of_the_loop(Sequential{});
  expect_the_gradient_of_the_loop(LevenbergMarquardt{});
  expect_the_gradient_of_the_loop(Automatic{});
}

TEST(Iteration, SequentialIsTheLoop) {
  const auto equation = random_cell<double, 2>(9, 300, 3);
  const auto solution = solve(equation, Sequential{});
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.statistics.sequential_steps, 300);
  EXPECT_EQ(solution.statistics.iterations, 0);
  EXPECT_EQ((largest_defect<double, 2>(equation, solution.states())), 0.0);
}

TEST(Iteration, NewtonIsQuadratic) {
  const auto statistics = solve(random_cell<double, 2>(3, 200, 0.9), Newton{}).statistics;
  const auto& d = statistics.update_history;
  ASSERT_GE(d.size(), 4u);
  // In units of 1e-12: an update below 1e-3 is followed by one of its square.
  int seen = 0;
  for (std::size_t k = 0; k + 1 < d.size(); ++k) {
    if (!(d[k] < 1e9 && d[k] > 1e5)) continue;
    EXPECT_LE(d[k + 1] * 1e-12, 30 * std::pow(d[k] * 1e-12, 2) + 1e-15);
    ++seen;
  }
  EXPECT_GE(seen, 1);
}

TEST(Iteration, SameSeedSameIterates) {
  const auto equation = random_cell<double, 2>(3, 100, 0.9);
  const auto history = [&](std::uint64_t seed) {
    return solve(equation, StochasticQuasiNewton<>{.seed = seed}, Options{.maximum_iterations = 200}).statistics.residual_history;
  };
  EXPECT_EQ(history(1), history(1));
  EXPECT_NE(history(1), history(2));
}

TEST(SampledDiagonal, HasTheDiagonalAsItsMean) {
  const SampledDiagonalJacobian jacobian{3};
  double sum = 0, product = 0;
  for (Index step = 0; step < 4000; ++step) {
    const double s = jacobian.signs<double>(step, 0);
    EXPECT_EQ(std::abs(s), 1.0);
    sum += s;
    product += s * jacobian.signs<double>(step, 1);
  }
  EXPECT_LT(std::abs(sum), 4 * std::sqrt(4000));  // four standard deviations
  EXPECT_LT(std::abs(product), 4 * std::sqrt(4000));
}

TEST(Damping, BoundsTheAbsoluteSumsOfRows) {
  Matrix<double, 2> a{{{3, -1}, {0.25, 0.5}}};
  Damping{.bound = 1}(a);
  EXPECT_EQ(a, (Matrix<double, 2>{{{0.75, -0.25}, {0.25, 0.5}}}));
  Diagonal<float, 2> d{{-4.0f, 0.5f}};
  Damping{.keep = 0.5, .bound = 1}(d);
  EXPECT_EQ(d.values, (Vector<float, 2>{-1.0f, 0.25f}));
}

/// Symplectic Euler on uncoupled pendulums: the Jacobian consists of 2 x 2 blocks of diagonals, so that the block iteration is
/// Newton's.
struct Pendulums {
  template <class U>
  KOKKOS_FUNCTION Vector<U, 4> operator()(const Vector<U, 4>& y) const {
    const U p0 = y[2] - 0.01 * sin(y[0]), p1 = y[3] - 0.02 * sin(y[1]);
    return {y[0] + 0.1 * p0, y[1] + 0.1 * p1, p0, p1};
  }
};

TEST(BlockQuasiNewton, IsNewtonWherePositionsSeeTheirOwnMomenta) {
  const DifferenceEquation equation{Pendulums{}, Vector<double, 4>{0.5, -1.0, 0.0, 0.1}, Steps{300}};
  const auto blocks = solve(equation, BlockQuasiNewton<>{}), newton = solve(equation, Newton{});
  ASSERT_EQ(blocks.status, Status::converged);
  EXPECT_EQ(blocks.statistics.windows, 1);
  EXPECT_EQ(blocks.statistics.iterations, newton.statistics.iterations);
  EXPECT_LE(distance(blocks.states(), solve(equation, Sequential{}).states()), 1e-13);
}

TEST(Iteration, RejectsParametersThatMakeNoSense) {
  const auto equation = random_cell<double, 2>(1, 5, 0.5);
  EXPECT_THROW((void)solve(equation, ScaledNewton<>{.k = 1.5}), InvalidArgument);
  EXPECT_THROW((void)solve(equation, ScaledNewton<>{.k = std::nan("")}), InvalidArgument);
  EXPECT_THROW((void)solve(equation, ClippedNewton<>{.bound = 0}), InvalidArgument);
}

}  // namespace
