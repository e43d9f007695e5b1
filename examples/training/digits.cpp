// SPDX-License-Identifier: BSD-3-Clause
#include "digits.hpp"

#include <fstream>
#include <stdexcept>

namespace training {

namespace {

constexpr std::string_view shades = "0123456789abcdefg";

bool is_digit(const std::string& line) {
  return line.size() == 2 + pixels_per_digit && line[0] >= '0' && line[0] <= '9' && line[1] == ' ' &&
         line.find_first_not_of(shades, 2) == std::string::npos;
}

Digit digit_of(const std::string& line) {
  Digit digit{line[0] - '0', {}};
  for (int k = 0; k < pixels_per_digit; ++k)
    digit.pixels.push_back(static_cast<double>(shades.find(line[static_cast<std::size_t>(2 + k)])) / 16);
  return digit;
}

}  // namespace

std::vector<Digit> read_digits(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path.string() + " cannot be read: name the digits.txt of examples/data with --data");
  std::vector<Digit> digits;
  for (std::string line; std::getline(file, line);) {
    if (!is_digit(line))
      throw std::runtime_error(path.string() + ", line " + std::to_string(digits.size() + 1) +
                               ": no class with 64 pixels of 0-9a-g; make_digits.py beside it writes such a file");
    digits.push_back(digit_of(line));
  }
  if (digits.empty()) throw std::runtime_error(path.string() + " is empty: make_digits.py beside it writes it");
  return digits;
}

}  // namespace training
