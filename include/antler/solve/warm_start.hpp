// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A neighbouring problem's solution in the place of the predictor: its steps and their polynomials, window by window.

#include <algorithm>
#include <cmath>
#include <vector>

#include "antler/core/finite.hpp"
#include "antler/core/solution.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The part of a step's polynomial between two times, as a step of its own.
template <class T, int n>
StepPolynomial<T, n, 3> restricted(const StepPolynomial<T, n, 3>& step, double from, double to) {
  const T a = static_cast<T>((from - step.t) / step.h), r = static_cast<T>((to - from) / step.h);
  StepPolynomial<T, n, 3> part{from, to - from, step(from), {}};
  for (int c = 0; c < n; ++c) {  // p(a + r theta)
    const T c1 = step.c(0, c), c2 = step.c(1, c), c3 = step.c(2, c);
    part.c(0, c) = r * (c1 + a * (T(2) * c2 + T(3) * a * c3));
    part.c(1, c) = r * r * (c2 + T(3) * a * c3);
    part.c(2, c) = r * r * r * c3;
  }
  return part;
}

/// Hands out the steps of a guess from left to right, stretch by stretch. A stretch that did not help is followed by a shorter one.
///
/// Changed parameters change the speed of a solution before they change its shape: an oscillation comes early, a front late. Every
/// stretch therefore starts where the guess comes closest to the state that was reached, moved in time.
template <class T, int n>
class WarmStart {
 public:
  using Piece = StepPolynomial<T, n, 3>;

  /// @param guess  to be kept alive; a solution without polynomials gives straight lines between its points
  /// @param most   steps of the longest stretch, of the guess and of the new mesh
  WarmStart(const Solution<T, n>& guess, Index most)
      : pieces_(guess.pieces()), shares_(guess.shares()), most_(most), length_(std::min(most, first_length)) {
    const auto times = guess.times();
    if (!pieces_.empty() || times.size() < 2) return;
    for (std::size_t i = 0; i + 1 < times.size(); ++i) {
      Piece line{times[i], times[i + 1] - times[i], guess.states()[i], {}};
      for (int c = 0; c < n; ++c) line.c(0, c) = guess.states()[i + 1][c] - line.y[c];
      lines_.push_back(line);
    }
    pieces_ = lines_;
  }
  WarmStart(const WarmStart&) = delete;
  WarmStart& operator=(const WarmStart&) = delete;

  /// The guess from (t, y) to `end`, as far as it goes and at most the present length, counted in steps of the new
  /// mesh: counted in its own, a guess whose mesh is too fine would never become coarser.
  /// @param usual    share of the error limit that steps without a known one are supposed to have
  /// @param pieces   out: the steps, the first one from t on
  /// @param squares  out: squares of their errors, 1 being the limit
  /// @return         where they end
  double take(double t, const Vector<T, n>& y, double end, double usual, std::vector<Piece>& pieces, std::vector<double>& squares) {
    pieces.clear();
    squares.clear();
    direction_ = end < t ? -1 : 1;
    if (pieces_.empty() || !(pieces_[0].h * direction_ > 0)) return t;  // none, or one that runs the other way
    const double shift = shift_towards(t, y);
    double reached = t, steps = 0;
    for (std::size_t i = next_; i < pieces_.size() && static_cast<Index>(pieces.size()) < most_ && reached != end; ++i) {
      const double length = std::abs(pieces_[i].h), from = reached;
      if ((pieces_[i].t + shift - reached) * direction_ > negligible * length) break;  // the guess begins later
      const double share = i < shares_.size() && shares_[i] >= 0 ? static_cast<double>(shares_[i]) : usual;
      const double expected = std::sqrt(std::sqrt(share / usual));
      if (steps + expected > fill * static_cast<double>(length_) && !pieces.empty()) break;
      const double gap = i + 1 < pieces_.size() ? negligible : 1.0;  // the last step goes on for its own length
      reached = (end_of(i) + shift - end) * direction_ >= -gap * length ? end : end_of(i) + shift;
      pieces.push_back(restricted(pieces_[i], from - shift, reached - shift));
      pieces.back().t = from;
      const double part = std::abs(reached - from) / length, shortened = part * part * part * part;
      squares.push_back(share * share * shortened * shortened);
      steps += part * expected;
    }
    // A moved guess that ends a little behind t would do so again behind the next t.
    if (steps < 1 && reached != end) pieces.clear();
    return reached;
  }

  /// The stretch was accepted, with so many Newton iterations per accepted step. The guess drifts away along a stretch: where two
  /// iterations are not enough, the next one is shorter.
  void helped(double iterations) {
    if (iterations < 2) length_ = std::min(2 * length_, most_);
    if (iterations > 2) length_ = std::max(length_ / 2, shortest_length);
  }
  /// No step of it was accepted.
  void failed() { length_ = std::max(length_ / 4, shortest_length); }

 private:
  static constexpr double fill = 0.9;         // of the new mesh's steps: some will have to be shorter than the guess expects
  static constexpr double negligible = 1e-6;  // parts of a step that are not worth a step of their own
  static constexpr Index first_length = 16, shortest_length = 8;
  static constexpr std::size_t reach = 32;  // steps to either side among which the closest state is looked for
  static constexpr double worth_a_shift =
      0.1;  // of the squared distance: f may depend on t, and where the solution is slow the closest state says little
  static constexpr double largest_shift = 0.1;  // of the time that has passed: parameters that are 10 % off are no neighbours

  [[nodiscard]] double end_of(std::size_t i) const {
    return i + 1 < pieces_.size() ? pieces_[i + 1].t : pieces_[i].t + pieces_[i].h;
  }
  /// First step from `first` on that ends behind t.
  [[nodiscard]] std::size_t behind(double t, std::size_t first) const {
    while (first < pieces_.size() && (end_of(first) - t) * direction_ <= negligible * std::abs(pieces_[first].h)) ++first;
    return first;
  }

  /// sum_c ((g_c - y_c) / y_c)^2, components near zero in units of both.
  static double distance(const Vector<T, n>& g, const Vector<T, n>& y) {
    double sum = 0;
    for (int c = 0; c < n; ++c) {
      const double size = std::abs(static_cast<double>(g[c])) + std::abs(static_cast<double>(y[c]));
      const double part = size > 0 ? static_cast<double>(g[c] - y[c]) / size : 0;
      sum += part * part;
    }
    return sum;
  }

  /// By how much the guess is to be moved in time; next_ becomes the step that then holds t.
  double shift_towards(double t, const Vector<T, n>& y) {
    unshifted_ = behind(t, unshifted_);
    const std::size_t middle = std::min(behind(t - shift_, next_ > reach ? next_ - reach : 0), pieces_.size() - 1);
    std::size_t best = middle;
    double closest = HUGE_VAL;
    for (std::size_t i = middle > reach ? middle - reach : 0; i < pieces_.size() && i <= middle + reach; ++i) {
      const double d = distance(pieces_[i].y, y);
      if (d < closest) closest = d, best = i;
    }
    double time = pieces_[best].t;
    for (std::size_t i = best > 0 ? best - 1 : 0; i < pieces_.size() && i <= best; ++i)
      for (int k = 1; k < samples; ++k) {
        const double candidate = pieces_[i].t + pieces_[i].h * k / samples, d = distance(pieces_[i](candidate), y);
        if (d < closest) closest = d, time = candidate;
      }
    const auto distance_at = [&](std::size_t i, double at) {
      const bool covered = i < pieces_.size() && (pieces_[i].t - at) * direction_ <= negligible * std::abs(pieces_[i].h);
      return covered ? distance(pieces_[i](at), y) : HUGE_VAL;
    };
    const std::size_t kept = behind(t - shift_, next_ > reach ? next_ - reach : 0);
    const double still = distance_at(unshifted_, t), as_before = distance_at(kept, t - shift_), known = std::min(still, as_before);
    const bool near = std::abs(t - time) <= largest_shift * std::abs(t - pieces_[0].t);
    // Beyond the end of the guess its last step is the closest one, whatever the solution does.
    const bool inside = is_finite(known) || best + 1 < pieces_.size();
    if (near && inside && closest < worth_a_shift * known) {
      shift_ = t - time;
      next_ = behind(time, best > 0 ? best - 1 : 0);
    } else if (is_finite(as_before) && as_before <= still) {
      next_ = kept;
    } else {
      shift_ = 0;
      next_ = unshifted_;
    }
    return shift_;
  }

  static constexpr int samples = 16;

  std::span<const Piece> pieces_;
  std::span<const float> shares_;
  std::vector<Piece> lines_;
  std::size_t next_ = 0, unshifted_ = 0;
  double direction_ = 1, shift_ = 0;
  Index most_, length_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
