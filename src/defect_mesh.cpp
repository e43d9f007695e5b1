// SPDX-License-Identifier: BSD-3-Clause
#include "antler/mesh/defect_mesh.hpp"

#include <algorithm>
#include <cmath>

namespace antler {

namespace {

/// The first and the last step cut again and again, each part a quarter of the one before.
std::vector<double> graded_to_the_ends(const std::vector<double>& points) {
  constexpr int cuts = 6;
  const double first = points[1] - points[0], last = points.back() - points[points.size() - 2];
  std::vector<double> graded{points.front()};
  for (int k = cuts; k >= 1; --k) graded.push_back(points.front() + first * std::pow(0.25, k));
  graded.insert(graded.end(), points.begin() + 1, points.end() - 1);
  for (int k = 1; k <= cuts; ++k) graded.push_back(points.back() - last * std::pow(0.25, k));
  graded.push_back(points.back());
  return graded;
}

}  // namespace

std::vector<double> DefectMesh::next(std::span<const double> points, std::span<const double> defects) {
  // A part of the tolerance, so that most steps pass at the next mesh: (1/2)^(1/5) is 15 % more steps.
  constexpr double target = 0.5, little = 1.25;
  constexpr Index growth = 4;
  constexpr double unresolved = 0.1, most = 0.9;
  const auto steps = static_cast<Index>(defects.size());
  const auto lost = std::count_if(defects.begin(), defects.end(), [](double defect) { return !(defect <= unresolved); });
  if (static_cast<double>(lost) >= most * static_cast<double>(steps)) return graded_to_the_ends(halved(points));
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
