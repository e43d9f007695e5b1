// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// -Laplace(u) = f on a rectangle, discretised point by point with ghost points and solved by Newton's method with Eigen's
/// SparseLU: an oracle that shares nothing with the library. Order 2, all kinds of sides; order 4 with Dirichlet sides, equal
/// spacings.

#include <Eigen/SparseLU>
#include <antler/solve/rectangle.hpp>
#include <cmath>
#include <vector>

namespace oracle {

using antler::Index;
using antler::SideKind;
using Triplets = std::vector<Eigen::Triplet<double>>;

/// Value and derivative of f at a point.
struct Source {
  double value, slope;
};
template <class F>
Source source(const F& f, double x, double y, double u) {
  const auto result = f(x, y, antler::Dual<double, 1>::variable(u, 0));
  return {result.value, result.derivative[0]};
}

/// One row of points of a direction: n + 1 of them, or n where the sides are periodic.
struct Line {
  double begin, h;
  int n;
  antler::GridSide first, last;
  [[nodiscard]] bool periodic() const { return first.condition().kind == SideKind::periodic; }
  [[nodiscard]] int points() const { return periodic() ? n : n + 1; }
  [[nodiscard]] double at(int i) const { return begin + i * h; }
};

/// u of order 2 at all points of the grid, row by row (without the last row or column of periodic directions).
template <class F>
Eigen::VectorXd solve_order_2(const F& f, const Line& x, const Line& y, Eigen::VectorXd u) {
  const int nx = x.points(), ny = y.points();
  for (int iteration = 0; iteration < 60; ++iteration) {
    Eigen::VectorXd residual = Eigen::VectorXd::Zero(nx * ny);
    Triplets entries;
    const auto add = [&](int row, int column, double a) {
      residual[row] += a * u[column];
      entries.emplace_back(row, column, a);
    };
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) {
        const int row = j * nx + i;
        bool given = false;
        const auto dirichlet = [&](const antler::GridSide& side, bool on, double s) {
          if (!on || given || side.condition().kind != SideKind::dirichlet) return;
          given = true;
          add(row, row, 1);
          residual[row] -= side.value(s);
        };
        dirichlet(x.first, i == 0, y.at(j));
        dirichlet(x.last, i == x.n, y.at(j));
        dirichlet(y.first, j == 0, x.at(i));
        dirichlet(y.last, j == y.n, x.at(i));
        if (given) continue;
        // -(u_{-} - 2 u + u_{+}) / h^2; a neighbour beyond a side is the mirror image plus 2 h du/dn.
        const auto second_difference = [&](const Line& line, int k, int stride, double s) {
          const double w = 1 / (line.h * line.h);
          add(row, row, 2 * w);
          for (const int step : {-1, 1}) {
            const int to = k + step;
            if (line.periodic()) {
              add(row, row + ((to + line.n) % line.n - k) * stride, -w);
            } else if (to >= 0 && to <= line.n) {
              add(row, row + step * stride, -w);
            } else {
              const antler::GridSide& side = to < 0 ? line.first : line.last;
              const auto& c = side.condition();
              const double b = c.kind == SideKind::robin ? c.b : 1, a = c.kind == SideKind::robin ? c.a : 0;
              add(row, row - step * stride, -w);
              residual[row] -= 2 * line.h * w * side.value(s) / b;
              add(row, row, 2 * line.h * w * a / b);
            }
          }
        };
        second_difference(x, i, 1, y.at(j));
        second_difference(y, j, nx, x.at(i));
        const Source s = source(f, x.at(i), y.at(j), u[row]);
        residual[row] -= s.value;
        entries.emplace_back(row, row, -s.slope);
      }
    Eigen::SparseMatrix<double> jacobian(nx * ny, nx * ny);
    jacobian.setFromTriplets(entries.begin(), entries.end());
    Eigen::SparseLU<Eigen::SparseMatrix<double>> lu(jacobian);
    if (lu.info() != Eigen::Success) return u * std::nan("");
    const Eigen::VectorXd update = lu.solve(residual);
    u -= update;
    if (update.cwiseAbs().maxCoeff() < 1e-12 * (1 + u.cwiseAbs().maxCoeff())) break;
  }
  return u;
}

/// u of order 4 at the inner points, by the stencils [1 4 1; 4 -20 4; 1 4 1] / 6 h^2 and [0 1 0; 1 8 1; 0 1 0] / 12; u = g on the
/// sides.
template <class F, class G>
Eigen::VectorXd solve_order_4(const F& f, const G& g, double h, int n, Eigen::VectorXd u) {
  const int m = n - 1;
  for (int iteration = 0; iteration < 60; ++iteration) {
    Eigen::VectorXd residual = Eigen::VectorXd::Zero(m * m);
    Triplets entries;
    for (int j = 1; j < n; ++j)
      for (int i = 1; i < n; ++i) {
        const int row = (j - 1) * m + i - 1;
        for (int dj = -1; dj <= 1; ++dj)
          for (int di = -1; di <= 1; ++di) {
            const int p = i + di, q = j + dj, distance = std::abs(di) + std::abs(dj);
            const bool inside = p > 0 && p < n && q > 0 && q < n;
            const double a = (distance == 0 ? 20.0 : distance == 1 ? -4.0 : -1.0) / (6 * h * h);
            const double b = (distance == 0 ? 8.0 : distance == 1 ? 1.0 : 0.0) / 12;
            const int column = (q - 1) * m + p - 1;
            const double value = inside ? u[column] : g(p * h, q * h);
            const Source s = source(f, p * h, q * h, value);
            residual[row] += a * value - b * s.value;
            if (inside) entries.emplace_back(row, column, a - b * s.slope);
          }
      }
    Eigen::SparseMatrix<double> jacobian(m * m, m * m);
    jacobian.setFromTriplets(entries.begin(), entries.end());
    Eigen::SparseLU<Eigen::SparseMatrix<double>> lu(jacobian);
    if (lu.info() != Eigen::Success) return u * std::nan("");
    const Eigen::VectorXd update = lu.solve(residual);
    u -= update;
    if (update.cwiseAbs().maxCoeff() < 1e-12) break;
  }
  return u;
}

}  // namespace oracle
