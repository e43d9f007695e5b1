// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/math.hpp"
#include "antler/core/matrix.hpp"

namespace antler::inline ANTLER_LANES {

/// A = L L^T for a symmetric positive definite matrix, of which the lower triangle is read [GolubVanLoan2013, alg. 4.2.1].
///
/// The diagonal holds the reciprocals 1/l_kk. No pivoting is needed: the error of a solution is small against the condition of A
/// after the best scaling of its rows and columns. A matrix that is not positive definite gives values that are not finite: nothing
/// is thrown, the caller is inside a kernel. Cost: 1/3 n^3 flops to factor, 2 n^2 per right-hand side, 2/3 n^3 for the inverse.
template <class T, int n>
class Cholesky {
 public:
  KOKKOS_INLINE_FUNCTION explicit Cholesky(const Matrix<T, n>& a) : l_(a) {
    for (int k = 0; k < n; ++k) {
      for (int j = 0; j < k; ++j)
        for (int i = k; i < n; ++i) l_(i, k) -= l_(i, j) * l_(k, j);
      const T reciprocal = T(1) / sqrt(l_(k, k));
      l_(k, k) = reciprocal;
      for (int i = k + 1; i < n; ++i) l_(i, k) *= reciprocal;
    }
  }

  /// x <- A^{-1} x.
  KOKKOS_INLINE_FUNCTION void solve(Vector<T, n>& x) const {
    for (int i = 0; i < n; ++i) {
      for (int k = 0; k < i; ++k) x[i] -= l_(i, k) * x[k];
      x[i] *= l_(i, i);
    }
    for (int i = n - 1; i >= 0; --i) {
      for (int k = i + 1; k < n; ++k) x[i] -= l_(k, i) * x[k];
      x[i] *= l_(i, i);
    }
  }

  /// A^{-1} = L^{-T} L^{-1}, symmetric to the last bit.
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Matrix<T, n> inverse() const {
    Matrix<T, n> rows;  // row j holds column j of L^{-1}, from entry j on
    for (int j = 0; j < n; ++j) {
      rows(j, j) = l_(j, j);
      for (int i = j + 1; i < n; ++i) {
        T sum = T(0);
        for (int k = j; k < i; ++k) sum -= l_(i, k) * rows(j, k);
        rows(j, i) = sum * l_(i, i);
      }
    }
    Matrix<T, n> inverse;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j <= i; ++j) {
        T sum = T(0);
        for (int k = i; k < n; ++k) sum += rows(i, k) * rows(j, k);
        inverse(i, j) = inverse(j, i) = sum;
      }
    return inverse;
  }

 private:
  Matrix<T, n> l_;
};

}  // namespace antler::inline ANTLER_LANES
