// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Macros.hpp>

#include <type_traits>
#include <utility>

#include "antler/core/config.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Calls body(std::integral_constant<int, 0>{}), ..., body(std::integral_constant<int, count - 1>{}): a loop whose counter is a
/// constant, so that entries of a tableau become immediates and short vectors stay in registers.
template <int count, class Body>
KOKKOS_FORCEINLINE_FUNCTION constexpr void unrolled(const Body& body) {
  [&]<int... i>(std::integer_sequence<int, i...>) ANTLER_INLINED { (body(std::integral_constant<int, i>{}), ...); }
  (std::make_integer_sequence<int, count>{});
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
