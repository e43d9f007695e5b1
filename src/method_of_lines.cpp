// SPDX-License-Identifier: BSD-3-Clause
#include "antler/discretization/method_of_lines.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace antler {

namespace {

/// x from a on, b included unless the interval is periodic.
std::vector<double> spaced(const LinesDescription& description, const UniformGrid& grid, const SourceLocation& where) {
  require(grid.order == 2 || grid.order == 4, "UniformGrid::order is 2 or 4", where);
  const int fewest = grid.order == 2 ? 3 : 8;
  require(grid.points >= fewest,
          "a grid of " + std::to_string(grid.points) + " points is too coarse for order " + std::to_string(grid.order) + ": take " +
              std::to_string(fewest) + " at least",
          where);
  const int gaps = description.periodic ? grid.points : grid.points - 1;
  std::vector<double> x(static_cast<std::size_t>(grid.points));
  for (int i = 0; i < grid.points; ++i) x[static_cast<std::size_t>(i)] = description.a + (description.b - description.a) * i / gaps;
  if (!description.periodic) x.back() = description.b;
  return x;
}

void check_points(const LinesDescription& description, const std::vector<double>& x, const SourceLocation& where) {
  require(x.size() >= 3, "a grid of " + std::to_string(x.size()) + " points is too coarse: take 3 at least", where);
  for (std::size_t i = 1; i < x.size(); ++i)
    if (!(x[i - 1] < x[i]))
      require(false, "the points of a grid must be finite and grow: x[" + std::to_string(i) + "] does not", where);
  const bool fits = x.front() == description.a && (description.periodic ? x.back() < description.b : x.back() == description.b);
  require(fits, "the grid must begin at a and end at b; on a periodic interval b is a again and is left away", where);
}

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

MethodOfLines::MethodOfLines(LinesDescription description, const UniformGrid& grid, const SourceLocation& where)
    : description_(std::move(description)), x_(spaced(description_, grid, where)), m_(description_.components) {
  build(grid.order, where);
}

MethodOfLines::MethodOfLines(LinesDescription description, std::vector<double> x, const SourceLocation& where)
    : description_(std::move(description)), x_(std::move(x)), m_(description_.components) {
  check_points(description_, x_, where);
  build(2, where);
}

void MethodOfLines::build(int order, const SourceLocation& where) {
  radius_ = order / 2;
  const auto n = static_cast<std::size_t>(points());
  stride_ = (static_cast<std::size_t>(ahead + widest + most_lanes) + n + 7) / 8 * 8;
  padded_x_.assign(stride_, x_.back());
  std::copy(x_.begin(), x_.end(), padded_x_.begin());
  number_unknowns();
  lay_stencils(order, where);
  lay_slopes(order);
  if (!description_.periodic) {
    left_ghosts_ = ghosts_of(description_.left, order, gap(0), gap(1));
    right_ghosts_ = ghosts_of(description_.right, order, gap(points() - 2), gap(points() - 3));
  }
  measure_band();
  const std::vector<double> profile = sampled(description_.initial, m_, x_);
  initial_.resize(static_cast<std::size_t>(unknowns_));
  for (int i = 0; i < points(); ++i)
    for (int c = 0; c < m_; ++c) {
      if (!std::isfinite(profile[index(i, c)]))
        require(false,
                "ParabolicProblem::initial is not finite at x = " + std::to_string(x_[static_cast<std::size_t>(i)]) +
                    ": check how the profile is computed",
                where);
      if (unknown(i, c) >= 0) initial_[static_cast<std::size_t>(unknown(i, c))] = profile[index(i, c)];
    }
}

/// Point after point; on a periodic interval points from both ends in turn, which makes the ring a band of twice the width.
void MethodOfLines::number_unknowns() {
  const int n = points();
  numbering_ = description_.periodic ? Numbering::folded : Numbering::consecutive;
  unknown_.resize(static_cast<std::size_t>(n) * static_cast<std::size_t>(m_));
  if (numbering_ == Numbering::folded) {
    unknowns_ = n * m_;
    for (int i = 0; i < n; ++i)
      for (int c = 0; c < m_; ++c) unknown_[index(i, c)] = (2 * i < n ? 2 * i : 2 * (n - 1 - i) + 1) * m_ + c;
    return;
  }
  unknowns_ = 0;
  for (int i = 0; i < n; ++i)
    for (int c = 0; c < m_; ++c) {
      const bool known = (i == 0 && is_dirichlet(description_.left, c)) || (i == n - 1 && is_dirichlet(description_.right, c));
      unknown_[index(i, c)] = known ? -1 : unknowns_++;
    }
}

double MethodOfLines::gap(int i) const {
  const int n = points();
  const auto at = [&](int k) { return x_[static_cast<std::size_t>(k)]; };
  if (i >= 0 && i < n - 1) return at(i + 1) - at(i);
  if (description_.periodic) return description_.b - at(n - 1);
  return i < 0 ? at(1) - at(0) : at(n - 1) - at(n - 2);
}

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

void MethodOfLines::measure_band() {
  bandwidth_ = 0;
  for (int i = 0; i < points(); ++i)
    for (int r = 0; r < m_; ++r) {
      const int row = unknown(i, r);
      if (row < 0) continue;
      const auto reach = [&](int column, double) { bandwidth_ = std::max(bandwidth_, std::abs(column - row)); };
      for (int c = 0; c < m_; ++c)
        for (int k = -radius_; k <= radius_; ++k)
          if (k == 0 || c == r || description_.slope_couples) for_each_unknown_of(i + k, c, reach);
    }
}

/// The value of the side and the ghosts behind it, from point `end` inwards.
void MethodOfLines::close(const LinesDescription::Side& side, const std::vector<Ghost>& ghosts, int end, int inwards, double t,
                          double* padded) const {
  double* values = padded + static_cast<std::size_t>(m_) * stride_;
  side.value(t, values);
  for (int c = 0; c < m_; ++c) {
    double* u = padded + static_cast<std::size_t>(c) * stride_ + ahead + end;
    if (is_dirichlet(side, c)) u[0] = values[c] / side.robin[static_cast<std::size_t>(c)];
    for (int j = 1; j <= widest; ++j) {
      const Ghost& ghost = ghosts[2 * static_cast<std::size_t>(c) + static_cast<std::size_t>(j) - 1];
      double sum = ghost.side != 0 ? ghost.side * values[c] : 0.0;
      for (int k = 0; k < Ghost::reach; ++k)
        if (ghost.inside[k] != 0) sum += ghost.inside[k] * u[k * inwards];
      u[-j * inwards] = sum;
    }
  }
}

void MethodOfLines::unpack(double t, const double* state, double* padded) const {
  const int n = points();
  const bool folded = numbering_ == Numbering::folded;
  const int first = folded ? 0 : 1, last = folded ? n : n - 1;
  for (int c = 0; c < m_; ++c) {
    double* u = padded + static_cast<std::size_t>(c) * stride_ + ahead;
    if (folded) {
      const double* even = state + c;  // the first half forwards, the other one backwards
      for (int i = 0; 2 * i < n; ++i) u[i] = even[2 * i * m_];
      for (int i = 0; 2 * i + 1 < n; ++i) u[n - 1 - i] = even[(2 * i + 1) * m_];
    } else {
      const double* from = state + unknown(1, 0) + c;
      if (m_ == 1)
        std::copy_n(from, n - 2, u + 1);
      else if (m_ == 2)
        for (int i = first; i < last; ++i) u[i] = from[2 * (i - 1)];
      else
        for (int i = first; i < last; ++i) u[i] = from[(i - 1) * m_];
      for (const int i : {0, n - 1})
        if (unknown(i, c) >= 0) u[i] = state[unknown(i, c)];
    }
  }
  if (!description_.periodic) {
    close(description_.left, left_ghosts_, 0, 1, t, padded);
    close(description_.right, right_ghosts_, n - 1, -1, t, padded);
  }
  for (int c = 0; c < m_; ++c) {
    double* u = padded + static_cast<std::size_t>(c) * stride_ + ahead;
    if (description_.periodic)
      for (int j = 1; j <= widest; ++j) {
        u[-j] = u[wrapped(n - j)];
        u[n - 1 + j] = u[wrapped(j - 1)];
      }
    std::fill_n(u + n + widest, most_lanes, u[n - 1]);
  }
}

void MethodOfLines::pack(const double* rows, double* state) const {
  const int n = points();
  for (int c = 0; c < m_; ++c) {
    const double* u = rows + static_cast<std::size_t>(c) * stride_;
    if (numbering_ == Numbering::folded) {
      double* to = state + c;
      for (int i = 0; 2 * i < n; ++i) to[2 * i * m_] = u[i];
      for (int i = 0; 2 * i + 1 < n; ++i) to[(2 * i + 1) * m_] = u[n - 1 - i];
      continue;
    }
    double* to = state + unknown(1, 0) + c;
    if (m_ == 1)
      std::copy_n(u + 1, n - 2, to);
    else if (m_ == 2)
      for (int i = 1; i < n - 1; ++i) to[2 * (i - 1)] = u[i];
    else
      for (int i = 1; i < n - 1; ++i) to[(i - 1) * m_] = u[i];
    for (const int i : {0, n - 1})
      if (unknown(i, c) >= 0) state[unknown(i, c)] = u[i];
  }
}

void MethodOfLines::profile(double t, std::span<const double> state, std::span<double> values) const {
  std::vector<double> padded(padded_size());
  unpack(t, state.data(), padded.data());
  for (int i = 0; i < points(); ++i)
    for (int c = 0; c < m_; ++c)
      values[index(i, c)] = padded[static_cast<std::size_t>(c) * stride_ + static_cast<std::size_t>(ahead + i)];
}

}  // namespace antler
