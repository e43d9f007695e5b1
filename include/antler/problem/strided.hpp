// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Recurrences with a stride s, or a dilation [Chang2017]:
///
///     y_i = f(y_{i-s}, x_i),   i = 1 .. N,   from y_0, y_{-1}, ..., y_{1-s}.
///
/// The steps j, j + s, j + 2 s, ... see each other and no others: s recurrences of one lag, interleaved. With MultiHead as its f
/// each head has a stride of its own, as in the multi-head GRU of [Lim2024].

#include "antler/problem/interleaved.hpp"

namespace antler::inline ANTLER_LANES {

/// y_i = f(y_{i-s}, x_i): an equation of one lag, of which every step looks s steps back. Of the f of a MultiHead head h looks s_h
/// steps back, with x_i as its input all the same.
///
///     Strided{equation, 4}                        all values before the first step are y_0
///     Strided{equation, 4, {y_1, y_2, y_3}}       y_{-1}, y_{-2}, y_{-3}: the most recent first
///     Strided{heads, {1, 2, 4, 8}}                DifferenceEquation heads{MultiHead<Gru<float, 8, 2>, 4>::random(1), y0, inputs}
template <class F, class T, int n, class X>
struct Strided {
  using Equation = DifferenceEquation<F, T, n, 1, X>;
  using Strides = std::array<Index, detail::HeadsOf<F>::count>;

  Equation equation;                  ///< f, y_0 and inputs
  Strides strides;                    ///< one per head, one for an f that has none
  std::vector<Vector<T, n>> earlier;  ///< y_{-1}, y_{-2}, ... for each step of the longest stride; empty: all of them are y_0

  /// @throws InvalidArgument  a stride below 1, another number of earlier values than the longest stride less one, a value that is
  /// not finite
  Strided(Equation one_lag, const Strides& steps_back, std::vector<Vector<T, n>> values = {},
          const SourceLocation& where = SourceLocation::current())
      : equation(std::move(one_lag)), strides(steps_back), earlier(std::move(values)) {
    require_consistent(where);
  }

  /// The same stride for all heads.
  Strided(Equation one_lag, Index stride, std::vector<Vector<T, n>> values = {},
          const SourceLocation& where = SourceLocation::current())
      : equation(std::move(one_lag)), earlier(std::move(values)) {
    strides.fill(stride);
    require_consistent(where);
  }

  /// Throws InvalidArgument unless the extents agree and the values are finite; solve() asks again, since the members can be
  /// changed.
  void require_consistent(const SourceLocation& where) const {
    equation.require_consistent(where);
    for (const Index stride : strides)
      require(stride >= 1,
              "a stride is a number of steps, at least 1, and " + std::to_string(stride) +
                  " is given: 1 makes the step before the one that is seen",
              where);
    const auto longest = *std::max_element(strides.begin(), strides.end());
    require(earlier.empty() || static_cast<Index>(earlier.size()) == longest - 1,
            "a recurrence of stride " + std::to_string(longest) + " begins with " + std::to_string(longest) +
                " states, and beside y_0 " + std::to_string(earlier.size()) + " are given: give y_{-1}, ..., y_{" +
                std::to_string(1 - longest) + "}, or none where all are y_0",
            where);
    for (const auto& y : earlier)
      for (const T& value : y)
        require(std::isfinite(value), "an initial value of a strided recurrence is not finite: check how it is computed", where);
  }
};

template <class F, class T, int n, class X>
Strided(DifferenceEquation<F, T, n, 1, X>, Index) -> Strided<F, T, n, X>;
template <class F, class T, int n, class X>
Strided(DifferenceEquation<F, T, n, 1, X>, Index, std::vector<Vector<T, n>>) -> Strided<F, T, n, X>;
template <class F, class T, int n, class X>
Strided(DifferenceEquation<F, T, n, 1, X>, std::array<Index, detail::HeadsOf<F>::count>) -> Strided<F, T, n, X>;
template <class F, class T, int n, class X>
Strided(DifferenceEquation<F, T, n, 1, X>, std::array<Index, detail::HeadsOf<F>::count>, std::vector<Vector<T, n>>)
    -> Strided<F, T, n, X>;

}  // namespace antler::inline ANTLER_LANES
