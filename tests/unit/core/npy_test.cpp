// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/npy.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <limits>

#include "temporary_folder.hpp"

using namespace antler;

namespace {

using Shape = std::vector<std::size_t>;
const std::filesystem::path numpy_files = std::filesystem::path(ANTLER_TEST_DATA) / "npy";

/// Element number k, counted in C order, of every array of tests/data/npy/make.py.
template <class T>
T element(std::size_t k) {
  const double x = static_cast<double>(k);
  return static_cast<T>((x - 5) / 4 + 1e-3 * (x * x));
}

template <class T>
void expect_elements(const char* name, const Shape& shape) {
  const NpyArray<T> array = read_npy<T>(numpy_files / name);
  EXPECT_EQ(array.shape, shape) << name;
  std::size_t count = 1;
  for (const std::size_t extent : shape) count *= extent;
  ASSERT_EQ(array.values.size(), count) << name;
  for (std::size_t k = 0; k < count; ++k) EXPECT_EQ(array.values[k], element<T>(k)) << name << ' ' << k;
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

template <class T>
void expect_refused(const std::filesystem::path& file, const std::string& what, const std::string& remedy) {
  try {
    static_cast<void>(read_npy<T>(file));
    FAIL() << file << " was read";
  } catch (const InvalidArgument& e) {
    const std::string text = e.what();
    for (const std::string& part : {file.string(), what, remedy, std::string("npy_test.cpp")})
      EXPECT_NE(text.find(part), std::string::npos) << "'" << text << "' does not say '" << part << "'";
  }
}

TEST(Npy, ReadsWhatNumPyWrites) {
  expect_elements<float>("vector_f4.npy", {7});
  expect_elements<double>("matrix_f8.npy", {3, 4});
  expect_elements<double>("matrix_f8_fortran.npy", {3, 4});
  expect_elements<float>("matrix_f4_big_endian.npy", {3, 4});
  expect_elements<double>("cube_f8_fortran_big_endian.npy", {2, 3, 5});
  expect_elements<float>("cube_f4_version_3.npy", {2, 3, 5});
  expect_elements<double>("number_f8.npy", {});
  expect_elements<float>("empty_f4.npy", {3, 0, 2});
}

TEST(Npy, WritesTheBytesThatNumPyWrites) {
  const TemporaryFolder folder;
  write_npy(folder / "m.npy", read_npy<double>(numpy_files / "matrix_f8_fortran.npy"));
  EXPECT_EQ(bytes_of(folder / "m.npy"), bytes_of(numpy_files / "matrix_f8.npy"));
  write_npy(folder / "v.npy", read_npy<float>(numpy_files / "vector_f4.npy"));
  EXPECT_EQ(bytes_of(folder / "v.npy"), bytes_of(numpy_files / "vector_f4.npy"));
}

template <class T>
void expect_round_trip(const Shape& shape, std::vector<T> values) {
  const TemporaryFolder folder;
  write_npy(folder / "a.npy", NpyArray<T>{shape, values});
  const NpyArray<T> read = read_npy<T>(folder / "a.npy", shape);
  EXPECT_EQ(read.shape, shape);
  EXPECT_EQ(read.values, values);
}

TEST(Npy, ReadsWhatItWrites) {
  expect_round_trip<float>({2, 3}, {1, -2, std::numeric_limits<float>::min(), 4, std::numeric_limits<float>::infinity(), 6});
  expect_round_trip<double>({1, 2, 1, 2}, {0.1, 1e-320, std::numeric_limits<double>::max(), -0.0});
  expect_round_trip<double>({}, {3});
  expect_round_trip<float>({0}, {});
  expect_round_trip<double>(Shape(40, 1), {7});  // more ranks than NumPy itself
}

TEST(Npy, RefusesWhatIsNoSuchFile) {
  const TemporaryFolder folder;
  expect_refused<double>(folder / "missing.npy", "cannot be opened", "check the path");
  expect_refused<double>(numpy_files, "is a folder", "name the file");
  expect_refused<double>(numpy_files / "make.py", "is no .npy file", "numpy.save");
  std::ofstream(folder / "a.npz") << "PK\3\4 and so on";
  expect_refused<double>(folder / "a.npz", "archive (.npz)", "each array in a file of its own");
  std::ofstream(folder / "empty.npy") << "";
  expect_refused<double>(folder / "empty.npy", "is no .npy file", "numpy.save");
}

TEST(Npy, RefusesAnotherElementType) {
  expect_refused<double>(numpy_files / "vector_f4.npy", "type <f4 and <f8 is expected", "save array.astype('<f8')");
  expect_refused<float>(numpy_files / "matrix_f8.npy", "type <f8 and <f4 is expected", "in the other precision");
  expect_refused<float>(numpy_files / "integers.npy", "type <i4 and <f4 is expected", "save array.astype('<f4')");
  expect_refused<float>(numpy_files / "structured.npy", "type [('x', '<f4'), ('y', '<f4')]", "save array.astype('<f4')");
}

TEST(Npy, RefusesAnotherShape) {
  EXPECT_NO_THROW(static_cast<void>(read_npy<double>(numpy_files / "matrix_f8_fortran.npy", Shape{3, 4})));
  try {
    static_cast<void>(read_npy<double>(numpy_files / "matrix_f8.npy", Shape{4, 3}));
    FAIL();
  } catch (const InvalidArgument& e) {
    EXPECT_NE(std::string(e.what()).find("matrix_f8.npy has shape (3, 4) and (4, 3) is expected"), std::string::npos) << e.what();
  }
}

TEST(Npy, RefusesAFileCutAnywhere) {
  const TemporaryFolder folder;
  const std::string whole = bytes_of(numpy_files / "cube_f8_fortran_big_endian.npy");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    std::ofstream(folder / "cut.npy", std::ios::binary) << whole.substr(0, length);
    EXPECT_THROW(static_cast<void>(read_npy<double>(folder / "cut.npy")), InvalidArgument) << length;
  }
  expect_refused<double>(folder / "cut.npy", "ends after 239 of the 240 bytes of its array", "it was cut short");
  std::ofstream(folder / "cut.npy", std::ios::binary) << whole.substr(0, 20);
  expect_refused<double>(folder / "cut.npy", "ends within its header", "it was cut short");
}

TEST(Npy, RefusesBytesBehindTheArray) {
  const TemporaryFolder folder;
  std::ofstream(folder / "long.npy", std::ios::binary) << bytes_of(numpy_files / "number_f8.npy") << "behind";
  expect_refused<double>(folder / "long.npy", "has 6 bytes behind its array", "one array in each file");
}

TEST(Npy, RefusesHeadersThatSayNonsense) {
  const TemporaryFolder folder;
  const auto expect_nonsense = [&](const std::string& header, const char* what) {
    std::ofstream out(folder / "bad.npy", std::ios::binary);
    out << "\x93NUMPY" << '\1' << '\0' << static_cast<char>(header.size()) << '\0' << header;
    out.close();
    expect_refused<float>(folder / "bad.npy", what, ":");
  };
  const char* bad = "has a header that is no .npy header";
  for (const char* header :
       {"", "{", "{}", "{'descr': '<f4', 'shape': ()}", "{'descr': '<f4', 'fortran_order': Maybe, 'shape': ()}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} and", "{'descr': [('x', '<f4'), 'fortran_order': False"})
    expect_nonsense(header, bad);
  // Extents whose product overflows are more than any file holds.
  expect_nonsense("{'shape': (4294967296, 4294967296, 4294967296), 'fortran_order': False, 'descr': '<f4'}", "ends after 0 of the");
}

TEST(Npy, RefusesAVersionThatItDoesNotKnow) {
  const TemporaryFolder folder;
  std::string bytes = bytes_of(numpy_files / "number_f8.npy");
  bytes[6] = 4;
  std::ofstream(folder / "new.npy", std::ios::binary) << bytes;
  expect_refused<double>(folder / "new.npy", "is of .npy version 4.0", "write it again with numpy.save");
}

TEST(Npy, RefusesToWriteWhatIsNoArrayAndWhereItCannot) {
  const TemporaryFolder folder;
  EXPECT_THROW(write_npy(folder / "a.npy", NpyArray<float>{{2, 2}, {1, 2, 3}}), InvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(folder / "a.npy"));
  EXPECT_THROW(write_npy(folder / "no" / "a.npy", NpyArray<float>{{1}, {1}}), InvalidArgument);
  EXPECT_THROW(write_npy(folder / "a.npy", NpyArray<float>{Shape(30000, 1), {1}}), InvalidArgument);
}

}  // namespace
