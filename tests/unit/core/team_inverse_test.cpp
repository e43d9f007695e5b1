// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/team_inverse.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "antler/core/finite.hpp"

using namespace antler;

namespace {

/// The threads of a team one after the other between two barriers, in the order of `ranks`: what one of them reads must not depend
/// on who was there before.
template <class E, int n>
Matrix<E, n> inverse_by(const std::vector<int>& ranks, const Matrix<E, n>& a) {
  const int size = static_cast<int>(ranks.size());
  TeamInverse<E, n> team;
  std::memset(static_cast<void*>(&team), 0xff, sizeof team);  // scratch memory is what it was
  for (const int rank : ranks) team.begin(rank, size);
  team.a = a;
  for (int k = 0; k < n; ++k) {
    for (const int rank : ranks) {
      if (k > 0) team.finish(k - 1, rank, size);
      if (rank == size / 2) team.choose_pivot(k);
    }
    for (const int rank : ranks) team.eliminate(k, rank, size);
  }
  for (const int rank : ranks) team.finish(n - 1, rank, size);
  Matrix<E, n> inverse;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) inverse(i, j) = team.entry(i, j);
  return inverse;
}

std::vector<int> ranks(int size) {
  std::vector<int> all(static_cast<std::size_t>(size));
  std::iota(all.begin(), all.end(), 0);
  return all;
}
std::vector<int> backwards(std::vector<int> all) {
  std::reverse(all.begin(), all.end());
  return all;
}

/// Uniform entries, of which the first diagonal one is zero: the first pivot lies elsewhere.
template <class T, int n>
Matrix<T, n> random_matrix(unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  Matrix<T, n> a;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) a(i, j) = static_cast<T>(uniform(generator));
  a(0, 0) = 0;
  return a;
}

template <class T, int n>
double largest(const Matrix<T, n>& a) {
  double size = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) size = std::max(size, std::abs(static_cast<double>(a(i, j))));
  return size;
}

template <class T>
class TeamInverseOf : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(TeamInverseOf, Scalars);

/// |A X - 1| <= growth n^2 epsilon |A| |X|, the bound of Gauss-Jordan with partial pivoting but for the growth of pivots.
constexpr double growth = 8;

template <class T, int n>
void expect_inverse(const Matrix<T, n>& a, const Matrix<T, n>& x) {
  const double bound = growth * n * n * std::numeric_limits<T>::epsilon() * largest(a) * largest(x);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      double sum = i == j ? -1 : 0;
      for (int l = 0; l < n; ++l) sum += static_cast<double>(a(i, l)) * static_cast<double>(x(l, j));
      EXPECT_LE(std::abs(sum), bound) << n << ": " << i << ", " << j;
    }
}

template <class T, int n>
void expect_inverse() {
  for (unsigned seed = 1; seed < 6; ++seed) {
    const Matrix<T, n> a = random_matrix<T, n>(seed);
    expect_inverse<T, n>(a, inverse_by(ranks(1), a));
  }
}

TYPED_TEST(TeamInverseOf, TimesTheMatrixIsOne) {
  expect_inverse<TypeParam, 2>();
  expect_inverse<TypeParam, 5>();
  expect_inverse<TypeParam, 20>();
}

TYPED_TEST(TeamInverseOf, ComplexMatricesTimesTheirInversesAreOne) {
  using T = TypeParam;
  constexpr int n = 7;
  const Matrix<T, n> re = random_matrix<T, n>(3), im = random_matrix<T, n>(4);
  Matrix<Complex<T>, n> a;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) a(i, j) = {re(i, j), im(i, j)};
  const Matrix<Complex<T>, n> x = inverse_by(ranks(3), a);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      Complex<T> sum{T(i == j ? -1 : 0), T(0)};
      for (int l = 0; l < n; ++l) sum += a(i, l) * x(l, j);
      EXPECT_LE(abs(sum.re) + abs(sum.im), growth * n * n * std::numeric_limits<T>::epsilon()) << i << ", " << j;
    }
}

TYPED_TEST(TeamInverseOf, HasTheSameBitsForAnyTeam) {
  constexpr int n = 8;
  const Matrix<TypeParam, n> a = random_matrix<TypeParam, n>(7), alone = inverse_by(ranks(1), a);
  for (const int size : {2, 3, 32, 128}) {
    EXPECT_TRUE(alone == inverse_by(ranks(size), a)) << size;
    EXPECT_TRUE(alone == inverse_by(backwards(ranks(size)), a)) << size << " backwards";
  }
}

TYPED_TEST(TeamInverseOf, InvertsAPermutationExactly) {
  constexpr int n = 5;
  Matrix<TypeParam, n> a{}, transposed{};
  for (int i = 0; i < n; ++i) a(i, (i + 2) % n) = transposed((i + 2) % n, i) = 1;
  EXPECT_TRUE(inverse_by(ranks(2), a) == transposed);
}

TYPED_TEST(TeamInverseOf, IsNotFiniteForASingularMatrixAndForNaN) {
  constexpr int n = 3;
  Matrix<TypeParam, n> singular = random_matrix<TypeParam, n>(2);
  for (int j = 0; j < n; ++j) singular(2, j) = 0;
  const Matrix<TypeParam, n> x = inverse_by(ranks(2), singular);
  bool finite = true;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) finite = finite && is_finite(x(i, j));
  EXPECT_FALSE(finite);

  for (int place = 0; place < n * n; ++place) {
    Matrix<TypeParam, n> a = random_matrix<TypeParam, n>(2);
    a(place / n, place % n) = std::numeric_limits<TypeParam>::quiet_NaN();
    const Matrix<TypeParam, n> y = inverse_by(ranks(2), a);
    bool all = true;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) all = all && is_finite(y(i, j));
    EXPECT_FALSE(all) << place;
  }
}

}  // namespace
