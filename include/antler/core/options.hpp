// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <vector>
#include "antler/core/source_location.hpp"

#include "antler/core/kokkos.hpp"

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

/// What an adaptive solve keeps: every accepted step (dense output), or the last state only.
enum class Output { trajectory, final_state };

/// How the adaptive solver goes through the interval: windows of collocation steps, all steps of a window at once; or one step of a
/// Rosenbrock method (RODAS) after the other; or what takes less time at the tolerance that is asked for. The choice depends on the
/// problem and the tolerance only, so that a trajectory does not depend on the number of threads.
enum class Strategy { automatic, windows, sequential };

/// What a solve may be told. Every default has its reason beside it.
struct Options {
  /// Relative and absolute tolerance: the weights of the norm are w_c = rtol |y_c| + atol_c, as in SUNDIALS. With a mesh of the
  /// solver's own choice both bound the local error of a step; on a fixed mesh they only say when the Newton iteration ends.
  double rtol = 1e-6;             // between CVODE's example (1e-4) and what double precision allows: six digits
  AbsoluteTolerance atol = 1e-9;  // three digits below rtol: components of order one are controlled by rtol
  /// The Newton iteration ends when residual and update are below this fraction of the tolerance in the weighted norm. RadauIIA
  /// measures the residual of the last iterate and estimates the update that is left by the observed contraction; the update just
  /// made is below 1.
  double newton_tolerance = 1e-2;  // the iteration must not show in the error; quadratic convergence makes the last digits free
  Index maximum_iterations =
      30;  // of one window: Newton takes 4 to 15 where it converges; a shorter window is better than twice as many
  Index maximum_steps = 10'000'000;
  Strategy strategy = Strategy::automatic;
  Output output = Output::trajectory;  // RadauIIA: users look at trajectories; final_state keeps the memory flat
  /// Bytes that the solve may hold in arrays at one time. A solve that needs more is refused before anything is allocated.
  std::size_t memory_cap = std::numeric_limits<std::size_t>::max();
};

/// Throws InvalidArgument unless every option is usable for states of n components.
void require_valid(const Options& options, int n, const SourceLocation& where);

/// Throws InvalidArgument when `bytes` exceed the cap, naming both figures.
void require_memory(const Options& options, std::size_t bytes, const SourceLocation& where);

}  // namespace antler
