// SPDX-License-Identifier: BSD-3-Clause
// Cells against PyTorch: values and gradients of whole sequences, see tests/data/cells/make.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "antler/core/random.hpp"
#include "cell_oracle.hpp"

using namespace antler;

namespace {

/// max |a - b| / (1 + |b|) over the components of two vectors.
template <class A, class B>
double deviation(const A& a, const B& b) {
  double largest = 0;
  for (int c = 0; c < B::size(); ++c)
    largest = std::max(largest, std::abs(static_cast<double>(a[c]) - b[c]) / (1 + std::abs(b[c])));
  return largest;
}

template <class T, class V>
auto converted(const V& v) {
  Vector<T, V::size()> out;
  for (int c = 0; c < V::size(); ++c) out[c] = static_cast<T>(v[c]);
  return out;
}

TEST(Cells, ReproducePyTorchInDoublePrecision) {
  for_each_cell_oracle([](const auto& oracle, const std::string& name) {
    auto y = oracle.y0;
    for (std::size_t i = 0; i < oracle.x.size(); ++i) {
      y = oracle.cell(y, oracle.x[i]);
      EXPECT_LT(deviation(y, oracle.y[i]), 1e-12) << name << ", step " << i + 1;
    }
  });
}

/// The cell in single precision, its parameters rounded.
template <class Equations, class Storage>
auto in_single_precision(const Cell<double, Equations, Storage>& cell) {
  std::vector<float> parameters;
  for (int k = 0; k < cell.parameter_count; ++k) parameters.push_back(static_cast<float>(cell.parameters()(k)));
  return Cell<float, Equations, Kokkos::View<float*, Kokkos::HostSpace>>(parameters, cell.equations());
}

TEST(Cells, ReproducePyTorchInSinglePrecision) {
  for_each_cell_oracle([](const auto& oracle, const std::string& name) {
    const auto cell = in_single_precision(oracle.cell);
    auto y = converted<float>(oracle.y0);
    for (std::size_t i = 0; i < oracle.x.size(); ++i) {
      y = cell(y, converted<float>(oracle.x[i]));
      EXPECT_LT(deviation(y, oracle.y_single[i]), 1e-5) << name << ", step " << i + 1;
    }
  });
}

/// Backpropagation through time by pullback() alone.
TEST(Cells, PullBackTheGradientsOfPyTorch) {
  for_each_cell_oracle([](const auto& oracle, const std::string& name) {
    std::vector<double> theta_bar(oracle.theta_bar.size(), 0.0);
    auto lambda = oracle.v.back(), y_bar = lambda;
    for (std::size_t i = oracle.x.size(); i-- > 0;) {
      auto x_bar = oracle.x[i];
      oracle.cell.pullback(i > 0 ? oracle.y[i - 1] : oracle.y0, oracle.x[i], lambda, y_bar, x_bar,
                           [&](int k) -> double& { return theta_bar[static_cast<std::size_t>(k)]; });
      EXPECT_LT(deviation(x_bar, oracle.x_bar[i]), 1e-11) << name << ", step " << i + 1;
      if (i > 0) lambda = y_bar + oracle.v[i - 1];
    }
    EXPECT_LT(deviation(y_bar, oracle.y0_bar), 1e-11) << name;
    for (std::size_t k = 0; k < theta_bar.size(); ++k)
      EXPECT_NEAR(theta_bar[k], oracle.theta_bar[k], 1e-11 * (1 + std::abs(oracle.theta_bar[k]))) << name << ", parameter " << k;
  });
}

}  // namespace
