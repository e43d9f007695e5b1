// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/continuation.hpp"

#include <gtest/gtest.h>

using namespace antler;

namespace {

// [branch system]
/// Bratu's problem -u'' = lambda exp(u), u(0) = u(1) = 0, by second differences on N inner points, as a BranchSystem by Keller's
/// bordering: rows -u_{i-1} + 2 u_i - u_{i+1} - h^2 lambda exp(u_i) = 0.
class DiscreteBratu {
 public:
  explicit DiscreteBratu(std::size_t points) : points_(points), residual_(points), source_(points) {}

  double linearize(const std::vector<double>& x, Statistics&) {
    const double h = 1.0 / static_cast<double>(points_ + 1);
    double largest = 0;
    for (std::size_t i = 0; i < points_; ++i) {
      source_[i] = h * h * std::exp(x[i]);
      residual_[i] = 2 * x[i] - (i > 0 ? x[i - 1] : 0) - (i + 1 < points_ ? x[i + 1] : 0) - x.back() * source_[i];
      largest = std::isfinite(residual_[i]) ? std::max(largest, std::abs(residual_[i])) : HUGE_VAL;
    }
    lambda_ = x.back();
    return largest / tolerance;
  }
  Status solve(std::vector<double>& d, std::vector<double>& b, Statistics&) const {
    d.resize(points_);
    for (std::size_t i = 0; i < points_; ++i) d[i] = -residual_[i];
    b = source_;
    std::vector<double> pivots(points_);
    for (std::size_t i = 0; i < points_; ++i) {
      const double factor = i > 0 ? 1 / pivots[i - 1] : 0;
      pivots[i] = 2 - lambda_ * source_[i] - factor;
      if (i > 0) d[i] += factor * d[i - 1];
      if (i > 0) b[i] += factor * b[i - 1];
    }
    for (std::size_t i = points_; i-- > 0;) {
      d[i] = (d[i] + (i + 1 < points_ ? d[i + 1] : 0)) / pivots[i];
      b[i] = (b[i] + (i + 1 < points_ ? b[i + 1] : 0)) / pivots[i];
    }
    d.push_back(0);
    b.push_back(1);
    return Status::converged;
  }
  static double norm(const std::vector<double>& v, const std::vector<double>&) {
    double largest = 0;
    for (const double c : v) largest = std::isfinite(c) ? std::max(largest, std::abs(c) / tolerance) : HUGE_VAL;
    return largest;
  }
  [[nodiscard]] double snapshot(const std::vector<double>& x) const { return x[points_ / 2]; }

 private:
  static constexpr double tolerance = 1e-8;
  std::size_t points_;
  double lambda_ = 0;
  std::vector<double> residual_, source_;
};
// [branch system]

/// y and lambda on a curve of one's own: an S, lambda = y^3 - y.
struct Cubic {
  double residual = 0, slope = 0;

  double linearize(const std::vector<double>& x, Statistics&) {
    residual = x[0] * x[0] * x[0] - x[0] - x[1];
    slope = 3 * x[0] * x[0] - 1;
    return std::abs(residual) / 1e-10;
  }
  [[nodiscard]] Status solve(std::vector<double>& d, std::vector<double>& b, Statistics&) const {
    d = {-residual / slope, 0};
    b = {1 / slope, 1};
    return slope == 0 ? Status::singular : Status::converged;
  }
  static double norm(const std::vector<double>& v, const std::vector<double>&) { return std::hypot(v[0], v[1]) / 1e-10; }
  static double snapshot(const std::vector<double>& x) { return x[0]; }
};

/// The fold of the discrete problem, from two resolutions: error of second order.
TEST(PseudoArclength, PassesTheFoldOfBratusProblemAndComesBackOnTheUpperBranch) {
  double folds[2];
  for (const int refined : {0, 1}) {
    DiscreteBratu bratu(refined ? 63 : 31);
    std::vector<double> start(refined ? 64 : 32, 0.0);
    start.back() = 0.5;
    const auto branch = continuation(bratu, PseudoArclength{}, start, 4.0);
    EXPECT_EQ(branch.status, Status::converged);
    ASSERT_EQ(branch.folds.size(), 1u);
    folds[refined] = branch.folds[0].parameter;
    EXPECT_EQ(branch.points.back().parameter, 0.5) << "the start's parameter, exactly";
    EXPECT_GT(branch.points.back().solution, 5.0) << "the upper branch";
    EXPECT_LT(branch.points.size(), 100u);
  }
  EXPECT_NEAR(folds[1] + (folds[1] - folds[0]) / 3, 3.513830719, 2e-6);
}

TEST(PseudoArclength, FindsBothFoldsOfAnSToItsTolerance) {
  Cubic cubic;
  const auto branch = continuation(cubic, PseudoArclength{}, {-2.0, -6.0}, 6.0, {.fold_tolerance = 1e-11});
  ASSERT_EQ(branch.status, Status::converged);
  ASSERT_EQ(branch.folds.size(), 2u);
  const double fold = 2 / (3 * std::sqrt(3.0));
  EXPECT_NEAR(branch.folds[0].parameter, fold, 1e-10);
  EXPECT_NEAR(branch.folds[1].parameter, -fold, 1e-10);
  EXPECT_NEAR(branch.points.back().solution, 2.0, 1e-9);
}

TEST(NaturalContinuation, ReachesAParameterBeforeTheFold) {
  DiscreteBratu bratu(31);
  const auto branch = continuation(bratu, NaturalContinuation{}, std::vector<double>(32, 0.0), 3.0, {.largest_step = 0.5});
  EXPECT_EQ(branch.status, Status::converged);
  EXPECT_EQ(branch.points.back().parameter, 3.0);
  EXPECT_TRUE(branch.folds.empty());
}

TEST(NaturalContinuation, EndsAtAFoldWithTheLastGoodParameter) {
  DiscreteBratu bratu(31);
  const auto branch = continuation(bratu, NaturalContinuation{}, std::vector<double>(32, 0.0), 4.0);
  EXPECT_EQ(branch.status, Status::fold);
  ASSERT_EQ(branch.folds.size(), 1u);
  const double last = branch.points.back().parameter;
  EXPECT_LE(last, branch.folds[0].parameter + 1e-7);
  EXPECT_GT(last, 0.999 * branch.folds[0].parameter);
}

TEST(Continuation, EndsWhenItMayNotGoOn) {
  Cubic cubic;
  EXPECT_EQ(continuation(cubic, PseudoArclength{}, {-2.0, -6.0}, 6.0, {.maximum_points = 5}).status, Status::maximum_steps);
}

TEST(Continuation, RefusesWhatMakesNoSense) {
  Cubic cubic;
  const PseudoArclength arc;
  EXPECT_THROW((void)continuation(cubic, arc, {}, 1.0), InvalidArgument);
  EXPECT_THROW((void)continuation(cubic, arc, {-2.0, 1.0}, 1.0), InvalidArgument);
  EXPECT_THROW((void)continuation(cubic, arc, {-2.0, NAN}, 1.0), InvalidArgument);
  EXPECT_THROW((void)continuation(cubic, arc, {-2.0, -6.0}, HUGE_VAL), InvalidArgument);
  EXPECT_THROW((void)continuation(cubic, arc, {-2.0, -6.0}, 1.0, {.step = -1}), InvalidArgument);
  EXPECT_THROW((void)continuation(cubic, arc, {-2.0, -6.0}, 1.0, {.maximum_points = 0}), InvalidArgument);
}

}  // namespace
