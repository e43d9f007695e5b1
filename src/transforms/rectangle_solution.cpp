// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/rectangle_solution.hpp"

#include <algorithm>
#include <array>

#include "antler/core/require.hpp"

namespace antler {

namespace {

/// Lagrange's weights at x of the `count` points from `first` on.
struct Weights {
  std::size_t first = 0, count = 0;
  std::array<double, 4> values = {};
};

Weights weights_at(const std::vector<double>& points, double x) {
  Weights weights;
  weights.count = std::min<std::size_t>(4, points.size());
  const auto right = static_cast<std::size_t>(std::upper_bound(points.begin(), points.end(), x) - points.begin());
  weights.first = std::min(right < 2 ? 0 : right - 2, points.size() - weights.count);
  for (std::size_t k = 0; k < weights.count; ++k) {
    double value = 1;
    for (std::size_t l = 0; l < weights.count; ++l)
      if (l != k) value *= (x - points[weights.first + l]) / (points[weights.first + k] - points[weights.first + l]);
    weights.values[k] = value;
  }
  return weights;
}

bool contains(const std::vector<double>& points, double x) { return !points.empty() && x >= points.front() && x <= points.back(); }

}  // namespace

double RectangleSolution::operator()(double x, double y, const SourceLocation& where) const {
  require(contains(x_, x) && contains(y_, y), "the point is outside of the rectangle of the solution", where);
  const Weights across = weights_at(x_, x), up = weights_at(y_, y);
  double sum = 0;
  for (std::size_t l = 0; l < up.count; ++l)
    for (std::size_t k = 0; k < across.count; ++k)
      sum += up.values[l] * across.values[k] * values_[(up.first + l) * x_.size() + across.first + k];
  return sum;
}

}  // namespace antler
