// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "curves.hpp"
#include "two_body.hpp"

namespace training {

struct TwoBodySettings {
  std::size_t points = 256, orbits = 32, validation = 8, epochs = 60, growth = 30, batch = 16;
  double rate = 3e-3, tolerance = 1e-6;
  std::uint64_t seed = 1;
};

/// Both trainings of one network, and what was checked before.
struct TwoBodyRuns {
  Run at_once, step_by_step;
  double gradient_errors[2];  ///< of either gradient, against differences of its own loss, relative to the largest component
  double loss_distance;       ///< of the losses of the two methods at the same parameters, relative: their discretisation errors
};

/// Trains a Hamiltonian network of 2 hidden layers of 16 units, from the same parameters and with the same batches,
///
///   1. by Newton's method on all points of Gauss<2> at once, begun at the trajectory of the epoch before,
///   2. by the pair of Dormand and Prince step by step, the orbits of a batch in the lanes of vectors,
///
/// each with the exact gradient of what it computes. @throws std::runtime_error  a solve failed
TwoBodyRuns train_small(const TwoBodySettings& settings, const TwoBodyData& data);

/// The same with the network of the paper: 6 hidden layers of 64 units.
TwoBodyRuns train_paper_size(const TwoBodySettings& settings, const TwoBodyData& data);

}  // namespace training
