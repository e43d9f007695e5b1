// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

#include "dynamic/banded.hpp"
#include "dynamic/chunk_kernels.hpp"

namespace antler::dynamic {

/// gamma / h - J and (alpha + i beta) / h - J of Radau IIA for a narrow band J, cut into eight chunks of rows that are eliminated
/// side by side, one in each lane of a vector: the algorithm SPIKE [PolizziSameh2006].
///
///     A = D S,   D the diagonal blocks of the chunks,   S = 1 + D^{-1} (A - D)
///
/// D is factored without row exchanges. S couples chunks by the first and last b unknowns of their neighbours only (b the larger
/// bandwidth): a band of 16 b equations. A narrow band's factors are one chain of dependent operations; the lanes shorten it to an
/// eighth.
///
/// @note Per row and solution 8 b + 2 flops where Banded has 6 b + 2, complex ones four times as many.
class PartitionedBand {
 public:
  static constexpr int widest = 3;

  /// Whether a band is narrow and long enough.
  static bool serves(int n, int lower, int upper);
  static std::size_t numbers(int n, int lower, int upper);
  /// Of the widest band of n rows that it serves.
  static std::size_t most_numbers(int n);

  PartitionedBand(int n, int lower, int upper);
  /// With kernels of chunk_kernels(max(lower, upper)), not the widest that the processor can run.
  PartitionedBand(int n, int lower, int upper, const ChunkKernels& kernels);

  /// @param jacobian  J in the storage of Banded
  void load(const Banded& structure, const double* jacobian);

  /// @return false when a factor would be large or not finite: then rows have to be exchanged, as Banded does
  [[nodiscard]] bool factor(double h);

  /// As StepFactors has them.
  void solve_real(double* x);
  void solve_stages(double* w);

 private:
  /// The place of unknown i of the 2 b ends of a chunk in it.
  [[nodiscard]] std::ptrdiff_t row_of_end(std::ptrdiff_t i) const { return i < b_ ? i : chunks_.m - 2 * b_ + i; }
  /// Writes 1 - S to the band of the ends; `lines` is 1 for a real number and 2 for a complex one, `part` the one to take.
  void couple(const ChunkMatrix& matrix, std::size_t lines, std::size_t part, double* band) const;
  /// The ends of the chunks, and back what the neighbours' mean for each chunk.
  void take_ends(const ChunkMatrix& matrix, std::size_t lines, std::size_t part, double* ends) const;
  void give_ends(ChunkMatrix& matrix, std::size_t lines, std::size_t part, const double* ends) const;

  std::ptrdiff_t n_, b_;
  Chunks chunks_;
  ChunkKernels kernels_;
  Banded coupling_;
  std::vector<double> real_, re_, im_, ends_;  // the matrix of the coupling, and its three right-hand sides
  std::vector<int> real_pivots_, pair_pivots_;
};

}  // namespace antler::dynamic
