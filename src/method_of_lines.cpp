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
  std::vector<double> profile(static_cast<std::size_t>(points() * m_));
  for (int i = 0; i < points(); ++i) description_.initial(x_[static_cast<std::size_t>(i)], profile.data() + index(i, 0));
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
