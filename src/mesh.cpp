// SPDX-License-Identifier: BSD-3-Clause
#include "antler/mesh/mesh.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "antler/core/require.hpp"

namespace antler {

Mesh::Mesh(std::vector<double> points, const SourceLocation& where) : points_(std::move(points)) {
  require(!points_.empty(), "a mesh needs at least one point: the initial time", where);
  for (std::size_t i = 0; i < points_.size(); ++i)
    require(std::isfinite(points_[i]), "point " + std::to_string(i) + " of the mesh is not finite", where);
  const double direction = points_.back() - points_.front();
  for (std::size_t i = 1; i < points_.size(); ++i)
    require((points_[i] - points_[i - 1]) * direction > 0 ||
                (direction != 0 && (points_[i] > points_[i - 1]) == (direction > 0) && points_[i] != points_[i - 1]),
            "points " + std::to_string(i - 1) + " and " + std::to_string(i) +
                " of the mesh are equal or out of order: sort the points and remove duplicates",
            where);
}

Mesh Mesh::uniform(double t0, double t1, Index steps, const SourceLocation& where) {
  require(steps >= 0, "the number of steps of a mesh must not be negative", where);
  require(steps > 0 || t0 == t1, "a mesh between two different times needs at least one step", where);
  std::vector<double> points{t0};
  if (t0 != t1)
    for (Index i = 1; i <= steps; ++i)
      points.push_back(i == steps ? t1 : t0 + (t1 - t0) * (static_cast<double>(i) / static_cast<double>(steps)));
  return Mesh(std::move(points), where);
}

Mesh Mesh::geometric(double t0, double t1, double first, Index steps, const SourceLocation& where) {
  const double length = std::abs(t1 - t0);
  require(steps >= 1, "a graded mesh needs at least one step", where);
  require(std::isfinite(first) && first > 0 && first * static_cast<double>(steps) <= length * (1 + 1e-12),
          "the first step of a graded mesh must be positive and at most |t1 - t0| / steps", where);
  // length / first = 1 + q + ... + q^(N-1) = expm1(N s) / expm1(s), q = exp(s): increasing in s, so bisection cannot fail.
  const auto sum = [&](double s) {
    return s == 0 ? static_cast<double>(steps) : std::expm1(static_cast<double>(steps) * s) / std::expm1(s);
  };
  double low = 0, high = 1;
  while (sum(high) < length / first && high < 700) high *= 2;
  for (int i = 0; i < 200; ++i) {
    const double middle = 0.5 * (low + high);
    (sum(middle) < length / first ? low : high) = middle;
  }
  std::vector<double> points{t0};
  const double direction = t1 > t0 ? 1 : -1;
  for (Index i = 1; i < steps; ++i) {
    const double covered = low == 0 ? static_cast<double>(i) : std::expm1(static_cast<double>(i) * low) / std::expm1(low);
    points.push_back(t0 + direction * first * covered);
  }
  points.push_back(t1);
  return Mesh(std::move(points), where);
}

Mesh Mesh::refined(Index parts, const SourceLocation& where) const {
  require(parts >= 1, "a mesh is refined into at least one part per step", where);
  std::vector<double> points{points_.front()};
  points.reserve(static_cast<std::size_t>(steps() * parts + 1));
  for (std::size_t i = 0; i + 1 < points_.size(); ++i) {
    for (Index k = 1; k < parts; ++k)
      points.push_back(points_[i] + (points_[i + 1] - points_[i]) * (static_cast<double>(k) / static_cast<double>(parts)));
    points.push_back(points_[i + 1]);
  }
  return Mesh(std::move(points), where);
}

namespace {

/// Densities of new steps, piecewise constant: density[i] on the piece from edges[i] to edges[i + 1].
struct StepDensity {
  std::vector<double> edges, density;

  [[nodiscard]] std::size_t pieces() const { return density.size(); }
  [[nodiscard]] double length(std::size_t i) const { return std::abs(edges[i + 1] - edges[i]); }

  /// A step next to a dense region may be at most `ratio` times longer than its neighbour: with steps 1 / density that bounds the
  /// slope of 1 / density by (ratio - 1) / ratio per unit of time, swept from both sides.
  void limit(double ratio) {
    double edge = HUGE_VAL;  // 1 / density allowed where the piece begins
    const auto sweep = [&](std::size_t i) {
      const double growth = (ratio - 1) / ratio * length(i), step = 1 / density[i];
      density[i] = 1 / std::min(step, edge + 0.5 * growth);
      edge = std::min(step, edge + growth);
    };
    for (std::size_t i = 0; i < pieces(); ++i) sweep(i);
    edge = HUGE_VAL;
    for (std::size_t i = pieces(); i-- > 0;) sweep(i);
  }

  /// Halves the pieces that are longer than the new steps of a much denser neighbour, so that densities need not jump. False when
  /// there are none.
  [[nodiscard]] bool halve(const StepDensity& limited, double ratio) {
    StepDensity finer{{edges.front()}, {}};
    for (std::size_t i = 0; i < pieces(); ++i) {
      const double left = i > 0 ? limited.density[i - 1] : 0, right = i + 1 < pieces() ? limited.density[i + 1] : 0;
      const double densest = std::max(left, right);
      if (densest > ratio * limited.density[i] && densest * length(i) > 1) {
        finer.edges.push_back(edges[i] + 0.5 * (edges[i + 1] - edges[i]));
        finer.density.push_back(density[i]);
      }
      finer.edges.push_back(edges[i + 1]);
      finer.density.push_back(density[i]);
    }
    const bool halved = finer.pieces() > pieces();
    *this = std::move(finer);
    return halved;
  }
};

}  // namespace

Mesh redistributed(const Mesh& mesh, std::span<const double> errors, double target, double order, Index largest,
                   const SourceLocation& where) {
  require(static_cast<Index>(errors.size()) == mesh.steps(), "redistribution needs one error per step of the mesh", where);
  require(std::none_of(errors.begin(), errors.end(), [](double error) { return error < 0; }),
          "an error of a step must not be negative", where);
  require(target > 0 && order > 0 && largest >= 1, "redistribution needs a positive target, order and largest number of steps",
          where);
  // A step is never made more than a hundred times longer or shorter at once: the estimate is a power law fitted at one point.
  constexpr double fewest_shares = 0.01, most_shares = 100;
  constexpr double neighbour_ratio = 2;
  constexpr int most_halvings = 8;  // 2^8 > most_shares
  const auto points = mesh.points();
  StepDensity wanted{{points.begin(), points.end()}, {}};
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const double shares =
        std::isfinite(errors[i]) ? std::clamp(std::pow(errors[i] / target, 1 / order), fewest_shares, most_shares) : most_shares;
    wanted.density.push_back(shares / wanted.length(i));
  }
  StepDensity limited = wanted;
  limited.limit(neighbour_ratio);
  for (int k = 0; k < most_halvings && wanted.halve(limited, neighbour_ratio); ++k) {
    limited = wanted;
    limited.limit(neighbour_ratio);
  }

  const std::size_t pieces = limited.pieces();
  const auto& edges = limited.edges;
  std::vector<double> shares(pieces + 1, 0.0);
  for (std::size_t i = 0; i < pieces; ++i) shares[i + 1] = shares[i] + limited.density[i] * limited.length(i);
  const double steps = std::ceil(std::max(shares[pieces], 1.0));
  const Index count = steps > static_cast<double>(largest) ? largest + 1 : static_cast<Index>(steps);

  std::vector<double> moved{points.front()};
  std::size_t i = 0;
  for (Index k = 1; k < count; ++k) {
    const double share = shares[pieces] * (static_cast<double>(k) / static_cast<double>(count));
    while (i + 1 < pieces && shares[i + 1] <= share) ++i;
    const double theta = (share - shares[i]) / (shares[i + 1] - shares[i]);
    const double t = edges[i] + theta * (edges[i + 1] - edges[i]);
    if ((t - moved.back()) * (points.back() - points.front()) > 0) moved.push_back(t);
  }
  if (moved.back() == points.back()) moved.pop_back();
  moved.push_back(points.back());
  return Mesh(std::move(moved));
}

}  // namespace antler
