// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/complex.hpp"
#include "antler/core/matrix.hpp"

namespace antler::inline ANTLER_LANES {

/// A <- A^{-1} in place, real or complex, by the threads of a team that share the matrix: Gauss-Jordan with partial pivoting
/// [GolubVanLoan2013, sec. 3.4].
///
/// Thread `rank` of `size` calls, with a barrier of the team at each line's end,
///
///     begin(rank, size), and a(i, j) set by whoever knows it
///     for k = 0 .. n - 1:   finish(k - 1, rank, size) if k > 0, and one of the threads choose_pivot(k)
///                           eliminate(k, rank, size)
///     finish(n - 1, rank, size)
///
/// and then reads entries of the inverse from entry(i, j). Rows are not exchanged: that would be one more pass with a barrier. The
/// entries come out the same for any number of threads. A singular matrix gives infinities, NaN stays NaN.
/// @note n^3 multiplications and 2 n barriers; each factor of a row is multiplied by the pivot's reciprocal once more per entry,
/// which spares the barrier behind the scaling of the pivot's row.
template <class E, int n>
struct TeamInverse {
  Matrix<E, n> a;
  E reciprocal[n];   // of the pivot of column k
  int pivot_row[n];  // of column k
  int column_of[n];  // the column whose pivot lies in row i, -1: none yet

  KOKKOS_FORCEINLINE_FUNCTION void begin(int rank, int size) {
    for (int i = rank; i < n; i += size) column_of[i] = -1;
  }

  /// Column k's pivot: the largest entry in rows that were none. Reads nothing that finish(k - 1) writes.
  KOKKOS_INLINE_FUNCTION void choose_pivot(int k) {
    int row = -1;
    for (int i = 0; i < n; ++i)
      if (column_of[i] < 0 && (row < 0 || pivot_size(a(i, k)) > pivot_size(a(row, k)))) row = i;
    pivot_row[k] = row;
    column_of[row] = k;
    reciprocal[k] = antler::reciprocal(a(row, k));
  }

  /// Everything but the pivot's row and column.
  KOKKOS_INLINE_FUNCTION void eliminate(int k, int rank, int size) {
    const int p = pivot_row[k];
    const E scale = reciprocal[k];
    for (int entry = rank; entry < n * n; entry += size) {
      const int i = entry / n, j = entry % n;
      if (i != p && j != k) a(i, j) -= a(i, k) * scale * a(p, j);
    }
  }

  /// The pivot's row and column.
  KOKKOS_INLINE_FUNCTION void finish(int k, int rank, int size) {
    const int p = pivot_row[k];
    const E scale = reciprocal[k], negative = E{} - scale;
    for (int i = rank; i < n; i += size) {
      if (i != p) a(i, k) = a(i, k) * negative;
      if (i != k) a(p, i) = a(p, i) * scale;
    }
    if (rank == 0) a(p, k) = scale;
  }

  KOKKOS_FORCEINLINE_FUNCTION E entry(int i, int j) const { return a(pivot_row[i], column_of[j]); }
};

}  // namespace antler::inline ANTLER_LANES
