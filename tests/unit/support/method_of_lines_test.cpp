// SPDX-License-Identifier: BSD-3-Clause
// The discretised partial differential equations of the test set: their callbacks against the published values, by CVODE.
#include "testset/method_of_lines.hpp"

#include <gtest/gtest.h>

#include "peers/cvode_lines.hpp"

namespace {

using antler::peers::PeerResult;
using antler::peers::PeerRun;

PeerResult solve_with_cvode(const antler::testset::LinesProblem& problem, double rtol) {
  const PeerRun run{.t0 = problem.t0,
                    .t1 = problem.t1,
                    .y0 = problem.y0,
                    .rtol = rtol,
                    .atol = std::vector<double>(problem.y0.size(), rtol * problem.atol_scale)};
  return antler::peers::cvode_bdf_lines(problem.f, problem.bandwidth, run);
}

TEST(MethodOfLines, CvodeReachesTheReferenceValues) {
  antler::testset::for_each_lines([](const auto& problem) {
    SCOPED_TRACE(problem.name);
    const PeerResult result = solve_with_cvode(problem, 1e-8);
    ASSERT_EQ(result.outcome, antler::peers::Outcome::finished) << result.status;
    EXPECT_LT(problem.error(result.y), 1e-5);  // measured: 6e-7 for cusp, 1.4e-7 for bruss
  });
}

TEST(MethodOfLines, ReferenceCoversTheWholeState) {
  antler::testset::for_each_lines([](const auto& problem) {
    SCOPED_TRACE(problem.name);
    const auto last = static_cast<std::size_t>(problem.reference_stride) * (problem.reference.size() - 1);
    EXPECT_LT(last, problem.y0.size());
    EXPECT_GE(last + static_cast<std::size_t>(problem.reference_stride), problem.y0.size() - 1);
  });
}

TEST(MethodOfLines, JacobianIsZeroOutsideTheBand) {
  antler::testset::for_each_lines([](const auto& problem) {
    SCOPED_TRACE(problem.name);
    const int n = problem.size();
    std::vector<double> y = problem.y0, before(y.size()), after(y.size());
    problem.f(0.0, y.data(), before.data());
    for (const int j : {0, 1, n / 2, n - 2, n - 1}) {
      const double kept = y[static_cast<std::size_t>(j)];
      y[static_cast<std::size_t>(j)] += 1e-3;
      problem.f(0.0, y.data(), after.data());
      y[static_cast<std::size_t>(j)] = kept;
      EXPECT_NE(after[static_cast<std::size_t>(j)], before[static_cast<std::size_t>(j)]);
      for (int i = 0; i < n; ++i)
        if (std::abs(i - j) > problem.bandwidth) {
          EXPECT_EQ(after[static_cast<std::size_t>(i)], before[static_cast<std::size_t>(i)]) << i << ", " << j;
        }
    }
  });
}

}  // namespace
