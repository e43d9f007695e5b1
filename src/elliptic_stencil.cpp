// SPDX-License-Identifier: BSD-3-Clause
#include "antler/discretization/elliptic_stencil.hpp"

#include <cmath>
#include <sstream>

#include "antler/core/require.hpp"

namespace antler {

namespace {

using Kappa = std::function<double(double, int)>;

/// P of an interval, and the moments of the falling half of phi about the left end and of the rising half about the right end.
struct Interval {
  double resistance, falling[3], rising[3];
};

double positive(const Kappa& kappa, double x, int c, const SourceLocation& where) {
  const double value = kappa(x, c);
  if (!(value > 0) || !std::isfinite(value)) {
    std::ostringstream text;
    text << "kappa must be positive and finite; at x = " << x << " it is " << value;
    require(false, text.str(), where);
  }
  return value;
}

/// By parts: the integral of phi s^k over the interval is that of p s^(k+1) / (k + 1), divided by P.
Interval interval_of(double left, double h, int order, const Kappa& kappa, int c, const SourceLocation& where) {
  const double away = std::sqrt(0.6);
  const double nodes[2][3] = {{0, 0, 0}, {-away, 0, away}}, weights[2][3] = {{0, 2, 0}, {5.0 / 9, 8.0 / 9, 5.0 / 9}};
  const int rule = order == 4 ? 1 : 0;
  Interval interval{};
  for (int q = 0; q < 3; ++q) {
    if (weights[rule][q] == 0) continue;
    const double s = h / 2 * (1 + nodes[rule][q]);
    const double p = h / 2 * weights[rule][q] / positive(kappa, left + s, c, where);
    interval.resistance += p;
    double from_left = s, from_right = s - h;
    for (int k = 0; k < 3; ++k, from_left *= s, from_right *= s - h) {
      interval.falling[k] += p * from_left / (k + 1);
      interval.rising[k] -= p * from_right / (k + 1);
    }
  }
  for (int k = 0; k < 3; ++k) {
    interval.falling[k] /= interval.resistance;
    interval.rising[k] /= interval.resistance;
  }
  if (rule == 0) interval.falling[0] = interval.rising[0] = h / 2;
  return interval;
}

/// Weights of f at s = -h, 0, h for the integral of its parabola: moments M_k of phi about the middle point.
void parabola_weights(const double (&moment)[3], double h, double (&weight)[3]) {
  weight[0] = -moment[1] / (2 * h) + moment[2] / (2 * h * h);
  weight[1] = moment[0] - moment[2] / (h * h);
  weight[2] = moment[1] / (2 * h) + moment[2] / (2 * h * h);
}

/// Weights of f at s = 0, h, 2 h. M_k about the first point.
void end_weights(const double (&moment)[3], double h, double (&weight)[3]) {
  const double first = moment[1] / h, second = moment[2] / (h * h);
  weight[0] = moment[0] - 1.5 * first + 0.5 * second;
  weight[1] = 2 * first - second;
  weight[2] = -0.5 * first + 0.5 * second;
}

EllipticRow inner_row(const Interval& before, const Interval& after, double h, int order) {
  EllipticRow row{.g_left = 1 / before.resistance, .g_right = 1 / after.resistance};
  if (order == 4) {
    const double moment[3] = {before.rising[0] + after.falling[0], before.rising[1] + after.falling[1],
                              before.rising[2] + after.falling[2]};
    parabola_weights(moment, h, row.weight);
  } else {
    row.weight[1] = h;
  }
  return row;
}

/// The row on a side: a u + b du/dn = value. `beside` has its moments about the side, towards the inside.
struct SideCondition {
  double a, b, value, kappa;
};

EllipticRow side_row(const SideCondition& side, double resistance, const double (&moment)[3], double h, int order, bool left) {
  EllipticRow row;
  if (side.b == 0) {
    row.own = 1;
    row.known = side.value / side.a;
    return row;
  }
  (left ? row.g_right : row.g_left) = 1 / resistance;
  row.own = side.kappa * side.a / side.b;
  row.known = side.kappa * side.value / side.b;
  double weight[3] = {h / 2, 0, 0};
  if (order == 4) end_weights(moment, h, weight);
  row.weight[1] = weight[0];
  row.weight[left ? 2 : 0] = weight[1];
  row.weight[left ? 0 : 2] = weight[2];
  return row;
}

void scale(EllipticRow& row) {
  const double sum = row.g_left + row.g_right;
  if (sum == 0) return;
  for (double* number : {&row.g_left, &row.g_right, &row.own, &row.known, &row.weight[0], &row.weight[1], &row.weight[2]})
    *number /= sum;
}

SideCondition condition(const std::function<void(int, double&, double&, double&)>& side, int c, const SourceLocation& where) {
  SideCondition row{0, 0, 0, 1};
  side(c, row.a, row.b, row.value);
  require(row.a != 0 || row.b != 0, "Robin: a and b must not both be zero, a u + b du/dn = value is then no condition", where);
  require(std::isfinite(row.a) && std::isfinite(row.b) && std::isfinite(row.value), "what holds on a side must be finite", where);
  return row;
}

}  // namespace

std::vector<EllipticRow> elliptic_rows(const EllipticGrid& grid, int components, int order, const Kappa& kappa,
                                       const EllipticSides& sides, const SourceLocation& where) {
  require(grid.points >= 3, "a grid of an elliptic problem has at least 3 points", where);
  require(std::isfinite(grid.a) && std::isfinite(grid.b) && grid.a < grid.b, "the interval must be finite, with a < b", where);
  const auto m = static_cast<std::size_t>(components), points = static_cast<std::size_t>(grid.points);
  const double h = grid.step();
  std::vector<EllipticRow> rows(points * m);
  for (int c = 0; c < components; ++c) {
    const std::size_t first = static_cast<std::size_t>(c);
    const auto interval = [&](std::size_t i) { return interval_of(grid.x(static_cast<Index>(i)), h, order, kappa, c, where); };
    Interval before{}, last = grid.periodic ? interval(points - 1) : Interval{};
    for (std::size_t i = 0; i < points; ++i) {
      const Interval after = i + 1 < points ? interval(i) : last;
      EllipticRow& row = rows[i * m + first];
      if (grid.periodic || (i > 0 && i + 1 < points)) {
        row = inner_row(i > 0 ? before : last, after, h, order);
      } else {
        const bool left = i == 0;
        SideCondition side = condition(left ? sides.left : sides.right, c, where);
        if (side.b != 0) side.kappa = positive(kappa, left ? grid.a : grid.b, c, where);
        double moment[3];
        for (int k = 0; k < 3; ++k) moment[k] = left ? after.falling[k] : (k == 1 ? -1 : 1) * before.rising[k];
        row = side_row(side, left ? after.resistance : before.resistance, moment, h, order, left);
      }
      scale(row);
      before = after;
    }
  }
  return rows;
}

}  // namespace antler
