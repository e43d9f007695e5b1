// SPDX-License-Identifier: BSD-3-Clause
#include "npy_header.hpp"

#include <charconv>

#include "antler/core/npy.hpp"

namespace antler::npy {

namespace {

/// Reads a Python literal from left to right. What does not fit leaves the reader where it was and returns false.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool take(char wanted) {
    skip_blanks();
    if (text_.empty() || text_.front() != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool word(std::string_view wanted) {
    skip_blanks();
    if (text_.substr(0, wanted.size()) != wanted) return false;
    text_.remove_prefix(wanted.size());
    return true;
  }
  /// 'text' or "text".
  bool quoted(std::string& out) {
    skip_blanks();
    if (text_.empty() || (text_.front() != '\'' && text_.front() != '"')) return false;
    const std::size_t end = text_.find(text_.front(), 1);
    if (end == std::string_view::npos) return false;
    out = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return true;
  }
  /// A structured type, [('x', '<f4'), ...], as it stands.
  bool bracketed(std::string& out) {
    skip_blanks();
    if (text_.empty() || text_.front() != '[') return false;
    std::size_t end = 0;
    int depth = 0;
    for (; end < text_.size(); ++end) {
      depth += text_[end] == '[' ? 1 : text_[end] == ']' ? -1 : 0;
      if (depth == 0) break;
    }
    if (depth != 0) return false;
    out = text_.substr(0, end + 1);
    text_.remove_prefix(end + 1);
    return true;
  }
  bool number(std::size_t& out) {
    skip_blanks();
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), out);
    if (error != std::errc()) return false;
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    static_cast<void>(take('L'));  // Python 2 wrote long integers so
    return true;
  }
  /// (), (3,), (3, 4).
  bool tuple(std::vector<std::size_t>& out) {
    if (!take('(')) return false;
    for (std::size_t extent = 0; !take(')'); out.push_back(extent))
      if (!number(extent) || (!take(',') && !at(')'))) return false;
    return true;
  }
  bool at(char wanted) {
    skip_blanks();
    return !text_.empty() && text_.front() == wanted;
  }
  bool at_end() {
    skip_blanks();
    return text_.empty();
  }

 private:
  void skip_blanks() {
    const std::size_t blanks = text_.find_first_not_of(" \n\t");
    text_.remove_prefix(blanks == std::string_view::npos ? text_.size() : blanks);
  }

  std::string_view text_;
};

}  // namespace

bool parse_header(std::string_view text, Header& header) {
  Reader read(text);
  bool type = false, order = false, shape = false;
  if (!read.take('{')) return false;
  while (!read.take('}')) {
    std::string key;
    if (!read.quoted(key) || !read.take(':')) return false;
    if (key == "descr" && !type) {
      type = read.quoted(header.type) || read.bracketed(header.type);
      if (!type) return false;
    } else if (key == "fortran_order" && !order) {
      header.fortran_order = read.word("True");
      order = header.fortran_order || read.word("False");
      if (!order) return false;
    } else if (key == "shape" && !shape) {
      shape = read.tuple(header.shape);
      if (!shape) return false;
    } else {
      return false;
    }
    if (!read.take(',') && !read.at('}')) return false;
  }
  return type && order && shape && read.at_end();
}

std::string header_text(const Header& header, std::size_t before) {
  std::string text = "{'descr': '" + header.type + "', 'fortran_order': " + (header.fortran_order ? "True" : "False") +
                     ", 'shape': " + shape_text(header.shape) + ", }";
  const std::size_t length = before + text.size() + 1;
  text.append((64 - length % 64) % 64, ' ');
  return text + '\n';
}

}  // namespace antler::npy
