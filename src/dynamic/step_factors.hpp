// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "dynamic/banded.hpp"
#include "dynamic/dense.hpp"
#include "dynamic/observed_band.hpp"
#include "dynamic/partitioned_band.hpp"

namespace antler::dynamic {

/// The real and the complex matrix lambda / h - J of one step of Radau IIA, with row exchanges.
template <class Structure>
class PivotedFactors {
 public:
  explicit PivotedFactors(const Structure& structure);

  static std::size_t numbers(int n, std::size_t matrix_size) { return 3 * matrix_size + static_cast<std::size_t>(n); }

  /// @param jacobian  J in the storage of the structure
  /// @return          false when a matrix is singular or not finite
  [[nodiscard]] bool factor(const double* jacobian, double h);

  /// x <- (gamma / h - J)^{-1} x, n numbers.
  void solve_real(double* x);
  /// The same for the three transformed stages, n numbers each, with the matrix of their eigenvalue.
  void solve_stages(double* w);
  /// What factor() costs, in solutions.
  [[nodiscard]] double factor_cost() const { return structure_.factor_flops() / structure_.solve_flops(); }

 private:
  Structure structure_;
  std::size_t n_;
  std::unique_ptr<double[]> real_, re_, im_;
  std::vector<int> real_pivots_, pair_pivots_;
};

/// Chooses how the matrices of a structure are factored.
template <class Structure>
class StepFactors : public PivotedFactors<Structure> {
 public:
  using PivotedFactors<Structure>::PivotedFactors;

  /// To be told of every new J, in the storage of the structure.
  void observe(const double* /*jacobian*/) {}
};

/// A narrow band is factored in the lanes of vectors where that needs no row exchanges.
template <>
class StepFactors<Banded> {
 public:
  explicit StepFactors(const Banded& structure);

  /// Of any structure: those of the widest band that goes into lanes are few.
  static std::size_t numbers(int n, std::size_t matrix_size) {
    return PivotedFactors<Banded>::numbers(n, matrix_size) + PartitionedBand::most_numbers(n);
  }

  void observe(const double* jacobian);
  [[nodiscard]] bool factor(const double* jacobian, double h);
  void solve_real(double* x);
  void solve_stages(double* w);
  [[nodiscard]] double factor_cost() const { return pivoted_.factor_cost(); }

 private:
  Banded structure_;
  PivotedFactors<Banded> pivoted_;
  std::optional<PartitionedBand> lanes_;
  bool in_lanes_ = false;
};

/// A dense matrix may turn out to have few entries that are not zero: then it is factored as the band that a good order of the
/// components makes of it (ObservedBand), which solves the same equations in a fraction of the time.
template <>
class StepFactors<Dense> {
 public:
  explicit StepFactors(const Dense& structure);

  static std::size_t numbers(int n, std::size_t matrix_size) {
    return PivotedFactors<Dense>::numbers(n, matrix_size) + 2 * StepFactors<Banded>::numbers(n, matrix_size / 3) +
           3 * static_cast<std::size_t>(n) + ObservedBand::numbers(n);
  }

  void observe(const double* jacobian);
  [[nodiscard]] bool factor(const double* jacobian, double h);
  void solve_real(double* x);
  void solve_stages(double* w);
  [[nodiscard]] double factor_cost() const { return band_ ? band_->factor_cost() : pivoted_.factor_cost(); }

 private:
  std::size_t n_;
  PivotedFactors<Dense> pivoted_;
  ObservedBand observed_;
  std::optional<StepFactors<Banded>> band_;
  std::vector<double> banded_, ordered_;  // J in the storage of the band; right-hand sides in its order
};

}  // namespace antler::dynamic
