// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace training {

/// An image of the optical digits [examples/data/README.md] as a sequence of its pixels, row by row, 0 to 1.
struct Digit {
  int label;
  std::vector<double> pixels;
};

inline constexpr int classes = 10, pixels_per_digit = 64;

/// Reads a file of examples/data/make_digits.py.
/// @throws std::runtime_error  the file is missing, or a line is no digit; the message names both
std::vector<Digit> read_digits(const std::filesystem::path& path);

}  // namespace training
