// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <iosfwd>

#include "contest.hpp"

namespace race {

/// The table of one problem: a block of rows per tolerance, times relative to CVODE's at the same tolerance.
void print_table(std::ostream& out, const Contest& contest, const std::vector<Row>& rows);

/// One JSON object per row and line: problem, solver, rtol, atol, threads, seconds (median), minimum_seconds, repeats, error,
/// steps, iterations, status. atol has one value per component, or one for all; error and iterations are null where there are none.
void append_json(std::ostream& out, const Contest& contest, const std::vector<Row>& rows);

}  // namespace race
