// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace antler::dynamic {

/// Eight numbers, one of each chunk.
struct alignas(64) Line {
  static constexpr std::ptrdiff_t lanes = 8;
  double lane[lanes];
};

/// A matrix in chunks of m rows, row k of chunk j in lane j. An entry is one line, or two where it is complex.
struct ChunkMatrix {
  std::vector<Line> lu;            // (m, 2 b + 1): row k has column k + d at b + d; then its factors, pivots as reciprocals
  std::vector<Line> next, before;  // (m, b): D^{-1} times the columns of the next chunk's first and of the last one's last unknowns
  std::vector<Line> x;             // (m): right-hand side and solution
  std::vector<Line> next_first, last_before;  // (b): those unknowns
};

struct Chunks {
  std::ptrdiff_t n, m;
  std::vector<Line> minus_jacobian;  // as ChunkMatrix::lu
  ChunkMatrix real, pair;
};

/// The loops over the rows of all chunks, written for one bandwidth and one instruction set.
struct ChunkKernels {
  /// Factors of D and the columns next, before, for both matrices. Returns the sum of squares of all factors.
  double (*factor)(Chunks& chunks, double h);
  /// x <- D^{-1} right-hand side; `both` for the real number and the complex pair of three arrays of n numbers.
  void (*eliminate_real)(Chunks& chunks, const double* right_hand_side);
  void (*eliminate_both)(Chunks& chunks, const double* right_hand_sides);
  /// solution <- x - next next_first - before last_before.
  void (*correct_real)(Chunks& chunks, double* solution);
  void (*correct_both)(Chunks& chunks, double* solutions);
};

/// The kernels that the processor can run, widest vectors last.
/// @param b  bandwidth, 1 to 3
[[nodiscard]] std::span<const ChunkKernels> chunk_kernels(int b);

}  // namespace antler::dynamic
