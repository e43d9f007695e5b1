// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/lanes_math.hpp"
#include "antler/core/math.hpp"
#include "antler/core/matrix.hpp"

namespace antler::inline ANTLER_LANES {

/// Q^T A = (U; 0): Householder's triangularisation of a tall matrix, m x n with m >= n, one matrix (T a scalar) or one per SIMD
/// lane (T lanes). No pivoting and no branch: every lane does the same.
///
/// Reflector k is 1 - beta_k v v^T with v = (0, ..., 0, v_k, ..., v_m); a column that is zero already is left alone, beta_k = 0.
/// Cost: 2 n^2 (m - n/3) flops, 4 m n per further column [GolubVanLoan2013, alg. 5.2.1].
template <class T, int m, int n>
class Householder {
  static_assert(m >= n, "antler::Householder: at least as many rows as columns");

 public:
  Householder() = default;

  KOKKOS_INLINE_FUNCTION explicit Householder(const Matrix<T, m, n>& a) : v_(a) {
    for (int k = 0; k < n; ++k) {
      T tail = v_(k, k) * v_(k, k);
      for (int i = k + 1; i < m; ++i) tail += v_(i, k) * v_(i, k);
      const T length = sqrt(tail), head = v_(k, k);
      diagonal_[k] = select(head < T(0), length, -length);
      v_(k, k) = head - diagonal_[k];
      const T scale = length * (length + abs(head));
      beta_[k] = select(scale > T(0), T(1) / scale, T(0));
      for (int j = k + 1; j < n; ++j) reflect(k, [&](int i) -> T& { return v_(i, j); });
    }
  }

  /// b <- Q^T b.
  template <int columns>
  KOKKOS_INLINE_FUNCTION void apply(Matrix<T, m, columns>& b) const {
    for (int j = 0; j < columns; ++j)
      for (int k = 0; k < n; ++k) reflect(k, [&](int i) -> T& { return b(i, j); });
  }
  /// @copydoc apply
  KOKKOS_INLINE_FUNCTION void apply(Vector<T, m>& b) const {
    for (int k = 0; k < n; ++k) reflect(k, [&](int i) -> T& { return b[i]; });
  }

  /// x <- U^{-1} x; infinite where U is singular.
  KOKKOS_INLINE_FUNCTION void back_substitute(Vector<T, n>& x) const {
    for (int k = n - 1; k >= 0; --k) {
      for (int j = k + 1; j < n; ++j) x[k] -= v_(k, j) * x[j];
      x[k] = x[k] / diagonal_[k];
    }
  }

  /// u_kk.
  [[nodiscard]] KOKKOS_INLINE_FUNCTION const T& diagonal(int k) const { return diagonal_[k]; }

 private:
  template <class Entry>
  KOKKOS_FORCEINLINE_FUNCTION void reflect(int k, const Entry& x) const {
    T product = v_(k, k) * x(k);
    for (int i = k + 1; i < m; ++i) product += v_(i, k) * x(i);
    product = product * beta_[k];
    for (int i = k; i < m; ++i) x(i) -= product * v_(i, k);
  }

  Matrix<T, m, n> v_;  // reflectors on and below the diagonal, U above it
  Vector<T, n> diagonal_, beta_;
};

}  // namespace antler::inline ANTLER_LANES
