// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Difference equations y_i = f(y_{i-1}, ..., y_{i-P}, x_i): L = identity, s_p = p, the inverse a cumulative scan.

#include <numeric>
#include <span>

#include "antler/core/solution.hpp"
#include "antler/deer/deer.hpp"
#include "antler/deer/shifters.hpp"
#include "antler/discretization/identity.hpp"
#include "antler/inverse/scan.hpp"
#include "antler/problem/difference_equation.hpp"
#include "antler/solve/trajectory_copy.hpp"
#include "antler/solve/windows.hpp"

namespace antler::inline ANTLER_LANES {

/// Newton's method with dense n x n Jacobians: quadratic convergence, O(N n^3) work and O(N n^2) memory.
/// @tparam Inverse  AutomaticInverse, ScanInverse or SequentialInverse
template <class Inverse = AutomaticInverse>
struct Newton {
  Inverse inverse{};
};
template <class Inverse>
Newton(Inverse) -> Newton<Inverse>;

namespace detail {

/// f(y_{i-1}, ..., x_i) of a recurrence as the f(i, y_1, ..., y_P) of the framework; point i is step i + 1.
template <class F, class X, class ExecutionSpace>
struct AtSteps {
  F f;
  Kokkos::View<const X*, typename ExecutionSpace::memory_space> inputs;

  template <class... V>
  KOKKOS_INLINE_FUNCTION auto operator()(Index i, const V&... y) const {
    if constexpr (std::is_same_v<X, Steps>) {
      (void)i;
      return f(y...);
    } else {
      return f(y..., inputs(i));
    }
  }
};

/// Steps first .. first + count - 1 where the kernels run: f at them, what is before them, and their states, a copy.
template <class F, class T, int n, int lags, class X, class ExecutionSpace>
struct Window {
  using Equation = DifferenceEquation<F, T, n, lags, X>;

  std::span<Vector<T, n>> states;  ///< of the host
  AtSteps<F, X, ExecutionSpace> f;
  Lags<T, n, lags> shifter;
  Trajectory<T, n, ExecutionSpace> y;

  /// @param all  y_0 .. y_N
  Window(const ExecutionSpace& space, const Equation& problem, Index first, Index count, std::span<Vector<T, n>> all)
      : states(all.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count))),
        f{problem.f, visible_to(space, inputs_of(problem, first, count))},
        y(allocate<Trajectory<T, n, ExecutionSpace>>("antler::states", count)) {
    for (Index p = 0; p < lags; ++p) {
      const Index i = first - 1 - p;
      shifter.history[static_cast<std::size_t>(p)] =
          i >= 0 ? all[static_cast<std::size_t>(i)] : problem.history[static_cast<std::size_t>(-i)];
    }
    copy_in<T, n, ExecutionSpace>(states, y);
  }

  static std::span<const X> inputs_of(const Equation& problem, Index first, Index count) {
    if constexpr (!Equation::has_inputs) return {};
    return std::span<const X>(problem.inputs).subspan(static_cast<std::size_t>(first - 1), static_cast<std::size_t>(count));
  }

  void bring_back() const { copy_out<T, n, ExecutionSpace>(y, states); }
};

/// Newton's method on steps first .. first + count - 1; states[i] is y_i. Overwrites these states when it converges.
template <class F, class T, int n, int lags, class X, class Inverse, class ExecutionSpace>
Status solve_window(const ExecutionSpace& space, const DifferenceEquation<F, T, n, lags, X>& problem, const Newton<Inverse>& method,
                    Index first, Index count, std::span<Vector<T, n>> states, const Options& options, Statistics& statistics,
                    const SourceLocation& where) {
  using Operator = IdentityOperator<T, n, lags, ExecutionSpace>;
  using Function = AtSteps<F, X, ExecutionSpace>;
  using Plan = decltype(method.inverse.template plan<T, n, lags>(space, Index{}));
  require_memory(options, required_bytes<T, n, Operator, Function, Lags<T, n, lags>, Plan, ExecutionSpace>(count), where);
  const Window<F, T, n, lags, X, ExecutionSpace> window(space, problem, first, count, states);
  Operator identity(count);
  auto inverse = method.inverse.template plan<T, n, lags>(space, count);
  const Status status =
      deer_in_place<T, n>(space, identity, window.f, window.shifter, inverse, window.y, options, statistics, where);
  if (status == Status::converged || count == 1) window.bring_back();
  return status;
}

/// The checks and the march of the public functions below; guess holds y_1 .. y_N, and `window(space, rows, statistics, first,
/// count)` solves count steps from step first on.
template <class F, class T, int n, int lags, class X, class Window>
Solution<T, n> solve_sequence(const DifferenceEquation<F, T, n, lags, X>& problem, const Window& window,
                              std::span<const Vector<T, n>> guess, Guess kind, const Options& options,
                              const SourceLocation& where) {
  require_kokkos(where);
  require_valid(options, n, where);
  require_no_march_options(options, "a DifferenceEquation", where);
  require(static_cast<long long>(guess.size()) == problem.steps,
          "the guess must have one state per step of the recurrence: " + std::to_string(problem.steps) + " states", where);
  problem.require_consistent(where);
  require_finite<T, n>(guess, where);

  const Stopwatch total;
  const Kokkos::DefaultExecutionSpace space;
  std::vector<double> indices(guess.size() + 1);
  std::iota(indices.begin(), indices.end(), 0.0);
  std::vector<Vector<T, n>> states{problem.history[0]};
  states.insert(states.end(), guess.begin(), guess.end());
  Solution<T, n> solution(std::move(indices), std::move(states));
  Statistics& statistics = solution.statistics;
  const std::span<Vector<T, n>> rows = solution.mutable_states();
  solution.status = solve_by_windows(rows, kind, statistics,
                                     [&](Index first, Index count) { return window(space, rows, statistics, first, count); });
  if (statistics.first_failure >= 0) ++statistics.first_failure;  // y_0 is no unknown: the first one is y_1
  statistics.steps = problem.steps;
  statistics.meshes = 1;
  statistics.total_seconds = total.seconds();
  return solution;
}

/// The same from the constant guess y_0.
template <class F, class T, int n, int lags, class X, class Window>
Solution<T, n> solve_sequence(const DifferenceEquation<F, T, n, lags, X>& problem, const Window& window, const Options& options,
                              const SourceLocation& where) {
  require_valid(options, n, where);
  require_memory(options, 2 * sizeof(Vector<T, n>) * static_cast<std::size_t>(problem.steps), where);
  const std::vector<Vector<T, n>> constant(static_cast<std::size_t>(problem.steps), problem.history[0]);
  return solve_sequence<F, T, n, lags, X>(problem, window, constant, Guess::constant, options, where);
}

/// The windows of Newton's method.
template <class Equation, class Inverse>
auto newton_windows(const Equation& problem, const Newton<Inverse>& method, const Options& options, const SourceLocation& where) {
  return [&](const auto& space, auto rows, Statistics& statistics, Index first, Index count) {
    return solve_window(space, problem, method, first, count, rows, options, statistics, where);
  };
}

}  // namespace detail

/// Solves a difference equation by Newton's method on the whole sequence.
///
/// Where the iteration does not converge from the guess (a recurrence that amplifies, a chaotic one) the sequence is cut into
/// windows, in the worst case into single steps: then one iteration per step is the sequential evaluation.
///
/// @param guess    y_1 .. y_N, one state per step
/// @param options  rtol and atol weigh the norm in which the iteration ends
/// @return         states() holds y_0 .. y_N and times() the indices 0 .. N
/// @throws InvalidArgument  the guess has other extents or is not finite, unusable options, Kokkos not running, memory cap
/// @note The k-th iterate of a window is exact on its first k steps, whatever the guess; about log N iterations where the
/// recurrence contracts.
template <class F, class T, int n, int lags, class X, class Inverse>
Solution<T, n> solve(const DifferenceEquation<F, T, n, lags, X>& problem, const Newton<Inverse>& method,
                     std::span<const std::type_identity_t<Vector<T, n>>> guess, const Options& options,
                     const SourceLocation& where = SourceLocation::current()) {
  return detail::solve_sequence<F, T, n, lags, X>(problem, detail::newton_windows(problem, method, options, where), guess,
                                                  Guess::given, options, where);
}

/// The same from the constant guess y_0.
template <class F, class T, int n, int lags, class X, class Inverse>
Solution<T, n> solve(const DifferenceEquation<F, T, n, lags, X>& problem, const Newton<Inverse>& method,
                     const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  return detail::solve_sequence(problem, detail::newton_windows(problem, method, options, where), options, where);
}

/// The same by the default method, Newton.
template <class F, class T, int n, int lags, class X>
Solution<T, n> solve(const DifferenceEquation<F, T, n, lags, X>& problem, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, Newton<>{}, options, where);
}

}  // namespace antler::inline ANTLER_LANES
