// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/column_groups.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

namespace {

using antler::SparsePattern;
using antler::dynamic::banded_order;
using antler::dynamic::ColumnGroups;

/// Every column is in one group, and no two columns of a group have a row in common.
void expect_partition(const ColumnGroups& groups, int n) {
  std::vector<int> seen(static_cast<std::size_t>(n), 0);
  for (int g = 0; g < groups.groups(); ++g) {
    std::set<int> rows;
    for (const int c : groups.columns(g)) {
      ++seen[static_cast<std::size_t>(c)];
      groups.for_each_row(c, [&](int r) {
        EXPECT_TRUE(r >= 0 && r < n);
        EXPECT_TRUE(rows.insert(r).second) << "row " << r << " twice in group " << g;
      });
    }
  }
  EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](int count) { return count == 1; }));
}

/// The five-point star on a square of k x k points, points in a random order.
SparsePattern shuffled_star(int k) {
  std::vector<int> name(static_cast<std::size_t>(k * k));
  std::iota(name.begin(), name.end(), 0);
  std::shuffle(name.begin(), name.end(), std::mt19937(3));
  SparsePattern pattern;
  const auto add = [&](int i, int j, int p, int q) {
    if (p >= 0 && p < k && q >= 0 && q < k)
      pattern.entries.push_back({name[static_cast<std::size_t>(i * k + j)], name[static_cast<std::size_t>(p * k + q)]});
  };
  for (int i = 0; i < k; ++i)
    for (int j = 0; j < k; ++j) {
      add(i, j, i, j);
      for (const int step : {-1, 1}) {
        add(i, j, i + step, j);
        add(i, j, i, j + step);
      }
    }
  return pattern;
}

TEST(ColumnGroups, NeedOneGroupPerDiagonalOfABand) {
  for (const auto& [n, lower, upper] : {std::array{1, 0, 0}, {2, 1, 1}, {10, 0, 0}, {10, 1, 1}, {100, 2, 3}, {7, 6, 6}}) {
    const ColumnGroups groups(n, lower, upper);
    EXPECT_EQ(groups.groups(), std::min(n, lower + upper + 1));
    expect_partition(groups, n);
  }
}

TEST(ColumnGroups, ColourASparsePatternWithFewGroups) {
  const int k = 15;
  const SparsePattern pattern = shuffled_star(k);
  const ColumnGroups groups(k * k, pattern, {});
  expect_partition(groups, k * k);
  EXPECT_LE(groups.groups(), 13);  // a column shares rows with at most twelve others
  EXPECT_GE(groups.groups(), 5);   // entries of a row
}

TEST(ColumnGroups, ServeColumnsWithoutRowsAndRepeatedEntries) {
  const ColumnGroups groups(4, SparsePattern{{{0, 2}, {0, 2}, {1, 2}}}, {});
  expect_partition(groups, 4);
  EXPECT_EQ(groups.lower(), 0);
  EXPECT_EQ(groups.upper(), 2);
}

TEST(BandedOrder, FindsTheBandOfAShuffledGrid) {
  const int k = 15;
  const SparsePattern pattern = shuffled_star(k);
  const std::vector<int> position = banded_order(k * k, pattern);
  std::vector<int> sorted = position;
  std::sort(sorted.begin(), sorted.end());
  for (int c = 0; c < k * k; ++c) EXPECT_EQ(sorted[static_cast<std::size_t>(c)], c);
  const ColumnGroups natural(k * k, pattern, {}), ordered(k * k, pattern, position);
  EXPECT_GT(natural.lower(), 100);
  EXPECT_LE(ordered.lower(), k + 1);  // the best order has k
  expect_partition(ordered, k * k);
}

TEST(BandedOrder, ServesSeparateParts) {
  // 0 - 3 and 1 - 4 - 2, and 5 on its own
  const SparsePattern pattern{{{0, 3}, {1, 4}, {4, 2}}};
  const std::vector<int> position = banded_order(6, pattern);
  for (const auto& [row, column] : pattern.entries)
    EXPECT_EQ(std::abs(position[static_cast<std::size_t>(row)] - position[static_cast<std::size_t>(column)]), 1);
}

}  // namespace
