// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "antler/discretization/tableau.hpp"
#include "dynamic/step_factors.hpp"

/// Dense matrices whose entries are a band in an order that has to be found: the solutions are those of the whole matrix, by
/// residuals.

namespace {

using namespace antler::dynamic;

/// Column by column.
struct Matrix {
  int n;
  std::vector<double> entries = std::vector<double>(static_cast<std::size_t>(n) * static_cast<std::size_t>(n));

  double& at(int r, int c) {
    return entries[static_cast<std::size_t>(c) * static_cast<std::size_t>(n) + static_cast<std::size_t>(r)];
  }
};

/// A ring of n cells, numbered at random: every cell knows its two neighbours.
Matrix ring(int n) {
  std::vector<int> name(static_cast<std::size_t>(n));
  std::iota(name.begin(), name.end(), 0);
  std::mt19937 random(3);
  std::shuffle(name.begin(), name.end(), random);
  std::uniform_real_distribution<double> uniform(0.5, 2);
  Matrix j{n};
  for (int i = 0; i < n; ++i) {
    const int here = name[static_cast<std::size_t>(i)], next = name[static_cast<std::size_t>((i + 1) % n)];
    j.at(here, here) = -uniform(random);
    j.at(here, next) = uniform(random);
    j.at(next, here) = uniform(random);
  }
  return j;
}

/// max |(gamma / h - J) x - b|, and the same for the complex pair, after solving with the factors.
double residual(StepFactors<Dense>& factors, Matrix& j, double h) {
  using Method = antler::RadauIIA<3>;
  const auto n = static_cast<std::size_t>(j.n);
  std::vector<double> b(3 * n);
  for (std::size_t k = 0; k < b.size(); ++k) b[k] = 1 + static_cast<double>(k % 5);
  std::vector<double> w = b, x(b.begin(), b.begin() + j.n);
  factors.solve_stages(w.data());
  factors.solve_real(x.data());
  double largest = 0;
  const auto note = [&](double value) { largest = std::max(largest, std::abs(value)); };
  for (int r = 0; r < j.n; ++r) {
    const auto i = static_cast<std::size_t>(r);
    double first = b[i] - Method::gamma / h * w[i], alone = b[i] - Method::gamma / h * x[i];
    double re = b[n + i] - (Method::alpha() * w[n + i] - Method::beta() * w[2 * n + i]) / h;
    double im = b[2 * n + i] - (Method::beta() * w[n + i] + Method::alpha() * w[2 * n + i]) / h;
    for (int c = 0; c < j.n; ++c) {
      const auto k = static_cast<std::size_t>(c);
      first += j.at(r, c) * w[k];
      alone += j.at(r, c) * x[k];
      re += j.at(r, c) * w[n + k];
      im += j.at(r, c) * w[2 * n + k];
    }
    for (const double value : {first, alone, re, im}) note(value);
  }
  return largest;
}

constexpr double allowed = 1e-11;  // some hundred roundings of numbers up to ten

TEST(ObservedBand, FindsTheBandOfARing) {
  Matrix j = ring(60);
  ObservedBand observed(60);
  observed.observe(j.entries.data());
  ASSERT_TRUE(observed.is_band());
  EXPECT_LE(observed.band().layout().lower, 3);
  std::vector<double> band(observed.band().size());
  observed.store(j.entries.data(), band.data());
  const auto sum = [](const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0); };
  EXPECT_NEAR(sum(band), sum(j.entries), 1e-12);
}

TEST(ObservedBand, IsNoneWhereTheMatrixIsFullOrSmall) {
  Matrix full{40}, small = ring(12);
  std::fill(full.entries.begin(), full.entries.end(), 1.0);
  ObservedBand of_full(40), of_small(12);
  of_full.observe(full.entries.data());
  of_small.observe(small.entries.data());
  EXPECT_FALSE(of_full.is_band());
  EXPECT_FALSE(of_small.is_band());
}

TEST(StepFactors, SolveWithTheWholeMatrixInTheBandsOrder) {
  for (const int n : {24, 25, 60, 96}) {
    Matrix j = ring(n);
    StepFactors<Dense> factors{Dense(n)};
    factors.observe(j.entries.data());
    ASSERT_TRUE(factors.factor(j.entries.data(), 0.1));
    EXPECT_LT(residual(factors, j, 0.1), allowed) << n;
  }
}

TEST(StepFactors, EntriesThatComeUpLaterAreNotForgotten) {
  Matrix j = ring(60);
  StepFactors<Dense> factors{Dense(60)};
  factors.observe(j.entries.data());
  ASSERT_TRUE(factors.factor(j.entries.data(), 0.1));
  std::mt19937 random(7);
  std::uniform_int_distribution<int> any(0, 59);
  for (int further = 0; further < 200; ++further) {  // from a band to a matrix that is none
    j.at(any(random), any(random)) += 0.5;
    factors.observe(j.entries.data());
    ASSERT_TRUE(factors.factor(j.entries.data(), 0.1));
    ASSERT_LT(residual(factors, j, 0.1), 100 * allowed) << further;
  }
}

TEST(StepFactors, SayThatAMatrixIsSingular) {
  Matrix j{30};
  for (int i = 0; i < 30; ++i) j.at(i, i) = antler::RadauIIA<3>::gamma;
  StepFactors<Dense> factors{Dense(30)};
  factors.observe(j.entries.data());
  EXPECT_FALSE(factors.factor(j.entries.data(), 1));
  EXPECT_TRUE(factors.factor(j.entries.data(), 0.5));
}

}  // namespace
