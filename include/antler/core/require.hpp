// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <stdexcept>
#include <string>
#include "antler/core/source_location.hpp"

namespace antler {

/// A call that breaks the contract of a public function: extents that disagree, tolerances that are not positive, an unsorted mesh.
///
/// Thrown on the host before any kernel is launched; the message names the caller's file and line and the remedy. Mathematics that
/// fails (a Newton iteration that does not converge) never throws: see Status.
class InvalidArgument : public std::invalid_argument {
 public:
  InvalidArgument(const std::string& message, const SourceLocation& where);
  /// Where the public function was called.
  [[nodiscard]] const SourceLocation& where() const noexcept { return where_; }

 private:
  SourceLocation where_;
};

/// Throws InvalidArgument with `message` and the caller's place unless `ok`.
///
/// Public functions take a defaulted SourceLocation themselves and pass it on, so that the place is the user's line.
inline void require(bool ok, const std::string& message, const SourceLocation& where = SourceLocation::current()) {
  if (!ok) throw InvalidArgument(message, where);
}
/// The same for a literal, which no string is made of unless it is needed: a solve may take ten microseconds.
inline void require(bool ok, const char* message, const SourceLocation& where = SourceLocation::current()) {
  if (!ok) throw InvalidArgument(message, where);
}

/// Throws unless Kokkos runs: every entry point that launches a kernel calls it first.
void require_kokkos(const SourceLocation& where);

}  // namespace antler
