// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// antler: differential and difference equations with all time points at once. Everything a user of the solvers needs.

#include "antler/core/dual_math.hpp"
#include "antler/core/npy_view.hpp"
#include "antler/core/version.hpp"
#include "antler/problem/cells/elman.hpp"
#include "antler/problem/cells/gru.hpp"
#include "antler/problem/cells/lem.hpp"
#include "antler/problem/cells/lstm.hpp"
#include "antler/problem/check_problem.hpp"
#include "antler/problem/check_products.hpp"
#include "antler/sensitivity/initial_value_gradient.hpp"
#include "antler/sensitivity/initial_value_sensitivity.hpp"
#include "antler/sensitivity/sequence_sensitivity.hpp"
#include "antler/sensitivity/strided_gradient.hpp"
#include "antler/solve/adaptive_exponential.hpp"
#include "antler/solve/callback.hpp"
#include "antler/solve/collocation.hpp"
#include "antler/solve/delay.hpp"
#include "antler/solve/delay_adaptive_mesh.hpp"
#include "antler/solve/difference_equation.hpp"
#include "antler/solve/levenberg_marquardt.hpp"
#include "antler/solve/radau.hpp"
#include "antler/solve/sequential_radau.hpp"
