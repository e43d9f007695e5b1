// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace antler::npy {

/// What the header of a .npy file says: a Python dictionary such as {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
struct Header {
  std::string type;  // as written: <f4, or the list of a structured type
  bool fortran_order = false;
  std::vector<std::size_t> shape;
};

/// False where `text` is no such dictionary with exactly these three keys.
bool parse_header(std::string_view text, Header& header);

/// The dictionary, padded with blanks so that the array begins at a multiple of 64 bytes when `before` bytes precede it.
std::string header_text(const Header& header, std::size_t before);

}  // namespace antler::npy
