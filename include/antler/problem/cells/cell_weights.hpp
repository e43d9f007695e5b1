// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What the equations of a cell read in a kernel: its tensors, the components of its input, and sums of weights times lanes or dual
/// numbers.

#include <type_traits>

#include "antler/core/dual.hpp"
#include "antler/core/vector.hpp"
#include "antler/problem/cells/tensors.hpp"

namespace antler::inline ANTLER_LANES {

/// Element (r, c) or r of one tensor; E is a number, or dual numbers for derivatives with respect to parameters.
template <class E, int columns>
struct CellTensorView {
  const E* first;

  KOKKOS_FORCEINLINE_FUNCTION const E& operator()(int r, int c) const { return first[r * columns + c]; }
  KOKKOS_FORCEINLINE_FUNCTION const E& operator()(int r) const { return first[r]; }
};

/// The flat parameter array of a cell as the tensors of its equations.
template <class Equations, class E>
struct CellWeights {
  using Element = E;
  const E* first;

  template <int k>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION auto tensor() const {
    constexpr int offset = cell_tensors::offset<Equations, k>, columns = Equations::tensors[k].columns;
    return CellTensorView<E, columns>{first + offset};
  }
};

namespace detail {

template <class X>
struct CellInputTraits {
  using Element = X;
  static constexpr int size = Arithmetic<X> || is_lanes<X> || is_dual<X> ? 1 : 0;
};
template <class V, int m>
struct CellInputTraits<Vector<V, m>> {
  using Element = V;
  static constexpr int size = m;
};

/// Component c of an input, which may be a number.
template <class X>
KOKKOS_FORCEINLINE_FUNCTION auto& input_component(X& x, int c) {
  if constexpr (requires { x[c]; }) {
    return x[c];
  } else {
    static_cast<void>(c);
    return x;
  }
}

/// sum + weight v. A weight is a constant in most evaluations: dual numbers then take it as one.
template <class S, class E, class V>
KOKKOS_FORCEINLINE_FUNCTION S add_product(const S& sum, const E& weight, const V& v) {
  if constexpr (is_dual<S>) {
    return sum + weight * v;
  } else {
    return multiply_add(S(weight), S(v), sum);
  }
}

/// bars(c) += a w(row, c), c < columns: the transposed product, row by row.
template <int columns, class A, class W, class Bar>
KOKKOS_FORCEINLINE_FUNCTION void pull_row(const A& a, const W& w, int row, Bar& bars) {
  for (int c = 0; c < columns; ++c) input_component(bars, c) = add_product(input_component(bars, c), w(row, c), a);
}

/// theta_bar(first + c) += a v_c, c < columns: a row of the outer product.
template <int columns, class A, class V, class Bar>
KOKKOS_FORCEINLINE_FUNCTION void pull_weights(const A& a, const V& v, int first, Bar& theta_bar) {
  for (int c = 0; c < columns; ++c) theta_bar(first + c) += a * input_component(v, c);
}

}  // namespace detail

/// An input of m components: a Vector<V, m>, or a number for m = 1.
template <class X, int m>
concept CellInput = detail::CellInputTraits<X>::size == m;

}  // namespace antler::inline ANTLER_LANES
