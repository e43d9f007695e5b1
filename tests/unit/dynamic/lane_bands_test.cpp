// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/lane_bands.hpp"

#include <gtest/gtest.h>

#define EIGEN_DONT_VECTORIZE  // of AVX-512 intrinsics in it GCC 12 says that they are uninitialised (bug 105593)
#include <Eigen/Dense>
#include <complex>
#include <limits>
#include <random>
#include <vector>

#include "antler/discretization/tableau.hpp"

namespace {

using namespace antler::dynamic;
using Method = antler::RadauIIA<3>;
constexpr int lanes = LaneBands::lanes;
/// Backward error of an elimination with row exchanges, in units of epsilon: its growth is a few tens at most here.
constexpr double largest_backward_error = 200;

struct Steps {
  Banded structure;
  std::vector<std::vector<double>> jacobians;
  std::vector<Eigen::MatrixXd> dense;

  /// Entries between -size and size, so that pivots are off the diagonal in most columns, in other rows for every lane.
  Steps(int n, int lower, int upper, double size, unsigned seed) : structure(n, lower, upper) {
    std::mt19937 generator(seed);
    std::uniform_real_distribution<double> entry(-size, size);
    const auto layout = structure.layout();
    for (int j = 0; j < lanes; ++j) {
      jacobians.emplace_back(structure.size(), 0.0);
      dense.push_back(Eigen::MatrixXd::Zero(n, n));
      for (int c = 0; c < n; ++c)
        for (int r = std::max(0, c - upper); r <= std::min(n - 1, c + lower); ++r)
          jacobians.back()[static_cast<std::size_t>(layout.first + r + layout.leading * c)] = dense.back()(r, c) = entry(generator);
    }
  }
  [[nodiscard]] static double length(int j) { return 0.1 + 0.02 * j; }

  void load(LaneBands& bands, int count) const {
    std::vector<const double*> pointers;
    for (int j = 0; j < count; ++j) {
      bands.set_length(j, length(j));
      pointers.push_back(jacobians[static_cast<std::size_t>(j)].data());
    }
    bands.load(count, pointers.data());
  }
};

/// |A x - b| over |A| |x|, in units of epsilon.
template <class Matrix, class Vector>
double backward_error(const Matrix& a, const Vector& x, const Vector& b) {
  return (a * x - b).norm() / (a.norm() * x.norm()) / std::numeric_limits<double>::epsilon();
}

double worst_error(int n, int lower, int upper, double size, int count) {
  const Steps steps(n, lower, upper, size, static_cast<unsigned>(100 * n + 10 * lower + upper));
  LaneBands bands(steps.structure);
  steps.load(bands, count);
  bands.factor();
  std::vector<Eigen::VectorXd> b, x;
  std::vector<double*> w;
  for (int j = 0; j < count; ++j) b.push_back(Eigen::VectorXd::Random(3 * n));
  x = b;
  for (auto& each : x) w.push_back(each.data());
  bands.solve_stages(count, w.data());
  double worst = 0;
  for (int j = 0; j < count; ++j) {
    const auto i = static_cast<std::size_t>(j);
    EXPECT_TRUE(bands.regular(j));
    const double h = Steps::length(j);
    const Eigen::MatrixXd real = Method::gamma / h * Eigen::MatrixXd::Identity(n, n) - steps.dense[i];
    const Eigen::MatrixXcd pair = std::complex(Method::alpha() / h, Method::beta() / h) * Eigen::MatrixXcd::Identity(n, n) -
                                  steps.dense[i].cast<std::complex<double>>();
    const auto complex = [n](const Eigen::VectorXd& v) -> Eigen::VectorXcd {
      return v.segment(n, n).cast<std::complex<double>>() + std::complex<double>(0, 1) * v.tail(n).cast<std::complex<double>>();
    };
    worst = std::max(worst, backward_error(real, Eigen::VectorXd(x[i].head(n)), Eigen::VectorXd(b[i].head(n))));
    worst = std::max(worst, backward_error(pair, complex(x[i]), complex(b[i])));
  }
  return worst;
}

TEST(LaneBands, SolveEightSystemsWhosePivotsLieInOtherRows) {
  for (const int n : {1, 2, 7, 8, 9, 200})
    for (const int lower : {0, 1, 3})
      for (const int upper : {0, 2, 4}) {
        if (lower >= n || upper >= n) continue;
        if (n == 200 && upper == 0) continue;  // long triangles of random entries are singular to rounding
        EXPECT_LE(worst_error(n, lower, upper, 100.0, lanes), largest_backward_error) << n << lower << upper;
      }
}

TEST(LaneBands, ServeFewerStepsThanLanes) {
  for (const int count : {1, 3}) EXPECT_LE(worst_error(20, 2, 2, 1.0, count), largest_backward_error);
}

TEST(LaneBands, FactorsOfOneStepServeBandedAlone) {
  const int n = 30;
  const Steps steps(n, 2, 1, 50.0, 7);
  LaneBands bands(steps.structure);
  steps.load(bands, lanes);
  bands.factor();
  std::vector<std::vector<double>> real(lanes), re(lanes), im(lanes);
  std::vector<std::vector<int>> pivots(lanes), pair_pivots(lanes);
  std::vector<LaneBands::Factors> factors;
  for (std::size_t j = 0; j < lanes; ++j) {
    for (auto* plane : {&real[j], &re[j], &im[j]}) plane->resize(steps.structure.size());
    for (auto* rows : {&pivots[j], &pair_pivots[j]}) rows->resize(n);
    factors.push_back({real[j].data(), re[j].data(), im[j].data(), pivots[j].data(), pair_pivots[j].data()});
  }
  bands.unload(lanes, factors.data());
  for (std::size_t j = 0; j < lanes; ++j) {
    const Eigen::VectorXd b = Eigen::VectorXd::Random(3 * n);
    Eigen::VectorXd x = b;
    steps.structure.solve_both(RealCells{real[j].data()}, pivots[j].data(), RealCells{x.data()},
                               ComplexCells{re[j].data(), im[j].data()}, pair_pivots[j].data(),
                               ComplexCells{x.data() + n, x.data() + 2 * n});
    const double h = Steps::length(static_cast<int>(j));
    const Eigen::MatrixXd a = Method::gamma / h * Eigen::MatrixXd::Identity(n, n) - steps.dense[j];
    EXPECT_LE(backward_error(a, Eigen::VectorXd(x.head(n)), Eigen::VectorXd(b.head(n))), largest_backward_error);
  }
}

TEST(LaneBands, ASingularMatrixConcernsItsLaneOnly) {
  const int n = 12;
  Steps steps(n, 1, 1, 1.0, 3);
  std::fill(steps.jacobians[5].begin(), steps.jacobians[5].end(), 0.0);
  const auto layout = steps.structure.layout();
  for (int c = 0; c < n; ++c)  // gamma / h - J = 0
    steps.jacobians[5][static_cast<std::size_t>(layout.first + c + layout.leading * c)] = Method::gamma / Steps::length(5);
  steps.jacobians[2][static_cast<std::size_t>(layout.first)] = std::numeric_limits<double>::quiet_NaN();
  LaneBands bands(steps.structure);
  steps.load(bands, lanes);
  bands.factor();
  for (int j = 0; j < lanes; ++j) EXPECT_EQ(bands.regular(j), j != 5 && j != 2) << j;
}

}  // namespace
