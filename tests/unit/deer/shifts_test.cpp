// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "antler/core/dual_math.hpp"
#include "antler/deer/deer.hpp"
#include "antler/deer/shifters.hpp"
#include "antler/inverse/scan.hpp"

/// Operators that the library does not have: the paper's form, and an L with two shifts.

using namespace antler;

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;
using States = Trajectory<double, 1, Space>;

States constant(Index points, double value) {
  const auto y = allocate<States>("y", points);
  Kokkos::deep_copy(y, value);
  return y;
}

// [iterate form]
/// L[y] = y for y_i = f(y_{i-1}) in the form of the paper: y+_i - J_i y+_{i-1} = z_i, where y+_{-1} = y0 belongs to the right-hand
/// side.
struct Cumulation {
  using System = AffineMaps<double, 1, Space>;
  Vector<double, 1> y0;
  System maps;

  const System& assemble(const Space&, const States& z, const Jacobians<double, 1, 1, Space>& jacobians) {
    maps = {jacobians[0], z};
    maps.b(0, 0) += maps.A(0, 0, 0) * y0[0];
    return maps;
  }
};
// [iterate form]

struct BevertonHolt {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(Index, const Vector<T, 1>& y) const {
    return {2.0 * y[0] / (1.0 + y[0] / 10.0)};
  }
};

TEST(IterateLinearOperator, SolvesARecurrence) {
  static_assert(IterateLinearOperator<Cumulation, double, 1, 1, Space> && !ResidualLinearOperator<Cumulation, double, 1, 1, Space>);
  const Lags<double, 1, 1> shifter{{{Vector<double, 1>{0.5}}}};
  Cumulation cumulation{shifter.history[0], {}};
  SequentialInverse inverse;
  const auto result = deer(cumulation, BevertonHolt{}, shifter, inverse, constant(60, 0.5), Options{.rtol = 1e-10, .atol = 1e-12});
  ASSERT_EQ(result.status, Status::converged);
  for (int i = 0; i < 60; ++i) {
    const double closed = 10 / (1 + (10 / 0.5 - 1) * std::exp2(-(i + 1)));  // K / (1 + (K / y0 - 1) R^-i), K = 10
    EXPECT_NEAR(result.states(i, 0), closed, 1e-12 * closed);
  }
  EXPECT_EQ(result.statistics.update_history.size(), static_cast<std::size_t>(result.statistics.iterations));
}

TEST(IterateLinearOperator, NeedsTwoSmallUpdatesToConverge) {
  const Lags<double, 1, 1> shifter{{{Vector<double, 1>{0.5}}}};
  Cumulation cumulation{shifter.history[0], {}};
  SequentialInverse inverse;
  EXPECT_EQ(deer(cumulation, BevertonHolt{}, shifter, inverse, constant(60, 0.5), Options{.maximum_iterations = 1}).status,
            Status::maximum_iterations);
}

// [two shifts]
/// y(r - 0) and y(r - 1), with y0 before the first point.
struct HereAndBefore {
  static constexpr int count = 2;
  double y0;

  template <class T, class Y>
  KOKKOS_FUNCTION Vector<T, 1> operator()(int p, Index i, const Y& y) const {
    return {i - p < 0 ? y0 : y(i - p, 0)};
  }
};

/// L[y] = y with the implicit f(y_i, y_{i-1}): (1 - J_0) d_i - J_1 d_{i-1} = f - y, divided by 1 - J_0.
struct Implicit {
  using System = AffineMaps<double, 1, Space>;
  System maps;

  explicit Implicit(Index points) : maps{allocate<Matrices<double, 1, Space>>("A", points), allocate<States>("b", points)} {}

  const System& linearize(const Space& space, const States& y, const States& f, const Jacobians<double, 1, 2, Space>& jacobians) {
    parallel_for("implicit", space, maps.length(), 8, [=, A = maps.A, b = maps.b](Index i) {
      const double own = 1 - jacobians[0](i, 0, 0);
      A(i, 0, 0) = jacobians[1](i, 0, 0) / own;
      b(i, 0) = (f(i, 0) - y(i, 0)) / own;
    });
    return maps;
  }
  const States& residual() const { return maps.b; }
};

/// One step of implicit Euler for y' = -y^3: y_i = y_{i-1} - h y_i^3.
struct ImplicitEuler {
  double h;
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(Index, const Vector<T, 1>& y, const Vector<T, 1>& before) const {
    return {before[0] - h * y[0] * y[0] * y[0]};
  }
};
// [two shifts]

TEST(TwoShifts, SolveImplicitEulerForAllStepsAtOnce) {
  constexpr Index steps = 100;
  const double h = 0.1;
  for (const Index workers : {1, 2}) {
    Implicit implicit(steps);
    auto inverse = ScanInverse{.workers = workers}.plan<double, 1>(Space{});
    const auto result =
        deer(implicit, ImplicitEuler{h}, HereAndBefore{2.0}, inverse, constant(steps, 2.0), Options{.rtol = 1e-12, .atol = 1e-13});
    ASSERT_EQ(result.status, Status::converged);
    double y = 2;
    for (int i = 0; i < steps; ++i) {  // one step after the other, by bisection
      double low = 0, high = y;
      for (int k = 0; k < 100; ++k) {
        const double middle = 0.5 * (low + high);
        (middle + h * middle * middle * middle < y ? low : high) = middle;
      }
      y = low;
      EXPECT_NEAR(result.states(i, 0), y, 1e-13);
    }
  }
}

}  // namespace
