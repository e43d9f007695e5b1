// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include "antler/core/random.hpp"
#include "antler/problem/cells/tensors.hpp"

namespace antler::cell_tensors {

namespace {

std::vector<std::size_t> shape_of(const CellTensor& tensor) {
  std::vector<std::size_t> shape{static_cast<std::size_t>(tensor.rows)};
  if (tensor.columns > 0) shape.push_back(static_cast<std::size_t>(tensor.columns));
  return shape;
}

std::string element_text(const CellTensor& tensor, int k) {
  if (tensor.columns == 0) return std::string(tensor.name) + '(' + std::to_string(k) + ')';
  return std::string(tensor.name) + '(' + std::to_string(k / tensor.columns) + ", " + std::to_string(k % tensor.columns) + ')';
}

std::filesystem::path file_of(const std::filesystem::path& path, const CellTensor& tensor) {
  std::error_code none;
  const std::string name = std::string(tensor.name) + ".npy";
  return std::filesystem::is_directory(path, none) ? path / name : std::filesystem::path(path.string() + '.' + name);
}

template <class T>
void append(const std::vector<T>& values, std::vector<T>& flat) {
  flat.insert(flat.end(), values.begin(), values.end());
}

}  // namespace

template <class T>
void require_finite(std::span<const T> parameters, std::span<const CellTensor> tensors, const std::string& origin,
                    const SourceLocation& where) {
  std::size_t at = 0;
  for (const CellTensor& tensor : tensors)
    for (int k = 0; k < tensor.count(); ++k, ++at)
      if (!std::isfinite(parameters[at]))
        require(false,
                element_text(tensor, k) + origin + " is " + std::to_string(parameters[at]) +
                    ": every parameter of a cell must be finite; a training step that was too long leaves such numbers, go back to "
                    "the parameters before it",
                where);
}

template <class T>
std::vector<T> joined(const std::vector<NpyArray<T>>& given, std::span<const CellTensor> tensors, const SourceLocation& where) {
  std::vector<T> flat;
  for (std::size_t k = 0; k < tensors.size(); ++k) {
    const auto expected = shape_of(tensors[k]);
    require(given[k].shape == expected,
            std::string(tensors[k].name) + " has shape " + shape_text(given[k].shape) + " and " + shape_text(expected) +
                " is expected: give the weights of a cell of this size, gates one above the other as PyTorch has them",
            where);
    append(given[k].values, flat);
  }
  require_finite<T>(flat, tensors, "", where);
  return flat;
}

template <class T>
std::vector<T> read(const std::filesystem::path& path, std::span<const CellTensor> tensors, const SourceLocation& where) {
  std::vector<T> flat;
  for (const CellTensor& tensor : tensors) {
    const auto file = file_of(path, tensor);
    const NpyArray<T> array = read_npy<T>(file, shape_of(tensor), where);
    require_finite<T>(array.values, {&tensor, 1}, " of " + file.string(), where);
    append(array.values, flat);
  }
  return flat;
}

template <class T>
void write(const std::filesystem::path& path, std::span<const T> parameters, std::span<const CellTensor> tensors,
           const SourceLocation& where) {
  for (const CellTensor& tensor : tensors) {
    const auto values = parameters.first(static_cast<std::size_t>(tensor.count()));
    parameters = parameters.subspan(values.size());
    write_npy(file_of(path, tensor), NpyArray<T>{shape_of(tensor), {values.begin(), values.end()}}, where);
  }
}

template <class T>
std::vector<T> random(std::uint64_t seed, int count, int units) {
  const double bound = 1 / std::sqrt(static_cast<double>(units));
  std::vector<T> flat(static_cast<std::size_t>(count));
  for (std::size_t k = 0; k < flat.size(); ++k) flat[k] = static_cast<T>((2 * random_uniform(seed, k) - 1) * bound);
  return flat;
}

#define ANTLER_CELL_PRECISION(T)                                                                                             \
  template void require_finite(std::span<const T>, std::span<const CellTensor>, const std::string&, const SourceLocation&);  \
  template std::vector<T> joined(const std::vector<NpyArray<T>>&, std::span<const CellTensor>, const SourceLocation&);       \
  template std::vector<T> read(const std::filesystem::path&, std::span<const CellTensor>, const SourceLocation&);            \
  template void write(const std::filesystem::path&, std::span<const T>, std::span<const CellTensor>, const SourceLocation&); \
  template std::vector<T> random(std::uint64_t, int, int);
ANTLER_CELL_PRECISION(float)
ANTLER_CELL_PRECISION(double)
#undef ANTLER_CELL_PRECISION

}  // namespace antler::cell_tensors
