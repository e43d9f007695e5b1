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

/// What the solve of a boundary value problem returns: how it ended, what it did, the states on the mesh, the unknown parameters,
/// and dense output. When the status is not converged, it is the best iterate that was found.
///
/// @tparam m  unknown parameters, 0 or more
template <class T, int n, int m = 0>
class [[nodiscard]] BoundaryValueSolution {
 public:
  using Parameters = Vector<T, (m > 0 ? m : 1)>;
  using Piece = StepPolynomial<T, n, 5>;

  Status status = Status::maximum_iterations;
  Statistics statistics;

  BoundaryValueSolution() = default;
  BoundaryValueSolution(std::vector<double> times, std::vector<Vector<T, n>> states, Parameters parameters,
                        std::vector<Piece> pieces, std::vector<double> defects)
      : times_(std::move(times)),
        states_(std::move(states)),
        parameters_(parameters),
        pieces_(std::move(pieces)),
        defects_(std::move(defects)) {}

  /// The points of the mesh, from a to b.
  [[nodiscard]] std::span<const double> times() const { return times_; }
  /// y at times().
  [[nodiscard]] std::span<const Vector<T, n>> states() const { return states_; }
  /// p; with m = 0 one number without a meaning.
  [[nodiscard]] const Parameters& parameters() const { return parameters_; }
  /// The relative defect of each step, see evaluate_defect(); where a mesh of the solver's own converged all are below rtol.
  [[nodiscard]] std::span<const double> defects() const { return defects_; }
  /// The continuous solution, step by step.
  [[nodiscard]] std::span<const Piece> pieces() const { return pieces_; }

  /// Dense output of the order of the method: y(t) between a and b.
  /// @throws InvalidArgument  t is NaN or outside of [a, b]; the solution is empty
  [[nodiscard]] Vector<T, n> operator()(double t, const SourceLocation& where = SourceLocation::current()) const {
    require(!pieces_.empty(), "the solution is empty: it is not what solve() returned", where);
    require(t >= times_.front() && t <= times_.back(), "dense output was asked for outside of [a, b]: ask inside of it", where);
    if (t == times_.back()) return states_.back();
    return piece_at(t)(t);
  }

  /// y'(t) of the dense output.
  /// @throws  as operator()
  [[nodiscard]] Vector<T, n> derivative(double t, const SourceLocation& where = SourceLocation::current()) const {
    require(!pieces_.empty(), "the solution is empty: it is not what solve() returned", where);
    require(t >= times_.front() && t <= times_.back(), "dense output was asked for outside of [a, b]: ask inside of it", where);
    const Piece& piece = piece_at(t);
    const T theta = static_cast<T>((t - piece.t) / piece.h);
    Vector<T, n> slope;
    for (int c = 0; c < n; ++c) {
      T sum = T(0);
      for (int k = 4; k >= 0; --k) sum = sum * theta + T(k + 1) * piece.c(k, c);
      slope[c] = sum / static_cast<T>(piece.h);
    }
    return slope;
  }

 private:
  [[nodiscard]] const Piece& piece_at(double t) const {
    const auto after = std::upper_bound(times_.begin(), times_.end(), t);
    const auto step = std::max<std::ptrdiff_t>(1, after - times_.begin()) - 1;
    return pieces_[std::min(static_cast<std::size_t>(step), pieces_.size() - 1)];
  }

  std::vector<double> times_;
  std::vector<Vector<T, n>> states_;
  Parameters parameters_{};
  std::vector<Piece> pieces_;
  std::vector<double> defects_;
};

}  // namespace antler::inline ANTLER_LANES
