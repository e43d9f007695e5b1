// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A second process of this program, for a second number of threads: the team of a process is as large as when it started.

#include <cstdio>
#include <string>
#include <vector>

#include "contest.hpp"

namespace race {

/// The thread team of this process, to be called before Kokkos starts.
void set_threads(int threads);

/// A process with its own number of threads that runs what it is asked to run and sleeps in between, so that the two processes take
/// turns on one machine. Only the solve itself is timed, by the process that solves.
class Worker {
 public:
  /// Starts this program again, with --serve.
  /// @throws std::runtime_error  the process cannot be started
  explicit Worker(int threads);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// @throws std::runtime_error  the process has died
  Performance run(const std::string& problem, const std::string& solver, double rtol, double time_limit);

 private:
  std::FILE* requests_ = nullptr;
  std::FILE* answers_ = nullptr;
  int process_ = -1;
};

/// What the second process does: answers requests on standard input until it is closed.
void serve(const std::vector<Contest>& contests);

}  // namespace race
