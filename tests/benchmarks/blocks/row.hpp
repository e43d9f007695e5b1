// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What the benchmark of the block solvers measures: rows in groups, one file per group, all named in groups().

#include <functional>
#include <string>
#include <vector>

namespace blocks {

struct Settings {
  int repeats = 5;         ///< of which the median counts
  double seconds = 10;     ///< no further repeat of a row after so long
  double gigabytes = 2;    ///< rows with more data than this are left out
  bool only_tiny = false;  ///< smallest size of each row, to see that it runs
};

/// Wall clock of one problem solved by antler and by a peer in turns: medians and minima over the repeats.
struct Row {
  std::string problem;  ///< with its size
  std::string method;   ///< antler's
  std::string peer;
  double seconds = 0, least = 0, peer_seconds = 0, peer_least = 0;
  double error = 0, peer_error = 0;  ///< of the answers, in the unit that `problem` says; NaN where it is not known
  int repeats = 0;
  std::string failure;  ///< empty, or why there are no figures
};

/// Called with each row as soon as it is measured.
using Report = std::function<void(const Row&)>;

struct Group {
  std::string name, about;
  std::function<void(const Settings&, const Report&)> measure;
};

/// Poisson-Boltzmann on a square beside Newton's method with Eigen's sparse Cholesky; with the component antler::fftw only.
Group rectangle();

/// Block cyclic reduction beside block Thomas.
Group elimination();
/// Parabolic equations by the method of lines beside CVODE.
Group parabolic();

/// Delay equations beside the method of steps by Odeint's DOPRI5.
Group delays();
/// Differential-algebraic equations beside IDA.
Group implicit();

}  // namespace blocks
