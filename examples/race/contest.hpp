// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What the race knows of problems and solvers once their types are erased: contestants.hpp erases them, table, picture and records
/// are written from what is here.

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "testset/problem.hpp"

namespace race {

/// How a solver came in.
enum class Finish {
  arrived,      ///< at t1, with an answer
  out_of_time,  ///< stopped by the clock on its way
  gave_up,      ///< ended by itself before t1, or without convergence
  not_started,  ///< it ran out of time at a looser tolerance already
};

/// y(t) along the way, for the picture.
struct Trajectory {
  std::vector<double> times;
  std::vector<std::vector<double>> states;
};

/// One run of one solver.
struct Performance {
  Finish finish = Finish::not_started;
  std::string status;    ///< in words
  double seconds = 0.0;  ///< wall clock of one solve
  double error = 0.0;    ///< of the final state: testset::Problem::error
  long steps = 0;
  long iterations =
      -1;  ///< Newton iterations: of the whole trajectory for antler, of single steps for CVODE; -1 where there are none
  int threads = 1;
};

enum class Side { antler, peer };
enum class Threads { one, team };

/// A solver at the start of one problem.
struct Contestant {
  std::string name;
  Side side;
  Threads threads;  ///< whether it uses more than one when it has them
  std::function<Performance(double rtol, double time_limit)> run;
  std::function<double(double rtol)> distance;  ///< from the sequential solution on the same mesh; may be empty
};

/// A problem with everybody who solves it.
struct Contest {
  std::string name;
  std::string title;
  std::string source;
  antler::testset::Stiffness stiffness;
  antler::testset::TimeAxis time_axis;
  double t0;
  double t1;
  double amplification;
  std::vector<double> atol_scale;
  std::vector<std::pair<double, std::vector<double>>> reference;  ///< (t, y), the last one at t1
  std::vector<Contestant> contestants;
  std::function<Trajectory(double rtol)> trajectory;  ///< for the picture: antler's, empty where it does not take part

  [[nodiscard]] std::size_t size() const { return atol_scale.size(); }

  /// The race calls an answer of antler wrong when its error is above this: rtol bounds the local error of a step, and a problem
  /// that does not amplify errors may add those of a hundred.
  [[nodiscard]] double largest_error(double rtol) const { return 100.0 * rtol * amplification; }
};

/// All problems, stiff ones first.
std::vector<Contest> all_contests();

/// One row of the table: a performance with what it was asked for.
struct Row {
  std::string solver;
  Side side;
  double rtol;
  Performance performance;       ///< of the last repeat, `seconds` the median of all
  double minimum_seconds = 0.0;  ///< of the repeats
  int repeats = 0;
  double distance = std::nan("");  ///< from the sequential solution of the same scheme on the same mesh
};

/// A contest that has been run.
struct Finished {
  const Contest* contest;
  std::vector<Row> rows;
  Trajectory trajectory = {};  ///< empty unless a picture is wanted
};

}  // namespace race
