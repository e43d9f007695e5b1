// SPDX-License-Identifier: BSD-3-Clause
#include "antler/deer/matrix_pencil.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace {

using antler::MatrixPencil;
using antler::PencilKind;

constexpr double tolerance = 1e-12;
using Square = std::vector<double>;

Square product(int n, const Square& a, const Square& b) {
  Square c(a.size(), 0.0);
  for (int i = 0; i < n; ++i)
    for (int k = 0; k < n; ++k)
      for (int j = 0; j < n; ++j)
        c[static_cast<std::size_t>(i * n + j)] += a[static_cast<std::size_t>(i * n + k)] * b[static_cast<std::size_t>(k * n + j)];
  return c;
}

/// Random regular matrices, well conditioned: a dominant diagonal with its rows and columns rotated.
Square random_regular(int n, std::mt19937& random, double diagonal) {
  std::uniform_real_distribution<double> entry(-1, 1);
  Square a(static_cast<std::size_t>(n * n));
  for (double& x : a) x = entry(random);
  for (int i = 0; i < n; ++i) a[static_cast<std::size_t>(i * n + (i + 1) % n)] += diagonal;
  return a;
}

/// P diag(N, K) Q: N = diag(1 .. 1, nilpotent), K = diag(random, 1 .. 1) in Weierstrass' form, then scaled by rows and columns.
struct Pencil {
  Square by_slope, by_y;
};
Pencil weierstrass(int n, int differential, bool coupled, std::mt19937& random) {
  const auto at = [n](Square& a, int i, int j) -> double& { return a[static_cast<std::size_t>(i * n + j)]; };
  std::uniform_real_distribution<double> entry(-1, 1);
  Square slope(static_cast<std::size_t>(n * n), 0.0), y = slope;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      if (i == j) at(i < differential ? slope : y, i, j) = 1;
      if (i < differential && j < differential) at(y, i, j) = entry(random);
    }
  if (coupled)
    for (int i = differential; i + 1 < n; ++i) at(slope, i, i + 1) = 1;  // nilpotent, not zero
  const Square p = random_regular(n, random, 3), q = random_regular(n, random, 3);
  return {product(n, product(n, p, slope), q), product(n, product(n, p, y), q)};
}

/// Units that differ by many orders of magnitude.
void change_units(int n, Pencil& pencil, std::mt19937& random) {
  std::uniform_real_distribution<double> power(-6, 6);
  for (int i = 0; i < n; ++i) {
    const double row = std::pow(10.0, power(random)), column = std::pow(10.0, power(random));
    for (int j = 0; j < n; ++j)
      for (Square* a : {&pencil.by_slope, &pencil.by_y}) {
        (*a)[static_cast<std::size_t>(i * n + j)] *= row;
        (*a)[static_cast<std::size_t>(j * n + i)] *= column;
      }
  }
}

TEST(MatrixPencil, TellsRankAndIndexOfRandomPencilsInAnyUnits) {
  std::mt19937 random(20240607);
  for (int n = 1; n <= 9; ++n)
    for (int differential = 0; differential <= n; ++differential)
      for (int sample = 0; sample < 40; ++sample) {
        Pencil pencil = weierstrass(n, differential, false, random);
        if (sample % 2 == 1) change_units(n, pencil, random);
        const MatrixPencil seen(n, pencil.by_y, pencil.by_slope, tolerance);
        EXPECT_EQ(seen.rank(), differential);
        EXPECT_EQ(seen.kind(), PencilKind::index_one) << "n = " << n << ", " << differential << " differential, sample " << sample;
        if (n - differential < 2) continue;
        pencil = weierstrass(n, differential, true, random);
        if (sample % 2 == 1) change_units(n, pencil, random);
        EXPECT_EQ(MatrixPencil(n, pencil.by_y, pencil.by_slope, tolerance).kind(), PencilKind::higher_index)
            << "n = " << n << ", " << differential << " differential, sample " << sample;
      }
}

TEST(MatrixPencil, TellsASingularPencilFromAHigherIndex) {
  std::mt19937 random(7);
  for (int n = 1; n <= 8; ++n)
    for (int sample = 0; sample < 20; ++sample) {
      Pencil pencil = weierstrass(n, n / 2, false, random);
      for (int j = 0; j < n; ++j)  // the last equation is the sum of the others, or nothing at all
        for (Square* a : {&pencil.by_slope, &pencil.by_y}) {
          double sum = 0;
          for (int i = 0; i + 1 < n; ++i) sum += (*a)[static_cast<std::size_t>(i * n + j)];
          (*a)[static_cast<std::size_t>((n - 1) * n + j)] = sum;
        }
      EXPECT_EQ(MatrixPencil(n, pencil.by_y, pencil.by_slope, tolerance).kind(), PencilKind::singular) << "n = " << n;
    }
}

TEST(MatrixPencil, AcceptsAlgebraicEquationsThatDetermineTheirComponentWeakly) {
  // y' = z, 0 = 1e-14 z + 1e8 y
  const Square by_slope{1, 0, 0, 0}, by_y{0, -1, 1e8, 1e-14};
  const MatrixPencil weak(2, by_y, by_slope, tolerance);
  EXPECT_EQ(weak.kind(), PencilKind::index_one);
  EXPECT_FALSE(weak.algebraic(0));
  EXPECT_TRUE(weak.algebraic(1));
  // ... and with nothing in its place
  EXPECT_EQ(MatrixPencil(2, Square{0, -1, 1e8, 0}, by_slope, tolerance).kind(), PencilKind::higher_index);
}

TEST(MatrixPencil, MovesYWhereNIsBlindOnly) {
  std::mt19937 random(11);
  for (int n = 2; n <= 7; ++n) {
    const Pencil pencil = weierstrass(n, n / 2, false, random);
    const MatrixPencil seen(n, pencil.by_y, pencil.by_slope, tolerance);
    const auto size = static_cast<std::size_t>(n);
    std::vector<double> residual(size), dy(size), ds(size);
    for (std::size_t i = 0; i < size; ++i) residual[i] = 1 + static_cast<double>(i);
    seen.solve(residual, dy, ds);
    for (std::size_t r = 0; r < size; ++r) {
      double left = residual[r], seen_of_y = 0;
      for (std::size_t c = 0; c < size; ++c) {
        left += pencil.by_y[r * size + c] * dy[c] + pencil.by_slope[r * size + c] * ds[c];
        seen_of_y += pencil.by_slope[r * size + c] * dy[c];
      }
      EXPECT_NEAR(left, 0, 1e-10);
      EXPECT_NEAR(seen_of_y, 0, 1e-10);
    }
  }
}

}  // namespace
