// SPDX-License-Identifier: BSD-3-Clause
#include "antler/discretization/grid_axis.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace antler {

namespace {

/// Whether the side's points are unknowns.
bool is_free(const SideCondition& side) { return side.kind == SideKind::neumann || side.kind == SideKind::robin; }

void require_side(const SideCondition& side, const SourceLocation& where) {
  if (side.kind != SideKind::robin) return;
  require(std::isfinite(side.a) && std::isfinite(side.b) && side.b != 0,
          "a Robin side needs finite a and b with b != 0: for b = 0 write Dirichlet", where);
}

}  // namespace

GridAxis::GridAxis(double begin, double end, Index intervals, SideCondition first, SideCondition last, const SourceLocation& where)
    : begin_(begin),
      end_(end),
      spacing_((end - begin) / static_cast<double>(std::max<Index>(intervals, 1))),
      intervals_(intervals),
      first_(first),
      last_(last) {
  require(intervals >= 2, "a grid needs at least two intervals (three points) in each direction", where);
  require(std::isfinite(begin) && std::isfinite(end) && begin < end,
          "the ends of a grid must be finite, the first below the second", where);
  require((first.kind == SideKind::periodic) == (last.kind == SideKind::periodic),
          "a periodic side needs a periodic side opposite of it: write Periodic{} for both or for none", where);
  require_side(first, where);
  require_side(last, where);
  unknowns_ = periodic() ? intervals : intervals - 1 + (is_free(first) ? 1 : 0) + (is_free(last) ? 1 : 0);
}

double GridAxis::lower(Index k) const {
  const double one = 1 / (spacing_ * spacing_);
  if (k == 0 && !periodic()) return 0;
  return k == unknowns_ - 1 && is_free(last_) ? 2 * one : one;
}

double GridAxis::upper(Index k) const {
  const double one = 1 / (spacing_ * spacing_);
  if (k == unknowns_ - 1 && !periodic()) return 0;
  return k == 0 && is_free(first_) ? 2 * one : one;
}

double GridAxis::diagonal(Index k) const {
  double value = -2 / (spacing_ * spacing_);
  if (k == 0 && first_.kind == SideKind::robin) value -= 2 * first_.a / (first_.b * spacing_);
  if (k == unknowns_ - 1 && last_.kind == SideKind::robin) value -= 2 * last_.a / (last_.b * spacing_);
  return value;
}

double GridAxis::eigenvalue(Index k) const {
  const auto n = static_cast<double>(intervals_);
  const auto frequency = static_cast<double>(k);
  double theta = 0;
  if (periodic()) {
    theta = 2 * std::numbers::pi * static_cast<double>(std::min(k, intervals_ - k)) / n;
  } else if (is_free(first_) && is_free(last_)) {
    theta = std::numbers::pi * frequency / n;
  } else if (is_free(first_) || is_free(last_)) {
    theta = std::numbers::pi * (frequency + 0.5) / n;
  } else {
    theta = std::numbers::pi * (frequency + 1) / n;
  }
  const double root = 2 * std::sin(theta / 2) / spacing_;
  return root * root;
}

bool GridAxis::singular() const {
  const auto keeps_constants = [](const SideCondition& side) {
    return side.kind == SideKind::neumann || side.kind == SideKind::periodic || (side.kind == SideKind::robin && side.a == 0);
  };
  return keeps_constants(first_) && keeps_constants(last_);
}

GridAxis GridAxis::without_robin() const {
  GridAxis axis = *this;
  if (axis.first_.kind == SideKind::robin) axis.first_ = {SideKind::neumann};
  if (axis.last_.kind == SideKind::robin) axis.last_ = {SideKind::neumann};
  return axis;
}

}  // namespace antler
