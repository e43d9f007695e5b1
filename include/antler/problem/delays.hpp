// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What a delay problem needs that has nothing to do with its f: its delays are checked, its breaking points found.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "antler/core/require.hpp"

namespace antler {

/// A time at which a derivative of the solution of a delay differential equation jumps.
struct BreakingPoint {
  double time;
  int level;  ///< how many delays lie between it and its source: from level to level the solution has one more derivative
};

/// The breaking points t + sum_p k_p tau_p, k_p = 0, 1, ..., sum_p k_p <= levels, behind sources t: where y^(m) jumps at a source,
/// y^(m+1) does one delay later [BellenZennaro2003, ch. 2].
///
/// @param sources  in ascending order, of level 0
/// @param delays   positive
/// @param last     points behind it are left out
/// @param most     of all points: levels are complete until the next one would not fit. What is left out is smooth enough for the
///                 error control to see to it
/// @return         in ascending order; points within 32 units in the last place of `spacing` of each other are one, of the lower
///                 level. Sources are among them
/// @note Work and memory: `most` times the number of delays at most, however many combinations there are.
[[nodiscard]] std::vector<BreakingPoint> breaking_points(std::span<const double> sources, std::span<const double> delays,
                                                         int levels, double last, double spacing, std::size_t most = 10'000);

/// A mesh with the breaking points between its ends, and for each point whether the slope of the solution may jump there.
struct BrokenMesh {
  std::vector<double> points;
  std::vector<bool> breaks;
};

/// Adds breaking points to a mesh. One within 1e-10 of a step beside a point of the mesh is that point.
/// @param points    in ascending order
/// @param breaking  in ascending order
[[nodiscard]] BrokenMesh break_mesh(std::span<const double> points, std::span<const BreakingPoint> breaking);

/// Throws InvalidArgument unless there are `taken` delays, the number that f takes, each of them positive and finite.
void require_delays(std::span<const double> delays, int taken, const SourceLocation& where);

/// Throws InvalidArgument: the history has failed at t, for a reason.
[[noreturn]] void history_failed(double t, const std::string& reason, const SourceLocation& where);

}  // namespace antler
