// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What the pictures of the race share: one style per solver.

#include <string>
#include <vector>

#include "contest.hpp"

namespace race {

/// The solvers of a contest in the order of its table.
std::vector<std::string> solvers_of(const Finished& finished);

/// Colour and line of the s-th solver, the same in every panel: colour-blind safe (Okabe and Ito), antler the strong one.
std::string solver_colour(std::size_t s);
std::string solver_style(std::size_t s);

}  // namespace race
