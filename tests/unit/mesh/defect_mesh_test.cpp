// SPDX-License-Identifier: BSD-3-Clause
#include "antler/mesh/defect_mesh.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "antler/inverse/elimination_schedule.hpp"

using namespace antler;

namespace {

std::vector<double> uniform(int steps) {
  std::vector<double> points;
  for (int i = 0; i <= steps; ++i) points.push_back(static_cast<double>(i) / steps);
  return points;
}

TEST(DefectMesh, PutsStepsWhereTheDefectIs) {
  const auto points = uniform(20);
  std::vector<double> defects(20, 1e-9);
  for (int i = 8; i < 12; ++i) defects[static_cast<std::size_t>(i)] = 1e-4;
  const auto next = DefectMesh(1e-6, 5).next(points, defects);
  const auto inside = std::count_if(next.begin(), next.end(), [](double t) { return t > 0.4 && t < 0.6; });
  // 4 steps times (1e-4 / 5e-7)^(1/5) = 2.9, and their neighbours.
  EXPECT_GE(inside, 11);
  EXPECT_LE(inside, 16);
  EXPECT_LT(next.size(), 35u);
  EXPECT_EQ(next.front(), 0);
  EXPECT_EQ(next.back(), 1);
}

TEST(DefectMesh, GrowsFourfoldAtMost) {
  EXPECT_LE(DefectMesh(1e-12, 3).next(uniform(10), std::vector<double>(10, 1e-2)).size(), 42u);
}

TEST(DefectMesh, GradesTheEndsWhenNothingIsResolved) {
  const auto next = DefectMesh(1e-6, 5).next(uniform(16), std::vector<double>(16, HUGE_VAL));
  EXPECT_EQ(next.size(), 33u + 12u);
  EXPECT_NEAR(next[1], 1.0 / 32 / 4096, 1e-15);
  EXPECT_NEAR(1 - next[next.size() - 2], 1.0 / 32 / 4096, 1e-15);
  for (std::size_t i = 0; i + 1 < next.size(); ++i) EXPECT_LT(next[i], next[i + 1]);
}

TEST(DefectMesh, HalvesWhenNothingElseHelps) {
  DefectMesh meshes(1e-6, 5);
  const std::vector<double> defects(10, 1e-6);  // just above what is aimed at, again and again
  (void)meshes.next(uniform(10), defects);
  EXPECT_EQ(meshes.next(uniform(10), defects).size(), 21u);
}

/// Every unknown but the first and the last is eliminated once, from rows that are there, and its neighbours are those of its rows.
TEST(EliminationSchedule, EliminatesEveryInnerUnknownOnce) {
  for (const Index steps : {1, 2, 3, 5, 8, 13, 64, 100})
    for (const auto& schedule : {EliminationSchedule::by_halving(steps), EliminationSchedule::from_left(steps)}) {
      std::vector<int> times(static_cast<std::size_t>(steps + 1), 0);
      ASSERT_EQ(static_cast<Index>(schedule.eliminations.size()), steps - 1);
      EXPECT_EQ(schedule.levels.back(), steps - 1);
      Index made = steps;
      for (const auto& e : schedule.eliminations) {
        ++times[static_cast<std::size_t>(e.middle)];
        EXPECT_LT(e.before, e.middle);
        EXPECT_LT(e.middle, e.after);
        EXPECT_LT(std::max(e.first, e.second), made++);
      }
      for (Index i = 1; i < steps; ++i) EXPECT_EQ(times[static_cast<std::size_t>(i)], 1);
      EXPECT_EQ(times.front() + times.back(), 0);
    }
  EXPECT_EQ(EliminationSchedule::by_halving(1024).levels.size(), 11u) << "depth log2 N";
}

}  // namespace
