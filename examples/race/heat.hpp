// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "contest.hpp"

namespace race {

/// All solvers at one tolerance, taking turns: every solver once, then every solver again. Who was stopped by the clock at a looser
/// tolerance is not started again, and nobody who took more than a tenth of the time limit is asked to repeat that.
///
/// @param before  the rows of looser tolerances
std::vector<Row> run_heat(const Contest& contest, double rtol, int repeats, double time_limit, const std::vector<Row>& before);

}  // namespace race
