// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace antler {

/// A place in the user's code: what the standard's std::source_location is, which clang has from version 16 on only.
///
/// Public functions take one as their last argument, defaulted to current(), which the compiler evaluates at the call.
class SourceLocation {
 public:
  static constexpr SourceLocation current(const char* file = __builtin_FILE(), int line = __builtin_LINE(),
                                          const char* function = __builtin_FUNCTION()) {
    return SourceLocation(file, line, function);
  }
  [[nodiscard]] constexpr const char* file_name() const { return file_; }
  [[nodiscard]] constexpr int line() const { return line_; }
  [[nodiscard]] constexpr const char* function_name() const { return function_; }

 private:
  constexpr SourceLocation(const char* file, int line, const char* function) : file_(file), line_(line), function_(function) {}

  const char* file_;
  int line_;
  const char* function_;
};

}  // namespace antler
