// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The inputs x_i of a recurrence in kernels: read for one step or for one step per lane, as variables of dual numbers, and their
/// derivatives written.

#include <concepts>

#include "antler/core/parallel.hpp"
#include "antler/problem/difference_equation.hpp"
#include "antler/sensitivity/parameters.hpp"

namespace antler::inline ANTLER_LANES {

/// Inputs of any type that kernels can copy, an index into a table say: passed through as they are, without a derivative.
template <class X>
struct InputTraits {
  static constexpr int size = 0;
};

/// Numbers.
template <std::floating_point X>
struct InputTraits<X> {
  static constexpr int size = 1;
  template <class V>
  using with_elements = V;
  template <class V>
  KOKKOS_FORCEINLINE_FUNCTION static auto& component(V& x, int /*c*/) {
    return x;
  }
};

/// Vectors.
template <std::floating_point X, int m>
struct InputTraits<Vector<X, m>> {
  static constexpr int size = m;
  template <class V>
  using with_elements = Vector<V, m>;
  template <class V>
  KOKKOS_FORCEINLINE_FUNCTION static auto& component(V& x, int c) {
    return x[c];
  }
};

/// What f gets for an input of type X in arithmetic with elements V.
template <class X, class V>
using InputOf = typename InputTraits<X>::template with_elements<V>;

namespace detail {

/// Inputs i, i + 1, ..., one per lane, those past `last` repeating it.
template <class U, class X, class View>
KOKKOS_FORCEINLINE_FUNCTION InputOf<X, U> gather_input(const View& inputs, Index i, Index last) {
  using Traits = InputTraits<X>;
  InputOf<X, U> x;
  for (int c = 0; c < Traits::size; ++c) {
    scalar_of<U> buffer[lane_count<U>];
    for (int l = 0; l < lane_count<U>; ++l) {
      const X& input = inputs(i + l < last ? i + l : last);
      buffer[l] = static_cast<scalar_of<U>>(Traits::component(input, c));
    }
    Traits::component(x, c) = load<U>(buffer);
  }
  return x;
}

/// The input as variables of k directions, the first of which is component `first`.
template <int k, class X, class U>
KOKKOS_FORCEINLINE_FUNCTION InputOf<X, Dual<U, k>> input_variables(const InputOf<X, U>& x, int first) {
  using Traits = InputTraits<X>;
  InputOf<X, Dual<U, k>> seeded;
  for (int c = 0; c < Traits::size; ++c) {
    const U& value = Traits::component(x, c);
    Traits::component(seeded, c) = c >= first && c < first + k ? Dual<U, k>::variable(value, c - first) : Dual<U, k>(value);
  }
  return seeded;
}

/// Component c of rows i, i + 1, ... of `inputs`, as far as there are.
template <class X, class U, class View>
KOKKOS_FORCEINLINE_FUNCTION void scatter_input(const U& value, const View& inputs, Index i, int c) {
  const Index count = static_cast<Index>(inputs.extent(0)) - i;
  scalar_of<U> buffer[lane_count<U>];
  store(buffer, value);
  for (int l = 0; l < lane_count<U> && l < count; ++l) {
    auto& component = InputTraits<X>::component(inputs(i + l), c);
    component = static_cast<std::remove_reference_t<decltype(component)>>(buffer[l]);
  }
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
