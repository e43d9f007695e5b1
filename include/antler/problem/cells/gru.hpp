// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/sigmoid.hpp"
#include "antler/problem/cells/cell.hpp"
#include "antler/problem/cells/gates.hpp"

namespace antler::inline ANTLER_LANES {

struct GruGates {
  static constexpr int count = 3, parts = 1;

  template <class R, class In, class Hidden, class U>
  KOKKOS_FORCEINLINE_FUNCTION static GatedUnit<R, 1, 3> unit(const In (&in)[3], const Hidden (&hidden)[3], const U (&h)[1]) {
    const R r = sigmoid(R(in[0] + hidden[0])), z = sigmoid(R(in[1] + hidden[1]));
    const R n = tanh(R(in[2] + r * hidden[2]));
    const R to_h = h[0] - n, by_n = (R(1) - z) * (R(1) - n) * (R(1) + n);
    const R by_r = by_n * hidden[2] * r * (R(1) - r), by_z = to_h * z * (R(1) - z);
    return {{n + z * to_h}, {{by_r, by_z, by_n}}, {{by_r, by_z, R(by_n * r)}}, {{z}}};
  }
};

/// The gated recurrent unit [Cho2014] in the conventions of torch.nn.GRUCell; the state is h, n numbers.
///
///     r = sigma(W_ir x + b_ir + W_hr h + b_hr)
///     z = sigma(W_iz x + b_iz + W_hz h + b_hz)
///     n = tanh(W_in x + b_in + r (W_hn h + b_hn))         r multiplies after the matrix, not h before it as in the paper
///     h' = (1 - z) n + z h
///
/// weight_ih (3 n, m), weight_hh (3 n, n), bias_ih (3 n), bias_hh (3 n), gates r, z, n one above the other: 3 n (n + m + 2)
/// parameters.
template <class T, int n, int m, class Storage = Kokkos::View<T*>>
using Gru = Cell<T, GatedEquations<GruGates, n, m>, Storage>;

}  // namespace antler::inline ANTLER_LANES
