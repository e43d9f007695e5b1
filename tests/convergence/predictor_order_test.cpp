// SPDX-License-Identifier: BSD-3-Clause
#include "antler/mesh/predictor.hpp"
#include "order.hpp"

using namespace antler;
using antler::tests::expect_order;

namespace {

/// y' = -2 t y^2, y(0) = 1: y = 1 / (1 + t^2). Nonlinear, and time-dependent: a wrong df/dt costs two orders.
struct Witch {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T t, const Vector<T, 1>& y) const {
    return {-2.0 * t * y[0] * y[0]};
  }
  static Vector<double, 1> exact(double t) { return {1 / (1 + t * t)}; }
};

/// y' = cos t: nothing but df/dt.
struct Quadrature {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(T t, const Vector<T, 1>&) const {
    return {cos(t)};
  }
  static Vector<double, 1> exact(double t) { return {std::sin(t)}; }
};

/// A limit cycle, r' = r (1 - r^2), phi' = 1, autonomous; from r = 1/2.
struct Hopf {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(T, const Vector<T, 2>& y) const {
    const T growth = 1.0 - y[0] * y[0] - y[1] * y[1];
    return {growth * y[0] - y[1], growth * y[1] + y[0]};
  }
  static Vector<double, 2> exact(double t) {
    const double r = 1 / std::sqrt(1 + 3 * std::exp(-2 * t));
    return {r * std::cos(t), r * std::sin(t)};
  }
};

/// The error after N equal steps. Under tolerances that no step violates the predictor takes an interval in one step.
template <class F, int n>
double error(double t1, long long steps) {
  const Options loose{.rtol = 1e-6, .atol = 1e6};
  Vector<double, n> y = F::exact(0);
  for (long long i = 0; i < steps; ++i) {
    const double h = t1 / static_cast<double>(steps), t = h * static_cast<double>(i);
    Statistics statistics;
    const auto walk = predict(InitialValueProblem{F{}, t, t + h, y}, loose, statistics);
    EXPECT_EQ(statistics.predictor_steps, 1);
    y = walk.states.back();
  }
  double largest = 0;
  for (int c = 0; c < n; ++c) largest = std::max(largest, std::abs(y[c] - F::exact(t1)[c]));
  return largest;
}

TEST(Predictor, HasOrderFourForAnAutonomousEquation) {
  expect_order(4, 32, 3, [](long long steps) { return error<Hopf, 2>(2, steps); });
}

TEST(Predictor, HasOrderFourForATimeDependentEquation) {
  expect_order(4, 64, 3, [](long long steps) { return error<Witch, 1>(2, steps); });
}

/// The quadrature formula inside RODAS happens to have order five.
TEST(Predictor, HasOrderFiveForAQuadrature) {
  expect_order(5, 8, 3, [](long long steps) { return error<Quadrature, 1>(2, steps); });
}

}  // namespace
