// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "sequence_cells.hpp"

/// More than ten thousand cells, from ones that forget at once to chaotic ones: `converged` never lies. What that can mean:
///
/// - every step holds: |y_i - f(y_{i-1}, x_i)| is rounding, whatever happens to a chaotic trajectory as a whole;
/// - where rounding does not grow, judged by the loop in extended precision, the trajectory is the loop's: to 1e-12, in single
///   precision to 1e-5.

using namespace antler;
using namespace antler::tests;

namespace {

struct Tally {
  int cells = 0, well_conditioned = 0, one_window = 0, sequential = 0;
};

template <class T, int n, class Method>
void expect_truth(const Method& method, unsigned seed, Tally& tally) {
  const double gain = 0.2 + 0.06 * (seed % 100);  // 0.2 .. 6.14
  const long long steps = 1 + (seed * 7919) % 200;
  const auto equation = random_cell<T, n>(seed, steps, gain);
  const auto solution = solve(equation, method);
  const auto exact = loop<long double>(equation);
  const auto plain = loop<T>(equation);
  constexpr double rounding = sizeof(T) == 4 ? 1.2e-7 : 2.3e-16, tolerance = sizeof(T) == 4 ? 1e-5 : 1e-12;
  ++tally.cells;
  tally.one_window += solution.statistics.windows == 1;
  tally.sequential += solution.statistics.sequential_steps > 0;
  ASSERT_EQ(solution.status, Status::converged) << "tanh is bounded: every cell has an answer";
  // The terms of f are as large as gain n, and rounded; four units of the residual, four of tanh in lanes and in scalars.
  EXPECT_LE((largest_defect<T, n>(equation, solution.states())), 16 * rounding * (1 + gain * n)) << "seed " << seed;
  if (distance(plain, exact) > tolerance / 50) return;
  ++tally.well_conditioned;
  EXPECT_LE(distance(solution.states(), plain), tolerance) << "seed " << seed << ", gain " << gain << ", steps " << steps;
}

template <class T, int n, class Method>
Tally expect_truth(const Method& method, int cells) {
  Tally tally;
  for (int cell = 0; cell < cells; ++cell) expect_truth<T, n>(method, static_cast<unsigned>(1000 * n + cell), tally);
  EXPECT_GT(tally.well_conditioned, cells / 5) << "too few cells could be compared";
  if (n > 1) {
    EXPECT_LT(tally.well_conditioned, cells) << "none was chaotic";
  }
  return tally;
}

TEST(SequenceRobustness, AutomaticNeverLies) {
  const Automatic method{.shortest_window = 8};  // windows for nearly all of them
  for (const Tally tally : {expect_truth<double, 1>(method, 1200), expect_truth<double, 2>(method, 1200),
                            expect_truth<double, 3>(method, 1200), expect_truth<double, 4>(method, 1200)}) {
    EXPECT_GT(tally.one_window, 100);
    EXPECT_GT(tally.sequential, 50);
  }
}

TEST(SequenceRobustness, AutomaticNeverLiesInSinglePrecision) {
  const Automatic method{.shortest_window = 8};
  expect_truth<float, 1>(method, 1200);
  expect_truth<float, 3>(method, 1200);
}

TEST(SequenceRobustness, NeitherDoIterationsThatAreAskedForByName) {
  expect_truth<double, 2>(Newton{}, 1500);
  expect_truth<double, 3>(QuasiNewton{}, 1500);
  expect_truth<double, 2>(Jacobi{}, 400);
}

TEST(SequenceRobustness, NorDoesBlockJacobi) {
  expect_truth<double, 2>(BlockJacobi{.steps = 16}, 1200);
  expect_truth<float, 3>(BlockJacobi{.steps = 9}, 1200);
}

}  // namespace
