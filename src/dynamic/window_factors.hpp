// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// gamma / h - J and (alpha + i beta) / h - J for every step of a window: factors of all steps side by side, then a sweep that
/// solves with those of one step after the other.

#include <memory>
#include <optional>
#include <vector>

#include "antler/core/kokkos.hpp"
#include "dynamic/banded.hpp"
#include "dynamic/dense.hpp"
#include "dynamic/lane_bands.hpp"
#include "dynamic/partitioned_band.hpp"

namespace antler::dynamic {

/// Step by step, with row exchanges. Different steps may be served by different threads.
template <class Structure>
class PivotedWindow {
 public:
  /// @param capacity  largest number of steps
  PivotedWindow(const Structure& structure, Index capacity);

  static std::size_t numbers_per_step(int n, std::size_t matrix_size) { return 3 * matrix_size + static_cast<std::size_t>(n); }

  /// Steps that are to be factored, and solved with, in one call: first = 0, together(), 2 together(), ...
  [[nodiscard]] Index together() const { return 1; }

  /// The Jacobian of step i in the storage of the structure; null: there is none, and no factors.
  void store(Index i, const double* jacobian, double h);
  void factor(Index first, Index count);
  /// Whether step i has factors.
  [[nodiscard]] bool usable(Index i) const { return usable_[index(i)] != 0; }

  /// x <- (gamma / h - J)^{-1} x of the steps from `first` on, n numbers each; without factors x is left alone.
  void solve_real(Index first, Index count, double* const* x);
  /// The same for three transformed stages, n numbers each, with the matrix of their eigenvalue.
  void solve_stages(Index first, Index count, double* const* w);
  /// That of one step alone.
  void solve_stages_of(Index i, double* w);

 protected:
  static std::size_t index(Index i) { return static_cast<std::size_t>(i); }
  [[nodiscard]] double* matrix(Index i, int k) const { return matrices_.get() + (3 * index(i) + index(k)) * structure_.size(); }
  [[nodiscard]] int* pivots(Index i, int k) { return pivots_.data() + (2 * index(i) + index(k)) * n_; }
  /// The factors of one step, with row exchanges, in the place of its Jacobian.
  [[nodiscard]] bool factor_alone(Index i);

  Structure structure_;
  std::size_t n_;
  std::vector<double> h_;
  std::vector<unsigned char> usable_;
  std::unique_ptr<double[]> matrices_;  // not touched before the worker that fills them
  std::vector<int> pivots_;
};

/// Chooses how the matrices of a structure are factored.
template <class Structure>
class WindowFactors : public PivotedWindow<Structure> {
 public:
  using PivotedWindow<Structure>::PivotedWindow;
};

/// A narrow band is factored in the lanes of vectors: for eight steps at once, one in each lane, where it is short (LaneBands); in
/// eight chunks, step by step, where it is long (PartitionedBand). The chunks serve the sweep as well, which is a chain of
/// solutions; of eight steps at once it takes the factors row by row, as those of a wider band.
template <>
class WindowFactors<Banded> : public PivotedWindow<Banded> {
 public:
  WindowFactors(const Banded& structure, Index capacity);

  /// Of any structure: a dense one has more in its matrix.
  static std::size_t numbers_per_step(int n, std::size_t matrix_size);

  [[nodiscard]] Index together() const { return way_ == Way::lanes ? LaneBands::lanes : 1; }
  void factor(Index first, Index count);
  void solve_real(Index first, Index count, double* const* x);
  void solve_stages(Index first, Index count, double* const* w);
  void solve_stages_of(Index i, double* w);

 private:
  enum class Way { chunks, lanes, one_by_one };
  static Way way(const Banded& structure);
  void factor_in_lanes(Index first, Index count);
  [[nodiscard]] LaneBands& lanes_of(Index first) { return *lanes_[index(first) / LaneBands::lanes]; }

  Way way_;
  std::vector<std::unique_ptr<PartitionedBand>> chunks_;  // made by the first worker that needs them
  std::vector<unsigned char> in_chunks_;
  std::vector<std::unique_ptr<LaneBands>> lanes_;
};

}  // namespace antler::dynamic
