// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/lanes_math.hpp"
#include "antler/core/math.hpp"
#include "antler/core/matrix.hpp"

namespace antler::inline ANTLER_LANES {

/// P A = L U with partial pivoting, for one matrix (T a scalar) or one per SIMD lane (T lanes, each lane with a pivoting of its
/// own).
///
/// The factors overwrite a copy of A; the diagonal holds the reciprocals 1/u_kk, so that solves multiply. A zero pivot gives
/// infinities and singular() says so: nothing is thrown, the caller is inside a kernel. A matrix whose pivots underflow or overflow
/// counts as singular. Cost: 2/3 n^3 flops to factor, 2 n^2 per right-hand side [GolubVanLoan2013, alg. 3.4.1].
template <class T, int n>
class LU {
 public:
  using Mask = mask_of<T>;

  LU() = default;

  KOKKOS_INLINE_FUNCTION explicit LU(const Matrix<T, n>& a) : lu_(a) {
    for (int k = 0; k < n; ++k) {
      choose_pivot(k);
      const T reciprocal = T(1) / lu_(k, k);
      lu_(k, k) = reciprocal;
      for (int i = k + 1; i < n; ++i) {
        const T factor = lu_(i, k) * reciprocal;
        lu_(i, k) = factor;
        for (int j = k + 1; j < n; ++j) lu_(i, j) -= factor * lu_(k, j);
      }
    }
  }

  /// x <- A^{-1} x.
  KOKKOS_INLINE_FUNCTION void solve(Vector<T, n>& x) const {
    solve_columns([&](int i, int) -> T& { return x[i]; }, 1);
  }

  /// B <- A^{-1} B.
  template <int m>
  KOKKOS_INLINE_FUNCTION void solve(Matrix<T, n, m>& b) const {
    solve_columns([&](int i, int j) -> T& { return b(i, j); }, m);
  }

  /// Per lane: a pivot was zero, not finite, or so small or large that its reciprocal is not a finite non-zero number.
  KOKKOS_INLINE_FUNCTION Mask singular() const {
    Mask bad = is_degenerate(lu_(0, 0));
    for (int k = 1; k < n; ++k) bad = bad | is_degenerate(lu_(k, k));
    return bad;
  }

 private:
  /// A reciprocal pivot r is sound if r * 0 == 0 (finite) and r != 0.
  KOKKOS_INLINE_FUNCTION static Mask is_degenerate(const T& r) { return (r == T(0)) | (r - r != T(0)); }

  /// Brings the entry of largest magnitude of column k, at or below the diagonal, to the diagonal, in each lane by itself.
  /// A NaN never wins a comparison against a number; a column of NaN stays where it is and spreads.
  KOKKOS_INLINE_FUNCTION void choose_pivot(int k) {
    if constexpr (lane_count<T> == 1) {
      int row = k;
      for (int i = k + 1; i < n; ++i)
        if (abs(lu_(i, k)) > abs(lu_(row, k))) row = i;
      pivot_[k] = row;
      if (row != k)
        for (int j = 0; j < n; ++j) exchange(true, lu_(k, j), lu_(row, j));
    } else {
      T largest = abs(lu_(k, k));
      T row = T(k);
      for (int i = k + 1; i < n; ++i) {
        const T candidate = abs(lu_(i, k));
        const Mask better = candidate > largest;
        largest = select(better, candidate, largest);
        row = select(better, T(i), row);
      }
      pivot_[k] = static_cast<Pivot>(row);
      for (int i = k + 1; i < n; ++i) {
        const Mask swap = row == T(i);
        if (any(swap))
          for (int j = 0; j < n; ++j) exchange(swap, lu_(k, j), lu_(i, j));
      }
    }
  }

  KOKKOS_INLINE_FUNCTION static void exchange(const Mask& mask, T& a, T& b) {
    const T old = a;
    a = select(mask, b, a);
    b = select(mask, old, b);
  }

  template <class Entry>
  KOKKOS_INLINE_FUNCTION void solve_columns(const Entry& x, int columns) const {
    for (int k = 0; k < n - 1; ++k) {
      if constexpr (lane_count<T> == 1) {
        if (pivot_[k] != k)
          for (int j = 0; j < columns; ++j) exchange(true, x(k, j), x(pivot_[k], j));
      } else {
        for (int i = k + 1; i < n; ++i) {
          const Mask swap = pivot_[k] == T(i);
          if (any(swap))
            for (int j = 0; j < columns; ++j) exchange(swap, x(k, j), x(i, j));
        }
      }
    }
    for (int i = 1; i < n; ++i)
      for (int k = 0; k < i; ++k)
        for (int j = 0; j < columns; ++j) x(i, j) -= lu_(i, k) * x(k, j);
    for (int i = n - 1; i >= 0; --i) {
      for (int k = i + 1; k < n; ++k)
        for (int j = 0; j < columns; ++j) x(i, j) -= lu_(i, k) * x(k, j);
      for (int j = 0; j < columns; ++j) x(i, j) *= lu_(i, i);
    }
  }

  /// The row exchanged with row k: a number, or with lanes a T, so that each lane holds its own.
  using Pivot = std::conditional_t<lane_count<T> == 1, int, T>;

  Matrix<T, n> lu_;
  Pivot pivot_[n];
};

}  // namespace antler::inline ANTLER_LANES
