// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/status.hpp"

#include <ostream>

namespace antler {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::converged:
      return "converged";
    case Status::maximum_iterations:
      return "maximum_iterations";
    case Status::diverged:
      return "diverged";
    case Status::non_finite:
      return "non_finite";
    case Status::singular:
      return "singular";
    case Status::maximum_steps:
      return "maximum_steps";
    case Status::memory_limit:
      return "memory_limit";
    case Status::step_too_small:
      return "step_too_small";
    case Status::event:
      return "event";
    case Status::cancelled:
      return "cancelled";
    case Status::bounds_violated:
      return "bounds_violated";
    case Status::unstable:
      return "unstable";
    case Status::fold:
      return "fold";
    case Status::inconsistent:
      return "inconsistent";
    case Status::higher_index:
      return "higher_index";
  }
  return "unknown";
}

std::string_view remedy(Status status) {
  switch (status) {
    case Status::converged:
      return "converged: residual and update are below tolerance at every point.";
    case Status::maximum_iterations:
      return "maximum_iterations: the Newton iteration was still moving; give a better guess, a finer mesh or a shorter interval, "
             "or raise "
             "Options::maximum_iterations.";
    case Status::diverged:
      return "diverged: the Newton update overflowed, or no part of it led closer to a solution; give a better guess or a shorter "
             "interval, the problem may be unstable in time or have no solution.";
    case Status::non_finite:
      return "non_finite: f or its Jacobian returned NaN or infinity at point Statistics::first_failure; check the initial value, "
             "the "
             "parameters, and whether the guess leaves the region where f is defined.";
    case Status::singular:
      return "singular: the linear system of a Newton step is singular; check that the problem has one solution, and give a better "
             "guess.";
    case Status::maximum_steps:
      return "maximum_steps: the tolerances ask for more steps than Options::maximum_steps; loosen them, raise the limit, or use a "
             "method of higher "
             "order.";
    case Status::memory_limit:
      return "memory_limit: the trajectory reached Options::memory_cap; raise the cap, or keep the final state only with "
             "Options::output.";
    case Status::step_too_small:
      return "step_too_small: the steps fell below the spacing of floating-point numbers; the solution blows up or jumps at the "
             "end of the "
             "trajectory that is returned.";
    case Status::event:
      return "event: a terminal event ended the solve at the last of Solution::events(); to go on, solve again from final_state().";
    case Status::cancelled:
      return "cancelled: Options::progress returned false; the trajectory ends there, solve again from final_state() to go on.";
    case Status::bounds_violated:
      return "bounds_violated: no step from the end of the trajectory stays within Options::lower_bounds and upper_bounds; check "
             "the signs in f, lower atol of the component that leaves, or drop its bound.";
    case Status::unstable:
      return "unstable: the elimination of a linear system lost its digits; the problem is nearly singular at this iterate: check "
             "its boundary conditions, scale its unknowns, or give a better guess.";
    case Status::fold:
      return "fold: the branch of solutions turns back here; the solution returned is the last one, follow the branch around the "
             "fold by its arc length, or change the parameter the other way.";
    case Status::inconsistent:
      return "inconsistent: no initial values near the given ones satisfy the algebraic equations; give values that do, or a "
             "better "
             "guess of the algebraic components.";
    case Status::higher_index:
      return "higher_index: the algebraic equations do not determine the algebraic components; differentiate the constraint until "
             "they do, the solver takes index 1.";
  }
  return "unknown status";
}

std::ostream& operator<<(std::ostream& out, Status status) { return out << to_string(status); }

}  // namespace antler
