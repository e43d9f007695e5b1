// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What gradients and sensitivities of initial value problems go through: methods on a mesh, and the solutions they left behind.

#include "antler/sensitivity/collocation_linearization.hpp"
#include "antler/sensitivity/exponential_linearization.hpp"
#include "antler/solve/collocation.hpp"
#include "antler/solve/exponential.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

template <class M>
inline constexpr bool has_parts = false;
template <class Method, class Newton, class Inverse>
inline constexpr bool has_parts<Collocation<Method, Newton, Inverse>> = true;
template <class Inverse>
inline constexpr bool has_parts<Exponential<Inverse>> = true;

/// A method of an initial value problem whose discrete solution has derivatives here.
template <class M>
concept MeshMethod = has_parts<M> || CollocationTableau<M>;

/// The method itself; with AutomaticInverse, where it is a tableau alone.
template <MeshMethod M>
auto with_parts(const M& method) {
  if constexpr (has_parts<M>) {
    return method;
  } else {
    return Collocation<M>{method, {}, {}, 0};
  }
}

/// Throws unless the solution is one of this problem on a mesh.
template <class F, class T, int n>
void require_solution_of(const InitialValueProblem<F, T, n>& problem, const Solution<T, n>& solution, const Options& options,
                         const SourceLocation& where) {
  require_kokkos(where);
  require_valid(options, n, where);
  problem.require_finite(where);
  require_converged(solution, std::max<std::size_t>(1, solution.times().size()), where);
  require(solution.times().front() == problem.t0 && solution.times().back() == problem.t1,
          "the solution must go from t0 to t1 of the problem: differentiate the solution of this problem", where);
  require(solution.states().front() == problem.y0, "the solution does not begin at y0 of the problem: solve it first", where);
}

/// Throws unless the solution has what this method's derivatives are read off.
template <class T, int n, class Method, class Newton, class Inverse>
void require_steps_of(const Collocation<Method, Newton, Inverse>& /*method*/, const Solution<T, n>& solution,
                      const SourceLocation& where) {
  require(solution.pieces().size() + 1 == solution.states().size(),
          "derivatives need the stages of every step: solve with Output::trajectory and without output_times", where);
  require(solution.statistics.sequential_steps == 0,
          "some steps of the solution are not of this method: solve on a mesh, say Mesh of its times()", where);
}
template <class T, int n, class Inverse>
void require_steps_of(const Exponential<Inverse>& /*method*/, const Solution<T, n>& /*solution*/, const SourceLocation& /*where*/) {
}

/// Most steps of a window that a method asks for, 0: it does not.
template <class Method, class Newton, class Inverse>
Index longest_window(const Collocation<Method, Newton, Inverse>& method) {
  return method.window;
}
template <class Inverse>
Index longest_window(const Exponential<Inverse>& /*method*/) {
  return 0;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
