// SPDX-License-Identifier: BSD-3-Clause
#include "antler/discretization/identity.hpp"

#include <gtest/gtest.h>

using namespace antler;

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;

template <int lags>
void expect_maps_and_residual(Index points) {
  const auto y = allocate<Trajectory<double, 2, Space>>("y", points), f = allocate<Trajectory<double, 2, Space>>("f", points);
  Jacobians<double, 2, lags, Space> jacobians;
  for (std::size_t p = 0; p < lags; ++p) {
    jacobians[p] = allocate<Matrices<double, 2, Space>>("J", points);
    Kokkos::deep_copy(jacobians[p], static_cast<double>(p + 1));
  }
  for (Index i = 0; i < points; ++i)
    for (int c = 0; c < 2; ++c) y(i, c) = static_cast<double>(i), f(i, c) = static_cast<double>(3 * i + c);
  IdentityOperator<double, 2, lags, Space> identity(points);
  const auto& system = identity.linearize(Space{}, y, f, jacobians);
  ASSERT_EQ(system.length(), points);
  EXPECT_EQ(identity.required_bytes(), static_cast<std::size_t>(points) * 2 * sizeof(double));
  for (Index i = 0; i < points; ++i)
    for (int c = 0; c < 2; ++c) {
      EXPECT_EQ(identity.residual()(i, c), static_cast<double>(2 * i + c));
      EXPECT_EQ(system.b(i, c), static_cast<double>(2 * i + c));
    }
  if constexpr (lags == 1) {
    EXPECT_EQ(system.A.data(), jacobians[0].data()) << "the Jacobians are the maps, not copied";
  } else {
    for (std::size_t p = 0; p < lags; ++p) EXPECT_EQ(system.A[p].data(), jacobians[p].data());
  }
}

TEST(IdentityOperator, SharesTheJacobiansAndFormsTheResidual) {
  for (const Index points : {0, 1, 2, 17}) {
    expect_maps_and_residual<1>(points);
    expect_maps_and_residual<3>(points);
  }
}

TEST(IdentityOperator, IsALinearOperator) {
  static_assert(ResidualLinearOperator<IdentityOperator<double, 2, 1, Space>, double, 2, 1, Space>);
  static_assert(ResidualLinearOperator<IdentityOperator<float, 3, 2, Space>, float, 3, 2, Space>);
  static_assert(!IterateLinearOperator<IdentityOperator<double, 2, 1, Space>, double, 2, 1, Space>);
}

}  // namespace
