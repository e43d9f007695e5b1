// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "antler/discretization/tableau.hpp"
#include "dynamic/step_factors.hpp"

/// Bands in eight chunks by the residuals of what they solve; bands that need row exchanges get them.

namespace {

using namespace antler::dynamic;
using Method = antler::RadauIIA<3>;

struct Band {
  int n, lower, upper;
  Banded structure{n, lower, upper};
  std::vector<double> entries = std::vector<double>(structure.size());

  double& at(int r, int c) {
    const auto layout = structure.layout();
    return entries[static_cast<std::size_t>(layout.first + r + layout.leading * c)];
  }

  /// (J v)_r
  double product(int r, const double* v) {
    double sum = 0;
    for (int c = std::max(0, r - lower); c <= std::min(n - 1, r + upper); ++c) sum += at(r, c) * v[c];
    return sum;
  }
};

/// Entries between 0.5 and 1.5, the diagonal shifted by `diagonal`.
Band random_band(int n, int lower, int upper, double diagonal) {
  Band band{n, lower, upper};
  std::mt19937 random(static_cast<unsigned>(n + 10 * lower + upper));
  std::uniform_real_distribution<double> uniform(0.5, 1.5);
  for (int c = 0; c < n; ++c)
    for (int r = std::max(0, c - upper); r <= std::min(n - 1, c + lower); ++r)
      band.at(r, c) = uniform(random) + (r == c ? diagonal : 0.0);
  return band;
}

std::vector<double> right_hand_sides(int n) {
  std::vector<double> b(3 * static_cast<std::size_t>(n));
  for (std::size_t k = 0; k < b.size(); ++k) b[k] = 1 + static_cast<double>(k % 5);
  return b;
}

template <class Factors>
double residual(Factors& factors, Band& j, double h) {
  const std::vector<double> b = right_hand_sides(j.n);
  std::vector<double> w = b, x(b.begin(), b.begin() + j.n);
  factors.solve_stages(w.data());
  factors.solve_real(x.data());
  const double *w0 = w.data(), *w1 = w0 + j.n, *w2 = w1 + j.n;
  double largest = 0;
  for (int r = 0; r < j.n; ++r) {
    const auto i = static_cast<std::size_t>(r), n = static_cast<std::size_t>(j.n);
    for (const double value :
         {b[i] - Method::gamma / h * w0[r] + j.product(r, w0), b[i] - Method::gamma / h * x[i] + j.product(r, x.data()),
          b[n + i] - (Method::alpha() * w1[r] - Method::beta() * w2[r]) / h + j.product(r, w1),
          b[2 * n + i] - (Method::beta() * w1[r] + Method::alpha() * w2[r]) / h + j.product(r, w2)}) {
      if (!(std::abs(value) <= largest)) largest = std::abs(value);  // keeps a NaN
    }
  }
  return largest;
}

constexpr double allowed = 1e-11;

TEST(PartitionedBand, SolvesForEveryBandAndLength) {
  for (const auto& [lower, upper] : {std::array{1, 1}, {2, 2}, {3, 3}, {1, 3}, {2, 0}, {0, 1}})
    for (const int n : {377, 384, 385, 391, 1000})
      for (const double h : {1e-6, 0.1, 10.0, -0.1}) {
        ASSERT_TRUE(PartitionedBand::serves(n, lower, upper));
        Band j = random_band(n, lower, upper, -8 * h / std::abs(h));
        PartitionedBand band(n, lower, upper);
        band.load(j.structure, j.entries.data());
        ASSERT_TRUE(band.factor(h)) << lower << ' ' << upper << ' ' << n << ' ' << h;
        EXPECT_LT(residual(band, j, h), allowed) << lower << ' ' << upper << ' ' << n << ' ' << h;
      }
}

TEST(PartitionedBand, EveryInstructionSetOfThisProcessorSolvesTheSame) {
  const Band j = random_band(400, 2, 2, -8);
  const std::span<const ChunkKernels> sets = chunk_kernels(2);
  std::vector<std::vector<double>> solutions;
  for (const ChunkKernels& kernels : sets) {
    PartitionedBand band(400, 2, 2, kernels);
    band.load(j.structure, j.entries.data());
    ASSERT_TRUE(band.factor(0.1));
    solutions.push_back(right_hand_sides(400));
    band.solve_stages(solutions.back().data());
  }
  for (const auto& solution : solutions)
    for (std::size_t k = 0; k < solution.size(); ++k) EXPECT_NEAR(solution[k], solutions.front()[k], 1e-12);
}

TEST(PartitionedBand, RefusesWhatNeedsRowExchanges) {
  Band j = random_band(400, 1, 1, 0);
  for (int c = 0; c < 400; ++c) j.at(c, c) = Method::gamma / 0.1 - (c == 150 ? 1e-9 : 1.0);  // one tiny pivot
  for (int c = 0; c < 399; ++c) j.at(c + 1, c) = j.at(c, c + 1) = c == 149 || c == 150 ? 1 : 0;
  PartitionedBand band(400, 1, 1);
  band.load(j.structure, j.entries.data());
  EXPECT_TRUE(band.factor(0.2));
  for (const double bad : {1e-9, 0.0, std::nan("")}) {
    j.at(150, 150) = Method::gamma / 0.1 - bad;
    j.at(149, 150) = 0;
    band.load(j.structure, j.entries.data());
    EXPECT_FALSE(band.factor(0.1)) << bad;
  }
}

TEST(StepFactors, ExchangeRowsOfABandWhereTheyMust) {
  for (const auto& [lower, upper] : {std::array{1, 1}, {2, 2}, {3, 3}}) {
    const double h = 0.1;
    Band j = random_band(400, lower, upper, Method::gamma / h - 1);  // pivots as large as what stands beside them, or smaller
    StepFactors<Banded> factors(j.structure);
    factors.observe(j.entries.data());
    ASSERT_TRUE(factors.factor(j.entries.data(), h));
    EXPECT_LT(residual(factors, j, h), 1e-7) << lower;
  }
}

TEST(PartitionedBand, ServesNarrowAndLongBandsOnly) {
  EXPECT_TRUE(PartitionedBand::serves(96, 1, 1));
  EXPECT_FALSE(PartitionedBand::serves(88, 1, 1));
  EXPECT_TRUE(PartitionedBand::serves(200, 2, 2));
  EXPECT_FALSE(PartitionedBand::serves(180, 2, 2));
  EXPECT_FALSE(PartitionedBand::serves(100'000, 4, 1));
  EXPECT_FALSE(PartitionedBand::serves(1000, 0, 0));
}

}  // namespace
