// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <complex>
#include <limits>
#include <random>
#include <vector>

#include "dynamic/banded.hpp"
#include "dynamic/dense.hpp"
#include "dynamic/product.hpp"

/// Factorisations by the backward error of what they solve, for real and complex matrices of every shape that the blocks
/// distinguish.

namespace {

using namespace antler::dynamic;
using Complex = std::complex<double>;

struct Matrix {
  int n, lower, upper;
  std::vector<Complex> entries;  // column by column

  /// Random entries in the band, small ones on the diagonal, so that rows must be exchanged; large ones where they cannot be.
  Matrix(int size, int below, int above)
      : n(size), lower(below), upper(above), entries(static_cast<std::size_t>(size) * static_cast<std::size_t>(size)) {
    std::mt19937 random(static_cast<unsigned>(97 * n + 10 * lower + upper));
    std::uniform_real_distribution<double> uniform(-1, 1);
    const double diagonal = lower == 0 || upper == 0 ? 3 : 0.001;
    for_each([&](int r, int c) { at(r, c) = r == c ? Complex(diagonal) : Complex(uniform(random), uniform(random)); });
  }

  Complex& at(int r, int c) {
    return entries[static_cast<std::size_t>(c) * static_cast<std::size_t>(n) + static_cast<std::size_t>(r)];
  }

  template <class Body>
  void for_each(const Body& body) const {
    for (int c = 0; c < n; ++c)
      for (int r = std::max(0, c - upper); r <= std::min(n - 1, c + lower); ++r) body(r, c);
  }
};

/// The largest |A x - b| over |A| |x|.
double backward_error(Matrix& a, const std::vector<Complex>& x, const std::vector<Complex>& b) {
  std::vector<Complex> residual = b;
  std::vector<double> row(x.size());
  double size = 0;
  a.for_each([&](int r, int c) {
    residual[static_cast<std::size_t>(r)] -= a.at(r, c) * x[static_cast<std::size_t>(c)];
    row[static_cast<std::size_t>(r)] += std::abs(a.at(r, c));
  });
  double largest = 0;
  for (const Complex& z : x) size = std::max(size, std::abs(z));
  for (const Complex& z : residual) largest = std::max(largest, std::abs(z));
  return largest / (size * *std::max_element(row.begin(), row.end()));
}

template <class Structure>
void expect_solves(const Structure& structure, Matrix a) {
  // Some n roundings, by the growth of random matrices [GolubVanLoan2013, sec. 3.4].
  const double allowed = 20.0 * a.n * std::numeric_limits<double>::epsilon();
  const auto n = static_cast<std::size_t>(a.n);
  std::vector<double> re(structure.size()), im(structure.size());
  std::vector<int> pivots(n);
  const auto layout = structure.layout();
  a.for_each([&](int r, int c) {
    const auto k = static_cast<std::size_t>(layout.first + r + layout.leading * c);
    re[k] = a.at(r, c).real();
    im[k] = a.at(r, c).imag();
  });
  std::vector<Complex> b(n), x(n);
  for (std::size_t i = 0; i < n; ++i) b[i] = Complex(1.0 + static_cast<double>(i % 7), static_cast<double>(i % 3));

  std::vector<double> z_re(n), z_im(n), lu_re = re, lu_im = im;
  for (std::size_t i = 0; i < n; ++i) z_re[i] = b[i].real(), z_im[i] = b[i].imag();
  ASSERT_TRUE(structure.factor(ComplexCells{lu_re.data(), lu_im.data()}, pivots.data()));
  structure.solve(ComplexCells{lu_re.data(), lu_im.data()}, pivots.data(), ComplexCells{z_re.data(), z_im.data()});
  for (std::size_t i = 0; i < n; ++i) x[i] = Complex(z_re[i], z_im[i]);
  EXPECT_LT(backward_error(a, x, b), allowed) << "complex, n = " << n << ", band " << a.lower << ' ' << a.upper;

  for (Complex& z : a.entries) z = z.real();
  for (Complex& z : b) z = z.real();
  for (std::size_t i = 0; i < n; ++i) z_re[i] = b[i].real();
  ASSERT_TRUE(structure.factor(RealCells{re.data()}, pivots.data()));
  structure.solve(RealCells{re.data()}, pivots.data(), RealCells{z_re.data()});
  for (std::size_t i = 0; i < n; ++i) x[i] = z_re[i];
  EXPECT_LT(backward_error(a, x, b), allowed) << "real, n = " << n << ", band " << a.lower << ' ' << a.upper;
}

TEST(DenseFactors, SolveWithSmallBackwardErrorInEverySize) {
  for (const int n : {1, 2, 3, 7, 16, 31, 47, 48, 49, 63, 95, 96, 97, 131, 200}) expect_solves(Dense(n), Matrix(n, n - 1, n - 1));
}

TEST(BandedFactors, SolveWithSmallBackwardErrorForEveryBand) {
  for (const auto& [lower, upper] : {std::array{0, 0}, {1, 0}, {0, 1}, {1, 1}, {2, 1}, {1, 3}, {5, 5}, {19, 19}})
    for (const int n : {20, 21, 64, 133}) expect_solves(Banded(n, lower, upper), Matrix(n, lower, upper));
}

template <class Structure>
void expect_refusal(const Structure& structure) {
  std::vector<int> pivots(static_cast<std::size_t>(structure.components()));
  for (const double bad : {0.0, std::numeric_limits<double>::quiet_NaN()}) {
    std::vector<double> a(structure.size()), b(structure.size());
    for (int i = 0; i < structure.components(); ++i) a[static_cast<std::size_t>(structure.diagonal(i))] = 1;
    a[static_cast<std::size_t>(structure.diagonal(structure.components() - 1))] = bad;
    std::vector<double> copy = a;
    EXPECT_FALSE(structure.factor(RealCells{copy.data()}, pivots.data()));
    EXPECT_FALSE(structure.factor(ComplexCells{a.data(), b.data()}, pivots.data()));
  }
}

TEST(DenseFactors, RefuseSingularAndNonFiniteMatrices) {
  for (const int n : {1, 5, 60}) expect_refusal(Dense(n));
}

TEST(BandedFactors, RefuseSingularAndNonFiniteMatrices) {
  expect_refusal(Banded(1, 0, 0));
  expect_refusal(Banded(30, 2, 1));
}

TEST(Product, EveryKernelOfThisProcessorMultiplies) {
  for (const ProductKernel multiply : product_kernels())
    for (const auto& [m, n, k] : {std::array{1, 1, 1}, {3, 5, 2}, {16, 4, 48}, {17, 6, 48}, {33, 7, 13}, {8, 3, 0}, {0, 3, 4}}) {
      std::vector<double> a(48 * 48), b(48 * 48), c(48 * 48, 0.5);
      for (std::size_t i = 0; i < a.size(); ++i) {  // small integers: every order of the sum gives the same number
        a[i] = static_cast<double>(i % 11) - 5;
        b[i] = static_cast<double>(i % 13) - 6;
      }
      multiply({-1, m, n, k, a.data(), 40, b.data(), 48, c.data(), 41});
      for (int j = 0; j < n; ++j)
        for (int i = 0; i < 41; ++i) {
          double expected = 0.5;
          for (int l = 0; i < m && l < k; ++l)
            expected -= a[static_cast<std::size_t>(i + 40 * l)] * b[static_cast<std::size_t>(l + 48 * j)];
          EXPECT_EQ(c[static_cast<std::size_t>(i + 41 * j)], expected) << m << ' ' << n << ' ' << k;
        }
    }
}

}  // namespace
