// SPDX-License-Identifier: BSD-3-Clause
#include "antler/inverse/elimination_schedule.hpp"

namespace antler {

EliminationSchedule EliminationSchedule::by_halving(Index steps) {
  struct Row {
    Index number, before, after;
  };
  EliminationSchedule schedule{steps, {}, {0}};
  std::vector<Row> rows;
  for (Index i = 0; i < steps; ++i) rows.push_back({i, i, i + 1});
  while (rows.size() > 1) {
    std::vector<Row> halved;
    for (std::size_t k = 0; k + 1 < rows.size(); k += 2) {
      const Row &a = rows[k], &b = rows[k + 1];
      halved.push_back({steps + static_cast<Index>(schedule.eliminations.size()), a.before, b.after});
      schedule.eliminations.push_back({a.number, b.number, a.before, a.after, b.after});
    }
    if (rows.size() % 2 == 1) halved.push_back(rows.back());
    rows = std::move(halved);
    schedule.levels.push_back(static_cast<Index>(schedule.eliminations.size()));
  }
  return schedule;
}

EliminationSchedule EliminationSchedule::from_left(Index steps) {
  EliminationSchedule schedule{steps, {}, {0}};
  for (Index i = 1; i < steps; ++i) {
    schedule.eliminations.push_back({i == 1 ? 0 : steps + i - 2, i, 0, i, i + 1});
    schedule.levels.push_back(i);
  }
  return schedule;
}

}  // namespace antler
