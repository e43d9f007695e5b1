// SPDX-License-Identifier: BSD-3-Clause
#include "antler/problem/delays.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace antler {

namespace {

/// Sorts the points and keeps one, of the lowest level, of those that are the same to rounding.
void merge(std::vector<BreakingPoint>& points, double spacing) {
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
  std::size_t kept = 0;
  for (const BreakingPoint& point : points) {
    const double near = 32 * spacing * std::max(std::abs(point.time), kept > 0 ? std::abs(points[kept - 1].time) : 0);
    if (kept > 0 && point.time - points[kept - 1].time <= near) {
      if (point.level < points[kept - 1].level) points[kept - 1] = point;
    } else {
      points[kept++] = point;
    }
  }
  points.resize(kept);
}

}  // namespace

std::vector<BreakingPoint> breaking_points(std::span<const double> sources, std::span<const double> delays, int levels, double last,
                                           double spacing, std::size_t most) {
  std::vector<BreakingPoint> points, front;
  for (const double t : sources)
    if (t <= last) front.push_back({t, 0});
  merge(front, spacing);
  points = front;
  for (int level = 1; level <= levels && !front.empty(); ++level) {
    std::vector<BreakingPoint> next;
    if (points.size() + front.size() * delays.size() > 4 * most) break;
    for (const BreakingPoint& point : front)
      for (const double delay : delays)
        if (point.time + delay <= last) next.push_back({point.time + delay, level});
    merge(next, spacing);
    if (points.size() + next.size() > most) break;
    points.insert(points.end(), next.begin(), next.end());
    merge(points, spacing);
    front = std::move(next);
  }
  return points;
}

BrokenMesh break_mesh(std::span<const double> points, std::span<const BreakingPoint> breaking) {
  BrokenMesh mesh;
  auto next = breaking.begin();
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double before = i > 0 ? points[i] - points[i - 1] : HUGE_VAL,
                 after = i + 1 < points.size() ? points[i + 1] - points[i] : HUGE_VAL;
    const double near = points.size() > 1 ? 1e-10 * std::min(before, after) : 0;
    for (; next != breaking.end() && next->time < points[i] - near; ++next) {
      if (i == 0) continue;
      mesh.points.push_back(next->time);
      mesh.breaks.push_back(next->level <= 1);
    }
    bool breaks = false;
    for (; next != breaking.end() && next->time <= points[i] + near; ++next) breaks = breaks || next->level <= 1;
    mesh.points.push_back(points[i]);
    mesh.breaks.push_back(breaks);
  }
  return mesh;
}

void require_delays(std::span<const double> delays, int taken, const SourceLocation& where) {
  const std::string takes = "f takes " + std::to_string(taken) + (taken == 1 ? " delayed state" : " delayed states");
  require(!delays.empty(),
          "no delays are given, and " + takes + ": give one delay for each; without delays use InitialValueProblem", where);
  require(delays.size() == static_cast<std::size_t>(taken),
          takes + ", and " + std::to_string(delays.size()) + " delays are given: give one for each", where);
  for (std::size_t p = 0; p < delays.size(); ++p) {
    if (std::isfinite(delays[p]) && delays[p] > 0) continue;
    std::ostringstream text;
    text << "delay " << p + 1 << " of " << delays.size() << " is " << delays[p]
         << ": delays are positive and finite; for a delay of zero let f look at y";
    require(false, text.str(), where);
  }
}

void history_failed(double t, const std::string& reason, const SourceLocation& where) {
  std::ostringstream text;
  text.precision(17);
  text << "the history " << reason << " at t = " << t << ": it must be defined from t0 less the longest delay to t0";
  throw InvalidArgument(text.str(), where);
}

}  // namespace antler
