// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <iosfwd>
#include <vector>

#include "contest.hpp"

namespace race {

/// Times at equal error, the only fair comparison: every solver's curve of time against error, one point per tolerance, is
/// interpolated in logarithms at the errors 1e-4, 1e-6 and 1e-8. A solver whose loosest tolerance is below a level already enters
/// with that run. Prints per problem and level the time of antler's first entry, and how many times longer CVODE and the fastest
/// peer take; then geometric means over all rows.
void print_equal_error(std::ostream& out, const std::vector<Finished>& race);

}  // namespace race
