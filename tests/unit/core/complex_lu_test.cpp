// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/complex_lu.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <complex>
#include <limits>
#include <random>

namespace {

using antler::Complex;
using antler::ComplexLU;

/// Solves random systems, every third diagonal zero so that rows must be exchanged, and compares with Eigen.
template <class T, int n>
void expect_solves() {
  using C = std::complex<double>;  // Eigen in double and with sizes of run time: compiled once for all types and sizes of ours
  std::mt19937 random(11);
  std::normal_distribution<T> normal;
  for (int trial = 0; trial < 10; ++trial) {
    antler::Matrix<Complex<T>, n> a;
    antler::Vector<Complex<T>, n> x;
    Eigen::MatrixXcd m(n, n);
    Eigen::VectorXcd b(n);
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) {
        a(i, j) = {normal(random), normal(random)};
        if (n > 1 && i == j && i % 3 == 0) a(i, j) = {T(0), T(0)};
        m(i, j) = C(a(i, j).re, a(i, j).im);
      }
      x[i] = {normal(random), normal(random)};
      b(i) = C(x[i].re, x[i].im);
    }
    const ComplexLU<T, n> factors(a);
    ASSERT_FALSE(factors.singular());
    factors.solve(x);
    const Eigen::VectorXcd expected = m.fullPivLu().solve(b);
    const double condition = m.norm() * m.inverse().norm();
    for (int i = 0; i < n; ++i)
      EXPECT_LT(std::abs(C(x[i].re, x[i].im) - expected(i)), 20 * condition * std::numeric_limits<T>::epsilon() * expected.norm());
  }
}

TEST(ComplexLU, SolvesWhatEigenSolves) {
  expect_solves<double, 1>();
  expect_solves<double, 2>();
  expect_solves<double, 7>();
  expect_solves<float, 3>();
}

TEST(Complex, ReciprocalDoesNotOverflowInSinglePrecision) {
  for (const float size : {1e-25f, 1.0f, 1e25f}) {
    const auto r = antler::reciprocal(Complex<float>{3 * size, -4 * size});
    EXPECT_NEAR(r.re * size, 0.12f, 1e-7f);
    EXPECT_NEAR(r.im * size, 0.16f, 1e-7f);
  }
}

TEST(ComplexLU, ReportsASingularMatrix) {
  antler::Matrix<Complex<double>, 2> a;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) a(i, j) = {1.0 + i, 2.0 * (1 + i)};
  EXPECT_TRUE((ComplexLU<double, 2>(a).singular()));
  a(0, 0) = {std::numeric_limits<double>::quiet_NaN(), 0};
  EXPECT_TRUE((ComplexLU<double, 2>(a).singular()));
}

}  // namespace
