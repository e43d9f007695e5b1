// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Macros.hpp>
#include <utility>

#include "antler/core/config.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// A number that is part of its type. std::integral_constant converts on the host only, in the eyes of device compilers.
template <int i>
struct Constant {
  KOKKOS_FORCEINLINE_FUNCTION constexpr operator int() const { return i; }
};

/// Calls body(Constant<0>{}), ..., body(Constant<count - 1>{}): a loop whose counter is a constant, so that entries of a
/// tableau become immediates and short vectors stay in registers. In code that devices run, too.
template <int count, class Body>
KOKKOS_FORCEINLINE_FUNCTION constexpr void unrolled(const Body& body) {
  [&]<int... i>(std::integer_sequence<int, i...>) ANTLER_INLINED { (body(Constant<i>{}), ...); }
  (std::make_integer_sequence<int, count>{});
}

/// The same in code of the host alone: device compilers warn of its lambdas there.
template <int count, class Body>
constexpr void unrolled_on_host(const Body& body) {
  [&]<int... i>(std::integer_sequence<int, i...>) ANTLER_INLINED { (body(Constant<i>{}), ...); }
  (std::make_integer_sequence<int, count>{});
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
