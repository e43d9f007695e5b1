// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/observed_band.hpp"

#include <algorithm>

#include "dynamic/column_groups.hpp"

namespace antler::dynamic {

ObservedBand::ObservedBand(int n) : n_(n), orders_left_(n >= smallest ? most_orders : 0), band_(n, 0, 0) {
  const auto m = static_cast<std::size_t>(n);
  if (n >= smallest) seen_.resize(m * m);
}

/// As many entries are different from zero in all as at the places of the band's.
bool ObservedBand::all_known(const double* dense) const {
  std::ptrdiff_t all = 0, known = 0;
  for (std::size_t k = 0; k < seen_.size(); ++k) all += dense[k] != 0 ? 1 : 0;
  for (const int k : dense_at_) known += dense[k] != 0 ? 1 : 0;
  return all == known;
}

auto ObservedBand::observe(const double* dense) -> Order {
  if (orders_left_ == 0 || (is_band_ && all_known(dense))) return Order::kept;
  for (std::size_t k = 0; k < seen_.size(); ++k) seen_[k] = static_cast<unsigned char>(seen_[k] | (dense[k] != 0 ? 1 : 0));
  is_band_ = --orders_left_ > 0 && choose_order();
  if (!is_band_) orders_left_ = 0;  // further entries only make it worse
  return Order::changed;
}

/// False when no band is worth it.
bool ObservedBand::choose_order() {
  SparsePattern pattern;
  const auto entry = [&](int r, int c) {
    return seen_[static_cast<std::size_t>(c) * static_cast<std::size_t>(n_) + static_cast<std::size_t>(r)] != 0;
  };
  for (int c = 0; c < n_; ++c)
    for (int r = 0; r < n_; ++r)
      if (entry(r, c)) pattern.entries.push_back({r, c});
  if (3 * pattern.entries.size() > seen_.size()) return false;  // no order makes a narrow band of these
  position_ = banded_order(n_, pattern);
  const ColumnGroups groups(n_, pattern, position_);
  band_ = Banded(n_, groups.lower(), groups.upper());
  if (!is_worth_a_band(n_, groups.lower(), groups.upper())) return false;
  dense_at_.clear();
  banded_at_.clear();
  const JacobianEntries::Layout layout = band_.layout();
  for (const auto& [r, c] : pattern.entries) {
    dense_at_.push_back(c * n_ + r);
    banded_at_.push_back(static_cast<int>(layout.first + position_[static_cast<std::size_t>(r)] +
                                          layout.leading * position_[static_cast<std::size_t>(c)]));
  }
  return true;
}

void ObservedBand::store(const double* dense, double* banded) const {
  std::fill_n(banded, band_.size(), 0.0);
  for (std::size_t k = 0; k < dense_at_.size(); ++k) banded[banded_at_[k]] = dense[dense_at_[k]];
}

void ObservedBand::to_order(const double* x, double* ordered) const {
  for (int c = 0; c < n_; ++c) ordered[position_[static_cast<std::size_t>(c)]] = x[c];
}

void ObservedBand::from_order(const double* ordered, double* x) const {
  for (int c = 0; c < n_; ++c) x[c] = ordered[position_[static_cast<std::size_t>(c)]];
}

}  // namespace antler::dynamic
