// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace antler {

/// What a linearised implicit equation N y' + K y = r determines.
enum class PencilKind {
  index_one,     ///< y' in the directions that N sees, and y in those that it does not: index 0 or 1
  higher_index,  ///< a regular pencil, whose algebraic equations leave algebraic components undetermined: index 2 or more
  singular,      ///< det(lambda N + K) is zero for every lambda: no unique solution
};

/// The matrix pencil lambda N + K of an implicit equation F(t, y, y') = 0 with N = dF/dy', K = dF/dy, taken apart by eliminations
/// with complete pivoting.
///
/// Let V span the null space of N, and P the components of y' that N determines, as many as its rank. The pencil has index 1 at
/// most exactly when
///
///     B = [K V | N P]
///
/// is regular [HairerWanner1996, sec. VI.1]: where N is blind, K sees. Rows and columns are scaled to a largest entry of one before
/// every elimination, so that neither the units of equations nor those of components decide; a pivot below `tolerance` is zero. So
/// an algebraic equation may determine its component as weakly as it likes (0 = 1e-12 z + g(y) has index 1), but two of them must
/// differ by more than the tolerance.
///
/// @note Host code, O(n^3) once per set of initial values; allocates.
class MatrixPencil {
 public:
  /// @param by_y       K, n x n, row by row
  /// @param by_slope   N, n x n, row by row
  /// @param tolerance  some hundred units in the last place of the numbers that K and N were computed in
  MatrixPencil(int n, std::span<const double> by_y, std::span<const double> by_slope, double tolerance);

  /// Rank of N: how many directions of y are differential.
  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] PencilKind kind() const { return kind_; }
  /// Whether component c of y is moved when initial values are made consistent: it has a part in the null space of N.
  [[nodiscard]] bool algebraic(int c) const;

  /// With index 1 at most: dy in the null space of N and ds that solve K dy + N ds = -residual; components of ds that N does not
  /// determine are zero.
  void solve(std::span<const double> residual, std::span<double> dy, std::span<double> ds) const;

  /// A square matrix with its factors, by complete pivoting after scaling.
  class Elimination {
   public:
    Elimination() = default;
    /// @param n  rows and columns of the matrix, which is given row by row
    Elimination(int n, std::vector<double> matrix, double tolerance);
    [[nodiscard]] int rank() const { return rank_; }
    /// A basis of the null space, one vector of n entries after the other.
    [[nodiscard]] std::vector<double> null_space() const;
    /// The columns of the pivots: these are independent.
    [[nodiscard]] std::span<const int> pivot_columns() const { return {columns_.data(), static_cast<std::size_t>(rank_)}; }
    /// x <- A^{-1} x, of a matrix of full rank.
    void solve(std::span<double> x) const;

   private:
    [[nodiscard]] double& at(int i, int j) { return entries_[static_cast<std::size_t>(i * n_ + j)]; }
    [[nodiscard]] double at(int i, int j) const { return entries_[static_cast<std::size_t>(i * n_ + j)]; }
    void scale();
    void eliminate(double tolerance);

    int n_ = 0, rank_ = 0;
    std::vector<double> entries_, row_scale_, column_scale_;
    std::vector<int> rows_, columns_;
  };

 private:
  int n_, rank_ = 0;
  PencilKind kind_ = PencilKind::index_one;
  std::vector<double> null_space_;  // V, vector after vector
  std::vector<int> determined_;     // P
  Elimination system_;              // B
};

}  // namespace antler
