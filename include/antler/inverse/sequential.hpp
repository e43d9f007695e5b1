// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <type_traits>

#include "antler/core/require.hpp"
#include "antler/deer/affine_maps.hpp"
#include "antler/deer/concepts.hpp"

namespace antler::inline ANTLER_LANES {

/// One affine map y -> A y + b, or the composition of several.
template <class T, int n>
struct AffineMap {
  Matrix<T, n> A;
  Vector<T, n> b;

  KOKKOS_FORCEINLINE_FUNCTION static AffineMap identity() { return {Matrix<T, n>::identity(), Vector<T, n>::filled(T(0))}; }
  KOKKOS_FORCEINLINE_FUNCTION Vector<T, n> operator()(const Vector<T, n>& y) const { return A * y + b; }
};

/// First `earlier`, then `later`: (A_2 A_1, A_2 b_1 + b_2). Not commutative; the order of the arguments is the order in time.
template <class T, int n>
KOKKOS_FORCEINLINE_FUNCTION AffineMap<T, n> compose(const AffineMap<T, n>& earlier, const AffineMap<T, n>& later) {
  return {later.A * earlier.A, later.A * earlier.b + later.b};
}

namespace detail {

template <class T, int n, class ExecutionSpace>
KOKKOS_FORCEINLINE_FUNCTION AffineMap<T, n> map_at(const AffineMaps<T, n, ExecutionSpace>& maps, Index i) {
  return {gather_matrix<T, n>(maps.A, i), gather_row<T, n>(maps.b, i)};
}

/// y_i = A_i y_{i-1} + b_i for i = begin .. end - 1, from y_{begin-1} = state; returns y_{end-1}. O(n^2) per map.
template <class T, int n, class ExecutionSpace>
KOKKOS_INLINE_FUNCTION Vector<T, n> sweep(const AffineMaps<T, n, ExecutionSpace>& maps, Index begin, Index end, Vector<T, n> state,
                                          const Trajectory<T, n, ExecutionSpace>& y) {
  for (Index i = begin; i < end; ++i) {
    state = map_at(maps, i)(state);
    scatter_row(state, y, i);
  }
  return state;
}

/// A row of [A | b], n + 1 numbers and zeros up to a power of two: one vector register where the compiler has vector types and n is
/// small. Written with loops over n + 1 numbers, GCC 12 spreads a composition over shuffles that take longer than the products.
template <class T, int n>
struct ComposedRow {
  static constexpr int padded = n + 1 <= 2 ? 2 : n + 1 <= 4 ? 4 : 8;
#if defined(__GNUC__) && !defined(__CUDACC__) && !defined(__HIPCC__)
  typedef T type __attribute__((vector_size(sizeof(T) * padded)));
#else
  using type = Vector<T, padded>;
#endif
};

/// The composition of maps so far, [A | b] row by row: to compose a further map costs n^2 products of a number with a row.
template <class T, int n>
struct Composition {
  static constexpr bool short_rows = n <= 7;
  using Row = typename std::conditional_t<short_rows, ComposedRow<T, n>, std::type_identity<Vector<T, n + 1>>>::type;

  Row rows[n], last;  // last: the unit vector that b multiplies

  KOKKOS_FORCEINLINE_FUNCTION Composition() : rows{}, last{} {
    for (int r = 0; r < n; ++r) rows[r][r] = T(1);
    last[n] = T(1);
  }

  /// total <- map i o total.
  template <class ExecutionSpace>
  KOKKOS_FORCEINLINE_FUNCTION void append(const AffineMaps<T, n, ExecutionSpace>& maps, Index i) {
    Row next[n];
    for (int r = 0; r < n; ++r) {
      if constexpr (short_rows) {
        next[r] = maps.b(i, r) * last;
        for (int k = 0; k < n; ++k) next[r] += maps.A(i, r, k) * rows[k];
      } else {
        for (int j = 0; j <= n; ++j) next[r][j] = maps.A(i, r, 0) * rows[0][j];
        for (int k = 1; k < n; ++k) {
          const T a = maps.A(i, r, k);
          for (int j = 0; j <= n; ++j) next[r][j] += a * rows[k][j];
        }
        next[r][n] += maps.b(i, r);
      }
    }
    for (int r = 0; r < n; ++r) rows[r] = next[r];
    if (i % 16 == 0) flush();
  }

  /// A long product of contractions ends among the denormal numbers, where an operation costs a hundred cycles, and need not leave
  /// them: 0.9 times the smallest rounds to itself. Long before that its entries say nothing any more.
  KOKKOS_FORCEINLINE_FUNCTION void flush() {
    constexpr T negligible = sizeof(T) == 4 ? T(1e-30) : T(1e-280);
    for (int r = 0; r < n; ++r)
      for (int j = 0; j <= n; ++j)
        if (rows[r][j] < negligible && rows[r][j] > -negligible) rows[r][j] = T(0);
  }

  KOKKOS_FORCEINLINE_FUNCTION AffineMap<T, n> map() const {
    AffineMap<T, n> map;
    for (int r = 0; r < n; ++r) {
      for (int c = 0; c < n; ++c) map.A(r, c) = rows[r][c];
      map.b[r] = rows[r][n];
    }
    return map;
  }
};

/// The composition of maps begin .. end - 1 in the order of time. O(n^3) per map.
template <class T, int n, class ExecutionSpace>
KOKKOS_INLINE_FUNCTION AffineMap<T, n> composition(const AffineMaps<T, n, ExecutionSpace>& maps, Index begin, Index end) {
  Composition<T, n> total;
  for (Index i = begin; i < end; ++i) total.append(maps, i);
  return total.map();
}

/// Kernel of a single call: the whole recursion on one thread of the execution space.
template <class T, int n, class ExecutionSpace>
struct SweepAll {
  AffineMaps<T, n, ExecutionSpace> maps;
  Vector<T, n> initial;
  Trajectory<T, n, ExecutionSpace> y;
  Index length;

  KOKKOS_INLINE_FUNCTION void operator()(Index) const { sweep(maps, 0, length, initial, y); }
};

/// The same for several lags, O(N P n^2).
template <class T, int n, int lags, class ExecutionSpace>
struct SweepLagged {
  LaggedMaps<T, n, lags, ExecutionSpace> maps;
  Trajectory<T, n, ExecutionSpace> y;

  KOKKOS_INLINE_FUNCTION void operator()(Index) const {
    for (Index i = 0; i < maps.length(); ++i) {
      Vector<T, n> state = gather_row<T, n>(maps.b, i);
      for (int p = 0; p < lags && p < i; ++p)  // row i - 1 - p exists
        state += gather_matrix<T, n>(maps.A[static_cast<size_t>(p)], i) * gather_row<T, n>(y, i - 1 - p);
      scatter_row(state, y, i);
    }
  }
};

template <class ExecutionSpace, class Maps, class Y>
void require_matching(const Maps& maps, const Y& y, const SourceLocation& where) {
  require(maps.b.extent(0) == y.extent(0), "the trajectory must have one row per affine map: allocate y with maps.length() rows",
          where);
}

}  // namespace detail

/// Solves y_i = A_i y_{i-1} + b_i, i = 0 .. N - 1, one after the other: the oracle of the scans, and the fastest inverse on one
/// core.
///
/// @note Work O(N n^2), depth O(N), no memory of its own; moves N (n^2 + 2 n) scalars. On a device one thread does it: for tests.
struct SequentialInverse {
  /// The solver for maps of one type; the sequential one needs no storage.
  template <class T, int n, int lags = 1, class ExecutionSpace>
  [[nodiscard]] SequentialInverse plan(const ExecutionSpace& /*space*/, Index /*length*/ = 0) const {
    return {};
  }

  /// @param maps     affine maps, A of shape (N, n, n), b of shape (N, n)
  /// @param initial  y_{-1}, the state before the first map
  /// @param y        out: y_0 .. y_{N-1}, shape (N, n); may be maps.b
  /// @throws InvalidArgument  the lengths of maps and y differ
  template <class T, int n, class ExecutionSpace>
  Status apply(const ExecutionSpace& space, const AffineMaps<T, n, ExecutionSpace>& maps, const Vector<T, n>& initial,
               const Trajectory<T, n, ExecutionSpace>& y, const SourceLocation& where = SourceLocation::current()) const {
    detail::require_matching<ExecutionSpace>(maps, y, where);
    parallel_for("antler::inverse::sequential", space, 1, 0,
                 detail::SweepAll<T, n, ExecutionSpace>{maps, initial, y, maps.length()});
    return Status::converged;
  }

  /// The same from y_{-1} = 0: the inverse with homogeneous boundary values, as a Newton update needs it.
  template <class T, int n, class ExecutionSpace>
  Status apply(const ExecutionSpace& space, const AffineMaps<T, n, ExecutionSpace>& maps,
               const Trajectory<T, n, ExecutionSpace>& y) const {
    return apply(space, maps, Vector<T, n>::filled(T(0)), y);
  }

  /// Solves y_i = sum_p A_p,i y_{i-p} + b_i with y_i = 0 for i < 0, O(N P n^2).
  template <class T, int n, int lags, class ExecutionSpace>
  Status apply(const ExecutionSpace& space, const LaggedMaps<T, n, lags, ExecutionSpace>& maps,
               const Trajectory<T, n, ExecutionSpace>& y, const SourceLocation& where = SourceLocation::current()) const {
    detail::require_matching<ExecutionSpace>(maps, y, where);
    parallel_for("antler::inverse::sequential_lagged", space, 1, 0, detail::SweepLagged<T, n, lags, ExecutionSpace>{maps, y});
    return Status::converged;
  }
};

}  // namespace antler::inline ANTLER_LANES
