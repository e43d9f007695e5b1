// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <vector>
#include "antler/core/source_location.hpp"

#include "antler/core/kokkos.hpp"

namespace antler {

/// t_0, t_1, ..., t_N: points of time, strictly increasing, or strictly decreasing to integrate backwards. One point is a mesh of
/// no steps.
class Mesh {
 public:
  /// @throws InvalidArgument  no point, a point that is not finite, points that are not strictly monotone
  explicit Mesh(std::vector<double> points, const SourceLocation& where = SourceLocation::current());
  Mesh(std::initializer_list<double> points, const SourceLocation& where = SourceLocation::current())
      : Mesh(std::vector<double>(points), where) {}

  /// N steps of equal length from t0 to t1; one point when t0 == t1.
  static Mesh uniform(double t0, double t1, Index steps, const SourceLocation& where = SourceLocation::current());

  /// N steps from t0 to t1, each longer than the one before by the same factor, the first of length `first`: for an initial layer.
  /// @throws InvalidArgument  `first` is not between zero and |t1 - t0| / N in magnitude
  static Mesh geometric(double t0, double t1, double first, Index steps, const SourceLocation& where = SourceLocation::current());

  /// Every step cut into `parts` equal ones.
  [[nodiscard]] Mesh refined(Index parts, const SourceLocation& where = SourceLocation::current()) const;

  [[nodiscard]] Index steps() const { return static_cast<Index>(points_.size()) - 1; }
  [[nodiscard]] std::span<const double> points() const { return points_; }
  [[nodiscard]] double front() const { return points_.front(); }
  [[nodiscard]] double back() const { return points_.back(); }

 private:
  std::vector<double> points_;
};

/// A mesh on which every step is expected to have the local error `target`, from the errors of the steps of another mesh.
///
/// With a local error C h^k the number of steps that step i must become is (error_i / target)^(1/k); the new points distribute
/// these shares evenly, with the shares of neighbours smoothed so that steps differ by no more than a factor of about two
/// [AscherMattheijRussell1995, sec. 9.2].
///
/// @param errors   local error of each step in the weighted norm, size mesh.steps(); infinite counts as very large
/// @param target   local error that the new steps are to have, below 1 to leave room
/// @param order    k, the power of h in the local error
/// @param largest  most steps that the new mesh may have
/// @return         the mesh, with mesh.steps() > largest cut to `largest` + 1 steps: too many
/// @throws InvalidArgument  not one error per step, a negative error, a target or order that is not positive
Mesh redistributed(const Mesh& mesh, std::span<const double> errors, double target, double order, Index largest,
                   const SourceLocation& where = SourceLocation::current());

}  // namespace antler
