// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "antler/core/event.hpp"
#include "antler/core/kokkos.hpp"
#include "antler/core/require.hpp"
#include "antler/core/row_blocks.hpp"
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
  /// @param components  n, at least one
  explicit DynamicSolution(int components);

  /// The number of components, n.
  [[nodiscard]] int components() const { return components_; }
  /// t_0, ..., t_N in the order of integration, the last alone after Output::final_state; with Options::output_times those that
  /// were reached, and no others.
  [[nodiscard]] std::span<const double> times() const { return points_ == Points::mesh ? mesh_ : times_; }
  /// y_i at times()[i].
  /// @throws InvalidArgument  there is no such point
  [[nodiscard]] std::span<const double> state(Index i, const SourceLocation& where = SourceLocation::current()) const;

  /// The events that were found, in the order of integration.
  [[nodiscard]] std::span<const FoundDynamicEvent> events() const { return events_; }

  /// How far the solve came: t1 when it converged, the time of the event that ended it.
  /// @throws InvalidArgument  the solution is empty
  [[nodiscard]] double final_time(const SourceLocation& where = SourceLocation::current()) const;
  /// The state at final_time(); empty when the solution is.
  [[nodiscard]] std::span<const double> final_state() const { return final_state_; }

  /// Dense output: the collocation polynomial of the step that holds t.
  /// @throws InvalidArgument  t is NaN or outside of the interval, or between the stored points where Output::final_state kept no
  ///                          polynomials
  [[nodiscard]] std::vector<double> operator()(double t, const SourceLocation& where = SourceLocation::current()) const;

  /// As operator(), into `y`, which has n components.
  void evaluate(double t, std::span<double> y, const SourceLocation& where = SourceLocation::current()) const;

  // For solvers.

  /// Accepted steps, with their polynomials as append() has them, and error estimates as parts of the limit where they are known.
  [[nodiscard]] std::size_t steps() const { return steps_.count(); }
  [[nodiscard]] double step_start(std::size_t i) const { return mesh_[i]; }
  [[nodiscard]] double step_length(std::size_t i) const { return steps_.row(i)[polynomial_size()]; }
  [[nodiscard]] std::span<const double> polynomial(std::size_t i) const { return steps_.row(i).first(polynomial_size()); }
  [[nodiscard]] double share(std::size_t i) const { return steps_.row(i)[polynomial_size() + 1]; }
  static constexpr double unknown_share = -1;

  /// Which points times() and state() hold: those of the appended steps and the end, or what append_output() was given.
  enum class Points { mesh, output };

  /// Adds an accepted step from t to t + h; returns the 4 n numbers of its polynomial y + sum_m c_m theta^m, to be filled in: y,
  /// c_1, c_2, c_3.
  /// @param share  its error estimate as a part of the limit, where a warm start places its steps
  std::span<double> append(double t, double h, double share = unknown_share);
  /// Adds a point of output: times() and state() are then these alone. Returns its n numbers, to be filled in.
  std::span<double> append_output(double t);
  /// Adds an event.
  void append_event(FoundDynamicEvent event);
  /// Every value that is handed out lies within these, one number per component; to be said before finish().
  void set_bounds(std::span<const double> lower, std::span<const double> upper);
  /// Ends the trajectory at (t, y).
  void finish(double t, std::span<const double> y, Points points = Points::mesh);
  /// Bytes of the appended steps, points of output and events.
  [[nodiscard]] std::size_t stored_bytes() const;

 private:
  [[nodiscard]] std::size_t polynomial_size() const { return 4 * static_cast<std::size_t>(components_); }
  [[nodiscard]] std::size_t step_at(double t, const SourceLocation& where) const;
  [[nodiscard]] std::span<const double> stored_at(double t, const SourceLocation& where) const;
  /// Moves y to the nearest state within the bounds.
  void project(std::span<double> y) const;
  [[nodiscard]] bool bounded() const { return !lower_.empty(); }
  [[nodiscard]] bool ended() const { return !final_state_.empty(); }

  int components_ = 0;
  Points points_ = Points::mesh;
  std::vector<double> mesh_;   // starts of the steps, and the end
  RowBlocks steps_;            // polynomial, length, share
  std::vector<double> times_;  // of output
  RowBlocks states_;           // of output; without any those at mesh_ when bounds move them
  std::vector<double> lower_, upper_;
  std::vector<FoundDynamicEvent> events_;
  double final_time_ = 0;
  std::vector<double> final_state_;
};

}  // namespace antler
