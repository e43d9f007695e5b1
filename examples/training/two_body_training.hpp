// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "curves.hpp"
#include "two_body.hpp"

namespace training {

struct TwoBodySettings {
  std::size_t points = 201, orbits = 32, validation = 8, epochs = 300, growth = 200, batch = 8;
  double rate = 0.01, tolerance = 1e-8;
  std::uint64_t seed = 1;
};

/// Both trainings of one network, and what was checked.
struct TwoBodyRuns {
  Run at_once, step_by_step;
  double gradient_errors[2];  ///< of either gradient, against differences of its own loss, relative to the largest component
  double loss_distance = 0;  ///< of the validation losses of the two at the first run's parameters: largest of all epochs, relative
  double cold_iterations;    ///< Newton's, per solve from constant guesses, at the first run's last parameters
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
