// SPDX-License-Identifier: BSD-3-Clause
#include "antler/mesh/defect_mesh.hpp"

#include <algorithm>
#include <cmath>

namespace antler {

std::vector<double> DefectMesh::next(std::span<const double> points, std::span<const double> defects) {
  // A part of the tolerance, so that most steps pass at the next mesh: (1/2)^(1/5) is 15 % more steps.
  constexpr double target = 0.5, little = 1.25;
  constexpr Index growth = 4;
  const auto steps = static_cast<Index>(defects.size());
  const double worst = *std::max_element(defects.begin(), defects.end());
  std::vector<double> relative(defects.begin(), defects.end());
  for (double& defect : relative) defect /= tolerance_;
  const Mesh old({points.begin(), points.end()});
  const Mesh wanted = redistributed(old, relative, target, order_, growth * steps);
  const bool stalled = last_worst_ > 0 && worst > 0.5 * last_worst_;
  last_worst_ = worst;
  const bool alike = static_cast<double>(wanted.steps()) < little * static_cast<double>(steps);
  if (wanted.steps() < 2 || (stalled && alike)) return halved(points);
  return {wanted.points().begin(), wanted.points().end()};
}

std::vector<double> halved(std::span<const double> points) {
  const Mesh finer = Mesh({points.begin(), points.end()}).refined(2);
  return {finer.points().begin(), finer.points().end()};
}

double shortest_in_roundings(std::span<const double> points, double epsilon) {
  double shortest = HUGE_VAL;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const double spacing = epsilon * std::max({std::abs(points[i]), std::abs(points[i + 1]), 1e-300});
    shortest = std::min(shortest, std::abs(points[i + 1] - points[i]) / spacing);
  }
  return shortest;
}

}  // namespace antler
