// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <random>

#include "antler/solve/callback.hpp"
#include "antler/solve/radau.hpp"
#include "callbacks.hpp"
#include "testset/solved.hpp"

/// The solution depends neither on where the Jacobian comes from and how it is stored, nor on threads and windows.

namespace {

using namespace antler;
using callbacks::DiffusiveBrusselator;
using callbacks::Heat;

constexpr double rtol = 1e-6;
const Options options{.rtol = rtol, .atol = rtol};

std::vector<double> final_state(const CallbackProblem& problem) {
  const DynamicSolution solution = solve(problem, options);
  EXPECT_EQ(solution.status, Status::converged);
  return {solution.final_state().begin(), solution.final_state().end()};
}

SparsePattern listed(const BandedPattern& band, int n) {
  SparsePattern pattern;
  for (int r = 0; r < n; ++r)
    for (int c = std::max(0, r - band.lower); c <= std::min(n - 1, r + band.upper); ++c) pattern.entries.push_back({r, c});
  return pattern;
}

TEST(CallbackJacobian, EverySourceAndStorageGivesTheSameSolution) {
  const DiffusiveBrusselator brusselator{30};
  CallbackProblem banded = brusselator.problem(10), dense = banded, sparse = banded;
  const int n = static_cast<int>(banded.y0.size());
  dense.pattern = DensePattern{};
  sparse.pattern = listed(BandedPattern{2, 2}, n);
  const std::vector<double> expected = final_state(banded);
  // A difference errs by 1e-8 of an entry: the iteration may take another turn, the solution stays within its own accuracy.
  EXPECT_LT(callbacks::error(final_state(dense), expected, 1), rtol);
  EXPECT_LT(callbacks::error(final_state(sparse), expected, 1), rtol);

  const double r = 0.02 * (brusselator.points + 1.0) * (brusselator.points + 1.0);
  const CallbackProblem::Jacobian jacobian = [r](double, std::span<const double> y, const JacobianEntries& dfdy) {
    for (int i = 0; i < dfdy.size(); i += 2) {
      const double u = y[static_cast<std::size_t>(i)], v = y[static_cast<std::size_t>(i) + 1];
      dfdy(i, i) = 2 * u * v - 4 - 2 * r;
      dfdy(i, i + 1) = u * u;
      dfdy(i + 1, i) = 3 - 2 * u * v;
      dfdy(i + 1, i + 1) = -u * u - 2 * r;
      for (int k = i; k < i + 2; ++k) {
        if (k >= 2) dfdy(k, k - 2) = r;
        if (k + 2 < dfdy.size()) dfdy(k, k + 2) = r;
      }
    }
  };
  for (CallbackProblem* p : {&banded, &dense, &sparse}) {
    p->jacobian = jacobian;
    EXPECT_LT(callbacks::error(final_state(*p), expected, 1), rtol);
    EXPECT_LT(jacobian_error(*p, 0, p->y0), 1e-5);
  }
}

TEST(CallbackJacobian, AMatrixThatIsAssignedRowByRowIsTheSame) {
  CallbackProblem entries = callbacks::of(testset::hires()), rows = entries;
  rows.jacobian = [](double t, std::span<const double> y, const JacobianEntries& dfdy) {
    Vector<double, 8> state;
    for (int c = 0; c < 8; ++c) state[c] = y[static_cast<std::size_t>(c)];
    const auto j = jacobian<double, 8>(testset::Hires{}, t, state);
    std::vector<double> row_by_row;
    for (int r = 0; r < 8; ++r)
      for (int c = 0; c < 8; ++c) row_by_row.push_back(j(r, c));
    dfdy.assign(row_by_row);
  };
  EXPECT_EQ(final_state(entries), final_state(rows));
}

TEST(CallbackJacobian, ASparsePatternIsSolvedInAnOrderOfItsOwn) {
  // The heat equation with its points in a random order: three entries a row, and no band.
  const int n = 300;
  const Heat heat{n};
  std::vector<std::size_t> place(static_cast<std::size_t>(n));
  std::iota(place.begin(), place.end(), 0U);
  std::shuffle(place.begin(), place.end(), std::mt19937(5));
  const CallbackProblem plain = heat.problem(0.1);
  const auto from = [&](std::span<const double> shuffled) {
    std::vector<double> y(shuffled.size());
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = shuffled[place[i]];
    return y;
  };
  CallbackProblem p{.f =
                        [&](double t, std::span<const double> y, std::span<double> ydot) {
                          std::vector<double> in_order = from(y), value(y.size());
                          plain.f(t, in_order, value);
                          for (std::size_t i = 0; i < y.size(); ++i) ydot[place[i]] = value[i];
                        },
                    .t0 = 0,
                    .t1 = 0.1,
                    .y0 = std::vector<double>(plain.y0.size())};
  for (std::size_t i = 0; i < place.size(); ++i) p.y0[place[i]] = plain.y0[i];
  SparsePattern pattern;
  for (int r = 0; r < n; ++r)
    for (int c = std::max(0, r - 1); c <= std::min(n - 1, r + 1); ++c)
      pattern.entries.push_back(
          {static_cast<int>(place[static_cast<std::size_t>(r)]), static_cast<int>(place[static_cast<std::size_t>(c)])});
  p.pattern = pattern;
  std::vector<double> atol(static_cast<std::size_t>(n), 1e-9);
  const DynamicSolution solution = solve(p, Options{.rtol = rtol, .atol = atol});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_LT(callbacks::error(from(solution.final_state()), heat.exact(0.1), 1e-3), 10 * rtol);
  EXPECT_LT(callbacks::error(from(solution(0.05)), heat.exact(0.05), 1e-3), 1e-4);
  // Banded factors: the matrices of a window of 64 steps are far smaller than dense ones, and a Jacobian is a few differences.
  EXPECT_LT(solution.statistics.peak_bytes, 64U * 3 * n * n * sizeof(double) / 10);
  const Statistics& s = solution.statistics;
  EXPECT_LT(s.function_evaluations, 8 * s.jacobian_evaluations + 3 * s.newton_steps + 2 * (s.steps + s.rejected_steps));
  EXPECT_LT(jacobian_error(p, 0, p.y0), 1e-5);
}

TEST(CallbackJacobian, TheErrorOfAWrongOneIsSeen) {
  const Heat heat{10};
  CallbackProblem p = heat.problem(1);
  p.jacobian = [](double, std::span<const double>, const JacobianEntries& dfdy) { dfdy(0, 0) = -1; };
  EXPECT_GT(jacobian_error(p, 0, p.y0), 0.5);
  p.jacobian = heat.jacobian();
  EXPECT_LT(jacobian_error(p, 0, p.y0), 1e-6);
  p.pattern = BandedPattern{0, 0};  // differences of several columns at once fall on one another
  p.jacobian = nullptr;
  EXPECT_GT(jacobian_error(p, 0, p.y0), 0.4);
}

TEST(CallbackProblem, AWrongJacobianCostsIterationsAndNotAccuracy) {
  const Heat heat{20};
  CallbackProblem p = heat.problem(0.1);
  p.jacobian = [r = heat.rate()](double, std::span<const double>, const JacobianEntries& dfdy) {
    for (int i = 0; i < dfdy.size(); ++i) {
      dfdy(i, i) = -2.1 * r;
      if (i > 0) dfdy(i, i - 1) = 0.95 * r;
      if (i + 1 < dfdy.size()) dfdy(i, i + 1) = 0.95 * r;
    }
  };
  const DynamicSolution solution = solve(p, Options{.rtol = rtol, .atol = 1e-9});
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_LT(callbacks::error(solution.final_state(), heat.exact(0.1), 1e-3), 10 * rtol);
}

TEST(CallbackProblem, AgreesWithTheCompileTimeSizeToTolerance) {
  const auto problem = testset::hires();
  const InitialValueProblem fixed{problem.f, problem.t0, problem.t1, problem.y0};
  for (const double tolerance : {1e-4, 1e-6, 1e-8}) {
    const Options same{.rtol = tolerance, .atol = problem.atol(tolerance)};
    const auto a = solve(callbacks::of(problem), same);
    const auto b = solve(fixed, same);
    ASSERT_EQ(a.status, Status::converged);
    ASSERT_EQ(b.status, Status::converged);
    EXPECT_LT(problem.error(a.final_state(), b.final_state()), 20 * tolerance);
  }
}

void expect_same_bits_on_one_thread(CallbackProblem p, Strategy strategy) {
  Options chosen = options;
  chosen.strategy = strategy;
  const DynamicSolution several = solve(p, chosen);
  p.calls = Calls::one_at_a_time;
  const DynamicSolution one = solve(p, chosen);
  ASSERT_EQ(one.status, Status::converged);
  ASSERT_EQ(several.times().size(), one.times().size());
  EXPECT_EQ(several.statistics.function_evaluations, one.statistics.function_evaluations);
  for (std::size_t i = 0; i < one.times().size(); ++i) {
    EXPECT_EQ(several.times()[i], one.times()[i]);
    const auto a = several.state(static_cast<Index>(i)), b = one.state(static_cast<Index>(i));
    EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
  }
}

TEST(CallbackProblem, AnyNumberOfThreadsGivesTheSameBits) {
  for (const Strategy strategy : {Strategy::windows, Strategy::sequential})
    for (const int points : {2, 10, 150}) expect_same_bits_on_one_thread(DiffusiveBrusselator{points}.problem(10), strategy);
}

TEST(CallbackProblem, AnyNumberOfThreadsGivesTheSameBitsWhereTheyShareOutDifferences) {
  CallbackProblem p = DiffusiveBrusselator{15}.problem(2);
  p.pattern = DensePattern{};
  p.f = [f = p.f](double t, std::span<const double> y, std::span<double> ydot) {
    for (int again = 0; again < 300; ++again) f(t, y, ydot);  // long enough that the predictor wakes a team for 30 differences
  };
  for (const Strategy strategy : {Strategy::windows, Strategy::sequential}) expect_same_bits_on_one_thread(p, strategy);
}

TEST(CallbackProblem, CallsOneAtATimeWhenAsked) {
  CallbackProblem p = DiffusiveBrusselator{150}.problem(1);
  std::atomic<int> inside = 0, most = 0;
  const auto f = p.f;
  p.f = [&, f](double t, std::span<const double> y, std::span<double> ydot) {
    const int now = ++inside;
    if (now > most) most = now;
    f(t, y, ydot);
    --inside;
  };
  p.calls = Calls::one_at_a_time;
  ASSERT_EQ(solve(p, options).status, Status::converged);
  EXPECT_EQ(most, 1);
}

TEST(CallbackProblem, TheLengthOfWindowsDoesNotMatter) {
  const CallbackProblem p = DiffusiveBrusselator{100}.problem(10);
  Options in_windows = options;
  in_windows.strategy = Strategy::windows;
  const DynamicSolution long_windows = solve(p, in_windows);
  Options small = in_windows;
  small.output = Output::final_state;
  small.memory_cap = smallest_bytes(p);
  const DynamicSolution short_windows = solve(p, small);
  ASSERT_EQ(short_windows.status, Status::converged);
  EXPECT_GT(short_windows.statistics.windows, 2 * long_windows.statistics.windows);
  EXPECT_LE(short_windows.statistics.peak_bytes, small.memory_cap);
  EXPECT_LT(callbacks::error(short_windows.final_state(), long_windows.final_state(), 1), 10 * rtol);
}

}  // namespace
