// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Which entries of df/dy may differ from zero, and how a callback writes them. For state sizes known at run time only.

#include <cstddef>
#include <span>
#include <variant>
#include <vector>

#include "antler/core/require.hpp"

namespace antler {

/// Every component of f may depend on every component of y.
struct DensePattern {};

/// f_r depends on y_c for -upper <= r - c <= lower only; both are 0 .. n - 1.
struct BandedPattern {
  int lower;  ///< subdiagonals
  int upper;  ///< superdiagonals
};

/// Row and column of an entry, counted from 0.
struct JacobianIndex {
  int row;
  int column;
};

/// f_r depends on y_c for the listed (r, c) only. The order is free, repetitions and a missing diagonal do no harm.
struct SparsePattern {
  std::vector<JacobianIndex> entries;
};

using JacobianPattern = std::variant<DensePattern, BandedPattern, SparsePattern>;

/// What a Jacobian callback writes to: `dfdy(r, c) = ...` for the entries that are not zero; all others are zero already.
///
/// It is a reference to storage of the solver and valid during the call only.
class JacobianEntries {
 public:
  /// Where the entries lie: (r, c) at first + r + leading c, in a component order that may differ from the user's. For solvers.
  struct Layout {
    int n;
    int lower, upper;      ///< bandwidths of what is stored
    std::ptrdiff_t first;  ///< of entry (0, 0)
    std::ptrdiff_t leading;
    const int* position;  ///< position[c] is the place of the user's component c in the solver's order; null when they agree
  };

  JacobianEntries(double* values, const Layout& layout) : values_(values), layout_(layout) {}

  /// The number of components.
  [[nodiscard]] int size() const { return layout_.n; }

  /// Entry df_row / dy_column.
  ///
  /// @throws InvalidArgument  no such entry, or the problem's pattern says that it is zero
  double& operator()(int row, int column, const SourceLocation& where = SourceLocation::current()) const {
    const bool exists = row >= 0 && row < layout_.n && column >= 0 && column < layout_.n;
    if (!exists) reject(row, column, where);
    const int r = layout_.position ? layout_.position[row] : row, c = layout_.position ? layout_.position[column] : column;
    if (r - c > layout_.lower || c - r > layout_.upper) reject(row, column, where);
    return values_[layout_.first + r + layout_.leading * c];
  }

  /// Entry df_row / dy_column of those that the pattern has, without a look at the indices.
  double& at(int row, int column) const {
    if (layout_.position) row = layout_.position[row], column = layout_.position[column];
    return values_[layout_.first + row + layout_.leading * column];
  }

  /// Copies a whole matrix, row after row.
  ///
  /// @throws InvalidArgument  the matrix does not have n * n entries, or has one outside of the pattern that is not zero
  void assign(std::span<const double> row_by_row, const SourceLocation& where = SourceLocation::current()) const;

 private:
  [[noreturn]] void reject(int row, int column, const SourceLocation& where) const;

  double* values_;
  Layout layout_;
};

}  // namespace antler
