// SPDX-License-Identifier: BSD-3-Clause
#include "antler/discretization/rectangle_laplacian.hpp"

#include <algorithm>

#include "antler/core/parallel.hpp"

namespace antler {

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;

bool is_free(const SideCondition& side) { return side.kind == SideKind::neumann || side.kind == SideKind::robin; }

/// Rows that a thread takes at a time, with one buffer for all of them.
constexpr Index block_rows = 32;

template <class Row>
void for_row_blocks(const char* label, Index rows, Index columns, const Row& row) {
  const Index blocks = (rows + block_rows - 1) / block_rows;
  parallel_for(label, Space(), blocks, static_cast<double>(block_rows * columns) * 12, [&](const Index block) {
    std::vector<double> p(static_cast<std::size_t>(columns)), v(static_cast<std::size_t>(columns));
    const Index end = std::min(rows, (block + 1) * block_rows);
    for (Index l = block * block_rows; l < end; ++l) row(l, p.data(), v.data());
  });
}

/// The rows above and below row l, cyclically where the axis is periodic; the row itself where there is none and its factor is
/// zero.
struct Neighbours {
  Index below, above;
};
Neighbours neighbours(const GridAxis& axis, Index l) {
  const Index last = axis.unknowns() - 1;
  return {l > 0 ? l - 1 : axis.periodic() ? last : l, l < last ? l + 1 : axis.periodic() ? 0 : l};
}

/// a h / 3 b of a Robin side, the factor of T_t u in its row of A; zero elsewhere and at order 2.
double robin_edge(const RectangleGrid& grid, const GridAxis& axis, const SideCondition& side) {
  return grid.order == 2 || side.kind != SideKind::robin ? 0 : axis.spacing() * side.a / (3 * side.b);
}
double edge(const RectangleGrid& grid, const GridAxis& axis, Index k) {
  double value = 0;
  if (k == 0) value += robin_edge(grid, axis, axis.first());
  if (k == axis.unknowns() - 1) value += robin_edge(grid, axis, axis.last());
  return value;
}

/// out_k <- -(T p)_k - v_k; two ends and an interior without branches.
void negative_second_difference(const GridAxis& axis, const double* p, const double* v, double* out) {
  const Index m = axis.unknowns();
  const double one = 1 / (axis.spacing() * axis.spacing());
  const auto end = [&](Index k) {
    const Neighbours to = neighbours(axis, k);
    return -(axis.lower(k) * p[to.below] + axis.diagonal(k) * p[k] + axis.upper(k) * p[to.above]) - v[k];
  };
  out[0] = end(0);
  for (Index k = 1; k < m - 1; ++k) out[k] = one * (2 * p[k] - p[k - 1] - p[k + 1]) - v[k];
  if (m > 1) out[m - 1] = end(m - 1);
}

/// The second difference of the values along a side, over h^2; by four points at its ends.
double along(const GridAxis& axis, const std::vector<double>& values, Index i) {
  const auto at = [&](Index k) { return values[static_cast<std::size_t>(k)]; };
  const Index n = axis.intervals();
  const double one = 1 / (axis.spacing() * axis.spacing());
  if (axis.periodic()) return one * (at((i + n - 1) % n) - 2 * at(i % n) + at((i + 1) % n));
  if (i == 0) return one * (2 * at(0) - 5 * at(1) + 4 * at(2) - at(3));
  if (i == n) return one * (2 * at(n) - 5 * at(n - 1) + 4 * at(n - 2) - at(n - 3));
  return one * (at(i - 1) - 2 * at(i) + at(i + 1));
}

/// What a side with these values adds to the second difference across it: g / h^2, or 2 q / h with q = v / b.
double factor_of_side(const GridAxis& axis, const SideCondition& side) {
  switch (side.kind) {
    case SideKind::dirichlet:
      return 1 / (axis.spacing() * axis.spacing());
    case SideKind::neumann:
      return 2 / axis.spacing();
    case SideKind::robin:
      return 2 / (axis.spacing() * side.b);
    case SideKind::periodic:
      break;
  }
  return 0;
}

/// The derivative of the values along a side at one of its ends, out of the rectangle; by four points.
double along_outward(const GridAxis& axis, const std::vector<double>& values, bool at_first) {
  const auto n = static_cast<std::size_t>(axis.intervals());
  const auto at = [&](std::size_t k) { return values[at_first ? k : n - k]; };
  return (11 * at(0) - 18 * at(1) + 9 * at(2) - 2 * at(3)) / (6 * axis.spacing());
}

/// The same for the third derivative across a free side, -(h / 3) q_tt; zero at a Dirichlet side.
double curvature_of_side(const GridAxis& axis, const SideCondition& side) {
  return is_free(side) ? -axis.spacing() / (3 * (side.kind == SideKind::robin ? side.b : 1)) : 0;
}

}  // namespace

RectangleLaplacian::RectangleLaplacian(const RectangleGrid& grid, const SourceLocation& where) : grid_(grid) {
  require(grid.order == 2 || grid.order == 4, "the order of a formula on a rectangle is 2 or 4", where);
  require(grid.order == 2 || std::min(grid.x.intervals(), grid.y.intervals()) >= 4,
          "the formula of order 4 needs at least four intervals in each direction", where);
}

/// With v = T_y u and p = (1 + E_y) u + c v: A u = -(T_x p + (1 + E_x) v).
void RectangleLaplacian::apply(const double* u, double* out) const {
  const GridAxis &x = grid_.x, &y = grid_.y;
  const Index mx = x.unknowns();
  const double c = grid_.cross(), left = edge(grid_, x, 0), right = mx > 1 ? edge(grid_, x, mx - 1) : 0;
  for_row_blocks("antler::discretization::laplacian", y.unknowns(), mx, [&](Index l, double* p, double* v) {
    const Neighbours to = neighbours(y, l);
    const double *below = u + to.below * mx, *row = u + l * mx, *above = u + to.above * mx;
    const double lower = y.lower(l), diagonal = y.diagonal(l), upper = y.upper(l), own = 1 + edge(grid_, y, l);
    for (Index k = 0; k < mx; ++k) {
      v[k] = lower * below[k] + diagonal * row[k] + upper * above[k];
      p[k] = own * row[k] + c * v[k];
    }
    v[0] *= 1 + left;
    v[mx - 1] *= 1 + right;
    negative_second_difference(x, p, v, out + l * mx);
  });
}

void RectangleLaplacian::subtract_average(const double* f, double* out) const {
  const GridAxis &x = grid_.x, &y = grid_.y;
  const Index mx = x.unknowns(), my = y.unknowns();
  if (grid_.order == 2) {
    for_row_blocks("antler::discretization::average", my, mx, [&](Index l, double*, double*) {
      for (Index k = l * mx; k < (l + 1) * mx; ++k) out[k] -= f[k];
    });
    return;
  }
  for_row_blocks("antler::discretization::average", my, mx, [&](Index l, double* sum, double*) {
    const double* row = f + l * mx;
    const bool bottom = l == 0 && is_free(y.first()), top = l == my - 1 && is_free(y.last());
    if (bottom || top) {  // 12 f + (-5, 6, -1)
      const double *second = row + (bottom ? mx : -mx), *third = second + (bottom ? mx : -mx);
      for (Index k = 0; k < mx; ++k) sum[k] = 7 * row[k] + 6 * second[k] - third[k];
    } else {
      const Neighbours to = neighbours(y, l);
      const double *below = f + to.below * mx, *above = f + to.above * mx;
      const double lower = to.below == l ? 0 : 1, upper = to.above == l ? 0 : 1;
      for (Index k = 0; k < mx; ++k) sum[k] = 10 * row[k] + lower * below[k] + upper * above[k];
    }
    const auto end = [&](Index k, const SideCondition& side, Index inward) {
      if (is_free(side)) return -5 * row[k] + 6 * row[k + inward] - row[k + 2 * inward];
      const Neighbours to = neighbours(x, k);
      return (to.below == k ? 0 : row[to.below]) - 2 * row[k] + (to.above == k ? 0 : row[to.above]);
    };
    double* result = out + l * mx;
    result[0] -= (sum[0] + end(0, x.first(), 1)) / 12;
    for (Index k = 1; k < mx - 1; ++k) result[k] -= (sum[k] + row[k - 1] - 2 * row[k] + row[k + 1]) * (1.0 / 12);
    result[mx - 1] -= (sum[mx - 1] + end(mx - 1, x.last(), -1)) / 12;
  });
}

void RectangleLaplacian::apply_jacobian(const double* f_u, const double* u, double* product, double* out) const {
  const Index mx = grid_.x.unknowns();
  for_row_blocks("antler::discretization::product", grid_.y.unknowns(), mx, [&](Index l, double*, double*) {
    for (Index k = l * mx; k < (l + 1) * mx; ++k) product[k] = f_u[k] * u[k];
  });
  apply(u, out);
  subtract_average(product, out);
}

double RectangleLaplacian::weight(Index k, Index l) const {
  const auto half = [](const GridAxis& axis, Index i) {
    return (i == 0 && is_free(axis.first())) || (i == axis.unknowns() - 1 && is_free(axis.last())) ? 0.5 : 1.0;
  };
  return half(grid_.x, k) * half(grid_.y, l);
}

/// The terms across the sides, then (order 4) what the mixed difference and the third derivative at free sides take from them.
void RectangleLaplacian::side_terms(const RectangleSideValues& values, double* out) const {
  const GridAxis &x = grid_.x, &y = grid_.y;
  const Index mx = x.unknowns(), my = y.unknowns();
  std::vector<double> across_x(static_cast<std::size_t>(mx * my)), across_y(across_x.size());
  const auto at = [](const std::vector<double>& side, Index i) { return side[static_cast<std::size_t>(i)]; };
  const auto is_used = [](const SideCondition& side) { return side.kind != SideKind::periodic; };
  for (Index l = 0; l < my; ++l) {
    const Index j = l + y.offset();
    if (is_used(x.first())) across_x[static_cast<std::size_t>(l * mx)] += factor_of_side(x, x.first()) * at(values.left, j);
    if (is_used(x.last())) across_x[static_cast<std::size_t>(l * mx + mx - 1)] += factor_of_side(x, x.last()) * at(values.right, j);
  }
  for (Index k = 0; k < mx; ++k) {
    const Index i = k + x.offset();
    if (is_used(y.first())) across_y[static_cast<std::size_t>(k)] += factor_of_side(y, y.first()) * at(values.bottom, i);
    if (is_used(y.last())) across_y[static_cast<std::size_t>((my - 1) * mx + k)] += factor_of_side(y, y.last()) * at(values.top, i);
  }
  for (std::size_t k = 0; k < across_x.size(); ++k) out[k] = across_x[k] + across_y[k];
  if (grid_.order == 2) return;

  const double c = grid_.cross();
  // The second difference of the values v along the bottom or top side, as T takes it of the rows inside: where the side ends
  // beside a free side, T v and what that side's values add. T's error of order h there has to be that of the neighbours, since the
  // mixed difference divides by h^2.
  const auto differences = [&](bool bottom, Index i) {
    const SideCondition& side = bottom ? y.first() : y.last();
    const std::vector<double>& v = bottom ? values.bottom : values.top;
    const bool first = i == 0;
    const SideCondition& beside = first ? x.first() : x.last();
    if (x.periodic() || (i != 0 && i != x.intervals()) || !is_free(beside)) return along(x, v, i);
    const std::vector<double>& w = first ? values.left : values.right;
    const double corner = at(w, bottom ? 0 : y.intervals()), own = at(v, i), inward = at(v, first ? 1 : i - 1);
    const double outward = is_free(side) ? (side.kind == SideKind::robin ? side.b : 1) * along_outward(y, w, bottom) : 0;
    const double a = side.kind == SideKind::dirichlet ? 1 : side.kind == SideKind::robin ? side.a : 0;
    const double robin = beside.kind == SideKind::robin ? 2 * beside.a / (beside.b * x.spacing()) : 0;
    return 2 * (inward - own) / (x.spacing() * x.spacing()) - robin * own + factor_of_side(x, beside) * (outward + a * corner);
  };
  for (Index l = 0; l < my; ++l) {
    const Neighbours to = neighbours(y, l);
    for (Index k = 0; k < mx; ++k) {
      const auto sx = [&](Index row) { return across_x[static_cast<std::size_t>(row * mx + k)]; };
      const auto sy = across_y[static_cast<std::size_t>(l * mx + k)];
      double& s = out[l * mx + k];
      s += c * (y.lower(l) * sx(to.below) + y.diagonal(l) * sx(l) + y.upper(l) * sx(to.above));  // T_y of the terms across x
      s += edge(grid_, x, k) * sy + edge(grid_, y, l) * sx(l);
      const Index i = k + x.offset(), j = l + y.offset();
      if (l == 0 && is_used(y.first()))
        s += c * factor_of_side(y, y.first()) * differences(true, i) + curvature_of_side(y, y.first()) * along(x, values.bottom, i);
      if (l == my - 1 && is_used(y.last()))
        s += c * factor_of_side(y, y.last()) * differences(false, i) + curvature_of_side(y, y.last()) * along(x, values.top, i);
      if (k == 0 && is_free(x.first())) s += curvature_of_side(x, x.first()) * along(y, values.left, j);
      if (k == mx - 1 && is_free(x.last())) s += curvature_of_side(x, x.last()) * along(y, values.right, j);
    }
  }
}

}  // namespace antler
