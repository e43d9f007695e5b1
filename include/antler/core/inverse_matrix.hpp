// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A <- A^{-1} in place, real or complex, one matrix or one per SIMD lane: Gauss-Jordan [GolubVanLoan2013, sec. 3.4].
///
/// Why an explicit inverse: a collocation step applies it to one vector per Newton iteration, and its entries make up the step's
/// affine map without further solves. For small n a product has no chain of dependent divisions, and in simplified Newton the
/// accuracy of the inverse only affects the rate of convergence. n^3 multiplications.

#include "antler/core/complex.hpp"
#include "antler/core/matrix.hpp"
#include "antler/core/unrolled.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// One Gauss-Jordan elimination with the pivot at (k, k); returns the pivot's size.
template <class E, int n>
KOKKOS_FORCEINLINE_FUNCTION void eliminate(Matrix<E, n>& a, int k, const E& one) {
  const E pivot = reciprocal(a(k, k));
  a(k, k) = one;
  E row[n];  // a copy, which the rows below cannot overlap: it stays in registers
  unrolled<n>([&](auto j) ANTLER_INLINED { row[j] = a(k, j) * pivot; });
  for (int i = 0; i < n; ++i) {
    if (i == k) continue;
    const E factor = a(i, k);
    a(i, k) = one - one;
    unrolled<n>([&](auto j) ANTLER_INLINED { a(i, j) -= factor * row[j]; });
  }
  unrolled<n>([&](auto j) ANTLER_INLINED { a(k, j) = row[j]; });
}

}  // namespace detail

/// A <- A^{-1} without exchanges of rows. Returns, per lane, whether every pivot was at least a thousandth of its column's largest
/// entry at that time: then the inverse is as good as a pivoted one for a Newton matrix; else the result is to be discarded.
template <class T, class E, int n>
KOKKOS_FORCEINLINE_FUNCTION mask_of<T> invert_unpivoted(Matrix<E, n>& a, const E& one) {
  constexpr double smallest_pivot = 1e-3;
  mask_of<T> sound = T(0) == T(0);
  const auto step = [&](int k) {
    T largest = pivot_size(a(k, k));
    const T pivot = largest * T(1 / smallest_pivot);
    for (int i = k + 1; i < n; ++i) {
      const T size = pivot_size(a(i, k));
      largest = select(size > largest, size, largest);
    }
    sound = sound & (pivot >= largest) & (pivot > T(0));
    detail::eliminate(a, k, one);
  };
  if constexpr (n <= 4) {
    detail::unrolled<n>(step);
  } else {
    for (int k = 0; k < n; ++k) step(k);
  }
  return sound;
}

/// A <- A^{-1} with partial pivoting in every lane by itself. A singular matrix gives infinities.
template <class T, class E, int n>
KOKKOS_FORCEINLINE_FUNCTION void invert_pivoted(Matrix<E, n>& a, const E& one) {
  T exchanged[n];
  for (int k = 0; k < n; ++k) {
    T largest = pivot_size(a(k, k)), row = T(k);
    for (int i = k + 1; i < n; ++i) {
      const T size = pivot_size(a(i, k));
      const mask_of<T> better = size > largest;
      largest = select(better, size, largest);
      row = select(better, T(i), row);
    }
    exchanged[k] = row;
    for (int i = k + 1; i < n; ++i) {
      const mask_of<T> swap = row == T(i);
      if (!any(swap)) continue;
      for (int j = 0; j < n; ++j) {
        const E old = a(k, j);
        a(k, j) = select(swap, a(i, j), a(k, j));
        a(i, j) = select(swap, old, a(i, j));
      }
    }
    detail::eliminate(a, k, one);
  }
  // Rows were exchanged before the inversion: the inverse has its columns exchanged, in the opposite order.
  for (int k = n - 1; k >= 0; --k)
    for (int i = k + 1; i < n; ++i) {
      const mask_of<T> swap = exchanged[k] == T(i);
      if (!any(swap)) continue;
      for (int j = 0; j < n; ++j) {
        const E old = a(j, k);
        a(j, k) = select(swap, a(j, i), a(j, k));
        a(j, i) = select(swap, old, a(j, i));
      }
    }
}

}  // namespace antler::inline ANTLER_LANES
