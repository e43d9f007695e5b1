// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The adaptive solver of solve/radau.hpp for a run-time number of components: the same five stations (predictor, coarse iteration,
/// redistribution, fine iteration, front), the same tests; or, unless windows are asked for, the walk of dynamic/radau_walk.hpp.
///
/// What differs: steps are shared out to workers and not to SIMD lanes, so that a window need not hold full lanes. A step at which
/// f is not finite, or whose matrix is singular, cuts the window before it and the iteration goes on with what is left. The length
/// of a window follows from n: its matrices take 3 n^2 numbers a step.

#include <optional>
#include <vector>

#include "antler/core/dynamic_solution.hpp"
#include "dynamic/budget.hpp"
#include "dynamic/newton.hpp"
#include "dynamic/radau_walk.hpp"
#include "dynamic/redistribution.hpp"
#include "dynamic/rodas.hpp"
#include "dynamic/window.hpp"

namespace antler::dynamic {

template <class Structure>
class March {
 public:
  March(const CallbackProblem& problem, const Evaluator& evaluator, const Structure& structure, const Options& options);

  DynamicSolution run();

 private:
  Status advance_window(DynamicSolution& solution);
  Status predict();
  bool coarse();
  bool redistribute();
  Index fine();
  Status accept(Index front, DynamicSolution& solution);
  void plan_next();
  Status retreat(DynamicSolution& solution);
  Status walk(DynamicSolution& solution);

  void export_pieces(Index first, Index last);
  Status store(DynamicSolution& solution, double t, double h, const double* cubic);
  [[nodiscard]] bool before(double a, double b) const { return (b - a) * direction_ > 0; }
  [[nodiscard]] double loosest_predictor() const;

  const CallbackProblem& problem_;
  const Evaluator& evaluator_;
  const Options& options_;
  bool walks_;  // step by step instead of in windows
  Budget budget_;
  Workers workers_;
  Statistics statistics_;
  double direction_;
  Window<Structure> window_;
  WindowNewton<Structure> newton_;
  Rodas<Structure> rodas_;
  Redistribution redistribution_;
  std::optional<RadauWalk<Structure>> radau_;
  Polynomials cubics_, pieces_;
  double error_limit_, t_, predictor_step_, predictor_rtol_, old_end_ = 0, predicted_end_ = 0;
  Index predicted_, retreats_ = 0;
  std::vector<double> y_, mesh_, errors_, cubic_, user_;
  std::vector<int> piece_of_;
};

}  // namespace antler::dynamic
