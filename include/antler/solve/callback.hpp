// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/dynamic_solution.hpp"
#include "antler/core/options.hpp"
#include "antler/problem/callback_problem.hpp"

namespace antler {

/// Solves an initial value problem with a run-time number of components by Radau IIA collocation of order 5, adaptive and
/// error-controlled.
///
/// The method, the error control and the meaning of the options are those of RadauIIA<3> for InitialValueProblem. Steps are taken
/// one after the other, with Jacobians and factors that are kept as long as they contract. Strategy::windows solves the steps of a
/// window in parallel, which takes several times the work; so does Strategy::automatic from a guess, and with bounds on components.
///
///     const auto solution = antler::solve(problem, options, {{.root = g, .action = antler::AtEvent::stop}});
///
/// @param options  rtol, atol: bounds of the local error of a step in the weighted norm, as in SUNDIALS
/// @param events   root functions g(t, y) to look for along the solution, with y in the order of y0; DynamicSolution::events() has
///                 what was found
/// @param guess    the solution of a problem with slightly other parameters or initial values, best with its steps
///                 (Output::trajectory) and at the same tolerances; its steps take the place of the predictor, window by window.
///                 Without any points: no guess
/// @return         also Status::event when a terminal event ended the solve: final_time() and final_state() are the event's
/// @throws InvalidArgument  unusable problem or options, an event without root function, a guess of another size, Kokkos not
///                          running, Options::memory_cap below smallest_bytes()
/// @throws         whatever the callbacks, a root function or Options::progress throw
/// @note Per factorisation 10/3 n^3 flops (banded: about 10 n lower (lower + upper)), per iteration 3 evaluations of f and 10 n^2
///       (10 n (2 lower + upper)) flops; two to three iterations per step, and a Jacobian and a factorisation for one to two steps.
///       Memory: some matrices of n^2 (n (2 lower + upper + 1)) numbers. In windows: a Jacobian and a factorisation for every step
///       at least, per step and iteration twice the flops; three matrices per step, as many steps as fit a quarter of a gigabyte
///       and the cap.
DynamicSolution solve(const CallbackProblem& problem, const Options& options, const std::vector<DynamicEvent>& events,
                      const DynamicSolution& guess, const SourceLocation& where = SourceLocation::current());

/// The same with events and without a guess.
DynamicSolution solve(const CallbackProblem& problem, const Options& options, const std::vector<DynamicEvent>& events,
                      const SourceLocation& where = SourceLocation::current());

/// The same from a neighbouring solution (warm start), without events.
DynamicSolution solve(const CallbackProblem& problem, const Options& options, const DynamicSolution& guess,
                      const SourceLocation& where = SourceLocation::current());

/// The same with neither.
DynamicSolution solve(const CallbackProblem& problem, const Options& options = {},
                      const SourceLocation& where = SourceLocation::current());

/// Bytes below which a solve of this problem cannot start: those of the shortest window. Strategy::sequential needs fewer.
/// @throws InvalidArgument  unusable problem
[[nodiscard]] std::size_t smallest_bytes(const CallbackProblem& problem, const SourceLocation& where = SourceLocation::current());

}  // namespace antler
