// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Cells whose unit i is a pointwise function of affine sums, one per gate g:
///
///     s_in(g)  = (W_ih x + b_ih)_{g n + i},    s_hid(g) = (W_hh h + b_hh)_{g n + i}
///     new state of unit i = U(s_in, s_hid, old state of unit i).
///
/// U and its slopes are the cell's own (elman.hpp, gru.hpp, lstm.hpp); value, Jacobian, diagonal and vector-Jacobian product follow
/// from them here by the chain rule. A unit is finished before the next one begins: nothing is stored between the sums and the
/// result, and the sums of its gates do not wait for each other.

#include "antler/core/linearization.hpp"
#include "antler/problem/cells/cell_weights.hpp"

namespace antler::inline ANTLER_LANES {

/// New state of one unit and its partial derivatives; p counts the parts of a state (1, or 2: h and c), g the gates.
template <class R, int parts, int gates>
struct GatedUnit {
  R value[parts];
  R by_input[parts][gates];   ///< d value_p / d s_in(g)
  R by_hidden[parts][gates];  ///< d value_p / d s_hid(g)
  R direct[parts][parts];     ///< d value_p / d (old state)_q at constant sums
};

/// @tparam Gates  `count` gates, `parts` of a state, and `unit<R>(s_in, s_hid, old)`, which returns a GatedUnit
/// @tparam n      units; the state is (part 0 of all units, part 1 of all units), part 0 being the h of the sums
/// @tparam m      components of the input
template <class Gates, int n, int m>
struct GatedEquations {
  static_assert(n >= 1 && m >= 1, "antler: a cell has at least one unit and one input");
  static constexpr int gates = Gates::count, parts = Gates::parts;
  static constexpr int units = n, size = parts * n, input_size = m;
  enum : int { weight_ih, weight_hh, bias_ih, bias_hh };
  static constexpr CellTensor tensors[] = {
      {"weight_ih", gates* n, m}, {"weight_hh", gates* n, n}, {"bias_ih", gates* n}, {"bias_hh", gates* n}};

  /// @note 2 gates n (n + m) flops and `gates` exponentials per unit.
  template <class W, class U, class X>
  KOKKOS_FORCEINLINE_FUNCTION auto value(const W& weights, const Vector<U, size>& y, const X& x) const {
    // In lanes the sums of one unit are too few to fill the time in which a sum waits for its last addition.
    constexpr int together = is_lanes<Result<W, U, X>> && n % 4 == 0 ? 4 : 1;
    Vector<Result<W, U, X>, size> out;
    for (int i = 0; i < n; i += together) {
      Sums<W, U, X> sums[together];
      add_up<together>(weights, y, x, i, sums);
      for (int k = 0; k < together; ++k) {
        const auto unit = finished<Result<W, U, X>>(sums[k], y, i + k);
        for (int p = 0; p < parts; ++p) out[p * n + i + k] = unit.value[p];
      }
    }
    return out;
  }

  /// @note 2 parts gates n^2 flops more than the value.
  template <class W, class U, class X>
  KOKKOS_FORCEINLINE_FUNCTION auto linearize(const W& weights, const Vector<U, size>& y, const X& x) const {
    const auto w = weights.template tensor<weight_hh>();
    Linearization<Result<W, U, X>, size, 1> out;
    auto& jacobian = out.jacobian[0];
    for (int i = 0; i < n; ++i) {
      const auto unit = unit_of(weights, y, x, i);
      for (int p = 0; p < parts; ++p) {
        const int row = p * n + i;
        out.f[row] = unit.value[p];
        for (int j = 0; j < n; ++j) {
          jacobian(row, j) = unit.by_hidden[p][0] * w(i, j);
          for (int g = 1; g < gates; ++g)
            jacobian(row, j) = detail::add_product(jacobian(row, j), w(g * n + i, j), unit.by_hidden[p][g]);
        }
        for (int j = n; j < size; ++j) jacobian(row, j) = Result<W, U, X>(0);
        for (int q = 0; q < parts; ++q) jacobian(row, q * n + i) += unit.direct[p][q];
      }
    }
    return out;
  }

  /// @note As much work as the value: 2 gates flops per unit more.
  template <class W, class U, class X>
  KOKKOS_FORCEINLINE_FUNCTION auto linearize_diagonal(const W& weights, const Vector<U, size>& y, const X& x) const {
    const auto w = weights.template tensor<weight_hh>();
    DiagonalLinearization<Result<W, U, X>, size> out;
    for (int i = 0; i < n; ++i) {
      const auto unit = unit_of(weights, y, x, i);
      for (int p = 0; p < parts; ++p) {
        out.f[p * n + i] = unit.value[p];
        out.diagonal[p * n + i] = unit.direct[p][p];
      }
      for (int g = 0; g < gates; ++g) out.diagonal[i] = detail::add_product(out.diagonal[i], w(g * n + i, i), unit.by_hidden[0][g]);
    }
    return out;
  }

  template <class W, class U, class X, class L, class YBar, class XBar, class ThetaBar>
  KOKKOS_FORCEINLINE_FUNCTION void pullback(const W& weights, const Vector<U, size>& y, const X& x, const Vector<L, size>& lambda,
                                            YBar& y_bar, XBar& x_bar, ThetaBar& theta_bar) const {
    using E = GatedEquations;
    constexpr int w_ih = cell_tensors::offset<E, weight_ih>, w_hh = cell_tensors::offset<E, weight_hh>,
                  b_ih = cell_tensors::offset<E, bias_ih>, b_hh = cell_tensors::offset<E, bias_hh>;
    for (int c = 0; c < size; ++c) y_bar[c] = 0;
    for (int c = 0; c < m; ++c) detail::input_component(x_bar, c) = 0;
    for (int i = 0; i < n; ++i) {
      const auto unit = unit_of(weights, y, x, i);
      for (int q = 0; q < parts; ++q)
        for (int p = 0; p < parts; ++p) y_bar[q * n + i] += lambda[p * n + i] * unit.direct[p][q];
      for (int g = 0; g < gates; ++g) {
        const int row = g * n + i;
        auto in = lambda[i] * unit.by_input[0][g], hidden = lambda[i] * unit.by_hidden[0][g];
        for (int p = 1; p < parts; ++p) {
          in += lambda[p * n + i] * unit.by_input[p][g];
          hidden += lambda[p * n + i] * unit.by_hidden[p][g];
        }
        detail::pull_row<m>(in, weights.template tensor<weight_ih>(), row, x_bar);
        detail::pull_row<n>(hidden, weights.template tensor<weight_hh>(), row, y_bar);
        detail::pull_weights<m>(in, x, w_ih + row * m, theta_bar);
        detail::pull_weights<n>(hidden, y, w_hh + row * n, theta_bar);
        theta_bar(b_ih + row) += in;
        theta_bar(b_hh + row) += hidden;
      }
    }
  }

 private:
  template <class W, class U>
  using HiddenSum = promoted<typename W::Element, U>;
  template <class W, class X>
  using InputSum = promoted<typename W::Element, typename detail::CellInputTraits<X>::Element>;
  template <class W, class U, class X>
  using Result = promoted<HiddenSum<W, U>, InputSum<W, X>>;

  /// The affine sums of one unit.
  template <class W, class U, class X>
  struct Sums {
    InputSum<W, X> in[gates];
    HiddenSum<W, U> hidden[gates];
  };

  /// Those of units i, i + 1, ..., i + together - 1, term by term in turns.
  template <int together, class W, class U, class X>
  KOKKOS_FORCEINLINE_FUNCTION static void add_up(const W& weights, const Vector<U, size>& y, const X& x, int i,
                                                 Sums<W, U, X> (&sums)[together]) {
    const auto w_ih = weights.template tensor<weight_ih>();
    const auto w_hh = weights.template tensor<weight_hh>();
    const auto b_ih = weights.template tensor<bias_ih>();
    const auto b_hh = weights.template tensor<bias_hh>();
    for (int k = 0; k < together; ++k)
      for (int g = 0; g < gates; ++g) {
        sums[k].in[g] = InputSum<W, X>(b_ih(g * n + i + k));
        sums[k].hidden[g] = HiddenSum<W, U>(b_hh(g * n + i + k));
      }
    for (int c = 0; c < m; ++c)
      for (int k = 0; k < together; ++k)
        for (int g = 0; g < gates; ++g)
          sums[k].in[g] = detail::add_product(sums[k].in[g], w_ih(g * n + i + k, c), detail::input_component(x, c));
    for (int c = 0; c < n; ++c)
      for (int k = 0; k < together; ++k)
        for (int g = 0; g < gates; ++g) sums[k].hidden[g] = detail::add_product(sums[k].hidden[g], w_hh(g * n + i + k, c), y[c]);
  }

  /// Unit i of its sums.
  template <class R, class S, class U>
  KOKKOS_FORCEINLINE_FUNCTION static auto finished(const S& sums, const Vector<U, size>& y, int i) {
    U old[parts];
    for (int p = 0; p < parts; ++p) old[p] = y[p * n + i];
    return Gates::template unit<R>(sums.in, sums.hidden, old);
  }

  template <class W, class U, class X>
  KOKKOS_FORCEINLINE_FUNCTION static auto unit_of(const W& weights, const Vector<U, size>& y, const X& x, int i) {
    Sums<W, U, X> sums[1];
    add_up<1>(weights, y, x, i, sums);
    return finished<Result<W, U, X>>(sums[0], y, i);
  }
};

}  // namespace antler::inline ANTLER_LANES
