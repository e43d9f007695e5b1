// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "antler/core/kokkos.hpp"

namespace antler::dynamic {

/// How a march shares out its memory.
struct Budget {
  Index capacity;     ///< steps of a window
  Index predicted;    ///< most steps of the predictor
  std::size_t bytes;  ///< of all arrays

  /// @param workers  threads that will compute at once
  /// @param limit    bytes that must not be exceeded; a window has 4 steps at least
  /// @param longest  most steps that a window should have, 0 for no such bound
  Budget(int n, std::size_t matrix_size, Index workers, std::size_t limit, Index longest = 0);
};

}  // namespace antler::dynamic
