// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/dual_math.hpp"
#include "antler/sensitivity/sequence_gradient.hpp"
#include "recurrence_directions.hpp"

/// @file
/// Small recurrent cells for the tests of gradients.

namespace antler::tests {

/// y = tanh(W y + V x + b), x a vector of two. theta = (W, V, b) row by row.
template <class P, int n>
struct TanhCell {
  static constexpr int m = 2, parameter_count = n * (n + m + 1);
  Vector<P, parameter_count> theta;

  [[nodiscard]] const Vector<P, parameter_count>& parameters() const { return theta; }
  template <class Q>
  [[nodiscard]] TanhCell<Q, n> with(const Vector<Q, parameter_count>& other) const {
    return {other};
  }
  [[nodiscard]] KOKKOS_FUNCTION const P& w(int r, int c) const { return theta[r * n + c]; }
  [[nodiscard]] KOKKOS_FUNCTION const P& v(int r, int c) const { return theta[n * n + r * m + c]; }
  [[nodiscard]] KOKKOS_FUNCTION const P& b(int r) const { return theta[n * (n + m) + r]; }

  template <class U, class X>
  KOKKOS_FUNCTION Vector<U, n> operator()(const Vector<U, n>& y, const X& x) const {
    Vector<U, n> out;
    for (int r = 0; r < n; ++r) {
      U sum = w(r, 0) * y[0] + v(r, 0) * x[0] + v(r, 1) * x[1] + b(r);
      for (int c = 1; c < n; ++c) sum += w(r, c) * y[c];
      out[r] = tanh(sum);
    }
    return out;
  }
};

/// The same with its products by hand.
template <class P, int n>
struct HandWrittenCell : TanhCell<P, n> {
  using Cell = TanhCell<P, n>;

  template <class U, class X, class XBar, class ThetaBar>
  KOKKOS_FUNCTION void pullback(const Vector<U, n>& y, const X& x, const Vector<U, n>& lambda, Vector<U, n>& y_bar, XBar& x_bar,
                                const ThetaBar& theta_bar) const {
    const Vector<U, n> value = (*this)(y, x);
    y_bar = Vector<U, n>::filled(U(0));
    x_bar[0] = U(0);
    x_bar[1] = U(0);
    for (int r = 0; r < n; ++r) {
      const U sum_bar = lambda[r] * (U(1) - value[r] * value[r]);
      for (int c = 0; c < n; ++c) {
        y_bar[c] += sum_bar * this->w(r, c);
        theta_bar(r * n + c) += sum_bar * y[c];
      }
      for (int c = 0; c < Cell::m; ++c) {
        x_bar[c] += sum_bar * this->v(r, c);
        theta_bar(n * n + r * Cell::m + c) += sum_bar * x[c];
      }
      theta_bar(n * (n + Cell::m) + r) += sum_bar;
    }
  }
};

/// A delayed logistic map, y_i = r y_{i-1} (1 - y_{i-2}) + x_i: two lags, numbers as inputs.
template <class P>
struct Delayed {
  static constexpr int parameter_count = 1;
  P r;
  [[nodiscard]] Vector<P, 1> parameters() const { return {r}; }
  template <class Q>
  [[nodiscard]] Delayed<Q> with(const Vector<Q, 1>& theta) const {
    return {theta[0]};
  }
  template <class U, class X>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, const Vector<U, 1>& before, const X& x) const {
    return {r * y[0] * (1.0 - before[0]) + x};
  }
};

/// Two maps without inputs: one with the square root of zero in it, one that doubles.
struct Steep {
  static constexpr bool lanes = false;
  bool doubles;
  template <class U>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y) const {
    if (doubles) return {2.0 * y[0]};
    return {y[0] <= 0.0 ? U(0) : y[0] < 0.5 ? sqrt(y[0] - 0.25) : 0.5 * y[0]};
  }
};

}  // namespace antler::tests
