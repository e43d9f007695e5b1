// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "antler/inverse/scan.hpp"

/// Scans of maps whose matrices have a structure: diagonal, pair blocks, the identity, zero. The oracle is the same recurrence with
/// the dense matrices, step by step.

using namespace antler;

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;

template <class T, int n>
Matrix<T, n> dense(const Diagonal<T, n>& a) {
  Matrix<T, n> out{};
  for (int c = 0; c < n; ++c) out(c, c) = a.values[c];
  return out;
}
template <class T, int n>
Matrix<T, n> dense(const PairBlocks<T, n>& a) {
  Matrix<T, n> out{};
  for (int c = 0; c < n / 2; ++c)
    for (int r = 0; r < 2; ++r)
      for (int k = 0; k < 2; ++k) out(c + r * n / 2, c + k * n / 2) = a.blocks[c](r, k);
  return out;
}
template <class T, int n>
Matrix<T, n> dense(const UnitMatrix<T, n>&) {
  return Matrix<T, n>::identity();
}
template <class T, int n>
Matrix<T, n> dense(const ZeroMatrix<T, n>&) {
  return Matrix<T, n>{};
}

template <class T, int n, class Random>
void fill(Diagonal<T, n>& a, Random& entry) {
  for (T& x : a.values) x = static_cast<T>(entry());
}
template <class T, int n, class Random>
void fill(PairBlocks<T, n>& a, Random& entry) {
  for (auto& block : a.blocks)
    for (int k = 0; k < 4; ++k) block(k / 2, k % 2) = static_cast<T>(entry());
}
template <class A, class Random>
void fill(A&, Random&) {}

template <class Maps>
void expect_like_dense_recurrence(Index length, Index workers) {
  using T = typename Maps::Scalar;
  constexpr int n = Maps::size;
  const Maps maps = Maps::allocated("maps", length);
  std::minstd_rand generator(static_cast<unsigned>(length) + 1);
  std::uniform_real_distribution<double> uniform(-0.7, 0.7);  // contractions on average: rounding errors do not pile up
  const auto entry = [&] { return uniform(generator); };
  Vector<T, n> state = Vector<T, n>::filled(T(0.5));
  const Vector<T, n> initial = state;
  std::vector<Vector<T, n>> expected;
  double largest = 1;
  for (Index i = 0; i < length; ++i) {
    typename Maps::template Linear<T> a;
    Vector<T, n> b;
    fill(a, entry);
    for (T& x : b) x = static_cast<T>(entry());
    maps.set_linear(a, i);
    scatter_row(b, maps.b, i);
    state = dense(a) * state + b;
    expected.push_back(state);
    for (const T x : state) largest = std::max(largest, std::abs(static_cast<double>(x)));
  }
  const auto plan = ScanInverse{.workers = workers}.template plan_for<Maps>(Space{});
  const auto y = allocate<Trajectory<T, n, Space>>("y", length);
  const auto check = [&](const char* who) {
    for (Index i = 0; i < length; ++i)
      for (int c = 0; c < n; ++c)
        ASSERT_NEAR(y(i, c), expected[static_cast<std::size_t>(i)][c], 100 * std::numeric_limits<T>::epsilon() * largest)
            << who << ", " << length << " maps, " << workers << " workers, row " << i;
  };
  if constexpr (requires { plan.apply(Space{}, maps, initial, y); }) {
    ASSERT_EQ(plan.apply(Space{}, maps, initial, y), Status::converged);
    check("scan");
  }
  Kokkos::deep_copy(y, T(-777));
  ASSERT_EQ(SequentialInverse{}.apply(Space{}, maps, initial, y), Status::converged);
  check("sweep");
}

template <class Maps>
void expect_like_dense_recurrence_at_all_lengths() {
  for (const Index workers : {1, 2, 5})
    for (const Index length : {0, 1, 2, 3, 15, 16, 17, 255, 256, 257, 1025}) expect_like_dense_recurrence<Maps>(length, workers);
}

TEST(StructuredScan, SolvesDiagonalMaps) {
  expect_like_dense_recurrence_at_all_lengths<DiagonalMaps<double, 1, Space>>();
  expect_like_dense_recurrence_at_all_lengths<DiagonalMaps<double, 3, Space>>();
  expect_like_dense_recurrence_at_all_lengths<DiagonalMaps<float, 17, Space>>();
}

TEST(StructuredScan, SolvesDiagonalMapsAcrossTiles) {
  constexpr Index chunk = 512 * 1024 / (3 * sizeof(double));
  for (const Index length : {2 * chunk + 1, 7 * chunk + 3}) expect_like_dense_recurrence<DiagonalMaps<double, 1, Space>>(length, 3);
}

TEST(StructuredScan, SolvesPairBlocks) {
  expect_like_dense_recurrence_at_all_lengths<PairBlockMaps<double, 2, Space>>();
  expect_like_dense_recurrence_at_all_lengths<PairBlockMaps<float, 6, Space>>();
}

TEST(StructuredScan, SumsAndCopies) {
  expect_like_dense_recurrence_at_all_lengths<SummationMaps<double, 2, Space>>();
  expect_like_dense_recurrence_at_all_lengths<ZeroMaps<double, 2, Space>>();
  const auto maps = ZeroMaps<float, 2, Space>::allocated("maps", 9);
  Kokkos::deep_copy(maps.b, 3.0f);
  const auto y = allocate<Trajectory<float, 2, Space>>("y", 9);
  ASSERT_EQ((ScanInverse{}.plan_for<ZeroMaps<float, 2, Space>>(Space{}).apply(Space{}, maps, y)), Status::converged);
  EXPECT_EQ(y(8, 1), 3.0f);
}

TEST(StructuredScan, DoesNotDrownInDenormalNumbers) {
  const auto maps = DiagonalMaps<double, 1, Space>::allocated("maps", 4000);
  Kokkos::deep_copy(maps.a, 0.5);
  Kokkos::deep_copy(maps.b, 0.0);
  EXPECT_EQ(detail::composition(maps, 0, 4000).A.values[0], 0.0);
}

TEST(StructuredScan, RejectsATrajectoryOfAnotherLength) {
  const auto maps = DiagonalMaps<double, 1, Space>::allocated("maps", 4);
  const auto y = allocate<Trajectory<double, 1, Space>>("y", 3);
  EXPECT_THROW((void)SequentialInverse{}.apply(Space{}, maps, y), InvalidArgument);
  EXPECT_THROW((void)(ScanInverse{.workers = 2}.plan_for<DiagonalMaps<double, 1, Space>>(Space{}).apply(Space{}, maps, y)),
               InvalidArgument);
}

}  // namespace
