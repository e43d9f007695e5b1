// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <limits>
#include <vector>

#include "antler/core/kokkos.hpp"
#include "antler/core/source_location.hpp"

namespace antler {

/// atol: one value for all components, or one per component.
class AbsoluteTolerance {
 public:
  template <std::convertible_to<double> Scalar>
  AbsoluteTolerance(Scalar value) : values_{static_cast<double>(value)} {}  // NOLINT: implicit, for {.atol = 1e-10}
  AbsoluteTolerance(std::initializer_list<double> values) : values_(values) {}
  AbsoluteTolerance(std::vector<double> values) : values_(std::move(values)) {}  // NOLINT: implicit, as above

  /// The tolerance of component i; one value serves every component.
  [[nodiscard]] double operator[](int i) const {
    return values_.size() == 1 ? values_.front() : values_[static_cast<std::size_t>(i)];
  }
  [[nodiscard]] const std::vector<double>& values() const { return values_; }

 private:
  std::vector<double> values_;
};

/// What an adaptive solve keeps: every accepted step (dense output), or the last state only. Steps are held to the tolerance
/// between their ends as well, unless nobody looks there: then they may be longer, or of another method.
enum class Output { trajectory, final_state };

/// How the adaptive solver goes through the interval: windows of collocation steps, all steps of a window at once; or one step of a
/// sequential method after the other (SEULEX or RODAS; Radau IIA for a CallbackProblem); or what takes less time with these
/// options, which are windows at every tolerance where another method than RadauIIA<3> or <5> is named. The choice depends on the
/// problem and the options only, so that a trajectory does not depend on the number of threads.
enum class Strategy { automatic, windows, sequential };
/// How far a solve has come: what Options::progress is told after every stretch of accepted steps.
struct Progress {
  double time;       ///< end of the accepted part of the trajectory
  Index steps;       ///< accepted steps
  Index iterations;  ///< Newton iterations
};

/// What a solve may be told. Every default has its reason beside it.
struct Options {
  /// Relative and absolute tolerance: the weights of the norm are w_c = rtol |y_c| + atol_c, as in SUNDIALS. With a mesh of the
  /// solver's own choice both bound the local error of a step; on a fixed mesh they only say when the Newton iteration ends.
  double rtol = 1e-6;             // between CVODE's example (1e-4) and what double precision allows: six digits
  AbsoluteTolerance atol = 1e-9;  // three digits below rtol: components of order one are controlled by rtol
  /// The Newton iteration ends when residual and update are below this fraction of the tolerance in the weighted norm. RadauIIA
  /// (and Gauss) measures the residual of the last iterate and estimates the update that is left by the observed contraction; the
  /// update just made, or the one that is foretold and still applied, is below 1.
  double newton_tolerance = 1e-2;  // the iteration must not show in the error; quadratic convergence makes the last digits free
  Index maximum_iterations =
      30;  // of one window: Newton takes 4 to 15 where it converges; a shorter window is better than twice as many
  Index maximum_steps = 10'000'000;
  Output output = Output::trajectory;  // RadauIIA: users look at trajectories; final_state keeps the memory flat
  /// Bytes that the solve may hold in arrays at one time. A solve that needs more is refused before anything is allocated; a
  /// recurrence is solved in shorter windows first.
  std::size_t memory_cap = std::numeric_limits<std::size_t>::max();

  // What follows is for the adaptive RadauIIA and Gauss; the other methods refuse it.

  Strategy strategy = Strategy::automatic;  // the tolerance decides
  /// The first step to try, with the sign of t1 - t0 as in SUNDIALS; 0: the solver's choice, a move by about one tolerance.
  double initial_step = 0;
  /// No step is longer than this; 0: no limit. For features in t that a long step would pass over without a trace.
  double maximum_step = 0;
  /// Steps that are solved at the same time, rounded up to two full SIMD vectors at least; 0: what a second-level cache holds.
  Index maximum_window = 0;
  /// Stretches of a long walk with SEULEX that are walked at the same time, as many as there are threads; 1: step by step. For
  /// problems that forget where they come from, or all but their phase, as forced circuits and oscillators do; stretches of others
  /// do not meet, and the walk goes step by step. f is called from several threads. The trajectory depends on this number, not on
  /// threads. Without effect where windows or RODAS are taken, with bounds, and but for an InitialValueProblem.
  Index stretches = 1;
  /// Times of output, in the order of integration, within [t0, t1]: then times() and states() are these, exactly and only, as with
  /// SciPy's t_eval; the end is in final_state() all the same. With Output::final_state nothing else is stored.
  std::vector<double> output_times = {};
  /// Times at which f jumps, strictly in the order of integration; those outside of the interval are passed over. They become mesh
  /// points, and f is evaluated beside them only, some units in the last place to the left and to the right.
  std::vector<double> jump_times = {};
  /// Bounds of the components: one per component, or one for all; none: no bounds. An infinite value bounds nothing. What is
  /// returned lies within; a step that leaves by more than the tolerance is not accepted.
  std::vector<double> lower_bounds = {};
  std::vector<double> upper_bounds = {};
  /// Called on the calling thread as the solve proceeds; false ends it with Status::cancelled. May throw: the solve ends with that
  /// exception.
  std::function<bool(const Progress&)> progress = {};
};

/// Throws InvalidArgument unless every option is usable for states of n components.
void require_valid(const Options& options, int n, const SourceLocation& where);

/// Throws InvalidArgument unless the options that speak of times fit the interval from t0 to t1.
///
/// @param epsilon  relative spacing of the numbers in which f sees t
void require_valid_times(const Options& options, double t0, double t1, double epsilon, const SourceLocation& where);

/// Throws InvalidArgument when an option is set that only the adaptive RadauIIA and Gauss honour; `method` is who asks.
void require_no_march_options(const Options& options, const char* method, const SourceLocation& where);

/// Throws InvalidArgument when `bytes` exceed the cap, naming both figures.
void require_memory(const Options& options, std::size_t bytes, const SourceLocation& where);

}  // namespace antler
