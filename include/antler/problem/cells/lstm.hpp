// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/sigmoid.hpp"
#include "antler/problem/cells/cell.hpp"
#include "antler/problem/cells/gates.hpp"

namespace antler::inline ANTLER_LANES {

struct LstmGates {
  static constexpr int count = 4, parts = 2;

  template <class R, class In, class Hidden, class U>
  KOKKOS_FORCEINLINE_FUNCTION static GatedUnit<R, 2, 4> unit(const In (&in)[4], const Hidden (&hidden)[4], const U (&old)[2]) {
    const auto& c = old[1];
    const R i = sigmoid(R(in[0] + hidden[0])), f = sigmoid(R(in[1] + hidden[1])), g = tanh(R(in[2] + hidden[2])),
            o = sigmoid(R(in[3] + hidden[3]));
    const R c_new = f * c + i * g, t = tanh(c_new), slope = o * (R(1) - t) * (R(1) + t);  // dh'/dc' at constant o
    const R by_i = g * i * (R(1) - i), by_f = c * f * (R(1) - f), by_g = i * (R(1) - g) * (R(1) + g), by_o = t * o * (R(1) - o);
    GatedUnit<R, 2, 4> unit{{R(o * t), c_new},
                            {{slope * by_i, slope * by_f, slope * by_g, by_o}, {by_i, by_f, by_g, R(0)}},
                            {},
                            {{R(0), slope * f}, {R(0), f}}};
    for (int p = 0; p < 2; ++p)
      for (int gate = 0; gate < 4; ++gate) unit.by_hidden[p][gate] = unit.by_input[p][gate];
    return unit;
  }
};

/// Long short-term memory [HochreiterSchmidhuber1997] in the conventions of torch.nn.LSTMCell; the state is (h, c), 2 n numbers.
///
///     i = sigma(W_ii x + b_ii + W_hi h + b_hi)
///     f = sigma(W_if x + b_if + W_hf h + b_hf)
///     g = tanh(W_ig x + b_ig + W_hg h + b_hg)
///     o = sigma(W_io x + b_io + W_ho h + b_ho)
///     c' = f c + i g,    h' = o tanh(c')
///
/// weight_ih (4 n, m), weight_hh (4 n, n), bias_ih (4 n), bias_hh (4 n), gates i, f, g, o one above the other: 4 n (n + m + 2)
/// parameters.
template <class T, int n, int m, class Storage = Kokkos::View<T*>>
using Lstm = Cell<T, GatedEquations<LstmGates, n, m>, Storage>;

}  // namespace antler::inline ANTLER_LANES
