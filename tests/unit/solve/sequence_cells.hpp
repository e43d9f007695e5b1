// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <random>
#include <vector>

#include "antler/solve/difference_equation.hpp"

/// @file
/// A cell for the tests of iterations, its plain loop, and how far a trajectory is from it.

namespace antler::tests {

/// y' = tanh(gain W y + x), W of entries in [-1, 1] / sqrt(n): stable for small gains, chaotic for large ones.
template <class T, int n>
struct TanhCell {
  Matrix<T, n> w;

  static constexpr int parameter_count = n * n;
  [[nodiscard]] Vector<T, n * n> parameters() const {
    Vector<T, n * n> theta;
    for (int k = 0; k < n * n; ++k) theta[k] = w(k / n, k % n);
    return theta;
  }
  template <class Q>
  [[nodiscard]] TanhCell<Q, n> with(const Vector<Q, n * n>& theta) const {
    TanhCell<Q, n> other;
    for (int k = 0; k < n * n; ++k) other.w(k / n, k % n) = theta[k];
    return other;
  }

  template <class U, class V>
  KOKKOS_FUNCTION Vector<U, n> operator()(const Vector<U, n>& y, const Vector<V, n>& x) const {
    Vector<U, n> out;
    for (int r = 0; r < n; ++r) {
      U sum = x[r] + w(r, 0) * y[0];
      for (int c = 1; c < n; ++c) sum += w(r, c) * y[c];
      out[r] = tanh(sum);
    }
    return out;
  }
};

template <class T, int n>
using TanhEquation = DifferenceEquation<TanhCell<T, n>, T, n, 1, Vector<T, n>>;

template <class T, int n>
TanhEquation<T, n> random_cell(unsigned seed, long long steps, double gain) {
  std::minstd_rand generator(seed);
  generator.discard(3);
  std::uniform_real_distribution<double> entry(-1, 1);
  TanhCell<T, n> cell;
  for (int r = 0; r < n; ++r)
    for (int c = 0; c < n; ++c) cell.w(r, c) = static_cast<T>(gain * entry(generator) * std::sqrt(3.0 / n));
  std::vector<Vector<T, n>> x(static_cast<std::size_t>(steps));
  for (auto& input : x)
    for (T& component : input) component = static_cast<T>(0.5 * entry(generator));
  Vector<T, n> y0;
  for (T& component : y0) component = static_cast<T>(entry(generator));
  return {cell, y0, std::move(x)};
}

/// The loop, in arithmetic A.
template <class A, class T, int n>
std::vector<Vector<A, n>> loop(const TanhEquation<T, n>& equation) {
  Vector<A, n> y;
  for (int c = 0; c < n; ++c) y[c] = static_cast<A>(equation.history[0][c]);
  std::vector<Vector<A, n>> states{y};
  for (const auto& x : equation.inputs) {
    Vector<A, n> next;
    for (int r = 0; r < n; ++r) {
      A sum = static_cast<A>(x[r]);
      for (int c = 0; c < n; ++c) sum += static_cast<A>(equation.f.w(r, c)) * y[c];
      next[r] = std::tanh(sum);
    }
    states.push_back(y = next);
  }
  return states;
}

/// The largest difference of two trajectories; infinite where one is not a number.
template <class S, class R>
double distance(const S& a, const R& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (int c = 0; c < a[i].size(); ++c) {
      const double difference = std::abs(static_cast<double>(a[i][c] - b[i][c]));
      if (!(difference <= largest)) largest = std::isnan(difference) ? HUGE_VAL : difference;
    }
  return largest;
}

/// The largest |y_i - f(y_{i-1}, x_i)|, f in plain scalars: how well the steps hold, whatever a chaotic trajectory does with
/// rounding.
template <class T, int n>
double largest_defect(const TanhEquation<T, n>& equation, std::span<const Vector<T, n>> y) {
  double largest = 0;
  for (std::size_t i = 1; i < y.size(); ++i) {
    const auto expected = equation.f(y[i - 1], equation.inputs[i - 1]);
    for (int c = 0; c < n; ++c) {
      const double defect = std::abs(static_cast<double>(y[i][c] - expected[c]));
      if (!(defect <= largest)) largest = std::isnan(defect) ? HUGE_VAL : defect;
    }
  }
  return largest;
}

}  // namespace antler::tests
