// SPDX-License-Identifier: BSD-3-Clause
// The products that cells bring by hand, against dual numbers, differences and lanes.
#include <gtest/gtest.h>

#include <cmath>

#include "antler/core/sigmoid.hpp"
#include "antler/problem/cells/elman.hpp"
#include "antler/problem/cells/gru.hpp"
#include "antler/problem/cells/lem.hpp"
#include "antler/problem/cells/lstm.hpp"
#include "antler/problem/check_products.hpp"

using namespace antler;

namespace {

template <class T>
using Host = Kokkos::View<T*, Kokkos::HostSpace>;

/// Calls use(cell, name) for three kinds of cells; Elman's differ from them in nothing but a simpler unit.
template <class T, int n, int m, class Use>
void for_each_cell(const Use& use) {
  use(Gru<T, n, m, Host<T>>::random(3), "GRU");
  use(Lstm<T, n, m, Host<T>>::random(4), "LSTM");
  use(Lem<T, n, m, Host<T>>::random(5, {.dt = 0.8}), "LEM");
}

/// Numbers of [-scale, scale), a Vector or one of them.
template <class V>
V numbers(std::uint64_t seed, double scale) {
  V v{};
  if constexpr (requires { v[0]; }) {
    for (int c = 0; c < V::size(); ++c)
      v[c] = static_cast<typename V::value_type>(scale * (2 * random_uniform(seed, static_cast<std::uint64_t>(c)) - 1));
  } else {
    v = static_cast<V>(scale * (2 * random_uniform(seed, 0) - 1));
  }
  return v;
}

template <class X, class C>
void expect_products(const C& cell, const char* name, double tolerance) {
  using State = Vector<typename C::Scalar, C::size>;
  for (const double scale : {0.5, 3.0}) {  // the second one saturates gates
    const auto y = numbers<State>(6, scale);
    const auto x = numbers<X>(7, scale);
    EXPECT_LT(product_error(cell, y, x), tolerance) << name << ", scale " << scale << ": " << check_products(cell, y, x);
  }
}

TEST(CellProducts, AgreeWithDualNumbers) {
  for_each_cell<double, 3, 2>([](const auto& cell, const char* name) { expect_products<Vector<double, 2>>(cell, name, 1e-12); });
  expect_products<Vector<double, 2>>(Elman<double, 3, 2, Tanh, Host<double>>::random(1), "Elman, tanh", 1e-12);
  expect_products<Vector<double, 2>>(Elman<double, 3, 2, Relu, Host<double>>::random(2), "Elman, relu", 1e-12);
  expect_products<float>(Lem<float, 1, 1, Host<float>>::random(6), "LEM, float", 1e-5);
  expect_products<Vector<float, 1>>(Lstm<float, 2, 1, Host<float>>::random(7), "LSTM, float", 1e-5);
}

TEST(CellProducts, AgreeWithDifferences) {
  for_each_cell<double, 3, 2>([](const auto& cell, const char* name) {
    using C = std::decay_t<decltype(cell)>;
    constexpr double h = 1e-5, tolerance = 1e-8;  // h^2 third derivatives, and rounding over h
    const auto y = numbers<Vector<double, C::size>>(8, 0.7), lambda = numbers<Vector<double, C::size>>(9, 1.0);
    const auto x = numbers<Vector<double, 2>>(10, 0.7);
    const auto lambda_times_difference = [&](const auto& high, const auto& low) {
      double sum = 0;
      for (int r = 0; r < C::size; ++r) sum += lambda[r] * (high[r] - low[r]) / (2 * h);
      return sum;
    };
    auto y_bar = y;
    auto x_bar = x;
    std::vector<double> theta_bar(C::parameter_count, 0.0);
    cell.pullback(y, x, lambda, y_bar, x_bar, [&](int k) -> double& { return theta_bar[static_cast<std::size_t>(k)]; });
    const auto linearized = cell.linearize(y, x);
    for (int c = 0; c < C::size; ++c) {
      auto high = y, low = y;
      high[c] += h, low[c] -= h;
      const auto f_high = cell(high, x), f_low = cell(low, x);
      EXPECT_NEAR(y_bar[c], lambda_times_difference(f_high, f_low), tolerance) << name;
      for (int r = 0; r < C::size; ++r)
        EXPECT_NEAR(linearized.jacobian[0](r, c), (f_high[r] - f_low[r]) / (2 * h), tolerance) << name << r << c;
    }
    for (int c = 0; c < 2; ++c) {
      auto high = x, low = x;
      high[c] += h, low[c] -= h;
      EXPECT_NEAR(x_bar[c], lambda_times_difference(cell(y, high), cell(y, low)), tolerance) << name;
    }
    for (int k = 0; k < C::parameter_count; ++k) {
      Vector<double, C::parameter_count> high, low;
      for (int j = 0; j < C::parameter_count; ++j) high[j] = low[j] = cell.parameters()[j];
      high[k] += h, low[k] -= h;
      EXPECT_NEAR(theta_bar[static_cast<std::size_t>(k)], lambda_times_difference(cell.with(high)(y, x), cell.with(low)(y, x)),
                  tolerance)
          << name << ", parameter " << k;
    }
  });
}

/// Everything in lanes, each lane another state, against the same in scalars.
TEST(CellProducts, AreTheSameInLanes) {
  using U = Lanes<double>;
  constexpr int m = 2;
  for_each_cell<double, 3, m>([](const auto& cell, const char* name) {
    using C = std::decay_t<decltype(cell)>;
    Vector<U, C::size> y, lambda, y_bar;
    Vector<U, m> x, x_bar;
    const auto of_lane = [](int l) { return numbers<Vector<double, C::size>>(static_cast<std::uint64_t>(20 + l), 1.5); };
    for (int l = 0; l < lane_count<U>; ++l) {
      for (int c = 0; c < C::size; ++c) set_lane(y[c], l, of_lane(l)[c]);
      for (int c = 0; c < C::size; ++c) set_lane(lambda[c], l, 1 - of_lane(l)[c]);
      for (int c = 0; c < m; ++c) set_lane(x[c], l, 0.3 * c - 0.1 * l);
    }
    std::vector<U> sums(C::parameter_count, U(0));
    const auto value = cell(y, x);
    const auto dense = cell.linearize(y, x);
    const auto diagonal = cell.linearize_diagonal(y, x);
    cell.pullback(y, x, lambda, y_bar, x_bar, [&](int k) -> U& { return sums[static_cast<std::size_t>(k)]; });
    for (int l = 0; l < lane_count<U>; ++l) {
      Vector<double, C::size> y_l = of_lane(l), lambda_l, y_bar_l;
      for (int c = 0; c < C::size; ++c) lambda_l[c] = 1 - y_l[c];
      Vector<double, m> x_l{-0.1 * l, 0.3 - 0.1 * l}, x_bar_l;
      std::vector<double> sums_l(C::parameter_count, 0.0);
      cell.pullback(y_l, x_l, lambda_l, y_bar_l, x_bar_l, [&](int k) -> double& { return sums_l[static_cast<std::size_t>(k)]; });
      const auto dense_l = cell.linearize(y_l, x_l);
      for (int r = 0; r < C::size; ++r) {
        EXPECT_NEAR(lane(value[r], l), dense_l.f[r], 1e-14) << name;
        EXPECT_NEAR(lane(dense.f[r], l), dense_l.f[r], 1e-14) << name;
        EXPECT_NEAR(lane(diagonal.f[r], l), dense_l.f[r], 1e-14) << name;
        EXPECT_NEAR(lane(diagonal.diagonal[r], l), dense_l.jacobian[0](r, r), 1e-14) << name;
        EXPECT_NEAR(lane(y_bar[r], l), y_bar_l[r], 1e-14) << name;
        for (int c = 0; c < C::size; ++c) EXPECT_NEAR(lane(dense.jacobian[0](r, c), l), dense_l.jacobian[0](r, c), 1e-14) << name;
      }
      for (int c = 0; c < m; ++c) EXPECT_NEAR(lane(x_bar[c], l), x_bar_l[c], 1e-14) << name;
      for (int k = 0; k < C::parameter_count; ++k)
        EXPECT_NEAR(lane(sums[static_cast<std::size_t>(k)], l), sums_l[static_cast<std::size_t>(k)], 1e-14) << name;
    }
  });
}

/// Dual lanes beside inputs in lanes: what a kernel calls a cell with that has no products by hand.
TEST(CellProducts, AgreeWithDualNumbersOfLanes) {
  using U = Lanes<double>;
  const auto cell = Gru<double, 2, 1, Host<double>>::random(11);
  const Vector<U, 2> y{U(0.2), U(-0.6)};
  const U x(0.4);
  using D = Dual<U, 2>;
  const auto value = cell(Vector<D, 2>{D::variable(y[0], 0), D::variable(y[1], 1)}, x);
  const auto dense = cell.linearize(y, x);
  for (int r = 0; r < 2; ++r)
    for (int c = 0; c < 2; ++c) EXPECT_NEAR(lane(value[r].derivative[c], 0), lane(dense.jacobian[0](r, c), 0), 1e-15) << r << c;
}

TEST(CellProducts, AgreeAmongThemselvesForLargeStates) {
  const auto cell = Gru<float, 256, 1, Host<float>>::random(12);
  const auto y = numbers<Vector<float, 256>>(13, 1.0), lambda = numbers<Vector<float, 256>>(14, 1.0);
  const float x = 0.5f;
  const auto dense = cell.linearize(y, x);
  const auto diagonal = cell.linearize_diagonal(y, x);
  Vector<float, 256> y_bar;
  float x_bar;
  std::vector<float> theta_bar(static_cast<std::size_t>(cell.parameter_count), 0.0f);
  cell.pullback(y, x, lambda, y_bar, x_bar, [&](int k) -> float& { return theta_bar[static_cast<std::size_t>(k)]; });
  for (int c = 0; c < 256; ++c) {
    double product = 0;
    for (int r = 0; r < 256; ++r) product += static_cast<double>(lambda[r]) * static_cast<double>(dense.jacobian[0](r, c));
    EXPECT_NEAR(y_bar[c], product, 1e-5);
    EXPECT_NEAR(diagonal.diagonal[c], dense.jacobian[0](c, c), 1e-6);
    EXPECT_NEAR(diagonal.f[c], dense.f[c], 1e-6);
  }
}

TEST(CellProducts, HaveSlopeZeroAtTheKinkOfRelu) {
  const std::vector<double> zero(4, 0.0);
  const Elman<double, 1, 1, Relu, Host<double>> cell(zero);
  EXPECT_EQ(cell.linearize(Vector<double, 1>{0.0}, 1.0).jacobian[0](0, 0), 0.0);
  double x_bar = 7;
  Vector<double, 1> y_bar{7.0};
  std::vector<double> theta_bar(4, 0.0);
  cell.pullback(Vector<double, 1>{1.0}, 1.0, Vector<double, 1>{1.0}, y_bar, x_bar,
                [&](int k) -> double& { return theta_bar[static_cast<std::size_t>(k)]; });
  EXPECT_EQ(theta_bar, zero);
}

// [own gates]
/// A unit with one gate: h' = (1 - f) h + f tanh(a), f = sigma(s), with sums s (gate 0) and a (gate 1) of input and state.
struct OneGate {
  static constexpr int count = 2, parts = 1;

  template <class R, class In, class Hidden, class U>
  KOKKOS_FORCEINLINE_FUNCTION static antler::GatedUnit<R, 1, 2> unit(const In (&in)[2], const Hidden (&hidden)[2],
                                                                     const U (&h)[1]) {
    const R f = sigmoid(R(in[0] + hidden[0])), a = tanh(R(in[1] + hidden[1]));
    const R by_s = (a - h[0]) * f * (R(1) - f), by_a = f * (R(1) - a) * (R(1) + a);
    return {{h[0] + f * (a - h[0])}, {{by_s, by_a}}, {{by_s, by_a}}, {{R(1) - f}}};
  }
};
template <class T, int n, int m>
using OneGateCell = antler::Cell<T, antler::GatedEquations<OneGate, n, m>>;
// [own gates]

TEST(CellProducts, FollowFromAUnitOfTheUsersOwn) {
  const auto cell = OneGateCell<double, 3, 2>::random(15);
  // [check products]
  const antler::ProblemReport report =
      antler::check_products(cell, antler::Vector<double, 3>{0.3, -0.8, 0.5}, antler::Vector<double, 2>{1.0, -0.2});
  EXPECT_TRUE(report.ok()) << report;
  // [check products]
}

}  // namespace
