// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Arrays in NumPy's file format .npy [NumPyFormat2007]: what numpy.save writes and numpy.load reads.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "antler/core/require.hpp"

namespace antler {

/// An array of any rank: values[((i_0 s_1 + i_1) s_2 + i_2) ...] is element (i_0, i_1, ...) of shape (s_0, s_1, ...), the last
/// index fastest. Rank 0, an empty shape, is one number.
template <class T>
struct NpyArray {
  std::vector<std::size_t> shape;
  std::vector<T> values;
};

/// Reads a .npy file of version 1.0, 2.0 or 3.0, in C or Fortran order, of either byte order.
///
/// @tparam T  float for files of type f4 (float32), double for f8 (float64): no number is converted
/// @throws InvalidArgument  no such file, no .npy file, another element type, a file that ends early or goes on behind its array
template <class T>
[[nodiscard]] NpyArray<T> read_npy(const std::filesystem::path& file, const SourceLocation& where = SourceLocation::current());

/// The same, for an array whose shape is known.
/// @throws InvalidArgument  another shape too
template <class T>
[[nodiscard]] NpyArray<T> read_npy(const std::filesystem::path& file, const std::vector<std::size_t>& shape,
                                   const SourceLocation& where = SourceLocation::current());

/// Writes a .npy file of version 1.0 in C order and this machine's byte order; a file of that name is replaced.
/// @throws InvalidArgument  shape and number of values disagree, or the file cannot be written
template <class T>
void write_npy(const std::filesystem::path& file, const NpyArray<T>& array,
               const SourceLocation& where = SourceLocation::current());

/// (3, 4) for {3, 4}, as NumPy prints a shape.
[[nodiscard]] std::string shape_text(const std::vector<std::size_t>& shape);

extern template NpyArray<float> read_npy(const std::filesystem::path&, const SourceLocation&);
extern template NpyArray<double> read_npy(const std::filesystem::path&, const SourceLocation&);
extern template NpyArray<float> read_npy(const std::filesystem::path&, const std::vector<std::size_t>&, const SourceLocation&);
extern template NpyArray<double> read_npy(const std::filesystem::path&, const std::vector<std::size_t>&, const SourceLocation&);
extern template void write_npy(const std::filesystem::path&, const NpyArray<float>&, const SourceLocation&);
extern template void write_npy(const std::filesystem::path&, const NpyArray<double>&, const SourceLocation&);

}  // namespace antler
