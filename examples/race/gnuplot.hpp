// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What the pictures share: quoting, one style per solver, and the call of gnuplot.

#include <filesystem>
#include <string>
#include <vector>

#include "contest.hpp"

namespace race {

/// For gnuplot, which spells a single quote between single quotes twice.
std::string in_quotes(const std::string& text);

/// The solvers of a contest in the order of its table.
std::vector<std::string> solvers_of(const Finished& finished);

/// Colour and line of the s-th solver, the same in every panel: colour-blind safe (Okabe and Ito), antler the strong one.
std::string solver_colour(std::size_t s);
std::string solver_style(std::size_t s);

/// Runs the script where it lies.
/// @return  an empty text, or one sentence that says why there is no picture
std::string run_gnuplot(const std::filesystem::path& script);

/// The sentence for a script that could not be written.
std::string unwritable(const std::filesystem::path& script);

}  // namespace race
