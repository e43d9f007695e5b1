// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstring>
#include <type_traits>

#include "antler/core/config.hpp"

namespace antler::inline ANTLER_LANES {

/// Whether two functors are known to be the same function, so that recurrences of both can share lanes: by their operator== where
/// they have one, else where they hold the same bytes. Functors that hold more than plain data (Views, say) and cannot be compared
/// count as different: nothing but speed is lost.
template <class F>
bool same_function(const F& a, const F& b) {
  if constexpr (std::equality_comparable<F>) {
    return a == b;
  } else if constexpr (std::is_empty_v<F>) {
    return true;
  } else if constexpr (std::is_trivially_copyable_v<F>) {
    return std::memcmp(static_cast<const void*>(&a), static_cast<const void*>(&b), sizeof(F)) == 0;
  } else {
    return &a == &b;
  }
}

}  // namespace antler::inline ANTLER_LANES
