// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <type_traits>

#include "antler/core/require.hpp"
#include "antler/deer/affine_maps.hpp"
#include "antler/deer/concepts.hpp"

namespace antler::inline ANTLER_LANES {

/// One affine map y -> A y + b, or the composition of several. Linear is the structure of A: a Matrix, a Diagonal, PairBlocks.
template <class Linear, class T, int n>
struct StructuredMap {
  Linear A;
  Vector<T, n> b;

  KOKKOS_FORCEINLINE_FUNCTION static StructuredMap identity() { return {Linear::identity(), Vector<T, n>::filled(T(0))}; }
  KOKKOS_FORCEINLINE_FUNCTION Vector<T, n> operator()(const Vector<T, n>& y) const { return A * y + b; }
};

/// With a dense A.
template <class T, int n>
using AffineMap = StructuredMap<Matrix<T, n>, T, n>;

/// First `earlier`, then `later`: (A_2 A_1, A_2 b_1 + b_2). Not commutative; the order of the arguments is the order in time.
template <class Linear, class T, int n>
KOKKOS_FORCEINLINE_FUNCTION StructuredMap<Linear, T, n> compose(const StructuredMap<Linear, T, n>& earlier,
                                                                const StructuredMap<Linear, T, n>& later) {
  return {later.A * earlier.A, later.A * earlier.b + later.b};
}

/// Maps of one step of any structure, laid out as deer/affine_maps.hpp says.
template <class Maps>
concept OneStepMaps = requires(const Maps maps, Index i) {
  maps.template linear<typename Maps::Scalar>(i);
  maps.b;
};

namespace detail {

/// What Maps hold, as a value.
template <class Maps>
using MapOf = StructuredMap<typename Maps::template Linear<typename Maps::Scalar>, typename Maps::Scalar, Maps::size>;
template <class Maps>
using StateOf = Vector<typename Maps::Scalar, Maps::size>;
template <class Maps>
using StatesOf = Trajectory<typename Maps::Scalar, Maps::size, typename Maps::Space>;

template <class Maps>
KOKKOS_FORCEINLINE_FUNCTION MapOf<Maps> map_at(const Maps& maps, Index i) {
  using T = typename Maps::Scalar;
  return {maps.template linear<T>(i), gather_row<T, Maps::size>(maps.b, i)};
}

template <class Maps>
KOKKOS_FORCEINLINE_FUNCTION void set_map(const MapOf<Maps>& map, const Maps& maps, Index i) {
  maps.set_linear(map.A, i);
  scatter_row(map.b, maps.b, i);
}

/// y_i = A_i y_{i-1} + b_i for i = begin .. end - 1, from y_{begin-1} = state; returns y_{end-1}. O(n^2) per map, O(n) for
/// diagonals.
template <class Maps>
KOKKOS_INLINE_FUNCTION StateOf<Maps> sweep(const Maps& maps, Index begin, Index end, StateOf<Maps> state, const StatesOf<Maps>& y) {
  for (Index i = begin; i < end; ++i) {
    if constexpr (Maps::columns > 32) {  // a dense matrix that is better read where it is than copied to the stack
      const StateOf<Maps> before = state;
      for (int r = 0; r < Maps::size; ++r) {
        state[r] = maps.A(i, r, 0) * before[0];
        for (int c = 1; c < Maps::size; ++c) state[r] += maps.A(i, r, c) * before[c];
        state[r] += maps.b(i, r);
      }
    } else {
      state = map_at(maps, i)(state);
    }
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

/// The composition of maps so far.
template <class Maps>
struct Composition {
  MapOf<Maps> total = MapOf<Maps>::identity();

  /// total <- map i o total.
  KOKKOS_FORCEINLINE_FUNCTION void append(const Maps& maps, Index i) {
    total = compose(total, map_at(maps, i));
    if (i % 16 != 0) return;
    total.A.flush();
    for (int c = 0; c < Maps::size; ++c) flush_to_zero(total.b[c]);
  }
  KOKKOS_FORCEINLINE_FUNCTION MapOf<Maps> map() const { return total; }
};

/// With dense A, [A | b] row by row: to compose a further map costs n^2 products of a number with a row.
template <class T, int n, class ExecutionSpace>
struct Composition<AffineMaps<T, n, ExecutionSpace>> {
  static constexpr bool short_rows = n <= 7;
  using Row = typename std::conditional_t<short_rows, ComposedRow<T, n>, std::type_identity<Vector<T, n + 1>>>::type;

  Row rows[n], last;  // last: the unit vector that b multiplies

  KOKKOS_FORCEINLINE_FUNCTION Composition() : rows{}, last{} {
    for (int r = 0; r < n; ++r) rows[r][r] = T(1);
    last[n] = T(1);
  }

  /// total <- map i o total.
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

  /// flush_to_zero() entry by entry, in place: by reference GCC takes the rows out of their registers.
  KOKKOS_FORCEINLINE_FUNCTION void flush() {
    for (int r = 0; r < n; ++r)
      for (int j = 0; j <= n; ++j)
        if (rows[r][j] < negligible<T> && rows[r][j] > -negligible<T>) rows[r][j] = T(0);
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

/// The composition of maps begin .. end - 1 in the order of time. O(n^3) per map, O(n) for diagonals.
template <class Maps>
KOKKOS_INLINE_FUNCTION MapOf<Maps> composition(const Maps& maps, Index begin, Index end) {
  Composition<Maps> total;
  for (Index i = begin; i < end; ++i) total.append(maps, i);
  return total.map();
}

/// Kernel of a single call: the whole recursion on one thread of the execution space.
template <class Maps>
struct SweepAll {
  Maps maps;
  StateOf<Maps> initial;
  StatesOf<Maps> y;
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
/// @note Work O(N n^2), for diagonal maps O(N n), depth O(N), no memory of its own; moves N (n^2 + 2 n) or 3 N n scalars. On a
/// device one thread does it: for tests.
struct SequentialInverse {
  /// The solver for maps of one type; the sequential one needs no storage.
  template <class T, int n, int lags = 1, class ExecutionSpace>
  [[nodiscard]] SequentialInverse plan(const ExecutionSpace& /*space*/, Index /*length*/ = 0) const {
    return {};
  }
  /// The same for maps of any structure.
  template <OneStepMaps Maps>
  [[nodiscard]] SequentialInverse plan_for(const typename Maps::Space& /*space*/) const {
    return {};
  }

  /// @param maps     affine maps, A of shape (N, n, n), b of shape (N, n), or of another structure
  /// @param initial  y_{-1}, the state before the first map
  /// @param y        out: y_0 .. y_{N-1}, shape (N, n); may be maps.b
  /// @throws InvalidArgument  the lengths of maps and y differ
  template <OneStepMaps Maps>
  Status apply(const typename Maps::Space& space, const Maps& maps, const detail::StateOf<Maps>& initial,
               const detail::StatesOf<Maps>& y, const SourceLocation& where = SourceLocation::current()) const {
    detail::require_matching<typename Maps::Space>(maps, y, where);
    parallel_for("antler::inverse::sequential", space, 1, 0, detail::SweepAll<Maps>{maps, initial, y, maps.length()});
    return Status::converged;
  }

  /// The same from y_{-1} = 0: the inverse with homogeneous boundary values, as a Newton update needs it.
  template <OneStepMaps Maps>
  Status apply(const typename Maps::Space& space, const Maps& maps, const detail::StatesOf<Maps>& y) const {
    return apply(space, maps, detail::StateOf<Maps>::filled(0), y);
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
