// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Cyclic reduction by chunks: the kernels. N block rows are cut into K chunks of c. The first row of a chunk is its separator s,
/// the others are its interior; s' is the separator of the next chunk.
///
///   reduce      eliminates the interior from left to right, j = s + 1, s + 2, ...:   x_j = y_j - V_j x_s - W_j x_{j+1}, where
///                 D'_j = D_j - L_j W_{j-1},   [V W y]_j = D'_j^{-1} [-L_j V_{j-1}, U_j, r_j - L_j y_{j-1}],   [V W y]_s = [-1 0
///                 0],
///               and x_j from row s at the same time; what is left couples s and s' alone: K block rows, tridiagonal
///   substitute  x_s and x_s' are known: the interior is tridiagonal by itself, and is solved anew
///
/// c = 2 is block cyclic reduction of the textbook [GolubVanLoan2013, sec. 4.5.3]; a chunk as long as a thread's share is the
/// partition method [Wang1981]. The flops are the same for every c, so that c is chosen for the machine. Nothing of size N is
/// stored between the two: reading the matrix again costs less than to write V, W, y and to read them back.

#include "antler/core/block_elimination.hpp"
#include "antler/core/lane_transpose.hpp"
#include "antler/deer/block_tridiagonal.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// How many chunks of c rows N rows are.
KOKKOS_INLINE_FUNCTION Index chunk_count(Index rows, Index chunk) { return (rows + chunk - 1) / chunk; }

/// Row j of the chunks first, first + 1, ..., one per lane. Rows that do not exist are those of x = 0: 0, 1, 0 and 0.
template <class Wide, class T, int n, class Space>
class ChunkRows {
 public:
  using System = BlockTridiagonal<T, n, Space>;
  using Block = Matrix<Wide, n>;
  static constexpr int width = lane_count<Wide>;

  const Index first;
  const bool whole;  // every chunk and the row behind it exist: nothing to be asked per lane

  KOKKOS_INLINE_FUNCTION ChunkRows(const System& system, Index chunk, Index first_chunk)
      : first(first_chunk), whole((first_chunk + width) * chunk < system.length()), system_(system), chunk_(chunk) {}

  KOKKOS_FORCEINLINE_FUNCTION Block lower(Index j) const { return block(system_.L, j, length(), zero_.values[0]); }
  KOKKOS_FORCEINLINE_FUNCTION Block diagonal(Index j) const { return block(system_.D, j, length(), one_.values[0]); }
  KOKKOS_FORCEINLINE_FUNCTION Block upper(Index j) const {
    return block(system_.U, j, system_.periodic() ? length() : length() - 1, zero_.values[0]);
  }
  /// L of the row behind the chunk.
  KOKKOS_FORCEINLINE_FUNCTION Block lower_behind() const {
    return blocks_at(
        system_.L, [&](int l) { return behind(l); }, zero_.values[0]);
  }
  KOKKOS_FORCEINLINE_FUNCTION Vector<Wide, n> right(Index j) const {
    Vector<Wide, n> v;
    if constexpr (width > 1) {
      const T* rows[width];
      for (int l = 0; l < width; ++l) rows[l] = row(l, j) < length() ? system_.r.data() + row(l, j) * n : zero_.values[0];
      load_columns<n>(rows, &v[0]);
    } else {
      for (int c = 0; c < n; ++c) v[c] = row(0, j) < length() ? static_cast<T>(system_.r(row(0, j), c)) : T(0);
    }
    return v;
  }

  /// The lanes whose chunk has a row j.
  KOKKOS_FORCEINLINE_FUNCTION mask_of<Wide> active(Index j) const {
    return from_lanes<Wide>([&](int l) { return T(row(l, j) < length() ? 1 : 0); }) == Wide(1);
  }
  /// The separator behind chunk `first + l`, as a row, negative where there is none.
  KOKKOS_FORCEINLINE_FUNCTION Index behind(int l) const {
    const Index next = (first + l + 1) * chunk_;
    if (next < length()) return next;
    return system_.periodic() && next - chunk_ < length() ? 0 : -1;
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION Index length() const { return system_.length(); }
  KOKKOS_FORCEINLINE_FUNCTION Index row(int l, Index j) const { return (first + l) * chunk_ + j; }

  /// Blocks of the rows before `end`, and `fallback` for the others.
  KOKKOS_FORCEINLINE_FUNCTION Block block(const Matrices<T, n, Space>& blocks, Index j, Index end, const T* fallback) const {
    return blocks_at(
        blocks, [&](int l) { return row(l, j) < end ? row(l, j) : Index{-1}; }, fallback);
  }

  /// Blocks of any rows; of none, `fallback`, where the row is negative.
  template <class RowOf>
  KOKKOS_FORCEINLINE_FUNCTION static Block blocks_at(const Matrices<T, n, Space>& blocks, const RowOf& row_of, const T* fallback) {
    if constexpr (width > 1) {
      const T* rows[width];
      for (int l = 0; l < width; ++l) rows[l] = row_of(l) < 0 ? fallback : blocks.data() + row_of(l) * n * n;
      return loaded(rows);
    } else {
      if (row_of(0) >= 0) return gather_matrix<Wide, n>(blocks, row_of(0));
      Block a;
      for (int k = 0; k < n * n; ++k) a(k / n, k % n) = fallback[k];
      return a;
    }
  }

  // Out of line: a call costs nothing beside n^2 registers that go to memory, and compilers have less to inline.
  [[gnu::noinline]] static Block loaded(const T* const (&rows)[width]) {
    Block a;
    load_columns<n * n>(rows, &a(0, 0));
    return a;
  }

  const System& system_;
  Index chunk_;
  Matrix<T, n> zero_{}, one_ = Matrix<T, n>::identity();
};

/// The system of the separators, a level up, and what the chunk before a separator contributes to its D and r. x: its solution.
template <class T, int n, class Space>
struct SeparatorSystem {
  BlockTridiagonal<T, n, Space> system;
  Matrices<T, n, Space> from_left;
  Trajectory<T, n, Space> right_from_left, x;

  static SeparatorSystem allocated(Index length) {
    return {BlockTridiagonal<T, n, Space>::allocated("antler::blocks::separators", length),
            allocate<Matrices<T, n, Space>>("antler::blocks::from_left", length),
            allocate<Trajectory<T, n, Space>>("antler::blocks::right_from_left", length),
            allocate<Trajectory<T, n, Space>>("antler::blocks::x", length)};
  }
  static std::size_t required_bytes(Index length) { return static_cast<std::size_t>(length) * (4 * n * n + 3 * n) * sizeof(T); }
};

/// The largest number of all lanes and entries, infinite when one is not finite.
template <class Wide, int n>
KOKKOS_FORCEINLINE_FUNCTION double largest_of(const Vector<Wide, n>& sizes) {
  scalar_of<Wide> values[lane_count<Wide>], largest = 0;
  for (int i = 0; i < n; ++i) {
    store(values, sizes[i]);
    for (int l = 0; l < lane_count<Wide>; ++l) {
      if (!is_finite(static_cast<double>(values[l]))) return HUGE_VAL;
      largest = values[l] > largest ? values[l] : largest;
    }
  }
  return static_cast<double>(largest);
}

/// What a reduction carries from row to row. Columns: V, W and y are solved one column at a time.
template <class Wide, int n>
struct ReducedRow {
  Vector<Wide, n> V[n], W[n], y;  // of the last row: x_j = y - V x_s - W x_{j+1}
  Vector<Wide, n> D[n], r;        // of the separator
  Matrix<Wide, n> ahead;          // what couples the separator to the row that is not yet eliminated
};

/// a b.
template <class Wide, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<Wide, n> times(const Matrix<Wide, n>& a, const Vector<Wide, n>& b) {
  Vector<Wide, n> c;
  for (int i = 0; i < n; ++i) {
    c[i] = a(i, 0) * b[0];
    for (int k = 1; k < n; ++k) c[i] += a(i, k) * b[k];
  }
  return c;
}

template <class Wide, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<Wide, n> column(const Matrix<Wide, n>& a, int k) {
  Vector<Wide, n> c;
  for (int i = 0; i < n; ++i) c[i] = a(i, k);
  return c;
}

/// Kernel: reduces one chunk per lane; returns the largest entry of V and W, the growth of the elimination.
template <class Wide, class T, int n, class Space>
struct ReduceChunks {
  static constexpr int width = lane_count<Wide>;
  using Rows = ChunkRows<Wide, T, n, Space>;
  using Carried = ReducedRow<Wide, n>;

  BlockTridiagonal<T, n, Space> system;
  SeparatorSystem<T, n, Space> separators;
  Index chunk;

  KOKKOS_INLINE_FUNCTION ANTLER_FLATTEN double operator()(Index group) const {
    const Rows rows(system, chunk, group * width);
    Carried carried = begin(rows), before;
    Vector<Wide, n> growth{};
    for (Index j = 1; j < chunk; ++j) {
      if (!rows.whole) before = carried;
      eliminate(rows, j, carried);
      if (!rows.whole) keep_inactive(rows.active(j), before, carried);
      for (int k = 0; k < n; ++k)
        for (int i = 0; i < n; ++i) growth[i] = larger(growth[i], larger(abs(carried.V[k][i]), abs(carried.W[k][i])));
    }
    write(rows, carried);
    return is_finite(largest_of(magnitudes(carried))) ? largest_of(growth) : HUGE_VAL;
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION static Wide larger(const Wide& a, const Wide& b) { return select(a > b, a, b); }

  /// Before the first interior row: x_s is -V x_s with V = -1.
  KOKKOS_FORCEINLINE_FUNCTION static Carried begin(const Rows& rows) {
    Carried carried;
    const Matrix<Wide, n> diagonal = rows.diagonal(0);
    for (int k = 0; k < n; ++k) {
      carried.V[k] = carried.W[k] = Vector<Wide, n>::filled(Wide(0));
      carried.V[k][k] = Wide(-1);
      carried.D[k] = column(diagonal, k);
    }
    carried.y = Vector<Wide, n>::filled(Wide(0));
    carried.r = rows.right(0);
    carried.ahead = rows.upper(0);
    return carried;
  }

  /// Row j is eliminated, from itself and from the separator's row.
  KOKKOS_FORCEINLINE_FUNCTION static void eliminate(const Rows& rows, Index j, Carried& carried) {
    const Matrix<Wide, n> lower = rows.lower(j), ahead = carried.ahead;
    Matrix<Wide, n> block = rows.diagonal(j);
    for (int k = 0; k < n; ++k) {
      const Vector<Wide, n> product = times(lower, carried.W[k]);
      for (int i = 0; i < n; ++i) block(i, k) -= product[i];
    }
    const BlockFactors<Wide, n> factors(block);
    for (int k = 0; k < n; ++k) {
      carried.V[k] = -times(lower, carried.V[k]);
      factors.solve(carried.V[k]);
      carried.D[k] -= times(ahead, carried.V[k]);
    }
    carried.y = rows.right(j) - times(lower, carried.y);
    factors.solve(carried.y);
    carried.r -= times(ahead, carried.y);
    const Matrix<Wide, n> upper = rows.upper(j);
    for (int k = 0; k < n; ++k) {
      carried.W[k] = column(upper, k);
      factors.solve(carried.W[k]);
      const Vector<Wide, n> product = times(ahead, carried.W[k]);
      for (int i = 0; i < n; ++i) carried.ahead(i, k) = -product[i];
    }
  }

  /// Lanes whose chunk has no such row stay as they were.
  KOKKOS_FORCEINLINE_FUNCTION static void keep_inactive(const mask_of<Wide>& active, const Carried& before, Carried& after) {
    const auto keep = [&](const Vector<Wide, n>& old, Vector<Wide, n>& v) {
      for (int i = 0; i < n; ++i) v[i] = select(active, v[i], old[i]);
    };
    for (int k = 0; k < n; ++k) {
      keep(before.V[k], after.V[k]);
      keep(before.W[k], after.W[k]);
      keep(before.D[k], after.D[k]);
      for (int i = 0; i < n; ++i) after.ahead(i, k) = select(active, after.ahead(i, k), before.ahead(i, k));
    }
    keep(before.y, after.y);
    keep(before.r, after.r);
  }

  /// Sums of the entries' sizes, not finite where an entry is not: a NaN of any row is in the last one.
  KOKKOS_FORCEINLINE_FUNCTION static Vector<Wide, n> magnitudes(const Carried& carried) {
    Vector<Wide, n> sums{};
    for (int i = 0; i < n; ++i) {
      for (int k = 0; k < n; ++k) sums[i] += abs(carried.V[k][i]) + abs(carried.W[k][i]);
      sums[i] += abs(carried.y[i]);
    }
    return sums;
  }

  /// The separator's row, and what the last interior row means to the next separator's: x_{s'-1} = y - V x_s - W x_{s'}.
  KOKKOS_FORCEINLINE_FUNCTION void write(const Rows& rows, const Carried& carried) const {
    const Matrix<Wide, n> lower = rows.lower_behind();
    const Index first = rows.first;
    for (int k = 0; k < n; ++k) {
      const Vector<Wide, n> left = times(lower, carried.V[k]), here = times(lower, carried.W[k]);
      for (int i = 0; i < n; ++i) {
        scatter(carried.D[k][i], separators.system.D, first, i, k);
        scatter(carried.ahead(i, k), separators.system.U, first, i, k);
        scatter_behind(rows, -left[i], separators.system.L, i, k);
        scatter_behind(rows, here[i], separators.from_left, i, k);
      }
    }
    const Vector<Wide, n> right = times(lower, carried.y);
    for (int i = 0; i < n; ++i) {
      scatter(carried.r[i], separators.system.r, first, i);
      scatter_behind(rows, right[i], separators.right_from_left, i);
    }
  }

  template <class View, class... Component>
  KOKKOS_FORCEINLINE_FUNCTION void scatter_behind(const Rows& rows, const Wide& value, const View& view, Component... c) const {
    T values[width];
    store(values, value);
    for (int l = 0; l < width; ++l)
      if (const Index row = rows.behind(l); row >= 0) view(row / chunk, c...) = values[l];
  }
};

/// Kernel: D and r of a separator get what the chunk before it contributed.
template <class T, int n, class Space>
struct MergeSeparators {
  SeparatorSystem<T, n, Space> separators;
  KOKKOS_INLINE_FUNCTION void operator()(Index k) const {
    if (k == 0 && !separators.system.periodic()) return;
    for (int i = 0; i < n; ++i) {
      for (int c = 0; c < n; ++c) separators.system.D(k, i, c) -= separators.from_left(k, i, c);
      separators.system.r(k, i) -= separators.right_from_left(k, i);
    }
  }
};

/// Kernel: solves the interior of one chunk per lane between its separators.
/// @tparam longest  no chunk has more rows
template <class Wide, class T, int n, class Space, int longest>
struct SubstituteChunks {
  static constexpr int width = lane_count<Wide>;
  BlockTridiagonal<T, n, Space> system;
  Trajectory<T, n, Space> separators, x;
  Index chunk;

  KOKKOS_INLINE_FUNCTION ANTLER_FLATTEN void operator()(Index group) const {
    const ChunkRows<Wide, T, n, Space> rows(system, chunk, group * width);
    Matrix<Wide, n> W[longest];
    Vector<Wide, n> y[longest];
    W[0] = Matrix<Wide, n>{};
    y[0] = gather_row<Wide, n>(separators, rows.first);
    for (Index j = 1; j < chunk; ++j) eliminate(rows, j, W, y);
    Vector<Wide, n> state = states_behind(rows);
    for (Index j = chunk - 1; j > 0; --j) {
      const Vector<Wide, n> solved = y[j] - W[j] * state;
      const mask_of<Wide> active = rows.whole ? Wide(0) == Wide(0) : rows.active(j);
      for (int c = 0; c < n; ++c) state[c] = rows.whole ? solved[c] : select(active, solved[c], state[c]);
      y[j] = state;
    }
    write(rows, y);
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION static void eliminate(const ChunkRows<Wide, T, n, Space>& rows, Index j, Matrix<Wide, n>* W,
                                                    Vector<Wide, n>* y) {
    const Matrix<Wide, n> lower = rows.lower(j), upper = rows.upper(j);
    const BlockFactors<Wide, n> factors(rows.diagonal(j) - lower * W[j - 1]);
    for (int k = 0; k < n; ++k) {
      Vector<Wide, n> solved = column(upper, k);
      factors.solve(solved);
      for (int i = 0; i < n; ++i) W[j](i, k) = solved[i];
    }
    y[j] = rows.right(j) - times(lower, y[j - 1]);
    factors.solve(y[j]);
  }

  /// x of the separators behind the chunks; zero where there is none, W is zero there too.
  KOKKOS_FORCEINLINE_FUNCTION Vector<Wide, n> states_behind(const ChunkRows<Wide, T, n, Space>& rows) const {
    if (rows.whole) return gather_row<Wide, n>(separators, rows.first + 1);
    Vector<Wide, n> states;
    for (int c = 0; c < n; ++c)
      states[c] = from_lanes<Wide>([&](int l) {
        const Index row = rows.behind(l);
        return row < 0 ? T(0) : separators(row / chunk, c);
      });
    return states;
  }

  KOKKOS_FORCEINLINE_FUNCTION void write(const ChunkRows<Wide, T, n, Space>& rows, const Vector<Wide, n>* states) const {
    if constexpr (width > 1) {
      if (rows.whole) {
        store_columns<Wide>(&states[0][0], static_cast<int>(chunk) * n, x.data() + rows.first * chunk * n, chunk * n);
        return;
      }
    }
    for (Index j = 0; j < chunk; ++j)
      for (int c = 0; c < n; ++c) {
        T values[width];
        store(values, states[j][c]);
        for (int l = 0; l < width; ++l)
          if (const Index row = (rows.first + l) * chunk + j; row < system.length()) x(row, c) = values[l];
      }
  }
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
