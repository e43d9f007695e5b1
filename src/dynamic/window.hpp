// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The collocation equations of a window of steps, as CollocationWindow has them (discretization/collocation_step.hpp has the
/// formulas), for a run-time number of components.
///
/// The factors of lambda / h - J are kept (WindowFactors), not its inverse, and A is never formed: the sweep d_next = A d + b
/// solves with the factors of each step, O(n^2) where forming A costs O(n^3), and O(n) for a band. What it computes on the way, the
/// change that d makes to the stages, is kept for the next evaluation.

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "antler/discretization/tableau.hpp"
#include "dynamic/polynomials.hpp"
#include "dynamic/window_factors.hpp"
#include "dynamic/workers.hpp"

namespace antler::dynamic {

template <class Structure>
class Window {
 public:
  using Method = RadauIIA<3>;
  static constexpr int s = Method::stages;

  /// @param capacity  largest number of steps
  Window(const Evaluator& evaluator, const Structure& structure, Workers& workers, Index capacity);

  /// Numbers that a step takes.
  static std::size_t numbers_per_step(int n, std::size_t matrix_size) {
    return (4 + 3 * s) * static_cast<std::size_t>(n) + WindowFactors<Banded>::numbers_per_step(n, matrix_size) + 6;
  }

  [[nodiscard]] Index capacity() const { return capacity_; }
  [[nodiscard]] Index steps() const { return steps_; }
  /// Squares of the weighted norms of a step: its last update, its residual (as the local update it calls for), its error estimate.
  /// Not finite where f, its Jacobian or the solution of a linear system was not.
  [[nodiscard]] double update_squared(Index step) const { return update_[index(step)]; }
  [[nodiscard]] double residual_squared(Index step) const { return residual_[index(step)]; }
  [[nodiscard]] double error_squared(Index step) const { return error_[index(step)]; }

  /// Lays the mesh, points[0] .. points[count], and the guess from cubics: step i takes pieces[piece_of[i]]; y is the first node.
  void guess(const std::vector<double>& points, const Polynomials& pieces, const std::vector<int>& piece_of, Index count,
             const double* y);

  /// Keeps the first `count` steps only.
  void shorten(Index count) { steps_ = count; }

  /// Jacobians in the middle of the steps and the factors of their Newton matrices.
  void factor();

  enum class Pending { none, update };

  /// Applies the update of the last sweep (Pending::update), then evaluates residual and local update of every step.
  void evaluate(Pending pending);

  /// Carries the changes of the nodes through the window: d_{i+1} = A_i d_i + (end of step i - y_{i+1}), d_0 = 0.
  void sweep();

  /// The update of the last sweep without another evaluation: after convergence one more contraction for free.
  void apply();

  /// The method's embedded error estimate of every step. It is not filtered a second time where it is large, as RADAU5 does in its
  /// first step: there the filter takes away errors that are real, of y' = lambda (y - g(t)) + g'(t) with a large -lambda.
  void estimate();

  /// Step i as a cubic, 4 n numbers.
  void polynomial(Index i, double* cubic) const;
  [[nodiscard]] double start(Index i) const { return t_[index(i)]; }
  [[nodiscard]] double length(Index i) const { return h_[index(i)]; }

  /// The value at the end of step i.
  void end_of(Index i, double* y) const;

 private:
  static std::size_t index(Index i) { return static_cast<std::size_t>(i); }
  enum class Row { y, scale, end, d, w, p = w + s, change = p + s, count = change + s };

  /// The numbers of a step that stand in `row`; rows of stages have s n numbers.
  [[nodiscard]] double* at(Index i, Row row) const {
    return rows_.get() + (index(i) * index(int(Row::count)) + index(int(row))) * n_;
  }

  /// Calls body(first, count, scratch) for the groups of steps whose linear systems are solved together.
  template <class Body>
  void for_each_group(const std::string& label, double flops_per_step, const Body& body);
  void linearize_step(Index i, Scratch& scratch);
  void update_step(Index i);
  /// The right-hand side of the stages' update, into p; then what its solution says.
  void evaluate_step(Index i, Scratch& scratch);
  void conclude_step(Index i);
  void estimate_step(Index i, Scratch& scratch);
  void conclude_estimate(Index i);
  /// The change of the transformed stages that a change d of the start makes, tau (lambda / h E - 1) d.
  void change_of_start(Index i);
  /// The mean squares of v, and of the stages T w, in units of the tolerances at the guess of the step's start.
  [[nodiscard]] double node_square(Index i, const double* v) const;
  [[nodiscard]] double stages_square(Index i, const double* w) const;

  const Evaluator& evaluator_;
  Structure structure_;
  Workers& workers_;
  std::size_t n_;
  Index capacity_, steps_ = 0;
  std::vector<double> t_, h_, update_, residual_, error_;
  WindowFactors<Structure> factors_;
  std::unique_ptr<double[]> rows_;  // not touched before the worker that fills them
};

}  // namespace antler::dynamic
