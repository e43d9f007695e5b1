// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/complex.hpp"
#include "antler/core/finite.hpp"
#include "antler/core/matrix.hpp"

namespace antler::inline ANTLER_LANES {

/// P A = L U with partial pivoting for one complex matrix, pivots by |re| + |im| as in LAPACK: the complex matrix of a sequential
/// Radau step.
///
/// As LU, for scalars only: the diagonal holds the reciprocals of the pivots, and a singular matrix shows in singular(). Cost: 8/3
/// n^3 flops to factor, 8 n^2 per right-hand side [GolubVanLoan2013, alg. 3.4.1].
template <class T, int n>
class ComplexLU {
 public:
  ComplexLU() = default;

  KOKKOS_INLINE_FUNCTION explicit ComplexLU(const Matrix<Complex<T>, n>& a) : lu_(a) {
    for (int k = 0; k < n; ++k) {
      int row = k;
      for (int i = k + 1; i < n; ++i)
        if (pivot_size(lu_(i, k)) > pivot_size(lu_(row, k))) row = i;
      pivot_[k] = row;
      if (row != k)
        for (int j = 0; j < n; ++j) exchange(lu_(k, j), lu_(row, j));
      lu_(k, k) = reciprocal(lu_(k, k));
      for (int i = k + 1; i < n; ++i) {
        const Complex<T> factor = lu_(i, k) = lu_(i, k) * lu_(k, k);
        for (int j = k + 1; j < n; ++j) lu_(i, j) -= factor * lu_(k, j);
      }
    }
  }

  /// x <- A^{-1} x.
  KOKKOS_INLINE_FUNCTION void solve(Vector<Complex<T>, n>& x) const {
    for (int k = 0; k < n - 1; ++k)
      if (pivot_[k] != k) exchange(x[k], x[pivot_[k]]);
    for (int i = 1; i < n; ++i)
      for (int k = 0; k < i; ++k) x[i] -= lu_(i, k) * x[k];
    for (int i = n - 1; i >= 0; --i) {
      for (int k = i + 1; k < n; ++k) x[i] -= lu_(i, k) * x[k];
      x[i] = x[i] * lu_(i, i);
    }
  }

  /// A pivot was zero, not finite, or so small or large that its reciprocal is not a finite number other than zero.
  KOKKOS_INLINE_FUNCTION bool singular() const {
    for (int k = 0; k < n; ++k) {
      const Complex<T>& r = lu_(k, k);
      if (!is_finite(r.re) || !is_finite(r.im) || (r.re == T(0) && r.im == T(0))) return true;
    }
    return false;
  }

 private:
  KOKKOS_INLINE_FUNCTION static void exchange(Complex<T>& a, Complex<T>& b) {
    const Complex<T> old = a;
    a = b;
    b = old;
  }

  Matrix<Complex<T>, n> lu_;
  int pivot_[n];
};

}  // namespace antler::inline ANTLER_LANES
