// SPDX-License-Identifier: BSD-3-Clause
#include <antler/inverse/transform_inverse.hpp>

#include <gtest/gtest.h>

#include <antler/core/random.hpp>
#include <antler/deer/concepts.hpp>
#include <antler/inverse/gmres.hpp>
#include <antler/inverse/line_transform.hpp>
#include <cmath>
#include <vector>

namespace {

using antler::GridAxis;
using antler::HelmholtzSystem;
using antler::HostField;
using antler::Index;
using antler::LineTransform;
using antler::RectangleGrid;
using antler::RectangleLaplacian;
using antler::SideCondition;
using antler::SideKind;
using antler::Status;
using antler::TransformInverse;
using Space = Kokkos::DefaultHostExecutionSpace;

static_assert(antler::InverseOperator<TransformInverse, HelmholtzSystem, double, 1, Space>);

constexpr SideCondition d{SideKind::dirichlet}, n{SideKind::neumann}, r{SideKind::robin, 1.5, 0.5}, p{SideKind::periodic};

std::vector<double> random_numbers(Index count, std::uint64_t seed) {
  std::vector<double> values;
  for (Index i = 0; i < count; ++i) values.push_back(antler::random_uniform(seed, static_cast<std::uint64_t>(i)) - 0.5);
  return values;
}

TEST(LineTransform, DiagonalisesTheSecondDifferenceForEveryPairOfSides) {
  for (const auto& [first, last] : {std::pair{d, d}, {n, n}, {d, n}, {n, d}, {p, p}})
    for (const Index intervals : {2, 3, 4, 7, 8, 9, 31, 32}) {
      const GridAxis axis(0.5, 2, intervals, first, last);
      const Index m = axis.unknowns(), lines = 11;
      // Lines side by side, as columns; T of each.
      auto u = random_numbers(m * lines, 1);
      std::vector<double> t(u.size());
      for (Index k = 0; k < m; ++k)
        for (Index l = 0; l < lines; ++l) {
          const auto at = [&](Index i) { return u[static_cast<std::size_t>((i + m) % m * lines + l)]; };
          t[static_cast<std::size_t>(k * lines + l)] =
              axis.lower(k) * at(k - 1) + axis.diagonal(k) * at(k) + axis.upper(k) * at(k + 1);
        }
      const LineTransform transform(axis, {.stride = lines, .lines = lines, .distance = 1});
      const auto original = u;
      transform.forward(u.data());
      for (Index k = 0; k < m; ++k)
        for (Index l = 0; l < lines; ++l) u[static_cast<std::size_t>(k * lines + l)] *= -axis.eigenvalue(k) * transform.scale();
      transform.inverse(u.data());
      const double size = 4 / (axis.spacing() * axis.spacing());
      for (std::size_t i = 0; i < u.size(); ++i) EXPECT_NEAR(u[i], t[i], 1e-14 * size);
    }
}

TEST(LineTransform, RefusesRobinSides) {
  EXPECT_THROW(LineTransform(GridAxis(0, 1, 8, r, d), {.lines = 1}), antler::InvalidArgument);
}

/// |A x + sigma B x - r| relative to A, where B is the one of the mirror image.
TEST(TransformInverse, SolvesWhatTheLaplacianAppliesForEveryPairOfSides) {
  const std::pair<SideCondition, SideCondition> pairs[] = {{d, d}, {n, n}, {d, n}, {n, d}, {p, p}, {r, d}, {n, r}};
  for (const auto& across : pairs)
    for (const auto& up : pairs) {
      const bool robin_in_both = (across.first.kind == SideKind::robin || across.second.kind == SideKind::robin) &&
                                 (up.first.kind == SideKind::robin || up.second.kind == SideKind::robin);
      if (robin_in_both) continue;  // a preconditioner there
      for (const int order : {2, 4}) {
        const RectangleGrid grid{GridAxis(0, 1, 12, across.first, across.second), GridAxis(0, 2, 9, up.first, up.second), order};
        const bool robin = !grid.x.transformable() || !grid.y.transformable();
        const double sigma = order == 2 ? 3.0 : 0.0;  // B of free sides is another at order 4
        if (order == 4 && robin && grid.cross() > 0 &&
            (across.first.kind == SideKind::periodic || up.first.kind == SideKind::periodic))
          continue;
        const RectangleLaplacian laplacian(grid);
        TransformInverse inverse(grid);
        auto b = random_numbers(grid.unknowns(), 2);
        if (sigma == 0 && grid.singular()) {
          double sum = 0, weights = 0;
          for (Index l = 0; l < grid.y.unknowns(); ++l)
            for (Index k = 0; k < grid.x.unknowns(); ++k) {
              sum += laplacian.weight(k, l) * b[static_cast<std::size_t>(l * grid.x.unknowns() + k)];
              weights += laplacian.weight(k, l);
            }
          for (double& value : b) value -= sum / weights;
        }
        auto x = b;
        ASSERT_EQ(inverse.factor(sigma), Status::converged);
        inverse.solve(x.data());
        std::vector<double> back(x.size());
        laplacian.apply(x.data(), back.data());
        for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(back[i] + sigma * x[i], b[i], 1e-11);
      }
    }
}

TEST(TransformInverse, ReportsAnEigenvalue) {
  const RectangleGrid grid{GridAxis(0, 1, 8, d, d), GridAxis(0, 1, 8, d, d)};
  TransformInverse inverse(grid);
  EXPECT_EQ(inverse.factor(-grid.x.eigenvalue(2) - grid.y.eigenvalue(0)), Status::singular);
}

TEST(TransformInverse, IsAnInverseOperatorThatChecksExtents) {
  const RectangleGrid grid{GridAxis(0, 1, 8, d, d), GridAxis(0, 1, 8, n, n)};
  TransformInverse inverse(grid);
  const auto size = static_cast<std::size_t>(grid.unknowns());
  HostField b("b", size), x("x", size);
  Kokkos::deep_copy(b, 1.0);
  EXPECT_EQ(inverse.apply(Space(), {2.0, b}, x), Status::converged);
  std::vector<double> back(size);
  RectangleLaplacian(grid).apply(x.data(), back.data());
  for (std::size_t i = 0; i < size; ++i) EXPECT_NEAR(back[i] + 2 * x(i, 0), 1, 1e-12);
  EXPECT_THROW(static_cast<void>(inverse.apply(Space(), {2.0, HostField("short", 3)}, x)), antler::InvalidArgument);
}

TEST(Gmres, SolvesNonsymmetricAndIndefiniteSystemsAndRestarts) {
  // Rows: (3, 1 ahead, -2 behind), signs alternating on the diagonal, whose spectrum lies on both sides of zero.
  const Index size = 120;
  const auto product = [&](const double* v, double* out) {
    for (Index i = 0; i < size; ++i)
      out[i] = (i % 7 == 0 ? -3 : 3) * v[i] + (i + 1 < size ? v[i + 1] : 0) - (i > 0 ? 2 * v[i - 1] : 0);
  };
  const auto b = random_numbers(size, 3);
  for (const Index restart : {25, 120}) {
    antler::Gmres gmres(size, restart);
    std::vector<double> x(b.size()), back(b.size());
    const auto report = gmres.solve(product, b.data(), x.data(), 1e-12, 2000);
    EXPECT_LE(report.relative_residual, 1e-12);
    product(x.data(), back.data());
    for (std::size_t i = 0; i < b.size(); ++i) EXPECT_NEAR(back[i], b[i], 1e-11);
  }
}

TEST(Gmres, SaysThatASingularSystemIsNotSolved) {
  antler::Gmres gmres(4, 4);
  const double b[] = {1, 1, 1, 1};
  double x[4];
  const auto report = gmres.solve([](const double* v, double* out) { std::copy(v, v + 3, out), out[3] = 0; }, b, x, 1e-10, 50);
  EXPECT_GT(report.relative_residual, 0.1);
}

}  // namespace
