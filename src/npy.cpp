// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/npy.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <fstream>
#include <limits>

#include "npy_header.hpp"

namespace antler {

namespace {

using npy::Header;

constexpr std::string_view magic = "\x93NUMPY";
constexpr char own_order = std::endian::native == std::endian::little ? '<' : '>';

template <class T>
constexpr const char* type_name = sizeof(T) == 4 ? "f4" : "f8";

/// A file that is read, and what is said about it when it is not what it should be.
class File {
 public:
  File(const std::filesystem::path& path, const SourceLocation& where) : path_(path), where_(where) {
    std::error_code none;
    require_file(!std::filesystem::is_directory(path, none), "is a folder: name the file in it");
    stream_.open(path, std::ios::binary);
    require_file(stream_.is_open(), "cannot be opened: check the path and who may read it");
    stream_.seekg(0, std::ios::end);
    const auto end = stream_.tellg();
    require_file(end >= 0, "has no length: copy it into a plain file");
    size_ = static_cast<std::size_t>(end);
    stream_.seekg(0);
  }

  void require_file(bool ok, const std::string& message) const {
    if (!ok) require(false, path_.string() + ' ' + message, where_);
  }
  [[nodiscard]] std::size_t left() const { return size_ - taken_; }

  void take(char* to, std::size_t bytes) {
    require_file(bytes <= left(), "ends after " + std::to_string(size_) + " bytes and needs " + std::to_string(taken_ + bytes) +
                                      ": it was cut short, copy or write it again");
    stream_.read(to, static_cast<std::streamsize>(bytes));
    require_file(stream_.good(), "cannot be read to its end: copy or write it again");
    taken_ += bytes;
  }
  [[nodiscard]] std::string take(std::size_t bytes) {
    require_file(bytes <= left(),
                 "ends within its header, after " + std::to_string(size_) + " bytes: it was cut short, copy or write it again");
    std::string text(bytes, '\0');
    take(text.data(), bytes);
    return text;
  }

 private:
  std::filesystem::path path_;
  SourceLocation where_;
  std::ifstream stream_;
  std::size_t size_ = 0, taken_ = 0;
};

void require_npy(File& file) {
  const std::string begin = file.take(std::min(magic.size(), file.left()));
  file.require_file(begin.substr(0, 2) != "PK", "is an archive (.npz): save each array in a file of its own with numpy.save");
  file.require_file(begin == magic, "is no .npy file: write it with numpy.save");
}

/// Little-endian, as the format has all its lengths.
std::size_t take_length(File& file, std::size_t bytes) {
  std::size_t length = 0;
  const std::string digits = file.take(bytes);
  for (std::size_t b = 0; b < bytes; ++b) length |= static_cast<std::size_t>(static_cast<unsigned char>(digits[b])) << (8 * b);
  return length;
}

Header take_header(File& file) {
  require_npy(file);
  const std::string version = file.take(2);
  file.require_file(version[0] >= 1 && version[0] <= 3 && version[1] == 0,
                    "is of .npy version " + std::to_string(version[0]) + '.' + std::to_string(version[1]) +
                        ", and 1.0, 2.0 and 3.0 are read: write it again with numpy.save");
  Header header;
  const std::string text = file.take(take_length(file, version[0] == 1 ? 2 : 4));
  file.require_file(npy::parse_header(text, header), "has a header that is no .npy header: write it again with numpy.save");
  return header;
}

template <class T>
void require_type(const File& file, const std::string& found) {
  const bool right = (found[0] == '<' || found[0] == '>') && found.substr(1) == type_name<T>;
  const bool other = (found[0] == '<' || found[0] == '>') && (found.substr(1) == "f4" || found.substr(1) == "f8");
  const std::string expected = std::string("<") + type_name<T>;
  file.require_file(right, "holds elements of type " + found + " and " + expected + " is expected: save array.astype('" + expected +
                               "')" + (other ? ", or read it in the other precision" : ""));
}

/// The number of elements, or of as many as never fit into a file when the product overflows.
std::size_t element_count(const std::vector<std::size_t>& shape) {
  if (std::find(shape.begin(), shape.end(), std::size_t{0}) != shape.end()) return 0;
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / 16;
  std::size_t count = 1;
  for (const std::size_t extent : shape) count = extent > most / count ? most : count * extent;
  return count;
}

template <class T>
void swap_bytes(std::vector<T>& values) {
  for (T& value : values) {
    auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(value);
    std::reverse(bytes.begin(), bytes.end());
    value = std::bit_cast<T>(bytes);
  }
}

/// The same array with the last index fastest, where the first one was.
template <class T>
std::vector<T> from_fortran_order(const std::vector<T>& values, const std::vector<std::size_t>& shape) {
  std::vector<T> out(values.size());
  std::vector<std::size_t> index(shape.size(), 0);
  for (T& value : out) {
    std::size_t at = 0;
    for (std::size_t k = shape.size(); k-- > 0;) at = at * shape[k] + index[k];
    value = values[at];
    for (std::size_t k = shape.size(); k-- > 0;) {
      if (++index[k] < shape[k]) break;
      index[k] = 0;
    }
  }
  return out;
}

template <class T>
NpyArray<T> read(const std::filesystem::path& path, const std::vector<std::size_t>* shape, const SourceLocation& where) {
  File file(path, where);
  Header header = take_header(file);
  require_type<T>(file, header.type);
  if (shape)
    file.require_file(header.shape == *shape, "has shape " + shape_text(header.shape) + " and " + shape_text(*shape) +
                                                  " is expected: save the array that this size belongs to");
  const std::size_t bytes = element_count(header.shape) * sizeof(T);
  file.require_file(bytes >= file.left(), "has " + std::to_string(file.left() - std::min(bytes, file.left())) +
                                              " bytes behind its array: keep one array in each file, as numpy.save writes it");
  file.require_file(bytes <= file.left(), "ends after " + std::to_string(file.left()) + " of the " + std::to_string(bytes) +
                                              " bytes of its array: it was cut short, copy or write it again");
  NpyArray<T> array{std::move(header.shape), std::vector<T>(bytes / sizeof(T))};
  file.take(reinterpret_cast<char*>(array.values.data()), bytes);
  if (header.type[0] != own_order) swap_bytes(array.values);
  if (header.fortran_order && array.shape.size() > 1) array.values = from_fortran_order(array.values, array.shape);
  return array;
}

}  // namespace

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "(";
  for (std::size_t k = 0; k < shape.size(); ++k) text += (k > 0 ? ", " : "") + std::to_string(shape[k]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

template <class T>
NpyArray<T> read_npy(const std::filesystem::path& file, const SourceLocation& where) {
  return read<T>(file, nullptr, where);
}

template <class T>
NpyArray<T> read_npy(const std::filesystem::path& file, const std::vector<std::size_t>& shape, const SourceLocation& where) {
  return read<T>(file, &shape, where);
}

template <class T>
void write_npy(const std::filesystem::path& file, const NpyArray<T>& array, const SourceLocation& where) {
  require(element_count(array.shape) == array.values.size(),
          "an array of shape " + shape_text(array.shape) + " cannot have " + std::to_string(array.values.size()) +
              " values: give as many as the product of the extents",
          where);
  constexpr std::size_t before = magic.size() + 4;
  const std::string header = npy::header_text({std::string(1, own_order) + type_name<T>, false, array.shape}, before);
  require(header.size() <= 0xffff, "the shape has too many extents for a .npy file: reshape the array", where);
  const std::array<char, 4> version_and_length{1, 0, static_cast<char>(header.size() & 0xff),
                                               static_cast<char>(header.size() >> 8)};
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(magic.data(), magic.size());
  out.write(version_and_length.data(), version_and_length.size());
  out.write(header.data(), static_cast<std::streamsize>(header.size()));
  out.write(reinterpret_cast<const char*>(array.values.data()), static_cast<std::streamsize>(array.values.size() * sizeof(T)));
  out.close();
  if (!out) require(false, file.string() + " cannot be written: check that its folder exists, is yours and has space", where);
}

template NpyArray<float> read_npy(const std::filesystem::path&, const SourceLocation&);
template NpyArray<double> read_npy(const std::filesystem::path&, const SourceLocation&);
template NpyArray<float> read_npy(const std::filesystem::path&, const std::vector<std::size_t>&, const SourceLocation&);
template NpyArray<double> read_npy(const std::filesystem::path&, const std::vector<std::size_t>&, const SourceLocation&);
template void write_npy(const std::filesystem::path&, const NpyArray<float>&, const SourceLocation&);
template void write_npy(const std::filesystem::path&, const NpyArray<double>&, const SourceLocation&);

}  // namespace antler
