// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A recurrence with its states, seen from the kernels: any stretch of its steps with the inputs, the states before it and the rows
/// that it fills; and its sequential evaluation.

#include <algorithm>
#include <cmath>
#include <span>

#include "antler/core/statistics.hpp"
#include "antler/deer/at_steps.hpp"
#include "antler/deer/shifters.hpp"
#include "antler/solve/trajectory_copy.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Kernel of a single call: rows 0, 1, ... one after the other, as far as they are finite; yields their number.
template <class T, int n, int lags, class Function, class ExecutionSpace>
struct EvaluateRows {
  Function f;
  Lags<T, n, lags> shifter;
  Trajectory<T, n, ExecutionSpace> y;

  KOKKOS_INLINE_FUNCTION double operator()(Index) const { return evaluate(std::make_integer_sequence<int, lags>{}); }

  template <int... p>
  KOKKOS_INLINE_FUNCTION double evaluate(std::integer_sequence<int, p...>) const {
    Vector<T, n> before[] = {shifter.history[static_cast<std::size_t>(p)]...};
    const Index rows = static_cast<Index>(y.extent(0));
    for (Index i = 0; i < rows; ++i) {
      const Vector<T, n> next = f(i, before[p]...);
      for (int c = 0; c < n; ++c)
        if (!is_finite(next[c])) return static_cast<double>(i);
      scatter_row(next, y, i);
      for (int q = lags - 1; q > 0; --q) before[q] = before[q - 1];
      before[0] = next;
    }
    return static_cast<double>(rows);
  }
};

/// Kernel: a guess for rows i, i + 1, ..., one per lane: the state before the window, taken `sweeps` steps through the recurrence
/// up to each row. That is what so many sweeps of Jacobi's iteration from the constant guess lead to, without a pass through
/// memory.
template <class U, class T, int n, class Function, class ExecutionSpace>
struct GuessRows {
  Function f;
  Vector<T, n> before;
  Trajectory<T, n, ExecutionSpace> y;
  Index sweeps;

  KOKKOS_INLINE_FUNCTION void operator()(Index block) const {
    const Index i = block * lane_count<U>, rows = static_cast<Index>(y.extent(0));
    if (i + 1 < sweeps) {  // the first rows have fewer steps behind them: these are exact
      for (Index row = i; row < rows && row < i + lane_count<U>; ++row) write<T>(row, row + 1 < sweeps ? row + 1 : sweeps);
    } else {
      write<U>(i, sweeps);
    }
  }

 private:
  template <class V>
  KOKKOS_INLINE_FUNCTION void write(Index row, Index steps) const {
    Vector<V, n> state;
    for (int c = 0; c < n; ++c) state[c] = V(before[c]);
    for (Index step = row + 1 - steps; step <= row; ++step) state = f(step, state);
    scatter_row(state, y, row);
  }
};

/// The recurrence and its states y_0 .. y_N on the host.
template <class F, class T, int n, int lags, class X, class ExecutionSpace>
class Sequence {
 public:
  using History = std::array<Vector<T, n>, lags>;
  using Function = AtSteps<F, T, n, lags, X, ExecutionSpace>;
  using Rows = Trajectory<T, n, ExecutionSpace>;
  using State = Vector<T, n>;

  /// @param history  y_0, y_{-1}, ...
  /// @param inputs   one per step, or none
  /// @param states   y_0 .. y_N, which outlive this
  Sequence(const ExecutionSpace& space, const F& f, const History& history, std::span<const X> inputs, std::span<State> states)
      : space_(space), f_(f), history_(history), inputs_(inputs), states_(states) {}

  [[nodiscard]] const ExecutionSpace& space() const { return space_; }
  [[nodiscard]] Index steps() const { return static_cast<Index>(states_.size()) - 1; }
  [[nodiscard]] std::span<State> states(Index first, Index count) const {
    return states_.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  }

  /// f of steps first .. first + count - 1, as points 0 .. count - 1.
  [[nodiscard]] Function function(Index first, Index count) const {
    std::span<const X> inputs = inputs_;
    if constexpr (!std::is_same_v<X, Steps>)
      inputs = inputs.subspan(static_cast<std::size_t>(first - 1), static_cast<std::size_t>(count));
    return {f_, visible_to(space_, inputs)};
  }

  /// y_{first-1}, y_{first-2}, ...
  [[nodiscard]] Lags<T, n, lags> before(Index first) const {
    Lags<T, n, lags> shifter;
    for (Index p = 0; p < lags; ++p) {
      const Index i = first - 1 - p;
      shifter.history[static_cast<std::size_t>(p)] =
          i >= 0 ? states_[static_cast<std::size_t>(i)] : history_[static_cast<std::size_t>(-i)];
    }
    return shifter;
  }

  /// The states of these steps where the kernels run: on a host themselves, else a copy.
  [[nodiscard]] Rows rows(Index first, Index count) const {
    const std::span<State> part = states(first, count);
    if constexpr (is_host_space<ExecutionSpace>) {
      static_assert(sizeof(State) == n * sizeof(T));
      return Rows(part.data()->values, static_cast<std::size_t>(count));
    } else {
      const auto copy = allocate<Rows>("antler::states", count);
      copy_in<T, n, ExecutionSpace>(part, copy);
      return copy;
    }
  }
  /// Brings them back.
  void bring_back(const Rows& rows, Index first, Index count) const {
    if constexpr (!is_host_space<ExecutionSpace>) copy_out<T, n, ExecutionSpace>(rows, states(first, count));
  }
  /// Bytes per step that rows() allocates.
  static constexpr std::size_t row_bytes = is_host_space<ExecutionSpace> ? 0 : sizeof(State);

  /// Evaluates these steps one after the other, as far as they are finite; returns how many are. On a device one thread does it.
  Index evaluate(Index first, Index count, Statistics& statistics) const {
    if (count == 0) return 0;
    const Rows y = rows(first, count);
    const auto finite = static_cast<Index>(
        parallel_maximum("antler::recurrence::sequential", space_, 1, 0,
                         EvaluateRows<T, n, lags, Function, ExecutionSpace>{function(first, count), before(first), y}));
    bring_back(y, first, count);
    statistics.sequential_steps += finite;
    statistics.function_evaluations += std::min(finite + 1, count);
    return finite;
  }

  /// A guess for these steps: what some sweeps of Jacobi's iteration make of the constant last state. It has forgotten that state
  /// as far as the recurrence forgets in as many steps; where f is not finite the constant stays.
  void guess(Index first, Index count, Index sweeps, Statistics& statistics) const requires(lags == 1) {
    using U = std::conditional_t<Function::lanes, KernelLanes<T, ExecutionSpace>, T>;
    const Rows y = rows(first, count);
    const Index blocks = (count + lane_count<U> - 1) / lane_count<U>;
    parallel_for("antler::recurrence::guess", space_, blocks, 10.0 * n * n * static_cast<double>(sweeps * lane_count<U>),
                 GuessRows<U, T, n, Function, ExecutionSpace>{function(first, count), before(first).history[0], y, sweeps});
    bring_back(y, first, count);
    statistics.function_evaluations += sweeps * count;
    const State constant = states_[static_cast<std::size_t>(first - 1)];
    for (State& state : states(first, count))
      for (const T& component : state)
        if (!is_finite(component)) {
          state = constant;
          break;
        }
  }

 private:
  ExecutionSpace space_;
  F f_;
  History history_;
  std::span<const X> inputs_;
  std::span<State> states_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
