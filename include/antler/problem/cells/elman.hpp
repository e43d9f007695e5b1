// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/dual_math.hpp"
#include "antler/problem/cells/cell.hpp"
#include "antler/problem/cells/gates.hpp"

namespace antler::inline ANTLER_LANES {

/// tanh(a), with slope 1 - tanh(a)^2.
struct Tanh {
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R value(const R& a) {
    return tanh(a);
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R slope(const R& value) {
    return (R(1) - value) * (R(1) + value);
  }
};

/// max(a, 0), with slope 1 where a > 0, and 0 at 0 as PyTorch has it.
struct Relu {
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R value(const R& a) {
    return max(a, R(0));
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R slope(const R& value) {
    return select(value > R(0), R(1), R(0));
  }
};

template <class Activation>
struct ElmanGates {
  static constexpr int count = 1, parts = 1;

  template <class R, class In, class Hidden, class U>
  KOKKOS_FORCEINLINE_FUNCTION static GatedUnit<R, 1, 1> unit(const In (&in)[1], const Hidden (&hidden)[1], const U (&/*h*/)[1]) {
    const R value = Activation::value(R(in[0] + hidden[0])), slope = Activation::slope(value);
    return {{value}, {{slope}}, {{slope}}, {{R(0)}}};
  }
};

/// The simple recurrent cell [Elman1990] in the conventions of torch.nn.RNNCell; the state is h, n numbers.
///
///     h' = tanh(W_ih x + b_ih + W_hh h + b_hh),    or max(..., 0) with Activation = Relu
///
/// weight_ih (n, m), weight_hh (n, n), bias_ih (n), bias_hh (n): n (n + m + 2) parameters.
template <class T, int n, int m, class Activation = Tanh, class Storage = Kokkos::View<T*>>
using Elman = Cell<T, GatedEquations<ElmanGates<Activation>, n, m>, Storage>;

}  // namespace antler::inline ANTLER_LANES
