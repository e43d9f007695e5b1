// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "antler/solve/implicit.hpp"

namespace {

using antler::MassProblem;
using antler::Matrix;
using antler::Options;
using antler::Status;
using antler::Vector;

constexpr int n = 4;

/// M y' = f of index 1 with a known solution, in a form that shows nothing of it: y = Q x, rows mixed by P,
///
///     x_d' = A (x - e(t))_d + e_d'(t),   0 = x_a - e_a(t) + C (x - e(t))_d,     e_c(t) = sin(w_c t + c) + 2.
template <class S>
struct Mixed {
  static constexpr bool lanes = false;  // compiles in half the time
  Matrix<S, n> rows, back;              // P, Q^{-1}
  Matrix<S, n> coupling;                // A, and C below it
  Vector<S, n> frequency;
  int differential;

  template <class T>
  KOKKOS_FUNCTION Vector<T, n> exact(const T& t) const {
    using ::sin;
    Vector<T, n> e;
    for (int c = 0; c < n; ++c) e[c] = sin(frequency[c] * t + S(c)) + S(2);
    return e;
  }
  template <class T>
  KOKKOS_FUNCTION Vector<T, n> operator()(const T& t, const Vector<T, n>& y) const {
    using ::cos;
    const Vector<T, n> e = exact(t);
    Vector<T, n> x, f, mixed;
    for (int r = 0; r < n; ++r) {
      x[r] = -e[r];
      for (int c = 0; c < n; ++c) x[r] += back(r, c) * y[c];
    }
    for (int r = 0; r < n; ++r) {
      f[r] = r < differential ? frequency[r] * cos(frequency[r] * t + S(r)) : x[r];
      for (int c = 0; c < differential; ++c) f[r] += coupling(r, c) * x[c];
    }
    for (int r = 0; r < n; ++r) {
      mixed[r] = rows(r, 0) * f[0];
      for (int c = 1; c < n; ++c) mixed[r] += rows(r, c) * f[c];
    }
    return mixed;
  }
};

/// 3 + a random entry on a shifted diagonal, entries in [-1, 1] elsewhere: needs pivots, well conditioned.
template <class S>
Matrix<S, n> random_matrix(std::mt19937& random) {
  std::uniform_real_distribution<double> entry(-1, 1);
  Matrix<S, n> a;
  for (int r = 0; r < n; ++r)
    for (int c = 0; c < n; ++c) a(r, c) = static_cast<S>(entry(random) + (c == (r + 1) % n ? 4 : 0));
  return a;
}

template <class S>
void expect_known_solutions(int samples, double rtol, double stiffness, antler::Strategy strategy) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> entry(-1, 1);
  for (int sample = 0; sample < samples; ++sample) {
    const Matrix<S, n> q = random_matrix<S>(random);
    Mixed<S> f{random_matrix<S>(random), q, {}, {}, sample % (n + 1)};
    antler::invert_pivoted<S>(f.back, S(1));
    for (int r = 0; r < n; ++r) {
      f.frequency[r] = static_cast<S>(1 + 4 * std::abs(entry(random)));
      for (int c = 0; c < n; ++c) f.coupling(r, c) = static_cast<S>(entry(random));
      f.coupling(r, r) -= static_cast<S>(4 * std::pow(stiffness, std::abs(entry(random))));  // stable, and stiff, some of them
    }
    // M = P diag(1, 0) Q^{-1}
    Matrix<S, n> selected{};
    for (int r = 0; r < f.differential; ++r)
      for (int c = 0; c < n; ++c) selected(r, c) = f.back(r, c);
    Matrix<S, n> mass = f.rows * selected;
    const double size = std::abs(static_cast<double>(mass(0, 0)));
    for (int r = 0; r < n; ++r)
      for (int c = 0; c < n; ++c)
        if (std::abs(static_cast<double>(mass(r, c))) < 1e-12 * size) mass(r, c) = 0;
    // The algebraic part of the initial value is a guess: y = Q x with x_a = 0.
    Vector<S, n> x = f.exact(S(0));
    for (int c = f.differential; c < n; ++c) x[c] = 0;
    const auto solution = antler::solve(MassProblem{mass, f, 0.0, 3.0, Vector<S, n>(q * x)},
                                        Options{.rtol = rtol, .atol = rtol, .strategy = strategy});
    ASSERT_EQ(solution.status, Status::converged) << "sample " << sample;
    for (const double t : {0.0, 1.7, 3.0}) {
      const Vector<S, n> y = solution(t), e = q * f.exact(static_cast<S>(t));
      for (int c = 0; c < n; ++c)
        EXPECT_NEAR(static_cast<double>(y[c]), static_cast<double>(e[c]), 60 * rtol * (1 + std::abs(static_cast<double>(e[c]))))
            << "sample " << sample << ", " << f.differential << " differential, t = " << t;
    }
  }
}

TEST(ImplicitProblem, SolvesIndexOneInAnyForm) {
  for (const double rtol : {1e-4, 1e-7, 1e-10}) expect_known_solutions<double>(100, rtol, 1e4, antler::Strategy::automatic);
  expect_known_solutions<double>(50, 1e-8, 1e4, antler::Strategy::windows);
}

TEST(ImplicitProblem, SolvesIndexOneInSinglePrecision) {
  expect_known_solutions<float>(50, 1e-4, 10, antler::Strategy::automatic);
  expect_known_solutions<float>(20, 1e-4, 10, antler::Strategy::windows);
}

}  // namespace
