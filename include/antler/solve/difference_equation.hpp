// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Difference equations y_i = f(y_{i-1}, ..., y_{i-P}, x_i): L = identity, s_p = p, the inverse a cumulative scan.

#include <numeric>
#include <span>

#include "antler/core/solution.hpp"
#include "antler/solve/automatic_march.hpp"
#include "antler/solve/lyapunov.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Throws unless every input that is a number, or made of numbers, is finite.
template <class X>
void require_finite_inputs(const std::vector<X>& inputs, const SourceLocation& where) {
  const auto check = [&](bool finite, std::size_t i) {
    if (!finite)
      require(false,
              "input " + std::to_string(i) + " of the recurrence (of step " + std::to_string(i + 1) +
                  ") is not finite: check where the inputs come from",
              where);
  };
  if constexpr (std::floating_point<X>) {
    for (std::size_t i = 0; i < inputs.size(); ++i) check(std::isfinite(inputs[i]) && is_finite(inputs[i]), i);
  } else if constexpr (requires(const X x) {
                         requires std::floating_point<std::remove_cvref_t<decltype(x[0])>>;
                         X::size();
                       }) {
    for (std::size_t i = 0; i < inputs.size(); ++i)
      for (const auto& component : inputs[i]) check(is_finite(component), i);
  }
}

/// Bytes of the solution: states and indices.
template <class T, int n>
std::size_t solution_bytes(long long steps) {
  return (sizeof(Vector<T, n>) + sizeof(double)) * (static_cast<std::size_t>(steps) + 1);
}

/// The checks and the march of the public functions below; without a guess it is the constant y_0.
template <class F, class T, int n, int lags, class X, class Method>
Solution<T, n> solve_sequence(const DifferenceEquation<F, T, n, lags, X>& problem, const Method& method,
                              const std::span<const Vector<T, n>>* guess, const Options& options, const SourceLocation& where) {
  require_kokkos(where);
  require_valid(options, n, where);
  require_no_march_options(options, "a DifferenceEquation", where);
  problem.require_consistent(where);
  require_finite_inputs(problem.inputs, where);
  if (guess != nullptr) {
    require(static_cast<long long>(guess->size()) == problem.steps,
            "the guess must have one state per step of the recurrence: " + std::to_string(problem.steps) + " states", where);
    require_finite<T, n>(*guess, where);
  }
  const std::size_t stored = solution_bytes<T, n>(problem.steps);
  require_memory(options, stored, where);

  const Stopwatch total;
  const Kokkos::DefaultExecutionSpace space;
  const auto points = static_cast<std::size_t>(problem.steps) + 1;
  std::vector<double> indices(points);
  std::iota(indices.begin(), indices.end(), 0.0);
  std::vector<Vector<T, n>> states(points, problem.history[0]);
  if (guess != nullptr) std::copy(guess->begin(), guess->end(), states.begin() + 1);
  Solution<T, n> solution(std::move(indices), std::move(states));
  Statistics& statistics = solution.statistics;
  const Sequence<F, T, n, lags, X, Kokkos::DefaultExecutionSpace> sequence(space, problem, solution.mutable_states());
  const MarchOutcome outcome =
      march(sequence, method, guess == nullptr ? Guess::constant : Guess::given, stored, options, statistics, where);
  solution.status = outcome.status;
  statistics.lyapunov_exponent = lyapunov_exponent(sequence, outcome.accepted);
  statistics.steps = problem.steps;
  statistics.meshes = 1;
  statistics.total_seconds = total.seconds();
  return solution;
}

}  // namespace detail

/// Solves a difference equation by an iteration on the whole sequence, window by window where that does not converge; or by
/// Sequential{}, Automatic{}.
///
/// Whatever the method, `converged` means that the loop y_i = f(y_{i-1}, x_i) has been reproduced to rounding: every row has a
/// residual of a few units in the last place, and the last update was below 1e-12 of its state (1e-5 in single precision), or below
/// Options::rtol where that is smaller. Newton's tolerance and atol are not asked.
///
/// @param method   Newton, QuasiNewton, BlockQuasiNewton, StochasticQuasiNewton, ScaledNewton, ClippedNewton, Picard, Jacobi,
///                 Sequential, Automatic; for several lags Newton, Sequential or Automatic
/// @param guess    y_1 .. y_N, one state per step; Sequential does not look at it
/// @param options  maximum_iterations per window; memory_cap, which shortens windows
/// @return         states() holds y_0 .. y_N and times() the indices 0 .. N; when f is not finite somewhere the status is
/// non_finite, and
///                 the states before Statistics::first_failure are the answer
/// @throws InvalidArgument  the guess has other extents or is not finite, an input is not finite, unusable options, Kokkos not
///                          running, a memory cap that the solution and one step exceed
/// @note The k-th iterate of a window repeats the loop on its first k steps, whatever the guess; Newton takes about log N
/// iterations where the recurrence contracts.
template <class F, class T, int n, int lags, class X, SequenceMethod Method>
Solution<T, n> solve(const DifferenceEquation<F, T, n, lags, X>& problem, const Method& method,
                     std::span<const std::type_identity_t<Vector<T, n>>> guess, const Options& options,
                     const SourceLocation& where = SourceLocation::current()) {
  const std::span<const Vector<T, n>> states = guess;
  return detail::solve_sequence(problem, method, &states, options, where);
}

/// The same from the constant guess y_0.
template <class F, class T, int n, int lags, class X, SequenceMethod Method>
Solution<T, n> solve(const DifferenceEquation<F, T, n, lags, X>& problem, const Method& method, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return detail::solve_sequence<F, T, n, lags, X, Method>(problem, method, nullptr, options, where);
}

/// The same by the default method, Automatic.
template <class F, class T, int n, int lags, class X>
Solution<T, n> solve(const DifferenceEquation<F, T, n, lags, X>& problem, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, Automatic{}, options, where);
}

}  // namespace antler::inline ANTLER_LANES
