// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/exponential.hpp"
#include "order.hpp"

using namespace antler;
using antler::tests::expect_order;

namespace {

/// y' = y (1 - y): y = 1 / (1 + (1 / y0 - 1) exp(-t)).
struct Logistic {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T, const Vector<T, 1>& y) const {
    return {y[0] * (1.0 - y[0])};
  }
  static Vector<double, 1> exact(double t) { return {1 / (1 + 9 * std::exp(-t))}; }
};

/// A limit cycle with closed form: r' = r (1 - r^2), phi' = 1 in Cartesian coordinates; r = 1 / sqrt(1 + (1 / r0^2 - 1) exp(-2 t)).
struct Hopf {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(T, const Vector<T, 2>& y) const {
    const T growth = 1.0 - y[0] * y[0] - y[1] * y[1];
    return {growth * y[0] - y[1], growth * y[1] + y[0]};
  }
  static Vector<double, 2> exact(double t) {
    const double r = 1 / std::sqrt(1 + 3 * std::exp(-2 * t));  // r0 = 1/2
    return {r * std::cos(t), r * std::sin(t)};
  }
};

/// y' = y cos t: y = exp(sin t).
struct Swing {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T t, const Vector<T, 1>& y) const {
    return {y[0] * cos(t)};
  }
  static Vector<double, 1> exact(double t) { return {std::exp(std::sin(t))}; }
};

/// Nonlinear and time-dependent: y' = -2 t y^2, y(0) = 1: y = 1 / (1 + t^2).
struct Witch {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T t, const Vector<T, 1>& y) const {
    return {-2.0 * t * y[0] * y[0]};
  }
  static Vector<double, 1> exact(double t) { return {1 / (1 + t * t)}; }
};

/// Stiff and time-dependent [ProtheroRobinson1974]: y' = -1000 (y - cos t) - sin t, y = cos t.
struct ProtheroRobinson {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T t, const Vector<T, 1>& y) const {
    return {-1000.0 * (y[0] - cos(t)) - sin(t)};
  }
  static Vector<double, 1> exact(double t) { return {std::cos(t)}; }
};

/// The largest error over all points of a uniform mesh, infinite unless converged.
template <class T, int n, class F>
double error(double t0, double t1, Index steps, double rtol) {
  Vector<T, n> y0;
  for (int c = 0; c < n; ++c) y0[c] = static_cast<T>(F::exact(t0)[c]);
  const auto solution =
      solve(InitialValueProblem{F{}, t0, t1, y0}, Exponential{}, Mesh::uniform(t0, t1, steps), Options{.rtol = rtol, .atol = rtol});
  if (solution.status != Status::converged) return HUGE_VAL;
  double largest = 0;
  for (std::size_t i = 0; i < solution.times().size(); ++i)
    for (int c = 0; c < n; ++c)
      largest = std::max(largest, std::abs(static_cast<double>(solution.states()[i][c]) - F::exact(solution.times()[i])[c]));
  return largest;
}

TEST(Exponential, HasOrderTwoForTheLogisticEquation) {
  expect_order(2, 64, 4, [](Index steps) { return error<double, 1, Logistic>(0, 10, steps, 1e-12); });
}

TEST(Exponential, HasOrderTwoForALimitCycle) {
  expect_order(2, 64, 3, [](Index steps) { return error<double, 2, Hopf>(0, 6, steps, 1e-12); });
}

TEST(Exponential, HasOrderTwoForTimeDependentCoefficients) {
  expect_order(2, 64, 3, [](Index steps) { return error<double, 1, Swing>(0, 10, steps, 1e-12); });
}

TEST(Exponential, HasOrderTwoForANonlinearTimeDependentEquation) {
  expect_order(2, 64, 3, [](Index steps) { return error<double, 1, Witch>(0, 5, steps, 1e-12); });
}

TEST(Exponential, HasOrderTwoBackwardsInTime) {
  expect_order(2, 64, 3, [](Index steps) { return error<double, 1, Witch>(3, 0, steps, 1e-12); });
  expect_order(2, 64, 3, [](Index steps) { return error<double, 2, Hopf>(2, 0, steps, 1e-12); });
}

TEST(Exponential, HasOrderTwoForAStiffEquationThatIsResolved) {
  expect_order(2, 8192, 2, [](Index steps) { return error<double, 1, ProtheroRobinson>(0, 1, steps, 1e-13); });
}

TEST(Exponential, StaysAccurateForAStiffEquationThatIsNotResolved) {
  // |G| h = 1000 h >> 1: the source is averaged over the step, an error of (h / 2) y' at most.
  for (const Index steps : {8, 32, 128})
    EXPECT_LT((error<double, 1, ProtheroRobinson>(0, 1, steps, 1e-12)), 0.5 / static_cast<double>(steps));
}

TEST(Exponential, HasOrderTwoInFloat) {
  expect_order(2, 16, 2, [](Index steps) { return error<float, 1, Logistic>(0, 10, steps, 1e-6); });
  expect_order(2, 16, 2, [](Index steps) { return error<float, 1, Witch>(0, 5, steps, 1e-6); });
}

}  // namespace
