// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Parts of the Jacobian of a step that are computed as such, never by way of the matrix.

#include "antler/core/diagonal.hpp"
#include "antler/core/dual.hpp"
#include "antler/core/linearization.hpp"
#include "antler/core/parallel.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Kept out of line where a state is large: n passes of a large f through one place in the code, not n copies of it.
template <class U, int n, class F>
KOKKOS_INLINE_FUNCTION Vector<Dual<U, 1>, n> directional(const F& f, Index i, const Vector<U, n>& y,
                                                         const Vector<U, n>& direction) {
  Vector<Dual<U, 1>, n> x;
  for (int c = 0; c < n; ++c) x[c] = Dual<U, 1>(y[c], direction[c]);
  return f(i, x);
}

}  // namespace detail

/// f(i, y) and J v, J = df/dy, by one pass of dual numbers with one direction.
template <class U, int n, class F>
KOKKOS_INLINE_FUNCTION Vector<U, n> jacobian_times(const F& f, Index i, const Vector<U, n>& y, const Vector<U, n>& v,
                                                   Vector<U, n>& value) {
  const auto moved = detail::directional<U, n>(f, i, y, v);
  Vector<U, n> product;
  for (int c = 0; c < n; ++c) value[c] = moved[c].value, product[c] = moved[c].derivative[0];
  return product;
}

/// f(i, y) and the diagonal of df/dy: by `f.linearize_diagonal(i, y)`, which returns a DiagonalLinearization<U, n>, where f brings
/// it, else by n passes of dual numbers with one direction, of which entry c of pass c is kept.
/// @note n evaluations of f's operations, twice over, and n numbers of memory. By hand it costs about one.
template <class U, int n, class F>
KOKKOS_INLINE_FUNCTION DiagonalLinearization<U, n> linearize_diagonal_point(const F& f, Index i, const Vector<U, n>& y) {
  if constexpr (requires { f.linearize_diagonal(i, y); }) {
    return f.linearize_diagonal(i, y);
  } else {
    DiagonalLinearization<U, n> point;
    Vector<U, n> direction = Vector<U, n>::filled(U(0));
    for (int c = 0; c < n; ++c) {
      direction[c] = U(1);
      point.diagonal[c] = jacobian_times(f, i, y, direction, point.f)[c];
      direction[c] = U(0);
    }
    return point;
  }
}

/// f(i, y) and, of df/dy, the four entries by which component c of the first half of y and of f, and component c of the second
/// half, see each other: n passes as above.
template <class U, int n, class F>
KOKKOS_INLINE_FUNCTION PairBlocks<U, n> pair_blocks_at(const F& f, Index i, const Vector<U, n>& y, Vector<U, n>& value) {
  constexpr int m = n / 2;
  PairBlocks<U, n> a;
  Vector<U, n> direction = Vector<U, n>::filled(U(0));
  for (int c = 0; c < n; ++c) {
    direction[c] = U(1);
    const Vector<U, n> column = jacobian_times(f, i, y, direction, value);
    direction[c] = U(0);
    a.blocks[c % m](0, c / m) = column[c % m];
    a.blocks[c % m](1, c / m) = column[m + c % m];
  }
  return a;
}

}  // namespace antler::inline ANTLER_LANES
