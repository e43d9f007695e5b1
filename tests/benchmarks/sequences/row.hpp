// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What the benchmark of sequences measures, and one function per number of units that measures it: n is known when it is compiled.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace sequences {

struct Case {
  long long steps;
  int units, batch;
  bool gradient;  ///< forward and gradient, else forward alone
  int repeats;
  double seconds;  ///< no further repeat after so long
};

/// Wall clock of the same work done twice, in turns; medians and minima over the repeats.
struct Row {
  double parallel = 0, parallel_least = 0, sequential = 0, sequential_least = 0;
  double iterations = 0;          ///< per window, on average
  double windows = 0;             ///< per sequence
  double evaluated = 0;           ///< share of the steps that Automatic evaluated one after the other
  std::size_t peak_bytes = 0;     ///< of one solve, gradient included
  double deviation = 0;           ///< largest of the states, relative to the largest state
  double gradient_deviation = 0;  ///< largest of dLoss/dtheta, relative to its largest number
  int repeats = 0;
  std::string failure;  ///< empty, or why there are no figures
};

/// Bytes that the data of a case need at the least: inputs and states of both evaluations.
std::size_t data_bytes(const Case& c);

using Measure = std::function<Row(const Case&)>;

/// The numbers of units that were compiled, and their measurements.
std::vector<std::pair<int, Measure>> measures();

}  // namespace sequences
