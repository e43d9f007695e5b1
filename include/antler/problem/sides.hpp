// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What holds on a side of an interval or a rectangle. The value is a number, or a function of where and when it is asked for: of
/// t on the end of an interval, of the coordinate along it on the side of a rectangle.

#include <concepts>
#include <type_traits>

#include "antler/core/config.hpp"

namespace antler::inline ANTLER_LANES {

/// u = value.
template <class Value = double>
struct Dirichlet {
  Value value{};
};

/// du/dn = flux, n the outward normal: on the left end of an interval -u' = flux.
template <class Value = double>
struct Neumann {
  Value flux{};
};

/// a u + b du/dn = value, n the outward normal; a and b not both zero.
template <class Value = double>
struct Robin {
  double a = 1, b = 1;
  Value value{};
};

/// The opposite side continues this one; both sides of a pair must be periodic.
struct Periodic {};

template <class Value>
Dirichlet(Value) -> Dirichlet<Value>;
template <class Value>
Neumann(Value) -> Neumann<Value>;
template <class Value>
Robin(double, double, Value) -> Robin<Value>;

namespace detail {

/// The value of a side: the number, or the function at `where...`.
template <class Value, class... Where>
[[nodiscard]] auto side_value(const Value& value, const Where&... where) {
  if constexpr (std::invocable<const Value&, const Where&...>)
    return value(where...);
  else
    return value;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
