// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <Eigen/SparseLU>
#include <cmath>
#include <vector>

#include "antler/core/random.hpp"
#include "antler/inverse/block_thomas.hpp"

using namespace antler;

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;
template <class T, int n>
using System = BlockTridiagonal<T, n, Space>;
template <class T, int n>
using States = Trajectory<T, n, Space>;

constexpr Index lengths[] = {1,  2,  3,  4,   5,   7,   8,   9,   15,  16,  17,  31,  32,  33,   63,   64,
                             65, 77, 90, 127, 128, 129, 200, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025};

/// Random blocks in (-1, 1); `dominance` is added to the diagonal.
template <class T, int n>
System<T, n> random_system(Index length, double dominance, Ends ends = Ends::open) {
  const auto system = System<T, n>::allocated("system", length, ends);
  std::uint64_t counter = 0;
  const auto uniform = [&] { return static_cast<T>(2 * random_uniform(3, counter++) - 1); };
  for (Index i = 0; i < length; ++i)
    for (int r = 0; r < n; ++r) {
      for (int c = 0; c < n; ++c) {
        system.L(i, r, c) = uniform();
        system.D(i, r, c) = uniform() + (r == c ? static_cast<T>(dominance) : T(0));
        system.U(i, r, c) = uniform();
      }
      system.r(i, r) = uniform();
    }
  if (ends == Ends::open)
    for (int r = 0; r < n; ++r)
      for (int c = 0; c < n; ++c) system.L(0, r, c) = system.U(length - 1, r, c) = std::numeric_limits<T>::quiet_NaN();
  return system;
}

/// Calls entry(row, column, value) for the whole matrix; entries of one place are to be added up.
template <class T, int n, class Entry>
void for_each_entry(const System<T, n>& system, const Entry& entry) {
  const Index length = system.length();
  for (Index i = 0; i < length; ++i)
    for (int r = 0; r < n; ++r)
      for (int c = 0; c < n; ++c) {
        if (i > 0 || system.periodic()) entry(i * n + r, (i + length - 1) % length * n + c, static_cast<double>(system.L(i, r, c)));
        entry(i * n + r, i * n + c, static_cast<double>(system.D(i, r, c)));
        if (i + 1 < length || system.periodic()) entry(i * n + r, (i + 1) % length * n + c, static_cast<double>(system.U(i, r, c)));
      }
}

template <class T, int n>
Eigen::VectorXd sparse_solution(const System<T, n>& system) {
  const Index unknowns = system.length() * n;
  std::vector<Eigen::Triplet<double>> entries;
  for_each_entry(system,
                 [&](Index r, Index c, double value) { entries.emplace_back(static_cast<int>(r), static_cast<int>(c), value); });
  Eigen::SparseMatrix<double> matrix(unknowns, unknowns);
  matrix.setFromTriplets(entries.begin(), entries.end());
  Eigen::VectorXd right(unknowns);
  for (Index i = 0; i < unknowns; ++i) right[i] = static_cast<double>(system.r(i / n, static_cast<int>(i % n)));
  Eigen::SparseLU<Eigen::SparseMatrix<double>> lu(matrix);
  return lu.solve(right);
}

/// max_i |r - A x|_i / (|A| |x| + |r|)_i in double precision.
template <class T, int n>
double backward_error(const System<T, n>& system, const States<T, n>& x) {
  const auto unknowns = static_cast<std::size_t>(system.length() * n);
  std::vector<double> residual(unknowns), size(unknowns);
  for (std::size_t i = 0; i < unknowns; ++i) {
    residual[i] = static_cast<double>(system.r(static_cast<Index>(i) / n, static_cast<int>(i % n)));
    size[i] = std::abs(residual[i]);
  }
  for_each_entry(system, [&](Index r, Index c, double value) {
    const double product = value * static_cast<double>(x(c / n, static_cast<int>(c % n)));
    residual[static_cast<std::size_t>(r)] -= product;
    size[static_cast<std::size_t>(r)] += std::abs(product);
  });
  double largest = 0;
  for (std::size_t i = 0; i < unknowns; ++i) {
    if (!std::isfinite(residual[i])) return HUGE_VAL;
    largest = std::max(largest, residual[i] == 0 ? 0 : std::abs(residual[i]) / size[i]);
  }
  return largest;
}

template <class Method, class T, int n>
std::pair<Status, States<T, n>> solved(const System<T, n>& system) {
  const Space space;
  const States<T, n> x("x", static_cast<std::size_t>(system.length()));
  const auto plan = Method{}.template plan<T, n>(space, system.length(), system.ends);
  return {plan.apply(space, system, x), x};
}

/// Both methods against Eigen's sparse LU, which exchanges rows anywhere.
template <class T, int n>
void expect_equal_solutions(Index length, Ends ends) {
  const auto system = random_system<T, n>(length, 3.0 * n, ends);
  const Eigen::VectorXd known = sparse_solution(system);
  const auto [thomas_status, thomas] = solved<BlockThomas>(system);
  const auto [status, x] = solved<BlockCyclicReduction>(system);
  ASSERT_EQ(thomas_status, Status::converged) << length;
  ASSERT_EQ(status, Status::converged) << length;
  const double tolerance = 30 * n * std::numeric_limits<T>::epsilon();  // rows add up 3 n products; the matrix is well conditioned
  for (Index i = 0; i < length; ++i)
    for (int c = 0; c < n; ++c) {
      ASSERT_NEAR(static_cast<double>(thomas(i, c)), known[i * n + c], tolerance) << length << " rows, row " << i;
      ASSERT_NEAR(static_cast<double>(x(i, c)), known[i * n + c], tolerance) << length << " rows, row " << i;
    }
}

TEST(BlockCyclicReduction, MatchesThomasAndSparseLU) {
  for (const Index length : lengths) expect_equal_solutions<double, 4>(length, Ends::open);
  for (const Index length : {1, 2, 3, 8, 9, 64, 90, 257}) expect_equal_solutions<double, 4>(length, Ends::periodic);
}

TEST(BlockCyclicReduction, MatchesThomasAndSparseLUInSinglePrecision) {
  for (const Index length : {1, 2, 3, 15, 16, 17, 90, 512, 513}) expect_equal_solutions<float, 4>(length, Ends::open);
  for (const Index length : {1, 2, 3, 33, 257}) expect_equal_solutions<float, 4>(length, Ends::periodic);
}

TEST(BlockCyclicReduction, SolvesLargeBlocks) {
  for (const Index length : {1, 2, 16, 17, 40, 65}) expect_equal_solutions<double, 12>(length, Ends::open);
}

TEST(BlockCyclicReduction, HasNothingToDoForNoRows) {
  EXPECT_EQ((solved<BlockThomas>(System<double, 4>::allocated("empty", 0)).first), Status::converged);
  EXPECT_EQ((solved<BlockCyclicReduction>(System<double, 4>::allocated("empty", 0)).first), Status::converged);
}

/// No dominance at all: whatever is called converged is a solution.
template <class T>
void expect_solutions_or_reports() {
  int reported = 0, all = 0;
  for (const double dominance : {0.0, 0.5, 1.0, 2.0})
    for (const Index length : lengths) {
      const auto system = random_system<T, 4>(length, dominance);
      for (const auto& [status, x] : {solved<BlockThomas>(system), solved<BlockCyclicReduction>(system)}) {
        ++all;
        if (status == Status::converged)
          EXPECT_LT(backward_error(system, x), (sizeof(T) == 4 ? 4e-4 : 2e-8)) << length << " rows, dominance " << dominance;
        else
          ++reported;
      }
    }
  EXPECT_LT(reported, all / 4);
}

TEST(BlockCyclicReduction, SolvesOrReportsSystemsWithoutDominance) {
  expect_solutions_or_reports<double>();
  expect_solutions_or_reports<float>();
}

/// D_i such that A v = `defect` for a random v of entries near one: the smallest singular value is about that.
template <class T>
System<T, 4> nearly_singular_system(Index length, double defect, Ends ends) {
  constexpr int n = 4;
  const auto system = random_system<T, n>(length, 12, ends);
  const auto v = [](Index i) { return 1 + 0.5 * random_uniform(9, static_cast<std::uint64_t>(i)); };
  std::vector<double> product(static_cast<std::size_t>(length * n));
  for_each_entry(system, [&](Index r, Index c, double value) { product[static_cast<std::size_t>(r)] += value * v(c); });
  for (Index i = 0; i < length; ++i)
    for (int r = 0; r < n; ++r)
      system.D(i, r, r) += static_cast<T>((defect - product[static_cast<std::size_t>(i * n + r)]) / v(i * n + r));
  return system;
}

TEST(BlockCyclicReduction, ReportsNearlySingularSystems) {
  for (const Ends ends : {Ends::open, Ends::periodic})
    for (const Index length : lengths) {
      const auto system = nearly_singular_system<double>(length, 1e-15, ends);
      EXPECT_NE(solved<BlockThomas>(system).first, Status::converged) << length;
      EXPECT_NE(solved<BlockCyclicReduction>(system).first, Status::converged) << length;
      const auto in_single = nearly_singular_system<float>(length, 1e-7, ends);
      EXPECT_NE(solved<BlockThomas>(in_single).first, Status::converged) << length;
      EXPECT_NE(solved<BlockCyclicReduction>(in_single).first, Status::converged) << length;
    }
}

TEST(BlockCyclicReduction, ReportsANeumannProblemWithoutASolution) {
  for (const Index length : {2, 3, 64, 1000, 1025}) {
    const auto system = System<double, 4>::allocated("neumann", length);  // four uncoupled ones
    for (Index i = 0; i < length; ++i)
      for (int r = 0; r < 4; ++r) {
        for (int c = 0; c < 4; ++c) {
          system.L(i, r, c) = r != c ? 0 : i + 1 == length ? -2 : -1;
          system.U(i, r, c) = r != c ? 0 : i == 0 ? -2 : -1;
          system.D(i, r, c) = r != c ? 0 : 2;
        }
        system.r(i, r) = 1;
      }
    EXPECT_EQ(solved<BlockThomas>(system).first, Status::singular) << length;
    EXPECT_EQ(solved<BlockCyclicReduction>(system).first, Status::singular) << length;
  }
}

TEST(BlockCyclicReduction, ReportsABlockWithoutInverseOnTheWay) {
  const auto system = random_system<double, 4>(2, 0);  // 0 U; L 0: solvable, but not without exchange of block rows
  Kokkos::deep_copy(system.D, 0.0);
  EXPECT_EQ(solved<BlockThomas>(system).first, Status::unstable);
  EXPECT_EQ(solved<BlockCyclicReduction>(system).first, Status::unstable);
}

TEST(BlockCyclicReduction, RefinesWhatTheEliminationLost) {
  const auto system = random_system<double, 4>(100, 12);  // a tiny pivot block in the middle: growth of 1e6
  for (int r = 0; r < 4; ++r)
    for (int c = 0; c < 4; ++c) system.D(1, r, c) *= 1e-6;
  for (int r = 0; r < 4; ++r)
    for (int c = 0; c < 4; ++c) system.L(1, r, c) *= 1e-6;
  for (const auto& [status, x] : {solved<BlockThomas>(system), solved<BlockCyclicReduction>(system)}) {
    EXPECT_EQ(status, Status::converged);
    EXPECT_LT(backward_error(system, x), 1e-13);
  }
}

TEST(BlockCyclicReduction, RejectsExtentsThatDisagree) {
  const Space space;
  const auto plan = BlockCyclicReduction{}.plan<double, 4>(space, 4);
  const auto system = random_system<double, 4>(4, 12);
  const States<double, 4> x("x", 4), shorter("x", 3);
  EXPECT_THROW((void)plan.apply(space, system, shorter), InvalidArgument);
  EXPECT_THROW((void)plan.apply(space, random_system<double, 4>(3, 12), shorter), InvalidArgument);
  EXPECT_THROW((void)plan.apply(space, random_system<double, 4>(4, 12, Ends::periodic), x), InvalidArgument);
  EXPECT_THROW((void)plan.apply(space, system, system.r), InvalidArgument);
  auto uneven = system;
  uneven.U = Matrices<double, 4, Space>("U", 3);
  EXPECT_THROW((void)plan.apply(space, uneven, x), InvalidArgument);
}

}  // namespace
