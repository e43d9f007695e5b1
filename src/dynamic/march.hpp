// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The adaptive solver of solve/radau.hpp for a run-time number of components: the same five stations (predictor, coarse iteration,
/// redistribution, fine iteration, front), the same tests.
///
/// What differs: steps are shared out to workers and not to SIMD lanes, so that a window need not hold full lanes. A step at which
/// f is not finite, or whose matrix is singular, cuts the window before it and the iteration goes on with what is left. The length
/// of a window follows from n: its matrices take 3 n^2 numbers a step.

#include <vector>

#include "antler/core/dynamic_solution.hpp"
#include "dynamic/rodas.hpp"
#include "dynamic/window.hpp"

namespace antler::dynamic {

/// How a march shares out its memory.
struct Budget {
  Index capacity;     ///< steps of a window
  Index predicted;    ///< most steps of the predictor
  std::size_t bytes;  ///< of all arrays

  /// @param workers  threads that will compute at once
  /// @param limit    bytes that must not be exceeded; a window has 4 steps at least
  Budget(int n, std::size_t matrix_size, Index workers, std::size_t limit);
};

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
  void lay_shares();
  Index fine();
  Status accept(Index front, DynamicSolution& solution);
  void plan_next();
  Status retreat(DynamicSolution& solution);

  struct Iterated {
    bool converged;
    Index front;  // steps from the left that have converged
  };
  Iterated iterate(double tolerance, int most_iterations);
  void factor();
  /// Cuts the window before the first step whose norms are not finite; false when that is the first one.
  bool keep_finite(bool with_update);
  void export_pieces(Index first, Index last);
  Status store(DynamicSolution& solution, double t, double h, const double* cubic);
  [[nodiscard]] bool before(double a, double b) const { return (b - a) * direction_ > 0; }
  [[nodiscard]] double loosest_predictor() const;

  const CallbackProblem& problem_;
  const Evaluator& evaluator_;
  const Options& options_;
  Budget budget_;
  Workers workers_;
  double direction_;
  Window<Structure> window_;
  Rodas<Structure> rodas_;
  Polynomials cubics_, pieces_;
  Statistics statistics_;
  double error_limit_, t_, predictor_step_ = 0, predictor_rtol_, old_end_ = 0, predicted_end_ = 0;
  Index predicted_, retreats_ = 0;
  std::vector<double> y_, mesh_, shares_, errors_, cubic_, user_;
  std::vector<int> piece_of_;
};

}  // namespace antler::dynamic
