// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/redistribution.hpp"

#include <algorithm>
#include <cmath>

#include "antler/core/finite.hpp"

namespace antler::dynamic {

namespace {

constexpr double target = Redistribution::usual_share;
constexpr double fewest_shares = 0.05, most_shares = 20, neighbour_ratio = 8;

}  // namespace

Redistribution::Redistribution(Index capacity, double direction, double longest)
    : capacity_(static_cast<double>(capacity)), direction_(direction), longest_(longest) {
  shares_.reserve(static_cast<std::size_t>(capacity) + 1);
}

double Redistribution::error_of_shares(double shares, double limit) {
  return std::pow(shares, 8) * limit * limit * target * target;
}

void Redistribution::count_shares(const Polynomials& pieces, const std::vector<double>& squared_errors, double limit) {
  const double scale = 1 / (limit * limit * target * target);
  shares_.assign(1, 0.0);
  double previous = 0;
  for (std::size_t i = 0; i < pieces.count(); ++i) {
    const double squared = squared_errors[i] * scale;
    double share = is_finite(squared) ? std::sqrt(std::sqrt(std::sqrt(std::max(squared, 0.0)))) : most_shares;  // ^(1/8)
    share = std::clamp(share, fewest_shares, most_shares);
    // Steps of neighbours differ by no more than a factor: the density does not fall faster than that from piece to piece.
    const double length = std::abs(pieces.h(i));
    share = std::max(share, length / longest_);
    if (i > 0) share = std::max(share, previous * length / neighbour_ratio);
    previous = share / length;
    shares_.push_back(shares_.back() + share);
  }
}

bool Redistribution::lay(const Polynomials& pieces, const std::vector<double>& squared_errors, double limit, double t, double end,
                         std::vector<double>& mesh, std::vector<int>& piece_of) {
  count_shares(pieces, squared_errors, limit);
  const double used = std::min(shares_.back(), capacity_);
  const auto count = std::max<Index>(1, static_cast<Index>(std::ceil(used)));
  const double per_step = used / static_cast<double>(count);
  mesh.assign(1, t);
  piece_of.clear();
  // The piece in which a share lies, found from the one before.
  const auto piece_at = [&](double share, std::size_t from) {
    while (from + 1 < pieces.count() && shares_[from + 1] < share) ++from;
    return from;
  };
  std::size_t middle = 0, last = 0;
  for (Index i = 1; i <= count; ++i) {
    const double share = per_step * static_cast<double>(i);
    middle = piece_at(share - 0.5 * per_step, middle);
    last = piece_at(share, last);
    const double theta = (share - shares_[last]) / (shares_[last + 1] - shares_[last]);
    const bool whole = i == count && used == shares_.back();
    const double next = whole ? end : pieces.t(last) + std::min(theta, 1.0) * pieces.h(last);
    if ((next - mesh.back()) * direction_ <= 0) return false;
    mesh.push_back(next);
    piece_of.push_back(static_cast<int>(middle));
  }
  return true;
}

}  // namespace antler::dynamic
