// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A neighbouring problem's solution in the place of the predictor: its steps and their polynomials, window by window.

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "antler/core/finite.hpp"
#include "antler/core/solution.hpp"
#include "antler/discretization/collocation_polynomial.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Follows a guess from left to right, stretch by stretch. A stretch that did not help is followed by a shorter one.
///
/// Changed parameters change the speed of a solution before they change its shape: an oscillation comes early, a front late. Every
/// stretch therefore starts where the guess comes closest to the state that was reached, moved in time.
///
/// It does not know what a state is. A Guess has count(), the number of its steps, t(i) and h(i), their starts and lengths,
/// share(i), their errors as parts of the limit (below zero where that is not known), and distance(i, t, y), how far the polynomial
/// of step i is from y at t.
class GuessFollower {
 public:
  /// @param most   steps of the longest stretch, of the guess and of the new mesh
  /// @param order  of the error estimates in the length of a step
  explicit GuessFollower(Index most, int order = 4) : most_(most), length_(std::min(most, first_length)), order_(order) {}

  /// The guess from (t, y) to `end`, as far as it goes and at most the present length, counted in steps of the new mesh: counted
  /// in its own, a guess whose mesh is too fine would never become coarser.
  /// @param usual  share of the error limit that steps without a known one are supposed to have
  /// @param emit   called as emit(i, from, to, shift) for every step of the stretch: step i of the guess, moved in time by
  ///               `shift`, is what it is from `from` to `to`
  /// @return       where the last of them ends
  template <class Guess, class State, class Emit>
  double take(const Guess& guess, double t, const State& y, double end, double usual, const Emit& emit) {
    direction_ = end < t ? -1 : 1;
    if (guess.count() == 0 || !(guess.h(0) * direction_ > 0)) return t;  // none, or one that runs the other way
    const double shift = shift_towards(guess, t, y);
    ends_.clear();
    ends_.reserve(static_cast<std::size_t>(most_));
    double reached = t, steps = 0;
    for (std::size_t i = next_; i < guess.count() && static_cast<Index>(ends_.size()) < most_ && reached != end; ++i) {
      const double length = std::abs(guess.h(i)), to = end_of(guess, i) + shift;
      if ((guess.t(i) + shift - reached) * direction_ > negligible * length) break;  // the guess begins later
      const double expected = guess.share(i) >= 0 ? shares_of(guess.share(i) / usual) : 1;
      if (steps + expected > fill * static_cast<double>(length_) && !ends_.empty()) break;
      const double gap = i + 1 < guess.count() ? negligible : 1.0;  // the last step goes on for its own length
      ends_.push_back((to - end) * direction_ >= -gap * length ? end : to);
      steps += expected * std::abs(ends_.back() - reached) / length;
      reached = ends_.back();
    }
    if (steps < 1 && reached != end) return t;  // a moved guess that ends a little behind t would do so again behind the next t
    for (std::size_t k = 0; k < ends_.size(); ++k) emit(next_ + k, k > 0 ? ends_[k - 1] : t, ends_[k], shift);
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

  /// The square of the error that a step is expected to have, 1 being the limit, of which only a part is used.
  /// @param share  the error of the whole step as a part of the limit; below zero where it is not known
  /// @param usual  the share that such steps are supposed to have
  /// @param order  of errors in the length of a step
  static double squared_error(double share, double usual, double used_length, double length, int order = 4) {
    const double part = used_length / length, known = share >= 0 ? share : usual;
    double shortened = part;
    for (int k = 1; k < order; ++k) shortened *= part;
    return known * known * shortened * shortened;
  }

  /// What a component adds to a distance: ((g - y) / y)^2, near zero in units of both.
  static double distance(double g, double y) {
    const double size = std::abs(g) + std::abs(y), part = size > 0 ? (g - y) / size : 0;
    return part * part;
  }

 private:
  static constexpr double fill = 0.9;         // of the new mesh's steps: some will have to be shorter than the guess expects
  static constexpr double negligible = 1e-6;  // parts of a step that are not worth a step of their own
  static constexpr Index first_length = 16, shortest_length = 8;
  static constexpr std::size_t reach = 32;  // steps to either side among which the closest state is looked for
  /// Of the squared distance: f may depend on t, and where the solution is slow the closest state says little.
  static constexpr double worth_a_shift = 0.1;
  static constexpr double largest_shift = 0.1;  // of the time that has passed: parameters that are 10 % off are no neighbours
  static constexpr int samples = 16;

  /// How many steps are to share an error: its root of the estimates' order.
  [[nodiscard]] double shares_of(double error) const {
    return order_ == 4 ? std::sqrt(std::sqrt(error)) : std::pow(error, 1.0 / order_);
  }
  template <class Guess>
  [[nodiscard]] static double end_of(const Guess& guess, std::size_t i) {
    return i + 1 < guess.count() ? guess.t(i + 1) : guess.t(i) + guess.h(i);
  }
  /// First step from `first` on that ends behind t.
  template <class Guess>
  [[nodiscard]] std::size_t behind(const Guess& guess, double t, std::size_t first) const {
    while (first < guess.count() && (end_of(guess, first) - t) * direction_ <= negligible * std::abs(guess.h(first))) ++first;
    return first;
  }

  /// By how much the guess is to be moved in time; next_ becomes the step that then holds t.
  template <class Guess, class State>
  double shift_towards(const Guess& guess, double t, const State& y) {
    unshifted_ = behind(guess, t, unshifted_);
    const std::size_t middle = std::min(behind(guess, t - shift_, next_ > reach ? next_ - reach : 0), guess.count() - 1);
    std::size_t best = middle;
    double closest = HUGE_VAL;
    for (std::size_t i = middle > reach ? middle - reach : 0; i < guess.count() && i <= middle + reach; ++i) {
      const double d = guess.distance(i, guess.t(i), y);
      if (d < closest) closest = d, best = i;
    }
    double time = guess.t(best);
    for (std::size_t i = best > 0 ? best - 1 : 0; i < guess.count() && i <= best; ++i)
      for (int k = 1; k < samples; ++k) {
        const double candidate = guess.t(i) + guess.h(i) * k / samples, d = guess.distance(i, candidate, y);
        if (d < closest) closest = d, time = candidate;
      }
    const auto distance_at = [&](std::size_t i, double at) {
      const bool covered = i < guess.count() && (guess.t(i) - at) * direction_ <= negligible * std::abs(guess.h(i));
      return covered ? guess.distance(i, at, y) : HUGE_VAL;
    };
    const std::size_t kept = behind(guess, t - shift_, next_ > reach ? next_ - reach : 0);
    const double still = distance_at(unshifted_, t), as_before = distance_at(kept, t - shift_), known = std::min(still, as_before);
    const bool near = std::abs(t - time) <= largest_shift * std::abs(t - guess.t(0));
    // Beyond the end of the guess its last step is the closest one, whatever the solution does.
    const bool inside = is_finite(known) || best + 1 < guess.count();
    if (near && inside && closest < worth_a_shift * known) {
      shift_ = t - time;
      next_ = behind(guess, time, best > 0 ? best - 1 : 0);
    } else if (is_finite(as_before) && as_before <= still) {
      next_ = kept;
    } else {
      shift_ = 0;
      next_ = unshifted_;
    }
    return shift_;
  }

  std::size_t next_ = 0, unshifted_ = 0;
  double direction_ = 1, shift_ = 0;
  Index most_, length_;
  int order_;
  std::vector<double> ends_;
};

/// The polynomial through the start of a step and its values at the nodes of a collocation method: the same one, up to rounding,
/// where its degree is not higher than that.
template <class Method, class T, int n, int degree>
StepPolynomial<T, n, Method::stages> interpolated(const StepPolynomial<T, n, degree>& step) {
  Stages<T, n, Method> z;
  for (int k = 0; k < Method::stages; ++k) {
    const T theta = static_cast<T>(Method::c(k));
    for (int c = 0; c < n; ++c) {
      z(k, c) = step.c(degree - 1, c);
      for (int m = degree - 1; m-- > 0;) z(k, c) = multiply_add(z(k, c), theta, step.c(m, c));
      z(k, c) *= theta;
    }
  }
  return collocation_polynomial<Method>(step.t, step.h, step.y, z);
}

/// Hands out the steps of a Solution as GuessFollower says.
/// @tparam degree  of what is handed out
template <class T, int n, int degree>
class WarmStart {
 public:
  using Piece = SolutionPiece<T, n>;
  using OwnPiece = StepPolynomial<T, n, degree>;

  /// @param guess  to be kept alive; a solution without polynomials gives straight lines between its points
  /// @param most   steps of the longest stretch
  /// @param order  of the error estimates, those of the guess and those of the solve
  WarmStart(const Solution<T, n>& guess, Index most, int order)
      : pieces_(guess.pieces()), shares_(guess.shares()), order_(order), follower_(most, order) {
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

  /// The guess from (t, y) to `end`, as far as it goes and at most the present length.
  /// @param usual    share of the error limit that steps without a known one are supposed to have
  /// @param pieces   out: the steps, the first one from t on
  /// @param squares  out: squares of their errors, 1 being the limit
  /// @return         where they end
  double take(double t, const Vector<T, n>& y, double end, double usual, std::vector<OwnPiece>& pieces,
              std::vector<double>& squares) {
    pieces.clear();
    squares.clear();
    return follower_.take(*this, t, y, end, usual, [&](std::size_t i, double from, double to, double shift) {
      pieces.push_back(interpolated<RadauIIA<degree>>(restricted(pieces_[i], from - shift, to - shift)));
      pieces.back().t = from;
      squares.push_back(GuessFollower::squared_error(share(i), usual, std::abs(to - from), std::abs(pieces_[i].h), order_));
    });
  }

  void helped(double iterations) { follower_.helped(iterations); }
  void failed() { follower_.failed(); }

  // What GuessFollower asks for.
  [[nodiscard]] std::size_t count() const { return pieces_.size(); }
  [[nodiscard]] double t(std::size_t i) const { return pieces_[i].t; }
  [[nodiscard]] double h(std::size_t i) const { return pieces_[i].h; }
  [[nodiscard]] double share(std::size_t i) const { return i < shares_.size() ? static_cast<double>(shares_[i]) : -1; }
  [[nodiscard]] double distance(std::size_t i, double time, const Vector<T, n>& y) const {
    const Vector<T, n> g = pieces_[i](time);
    double sum = 0;
    for (int c = 0; c < n; ++c) sum += GuessFollower::distance(static_cast<double>(g[c]), static_cast<double>(y[c]));
    return sum;
  }

 private:
  std::span<const Piece> pieces_;
  std::span<const float> shares_;
  std::vector<Piece> lines_;
  int order_;
  GuessFollower follower_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
