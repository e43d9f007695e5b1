// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A Hamiltonian neural network [Greydanus, Dzamba, Yosinski, arXiv 1906.01563]: the energy of a mechanical system is learnt, and
/// its motion follows from it, dq/dt = dH/dp, dp/dt = -dH/dq, so that energy is conserved whatever was learnt.

#include <antler/core/linearization.hpp>
#include <antler/core/random.hpp>
#include <antler/core/sigmoid.hpp>
#include <antler/sensitivity/parameters.hpp>
#include <cmath>
#include <vector>

#include "register_tiles.hpp"
#include "softplus.hpp"

namespace training {

/// f(y) = S grad H(y), S = (0, 1; -1, 0), for y = (q, p) of eight numbers and a network H of `layers` hidden layers of `width`
/// units:
///
///     a_0 = y,   z_l = W_l a_{l-1} + b_l,   a_l = softplus(z_l),   H = w a_L.
///
/// theta: W_1 row by row, b_1, W_2, ..., b_L, w. The constant of an energy has no effect and is no parameter.
///
/// Derivatives are written by hand, with s_l = softplus'(z_l), g_l = dH/da_l, r_l = g_l s_l:
///   - grad H = W_1^T r_1,  g_{l-1} = W_l^T r_l                                      2 flops per weight forth, 2 back
///   - the Hessian, with D_l = dz_l/dy: sum_l D_l^T diag(g_l s_l (1 - s_l)) D_l       16 more for the D_l
///   - (df/dtheta)^T lambda = d/dtheta of (S^T lambda)^T grad H, the derivative of backpropagation in one direction: dual numbers
template <class T, int layers, int width, class MemorySpace = Kokkos::DefaultExecutionSpace::memory_space>
class HamiltonianNetwork {
 public:
  static constexpr int size = 8;
  static constexpr int parameter_count = width * (size + 1) + (layers - 1) * width * (width + 1) + width;
  using Parameters = Kokkos::View<T*, MemorySpace>;

  /// Shares the parameters.
  explicit HamiltonianNetwork(Parameters parameters) : theta_(std::move(parameters)) {}

  /// Weights uniform with variance 1 / fan-in, biases zero.
  static std::vector<T> random(std::uint64_t seed) {
    std::vector<T> theta(parameter_count, T(0));
    std::uint64_t drawn = 0;
    const auto draw = [&](int first, int count, int inputs) {
      for (int k = first; k < first + count; ++k)
        theta[static_cast<std::size_t>(k)] =
            static_cast<T>((2 * antler::random_uniform(seed, drawn++) - 1) * std::sqrt(3.0 / inputs));
    };
    draw(0, width * size, size);
    for (int l = 1; l < layers; ++l) draw(layer_start(l), width * width, width);
    draw(layer_start(layers), width, width);
    return theta;
  }

  template <class V>
  KOKKOS_FUNCTION antler::Vector<V, size> operator()(const V& /*t*/, const antler::Vector<V, size>& y) const {
    Slopes<V> s;
    forward(y, s, [](int, int, const V&) {});
    return to_velocity(gradient(s, [](int, const V*) {}));
  }

  /// f and df/dy.
  template <class V>
  KOKKOS_FUNCTION antler::Linearization<V, size, 1> linearize(const V& /*t*/, const antler::Vector<V, size>& y) const {
    Slopes<V> s, bend;
    forward(y, s, [](int, int, const V&) {});
    const auto by_y = gradient(s, [&](int l, const V* r) {  // r (1 - s) = g s (1 - s)
      for (int i = 0; i < width; ++i) bend[l][i] = r[i] * (V(1) - s[l][i]);
    });
    antler::Linearization<V, size, 1> out{to_velocity(by_y), {}};
    V hessian[size * size];
    add_hessian(s, bend, hessian);
    for (int r = 0; r < size; ++r)
      for (int c = 0; c < size; ++c)
        out.jacobian[0](r, c) = r < size / 2 ? hessian[(r + size / 2) * size + c] : -hessian[(r - size / 2) * size + c];
    return out;
  }

  /// y_bar = (df/dy)^T lambda; theta_bar(k) += (df/dtheta_k)^T lambda.
  template <class V, class Sums>
  KOKKOS_FUNCTION void pullback(const V& /*t*/, const antler::Vector<V, size>& y, const antler::Vector<V, size>& lambda,
                                antler::Vector<V, size>& y_bar, const Sums& theta_bar) const {
    using D = antler::Dual<V, 1>;
    antler::Vector<D, size> moved;  // y + e S^T lambda
    for (int c = 0; c < size / 2; ++c) {
      moved[c] = D(y[c], -lambda[c + size / 2]);
      moved[c + size / 2] = D(y[c + size / 2], lambda[c]);
    }
    Slopes<D> s, a;  // of the last layer w asks for the derivative of a: s z'
    forward(moved, s, [&](int l, int i, const D& unit) {
      if (l < layers - 1) {
        a[l][i] = unit;
      } else {
        theta_bar(layer_start(layers) + i) += s[l][i].value * unit.derivative[0];
      }
    });
    const auto by_y = gradient(s, [&](int l, const D* r) {
      const int first = layer_start(l);
      if (l == 0) {
        add_outer_product<size>(r, moved.begin(), first, theta_bar);
      } else {
        add_outer_product<width>(r, a[l - 1], first, theta_bar);
      }
    });
    for (int c = 0; c < size; ++c) y_bar[c] = by_y[c].derivative[0];
  }

 private:
  template <class V>
  using Slopes = V[layers][width];

  /// Where W_{l+1} stands, from 0; of `layers`: w.
  KOKKOS_FORCEINLINE_FUNCTION static constexpr int layer_start(int l) {
    return l == 0 ? 0 : width * (size + 1) + (l - 1) * width * (width + 1);
  }

  template <class V>
  KOKKOS_FORCEINLINE_FUNCTION static antler::Vector<V, size> to_velocity(const antler::Vector<V, size>& by_y) {
    antler::Vector<V, size> f;
    for (int c = 0; c < size / 2; ++c) {
      f[c] = by_y[c + size / 2];
      f[c + size / 2] = -by_y[c];
    }
    return f;
  }

  /// s_l of all units. Calls unit(l, i, a_l,i), in the last layer, which nothing follows, unit(l, i, z_l,i).
  template <class V, class Unit>
  KOKKOS_INLINE_FUNCTION void forward(const antler::Vector<V, size>& y, Slopes<V>& s, const Unit& unit) const {
    V a[width], z[width];
    for (int l = 0; l < layers; ++l) {
      const T* const w = theta_.data() + layer_start(l);
      const T* const b = w + width * (l == 0 ? size : width);
      for (int i = 0; i < width; ++i) z[i] = V(b[i]);
      if (l == 0) {
        add_product<width, size, size, 1>(w, y.begin(), z);
      } else {
        add_product<width, width, width, 1>(w, a, z);
      }
      for (int i = 0; i < width; ++i) {
        if (l == layers - 1) {
          s[l][i] = antler::sigmoid(z[i]);
          unit(l, i, z[i]);
        } else {
          const auto at = softplus(z[i]);
          s[l][i] = at.derivative;
          a[i] = at.value;
          unit(l, i, a[i]);
        }
      }
    }
  }

  /// grad H; calls layer(l, r_l) on the way, from the last layer to the first.
  template <class V, class Layer>
  KOKKOS_INLINE_FUNCTION antler::Vector<V, size> gradient(const Slopes<V>& s, const Layer& layer) const {
    V g[width], r[width];
    for (int i = 0; i < width; ++i) g[i] = V(theta_(layer_start(layers) + i));
    for (int l = layers - 1;; --l) {
      for (int i = 0; i < width; ++i) r[i] = g[i] * s[l][i];
      layer(l, r);
      const T* const w = theta_.data() + layer_start(l);
      if (l == 0) {
        antler::Vector<V, size> by_y{};
        add_product<size, width, 1, size>(w, r, by_y.begin());
        return by_y;
      }
      for (int i = 0; i < width; ++i) g[i] = V(T(0));
      add_product<width, width, 1, width>(w, r, g);
    }
  }

  /// sum_l D_l^T diag(bend_l) D_l.
  template <class V>
  KOKKOS_INLINE_FUNCTION void add_hessian(const Slopes<V>& s, const Slopes<V>& bend, V* hessian) const {
    V d[width * size], below[width * size];  // D_l; da_{l-1}/dy, then bend_l D_l
    for (int k = 0; k < size * size; ++k) hessian[k] = V(T(0));
    for (int l = 0; l < layers; ++l) {
      const T* const w = theta_.data() + layer_start(l);
      if (l == 0) {
        for (int k = 0; k < width * size; ++k) d[k] = V(w[k]);
      } else {
        for (int k = 0; k < width * size; ++k) below[k] = s[l - 1][k / size] * d[k];
        for (int k = 0; k < width * size; ++k) d[k] = V(T(0));
        add_matrix_product<width, width, width, 1, size>(w, below, d);
      }
      for (int k = 0; k < width * size; ++k) below[k] = bend[l][k / size] * d[k];
      add_matrix_product<size, width, 1, size, size>(below, d, hessian);
    }
  }

  /// theta_bar += the derivative of r a^T and of r, at W and b of a layer.
  template <int inputs, class D, class Sums>
  KOKKOS_INLINE_FUNCTION static void add_outer_product(const D* r, const D* a, int first, const Sums& theta_bar) {
    for (int i = 0; i < width; ++i) {
      for (int j = 0; j < inputs; ++j)
        theta_bar(first + i * inputs + j) +=
            plus_product(r[i].value, a[j].derivative[0], decltype(r[i].value)(r[i].derivative[0] * a[j].value));
      theta_bar(first + width * inputs + i) += r[i].derivative[0];
    }
  }

  Parameters theta_;
};

}  // namespace training
