// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/dynamic_solution.hpp"

#include <algorithm>

namespace antler {

std::size_t DynamicSolution::steps_per_block() const { return std::max<std::size_t>(1, block_numbers / numbers_per_step()); }

std::span<double> DynamicSolution::step(std::size_t i) const {
  return {blocks_[i / steps_per_block()].get() + i % steps_per_block() * numbers_per_step(), numbers_per_step()};
}

std::span<double> DynamicSolution::append(double t, double h) {
  const std::size_t i = lengths_.size();
  if (i % steps_per_block() == 0)
    blocks_.push_back(std::make_unique_for_overwrite<double[]>(steps_per_block() * numbers_per_step()));
  times_.push_back(t);
  lengths_.push_back(h);
  return step(i);
}

void DynamicSolution::finish(double t, std::span<const double> y) {
  times_.push_back(t);
  final_state_.assign(y.begin(), y.end());
}

std::size_t DynamicSolution::stored_bytes() const {
  return sizeof(double) * (times_.capacity() + lengths_.capacity() + blocks_.size() * steps_per_block() * numbers_per_step());
}

std::span<const double> DynamicSolution::state(Index i, const SourceLocation& where) const {
  require(i >= 0 && static_cast<std::size_t>(i) < times_.size(), "a solution has the states 0 .. times().size() - 1", where);
  const auto point = static_cast<std::size_t>(i);
  if (point == lengths_.size()) return final_state_;
  return step(point).first(static_cast<std::size_t>(components_));
}

std::vector<double> DynamicSolution::operator()(double t, const SourceLocation& where) const {
  std::vector<double> y(static_cast<std::size_t>(components_));
  evaluate(t, y, where);
  return y;
}

void DynamicSolution::evaluate(double t, std::span<double> y, const SourceLocation& where) const {
  require(y.size() == static_cast<std::size_t>(components_), "dense output needs room for every component of the state", where);
  const bool forward = !times_.empty() && times_.back() >= times_.front();
  const bool inside =
      !times_.empty() && (forward ? t >= times_.front() && t <= times_.back() : t <= times_.front() && t >= times_.back());
  require(inside, "dense output was asked for outside of the interval of integration: extend the interval, or ask inside of it",
          where);
  const auto before = [forward](double a, double b) { return forward ? a < b : a > b; };
  const auto right = static_cast<std::size_t>(std::lower_bound(times_.begin(), times_.end(), t, before) - times_.begin());
  if (times_[right] == t) {
    const auto exact = state(static_cast<Index>(right));
    std::copy(exact.begin(), exact.end(), y.begin());
    return;
  }
  const std::size_t n = y.size();
  const double theta = (t - times_[right - 1]) / lengths_[right - 1];
  const auto piece = step(right - 1);
  for (std::size_t c = 0; c < n; ++c)
    y[c] = piece[c] + theta * (piece[n + c] + theta * (piece[2 * n + c] + theta * piece[3 * n + c]));
}

}  // namespace antler
