// SPDX-License-Identifier: BSD-3-Clause
#define ANTLER_TESTSET_DEFINES_SOLVERS
#include "solved.hpp"

namespace antler::inline ANTLER_LANES {
ANTLER_TESTSET_SECOND_HALF()
}  // namespace antler::inline ANTLER_LANES
