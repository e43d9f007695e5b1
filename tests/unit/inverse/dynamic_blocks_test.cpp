// SPDX-License-Identifier: BSD-3-Clause
#include "antler/inverse/dynamic_blocks.hpp"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <cmath>

#include "antler/core/random.hpp"

using namespace antler;

namespace {

DynamicBlockTridiagonal random_system(Index length, int n, double dominance, Ends ends) {
  DynamicBlockTridiagonal system(length, n, ends);
  std::uint64_t counter = 0;
  for (auto* numbers : {&system.L, &system.D, &system.U, &system.r})
    for (double& number : *numbers) number = 2 * random_uniform(11, counter++) - 1;
  for (Index i = 0; i < length; ++i)
    for (int c = 0; c < n; ++c) system.D[system.at(i, c, c)] += dominance;
  return system;
}

Eigen::MatrixXd dense(const DynamicBlockTridiagonal& system) {
  const Index length = system.length, n = system.size;
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(length * n, length * n);
  for (Index i = 0; i < length; ++i)
    for (int r = 0; r < n; ++r)
      for (int c = 0; c < n; ++c) {
        const bool periodic = system.ends == Ends::periodic;
        const std::size_t at = system.at(i, r, c);
        if (i > 0 || periodic) matrix(i * n + r, (i + length - 1) % length * n + c) += system.L[at];
        matrix(i * n + r, i * n + c) += system.D[at];
        if (i + 1 < length || periodic) matrix(i * n + r, (i + 1) % length * n + c) += system.U[at];
      }
  return matrix;
}

template <class Inverse>
std::pair<Status, std::vector<double>> solved(const DynamicBlockTridiagonal& system) {
  Inverse inverse(system.length, system.size, system.ends);
  std::vector<double> x(system.r.size());
  const Status status = inverse.apply(system, x);
  return {status, x};
}

void expect_equal_solutions(Index length, int n, Ends ends) {
  const auto system = random_system(length, n, 3.0 * n, ends);
  const auto [thomas_status, thomas] = solved<DynamicBlockThomas>(system);
  const auto [status, x] = solved<DynamicBlockCyclicReduction>(system);
  ASSERT_EQ(thomas_status, Status::converged) << length << " of " << n;
  ASSERT_EQ(status, Status::converged) << length << " of " << n;
  const double tolerance = 30 * n * 2.3e-16;  // rows add up 3 n products; the matrix is well conditioned
  for (std::size_t k = 0; k < x.size(); ++k) ASSERT_NEAR(x[k], thomas[k], tolerance) << length << " of " << n << ", number " << k;
  if (length * n > 100) return;  // the dense oracle is slow
  const Eigen::VectorXd known =
      dense(system).partialPivLu().solve(Eigen::Map<const Eigen::VectorXd>(system.r.data(), static_cast<Index>(system.r.size())));
  for (std::size_t k = 0; k < x.size(); ++k) ASSERT_NEAR(x[k], known[static_cast<Index>(k)], tolerance) << length << " of " << n;
}

TEST(DynamicBlocks, MatchADenseOracleForBlocksOfAnySize) {
  for (int n = 1; n <= 32; ++n)
    for (const Index length : {1, 2, 3, 17, 40}) expect_equal_solutions(length, n, Ends::open);
  for (const int n : {1, 2, 3, 5, 8})
    for (const Index length : {1, 2, 3, 16, 17, 33, 40}) expect_equal_solutions(length, n, Ends::periodic);
}

TEST(DynamicBlocks, MatchEachOtherForManyLengths) {
  for (const int n : {1, 3})
    for (Index length = 1; length <= 1025; length += length < 70 ? 1 : length % 16 == 15 ? 1 : 15) {
      expect_equal_solutions(length, n, Ends::open);
    }
  for (const Index length : {127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025})
    expect_equal_solutions(length, 4, Ends::open);
}

TEST(DynamicBlocks, SolveOrReportSystemsWithoutDominance) {
  int converged = 0;
  for (const int n : {2, 7})
    for (const Index length : {3, 20, 64, 100}) {
      const auto system = random_system(length, n, 0, Ends::open);
      const Eigen::MatrixXd matrix = dense(system);
      const Eigen::Map<const Eigen::VectorXd> right(system.r.data(), static_cast<Index>(system.r.size()));
      for (const auto& [status, x] : {solved<DynamicBlockThomas>(system), solved<DynamicBlockCyclicReduction>(system)}) {
        if (status != Status::converged) continue;
        ++converged;
        const Eigen::Map<const Eigen::VectorXd> solution(x.data(), right.size());
        const Eigen::VectorXd size = matrix.cwiseAbs() * solution.cwiseAbs() + right.cwiseAbs();
        EXPECT_LT(((right - matrix * solution).cwiseAbs().array() / size.array()).maxCoeff(), 2e-8);
      }
    }
  EXPECT_GT(converged, 8);
}

TEST(DynamicBlocks, ReportSingularSystems) {
  for (const Index length : {1, 2, 40, 1000}) {
    auto system = random_system(length, 3, 9, Ends::periodic);  // every row's entries add up to zero
    for (Index i = 0; i < length; ++i)
      for (int r = 0; r < 3; ++r)
        for (int c = 0; c < 3; ++c) {
          const std::size_t at = system.at(i, r, c);
          system.D[system.at(i, r, r)] -= system.L[at] + system.U[at] + (r == c ? 0 : system.D[at]);
        }
    for (Index i = 0; i < length; ++i)
      for (int r = 0; r < 3; ++r) {
        double sum = 0;
        for (int c = 0; c < 3; ++c)
          sum += system.L[system.at(i, r, c)] + system.D[system.at(i, r, c)] + system.U[system.at(i, r, c)];
        system.D[system.at(i, r, r)] -= sum;
      }
    EXPECT_NE(solved<DynamicBlockThomas>(system).first, Status::converged) << length;
    EXPECT_NE(solved<DynamicBlockCyclicReduction>(system).first, Status::converged) << length;
  }
  const DynamicBlockTridiagonal zero(5, 2);
  EXPECT_NE(solved<DynamicBlockThomas>(zero).first, Status::converged);
  EXPECT_NE(solved<DynamicBlockCyclicReduction>(zero).first, Status::converged);
}

TEST(DynamicBlocks, RejectExtentsThatDisagree) {
  DynamicBlockThomas thomas(4, 2);
  DynamicBlockCyclicReduction reduction(4, 2);
  DynamicBlockTridiagonal system = random_system(4, 2, 6, Ends::open);
  std::vector<double> x(8), shorter(7);
  EXPECT_EQ(thomas.apply(system, x), Status::converged);
  EXPECT_THROW((void)thomas.apply(system, shorter), InvalidArgument);
  EXPECT_THROW((void)reduction.apply(random_system(5, 2, 6, Ends::open), x), InvalidArgument);
  EXPECT_THROW((void)reduction.apply(random_system(4, 2, 6, Ends::periodic), x), InvalidArgument);
  system.U.pop_back();
  EXPECT_THROW((void)reduction.apply(system, x), InvalidArgument);
  EXPECT_THROW(DynamicBlockTridiagonal(-1, 2), InvalidArgument);
  EXPECT_THROW(DynamicBlockThomas(3, 0), InvalidArgument);
}

}  // namespace
