// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What becomes of accepted steps: events are looked for, points of output are taken, polynomials are kept, progress is told. The
/// march decides meshes and hands every accepted step over, in the order of integration.

#include <functional>
#include <vector>

#include "antler/core/solution.hpp"
#include "antler/solve/event_search.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

template <class T, int n>
class Acceptance {
 public:
  using Piece = SolutionPiece<T, n>;

  Acceptance(double t0, const Vector<T, n>& y0, double t1, const Options& options, std::vector<Event<T, n>> events)
      : direction_(t1 < t0 ? -1 : 1),
        options_(options),
        bounds_(options),
        events_(std::move(events)),
        search_(events_),
        t_(t0),
        y_(y0) {
    solution_.set_bounds(bounds_);
    take_outputs(t0, [&](double) { return y0; });
  }

  [[nodiscard]] double time() const { return t_; }
  [[nodiscard]] const Vector<T, n>& state() const { return y_; }
  [[nodiscard]] const Bounds<T, n>& bounds() const { return bounds_; }
  [[nodiscard]] std::size_t stored_bytes() const { return solution_.stored_bytes(); }

  /// False when only the end of a stretch of steps matters, so that their polynomials need not be formed.
  [[nodiscard]] bool wants_steps() const {
    return options_.output == Output::trajectory || search_.any() || next_output_ < options_.output_times.size() || follower_;
  }

  /// Every accepted step is handed on with its share, before output is taken of it.
  void follow(std::function<void(const Piece&, double)> follower) { follower_ = std::move(follower); }

  /// Looks at the root functions at the start.
  Status start() {
    return search_.start(t_, [this](std::size_t e, double t) { return events_[e].root(t, y_); });
  }

  /// Takes the step that ends at `end`.
  /// @param share  its error estimate as a part of the limit
  /// @return Status::converged: go on; Status::event: the solve ends at time() within the step; Status::non_finite: a root
  ///         function is, and the solve ends before the step
  template <int degree>
  Status step(const StepPolynomial<T, n, degree>& polynomial, double end, double share = Solution<T, n>::unknown_share) {
    Piece piece = of_degree<solution_degree>(polynomial);
    piece.t = t_;  // behind a jump: the jump itself, a unit in the last place away
    if (follower_) follower_(piece, share);
    const auto state_at = [&](double t) { return bounds_.projected(piece(t)); };
    Status status = Status::converged;
    if (search_.any()) {
      status = search_.search(t_, end, [&](std::size_t e, double t) { return events_[e].root(t, state_at(t)); });
      if (status == Status::non_finite) return status;
      for (const auto& root : search_.found()) solution_.append_event({root.time, state_at(root.time), root.which, root.crossing});
    }
    const double stop = status == Status::event ? search_.found().back().time : end;
    take_outputs(stop, state_at);
    if (options_.output == Output::trajectory) solution_.append(piece, share);
    t_ = stop;
    // For the case that the next root function is not finite; reached() knows the end better.
    if (search_.any()) y_ = state_at(stop);
    return status;
  }

  /// What was accepted behind (t, y) is to be forgotten: for a caller who keeps the steps himself.
  void restart(double t, const Vector<T, n>& y) {
    t_ = t;
    y_ = y;
  }

  /// The accepted part of the trajectory ends at (t, y) now; tells the caller. Status::cancelled when that is told to stop.
  Status reached(double t, const Vector<T, n>& y, const Statistics& statistics) {
    t_ = t;
    y_ = y;
    return tell(statistics);
  }
  Status tell(const Statistics& statistics) const {
    if (!options_.progress || options_.progress({t_, statistics.steps, statistics.iterations})) return Status::converged;
    return Status::cancelled;
  }

  Solution<T, n> finish(Status status, const Statistics& statistics) {
    solution_.finish(t_, y_, options_.output_times.empty() ? Solution<T, n>::Points::mesh : Solution<T, n>::Points::output);
    solution_.status = status;
    solution_.statistics = statistics;
    solution_.statistics.root_evaluations = search_.evaluations();
    return std::move(solution_);
  }

 private:
  template <class Value>
  void take_outputs(double until, const Value& value) {
    const auto& times = options_.output_times;
    for (; next_output_ < times.size() && (until - times[next_output_]) * direction_ >= 0; ++next_output_)
      solution_.append_output(times[next_output_], value(times[next_output_]));
  }

  double direction_;
  const Options& options_;
  Bounds<T, n> bounds_;
  std::vector<Event<T, n>> events_;
  EventSearch search_;
  std::function<void(const Piece&, double)> follower_;
  Solution<T, n> solution_;
  double t_;
  Vector<T, n> y_;
  std::size_t next_output_ = 0;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
