// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/math.hpp"
#include "antler/core/matrix.hpp"

/// @file
/// Square matrices of a special structure, each with the same four operations: `identity()`, A B, A x, and `flush()`, which clears
/// what has shrunk to nothing. An algorithm over affine maps does not ask which it has.

namespace antler::inline ANTLER_LANES {

/// Numbers of this size and below say nothing any more in a product of contractions, and are set to zero long before they end among
/// the denormal numbers, where an operation costs a hundred cycles.
template <class T>
inline constexpr T negligible = sizeof(T) == 4 ? T(1e-30) : T(1e-280);

/// Sets a negligible number to zero.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION void flush_to_zero(T& x) {
  if (x < negligible<T> && x > -negligible<T>) x = T(0);
}

/// diag(a_0, ..., a_{n-1}). A B and A x cost n products.
template <class T, int n>
struct Diagonal {
  Vector<T, n> values;

  KOKKOS_FORCEINLINE_FUNCTION static Diagonal identity() { return {Vector<T, n>::filled(T(1))}; }
  KOKKOS_FORCEINLINE_FUNCTION Diagonal& operator+=(const Diagonal& b) {
    values += b.values;
    return *this;
  }
  KOKKOS_FORCEINLINE_FUNCTION Diagonal& operator*=(const T& s) {
    values *= s;
    return *this;
  }
  KOKKOS_FORCEINLINE_FUNCTION friend Vector<T, n> operator*(const Diagonal& a, const Vector<T, n>& x) {
    Vector<T, n> y;
    for (int c = 0; c < n; ++c) y[c] = a.values[c] * x[c];
    return y;
  }
  KOKKOS_FORCEINLINE_FUNCTION friend Diagonal operator*(const Diagonal& a, const Diagonal& b) { return {a * b.values}; }
  KOKKOS_FORCEINLINE_FUNCTION void flush() {
    for (int c = 0; c < n; ++c) flush_to_zero(values[c]);
  }
};

/// [[A_qq, A_qp], [A_pq, A_pp]] with diagonal blocks: component c of the first half of a state, a position, and component c of the
/// second half, its momentum, see each other and nothing else. A B costs 4 n products, A x 2 n.
template <class T, int n>
struct PairBlocks {
  static_assert(n % 2 == 0, "PairBlocks: a state of positions and as many momenta has an even number of components");
  static constexpr int m = n / 2;

  Matrix<T, 2> blocks[m];

  KOKKOS_FORCEINLINE_FUNCTION static PairBlocks identity() {
    PairBlocks one;
    for (int c = 0; c < m; ++c) one.blocks[c] = Matrix<T, 2>::identity();
    return one;
  }
  KOKKOS_FORCEINLINE_FUNCTION friend Vector<T, n> operator*(const PairBlocks& a, const Vector<T, n>& x) {
    Vector<T, n> y;
    for (int c = 0; c < m; ++c) {
      y[c] = a.blocks[c](0, 0) * x[c] + a.blocks[c](0, 1) * x[m + c];
      y[m + c] = a.blocks[c](1, 0) * x[c] + a.blocks[c](1, 1) * x[m + c];
    }
    return y;
  }
  KOKKOS_FORCEINLINE_FUNCTION friend PairBlocks operator*(const PairBlocks& a, const PairBlocks& b) {
    PairBlocks product;
    for (int c = 0; c < m; ++c) product.blocks[c] = a.blocks[c] * b.blocks[c];
    return product;
  }
  KOKKOS_FORCEINLINE_FUNCTION void flush() {
    for (int c = 0; c < m; ++c)
      for (int k = 0; k < 4; ++k) flush_to_zero(blocks[c](k / 2, k % 2));
  }
};

/// The identity.
template <class T, int n>
struct UnitMatrix {
  KOKKOS_FORCEINLINE_FUNCTION static UnitMatrix identity() { return {}; }
  KOKKOS_FORCEINLINE_FUNCTION friend Vector<T, n> operator*(const UnitMatrix&, const Vector<T, n>& x) { return x; }
  KOKKOS_FORCEINLINE_FUNCTION friend UnitMatrix operator*(const UnitMatrix&, const UnitMatrix&) { return {}; }
  KOKKOS_FORCEINLINE_FUNCTION void flush() {}
};

/// Zero. It has no identity, and nothing is composed of it.
template <class T, int n>
struct ZeroMatrix {
  KOKKOS_FORCEINLINE_FUNCTION friend Vector<T, n> operator*(const ZeroMatrix&, const Vector<T, n>&) {
    return Vector<T, n>::filled(T(0));
  }
};

}  // namespace antler::inline ANTLER_LANES
