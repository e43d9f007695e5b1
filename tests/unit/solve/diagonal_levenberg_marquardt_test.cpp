// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "antler/solve/levenberg_marquardt.hpp"
#include "sequence_cells.hpp"

/// Damped steps with the diagonal of df/dy: the answer of the loop, in O(T n) memory, or no claim to have it.

using namespace antler;
using namespace antler::tests;

namespace {

using Diagonal_ = LevenbergMarquardt<DiagonalJacobian>;

const Options enough{.maximum_iterations = 1000};

template <class T, int n>
void expect_the_loop(double gain, double tolerance) {
  for (const unsigned seed : {1u, 2u})
    for (const long long steps : {0LL, 1LL, 2LL, 7LL, 8LL, 9LL, 100LL}) {
      const auto equation = random_cell<T, n>(seed, steps, gain);
      const auto solution = solve(equation, Diagonal_{}, enough);
      ASSERT_EQ(solution.status, Status::converged) << steps;
      ASSERT_EQ(solution.states().size(), static_cast<std::size_t>(steps) + 1);
      EXPECT_LE(solution.statistics.windows, 1);
      EXPECT_LE(distance(solution.states(), loop<T>(equation)), tolerance) << "seed " << seed << ", " << steps << " steps";
    }
}

TEST(DiagonalLevenbergMarquardt, ReproducesTheLoopInDoublePrecision) {
  expect_the_loop<double, 1>(1.5, 1e-12);
  expect_the_loop<double, 4>(0.8, 1e-12);
  expect_the_loop<double, 12>(0.8, 1e-12);
}
TEST(DiagonalLevenbergMarquardt, ReproducesTheLoopInSinglePrecision) { expect_the_loop<float, 4>(0.8, 1e-5); }

TEST(DiagonalLevenbergMarquardt, DampsWhereTheDiagonalIsAPoorModel) {
  const auto equation = random_cell<double, 4>(1, 1000, 2.0);
  const auto solution = solve(equation, Diagonal_{}, enough);
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_EQ(solution.statistics.windows, 1);
  EXPECT_LE(solution.statistics.iterations, 200) << "quasi-Newton takes 352";
  EXPECT_EQ(solution.statistics.damping_history.size(), solution.statistics.residual_history.size());
  EXPECT_GT(*std::max_element(solution.statistics.damping_history.begin(), solution.statistics.damping_history.end()), 0);
  EXPECT_LE(distance(solution.states(), loop<double>(equation)), 1e-12);
}

TEST(DiagonalLevenbergMarquardt, NeverClaimsAWrongAnswer) {
  for (const double gain : {2.0, 4.0, 10.0})
    for (const unsigned seed : {1u, 2u}) {
      const auto equation = random_cell<double, 4>(seed, 300, gain);
      const auto solution = solve(equation, Diagonal_{}, Options{.maximum_iterations = 60});
      ASSERT_EQ(solution.status, Status::converged) << "what does not converge is evaluated";
      EXPECT_LE((largest_defect<double, 4>(equation, solution.states())), 1e-14) << "gain " << gain << ", seed " << seed;
    }
}

TEST(DiagonalLevenbergMarquardt, SaysWhereAWeightIsNotANumber) {
  auto equation = random_cell<double, 4>(1, 100, 0.5);
  equation.f.w(0, 1) = std::numeric_limits<double>::quiet_NaN();
  const auto solution = solve(equation, Diagonal_{}, enough);
  EXPECT_EQ(solution.status, Status::non_finite);
  EXPECT_EQ(solution.statistics.first_failure, 1);
}

TEST(DiagonalLevenbergMarquardt, RefusesInputsThatAreNotNumbers) {
  auto equation = random_cell<double, 4>(1, 100, 0.5);
  equation.inputs[49][2] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW((void)solve(equation, Diagonal_{}, enough), InvalidArgument);
}

/// Bytes that Kokkos holds at once while `call` runs, at most.
std::uint64_t held = 0, peak = 0;
template <class Call>
std::uint64_t peak_of(const Call& call) {
  held = peak = 0;
  using namespace Kokkos::Tools::Experimental;
  set_allocate_data_callback([](auto, const char*, const void*, std::uint64_t size) { peak = std::max(peak, held += size); });
  set_deallocate_data_callback([](auto, const char*, const void*, std::uint64_t size) { held -= std::min(held, size); });
  call();
  set_allocate_data_callback(nullptr);
  set_deallocate_data_callback(nullptr);
  return peak;
}

TEST(DiagonalLevenbergMarquardt, HoldsSixNumbersPerComponent) {
  constexpr std::size_t n = 4, steps = 4000, solution = (steps + 1) * (n + 1) * sizeof(double);
  const auto equation = random_cell<double, n>(2, steps, 0.8);
  std::size_t reported = 0;
  const auto seen = peak_of([&] { reported = solve(equation, Diagonal_{}, enough).statistics.peak_bytes; });
  EXPECT_EQ(reported - solution, 6 * n * steps * sizeof(double)) << "beside the solution";
  EXPECT_LE(static_cast<double>(seen), 1.1 * static_cast<double>(reported - solution)) << "and a scan's plan";
}

TEST(DiagonalLevenbergMarquardt, HoldsLessThanATenthOfTheMemoryOfTheDenseOne) {
  constexpr int n = 64;
  using Cell = TanhCell<double, n>;
  using Space = Kokkos::DefaultExecutionSpace;
  using Diagonal_64 = antler::detail::DampedWindows<DiagonalJacobian, Cell, double, n, Vector<double, n>, Space>;
  using Dense_64 = antler::detail::DampedWindows<DenseJacobian, Cell, double, n, Vector<double, n>, Space>;
  for (const Estimate estimate : {Estimate::filtered, Estimate::smoothed})
    EXPECT_LT(10 * Diagonal_64::window_bytes(1000, estimate), Dense_64::window_bytes(1000, estimate));
}

}  // namespace
