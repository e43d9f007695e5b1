// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/linearization.hpp"
#include "antler/core/sigmoid.hpp"
#include "antler/problem/cells/cell.hpp"
#include "antler/problem/cells/cell_weights.hpp"

namespace antler::inline ANTLER_LANES {

/// The long expressive memory's formulas: see Lem.
template <int n, int m>
struct LemEquations {
  static_assert(n >= 1 && m >= 1, "antler::Lem: a cell has at least one unit and one input");
  static constexpr int units = n, size = 2 * n, input_size = m;
  enum : int { input_weight, input_bias, hidden_weight, hidden_bias, z_weight, z_bias };
  static constexpr CellTensor tensors[] = {{"inp2hid.weight", 4 * n, m}, {"inp2hid.bias", 4 * n},      {"hid2hid.weight", 3 * n, n},
                                           {"hid2hid.bias", 3 * n},      {"transform_z.weight", n, n}, {"transform_z.bias", n}};

  double dt = 1;  ///< the longest step of a unit, chosen by the user, not trained

  /// @note 2 n (4 m + 4 n) flops and 4 exponentials per unit.
  template <class W, class U, class X>
  KOKKOS_FORCEINLINE_FUNCTION auto value(const W& weights, const Vector<U, size>& state, const X& x) const {
    using R = Result<W, U, X>;
    Vector<R, size> out;
    R gate[n], into_y[n];
    for (int i = 0; i < n; ++i) {
      const auto s = sums(weights, state, x, i);
      gate[i] = dt_of<R>() * sigmoid(R(s.dt_y));
      into_y[i] = R(s.into_y);
      out[n + i] = state[n + i] + dt_of<R>() * sigmoid(R(s.dt_z)) * (tanh(R(s.into_z)) - state[n + i]);
    }
    for (int i = 0; i < n; ++i) out[i] = state[i] + gate[i] * (tanh(through_z(weights, out, into_y[i], i)) - state[i]);
    return out;
  }

  /// @note 2 n^3 + O(n^2) flops more than the value: z' enters y' through a matrix.
  template <class W, class U, class X>
  KOKKOS_FORCEINLINE_FUNCTION auto linearize(const W& weights, const Vector<U, size>& state, const X& x) const {
    using R = Result<W, U, X>;
    const auto w = weights.template tensor<hidden_weight>();
    const auto w_z = weights.template tensor<z_weight>();
    const auto step = slopes(weights, state, x);
    Linearization<R, size, 1> out;
    auto& jacobian = out.jacobian[0];
    out.f = step.value;
    for (int k = 0; k < n; ++k)
      for (int j = 0; j < n; ++j) {
        jacobian(n + k, j) = step.z_by_dt[k] * w(n + k, j) + step.z_by_tanh[k] * w(2 * n + k, j);
        jacobian(n + k, n + j) = k == j ? step.z_by_z[k] : R(0);
      }
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        R sum = w_z(i, 0) * jacobian(n, j);
        for (int k = 1; k < n; ++k) sum = detail::add_product(sum, w_z(i, k), jacobian(n + k, j));
        jacobian(i, j) = step.y_by_dt[i] * w(i, j) + step.y_by_tanh[i] * sum;
        if (i == j) jacobian(i, j) += step.y_by_y[i];
        jacobian(i, n + j) = step.y_by_tanh[i] * w_z(i, j) * step.z_by_z[j];
      }
    return out;
  }

  /// @note 4 n^2 flops more than the value.
  template <class W, class U, class X>
  KOKKOS_FORCEINLINE_FUNCTION auto linearize_diagonal(const W& weights, const Vector<U, size>& state, const X& x) const {
    using R = Result<W, U, X>;
    const auto w = weights.template tensor<hidden_weight>();
    const auto w_z = weights.template tensor<z_weight>();
    const auto step = slopes(weights, state, x);
    DiagonalLinearization<R, size> out;
    out.f = step.value;
    for (int i = 0; i < n; ++i) {
      R sum = R(0);
      for (int k = 0; k < n; ++k)
        sum = detail::add_product(sum, w_z(i, k), R(step.z_by_dt[k] * w(n + k, i) + step.z_by_tanh[k] * w(2 * n + k, i)));
      out.diagonal[i] = step.y_by_y[i] + step.y_by_dt[i] * w(i, i) + step.y_by_tanh[i] * sum;
      out.diagonal[n + i] = step.z_by_z[i];
    }
    return out;
  }

  template <class W, class U, class X, class L, class YBar, class XBar, class ThetaBar>
  KOKKOS_FORCEINLINE_FUNCTION void pullback(const W& weights, const Vector<U, size>& state, const X& x,
                                            const Vector<L, size>& lambda, YBar& state_bar, XBar& x_bar,
                                            ThetaBar& theta_bar) const {
    using R = Result<W, U, X>;
    constexpr int zw = cell_tensors::offset<LemEquations, z_weight>, zb = cell_tensors::offset<LemEquations, z_bias>;
    const auto w_z = weights.template tensor<z_weight>();
    const auto step = slopes(weights, state, x);
    Vector<promoted<R, L>, n> z_bar;  // of z', which y' and the next step see
    for (int i = 0; i < n; ++i) {
      z_bar[i] = lambda[n + i];
      state_bar[i] = lambda[i] * step.y_by_y[i];
    }
    for (int c = 0; c < m; ++c) detail::input_component(x_bar, c) = 0;
    for (int i = 0; i < n; ++i) {
      const auto by_tanh = lambda[i] * step.y_by_tanh[i];
      detail::pull_row<n>(by_tanh, w_z, i, z_bar);
      for (int k = 0; k < n; ++k) theta_bar(zw + i * n + k) += by_tanh * step.value[n + k];
      theta_bar(zb + i) += by_tanh;
      pull_input(weights, by_tanh, x, 2 * n + i, x_bar, theta_bar);
      const auto by_dt = lambda[i] * step.y_by_dt[i];
      pull_input(weights, by_dt, x, i, x_bar, theta_bar);
      pull_hidden(weights, by_dt, state, i, state_bar, theta_bar);
    }
    for (int k = 0; k < n; ++k) {
      state_bar[n + k] = z_bar[k] * step.z_by_z[k];
      const auto by_dt = z_bar[k] * step.z_by_dt[k], by_tanh = z_bar[k] * step.z_by_tanh[k];
      pull_input(weights, by_dt, x, n + k, x_bar, theta_bar);
      pull_hidden(weights, by_dt, state, n + k, state_bar, theta_bar);
      pull_input(weights, by_tanh, x, 3 * n + k, x_bar, theta_bar);
      pull_hidden(weights, by_tanh, state, 2 * n + k, state_bar, theta_bar);
    }
  }

 private:
  template <class W, class U>
  using HiddenSum = promoted<typename W::Element, U>;
  template <class W, class X>
  using InputSum = promoted<typename W::Element, typename detail::CellInputTraits<X>::Element>;
  template <class W, class U, class X>
  using Result = promoted<HiddenSum<W, U>, InputSum<W, X>>;

  /// The affine sums of one unit; that of y' lacks the part of z'.
  template <class R, class In>
  struct Sums {
    R dt_y, dt_z, into_z;
    In into_y;
  };

  /// Partial derivatives of y' = y + d_y (v - y), v = tanh(a_y), and z' = z + d_z (u - z), u = tanh(a_z), of each unit.
  template <class R>
  struct Slopes {
    Vector<R, size> value;
    R z_by_z[n], z_by_dt[n], z_by_tanh[n];  // z_by_dt: with respect to the sum under the sigmoid of d_z; z_by_tanh: to a_z
    R y_by_y[n], y_by_dt[n], y_by_tanh[n];
  };

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION auto dt_of() const {
    return static_cast<scalar_of<R>>(dt);
  }

  template <class W, class U, class X>
  KOKKOS_FORCEINLINE_FUNCTION static auto sums(const W& weights, const Vector<U, size>& state, const X& x, int i) {
    const auto w_x = weights.template tensor<input_weight>();
    const auto b_x = weights.template tensor<input_bias>();
    const auto w_h = weights.template tensor<hidden_weight>();
    const auto b_h = weights.template tensor<hidden_bias>();
    InputSum<W, X> in[4];
    HiddenSum<W, U> hidden[3];
    for (int g = 0; g < 4; ++g) in[g] = InputSum<W, X>(b_x(g * n + i));
    for (int g = 0; g < 3; ++g) hidden[g] = HiddenSum<W, U>(b_h(g * n + i));
    for (int c = 0; c < m; ++c)
      for (int g = 0; g < 4; ++g) in[g] = detail::add_product(in[g], w_x(g * n + i, c), detail::input_component(x, c));
    for (int c = 0; c < n; ++c)
      for (int g = 0; g < 3; ++g) hidden[g] = detail::add_product(hidden[g], w_h(g * n + i, c), state[c]);
    using R = Result<W, U, X>;
    return Sums<R, InputSum<W, X>>{R(in[0] + hidden[0]), R(in[1] + hidden[1]), R(in[3] + hidden[2]), in[2]};
  }

  /// a_y: its input part and W_z z' + b_z.
  template <class W, class R>
  KOKKOS_FORCEINLINE_FUNCTION static R through_z(const W& weights, const Vector<R, size>& next, const R& input_part, int i) {
    const auto w_z = weights.template tensor<z_weight>();
    R sum = input_part + weights.template tensor<z_bias>()(i);
    for (int k = 0; k < n; ++k) sum = detail::add_product(sum, w_z(i, k), next[n + k]);
    return sum;
  }

  template <class W, class U, class X>
  KOKKOS_FORCEINLINE_FUNCTION auto slopes(const W& weights, const Vector<U, size>& state, const X& x) const {
    using R = Result<W, U, X>;
    const R one(1);
    Slopes<R> out;
    R gate[n], into_y[n];
    for (int i = 0; i < n; ++i) {
      const auto s = sums(weights, state, x, i);
      gate[i] = sigmoid(R(s.dt_y));
      into_y[i] = R(s.into_y);
      const R share = sigmoid(R(s.dt_z)), u = tanh(R(s.into_z)), to_z = u - state[n + i], step = dt_of<R>() * share;
      out.value[n + i] = state[n + i] + step * to_z;
      out.z_by_z[i] = one - step;
      out.z_by_dt[i] = to_z * step * (one - share);
      out.z_by_tanh[i] = step * (one - u) * (one + u);
    }
    for (int i = 0; i < n; ++i) {
      const R v = tanh(through_z(weights, out.value, into_y[i], i)), to_y = v - state[i], step = dt_of<R>() * gate[i];
      out.value[i] = state[i] + step * to_y;
      out.y_by_y[i] = one - step;
      out.y_by_dt[i] = to_y * step * (one - gate[i]);
      out.y_by_tanh[i] = step * (one - v) * (one + v);
    }
    return out;
  }

  /// `bar` belongs to row `row` of inp2hid: its share of x_bar and of the parameters.
  template <class W, class A, class X, class XBar, class ThetaBar>
  KOKKOS_FORCEINLINE_FUNCTION static void pull_input(const W& weights, const A& bar, const X& x, int row, XBar& x_bar,
                                                     ThetaBar& theta_bar) {
    detail::pull_row<m>(bar, weights.template tensor<input_weight>(), row, x_bar);
    detail::pull_weights<m>(bar, x, cell_tensors::offset<LemEquations, input_weight> + row * m, theta_bar);
    theta_bar(cell_tensors::offset<LemEquations, input_bias> + row) += bar;
  }
  /// The same for a row of hid2hid, which sees y.
  template <class W, class A, class U, class YBar, class ThetaBar>
  KOKKOS_FORCEINLINE_FUNCTION static void pull_hidden(const W& weights, const A& bar, const Vector<U, size>& state, int row,
                                                      YBar& state_bar, ThetaBar& theta_bar) {
    detail::pull_row<n>(bar, weights.template tensor<hidden_weight>(), row, state_bar);
    detail::pull_weights<n>(bar, state, cell_tensors::offset<LemEquations, hidden_weight> + row * n, theta_bar);
    theta_bar(cell_tensors::offset<LemEquations, hidden_bias> + row) += bar;
  }
};

/// Long expressive memory [Rusch2022, sec. 2] in the conventions of its authors' code; the state is (y, z), 2 n numbers.
///
///     d_y = dt sigma(V_1 x + c_1 + W_1 y + b_1)
///     d_z = dt sigma(V_2 x + c_2 + W_2 y + b_2)
///     z' = (1 - d_z) z + d_z tanh(V_4 x + c_4 + W_3 y + b_3)
///     y' = (1 - d_y) y + d_y tanh(W_z z' + b_z + V_3 x + c_3)
///
/// inp2hid.weight (4 n, m) and inp2hid.bias (4 n): V_k and c_k one above the other; hid2hid.weight (3 n, n) and hid2hid.bias (3 n):
/// W_k and b_k; transform_z.weight (n, n) and transform_z.bias (n): W_z and b_z. n (4 m + 4 n + 8) parameters, in this order.
/// `Lem<float, 8, 2>::read("lem", {.dt = 0.5})` sets dt.
template <class T, int n, int m, class Storage = Kokkos::View<T*>>
using Lem = Cell<T, LemEquations<n, m>, Storage>;

}  // namespace antler::inline ANTLER_LANES
