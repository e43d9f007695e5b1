// SPDX-License-Identifier: BSD-3-Clause
#include "antler/mesh/redistribution.hpp"

#include <algorithm>
#include <cmath>

namespace antler {

namespace {

constexpr double fewest_shares = 0.05, shares_of_infinity = 20;

/// squared^(1 / (2 order)): how many steps are to share what has this squared error. Orders 4 and 6 are those of the default
/// methods.
double root(double squared, int order) {
  if (order == 4) return std::sqrt(std::sqrt(std::sqrt(squared)));
  if (order == 6) return std::cbrt(std::sqrt(std::sqrt(squared)));
  return std::pow(squared, 0.5 / order);
}

/// An error above 1e8 times the target is not believed.
double most_shares(int order) { return std::pow(1e8, 1.0 / order); }

}  // namespace

Redistribution::Redistribution(const Limits& limits) : limits_(limits) {
  shares_.reserve(static_cast<std::size_t>(limits.most + limits.multiple) + 1);
}

double Redistribution::squared_error_of(double shares) const {
  return std::pow(shares, 2 * limits_.order) * limits_.target * limits_.target;
}

double Redistribution::expected_steps(std::span<const double> squared_errors, double limit) const {
  const double scale = 1 / (limit * limit * limits_.target * limits_.target), most = most_shares(limits_.order);
  double sum = 0;
  for (const double squared : squared_errors)
    sum += std::isfinite(squared) ? std::clamp(root(squared * scale, limits_.order), fewest_shares, most) : shares_of_infinity;
  return sum;
}

void Redistribution::count_shares(std::span<const double> old, std::span<const double> squared_errors, double limit) {
  const double scale = 1 / (limit * limit * limits_.target * limits_.target);
  const double most = most_shares(limits_.order);
  shares_.assign(1, 0.0);
  double previous = 0;
  for (std::size_t i = 0; i + 1 < old.size(); ++i) {
    const double squared = squared_errors[i] * scale;
    double share = std::isfinite(squared) ? root(std::max(squared, 0.0), limits_.order) : shares_of_infinity;
    // A rest of a step, cut off by a front, says less than a whole one about how long steps may become.
    const std::size_t beside = i > 0 ? i - 1 : std::min<std::size_t>(1, old.size() - 2);
    const double length = std::abs(old[i + 1] - old[i]), neighbour = std::abs(old[beside + 1] - old[beside]);
    share = std::clamp(share, fewest_shares * std::min(1.0, length / neighbour), most);
    // Steps of neighbours differ by no more than a factor: the density does not fall faster than that from piece to piece.
    share = std::max(share, length / limits_.longest);
    if (i > 0) share = std::max(share, previous * length / neighbour_ratio);
    previous = share / length;
    shares_.push_back(shares_.back() + share);
  }
}

bool Redistribution::lay(std::span<const double> old, std::span<const double> squared_errors, double limit,
                         std::vector<double>& mesh, std::vector<int>& piece_of) {
  count_shares(old, squared_errors, limit);
  const std::size_t pieces = old.size() - 1;
  const auto multiple = static_cast<double>(limits_.multiple);
  const double used = std::min(shares_.back(), static_cast<double>(limits_.most));
  const auto count = std::max<Index>(1, static_cast<Index>(std::ceil(used / multiple))) * limits_.multiple;
  const double per_step = used / static_cast<double>(count);
  mesh.assign(1, old[0]);
  piece_of.clear();
  // The piece in which a share lies, found from the one before.
  const auto piece_at = [&](double share, std::size_t from) {
    while (from + 1 < pieces && shares_[from + 1] < share) ++from;
    return from;
  };
  std::size_t middle = 0, last = 0;
  for (Index i = 1; i <= count; ++i) {
    const double share = per_step * static_cast<double>(i);
    middle = piece_at(share - 0.5 * per_step, middle);
    last = piece_at(share, middle);
    const double theta = (share - shares_[last]) / (shares_[last + 1] - shares_[last]);
    const bool whole = i == count && used == shares_.back();
    const double next = whole ? old.back() : old[last] + std::min(theta, 1.0) * (old[last + 1] - old[last]);
    if ((next - mesh.back()) * limits_.direction <= 0) return false;
    mesh.push_back(next);
    piece_of.push_back(static_cast<int>(middle));
  }
  return true;
}

}  // namespace antler
