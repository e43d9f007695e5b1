// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "antler/core/require.hpp"
#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"

namespace antler {

/// What a solve with a run-time number of components returns: how it ended, what it did, and the trajectory. When the status is not
/// converged, the trajectory ends where the solver came to.
class [[nodiscard]] DynamicSolution {
 public:
  Status status = Status::maximum_iterations;
  Statistics statistics;

  DynamicSolution() = default;
  explicit DynamicSolution(int components) : components_(components) {}

  /// The number of components, n.
  [[nodiscard]] int components() const { return components_; }
  /// t_0, ..., t_N in the order of integration; the last alone after Output::final_state.
  [[nodiscard]] std::span<const double> times() const { return times_; }
  /// y_i at times()[i].
  /// @throws InvalidArgument  there is no such point
  [[nodiscard]] std::span<const double> state(Index i, const SourceLocation& where = SourceLocation::current()) const;
  /// y_N.
  [[nodiscard]] std::span<const double> final_state() const { return final_state_; }

  /// Dense output: the collocation polynomial of the step that holds t.
  /// @throws InvalidArgument  t is NaN or outside of the interval
  [[nodiscard]] std::vector<double> operator()(double t, const SourceLocation& where = SourceLocation::current()) const;

  /// As operator(), into `y`, which has n components.
  void evaluate(double t, std::span<double> y, const SourceLocation& where = SourceLocation::current()) const;

  /// Adds an accepted step from t to t + h; returns the 4 n numbers of its polynomial y + sum_m c_m theta^m, to be filled in: y,
  /// c_1, c_2, c_3. For solvers.
  std::span<double> append(double t, double h);
  /// Ends the trajectory at (t, y). For solvers.
  void finish(double t, std::span<const double> y);
  /// Bytes of the appended steps.
  [[nodiscard]] std::size_t stored_bytes() const;

 private:
  /// Steps are kept in blocks of about this many numbers, so that memory grows by blocks and is never copied.
  static constexpr std::size_t block_numbers = 32'768;

  [[nodiscard]] std::size_t numbers_per_step() const { return 4 * static_cast<std::size_t>(components_); }
  [[nodiscard]] std::size_t steps_per_block() const;
  [[nodiscard]] std::span<double> step(std::size_t i) const;

  int components_ = 0;
  std::vector<double> times_, lengths_;
  std::vector<std::unique_ptr<double[]>> blocks_;
  std::vector<double> final_state_;
};

}  // namespace antler
