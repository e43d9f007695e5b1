// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <iosfwd>
#include <vector>

#include "contest.hpp"

namespace race {

/// Times at equal error, the only fair comparison: every solver's curve of time against error, one point per tolerance, is
/// interpolated in logarithms at the errors 1e-4, 1e-6 and 1e-8. A solver whose loosest tolerance is below a level already enters
/// with that run.
///
/// Prints per problem and level the time of antler's first entry and how many times longer CVODE, antler's sequential solver and
/// the fastest peer take. Then, over the stiff problems: the geometric means of these ratios, the smallest one and where, and on
/// how many levels antler is the slower one; a level that a peer reaches and antler does not is one of them.
void print_equal_error(std::ostream& out, const std::vector<Finished>& race);

/// Prints per problem how many times as fast antler is with each further number of threads, at equal tolerance, and the geometric
/// mean over the tolerances. Prints nothing where there was one number of threads.
void print_team_speed(std::ostream& out, const std::vector<Finished>& race);

}  // namespace race
