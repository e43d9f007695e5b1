// SPDX-License-Identifier: BSD-3-Clause
#include "antler/deer/evaluate.hpp"

#include <gtest/gtest.h>

#include "antler/core/dual_math.hpp"
#include "antler/deer/shifters.hpp"

using namespace antler;

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;

/// f(y) = (y_0 y_1, sin y_0) + offset i; df/dy = [[y_1, y_0], [cos y_0, 0]].
template <bool several>
struct Product {
  static constexpr bool lanes = several;
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(Index, const Vector<T, 2>& y) const {
    return {y[0] * y[1], sin(y[0])};
  }
};

template <class F>
void expect_values_and_jacobians(Index points) {
  const auto y = allocate<Trajectory<double, 2, Space>>("y", points), value = allocate<Trajectory<double, 2, Space>>("f", points);
  Jacobians<double, 2, 1, Space> jacobian{};
  jacobian[0] = allocate<Matrices<double, 2, Space>>("J", points);
  for (Index i = 0; i < points; ++i) y(i, 0) = 0.1 * static_cast<double>(i), y(i, 1) = 1 - 0.3 * static_cast<double>(i);
  evaluate<double, 2>(Space{}, F{}, Unshifted{}, y, value, jacobian);
  for (Index i = 0; i < points; ++i) {
    EXPECT_DOUBLE_EQ(value(i, 0), y(i, 0) * y(i, 1));
    EXPECT_NEAR(value(i, 1), std::sin(y(i, 0)), 1e-15);
    EXPECT_EQ(jacobian[0](i, 0, 0), y(i, 1));
    EXPECT_EQ(jacobian[0](i, 0, 1), y(i, 0));
    EXPECT_NEAR(jacobian[0](i, 1, 0), std::cos(y(i, 0)), 1e-15);
    EXPECT_EQ(jacobian[0](i, 1, 1), 0);
  }
}

TEST(Evaluate, YieldsValuesAndJacobiansInLanesAndWithout) {
  static_assert(serves_lanes<Product<true>, Unshifted> && !serves_lanes<Product<false>, Unshifted>);
  for (const Index points : {1, 2, 7, 8, 9, 100}) {
    expect_values_and_jacobians<Product<true>>(points);
    expect_values_and_jacobians<Product<false>>(points);
  }
}

/// f(a, b) = a^2 + 3 b, with derivatives that no dual number would find.
struct HandWritten {
  template <class T>
  KOKKOS_FUNCTION Linearization<T, 1, 2> linearize(Index, const Vector<T, 1>& a, const Vector<T, 1>& b) const {
    Linearization<T, 1, 2> point;
    point.f = {a[0] * a[0] + T(3) * b[0]};
    point.jacobian[0](0, 0) = T(42);
    point.jacobian[1](0, 0) = T(43);
    return point;
  }
};

TEST(Evaluate, PrefersHandWrittenDerivatives) {
  const Vector<double, 1> arguments[2] = {Vector<double, 1>{2.0}, Vector<double, 1>{5.0}};
  const auto point = linearize_point<double, 1, 2>(HandWritten{}, 0, arguments);
  EXPECT_EQ(point.f[0], 19);
  EXPECT_EQ(point.jacobian[0](0, 0), 42);
  EXPECT_EQ(point.jacobian[1](0, 0), 43);
}

struct TwoArguments {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(Index i, const Vector<T, 2>& a, const Vector<T, 2>& b) const {
    return {a[0] * b[1], a[1] + static_cast<double>(i) * b[0]};
  }
};

TEST(Evaluate, SeparatesTheJacobiansOfSeveralShifts) {
  const Vector<double, 2> arguments[2] = {Vector<double, 2>{2.0, 3.0}, Vector<double, 2>{5.0, 7.0}};
  const auto point = linearize_point<double, 2, 2>(TwoArguments{}, 4, arguments);
  EXPECT_EQ(point.f, (Vector<double, 2>{14, 23}));
  EXPECT_EQ(point.jacobian[0], (Matrix<double, 2>{{{7, 0}, {0, 1}}}));
  EXPECT_EQ(point.jacobian[1], (Matrix<double, 2>{{{0, 2}, {4, 0}}}));
}

TEST(Lags, LookBackIntoTheHistory) {
  const auto y = allocate<Trajectory<double, 1, Space>>("y", 3);
  for (int i = 0; i < 3; ++i) y(i, 0) = 10 + i;
  const Lags<double, 1, 2> lags{{{Vector<double, 1>{1.0}, Vector<double, 1>{-1.0}}}};  // y_0, y_{-1}
  const auto at = [&](int p, Index i) { return lags.operator()<double>(p, i, y)[0]; };
  EXPECT_EQ(at(0, 0), 1);
  EXPECT_EQ(at(1, 0), -1);
  EXPECT_EQ(at(0, 1), 10);
  EXPECT_EQ(at(1, 1), 1);
  EXPECT_EQ(at(0, 2), 11);
  EXPECT_EQ(at(1, 2), 10);
}

}  // namespace
