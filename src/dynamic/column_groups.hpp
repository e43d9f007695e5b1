// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "antler/problem/jacobian_pattern.hpp"

namespace antler::dynamic {

/// Which rows of a matrix may be non-zero, column by column, and groups of columns that have no row in common: one difference of f
/// serves a whole group [CurtisPowellReid1974].
///
/// Dense: n groups of one column. Banded: lower + upper + 1 groups. Sparse: the groups of a greedy colouring in the order of the
/// columns, at least as many as the fullest row has entries.
class ColumnGroups {
 public:
  /// A band; dense is the band of n - 1 and n - 1.
  ColumnGroups(int n, int lower, int upper);
  /// A list of entries; `position` is the order of the components, empty for the order of the list.
  ColumnGroups(int n, const SparsePattern& pattern, const std::vector<int>& position);

  [[nodiscard]] int groups() const { return static_cast<int>(start_.size()) - 1; }
  [[nodiscard]] std::span<const int> columns(int group) const { return slice(columns_, start_, group); }

  /// Calls body(row) for the rows of a column.
  template <class Body>
  void for_each_row(int column, const Body& body) const {
    if (row_start_.empty()) {
      for (int r = std::max(0, column - upper_), last = std::min(n_ - 1, column + lower_); r <= last; ++r) body(r);
    } else {
      for (const int r : slice(rows_, row_start_, column)) body(r);
    }
  }

  /// Subdiagonals and superdiagonals.
  [[nodiscard]] int lower() const { return lower_; }
  [[nodiscard]] int upper() const { return upper_; }

 private:
  static std::span<const int> slice(const std::vector<int>& list, const std::vector<int>& start, int i) {
    const auto k = static_cast<std::size_t>(i);
    return {list.data() + start[k], static_cast<std::size_t>(start[k + 1] - start[k])};
  }
  void set_groups(const std::vector<int>& group_of, int groups);

  int n_, lower_, upper_;
  std::vector<int> start_, columns_;   // group g: columns_[start_[g]] .. columns_[start_[g + 1] - 1]
  std::vector<int> row_start_, rows_;  // the same for the rows of a column; empty for a band
};

/// An order of the components in which a sparse pattern has a small band: reverse Cuthill-McKee [CuthillMcKee1969] on the pattern
/// of J + J^T. position[c] is the place of component c.
[[nodiscard]] std::vector<int> banded_order(int n, const SparsePattern& pattern);

}  // namespace antler::dynamic
