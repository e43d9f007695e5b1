// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "antler/core/dual.hpp"
#include "antler/core/dual_math.hpp"
#include "antler/core/require.hpp"
#include "antler/core/vector.hpp"

namespace antler::inline ANTLER_LANES {

/// Stands for the inputs of a recurrence that has none: only the number of steps.
struct Steps {
  long long count = 0;
};

namespace detail {

template <class V, int>
using OnePerLag = V;

template <class F, class T, int n, class X, int... p>
constexpr bool is_step_function(std::integer_sequence<int, p...>) {
  using Y = Vector<T, n>;
  if constexpr (std::is_same_v<X, Steps>) {
    return std::is_invocable_r_v<Y, const F&, OnePerLag<const Y&, p>...>;
  } else {
    return std::is_invocable_r_v<Y, const F&, OnePerLag<const Y&, p>..., const X&>;
  }
}

}  // namespace detail

/// f takes `lags` states of n components of type T, and an input unless X is Steps, and returns such a state.
template <class F, class T, int n, int lags, class X>
concept StepFunction = detail::is_step_function<F, T, n, X>(std::make_integer_sequence<int, lags>{});

/// y_i = f(y_{i-1}, ..., y_{i-P}, x_i), i = 1 .. N, from the values y_0, y_{-1}, ..., y_{1-P}.
///
/// f is a template over the element type of its states; inputs x_i are of any type X that a kernel can copy (a number, a Vector),
/// one per step. Without inputs f takes the states only and the number of steps is given: `DifferenceEquation{f, y0, Steps{1000}}`.
template <class F, class T, int n, int lags, class X>
struct DifferenceEquation {
  static_assert(
      StepFunction<F, T, n, lags, X>,
      "antler::DifferenceEquation: f must take as many states as there are initial values, each of their size and scalar, "
      "then an input of this type, and return a state");
  using Scalar = T;
  using Input = X;
  static constexpr int size = n;
  static constexpr int order = lags;
  static constexpr bool has_inputs = !std::is_same_v<X, Steps>;

  F f;
  std::array<Vector<T, n>, lags> history;  ///< y_0, y_{-1}, ...: the most recent first
  std::vector<X> inputs;                   ///< x_1, ..., x_N; empty when the recurrence has none
  long long steps;                         ///< N

  /// One lag, with inputs. @throws InvalidArgument  a value of y0 is not finite
  DifferenceEquation(F step, Vector<T, n> y0, std::vector<X> x,
                     const SourceLocation& where = SourceLocation::current()) requires(lags == 1)
      : DifferenceEquation(std::move(step), std::array<Vector<T, n>, 1>{y0}, std::move(x), where) {}

  /// Several lags, with inputs; `initial` holds y_0, y_{-1}, ..., the most recent first.
  DifferenceEquation(F step, std::array<Vector<T, n>, lags> initial, std::vector<X> x,
                     const SourceLocation& where = SourceLocation::current())
      : f(std::move(step)), history(initial), inputs(std::move(x)), steps(static_cast<long long>(inputs.size())) {
    require_consistent(where);
  }

  /// One lag, without inputs.
  DifferenceEquation(F step, Vector<T, n> y0, Steps number,
                     const SourceLocation& where = SourceLocation::current()) requires(lags == 1)
      : DifferenceEquation(std::move(step), std::array<Vector<T, n>, 1>{y0}, number, where) {}

  /// Several lags, without inputs.
  DifferenceEquation(F step, std::array<Vector<T, n>, lags> initial, Steps number,
                     const SourceLocation& where = SourceLocation::current())
      : f(std::move(step)), history(initial), steps(number.count) {
    require(steps >= 0, "the number of steps of a recurrence must not be negative", where);
    require_consistent(where);
  }

  /// Throws InvalidArgument unless the initial values are finite and there is one input per step; solve() asks again, since the
  /// members can be changed.
  void require_consistent(const SourceLocation& where) const {
    require(!has_inputs || static_cast<long long>(inputs.size()) == steps,
            "a recurrence needs one input per step: " + std::to_string(steps) + " inputs", where);
    for (const auto& y : history)
      for (int c = 0; c < n; ++c)
        if (!std::isfinite(y[c]))
          require(false, "component " + std::to_string(c) + " of an initial value is not finite: check how it is computed", where);
  }
};

template <class F, class T, int n, class X>
DifferenceEquation(F, Vector<T, n>, std::vector<X>) -> DifferenceEquation<F, T, n, 1, X>;
template <class F, class T, int n, std::size_t lags, class X>
DifferenceEquation(F, std::array<Vector<T, n>, lags>, std::vector<X>) -> DifferenceEquation<F, T, n, static_cast<int>(lags), X>;
template <class F, class T, int n>
DifferenceEquation(F, Vector<T, n>, Steps) -> DifferenceEquation<F, T, n, 1, Steps>;
template <class F, class T, int n, std::size_t lags>
DifferenceEquation(F, std::array<Vector<T, n>, lags>, Steps) -> DifferenceEquation<F, T, n, static_cast<int>(lags), Steps>;

}  // namespace antler::inline ANTLER_LANES
