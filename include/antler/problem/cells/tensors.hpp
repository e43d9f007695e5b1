// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The parameters of a cell: named tensors, row by row and one behind the other in one flat array, in the order in which PyTorch's
/// module.parameters() has them. What checks, reads, writes and draws them is compiled into the library.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "antler/core/npy.hpp"

namespace antler {

/// Name and shape of one tensor; columns = 0 says that it is a vector of `rows` numbers.
struct CellTensor {
  const char* name;
  int rows;
  int columns = 0;

  [[nodiscard]] constexpr int count() const { return rows * (columns == 0 ? 1 : columns); }
};

namespace cell_tensors {

template <class Equations>
constexpr int count_before(int k) {
  int count = 0;
  for (int i = 0; i < k; ++i) count += Equations::tensors[i].count();
  return count;
}
template <class Equations>
inline constexpr int count = static_cast<int>(std::size(Equations::tensors));
/// Where tensor number k begins in the flat array; the length of the array for k = count. A variable, which device code may read.
template <class Equations, int k>
inline constexpr int offset = count_before<Equations>(k);

/// Throws InvalidArgument unless every number is finite; the message names the tensor and the index, and `origin`.
template <class T>
void require_finite(std::span<const T> parameters, std::span<const CellTensor> tensors, const std::string& origin,
                    const SourceLocation& where);

/// The flat array of the given tensors. @throws InvalidArgument  another shape, a number that is not finite
template <class T>
std::vector<T> joined(const std::vector<NpyArray<T>>& given, std::span<const CellTensor> tensors, const SourceLocation& where);

/// The flat array of the files path/NAME.npy where `path` is a folder, else path.NAME.npy.
/// @throws InvalidArgument  as read_npy; another shape, a number that is not finite
template <class T>
std::vector<T> read(const std::filesystem::path& path, std::span<const CellTensor> tensors, const SourceLocation& where);

template <class T>
void write(const std::filesystem::path& path, std::span<const T> parameters, std::span<const CellTensor> tensors,
           const SourceLocation& where);

/// Number k is uniform in [-1, 1) / sqrt(units), PyTorch's distribution: random_uniform(seed, k), rounded to T.
template <class T>
std::vector<T> random(std::uint64_t seed, int count, int units);

}  // namespace cell_tensors

}  // namespace antler
