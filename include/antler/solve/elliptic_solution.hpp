// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "antler/core/require.hpp"
#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"
#include "antler/core/vector.hpp"

namespace antler::inline ANTLER_LANES {

/// What the solve of an EllipticProblem returns: how it ended, what it did, and u at the points of the grid; when the status is not
/// converged, the best iterate that was found.
template <class T, int n>
class [[nodiscard]] EllipticSolution {
 public:
  Status status = Status::maximum_iterations;
  Statistics statistics;

  EllipticSolution() = default;
  /// @param period  of u, 0 where it has none
  EllipticSolution(Status how, Statistics what, std::vector<double> x, std::vector<Vector<T, n>> u, double period)
      : status(how), statistics(std::move(what)), x_(std::move(x)), u_(std::move(u)), period_(period) {}

  /// The points of the grid, from left to right.
  [[nodiscard]] std::span<const double> x() const { return x_; }
  /// u at x().
  [[nodiscard]] std::span<const Vector<T, n>> u() const { return u_; }

  /// u(x) by the cubic through the four points around x, of order 4; the parabola on a grid of three points.
  /// @throws InvalidArgument  x is NaN or outside of the interval (for periodic u nowhere), the solution is empty
  [[nodiscard]] Vector<T, n> operator()(double x, const SourceLocation& where = SourceLocation::current()) const {
    require(x_.size() >= 3, "the solution is empty: it is not what solve() returned", where);
    const double h = x_[1] - x_[0];
    const auto count = static_cast<long long>(x_.size());
    if (period_ > 0) {
      require(std::isfinite(x), "u was asked for at an x that is not finite", where);
    } else {
      require(x >= x_.front() && x <= x_.back(), "u was asked for outside of the interval: ask between a and b", where);
    }
    const long long width = std::min(count, 4LL), cell = static_cast<long long>(std::floor((x - x_[0]) / h));
    const long long first = period_ > 0 ? cell - 1 : std::clamp(cell - 1, 0LL, count - width);
    const double s = (x - x_[0]) / h - static_cast<double>(first);
    Vector<T, n> value{};
    for (long long k = 0; k < width; ++k) {
      double weight = 1;
      for (long long l = 0; l < width; ++l)
        if (l != k) weight *= (s - static_cast<double>(l)) / static_cast<double>(k - l);
      value += static_cast<T>(weight) * u_[static_cast<std::size_t>(((first + k) % count + count) % count)];
    }
    return value;
  }

 private:
  std::vector<double> x_;
  std::vector<Vector<T, n>> u_;
  double period_ = 0;
};

}  // namespace antler::inline ANTLER_LANES
