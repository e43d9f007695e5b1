// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <vector>

#include "antler/core/dynamic_solution.hpp"
#include "antler/solve/warm_start.hpp"
#include "dynamic/evaluator.hpp"
#include "dynamic/polynomials.hpp"

namespace antler::dynamic {

/// Hands out the steps of a DynamicSolution as antler::detail::GuessFollower says (solve/warm_start.hpp).
class WarmStart {
 public:
  /// @param guess  to be kept alive; without polynomials it gives straight lines between its points, without points none
  /// @param most   steps of the longest stretch
  WarmStart(const DynamicSolution& guess, const Evaluator& evaluator, Index most);

  /// True when there is nothing to hand out.
  [[nodiscard]] bool empty() const { return count() == 0; }

  /// The guess from (t, y) to `end`, as far as it goes and at most the present length; y in the solver's order.
  /// @param usual    share of the error limit that steps without a known one are supposed to have
  /// @param pieces   out: the steps, the first one from t on
  /// @param squares  out: squares of their errors, 1 being the limit
  /// @return         where they end
  double take(double t, const double* y, double end, double usual, Polynomials& pieces, std::vector<double>& squares);

  void helped(double iterations) { follower_.helped(iterations); }
  void failed() { follower_.failed(); }

  // What GuessFollower asks for; states in the user's order.
  [[nodiscard]] std::size_t count() const { return steps().steps(); }
  [[nodiscard]] double t(std::size_t i) const { return steps().step_start(i); }
  [[nodiscard]] double h(std::size_t i) const { return steps().step_length(i); }
  [[nodiscard]] double share(std::size_t i) const { return steps().share(i); }
  [[nodiscard]] double distance(std::size_t i, double time, std::span<const double> y) const;

 private:
  [[nodiscard]] const DynamicSolution& steps() const { return guess_.steps() > 0 ? guess_ : lines_; }

  const DynamicSolution& guess_;
  const Evaluator& evaluator_;
  DynamicSolution lines_;
  antler::detail::GuessFollower follower_;
  std::vector<double> y_;
  mutable std::vector<double> value_;
};

}  // namespace antler::dynamic
