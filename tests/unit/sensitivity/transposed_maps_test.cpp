// SPDX-License-Identifier: BSD-3-Clause
#include "antler/sensitivity/transposed_maps.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "../inverse/maps.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

/// lambda_{-1} .. lambda_{N-1} as a plain loop over host copies, in long double.
template <class T, int n>
std::vector<T> plain_sweep(const RandomMaps<T, n>& random) {
  const auto A = Kokkos::create_mirror_view(random.maps.A);
  const auto c = Kokkos::create_mirror_view(random.maps.b);
  Kokkos::deep_copy(A, random.maps.A);
  Kokkos::deep_copy(c, random.maps.b);
  const Index length = random.maps.length();
  std::vector<T> values(static_cast<std::size_t>((length + 1) * n));
  Vector<long double, n> carried{};
  for (Index i = length - 1; i >= -1; --i) {
    Vector<long double, n> lambda = carried;
    if (i >= 0)
      for (int r = 0; r < n; ++r) lambda[r] += static_cast<long double>(c(i, r));
    for (int r = 0; r < n; ++r) values[static_cast<std::size_t>((i + 1) * n + r)] = static_cast<T>(lambda[r]);
    carried = {};
    if (i >= 0)
      for (int r = 0; r < n; ++r)
        for (int q = 0; q < n; ++q) carried[q] += static_cast<long double>(A(i, r, q)) * lambda[r];
  }
  return values;
}

template <class T, int n, class Inverse>
std::vector<T> transposed(const Inverse& inverse, const RandomMaps<T, n>& random) {
  const auto lambda = allocate<Trajectory<T, n, Space>>("lambda", random.maps.length());
  Vector<T, n> initial = Vector<T, n>::filled(T(-777));
  if (TransposedInverse<Inverse>{inverse}.apply(Space{}, random.maps, random.maps.b, lambda, initial) != Status::converged)
    return {};
  const auto mirror = Kokkos::create_mirror_view(lambda);
  Kokkos::deep_copy(mirror, lambda);
  std::vector<T> values(initial.begin(), initial.end());
  for (Index i = 0; i < random.maps.length(); ++i)
    for (int c = 0; c < n; ++c) values.push_back(mirror(i, c));
  return values;
}

/// The maps are contractions on average, so that rounding errors do not pile up.
template <class T, int n>
void expect_like_the_loop(Index length) {
  constexpr double rounding = 200 * n * std::numeric_limits<T>::epsilon();
  const auto random = random_maps<T, n>(length);
  const auto expected = plain_sweep(random);
  EXPECT_LE(distance(transposed(SequentialInverse{}, random), expected), rounding) << length << " maps in a sweep";
  for (const Index workers : {0, 1, 2, 3, 5, 7})
    EXPECT_LE(distance(transposed(ScanInverse{.workers = workers}, random), expected), rounding)
        << length << " maps, " << workers << " workers, n = " << n;
}

template <class Scalar, int components>
struct Case {
  using T = Scalar;
  static constexpr int n = components;
};
template <class C>
class TransposedInverseOf : public testing::Test {};
using Cases = testing::Types<Case<float, 1>, Case<double, 2>, Case<float, 5>, Case<double, 16>>;
TYPED_TEST_SUITE(TransposedInverseOf, Cases);

TYPED_TEST(TransposedInverseOf, MatchesAPlainLoopBackwards) {
  for (const Index length : {0, 1, 2, 3, 4, 7, 8, 9, 63, 64, 65, 1023, 1024, 1025})
    expect_like_the_loop<typename TypeParam::T, TypeParam::n>(length);
}

TEST(TransposedInverse, MatchesAPlainLoopForAHundredThousandMaps) {
  expect_like_the_loop<float, 1>(100'000);
  expect_like_the_loop<double, 2>(100'000);
}

/// <lambda, b> = <c, y> for y = L^{-1} b and lambda = L^{-T} c: what makes it the transposed inverse.
TEST(TransposedInverse, IsTheTransposeOfTheInverse) {
  const auto forward = random_maps<double, 3>(777, 0.9, 1), backward = random_maps<double, 3>(777, 0.9, 9);
  const auto y = solved(SequentialInverse{}, RandomMaps<double, 3>{forward.maps, Vector<double, 3>{}});
  const auto lambda = transposed(ScanInverse{.workers = 3}, RandomMaps<double, 3>{{forward.maps.A, backward.maps.b}, {}});
  const auto b = Kokkos::create_mirror_view(forward.maps.b), c = Kokkos::create_mirror_view(backward.maps.b);
  Kokkos::deep_copy(b, forward.maps.b);
  Kokkos::deep_copy(c, backward.maps.b);
  double left = 0, right = 0, size = 0;
  for (std::size_t i = 0; i < 777; ++i)
    for (std::size_t q = 0; q < 3; ++q) {
      left += lambda[3 * (i + 1) + q] * b(i, q);
      right += c(i, q) * y[3 * i + q];
      size += std::abs(c(i, q) * y[3 * i + q]);
    }
  EXPECT_NEAR(left, right, 1e-14 * size);
}

TEST(TransposedInverse, MayOverwriteItsRightHandSide) {
  const auto random = random_maps<double, 2>(100);
  const auto expected = plain_sweep(random);
  Vector<double, 2> initial;
  ASSERT_EQ(TransposedInverse<>{}.apply(Space{}, random.maps, random.maps.b, random.maps.b, initial), Status::converged);
  EXPECT_NEAR(initial[1], expected[1], 1e-13);
  EXPECT_NEAR(Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, random.maps.b)(99, 1), expected.back(), 1e-13);
}

/// y_i = A_1 y_{i-1} + A_2 y_{i-2} + b_i against the transpose of the dense matrix of the recursion.
template <class Inverse>
void expect_lagged(const Inverse& inverse, Index length) {
  constexpr int n = 2, lags = 2;
  const auto first = random_maps<double, n>(length, 0.5, 3), second = random_maps<double, n>(length, 0.4, 5);
  const TransposedSystem<double, n, lags, Inverse, Space> system(Space{}, inverse, length);
  const auto maps = system.maps();
  const auto c = first.maps.b;
  parallel_for(
      "fill", Space{}, length + lags, 1, KOKKOS_LAMBDA(const Index k) {
        const Index i = length - 1 - k;
        scatter_row(i < 0 ? Vector<double, n>{} : gather_row<double, n>(c, i), maps.backward.b, k);
        if (i < 0) return;
        maps.set_matrix(0, i, gather_matrix<double, n>(first.maps.A, i));
        maps.set_matrix(1, i, gather_matrix<double, n>(second.maps.A, i));
      });
  ASSERT_EQ(system.solve(Space{}), Status::converged);
  const auto lambda = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, system.lambda());
  const auto A1 = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, first.maps.A);
  const auto A2 = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, second.maps.A);
  const auto right = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, c);
  for (Index i = length - 1; i >= -lags; --i)
    for (int r = 0; r < n; ++r) {
      double expected = i >= 0 ? right(i, r) : 0;
      for (int q = 0; q < n; ++q) {
        if (i + 1 >= 0 && i + 1 < length) expected += A1(i + 1, q, r) * lambda(maps.row(i + 1), q);
        if (i + 2 >= 0 && i + 2 < length) expected += A2(i + 2, q, r) * lambda(maps.row(i + 2), q);
      }
      EXPECT_NEAR(lambda(maps.row(i), r), expected, 1e-13) << "row " << i << " of " << length;
    }
}

TEST(TransposedSystem, ServesSeveralLags) {
  for (const Index length : {0, 1, 2, 3, 16, 33}) {
    expect_lagged(SequentialInverse{}, length);
    expect_lagged(ScanInverse{.workers = 3}, length);
  }
}

TEST(TransposedInverse, RejectsOtherExtents) {
  const auto random = random_maps<double, 2>(4);
  const auto short_one = allocate<Trajectory<double, 2, Space>>("lambda", 3);
  Vector<double, 2> initial;
  EXPECT_THROW((void)TransposedInverse<>{}.apply(Space{}, random.maps, random.maps.b, short_one, initial), InvalidArgument);
  EXPECT_THROW((void)TransposedInverse<>{}.apply(Space{}, random.maps, short_one, random.maps.b, initial), InvalidArgument);
}

}  // namespace
