// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <functional>
#include <utility>

#include "antler/problem/sides.hpp"

namespace antler {

enum class SideKind { dirichlet, neumann, robin, periodic };

/// What holds on a side, without its value: u, du/dn, a u + b du/dn, or the continuation by the opposite side.
struct SideCondition {
  SideKind kind = SideKind::dirichlet;
  double a = 0, b = 1;  // of a Robin side
};

/// A side of a rectangle, made from a Dirichlet, Neumann, Robin or Periodic: its value is a number, a function of the coordinate
/// along the side, or of the coordinate and time.
///
///     antler::GridSide left = antler::Dirichlet{0.0}, top = antler::Neumann{[](double x) { return x * x; }};
class GridSide {
 public:
  GridSide() : GridSide(Dirichlet<double>{0.0}) {}
  template <class Value>
  GridSide(Dirichlet<Value> side)
      : condition_{SideKind::dirichlet}, value_(as_function(std::move(side.value))) {}  // NOLINT: implicit
  template <class Value>
  GridSide(Neumann<Value> side) : condition_{SideKind::neumann}, value_(as_function(std::move(side.flux))) {}  // NOLINT: implicit
  template <class Value>
  GridSide(Robin<Value> side)  // NOLINT: implicit
      : condition_{SideKind::robin, side.a, side.b}, value_(as_function(std::move(side.value))) {}
  GridSide(Periodic /*side*/) : condition_{SideKind::periodic} {}  // NOLINT: implicit

  [[nodiscard]] const SideCondition& condition() const { return condition_; }
  /// The value at coordinate s and time t; 0 of a periodic side.
  [[nodiscard]] double value(double s, double t = 0) const { return value_ ? value_(s, t) : 0; }

 private:
  using Function = std::function<double(double s, double t)>;

  template <class Value>
  static Function as_function(Value value) {
    if constexpr (std::invocable<const Value&, double, double>) {
      return value;
    } else if constexpr (std::invocable<const Value&, double>) {
      return [value = std::move(value)](double s, double /*t*/) { return static_cast<double>(value(s)); };
    } else {
      return [number = static_cast<double>(value)](double /*s*/, double /*t*/) { return number; };
    }
  }

  SideCondition condition_;
  Function value_;
};

}  // namespace antler
