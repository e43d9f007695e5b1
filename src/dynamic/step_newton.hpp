// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "antler/core/kokkos.hpp"
#include "antler/discretization/newton_rate.hpp"
#include "antler/discretization/tableau.hpp"
#include "dynamic/evaluator.hpp"
#include "dynamic/stage_loops.hpp"
#include "dynamic/step_factors.hpp"
#include "dynamic/workers.hpp"

namespace antler::dynamic {

/// Simplified Newton for a single step of RadauIIA<3>, as RadauNewton (discretization/radau_newton.hpp) has it for compile-time
/// sizes:
///
///     (gamma / h - J) dw_1 = ...,   ((alpha + i beta) / h - J) (dw_2 + i dw_3) = (T^{-1} F - Lambda W / h)_{2,3}
template <class Structure>
class StepNewton {
 public:
  using Method = RadauIIA<3>;
  static constexpr int s = Method::stages;

  /// @param tolerance, floor  as of NewtonRate
  StepNewton(const Evaluator& evaluator, const Structure& structure, double tolerance, double floor);

  static std::size_t numbers(int n, std::size_t matrix_size) {
    return (4 * s + 1) * static_cast<std::size_t>(n) + StepFactors<Structure>::numbers(n, matrix_size);
  }

  /// The norm's weights, from y.
  void weigh(const double* y);
  [[nodiscard]] double norm(const double* v) const;

  /// To be told of every new Jacobian.
  void observe(const double* jacobian) { factors_.observe(jacobian); }
  [[nodiscard]] bool factor(const double* jacobian, double h) { return factors_.factor(jacobian, h); }

  [[nodiscard]] double factor_cost() const { return factors_.factor_cost(); }

  /// Begins with stages that are all y.
  void begin();
  /// Begins with the polynomial of the last step continued to one that is `ratio` times as long.
  void continue_last(double ratio);
  /// Iterates the stages of the step from (t, y), for which the factors must have been made.
  NewtonRate::Outcome iterate(double t, double h, const double* y, Workers& workers);
  /// Weighted norm of the embedded error estimate [HairerWanner1996, eq. IV.8.20], not filtered a second time (Window::estimate).
  /// @param value  f at the start of the step
  double error(double h, const double* value);
  /// The step is accepted: its polynomial will be continued.
  void keep() { last_.swap(w_); }

  /// The end of the step that was iterated; the polynomial of the one that was kept.
  void end_of(const double* y, double* next) const;
  void polynomial(const double* y, double* cubic) const;

  /// How the last iteration went.
  [[nodiscard]] const NewtonRate& rate() const { return rate_; }

 private:
  /// One update; returns its norm.
  double update(double t, double h, const double* y, Workers& workers);

  const Evaluator& evaluator_;
  std::size_t n_;
  NewtonRate rate_;
  StepFactors<Structure> factors_;
  std::vector<double> w_, last_, stages_, p_;  // s n numbers each
  std::vector<double> inverse_weight_;
  const StageLoops& loops_;
};

}  // namespace antler::dynamic
