// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Difference equations y_i = f(y_{i-1}, ..., y_{i-P}, x_i): L = identity, s_p = p, the inverse a cumulative scan.

#include <span>
#include <string>

#include "antler/core/all_finite.hpp"
#include "antler/solve/block_march.hpp"
#include "antler/solve/sequence_batch.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// What inputs are made of, where that is numbers.
template <class X>
struct InputNumbers {
  static constexpr bool exist = false;
};
template <std::floating_point X>
struct InputNumbers<X> {
  static constexpr bool exist = true;
  static std::span<const X> of(std::span<const X> inputs) { return inputs; }
};
template <std::floating_point S, int m>
struct InputNumbers<Vector<S, m>> {
  static constexpr bool exist = true;
  static std::span<const S> of(std::span<const Vector<S, m>> inputs) {
    static_assert(sizeof(Vector<S, m>) == m * sizeof(S));
    return {inputs.empty() ? nullptr : inputs[0].values, inputs.size() * m};
  }
};

/// Throws unless every input that is a number, or a Vector of numbers, is finite; other inputs are not looked at.
template <class X>
void require_finite_inputs(std::span<const X> inputs, const SourceLocation& where) {
  if constexpr (InputNumbers<X>::exist) {
    if (all_finite(InputNumbers<X>::of(inputs))) return;
    std::size_t first = 0;
    while (all_finite(InputNumbers<X>::of(inputs.subspan(first, 1)))) ++first;
    require(false,
            "input " + std::to_string(first) + " of the recurrence (of step " + std::to_string(first + 1) +
                ") is not finite: check where the inputs come from",
            where);
  }
}

/// Throws unless the problem, its guess and the options are usable.
template <class F, class T, int n, int lags, class X>
void require_solvable(const DifferenceEquation<F, T, n, lags, X>& problem, const std::span<const Vector<T, n>>* guess,
                      const SourceLocation& where) {
  problem.require_consistent(where);
  require_finite_inputs(std::span<const X>(problem.inputs), where);
  if (guess == nullptr) return;
  require(static_cast<long long>(guess->size()) == problem.steps,
          "the guess must have one state per step of the recurrence: " + std::to_string(problem.steps) + " states", where);
  require_finite<T, n>(*guess, where);
}

/// The checks and the march of the public functions below; without a guess it is the constant y_0.
template <class F, class T, int n, int lags, class X, class Method>
std::vector<Solution<T, n>> solve_sequences(std::span<const DifferenceEquation<F, T, n, lags, X>> problems, const Method& method,
                                            const std::span<const Vector<T, n>>* guess, const Options& options,
                                            const SourceLocation& where) {
  require_kokkos(where);
  require_valid(options, n, where);
  require_no_march_options(options, "a DifferenceEquation", where);
  for (const auto& problem : problems) require_solvable(problem, guess, where);
  if constexpr (requires { method.shortest_window; })
    require(method.shortest_window >= 1, "Automatic::shortest_window must be at least 1 step", where);
  return SequenceBatch<F, T, n, lags, X, Kokkos::DefaultExecutionSpace>(problems, guess, options, where).solve(method);
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
///                 BlockJacobi, Sequential, Automatic; for several lags Newton, Sequential or Automatic
/// @param guess    y_1 .. y_N, one state per step; Sequential does not look at it
/// @param options  maximum_iterations per window; memory_cap, which shortens windows; Output::final_state, which stores a few
///                 megabytes of states at a time
/// @return         states() holds y_0 .. y_N and times() the indices 0 .. N, with Output::final_state y_N and N alone; when f is
///                 not finite somewhere the status is non_finite, and the states before Statistics::first_failure are the answer
/// @throws InvalidArgument  the guess has other extents or is not finite, an input is not finite, unusable options, Kokkos not
///                          running, a memory cap that the solution and one step exceed
/// @note The k-th iterate of a window repeats the loop on its first k steps, whatever the guess; Newton takes about log N
/// iterations where the recurrence contracts.
template <class F, class T, int n, int lags, class X, SequenceMethod Method>
Solution<T, n> solve(const DifferenceEquation<F, T, n, lags, X>& problem, const Method& method,
                     std::span<const std::type_identity_t<Vector<T, n>>> guess, const Options& options,
                     const SourceLocation& where = SourceLocation::current()) {
  const std::span<const Vector<T, n>> states = guess;
  return std::move(detail::solve_sequences(std::span(&problem, 1), method, &states, options, where)[0]);
}

/// The same from the constant guess y_0.
template <class F, class T, int n, int lags, class X, SequenceMethod Method>
Solution<T, n> solve(const DifferenceEquation<F, T, n, lags, X>& problem, const Method& method, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return std::move(detail::solve_sequences<F, T, n, lags, X, Method>(std::span(&problem, 1), method, nullptr, options, where)[0]);
}

/// The same by the default method, Automatic.
template <class F, class T, int n, int lags, class X>
Solution<T, n> solve(const DifferenceEquation<F, T, n, lags, X>& problem, const Options& options = {},
                     const SourceLocation& where = SourceLocation::current()) {
  return solve(problem, Automatic{}, options, where);
}

/// Solves a batch of recurrences, of equal or different lengths, all of one type; one solution for each, in their order. By
/// Automatic those with the same f (see same_function(); cells that share their parameters are the same) share lanes and threads:
/// each is done when its own steps are, and leaves the work. By other methods they are solved one after the other.
///
/// @note Options::memory_cap is for all of them together. Statistics are of each; total_seconds is the time of the whole batch.
template <class F, class T, int n, int lags, class X, SequenceMethod Method>
std::vector<Solution<T, n>> solve(std::span<const DifferenceEquation<F, T, n, lags, X>> batch, const Method& method,
                                  const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  return detail::solve_sequences<F, T, n, lags, X, Method>(batch, method, nullptr, options, where);
}

/// @copydoc solve
template <class F, class T, int n, int lags, class X, SequenceMethod Method>
std::vector<Solution<T, n>> solve(const std::vector<DifferenceEquation<F, T, n, lags, X>>& batch, const Method& method,
                                  const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  return detail::solve_sequences<F, T, n, lags, X, Method>(batch, method, nullptr, options, where);
}

/// The same by the default method, Automatic.
template <class F, class T, int n, int lags, class X>
std::vector<Solution<T, n>> solve(const std::vector<DifferenceEquation<F, T, n, lags, X>>& batch, const Options& options = {},
                                  const SourceLocation& where = SourceLocation::current()) {
  return solve(batch, Automatic{}, options, where);
}

}  // namespace antler::inline ANTLER_LANES
