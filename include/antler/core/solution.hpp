// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <span>
#include <vector>

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

  /// Adds an accepted step with its polynomial, of degree 3 at most.
  /// @param share  its error estimate as a part of the limit, when known: where a warm start places its steps
  template <int degree>
  void append(const StepPolynomial<T, n, degree>& step, double share = unknown_share) {
    static_assert(degree <= 3);
    shares_.push_back(static_cast<float>(share));
    auto& piece = pieces_.emplace_back(StepPolynomial<T, n, 3>{step.t, step.h, step.y, {}});
    for (int m = 0; m < degree; ++m)
      for (int c = 0; c < n; ++c) piece.c(m, c) = step.c(m, c);
  }

  /// Ends the trajectory of the appended steps, or the trajectory that holds nothing else, at (t, y).
  void finish(double t, const Vector<T, n>& y) {
    for (const auto& piece : pieces_) {
      times_.push_back(piece.t);
      states_.push_back(piece.y);
    }
    times_.push_back(t);
    states_.push_back(y);
  }

  /// Bytes of the appended steps.
  [[nodiscard]] std::size_t stored_bytes() const {
    return pieces_.size() * (sizeof(StepPolynomial<T, n, 3>) + sizeof(float) + sizeof(double) + sizeof(Vector<T, n>));
  }

  /// The appended steps, and their error estimates as parts of the limit; both empty after methods without polynomials.
  [[nodiscard]] std::span<const StepPolynomial<T, n, 3>> pieces() const { return pieces_; }
  [[nodiscard]] std::span<const float> shares() const { return shares_; }
  /// Of a step whose error is not known: such steps keep their length in a warm start.
  static constexpr double unknown_share = -1;

  /// t_0, ..., t_N: the points of the mesh in the order of integration, or the indices 0 .. N of a recurrence.
  [[nodiscard]] std::span<const double> times() const { return times_; }
  /// y_0, ..., y_N at times().
  [[nodiscard]] std::span<const Vector<T, n>> states() const { return states_; }
  /// The states, to be filled in by a solver.
  [[nodiscard]] std::span<Vector<T, n>> mutable_states() { return states_; }
  /// y_N.
  [[nodiscard]] const Vector<T, n>& final_state() const { return states_.back(); }

  /// Dense output: y(t) between the ends. The collocation polynomials where the method has them; else linear between neighbouring
  /// points, which is second order, as the exponential discretisation is, and free of overshoot where the solution is stiff.
  ///
  /// @throws InvalidArgument  t is NaN or outside the interval
  [[nodiscard]] Vector<T, n> operator()(double t, const SourceLocation& where = SourceLocation::current()) const {
    const bool forward = times_.back() >= times_.front();
    const bool inside = forward ? t >= times_.front() && t <= times_.back() : t <= times_.front() && t >= times_.back();
    require(inside, "dense output was asked for outside of the interval of integration: extend the interval, or ask inside of it",
            where);
    const auto before = [forward](double a, double b) { return forward ? a < b : a > b; };
    const auto right = std::lower_bound(times_.begin(), times_.end(), t, before) - times_.begin();
    if (right == 0) return states_.front();
    const auto i = static_cast<std::size_t>(right);
    if (!pieces_.empty()) return pieces_[i - 1](t);
    const T theta = static_cast<T>((t - times_[i - 1]) / (times_[i] - times_[i - 1]));
    return (T(1) - theta) * states_[i - 1] + theta * states_[i];
  }

 private:
  std::vector<double> times_;
  std::vector<Vector<T, n>> states_;
  std::vector<StepPolynomial<T, n, 3>> pieces_;
  std::vector<float> shares_;
};

}  // namespace antler::inline ANTLER_LANES
