// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "antler/core/kokkos.hpp"

namespace antler {

/// In which order the N - 1 inner unknowns of N block rows are eliminated: two neighbouring rows become one, N - 1 times.
///
/// Rows 0 .. N - 1 are those of the system; elimination e makes row N + e. Those of one level do not depend on each other.
struct EliminationSchedule {
  struct Elimination {
    Index first, second;          ///< rows
    Index before, middle, after;  ///< unknowns
  };
  Index steps = 0;
  std::vector<Elimination> eliminations;
  std::vector<Index> levels;  ///< level l holds eliminations levels[l] .. levels[l + 1] - 1

  /// Pairs of neighbours, pairs of these, ...: log2 N levels.
  static EliminationSchedule by_halving(Index steps);
  /// From the left end to the right one: N - 1 levels.
  static EliminationSchedule from_left(Index steps);

  /// The row that is left.
  [[nodiscard]] Index last_row() const { return steps + static_cast<Index>(eliminations.size()) - 1; }
};

}  // namespace antler
