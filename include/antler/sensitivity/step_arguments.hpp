// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What f of a recurrence y_i = f(y_{i-1}, ..., y_{i-P}, x_i) is called with along a given trajectory, and its derivatives there:
/// for one step, or for one step per SIMD lane.
///
/// An f may bring, for one lag,
/// - `linearize(y, x)`, which returns a Linearization<U, n, 1>: value and df/dy by hand;
/// - `pullback(y, x, lambda, y_bar, x_bar, theta_bar)`: y_bar = (df/dy)^T lambda and x_bar = (df/dx)^T lambda, both overwritten,
/// and
///   theta_bar(k) += (df/dtheta_k)^T lambda, theta_bar being anything with operator()(int).
/// Without inputs both come without x and x_bar.

#include <algorithm>
#include <span>
#include <utility>

#include "antler/deer/evaluate.hpp"
#include "antler/problem/initial_value_problem.hpp"
#include "antler/sensitivity/inputs.hpp"
#include "antler/sensitivity/parameter_kernels.hpp"
#include "antler/solve/trajectory_copy.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// f of one lag brings its products with covectors, for elements U.
template <class F, class U, int n, class X>
KOKKOS_INLINE_FUNCTION constexpr bool brings_pullback() {
  using V = Vector<U, n>;
  if constexpr (std::is_same_v<X, Steps>) {
    return requires(const F f, const V y, V y_bar, ParameterSums<U> sums) { f.pullback(y, y, y_bar, sums); };
  } else if constexpr (InputTraits<X>::size > 0) {
    return requires(const F f, const V y, const InputOf<X, U> x, V y_bar, InputOf<X, U> x_bar, ParameterSums<U> sums) {
      f.pullback(y, x, y, y_bar, x_bar, sums);
    };
  } else {
    return false;
  }
}

template <class V, int>
using Repeated = V;

/// f can be called with states of elements V and an input of elements W.
template <class F, class V, class W, int n, class X, int... p>
KOKKOS_INLINE_FUNCTION constexpr bool takes(std::integer_sequence<int, p...>) {
  if constexpr (std::is_same_v<X, Steps>) {
    return std::is_invocable_v<const F&, const Repeated<Vector<V, n>, p>&...>;
  } else if constexpr (InputTraits<X>::size == 0) {
    return std::is_invocable_v<const F&, const Repeated<Vector<V, n>, p>&..., const X&>;
  } else {
    return std::is_invocable_v<const F&, const Repeated<Vector<V, n>, p>&..., const InputOf<X, W>&>;
  }
}

/// What a recurrence is evaluated with along a trajectory: lanes, where f and its inputs serve them and the matrices of a step per
/// lane fit a first-level cache; else scalars.
template <class F, class T, int n, int lags, class X, class ExecutionSpace>
struct StepElements {
  using U = KernelLanes<T, ExecutionSpace>;
  static constexpr bool lanes = accepts_lanes<F>() && n * lags <= 32 &&
                                (InputTraits<X>::size > 0 ||
                                 std::is_same_v<X, Steps>)&&takes<F, Dual<U, 1>, U, n, X>(std::make_integer_sequence<int, lags>{});
  using type = std::conditional_t<lanes, U, T>;
};

}  // namespace detail

/// The arguments of f at steps first .. first + count - 1 of a trajectory, as steps 0 .. count - 1.
template <class T, int n, int lags, class X, class ExecutionSpace>
struct StepArguments {
  using Space = typename ExecutionSpace::memory_space;
  static constexpr bool has_inputs = !std::is_same_v<X, Steps>;
  static constexpr int variables_count = n * lags;

  Kokkos::View<const Vector<T, n>*, Space> states;  // y_start, ..., y_{first + count - 1}
  Kokkos::View<const X*, Space> inputs;             // x_first, ..., of count rows
  Kokkos::Array<Vector<T, n>, lags> history;        // y_0, y_{-1}, ...
  Index first, count, start;

  /// y_{i-1-p} (with lanes: of steps i, i + 1, ..., those past the last repeating it).
  template <class U>
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Vector<U, n> state(int p, Index i) const {
    Vector<U, n> y;
    for (int c = 0; c < n; ++c) {
      scalar_of<U> buffer[lane_count<U>];
      for (int l = 0; l < lane_count<U>; ++l) {
        const Index row = first + (i + l < count ? i + l : count - 1) - 1 - p;
        buffer[l] = row < 0 ? history[static_cast<size_t>(-row)][c] : states(row - start)[c];
      }
      y[c] = load<U>(buffer);
    }
    return y;
  }

  template <class U>
  [[nodiscard]] KOKKOS_INLINE_FUNCTION auto input(Index i) const {
    if constexpr (std::is_same_v<U, T> || InputTraits<X>::size == 0) {
      return inputs(i);
    } else {
      return detail::gather_input<U, X>(inputs, i, count - 1);
    }
  }

  /// g at step i with states of dual numbers, of elements V over U, that do not vary.
  template <class V, class U, class G>
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Vector<V, n> value(const G& g, Index i) const {
    Vector<V, n> y[lags];
    for (int p = 0; p < lags; ++p) y[p] = detail::constants<V>(state<U>(p, i));
    return call<U>(g, i, y, Lags{});
  }

  /// f and df/dy_{i-1}, ..., df/dy_{i-P} at step i.
  template <class U, class F>
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Linearization<U, n, lags> linearize(const F& f, Index i) const {
    if constexpr (brings_linearization<F, U>()) {
      if constexpr (has_inputs) {
        return f.linearize(state<U>(0, i), input<U>(i));
      } else {
        return f.linearize(state<U>(0, i));
      }
    } else {
      constexpr int k = directions_per_pass(variables_count);
      Vector<U, n> point[lags];
      for (int p = 0; p < lags; ++p) point[p] = state<U>(p, i);
      Linearization<U, n, lags> out;
      for (int from = 0; from < variables_count; from += k) {
        Vector<Dual<U, k>, n> y[lags];
        for (int p = 0; p < lags; ++p) y[p] = detail::variables<k>(point[p], from - p * n);
        const Vector<Dual<U, k>, n> value = call<U>(f, i, y, Lags{});
        for (int d = 0; d < k && from + d < variables_count; ++d)
          for (int r = 0; r < n; ++r) out.jacobian[(from + d) / n](r, (from + d) % n) = value[r].derivative[d];
        for (int r = 0; r < n; ++r) out.f[r] = value[r].value;
      }
      return out;
    }
  }

  /// (df/dx)^T lambda at step i, written to rows i, i + 1, ... of x_bar.
  template <class U, class F, class Inputs>
  KOKKOS_INLINE_FUNCTION void pull_back_to_input(const F& f, Index i, const Vector<U, n>& lambda, const Inputs& x_bar) const {
    constexpr int m = InputTraits<X>::size, k = directions_per_pass(m);
    using V = Dual<U, k>;
    static_assert(detail::takes<F, V, V, n, X>(Lags{}),
                  "gradient: f must take inputs of any element type (const auto& x), so that dual numbers can pass, or bring a "
                  "pullback");
    const auto x = detail::gather_input<U, X>(inputs, i, count - 1);
    Vector<V, n> y[lags];
    for (int p = 0; p < lags; ++p) y[p] = detail::constants<V>(state<U>(p, i));
    for (int from = 0; from < m; from += k) {
      const Vector<V, n> value = call_with_input(f, detail::input_variables<k, X, U>(x, from), y, Lags{});
      for (int d = 0; d < k && from + d < m; ++d) {
        U sum = lambda[0] * value[0].derivative[d];
        for (int r = 1; r < n; ++r) sum = multiply_add(lambda[r], value[r].derivative[d], sum);
        detail::scatter_input<X>(sum, x_bar, i, from + d);
      }
    }
  }

  /// f's own products with lambda at step i: x_bar is written, sums grow.
  template <class U, class F, class Inputs>
  KOKKOS_INLINE_FUNCTION void pull_back(const F& f, Index i, const Vector<U, n>& lambda, const Inputs& x_bar,
                                        const ParameterSums<U>& sums) const {
    Vector<U, n> y_bar;
    if constexpr (has_inputs) {
      InputOf<X, U> product;
      f.pullback(state<U>(0, i), detail::gather_input<U, X>(inputs, i, count - 1), lambda, y_bar, product, sums);
      for (int c = 0; c < InputTraits<X>::size; ++c)
        detail::scatter_input<X>(U(InputTraits<X>::component(product, c)), x_bar, i, c);
    } else {
      f.pullback(state<U>(0, i), lambda, y_bar, sums);
    }
  }

  /// Largest defect |y_i - f| over the steps of the lanes, in units of rtol max |y_i| + atol; infinite when a value is not finite.
  template <class U>
  [[nodiscard]] KOKKOS_INLINE_FUNCTION double defect(const Vector<U, n>& f, Index i, double rtol, double atol) const {
    double largest = 0;
    for (int l = 0; l < lane_count<U> && i + l < count; ++l) {
      const Vector<T, n>& y = states(first + i + l - start);
      double difference = 0, size = 0;
      for (int c = 0; c < n; ++c) {
        scalar_of<U> values[lane_count<U>];
        store(values, f[c]);
        const double d = static_cast<double>(abs(values[l] - y[c])), s = static_cast<double>(abs(y[c]));
        if (!is_finite(d)) return HUGE_VAL;
        difference = d > difference ? d : difference;
        size = s > size ? s : size;
      }
      const double relative = difference / (rtol * size + atol);
      largest = relative > largest ? relative : largest;
    }
    return largest;
  }

  /// g at step i from states and input that are given.
  template <class G, class V, class Input, int... p>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION static Vector<V, n> call_with_input(const G& g, const Input& x,
                                                                                const Vector<V, n> (&y)[lags],
                                                                                std::integer_sequence<int, p...>) {
    return g(y[p]..., x);
  }

 private:
  using Lags = std::make_integer_sequence<int, lags>;

  template <class F, class U>
  KOKKOS_INLINE_FUNCTION static constexpr bool brings_linearization() {
    if constexpr (lags != 1) {
      return false;
    } else if constexpr (!has_inputs) {
      return requires(const F f, const Vector<U, n> y) { f.linearize(y); };
    } else if constexpr (InputTraits<X>::size > 0) {
      return requires(const F f, const Vector<U, n> y, const InputOf<X, U> x) { f.linearize(y, x); };
    } else {
      return requires(const F f, const Vector<U, n> y, const X x) { f.linearize(y, x); };
    }
  }

  template <class U, class G, class V, int... p>
  KOKKOS_FORCEINLINE_FUNCTION Vector<V, n> call(const G& g, Index i, const Vector<V, n> (&y)[lags],
                                                std::integer_sequence<int, p...> all) const {
    if constexpr (has_inputs) {
      return call_with_input(g, input<U>(i), y, all);
    } else {
      return g(y[p]...);
    }
  }
};

namespace detail {

/// The arguments of f at steps first .. first + count - 1 of a trajectory that is on the host.
template <class F, class T, int n, int lags, class X, class ExecutionSpace>
StepArguments<T, n, lags, X, ExecutionSpace> arguments_of(const ExecutionSpace& space,
                                                          const DifferenceEquation<F, T, n, lags, X>& equation,
                                                          std::span<const Vector<T, n>> states, Index first, Index count) {
  const Index start = std::max<Index>(0, first - lags);
  std::span<const X> inputs = equation.inputs;
  if constexpr (DifferenceEquation<F, T, n, lags, X>::has_inputs)
    inputs = inputs.subspan(static_cast<std::size_t>(first - 1), static_cast<std::size_t>(count));
  StepArguments<T, n, lags, X, ExecutionSpace> arguments{
      visible_to(space, states.subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(first + count - start))),
      visible_to(space, inputs),
      {},
      first,
      count,
      start};
  for (std::size_t p = 0; p < lags; ++p) arguments.history[p] = equation.history[p];
  return arguments;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
