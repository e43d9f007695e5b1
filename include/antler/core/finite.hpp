// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Macros.hpp>
#include <cstdint>
#include <cstring>

#include "antler/core/config.hpp"

namespace antler::inline ANTLER_LANES {

/// True unless x is infinite or NaN. Read off the exponent's bits: a comparison (x - x == 0) is folded to true by -ffast-math,
/// and a user who compiles so must still never see a NaN reported as converged.
KOKKOS_INLINE_FUNCTION bool is_finite(double x) {
  std::uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return ((bits >> 52) & 0x7ff) != 0x7ff;
}

/// @copydoc is_finite(double)
KOKKOS_INLINE_FUNCTION bool is_finite(float x) {
  std::uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return ((bits >> 23) & 0xff) != 0xff;
}

}  // namespace antler::inline ANTLER_LANES
