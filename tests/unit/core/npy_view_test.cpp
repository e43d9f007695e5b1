// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/npy_view.hpp"

#include <gtest/gtest.h>

#include "temporary_folder.hpp"

using namespace antler;

namespace {

const std::filesystem::path numpy_files = std::filesystem::path(ANTLER_TEST_DATA) / "npy";

/// Element number k, counted in C order, of every array of tests/data/npy/make.py.
double element(std::size_t k) { return (static_cast<double>(k) - 5) / 4 + 1e-3 * static_cast<double>(k * k); }

template <class View>
void expect_matrix() {
  const View view = read_npy_view<View>(numpy_files / "matrix_f8_fortran.npy");
  ASSERT_EQ(view.extent(0), 3u);
  ASSERT_EQ(view.extent(1), 4u);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 4; ++j) EXPECT_EQ(view(i, j), element(4 * i + j));
  const TemporaryFolder folder;
  write_npy(folder / "again.npy", view);
  EXPECT_EQ(read_npy<double>(folder / "again.npy").values, read_npy<double>(numpy_files / "matrix_f8.npy").values);
}

TEST(NpyView, HasTheNumbersOfTheFileInAnyLayout) {
  expect_matrix<Kokkos::View<double**, Kokkos::LayoutRight, Kokkos::HostSpace>>();
  expect_matrix<Kokkos::View<double**, Kokkos::LayoutLeft, Kokkos::HostSpace>>();
  expect_matrix<Kokkos::View<double* [4], Kokkos::LayoutLeft, Kokkos::HostSpace>>();
  expect_matrix<Kokkos::View<double[3][4], Kokkos::LayoutRight, Kokkos::HostSpace>>();
}

TEST(NpyView, IsWrittenFromASlice) {
  using Matrix = Kokkos::View<double**, Kokkos::LayoutRight, Kokkos::HostSpace>;
  const auto column = Kokkos::subview(read_npy_view<Matrix>(numpy_files / "matrix_f8.npy"), Kokkos::ALL, 1);
  const TemporaryFolder folder;
  write_npy(folder / "column.npy", column);
  EXPECT_EQ(read_npy<double>(folder / "column.npy", {3}).values, (std::vector<double>{element(1), element(5), element(9)}));
}

TEST(NpyView, RefusesAnotherRankAndFixedExtentsThatDiffer) {
  EXPECT_THROW(static_cast<void>(read_npy_view<Kokkos::View<double*>>(numpy_files / "matrix_f8.npy")), InvalidArgument);
  EXPECT_THROW(static_cast<void>(read_npy_view<Kokkos::View<double* [3]>>(numpy_files / "matrix_f8.npy")), InvalidArgument);
  EXPECT_THROW(static_cast<void>(read_npy_view<Kokkos::View<float**>>(numpy_files / "matrix_f8.npy")), InvalidArgument);
}

}  // namespace
