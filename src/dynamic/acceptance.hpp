// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "antler/core/bounds.hpp"
#include "antler/core/dynamic_solution.hpp"
#include "antler/solve/event_search.hpp"
#include "dynamic/evaluator.hpp"

namespace antler::dynamic {

using RunTimeBounds = Bounds<double, run_time_size>;

/// What becomes of accepted steps, as solve/acceptance.hpp has it for compile-time sizes: events are looked for,
/// points of output are taken, polynomials are kept, progress is told. Steps come in the solver's order of the components,
/// everything else is in the user's.
class Acceptance {
 public:
  /// @param events  to be kept alive
  Acceptance(const CallbackProblem& problem, const Evaluator& evaluator, const Options& options,
             const std::vector<DynamicEvent>& events);

  [[nodiscard]] double time() const { return t_; }
  [[nodiscard]] std::span<const double> state() const { return y_; }
  [[nodiscard]] const RunTimeBounds& bounds() const { return bounds_; }
  [[nodiscard]] std::size_t stored_bytes() const { return solution_.stored_bytes(); }

  /// False when only the end of a stretch of steps matters, so that their polynomials need not be formed.
  [[nodiscard]] bool wants_steps() const {
    return options_.output == Output::trajectory || search_.any() || next_output_ < options_.output_times.size();
  }

  /// Looks at the root functions at the start.
  Status start();

  /// Takes the step of length h that ends at `end`, the time that the user knows.
  /// @param cubic  4 n numbers of its polynomial, in the solver's order
  /// @param share  its error estimate as a part of the limit
  /// @return Status::converged: go on; Status::event: the solve ends at time() within the step; Status::non_finite: a root
  ///         function is, and the solve ends before the step
  Status step(double h, const double* cubic, double end, double share = DynamicSolution::unknown_share);

  /// The accepted part of the trajectory ends at (t, y) now, y in the solver's order; tells the caller. Status::cancelled when that
  /// is told to stop.
  Status reached(double t, const double* y, const Statistics& statistics);

  DynamicSolution finish(Status status, const Statistics& statistics);

 private:
  /// Takes the points of output up to `until`; write(t, y) fills in a state.
  void take_outputs(double until, const std::function<void(double, std::span<double>)>& write);

  const Evaluator& evaluator_;
  const Options& options_;
  RunTimeBounds bounds_;
  const std::vector<DynamicEvent>& events_;
  antler::detail::EventSearch search_;
  double direction_, t_;
  std::vector<double> y_, cubic_, value_;
  DynamicSolution solution_;
  std::size_t next_output_ = 0;
};

}  // namespace antler::dynamic
