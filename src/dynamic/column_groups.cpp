// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/column_groups.hpp"

#include <algorithm>
#include <numeric>

namespace antler::dynamic {

namespace {

/// Sorted lists without repetitions, one behind the other: list i from start[i] to start[i + 1].
struct Lists {
  std::vector<int> start, items;

  Lists(int n, const std::vector<std::pair<int, int>>& pairs) {
    std::vector<std::pair<int, int>> sorted = pairs;
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    start.assign(static_cast<std::size_t>(n) + 1, 0);
    for (const auto& [list, item] : sorted) {
      ++start[static_cast<std::size_t>(list) + 1];
      items.push_back(item);
    }
    std::partial_sum(start.begin(), start.end(), start.begin());
  }

  [[nodiscard]] std::span<const int> operator[](int i) const {
    const auto k = static_cast<std::size_t>(i);
    return {items.data() + start[k], static_cast<std::size_t>(start[k + 1] - start[k])};
  }
  [[nodiscard]] std::size_t length(int i) const { return (*this)[i].size(); }
};

}  // namespace

void ColumnGroups::set_groups(const std::vector<int>& group_of, int groups) {
  start_.assign(static_cast<std::size_t>(groups) + 1, 0);
  for (const int g : group_of) ++start_[static_cast<std::size_t>(g) + 1];
  std::partial_sum(start_.begin(), start_.end(), start_.begin());
  columns_.resize(group_of.size());
  std::vector<int> next = start_;
  for (std::size_t c = 0; c < group_of.size(); ++c)
    columns_[static_cast<std::size_t>(next[static_cast<std::size_t>(group_of[c])]++)] = static_cast<int>(c);
}

ColumnGroups::ColumnGroups(int n, int lower, int upper) : n_(n), lower_(lower), upper_(upper) {
  const int groups = std::min(n, lower + upper + 1);
  std::vector<int> group_of(static_cast<std::size_t>(n));
  for (int c = 0; c < n; ++c) group_of[static_cast<std::size_t>(c)] = c % groups;
  set_groups(group_of, groups);
}

ColumnGroups::ColumnGroups(int n, const SparsePattern& pattern, const std::vector<int>& position) : n_(n), lower_(0), upper_(0) {
  std::vector<std::pair<int, int>> by_column, by_row;
  const auto place = [&](int c) { return position.empty() ? c : position[static_cast<std::size_t>(c)]; };
  for (const auto& [row, column] : pattern.entries) {
    const int r = place(row), c = place(column);
    by_column.emplace_back(c, r);
    by_row.emplace_back(r, c);
    lower_ = std::max(lower_, r - c);
    upper_ = std::max(upper_, c - r);
  }
  const Lists rows(n, by_column), columns(n, by_row);
  row_start_ = rows.start;
  rows_ = rows.items;

  // The first colour that no column with a common row has.
  std::vector<int> group_of(static_cast<std::size_t>(n), -1), taken_for(static_cast<std::size_t>(n) + 1, -1);
  int groups = 0;
  for (int c = 0; c < n; ++c) {
    for (const int r : rows[c])
      for (const int neighbour : columns[r]) {
        const int g = group_of[static_cast<std::size_t>(neighbour)];
        if (g >= 0) taken_for[static_cast<std::size_t>(g)] = c;
      }
    int g = 0;
    while (taken_for[static_cast<std::size_t>(g)] == c) ++g;
    group_of[static_cast<std::size_t>(c)] = g;
    groups = std::max(groups, g + 1);
  }
  set_groups(group_of, groups);
}

std::vector<int> banded_order(int n, const SparsePattern& pattern) {
  std::vector<std::pair<int, int>> both;
  for (const auto& [row, column] : pattern.entries)
    if (row != column) {
      both.emplace_back(row, column);
      both.emplace_back(column, row);
    }
  const Lists neighbours(n, both);
  const auto by_degree = [&](int a, int b) { return neighbours.length(a) < neighbours.length(b); };

  std::vector<int> order;
  std::vector<bool> seen(static_cast<std::size_t>(n), false);
  const auto visit = [&](int c) {
    seen[static_cast<std::size_t>(c)] = true;
    order.push_back(c);
  };
  // Breadth first from `root`, neighbours by increasing degree; what is visited is appended to `order`.
  const auto breadth_first = [&](int root) {
    std::size_t at = order.size();
    visit(root);
    for (; at < order.size(); ++at) {
      const std::size_t first = order.size();
      for (const int c : neighbours[order[at]])
        if (!seen[static_cast<std::size_t>(c)]) visit(c);
      std::stable_sort(order.begin() + static_cast<std::ptrdiff_t>(first), order.end(), by_degree);
    }
  };
  std::vector<int> candidates(static_cast<std::size_t>(n));
  std::iota(candidates.begin(), candidates.end(), 0);
  std::stable_sort(candidates.begin(), candidates.end(), by_degree);
  for (const int candidate : candidates) {
    if (seen[static_cast<std::size_t>(candidate)]) continue;
    // The last component that a walk reaches lies at the rim of the graph: walks that begin there have narrow fronts.
    int root = candidate;
    for (int walk = 0; walk < 2; ++walk) {
      const std::size_t begin = order.size();
      breadth_first(root);
      root = order.back();
      for (std::size_t i = begin; i < order.size(); ++i) seen[static_cast<std::size_t>(order[i])] = false;
      order.resize(begin);
    }
    breadth_first(root);
  }
  std::vector<int> position(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) position[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = n - 1 - i;
  return position;
}

}  // namespace antler::dynamic
