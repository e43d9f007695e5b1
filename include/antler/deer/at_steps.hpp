// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// f of a recurrence as the framework sees it: for one step, or on a host for one step per SIMD lane.

#include <concepts>
#include <type_traits>
#include <utility>

#include "antler/core/parallel.hpp"
#include "antler/problem/difference_equation.hpp"
#include "antler/problem/initial_value_problem.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Inputs of steps i, i + 1, ... in lanes. Numbers of the state's type and Vectors of them have lanes; whatever else a user's
/// inputs are, f sees them one at a time.
template <class X, class T>
struct LaneInput {
  static constexpr bool exists = false;
};

template <std::floating_point T>
struct LaneInput<T, T> {
  static constexpr bool exists = true;
  using type = Lanes<T>;

  template <class View>
  KOKKOS_FORCEINLINE_FUNCTION static type gather_from(const View& inputs, Index i) {
    return gather<type>(inputs, i);
  }
  /// Lane l from the input at(l).
  template <class At>
  KOKKOS_FORCEINLINE_FUNCTION static type collect(const At& at) {
    return from_lanes<type>(at);
  }
};

template <std::floating_point T, int m>
struct LaneInput<Vector<T, m>, T> {
  static constexpr bool exists = true;
  using type = Vector<Lanes<T>, m>;

  template <class View>
  KOKKOS_FORCEINLINE_FUNCTION static type gather_from(const View& inputs, Index i) {
    const Index last = static_cast<Index>(inputs.extent(0)) - 1;
    type x;
    for (int c = 0; c < m; ++c) x[c] = from_lanes<Lanes<T>>([&](int l) { return inputs(i + l < last ? i + l : last)[c]; });
    return x;
  }
  /// Lane l from the input at(l).
  template <class At>
  KOKKOS_FORCEINLINE_FUNCTION static type collect(const At& at) {
    type x;
    for (int c = 0; c < m; ++c) x[c] = from_lanes<Lanes<T>>([&](int l) { return at(l)[c]; });
    return x;
  }
};

template <class V, int>
using Repeated = V;

/// Whether f can be called for a step per lane: it has not declared `lanes = false`, and takes its input, if any, in lanes as well.
template <class F, class T, int n, class X, int... p>
constexpr bool step_serves_lanes(std::integer_sequence<int, p...>) {
  using V = Vector<Lanes<T>, n>;
  if constexpr (!accepts_lanes<F>()) {
    return false;
  } else if constexpr (std::is_same_v<X, Steps>) {
    return std::is_invocable_v<const F&, Repeated<const V&, p>...>;
  } else if constexpr (LaneInput<X, T>::exists) {
    return std::is_invocable_v<const F&, Repeated<const V&, p>..., const typename LaneInput<X, T>::type&>;
  } else {
    return false;
  }
}

/// f(y_{i-1}, ..., x_i) of a recurrence as the f(i, y_1, ..., y_P) of the framework; point i is step i + 1. Derivatives by hand are
/// passed on where f brings them.
template <class F, class T, int n, int lags, class X, class ExecutionSpace>
struct AtSteps {
  static constexpr bool lanes = step_serves_lanes<F, T, n, X>(std::make_integer_sequence<int, lags>{});

  F f;
  Kokkos::View<const X*, typename ExecutionSpace::memory_space> inputs;

  template <class U>
  KOKKOS_INLINE_FUNCTION decltype(auto) input(Index i) const {
    if constexpr (lane_count<U> == 1) {
      return (inputs(i));
    } else {
      return LaneInput<X, T>::gather_from(inputs, i);
    }
  }

  template <class U, class... V>
  KOKKOS_INLINE_FUNCTION auto operator()(Index i, const Vector<U, n>& y, const V&... before) const {
    if constexpr (std::is_same_v<X, Steps>) {
      (void)i;
      return f(y, before...);
    } else {
      return f(y, before..., input<U>(i));
    }
  }

  /// The same for the point point_of(l) in lane l.
  template <class PointOf, class U, class... V>
  KOKKOS_INLINE_FUNCTION auto at(const PointOf& point_of, const Vector<U, n>& y, const V&... before) const {
    if constexpr (std::is_same_v<X, Steps>) {
      return f(y, before...);
    } else if constexpr (lane_count<U> == 1) {
      return f(y, before..., inputs(point_of(0)));
    } else {
      return f(y, before..., LaneInput<X, T>::collect([&](int l) -> const X& { return inputs(point_of(l)); }));
    }
  }

  template <class U, class... V>
    requires(std::is_same_v<X, Steps>&& requires(const F g, const Vector<U, n> y, const V... before) { g.linearize(y, before...); })
  KOKKOS_INLINE_FUNCTION auto linearize(Index /*i*/, const Vector<U, n>& y, const V&... before) const {
    return f.linearize(y, before...);
  }
  template <class U, class... V>
    requires(!std::is_same_v<X, Steps> && requires(const AtSteps at, const Vector<U, n> y, const V... before) {
      at.f.linearize(y, before..., at.template input<U>(Index{}));
    })
  KOKKOS_INLINE_FUNCTION auto linearize(Index i, const Vector<U, n>& y, const V&... before) const {
    return f.linearize(y, before..., input<U>(i));
  }

  template <class U>
    requires(std::is_same_v<X, Steps>&& requires(const F g, const Vector<U, n> y) { g.linearize_diagonal(y); })
  KOKKOS_INLINE_FUNCTION auto linearize_diagonal(Index /*i*/, const Vector<U, n>& y) const { return f.linearize_diagonal(y); }
  template <class U>
    requires(!std::is_same_v<X, Steps> &&
             requires(const AtSteps at, const Vector<U, n> y) { at.f.linearize_diagonal(y, at.template input<U>(Index{})); })
  KOKKOS_INLINE_FUNCTION auto linearize_diagonal(Index i, const Vector<U, n>& y) const {
    return f.linearize_diagonal(y, input<U>(i));
  }
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
