// SPDX-License-Identifier: BSD-3-Clause
#include "antler/inverse/sequential.hpp"

#include <gtest/gtest.h>

#include <Eigen/SparseLU>
#include <limits>

#include "maps.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

TEST(AffineMap, ComposesInTheOrderOfTime) {
  const AffineMap<double, 2> earlier{{{{0, 1}, {0, 0}}}, {1, 2}}, later{{{{0, 0}, {1, 0}}}, {10, 20}};
  const Vector<double, 2> y{3, 5};
  EXPECT_EQ(compose(earlier, later)(y), later(earlier(y)));
  EXPECT_NE(compose(later, earlier)(y), later(earlier(y)));
  EXPECT_EQ((compose(AffineMap<double, 2>::identity(), earlier)(y)), earlier(y));
  EXPECT_EQ((compose(earlier, AffineMap<double, 2>::identity())(y)), earlier(y));
}

TEST(AffineMap, ComposesAssociatively) {
  const AffineMap<double, 2> a{{{{1, 2}, {3, 4}}}, {1, -1}}, b{{{{0, 1}, {-2, 1}}}, {2, 0}}, c{{{{5, 0}, {1, 1}}}, {0, 3}};
  const auto left = compose(compose(a, b), c), right = compose(a, compose(b, c));
  EXPECT_EQ(left.A, right.A);  // small integers: no rounding
  EXPECT_EQ(left.b, right.b);
}

/// The oracle: the same equations as one block bidiagonal system, by Eigen's sparse LU.
template <int n>
std::vector<double> by_sparse_factorisation(const RandomMaps<double, n>& random) {
  const Index length = random.maps.length();
  const auto A = Kokkos::create_mirror_view(random.maps.A);
  const auto b = Kokkos::create_mirror_view(random.maps.b);
  Kokkos::deep_copy(A, random.maps.A);
  Kokkos::deep_copy(b, random.maps.b);
  std::vector<Eigen::Triplet<double>> entries;
  Eigen::VectorXd right(length * n);
  for (Index i = 0; i < length; ++i)
    for (int r = 0; r < n; ++r) {
      entries.emplace_back(i * n + r, i * n + r, 1.0);
      right(i * n + r) = b(i, r);
      for (int c = 0; c < n; ++c) {
        if (i > 0) entries.emplace_back(i * n + r, (i - 1) * n + c, -A(i, r, c));
        if (i == 0) right(r) += A(0, r, c) * random.initial[c];
      }
    }
  Eigen::SparseMatrix<double> matrix(length * n, length * n);
  matrix.setFromTriplets(entries.begin(), entries.end());
  const Eigen::SparseLU<Eigen::SparseMatrix<double>> factors(matrix);
  const Eigen::VectorXd y = factors.solve(right);
  return {y.begin(), y.end()};
}

TEST(SequentialInverse, SolvesTheBlockBidiagonalSystem) {
  EXPECT_LE(distance(solved(SequentialInverse{}, random_maps<double, 1>(50)), by_sparse_factorisation(random_maps<double, 1>(50))),
            1e-13);
  EXPECT_LE(distance(solved(SequentialInverse{}, random_maps<double, 3>(50)), by_sparse_factorisation(random_maps<double, 3>(50))),
            1e-12);
}

TEST(SequentialInverse, SumsAGeometricSeries) {
  RandomMaps<double, 1> series = random_maps<double, 1>(40);
  series.initial = Vector<double, 1>{0.0};
  Kokkos::deep_copy(series.maps.A, 0.5);
  Kokkos::deep_copy(series.maps.b, 1.0);
  const auto y = solved(SequentialInverse{}, series);
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(y[i], 2 - std::ldexp(1.0, -static_cast<int>(i)));  // no rounding in binary
}

TEST(SequentialInverse, StartsFromZeroUnlessToldOtherwise) {
  const auto random = random_maps<double, 2>(10);
  const auto from_zero = allocate<Trajectory<double, 2, Space>>("y", 10);
  EXPECT_EQ(SequentialInverse{}.apply(Space{}, random.maps, from_zero), Status::converged);
  const RandomMaps<double, 2> homogeneous{random.maps, Vector<double, 2>{0.0, 0.0}};
  const auto expected = solved(SequentialInverse{}, homogeneous);
  const auto mirror = Kokkos::create_mirror_view(from_zero);
  Kokkos::deep_copy(mirror, from_zero);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(mirror(i, 1), expected[static_cast<std::size_t>(2 * i + 1)]);
}

TEST(SequentialInverse, SolvesNothingForNoMaps) { EXPECT_TRUE(solved(SequentialInverse{}, random_maps<double, 3>(0)).empty()); }

TEST(SequentialInverse, WorksInPlace) {
  auto random = random_maps<double, 2>(20);
  const auto expected = solved(SequentialInverse{}, random);
  EXPECT_EQ(SequentialInverse{}.apply(Space{}, random.maps, random.initial, random.maps.b), Status::converged);
  const auto mirror = Kokkos::create_mirror_view(random.maps.b);
  Kokkos::deep_copy(mirror, random.maps.b);
  EXPECT_EQ(mirror(19, 1), expected.back());
}

TEST(SequentialInverse, RejectsATrajectoryOfAnotherLength) {
  const auto random = random_maps<double, 2>(4);
  const auto y = allocate<Trajectory<double, 2, Space>>("y", 5);
  const auto here = antler::SourceLocation::current();
  try {
    (void)SequentialInverse{}.apply(Space{}, random.maps, random.initial, y);
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_EQ(error.where().line(), here.line() + 2);
    EXPECT_NE(std::string(error.what()).find("allocate y with maps.length() rows"), std::string::npos);
  }
}

}  // namespace
