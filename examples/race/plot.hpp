// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "contest.hpp"

namespace race {

/// Draws one column per problem: its solution above, time against error (one tolerance: a bar per solver) below.
///
/// Writes the data (.dat) and the gnuplot script (.gp) beside the picture, and leaves them there; `gnuplot FILE.gp` draws it again.
/// @return  an empty text, or one sentence that says why there is no picture
std::string draw(const std::filesystem::path& picture, const std::vector<Finished>& contests);

/// Draws the work-precision diagrams: a grid of time against error, one panel per problem, one key for all. Files and result as
/// above.
std::string draw_diagrams(const std::filesystem::path& picture, const std::vector<Finished>& contests);

}  // namespace race
