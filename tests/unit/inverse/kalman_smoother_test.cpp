// SPDX-License-Identifier: BSD-3-Clause
#include "antler/inverse/kalman_smoother.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "maps.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

template <class T, int n>
Vector<T, n> unequal_weights() {
  Vector<T, n> weights;
  for (int c = 0; c < n; ++c) weights[c] = T(1) + T(c % 3);
  return weights;
}

/// The diagonals of random matrices, made smaller or larger.
template <class T, int n>
Trajectory<T, n, Space> diagonals(const AffineMaps<T, n, Space>& maps) {
  const auto D = allocate<Trajectory<T, n, Space>>("D", maps.length());
  const auto from = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), maps.A);
  const auto to = Kokkos::create_mirror_view(D);
  for (Index i = 0; i < maps.length(); ++i)
    for (int c = 0; c < n; ++c) to(i, c) = from(i, c, c);
  Kokkos::deep_copy(D, to);
  return D;
}

template <class T, int n>
std::vector<double> to_vector(const Trajectory<T, n, Space>& y) {
  const auto mirror = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), y);
  std::vector<double> values;
  for (std::size_t i = 0; i < y.extent(0); ++i)
    for (std::size_t c = 0; c < n; ++c) values.push_back(static_cast<double>(mirror(i, c)));
  return values;
}

template <class Blocks>
inline constexpr bool is_diagonal = std::is_same_v<Blocks, DiagonalBlocks<typename Blocks::T, Blocks::n>>;

/// The smoother's solution for random maps; T = double or float, dense or diagonal by Blocks.
template <class Blocks>
std::vector<double> smoothed(const RandomMaps<typename Blocks::T, Blocks::n>& random, double lambda, Index workers,
                             const Vector<typename Blocks::T, Blocks::n>& weights, std::vector<double>* residual = nullptr,
                             Estimate estimate = Estimate::smoothed) {
  using T = typename Blocks::T;
  constexpr int n = Blocks::n;
  const Space space;
  const KalmanSmootherPlan<Blocks, Space> plan(space, random.maps.length(), workers, estimate);
  const auto d = allocate<Trajectory<T, n, Space>>("d", random.maps.length());
  const auto w = allocate<Trajectory<T, n, Space>>("w", random.maps.length());
  copy_rows<T, n>(space, random.maps.b, d);  // something, so that a row that is left out shows
  const Penalty<T, n> penalty{static_cast<T>(lambda), weights};
  Status status;
  if constexpr (!is_diagonal<Blocks>)
    status = plan.apply(space, random.maps.A, random.maps.b, penalty, d, w);
  else
    status = plan.apply(space, diagonals<T, n>(random.maps), random.maps.b, penalty, d, w);
  EXPECT_EQ(status, Status::converged);
  if (residual) *residual = to_vector<T, n>(w);
  return to_vector<T, n>(d);
}

/// min |M x - b| by Householder reflections [GolubVanLoan2013, alg. 5.2.1]; M is given row by row, with b as its last column.
std::vector<double> reflected(std::vector<std::vector<double>> rows) {
  const std::size_t columns = rows.empty() ? 0 : rows[0].size() - 1;
  for (std::size_t k = 0; k < columns; ++k) {
    double square = 0;
    for (std::size_t i = k; i < rows.size(); ++i) square += rows[i][k] * rows[i][k];
    const double norm = rows[k][k] > 0 ? -std::sqrt(square) : std::sqrt(square);
    std::vector<double> v;
    for (std::size_t i = k; i < rows.size(); ++i) v.push_back(rows[i][k] - (i == k ? norm : 0));
    const double scale = 1 / (square - norm * rows[k][k]);
    for (std::size_t j = k; j <= columns; ++j) {
      double product = 0;
      for (std::size_t i = k; i < rows.size(); ++i) product += v[i - k] * rows[i][j];
      for (std::size_t i = k; i < rows.size(); ++i) rows[i][j] -= scale * product * v[i - k];
    }
  }
  std::vector<double> x(columns);
  for (std::size_t k = columns; k-- > 0;) {
    x[k] = rows[k][columns];
    for (std::size_t j = k + 1; j < columns; ++j) x[k] -= rows[k][j] * x[j];
    x[k] /= rows[k][k];
  }
  return x;
}

/// The oracle: the stacked least-squares matrix [W L; sqrt(lambda) W], dense. The rows of larger size stand on top, without which
/// reflections lose digits.
template <class T, int n>
std::vector<double> least_squares(const RandomMaps<T, n>& random, double lambda, bool diagonal, const Vector<T, n>& weights) {
  const auto A = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), random.maps.A);
  const auto b = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), random.maps.b);
  const std::size_t length = b.extent(0), unknowns = length * n;
  const std::size_t equations = lambda > 1 ? unknowns : 0, observations = unknowns - equations;  // first row of each
  std::vector<std::vector<double>> rows(2 * unknowns, std::vector<double>(unknowns + 1));
  for (std::size_t i = 0; i < length; ++i)
    for (std::size_t r = 0; r < n; ++r) {
      const std::size_t unknown = i * n + r;
      std::vector<double>& row = rows[equations + unknown];
      const double w = static_cast<double>(weights[static_cast<int>(r)]);
      row[unknown] = w;
      row[unknowns] = w * static_cast<double>(b(i, r));
      rows[observations + unknown][unknown] = std::sqrt(lambda) * w;
      for (std::size_t c = 0; i > 0 && c < n; ++c)
        if (!diagonal || c == r) row[unknown - r - n + c] = -w * static_cast<double>(A(i, r, c));
    }
  return reflected(std::move(rows));
}

double largest(const std::vector<double>& v) {
  double size = 0;
  for (const double x : v) size = std::max(size, std::abs(x));
  return size;
}

template <class Blocks>
class KalmanSmootherOf : public testing::Test {};
using Cases = testing::Types<DenseBlocks<double, 3>, DenseBlocks<float, 2>, DiagonalBlocks<double, 3>, DiagonalBlocks<float, 1>>;
TYPED_TEST_SUITE(KalmanSmootherOf, Cases);

constexpr double lambdas[] = {1e-8, 1e-4, 1e-1, 1.0, 1e8};

/// What rounding may change, relative to the size of the solution: little where the maps contract; where they amplify the
/// covariance grows to 1 / lambda, and its rounding errors with it.
template <class T>
double rounding(double norm, double lambda) {
  return (100 + (norm < 1 ? 0 : 100 / lambda)) * std::numeric_limits<T>::epsilon();
}
/// Where all digits may be lost there is nothing to compare.
template <class T>
bool keeps_digits(double norm, double lambda) {
  return rounding<T>(norm, lambda) < 0.02;
}

TYPED_TEST(KalmanSmootherOf, MatchesADenseLeastSquaresSolution) {
  using Blocks = TypeParam;
  using T = typename Blocks::T;
  constexpr int n = Blocks::n;
  const auto weights = unequal_weights<T, n>();
  for (const double norm : {0.9, 1.3})
    for (const double lambda : lambdas)
      for (const Index length : {0, 1, 2, 7, 8, 9, 31, 32, 33}) {
        if (!keeps_digits<T>(norm, lambda)) continue;
        const auto random = random_maps<T, n>(length, norm);
        const auto oracle = least_squares<T, n>(random, static_cast<double>(static_cast<T>(lambda)), is_diagonal<Blocks>, weights);
        for (const Index workers : {1, 2, 3, 7})
          EXPECT_LE(distance(smoothed<Blocks>(random, lambda, workers, weights), oracle),
                    rounding<T>(norm, lambda) * largest(oracle))
              << length << " maps of norm " << norm << ", lambda " << lambda << ", " << workers << " workers";
      }
}

/// The least-squares problem does not know in how many chunks it is solved; 100 workers share out the chunks of chunks, too.
template <class Blocks>
void expect_like_one_worker(Index length, double norm) {
  using T = typename Blocks::T;
  const auto weights = unequal_weights<T, Blocks::n>();
  const auto random = random_maps<T, Blocks::n>(length, norm);
  for (const double lambda : lambdas) {
    if (!keeps_digits<T>(norm, lambda)) continue;
    const auto sequential = smoothed<Blocks>(random, lambda, 1, weights);
    for (const Index workers : {0, 2, 5, 100})
      EXPECT_LE(distance(smoothed<Blocks>(random, lambda, workers, weights), sequential),
                rounding<T>(norm, lambda) * largest(sequential))
          << length << " maps of norm " << norm << ", lambda " << lambda << ", " << workers << " workers";
  }
}

TYPED_TEST(KalmanSmootherOf, DoesNotDependOnTheNumberOfWorkers) {
  for (const double norm : {0.95, 1.3, 4.0}) expect_like_one_worker<TypeParam>(10'000, norm);
}

TEST(KalmanSmoother, ServesLargerStates) {
  expect_like_one_worker<DenseBlocks<double, 16>>(300, 0.9);
  expect_like_one_worker<DiagonalBlocks<double, 64>>(1000, 0.9);
}

TYPED_TEST(KalmanSmootherOf, BecomesTheScanWithoutDamping) {
  using Blocks = TypeParam;
  using T = typename Blocks::T;
  constexpr int n = Blocks::n;
  if constexpr (!is_diagonal<Blocks>) {
    auto random = random_maps<T, n>(1000);
    random.initial = {};
    const auto scan = solved(SequentialInverse{}, random);
    const std::vector<double> expected(scan.begin(), scan.end());
    for (const Index workers : {1, 3})
      EXPECT_LE(distance(smoothed<Blocks>(random, sizeof(T) == 4 ? 1e-20 : 1e-200, workers, unequal_weights<T, n>()), expected),
                100 * std::numeric_limits<T>::epsilon() * largest(expected));
  }
}

/// d_i - A_i d_{i-1} - b_i.
template <class Blocks>
std::vector<double> residual_of(const std::vector<double>& d, const AffineMaps<typename Blocks::T, Blocks::n, Space>& maps) {
  constexpr std::size_t n = Blocks::n;
  const auto A = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), maps.A);
  const auto b = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), maps.b);
  std::vector<double> w(d.size());
  for (std::size_t i = 0; i < b.extent(0); ++i)
    for (std::size_t r = 0; r < n; ++r) {
      w[i * n + r] = d[i * n + r] - static_cast<double>(b(i, r));
      for (std::size_t c = 0; i > 0 && c < n; ++c)
        if (!is_diagonal<Blocks> || c == r) w[i * n + r] -= static_cast<double>(A(i, r, c)) * d[(i - 1) * n + c];
    }
  return w;
}

TYPED_TEST(KalmanSmootherOf, KnowsTheResidualOfItsEstimate) {
  using Blocks = TypeParam;
  using T = typename Blocks::T;
  const auto random = random_maps<T, Blocks::n>(100);
  for (const Estimate estimate : {Estimate::smoothed, Estimate::filtered})
    for (const Index workers : {1, 3}) {
      std::vector<double> w;
      const auto d = smoothed<Blocks>(random, 0.1, workers, unequal_weights<T, Blocks::n>(), &w, estimate);
      EXPECT_LE(distance(w, residual_of<Blocks>(d, random.maps)), 100 * std::numeric_limits<T>::epsilon());
    }
}

/// The last state has heard of all observations either way; that of a shorter trajectory is the filtered one of the longer.
TYPED_TEST(KalmanSmootherOf, FiltersCausally) {
  using Blocks = TypeParam;
  using T = typename Blocks::T;
  constexpr int n = Blocks::n;
  const auto weights = unequal_weights<T, n>();
  const auto random = random_maps<T, n>(33);
  for (const Index workers : {1, 2, 7, 33}) {
    const auto filtered = smoothed<Blocks>(random, 0.1, workers, weights, nullptr, Estimate::filtered);
    for (const Index length : {1, 2, 16, 33}) {
      auto start = random;
      const auto rows = std::pair<Index, Index>(0, length);
      start.maps.A = Kokkos::subview(random.maps.A, rows, Kokkos::ALL, Kokkos::ALL);
      start.maps.b = Kokkos::subview(random.maps.b, rows, Kokkos::ALL);
      const auto oracle = least_squares<T, n>(start, static_cast<double>(static_cast<T>(0.1)), is_diagonal<Blocks>, weights);
      for (std::size_t c = 0; c < n; ++c) {
        const std::size_t last = static_cast<std::size_t>(length - 1) * n + c;
        EXPECT_NEAR(filtered[last], oracle[last], 100 * std::numeric_limits<T>::epsilon()) << workers << " workers";
      }
    }
  }
}

TEST(KalmanSmoother, GivesTheSameBitsEveryTime) {
  const auto random = random_maps<double, 3>(20'000);
  const auto weights = unequal_weights<double, 3>();
  for (const Index workers : {0, 2, 3}) {
    const auto once = smoothed<DenseBlocks<double, 3>>(random, 1e-3, workers, weights);
    EXPECT_EQ(once, (smoothed<DenseBlocks<double, 3>>(random, 1e-3, workers, weights))) << workers << " workers";
  }
}

TEST(KalmanSmoother, ShowsANaN) {
  auto random = random_maps<double, 3>(100);
  Kokkos::deep_copy(Kokkos::subview(random.maps.b, 50, 1), std::numeric_limits<double>::quiet_NaN());
  for (const Index workers : {1, 2, 7}) {
    const auto d = smoothed<DenseBlocks<double, 3>>(random, 0.1, workers, unequal_weights<double, 3>());
    EXPECT_TRUE(std::isnan(d[3 * 50 + 1]));
    EXPECT_TRUE(std::isnan(d[3 * 99])) << "a later row feels it";
    EXPECT_TRUE(std::isnan(d[0])) << "an earlier row as well";
  }
}

TEST(KalmanSmoother, RejectsWhatIsNoLeastSquaresProblem) {
  const auto random = random_maps<double, 2>(4);
  const KalmanSmootherPlan<DenseBlocks<double, 2>, Space> plan(Space{}, 4), shorter(Space{}, 3);
  const auto d = allocate<Trajectory<double, 2, Space>>("d", 4), w = allocate<Trajectory<double, 2, Space>>("w", 4),
             short_d = allocate<Trajectory<double, 2, Space>>("d", 3);
  const auto apply = [&](const auto& by, Penalty<double, 2> penalty, const auto& out) {
    return by.apply(Space{}, random.maps.A, random.maps.b, penalty, out, w);
  };
  EXPECT_EQ(apply(plan, {1.0}, d), Status::converged);
  EXPECT_THROW((void)apply(plan, {0.0}, d), InvalidArgument);
  EXPECT_THROW((void)apply(plan, {-1.0}, d), InvalidArgument);
  EXPECT_THROW((void)apply(plan, {std::numeric_limits<double>::quiet_NaN()}, d), InvalidArgument);
  EXPECT_THROW((void)apply(plan, {1.0, {1.0, 0.0}}, d), InvalidArgument);
  EXPECT_THROW((void)apply(plan, {1.0, {HUGE_VAL, 1.0}}, d), InvalidArgument);
  EXPECT_THROW((void)apply(plan, {1.0}, short_d), InvalidArgument);
  EXPECT_THROW((void)plan.apply(Space{}, random.maps.A, random.maps.b, {1.0}, d, short_d), InvalidArgument);
  EXPECT_THROW((void)apply(shorter, {1.0}, d), InvalidArgument);
}

}  // namespace
