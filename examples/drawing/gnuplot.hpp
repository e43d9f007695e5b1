// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What every picture of an example needs: quoting, and the call of gnuplot.

#include <filesystem>
#include <string>

namespace drawing {

/// For gnuplot, which spells a single quote between single quotes twice.
std::string in_quotes(const std::string& text);

/// Runs the script where it lies.
/// @return  an empty text, or one sentence that says why there is no picture
std::string run_gnuplot(const std::filesystem::path& script);

/// The sentence for a script that could not be written.
std::string unwritable(const std::filesystem::path& script);

}  // namespace drawing
