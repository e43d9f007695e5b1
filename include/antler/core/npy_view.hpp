// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Kokkos views from and to .npy files. View and file have the same extents; layout and memory space are the view's own affair.

#include <algorithm>

#include "antler/core/kokkos.hpp"
#include "antler/core/npy.hpp"

namespace antler {

namespace npy {

template <class View>
using RowMajor = Kokkos::View<typename View::non_const_data_type, Kokkos::LayoutRight, Kokkos::HostSpace>;

/// A layout, LayoutRight or the like, of the given extents.
template <class Layout>
Layout layout_of(const std::vector<std::size_t>& shape) {
  Layout layout;
  for (std::size_t k = 0; k < shape.size(); ++k) layout.dimension[k] = shape[k];
  return layout;
}

}  // namespace npy

/// A new view with the numbers of a .npy file: `read_npy_view<Kokkos::View<float**>>("weight.npy")`.
///
/// @tparam View  of float or double, any rank, layout and memory space
/// @throws InvalidArgument  as read_npy; another rank; other extents than those that the type of the view fixes; Kokkos not running
template <class View>
[[nodiscard]] View read_npy_view(const std::filesystem::path& file, const SourceLocation& where = SourceLocation::current()) {
  using T = typename View::non_const_value_type;
  constexpr std::size_t rank = static_cast<std::size_t>(View::rank), fixed = rank - static_cast<std::size_t>(View::rank_dynamic);
  require_kokkos(where);
  const NpyArray<T> array = read_npy<T>(file, where);
  bool fits = array.shape.size() == rank;
  for (std::size_t k = rank - fixed; fits && k < rank; ++k) fits = array.shape[k] == View::static_extent(static_cast<unsigned>(k));
  require(fits,
          file.string() + " has shape " + shape_text(array.shape) + " and a view of rank " + std::to_string(rank) +
              " with other extents is expected: save the array that belongs here",
          where);
  using Layout = typename View::array_layout;
  const View view(Kokkos::view_alloc(Kokkos::WithoutInitializing, file.filename().string()), npy::layout_of<Layout>(array.shape));
  const npy::RowMajor<View> rows("antler::npy", npy::layout_of<Kokkos::LayoutRight>(array.shape));
  std::copy(array.values.begin(), array.values.end(), rows.data());
  const auto mirror = Kokkos::create_mirror_view(view);
  Kokkos::deep_copy(mirror, rows);
  Kokkos::deep_copy(view, mirror);
  return view;
}

/// Writes the numbers of a view as write_npy does.
/// @throws InvalidArgument  the file cannot be written; Kokkos not running
template <class View>
  requires(Kokkos::is_view<View>::value)
void write_npy(const std::filesystem::path& file, const View& view, const SourceLocation& where = SourceLocation::current()) {
  require_kokkos(where);
  std::vector<std::size_t> shape;
  for (unsigned k = 0; k < static_cast<unsigned>(View::rank); ++k) shape.push_back(view.extent(k));
  const auto mirror = Kokkos::create_mirror_view(view);
  Kokkos::deep_copy(mirror, view);
  const npy::RowMajor<View> rows("antler::npy", npy::layout_of<Kokkos::LayoutRight>(shape));
  Kokkos::deep_copy(rows, mirror);
  write_npy(file, NpyArray<typename View::non_const_value_type>{shape, {rows.data(), rows.data() + rows.size()}}, where);
}

}  // namespace antler
