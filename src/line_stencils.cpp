// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <string>

#include "antler/discretization/method_of_lines.hpp"

/// @file
/// The stencils of MethodOfLines, and what its ghosts are made of.

namespace antler {

namespace {

/// A function of x with m values, at all points.
std::vector<double> sampled(const std::function<void(double, double*)>& function, int m, const std::vector<double>& x) {
  std::vector<double> values(x.size() * static_cast<std::size_t>(m));
  for (std::size_t i = 0; i < x.size(); ++i) function(x[i], values.data() + i * static_cast<std::size_t>(m));
  return values;
}

void require_positive(const std::vector<double>& kappa, int m, const std::vector<double>& x, const SourceLocation& where) {
  for (std::size_t k = 0; k < kappa.size(); ++k) {
    if (std::isfinite(kappa[k]) && kappa[k] > 0) continue;
    const std::size_t c = k % static_cast<std::size_t>(m);
    require(false,
            "ParabolicProblem::kappa is not positive at x = " + std::to_string(x[k / static_cast<std::size_t>(m)]) +
                (m > 1 ? " for component " + std::to_string(c) : std::string()) +
                ": without diffusion there is no parabolic equation",
            where);
  }
}

/// Factors of the derivative at node p of five with spacing 1, times 12.
constexpr double five_point_slope[5][5] = {
    {-25, 48, -36, 16, -3}, {-3, -10, 18, -6, 1}, {1, -8, 0, 8, -1}, {-1, 6, -18, 10, 3}, {3, -16, 36, -48, 25}};

}  // namespace

void MethodOfLines::lay_stencils(int order, const SourceLocation& where) {
  const auto n = static_cast<std::size_t>(points()), m = static_cast<std::size_t>(m_);
  std::vector<double> middles(n);  // the last one is that of the period
  for (std::size_t i = 0; i < n; ++i) middles[i] = x_[i] + 0.5 * gap(static_cast<int>(i));
  if (!description_.periodic) middles.back() = x_.back();
  const std::vector<double> kappa = sampled(description_.kappa, m_, x_), middle = sampled(description_.kappa, m_, middles);
  require_positive(kappa, m_, x_, where);
  require_positive(middle, m_, middles, where);
  diffusion_row_.assign(m, 0);
  std::size_t sets = 0;
  for (std::size_t c = 0; c < m; ++c) {
    const auto same = [&](const std::vector<double>& values) {
      for (std::size_t i = 0; i < n; ++i)
        if (values[i * m + c] != values[i * m]) return false;
      return true;
    };
    diffusion_row_[c] = c > 0 && same(kappa) && same(middle) ? 0 : sets++;
  }
  diffusion_.assign(sets * static_cast<std::size_t>(2 * radius_ + 1) * stride_, 0.0);
  for (int c = 0; c < m_; ++c)
    if (c == 0 || diffusion_row_[static_cast<std::size_t>(c)] > 0)
      order == 2 ? second_order(c, kappa, middle) : fourth_order(c, kappa);
}

/// Fluxes kappa u_x in the middles, over the distance of the middles. On an end half a cell, whose outer flux is kappa times the
/// slope of the side, (u_1 - u_{-1}) / (2 h).
void MethodOfLines::second_order(int c, const std::vector<double>& kappa, const std::vector<double>& middle) {
  const int n = points();
  const std::size_t set = diffusion_row_[static_cast<std::size_t>(c)];
  for (int i = 0; i < n; ++i) {
    const double h = gap(i), before = gap(i - 1), here = kappa[index(i, c)];
    const bool first = !description_.periodic && i == 0, last = !description_.periodic && i == n - 1;
    const double right = middle[index(i, c)] / h, left = middle[index(wrapped(i - 1), c)] / before;
    double down = left * 2 / (h + before), up = right * 2 / (h + before), beyond = 0;
    if (first || last) {
      beyond = here / (h * h);
      (first ? down : up) = beyond;
      (first ? up : down) = 2 * (first ? right : left) / h - beyond;
    }
    row(diffusion_, set, -1)[i] = down;
    row(diffusion_, set, 1)[i] = up;
    row(diffusion_, set, 0)[i] = -(down + up);
  }
}

void MethodOfLines::fourth_order(int c, const std::vector<double>& kappa) {
  constexpr double second[5] = {-1, 16, -30, 16, -1};
  const int n = points();
  const std::size_t set = diffusion_row_[static_cast<std::size_t>(c)];
  const double h = gap(0);
  for (int i = 0; i < n; ++i) {
    const int first = description_.periodic ? i - 2 : std::clamp(i - 2, 0, n - 5);
    double growth = 0;  // 12 h kappa_x
    for (int k = 0; k < 5; ++k) growth += five_point_slope[i - first][k] * kappa[index(wrapped(first + k), c)];
    for (int k = -2; k <= 2; ++k)
      row(diffusion_, set, k)[i] =
          second[k + 2] * kappa[index(i, c)] / (12 * h * h) + five_point_slope[2][k + 2] * growth / (144 * h * h);
  }
}

void MethodOfLines::lay_slopes(int order) {
  slope_.assign(static_cast<std::size_t>(2 * radius_ + 1) * stride_, 0.0);
  for (int i = 0; i < points(); ++i) {
    const double h = gap(i), before = gap(i - 1);
    if (order == 4) {
      for (int k = -2; k <= 2; ++k) row(slope_, 0, k)[i] = five_point_slope[2][k + 2] / (12 * h);
    } else {
      row(slope_, 0, -1)[i] = -h / (before * (h + before));
      row(slope_, 0, 0)[i] = (h - before) / (h * before);
      row(slope_, 0, 1)[i] = before / (h * (h + before));
    }
  }
}

/// Outside of a Dirichlet side the polynomial through three points (for slopes on the end, of which other components may ask) or
/// five. Else with u_n = (value - a u_0) / b, the derivative outwards: u_{-1} = u_1 + 2 h u_n, or from the derivative at the second
/// of five points. For order 4 u_{-2} by five points again.
/// @param h, next  the first gap of the grid and the second
auto MethodOfLines::ghosts_of(const LinesDescription::Side& side, int order, double h, double next) const -> std::vector<Ghost> {
  constexpr double extrapolate[5] = {5, -10, 10, -5, 1};
  std::vector<Ghost> ghosts(2 * static_cast<std::size_t>(m_));
  for (int c = 0; c < m_; ++c) {
    const double a = side.robin[static_cast<std::size_t>(c)], b = side.slope[static_cast<std::size_t>(c)];
    Ghost &first = ghosts[2 * static_cast<std::size_t>(c)], &second = ghosts[2 * static_cast<std::size_t>(c) + 1];
    if (order == 2 && b == 0)
      first = {{2 * (2 * h + next) / (h + next), -(2 * h + next) / next, 2 * h * h / (next * (h + next)), 0, 0}};
    else if (order == 2)
      first = {{-2 * h * a / b, 1, 0, 0, 0}, 2 * h / b};
    else if (b == 0)
      std::copy_n(extrapolate, 5, first.inside);
    else
      first = {{-10.0 / 3 - 4 * h * a / b, 6, -2, 1.0 / 3, 0}, 4 * h / b};
    if (order == 2) continue;
    second.side = extrapolate[0] * first.side;
    for (int k = 0; k < Ghost::reach; ++k) second.inside[k] = extrapolate[0] * first.inside[k] + (k < 4 ? extrapolate[k + 1] : 0.0);
  }
  return ghosts;
}

}  // namespace antler
