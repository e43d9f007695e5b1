// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <iosfwd>
#include <string_view>

namespace antler {

/// How a solve ended. A solve returns its Status; it never throws, prints or aborts because the mathematics failed.
enum class Status {
  converged,  ///< residual and update are below tolerance at every point, every value is finite, every adaptive step passed its
              ///< test
  maximum_iterations,  ///< Options::maximum_iterations Newton iterations were not enough
  diverged,            ///< the update overflowed although f was finite, or no part of it led closer to a solution
  non_finite,          ///< f or its Jacobian returned NaN or infinity
  singular,            ///< the linear system of a Newton step has no unique solution
  maximum_steps,       ///< the mesh that the tolerances ask for has more than Options::maximum_steps steps
  memory_limit,        ///< the trajectory grew to Options::memory_cap
  step_too_small,      ///< the mesh would need steps below the spacing of floating-point numbers: a singularity or a discontinuity
  event,               ///< a terminal event ended the solve, as asked: the end of the trajectory is the event
  cancelled,           ///< Options::progress returned false
  bounds_violated,     ///< no step stays within Options::lower_bounds and upper_bounds
  unstable,            ///< the elimination of a linear system lost its digits: what it returned is noise
  fold,                ///< a continuation came to the end of its branch: beyond the last parameter there is no solution nearby
  inconsistent,        ///< no initial values that satisfy the algebraic equations were found
  higher_index,  ///< the algebraic equations do not determine their variables: a differential-algebraic system of index 2 or more
};

/// The name of the status and what can be done about it, one sentence each.
[[nodiscard]] std::string_view remedy(Status status);

/// The enumerator's name, "converged", ...
[[nodiscard]] std::string_view to_string(Status status);

/// True when the solve did what it was asked: it reached the end, or a terminal event.
[[nodiscard]] constexpr bool succeeded(Status status) { return status == Status::converged || status == Status::event; }

/// True when a finer mesh, a better guess or a shorter interval can help: what an adaptive driver asks before it tries again.
[[nodiscard]] constexpr bool recoverable(Status status) {
  return status == Status::maximum_iterations || status == Status::diverged || status == Status::non_finite ||
         status == Status::singular || status == Status::unstable;
}

std::ostream& operator<<(std::ostream& out, Status status);

}  // namespace antler
