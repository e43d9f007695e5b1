// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What a trajectory depends on, and what gradients and sensitivities return.

#include <array>
#include <span>
#include <vector>

#include "antler/core/all_finite.hpp"
#include "antler/core/options.hpp"
#include "antler/core/solution.hpp"
#include "antler/problem/difference_equation.hpp"
#include "antler/problem/initial_value_problem.hpp"
#include "antler/sensitivity/inputs.hpp"
#include "antler/sensitivity/parameters.hpp"

namespace antler::inline ANTLER_LANES {

/// One number for each that a recurrence y_i = f(y_{i-1}, ..., y_{i-P}, x_i; theta) depends on: a direction, or a gradient.
template <class T, int n, int lags, class X>
struct SequenceVariation {
  std::array<Vector<T, n>, lags> history;  ///< of y_0, y_{-1}, ...
  std::vector<X> inputs;                   ///< of x_1, ..., x_N; empty when the recurrence has none, or none with a derivative
  std::vector<T> parameters;               ///< of theta, flat; empty when f has none
};

/// Zeros in the extents of an equation: to be filled in where a direction is not zero.
template <class F, class T, int n, int lags, class X>
[[nodiscard]] SequenceVariation<T, n, lags, X> no_variation(const DifferenceEquation<F, T, n, lags, X>& equation) {
  SequenceVariation<T, n, lags, X> zero;
  zero.history.fill(Vector<T, n>::filled(T(0)));
  if constexpr (InputTraits<X>::size > 0) {
    X none{};
    for (int c = 0; c < InputTraits<X>::size; ++c) InputTraits<X>::component(none, c) = 0;
    zero.inputs.assign(equation.inputs.size(), none);
  }
  zero.parameters.assign(static_cast<std::size_t>(parameter_count_of<F>()), T(0));
  return zero;
}

/// One number for each that the solution of an initial value problem depends on: a direction, or a gradient.
template <class T, int n>
struct InitialValueVariation {
  Vector<T, n> initial;       ///< of y0
  std::vector<T> parameters;  ///< of theta, flat; empty when f has none
};

/// Zeros in the extents of a problem: to be filled in where a direction is not zero.
template <class F, class T, int n>
[[nodiscard]] InitialValueVariation<T, n> no_variation(const InitialValueProblem<F, T, n>& /*problem*/) {
  return {Vector<T, n>::filled(T(0)), std::vector<T>(static_cast<std::size_t>(parameter_count_of<F>()), T(0))};
}

/// The derivatives of a number with respect to all that a recurrence depends on. When the status is not `converged` they are NaN.
template <class T, int n, int lags, class X>
struct [[nodiscard]] SequenceGradient : SequenceVariation<T, n, lags, X> {
  /// converged; non_finite: f or a Jacobian is not finite at a state of the trajectory, the first of them at
  /// statistics.first_failure; diverged: a derivative overflowed
  Status status = Status::converged;
  Statistics statistics;

  /// With respect to y_0.
  [[nodiscard]] const Vector<T, n>& initial() const { return this->history[0]; }
};

/// The derivatives of a number with respect to y0 and the parameters of f. When the status is not `converged` they are NaN.
template <class T, int n>
struct [[nodiscard]] InitialValueGradient : InitialValueVariation<T, n> {
  /// converged; non_finite: f or a Jacobian is not finite in a step, the first of which is statistics.first_failure; singular: a
  /// step has no unique derivative; diverged: a derivative overflowed
  Status status = Status::converged;
  Statistics statistics;
};

/// dy_0, ..., dy_N: how the states move in one direction. When the status is not `converged` they are NaN.
template <class T, int n>
struct [[nodiscard]] Sensitivity {
  Status status = Status::converged;  ///< as that of a gradient
  std::vector<Vector<T, n>> states;
  Statistics statistics;
};

namespace detail {

/// Whether every number of a variation is finite.
template <class T, int n>
bool all_finite(const InitialValueVariation<T, n>& variation) {
  bool finite = all_finite(variation.initial);
  for (const T& value : variation.parameters) finite = finite && is_finite(value);
  return finite;
}

/// Throws unless what was solved can be differentiated.
template <class T, int n>
void require_converged(const Solution<T, n>& solution, std::size_t points, const SourceLocation& where) {
  require(solution.states().size() == points,
          "the solution has " + std::to_string(solution.states().size()) + " states and the equation " + std::to_string(points) +
              ": differentiate the solution of this equation",
          where);
  require(solution.status == Status::converged,
          "the solution to differentiate has not converged, and its states do not satisfy the equations: " +
              std::string(remedy(solution.status)),
          where);
}

/// Throws unless there is a finite derivative for each of y_1 .. y_N.
template <class T, int n>
void require_loss(std::span<const Vector<T, n>> loss, std::size_t steps, const SourceLocation& where) {
  require(loss.size() == steps,
          "the derivatives with respect to the states must be one vector per step, of y_1 to y_N: " + std::to_string(steps) +
              " vectors",
          where);
  for (const auto& row : loss)
    for (const T& x : row)
      require(is_finite(x), "the derivatives with respect to the states hold a value that is not finite", where);
}

/// Throws where the states do not satisfy the equation to within the tolerances.
/// @param defect  the largest, in units of `checked_rtol` |y| + atol
inline void require_satisfied(double defect, const SourceLocation& where) {
  require(defect <= 1,
          "the solution does not satisfy the equation, its defect is " + std::to_string(defect) +
              " times the tolerance: solve with these parameters and inputs first, and pass the options of that solve",
          where);
}

/// A converged solution has a defect of a hundredth of rtol; lanes and scalars differ by rounding. What is further off belongs to
/// another equation.
template <class T>
double checked_rtol(const Options& options) {
  return std::max(10 * options.rtol, 1000.0 * static_cast<double>(std::numeric_limits<T>::epsilon()));
}
inline double checked_atol(const Options& options) {
  return *std::max_element(options.atol.values().begin(), options.atol.values().end());
}

/// Steps of a window: what fits the memory cap, and on a host also what fits `window_bytes`; `most` when it is positive.
/// @param base  bytes that do not depend on the window
/// @throws InvalidArgument  a window of one step exceeds the cap
template <class ExecutionSpace, class RequiredBytes>
Index window_steps(const Options& options, std::size_t base, Index steps, Index most, const RequiredBytes& required,
                   const SourceLocation& where) {
  constexpr std::size_t window_bytes = std::size_t{64} << 20;  // long enough for any number of a host's threads
  require(most >= 0, "the longest window must be positive, or 0 for what fits the memory", where);
  require_memory(options, base + required(1), where);
  std::size_t budget = options.memory_cap - base;
  if (is_host_space<ExecutionSpace> && most == 0) budget = std::min(budget, std::max(window_bytes, required(1)));
  const std::size_t fixed = required(0), slope = std::max<std::size_t>(1, required(1) - fixed);
  const Index fitting = static_cast<Index>(std::min<std::size_t>((budget - fixed) / slope, static_cast<std::size_t>(steps)));
  return std::max<Index>(1, most > 0 ? std::min(most, fitting) : fitting);
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
