// SPDX-License-Identifier: BSD-3-Clause
#include "antler/inverse/orthogonal_reduction.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <Eigen/SparseLU>

#include "antler/core/random.hpp"

using namespace antler;

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;

template <class T, int n, int m>
using System = AlmostBlockDiagonal<T, n, m, n + m, Space>;

/// Numbers of a fixed seed, between -1 and 1.
struct Numbers {
  std::uint64_t seed, count = 0;
  double operator()() { return 2 * random_uniform(seed, count++) - 1; }
};

/// Entries between -1 and 1, nothing dominates.
template <class T, int n, int m>
System<T, n, m> random_system(Index steps, std::uint64_t seed = 1) {
  Numbers number{seed};
  auto system = System<T, n, m>::allocated("system", steps);
  const auto fill = [&](auto& matrix) {
    for (int i = 0; i < matrix.rows(); ++i)
      for (int j = 0; j < matrix.columns(); ++j) matrix(i, j) = static_cast<T>(number());
  };
  for (Index i = 0; i < steps; ++i) {
    fill(system.slices(i).S);
    fill(system.slices(i).R);
    fill(system.slices(i).C);
    for (int c = 0; c < n; ++c) system.r(i, c) = static_cast<T>(number());
  }
  fill(system.Ba);
  fill(system.Bb);
  fill(system.Bp);
  for (T& value : system.right) value = static_cast<T>(number());
  return system;
}

/// All equations as one sparse matrix; the parameters are the last columns.
template <class T, int n, int m>
std::pair<Eigen::SparseMatrix<double>, Eigen::VectorXd> assembled(const System<T, n, m>& system) {
  const Index steps = system.steps(), size = n * (steps + 1) + m;
  std::vector<Eigen::Triplet<double>> entries;
  Eigen::VectorXd right(size);
  const auto block = [&](Index row, Index column, const auto& matrix, int columns) {
    for (int i = 0; i < matrix.rows(); ++i)
      for (int j = 0; j < columns; ++j) entries.emplace_back(row + i, column + j, static_cast<double>(matrix(i, j)));
  };
  for (Index i = 0; i < steps; ++i) {
    block(n * i, n * i, system.slices(i).S, n);
    block(n * i, n * (i + 1), system.slices(i).R, n);
    block(n * i, n * (steps + 1), system.slices(i).C, m);
    for (int c = 0; c < n; ++c) right(n * i + c) = static_cast<double>(system.r(i, c));
  }
  block(n * steps, 0, system.Ba, n);
  block(n * steps, n * steps, system.Bb, n);
  block(n * steps, n * (steps + 1), system.Bp, m);
  for (int c = 0; c < n + m; ++c) right(n * steps + c) = static_cast<double>(system.right[c]);
  Eigen::SparseMatrix<double> matrix(size, size);
  matrix.setFromTriplets(entries.begin(), entries.end());
  return {matrix, right};
}

/// d and e of an inverse operator, in one column.
template <class Inverse, class T, int n, int m>
std::pair<Status, Eigen::VectorXd> solved(const System<T, n, m>& system) {
  const Index steps = system.steps();
  auto plan = Inverse{}.template plan<System<T, n, m>>(Space{}, steps);
  const auto d = allocate<Trajectory<T, n, Space>>("d", steps + 1);
  typename System<T, n, m>::Parameters e{};
  const Status status = plan.apply(system, d, e);
  Eigen::VectorXd x(n * (steps + 1) + m);
  for (Index i = 0; i <= steps; ++i)
    for (int c = 0; c < n; ++c) x(n * i + c) = static_cast<double>(d(i, c));
  for (int j = 0; j < m; ++j) x(n * (steps + 1) + j) = static_cast<double>(e[j]);
  return {status, x};
}

double residual(const Eigen::SparseMatrix<double>& matrix, const Eigen::VectorXd& x, const Eigen::VectorXd& right) {
  return (matrix * x - right).cwiseAbs().maxCoeff() / std::max(1.0, x.cwiseAbs().maxCoeff());
}

template <class T, int n, int m>
void expect_the_oracles_solution(double tolerance) {
  for (const Index steps : {1, 2, 3, 4, 5, 7, 8, 9, 33, 257, 1025}) {
    const auto system = random_system<T, n, m>(steps);
    const auto [matrix, right] = assembled(system);
    const Eigen::VectorXd expected = Eigen::SparseLU<Eigen::SparseMatrix<double>>(matrix).solve(right);
    const double size = std::max(1.0, expected.cwiseAbs().maxCoeff());
    const auto [status, x] = solved<OrthogonalReduction>(system);
    EXPECT_EQ(status, Status::converged) << steps << " steps";
    EXPECT_LE((x - expected).cwiseAbs().maxCoeff(), tolerance * size) << steps << " steps";
    if constexpr (m > 0 || sizeof(T) == 4) continue;  // one oracle is enough there
    const auto [sequential_status, y] = solved<SequentialCondensation>(system);
    EXPECT_EQ(sequential_status, Status::converged) << steps << " steps";
    EXPECT_LE((y - expected).cwiseAbs().maxCoeff(), tolerance * size) << steps << " steps";
  }
}

// Condition numbers are up to 1e6 with as many conditions at each end as modes grow towards it, and 1e10 with three of a kind.
TEST(OrthogonalReduction, EqualsSparseFactorisationForLengthsUpTo1025) {
  expect_the_oracles_solution<double, 2, 0>(1e-9);
  expect_the_oracles_solution<double, 3, 2>(1e-6);
}
TEST(OrthogonalReduction, EqualsSparseFactorisationInSinglePrecision) { expect_the_oracles_solution<float, 2, 0>(2e-2); }

/// y' = diag(a, -a) y turned by a rotation, over [0, 1] in N steps, as R = 1 and S = -exp(h ...): modes e^{+a} and e^{-a}.
System<double, 2, 0> dichotomic_system(Index steps, double a) {
  Numbers number{7};
  auto system = System<double, 2, 0>::allocated("dichotomic", steps);
  const double c = std::cos(0.7), s = std::sin(0.7), h = 1.0 / static_cast<double>(steps);
  const double up = std::exp(a * h), down = std::exp(-a * h);
  for (Index i = 0; i < steps; ++i) {
    system.slices(i).R = Matrix<double, 2>::identity();
    system.slices(i).S = Matrix<double, 2>{
        {{-(c * c * up + s * s * down), -c * s * (up - down)}, {-c * s * (up - down), -(s * s * up + c * c * down)}}};
    for (int k = 0; k < 2; ++k) system.r(i, k) = h * number();
  }
  system.Ba = Matrix<double, 2>{{{1, 0.5}, {0, 0}}};
  system.Bb = Matrix<double, 2>{{{0, 0}, {0.25, 1}}};
  system.Bp = {};
  system.right = {1, 2};
  return system;
}

TEST(OrthogonalReduction, TreatsGrowingAndDecayingModesAlike) {
  for (const double a : {5.0, 50.0, 500.0})
    for (const Index steps : {1, 16, 100, 1025}) {
      if (a > 8 * static_cast<double>(steps)) continue;  // e^8 per step: beyond, the entries of S have not the digits
      const auto system = dichotomic_system(steps, a);
      const auto [matrix, right] = assembled(system);
      const Eigen::VectorXd expected = Eigen::SparseLU<Eigen::SparseMatrix<double>>(matrix).solve(right);
      for (const auto& [status, x] : {solved<OrthogonalReduction>(system), solved<SequentialCondensation>(system)}) {
        EXPECT_EQ(status, Status::converged);
        EXPECT_LE((x - expected).cwiseAbs().maxCoeff(), 1e-11 * expected.cwiseAbs().maxCoeff()) << a << ", " << steps << " steps";
      }
    }
}

TEST(OrthogonalReduction, IsNeededWhereAMarchFromOneEndIsNoise) {
  const auto system = dichotomic_system(100, 50);
  const auto [status, x] = solved<OrthogonalReduction>(system);
  // The march: d_{i+1} = r_i - S_i d_i from the right start, with R = 1.
  Vector<double, 2> d{x(0), x(1)};
  for (Index i = 0; i < 100; ++i) d = gather_row<double, 2>(system.r, i) - system.slices(i).S * d;
  EXPECT_GT(std::abs(d[1] - x(201)), 1e3);
}

TEST(OrthogonalReduction, ReportsConditionsThatRepeatOrContradictEachOther) {
  for (const Index steps : {1, 10, 1000}) {
    auto system = dichotomic_system(steps, 1);
    system.Ba = Matrix<double, 2>{{{1, 0.5}, {2, 1}}};
    system.Bb = {};
    EXPECT_EQ(solved<OrthogonalReduction>(system).first, Status::singular);
    EXPECT_EQ(solved<SequentialCondensation>(system).first, Status::singular);
    system.Ba(1, 1) = 1 + 1e-15;  // all but
    EXPECT_EQ(solved<OrthogonalReduction>(system).first, Status::singular);
  }
}

TEST(OrthogonalReduction, ReportsAStepThatDeterminesNothing) {
  auto system = random_system<double, 2, 0>(9);
  system.slices(4).S = system.slices(3).R = Matrix<double, 2>{};
  EXPECT_EQ(solved<OrthogonalReduction>(system).first, Status::singular);
  EXPECT_EQ(solved<SequentialCondensation>(system).first, Status::singular);
  auto infinite = random_system<double, 2, 0>(9);
  infinite.slices(5).R(1, 1) = HUGE_VAL;
  EXPECT_EQ(solved<OrthogonalReduction>(infinite).first, Status::singular);
}

/// Two conditions that differ by `gap`: a condition number of 1 / gap, a small residual all the same.
TEST(OrthogonalReduction, SolvesNearlySingularSystemsToASmallResidualOrReportsThem) {
  for (const double gap : {1e-3, 1e-6, 1e-9, 1e-12, 1e-15, 0.0}) {
    auto system = random_system<double, 3, 1>(65);
    for (int j = 0; j < 3; ++j) {
      system.Ba(1, j) = system.Ba(0, j) + gap * system.Ba(1, j);
      system.Bb(1, j) = system.Bb(0, j) + gap * system.Bb(1, j);
    }
    system.Bp(1, 0) = system.Bp(0, 0) + gap * system.Bp(1, 0);
    const auto [status, x] = solved<OrthogonalReduction>(system);
    const auto [matrix, right] = assembled(system);
    const bool singular = gap < 1e-14, clear = singular || gap > 1e-10;
    if (clear) {
      EXPECT_EQ(status, singular ? Status::singular : Status::converged) << gap;
    }
    if (status == Status::converged) {
      EXPECT_LE(residual(matrix, x, right), 1e-13) << gap;
    }
  }
}

/// Row interchanges multiply by two per step where S = -1 and R = 1 with a coupled condition [Wright1993]: 2^N.
TEST(SequentialCondensation, ReportsTheGrowthThatRowInterchangesLeave) {
  const double h = 0.3;
  const Index steps = 200;
  auto system = System<double, 2, 0>::allocated("growth", steps);
  // y' = [-1/6 1; 1 -1/6] y by the trapezoidal rule, y(0) + y(end) = right.
  for (Index i = 0; i < steps; ++i) {
    system.slices(i).S = Matrix<double, 2>{{{-1 + h / 12, -h / 2}, {-h / 2, -1 + h / 12}}};
    system.slices(i).R = Matrix<double, 2>{{{1 + h / 12, -h / 2}, {-h / 2, 1 + h / 12}}};
    for (int c = 0; c < 2; ++c) system.r(i, c) = 0.1 * c + 0.01 * static_cast<double>(i % 7);
  }
  system.Ba = system.Bb = Matrix<double, 2>::identity();
  system.Bp = {};
  system.right = {1, 2};
  EXPECT_EQ(solved<SequentialCondensation>(system).first, Status::unstable);
  const auto [status, x] = solved<OrthogonalReduction>(system);
  const auto [matrix, right] = assembled(system);
  EXPECT_EQ(status, Status::converged);
  EXPECT_LE(residual(matrix, x, right), 1e-13);
}

/// What is zero but for rounding must not count as digits lost: the parameter here, whose condition says e = 0.
TEST(OrthogonalReduction, IsNotMisledByAnUnknownThatIsZero) {
  auto system = random_system<double, 3, 2>(33);
  for (int j = 0; j < 3; ++j) system.Ba(4, j) = system.Bb(4, j) = 0;
  system.Bp(4, 0) = 1;
  system.Bp(4, 1) = 0;
  system.right[4] = 0;
  EXPECT_EQ(solved<OrthogonalReduction>(system).first, Status::converged);
}

TEST(OrthogonalReduction, FindsTheDirectionOfABranch) {
  const auto square = random_system<double, 2, 1>(50);
  using Open = AlmostBlockDiagonal<double, 2, 1, 2, Space>;
  Open system{square.slices, square.r, {}, {}, {}, {}};
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) {
      system.Ba(i, j) = square.Ba(i, j);
      system.Bb(i, j) = square.Bb(i, j);
    }
    system.Bp(i, 0) = square.Bp(i, 0);
  }
  auto plan = OrthogonalReduction{}.plan<Open>(Space{}, 50);
  ASSERT_EQ(plan.factor(system), Status::converged);
  const auto d = allocate<Trajectory<double, 2, Space>>("d", 51);
  Vector<double, 1> e{};
  plan.null_vector(d, e);
  Kokkos::deep_copy(system.r, 0.0);
  system.right = {0, 0};
  EXPECT_LE(plan.backward_error(system, d, e), 1e-13);
  double largest = std::abs(e[0]);
  for (Index i = 0; i <= 50; ++i) largest = std::max(largest, std::abs(d(i, 0)));
  EXPECT_GT(largest, 0.1);
}

}  // namespace
