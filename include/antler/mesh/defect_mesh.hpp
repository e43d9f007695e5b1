// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <vector>

#include "antler/mesh/mesh.hpp"

namespace antler {

/// Meshes on which the defect of every step comes below a tolerance: each from the defects on the one before.
///
/// Steps in proportion to (defect / tolerance)^(1/order), see redistributed(), at most four times as many as before, since defects
/// on a mesh that resolves nothing foretell little. When that stops helping, every step is halved.
class DefectMesh {
 public:
  /// @param order  power of h in the defect
  DefectMesh(double tolerance, int order) : tolerance_(tolerance), order_(order) {}

  /// The next mesh, in place of one with these points, one defect per step; an infinite defect asks for the shortest steps.
  [[nodiscard]] std::vector<double> next(std::span<const double> points, std::span<const double> defects);

 private:
  double tolerance_, last_worst_ = 0;
  int order_;
};

/// Every step halved.
[[nodiscard]] std::vector<double> halved(std::span<const double> points);

/// The shortest step as a multiple of the spacing of floating-point numbers there, of relative size epsilon.
[[nodiscard]] double shortest_in_roundings(std::span<const double> points, double epsilon);

}  // namespace antler
