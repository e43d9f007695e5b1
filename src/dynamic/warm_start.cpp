// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/warm_start.hpp"

#include <algorithm>
#include <cmath>

namespace antler::dynamic {

namespace {

using antler::detail::GuessFollower;

/// The part of a cubic from theta = a to a + r as a cubic of its own, p(a + r theta).
void restrict_cubic(std::span<const double> cubic, double a, double r, double* part) {
  const std::size_t n = cubic.size() / 4;
  evaluate_cubic(cubic, a, {part, n});
  for (std::size_t c = 0; c < n; ++c) {
    const double c1 = cubic[n + c], c2 = cubic[2 * n + c], c3 = cubic[3 * n + c];
    part[n + c] = r * (c1 + a * (2 * c2 + 3 * a * c3));
    part[2 * n + c] = r * r * (c2 + 3 * a * c3);
    part[3 * n + c] = r * r * r * c3;
  }
}

}  // namespace

WarmStart::WarmStart(const DynamicSolution& guess, const Evaluator& evaluator, Index most)
    : guess_(guess),
      evaluator_(evaluator),
      lines_(evaluator.components()),
      follower_(most),
      y_(static_cast<std::size_t>(evaluator.components())),
      value_(4 * y_.size()) {
  const std::size_t n = y_.size();
  if (guess.steps() > 0) return;
  for (std::size_t i = 0; i + 1 < guess.times().size(); ++i) {
    const auto start = guess.state(static_cast<Index>(i)), end = guess.state(static_cast<Index>(i) + 1);
    const auto line = lines_.append(guess.times()[i], guess.times()[i + 1] - guess.times()[i]);
    std::fill(line.begin(), line.end(), 0.0);
    for (std::size_t c = 0; c < n; ++c) {
      line[c] = start[c];
      line[n + c] = end[c] - start[c];
    }
  }
}

double WarmStart::distance(std::size_t i, double time, std::span<const double> y) const {
  evaluate_cubic(steps().polynomial(i), (time - t(i)) / h(i), std::span(value_).first(y.size()));
  double sum = 0;
  for (std::size_t c = 0; c < y.size(); ++c) sum += GuessFollower::distance(value_[c], y[c]);
  return sum;
}

double WarmStart::take(double t0, const double* y, double end, double usual, Polynomials& pieces, std::vector<double>& squares) {
  pieces.clear();
  squares.clear();
  evaluator_.export_state(y, y_.data());
  const auto emit = [&](std::size_t i, double from, double to, double shift) {
    restrict_cubic(steps().polynomial(i), (from - shift - t(i)) / h(i), (to - from) / h(i), value_.data());
    const auto piece = pieces.append(from, to - from);
    for (std::size_t m = 0; m < 4; ++m) evaluator_.import_state(value_.data() + m * y_.size(), piece.data() + m * y_.size());
    squares.push_back(GuessFollower::squared_error(share(i), usual, std::abs(to - from), std::abs(h(i))));
  };
  return follower_.take(*this, t0, std::span<const double>(y_), end, usual, emit);
}

}  // namespace antler::dynamic
