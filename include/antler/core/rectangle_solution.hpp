// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <vector>

#include "antler/core/kokkos.hpp"
#include "antler/core/source_location.hpp"
#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"

namespace antler {

/// What a solve on a rectangle returns: how it ended, what it did, and u at all points of the grid, those on the sides included.
/// When the status is not converged, u is the best iterate that was found.
class [[nodiscard]] RectangleSolution {
 public:
  Status status = Status::maximum_iterations;
  Statistics statistics;
  /// Where u is determined up to a constant only (Neumann and periodic sides, f independent of u): the mean of the right-hand side,
  /// sources in the interior and fluxes through the sides, over the mean of their magnitudes. A solution exists where it is zero,
  /// on a grid up to the error of the sums. 0 for all other problems.
  double compatibility_defect = 0;

  RectangleSolution() = default;
  /// @param x, y    coordinates of the points, increasing
  /// @param values  u(x_i, y_j) at j * x.size() + i
  RectangleSolution(std::vector<double> x, std::vector<double> y, std::vector<double> values)
      : x_(std::move(x)), y_(std::move(y)), values_(std::move(values)) {}

  [[nodiscard]] std::span<const double> x() const { return x_; }
  [[nodiscard]] std::span<const double> y() const { return y_; }
  /// u(x_i, y_j) at j * x().size() + i.
  [[nodiscard]] std::span<const double> values() const { return values_; }
  /// u(x_i, y_j).
  [[nodiscard]] double value(Index i, Index j) const {
    return values_[static_cast<std::size_t>(j) * x_.size() + static_cast<std::size_t>(i)];
  }
  /// u between the points, by cubic interpolation in each direction (by all points of a direction with fewer than four): of order
  /// 4, and exact at the points.
  /// @throws InvalidArgument  (x, y) is outside of the rectangle
  [[nodiscard]] double operator()(double x, double y, const SourceLocation& where = SourceLocation::current()) const;

 private:
  std::vector<double> x_, y_, values_;
};

}  // namespace antler
