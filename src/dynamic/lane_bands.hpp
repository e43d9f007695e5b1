// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "dynamic/banded.hpp"
#include "dynamic/chunk_kernels.hpp"

namespace antler::dynamic {

/// gamma / h - J and (alpha + i beta) / h - J of Radau IIA for eight steps at once, a step in each lane of a vector, every lane
/// with row exchanges of its own: Banded::factor() on vectors, in which rows are exchanged by selection where lanes disagree.
///
/// One solution of eight systems costs what one system costs alone, so that steps whose right-hand sides are known together are
/// served here; what follows one from the other, as in the sweep, needs the factors of a step by themselves: unload().
///
/// @note Per row and factorisation 2 (lower + 1) (lower + upper + 1) operations on vectors, complex ones four times as many. Memory
///       24 (2 lower + upper + 1) numbers per row.
class LaneBands {
 public:
  static constexpr int lanes = static_cast<int>(Line::lanes);

  /// What the kernels work on: columns as in Banded, lines in place of numbers, two (re, im) for the pair.
  struct Matrices {
    std::ptrdiff_t n, lower, upper;
    Line *real, *pair;
    Line *real_pivots, *pair_pivots;                 // how far below the diagonal the pivot was found
    unsigned char *real_exchanged, *pair_exchanged;  // whether any lane exchanged
  };

  explicit LaneBands(const Banded& structure);

  static std::size_t numbers(int n, std::size_t matrix_size) { return 24 * matrix_size + 19 * static_cast<std::size_t>(n); }

  /// Step `lane` has length h.
  void set_length(int lane, double h);
  /// J of the steps 0 .. count - 1 in the storage of Banded; lanes beyond repeat the last.
  void load(int count, const double* const* jacobians);

  /// Factors all lanes; those whose matrix is singular or not finite are not regular().
  void factor();
  [[nodiscard]] bool regular(int lane) const { return check_.lane[lane] == 0; }

  /// The factors of one step in the storage of Banded.
  struct Factors {
    double *real, *re, *im;
    int *real_pivots, *pair_pivots;
  };
  /// Those of the lanes 0 .. count - 1.
  void unload(int count, const Factors* to) const;

  /// x_j <- (gamma / h - J)^{-1} x_j for the lanes 0 .. count - 1, and the same for three transformed stages.
  void solve_real(int count, double* const* x);
  void solve_stages(int count, double* const* w);

 private:
  void gather(int count, std::size_t offset, double* const* x, Line* to, std::ptrdiff_t lines) const;
  void scatter(int count, std::size_t offset, const Line* from, std::ptrdiff_t lines, double* const* x) const;

  Banded structure_;
  std::size_t n_, size_;
  Line shift_{}, pair_shift_{}, imaginary_{}, check_{};
  std::unique_ptr<Line[]> real_, pair_, real_pivots_, pair_pivots_, x_;
  std::vector<unsigned char> exchanged_;
};

/// The loops of LaneBands, written for one instruction set.
struct LaneBandKernels {
  /// real holds -J; shifts are added to the diagonals. Returns in `check` zero for every lane whose factors are finite.
  void (*factor)(const LaneBands::Matrices& a, const Line& shift, const Line& pair_shift, const Line& imaginary, Line& check);
  void (*solve_real)(const LaneBands::Matrices& a, Line* x);
  void (*solve_both)(const LaneBands::Matrices& a, Line* x, Line* pair);
};

/// For the widest vectors that the processor can run.
[[nodiscard]] const LaneBandKernels& lane_band_kernels();

}  // namespace antler::dynamic
