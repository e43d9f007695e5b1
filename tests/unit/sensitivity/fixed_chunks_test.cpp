// SPDX-License-Identifier: BSD-3-Clause
#include "antler/sensitivity/fixed_chunks.hpp"

#include <gtest/gtest.h>

#include <cmath>

using namespace antler;

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;
using U = Lanes<double>;

double term(Index block, int lane, Index column) {
  return std::sin(1.0 + static_cast<double>(block) + 0.1 * lane) / static_cast<double>(column + 1);
}

TEST(FixedChunks, CoverEveryBlockOnce) {
  const ChunkedSums<U, Space> sums(Space{}, 5, 5);
  for (const Index blocks : {0, 1, 2, 15, 16, 17, 255, 4096, 100'003}) {
    const FixedChunks chunks = sums.chunks(blocks);
    EXPECT_GE(chunks.chunks, 1);
    EXPECT_LE(chunks.chunks, static_cast<Index>(sums.sums().extent(0)));
    EXPECT_EQ(chunks.begin(0), 0);
    EXPECT_EQ(chunks.begin(chunks.chunks), blocks);
    for (Index c = 0; c < chunks.chunks; ++c) EXPECT_LE(chunks.begin(c), chunks.begin(c + 1));
  }
}

/// Bit by bit what a plain loop gives that adds a chunk's terms in order, and the chunks and their lanes in order.
TEST(FixedChunks, AddInOneOrder) {
  constexpr Index columns = 3, count = 5, blocks = 10'000, first = 2;
  const ChunkedSums<U, Space> sums(Space{}, columns, count);
  const FixedChunks chunks = sums.chunks(blocks);
  ASSERT_GT(chunks.chunks, 10);
  const auto rows = sums.sums();
  parallel_for("fill", Space{}, chunks.chunks, 1e6, [=](Index chunk) {
    for (Index column = 0; column < columns; ++column) {
      double lanes[lane_count<U>] = {};
      for (Index block = chunks.begin(chunk); block < chunks.begin(chunk + 1); ++block)
        for (int l = 0; l < lane_count<U>; ++l) lanes[l] += term(block, l, column);
      rows(chunk, column) = load<U>(lanes);
    }
  });
  sums.add(Space{}, chunks, first, columns);
  std::vector<double> expected(count, 0.0);
  for (Index column = 0; column < columns; ++column)
    for (Index chunk = 0; chunk < chunks.chunks; ++chunk) {
      double lanes[lane_count<U>] = {};
      for (Index block = chunks.begin(chunk); block < chunks.begin(chunk + 1); ++block)
        for (int l = 0; l < lane_count<U>; ++l) lanes[l] += term(block, l, column);
      for (const double lane : lanes) expected[static_cast<std::size_t>(first + column)] += lane;
    }
  EXPECT_EQ(sums.totals<double>(), expected);
}

}  // namespace
