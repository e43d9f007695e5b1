// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "antler/core/bounds.hpp"
#include "antler/core/event.hpp"
#include "antler/core/require.hpp"
#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"
#include "antler/core/step_polynomial.hpp"

namespace antler::inline ANTLER_LANES {

/// What a solve returns: how it ended, what it did, and the trajectory, on the host. When the status is not converged, the
/// trajectory is the best iterate that was found.
template <class T, int n>
class [[nodiscard]] Solution {
 public:
  Status status = Status::maximum_iterations;
  Statistics statistics;

  Solution() = default;
  Solution(std::vector<double> times, std::vector<Vector<T, n>> states) : times_(std::move(times)), states_(std::move(states)) {}

  /// Adds an accepted step with its polynomial, of degree solution_degree at most.
  /// @param share  its error estimate as a part of the limit, when known: where a warm start places its steps
  template <int degree>
  void append(const StepPolynomial<T, n, degree>& step, double share = unknown_share) {
    shares_.push_back(static_cast<float>(share));
    pieces_.push_back(detail::of_degree<solution_degree>(step));
  }
  /// Adds a point of output: times() and states() are then these alone, and not the mesh.
  void append_output(double t, const Vector<T, n>& y) {
    times_.push_back(t);
    states_.push_back(y);
  }
  /// Adds an event.
  void append_event(const FoundEvent<T, n>& event) { events_.push_back(event); }
  /// Every value that is handed out lies within these.
  void set_bounds(const Bounds<T, n>& bounds) { bounds_ = bounds; }

  /// Which points times() and states() hold: those of the appended steps and the end, or what append_output() was given.
  enum class Points { mesh, output };

  /// Ends the trajectory of the appended steps, or the trajectory that holds nothing else, at (t, y).
  void finish(double t, const Vector<T, n>& y, Points points = Points::mesh) {
    marched_ = true;
    end_time_ = t;
    end_state_ = bounds_.projected(y);
    if (points == Points::output) return;
    times_.reserve(pieces_.size() + 1);
    states_.reserve(pieces_.size() + 1);
    for (const auto& piece : pieces_) append_output(piece.t, bounds_.projected(piece.y));
    append_output(end_time_, end_state_);
  }

  /// Bytes of the appended steps, points of output and events.
  [[nodiscard]] std::size_t stored_bytes() const {
    constexpr std::size_t point = sizeof(double) + sizeof(Vector<T, n>);
    return pieces_.size() * (sizeof(SolutionPiece<T, n>) + sizeof(float) + point) + times_.size() * point +
           events_.size() * sizeof(FoundEvent<T, n>);
  }

  /// The appended steps, and their error estimates as parts of the limit; both empty after methods without polynomials.
  [[nodiscard]] std::span<const SolutionPiece<T, n>> pieces() const { return pieces_; }
  [[nodiscard]] std::span<const float> shares() const { return shares_; }
  /// Of a step whose error is not known: such steps keep their length in a warm start.
  static constexpr double unknown_share = -1;

  /// t_0, ..., t_N: the points of the mesh in the order of integration, or the indices 0 .. N of a recurrence; with
  /// Options::output_times those that were reached, and no others.
  [[nodiscard]] std::span<const double> times() const { return times_; }
  /// y_0, ..., y_N at times().
  [[nodiscard]] std::span<const Vector<T, n>> states() const { return states_; }
  /// The states, to be filled in by a solver.
  [[nodiscard]] std::span<Vector<T, n>> mutable_states() { return states_; }
  /// The events that were found, in the order of integration.
  [[nodiscard]] std::span<const FoundEvent<T, n>> events() const { return events_; }

  /// How far the solve came: t1 when it converged, the time of the event that ended it.
  /// @throws InvalidArgument  the solution is empty
  [[nodiscard]] double final_time(const SourceLocation& where = SourceLocation::current()) const {
    if (marched_) return end_time_;
    require_points(where);
    return times_.back();
  }
  /// The state at final_time().
  /// @throws InvalidArgument  the solution is empty
  [[nodiscard]] const Vector<T, n>& final_state(const SourceLocation& where = SourceLocation::current()) const {
    if (marched_) return end_state_;
    require_points(where);
    return states_.back();
  }

  /// Dense output: y(t) between the ends. The collocation polynomials where the method has them; else linear between neighbouring
  /// points, which is second order, as the exponential discretisation is, and free of overshoot where the solution is stiff.
  ///
  /// @throws InvalidArgument  t is NaN or outside the interval, or between the stored points where Output::final_state kept no
  ///                          polynomials; the solution is empty
  [[nodiscard]] Vector<T, n> operator()(double t, const SourceLocation& where = SourceLocation::current()) const {
    if (marched_ && t == end_time_) return end_state_;
    if (!pieces_.empty()) return bounds_.projected(piece_at(t, where)(t));
    if (marched_) return stored_at(t, where);
    require_points(where);
    const bool forward = times_.back() >= times_.front();
    require_inside(forward ? t >= times_.front() && t <= times_.back() : t <= times_.front() && t >= times_.back(), where);
    const std::size_t i = first_not_before(t, forward);
    if (i == 0) return states_.front();
    const T theta = static_cast<T>((t - times_[i - 1]) / (times_[i] - times_[i - 1]));
    return (T(1) - theta) * states_[i - 1] + theta * states_[i];
  }

 private:
  void require_points(const SourceLocation& where) const {
    require(!states_.empty(), "the solution is empty: it is not what solve() returned", where);
  }
  static void require_inside(bool inside, const SourceLocation& where) {
    require(inside, "dense output was asked for outside of the interval of integration: extend the interval, or ask inside of it",
            where);
  }

  [[nodiscard]] std::size_t first_not_before(double t, bool forward) const {
    const auto before = [forward](double a, double b) { return forward ? a < b : a > b; };
    return static_cast<std::size_t>(std::lower_bound(times_.begin(), times_.end(), t, before) - times_.begin());
  }

  /// The step that holds t, the later one where two meet.
  [[nodiscard]] const SolutionPiece<T, n>& piece_at(double t, const SourceLocation& where) const {
    const double start = pieces_.front().t;
    const bool forward = end_time_ >= start;
    require_inside(forward ? t >= start && t <= end_time_ : t <= start && t >= end_time_, where);
    const auto before = [forward](double time, const auto& piece) { return forward ? time < piece.t : time > piece.t; };
    return *(std::upper_bound(pieces_.begin(), pieces_.end(), t, before) - 1);
  }

  [[nodiscard]] const Vector<T, n>& stored_at(double t, const SourceLocation& where) const {
    const std::size_t i = first_not_before(t, times_.empty() || end_time_ >= times_.front());
    require(i < times_.size() && times_[i] == t,
            "this solve stored no dense output, or none at this time: use Output::trajectory, or add the time to "
            "Options::output_times",
            where);
    return states_[i];
  }

  bool marched_ = false;
  double end_time_ = 0;
  Vector<T, n> end_state_{};
  Bounds<T, n> bounds_;
  std::vector<double> times_;
  std::vector<Vector<T, n>> states_;
  std::vector<SolutionPiece<T, n>> pieces_;
  std::vector<FoundEvent<T, n>> events_;
  std::vector<float> shares_;
};

}  // namespace antler::inline ANTLER_LANES
