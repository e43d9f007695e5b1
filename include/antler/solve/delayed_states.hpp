// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The past of a delay equation: what has been accepted, and the history before it. With its past at hand a delay equation is an
/// ordinary one, as long as no step reaches further than the shortest delay (method of steps).

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "antler/core/bounds.hpp"
#include "antler/core/lanes.hpp"
#include "antler/core/step_polynomial.hpp"
#include "antler/discretization/delay_links.hpp"
#include "antler/problem/delay_problem.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// y(t - tau_p) for t within the present stretch. Asked by kernels, from several threads.
///
/// A collocation polynomial of s stages is s + 1 times as accurate inside of a step as its step is long, the method up to 2 s
/// times. So that the delayed states do not take the order away, the polynomial of a step gets the slope f(t_i, y_i) at its start,
/// too: one degree and one order more.
template <class F, class H, class T, int n>
class DelayedStates {
 public:
  static constexpr int count = DelayProblem<F, H, T, n>::delay_count;
  using Piece = StepPolynomial<T, n, solution_degree + 1>;

  explicit DelayedStates(const DelayProblem<F, H, T, n>& problem, const Bounds<T, n>& bounds)
      : history_(problem.history), delays_(problem.delays), longest_(problem.longest_delay()), t0_(problem.t0), bounds_(bounds) {}
  DelayedStates(const DelayedStates&) = delete;
  DelayedStates& operator=(const DelayedStates&) = delete;

  /// The next stretch is from a to b: steps that no delay reaches back to are forgotten.
  void begin(double a, double b) {
    forget(a - longest_);
    for (int p = 0; p < count; ++p) {
      const double delay = delays_[static_cast<std::size_t>(p)];
      first_[p] = step_at(a - delay, 0, starts_.size());
      last_[p] = std::min(step_at(b - delay, first_[p], starts_.size()) + 1, starts_.size());
    }
  }

  /// An accepted step.
  /// @tparam Method  its collocation method, or void for the dense output of another
  /// @param slope    f at its start
  template <class Method>
  void append(const SolutionPiece<T, n>& step, const Vector<T, n>& slope) {
    starts_.push_back(step.t);
    pieces_.push_back(of_degree<solution_degree + 1>(step));
    [[maybe_unused]] Piece& piece = pieces_.back();
    if constexpr (!std::is_void_v<Method>)
      for (int c = 0; c < n; ++c) {
        const T missing = static_cast<T>(step.h) * slope[c] - step.c(0, c);
        for (int m = 0; m <= Method::stages; ++m) piece.c(m, c) += static_cast<T>(start_slope_monomial<Method>(m)) * missing;
      }
  }
  [[nodiscard]] std::size_t stored_bytes() const { return pieces_.capacity() * (sizeof(Piece) + sizeof(double)); }

  /// The longer of the last two steps, 0 when there are none: the last one may have been cut short.
  [[nodiscard]] double recent_step() const {
    double h = 0;
    for (std::size_t i = pieces_.size(); i-- > 0 && i + 2 >= pieces_.size();) h = std::max(h, pieces_[i].h);
    return h;
  }

  /// y(t - tau_p), p = 0 .. count - 1. Of dual numbers t brings its derivatives along.
  template <class U>
  [[nodiscard]] Vector<U, n> at(const U& t, int p) const {
    Vector<U, n> value;
    look(t, p, value, nullptr);
    return value;
  }
  template <class U, int k>
  [[nodiscard]] Vector<Dual<U, k>, n> at(const Dual<U, k>& t, int p) const {
    bool moves = false;
    for (int j = 0; j < k; ++j) moves = moves || any(t.derivative[j] != U(0));
    Vector<U, n> value, slope;
    look(t.value, p, value, moves ? &slope : nullptr);
    Vector<Dual<U, k>, n> result;
    for (int c = 0; c < n; ++c) result[c] = moves ? Dual<U, k>::chain(value[c], slope[c], t) : Dual<U, k>(value[c]);
    return result;
  }

  /// Throws InvalidArgument when the history has failed in a call since the constructor.
  void require_history(const SourceLocation& where) const {
    if (failed_) history_failed(failed_at_, failure_, where);
  }

 private:
  /// The step that holds t among [first, last), the first of them when t lies before it.
  [[nodiscard]] std::size_t step_at(double t, std::size_t first, std::size_t last) const {
    const auto begin = starts_.begin() + static_cast<std::ptrdiff_t>(first),
               end = starts_.begin() + static_cast<std::ptrdiff_t>(last);
    const auto found = std::upper_bound(begin, end, t);
    return static_cast<std::size_t>(found - starts_.begin()) - (found == begin ? 0 : 1);
  }

  /// Steps that end before t, when they are half of what is held.
  void forget(double t) {
    const std::size_t old = step_at(t, 0, starts_.size());
    if (2 * old < starts_.size() || old < 64) return;
    starts_.erase(starts_.begin(), starts_.begin() + static_cast<std::ptrdiff_t>(old));
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(old));
  }

  template <class U>
  void look(const U& t, int p, Vector<U, n>& value, std::type_identity_t<Vector<U, n>>* slope) const {
    if constexpr (lane_count<U> == 1) {
      look_up(static_cast<double>(t) - delays_[static_cast<std::size_t>(p)], p, value, slope);
    } else {
      T times[lane_count<U>], values[n][lane_count<U>], slopes[n][lane_count<U>];
      store(times, t);
      for (int l = 0; l < lane_count<U>; ++l) {
        Vector<T, n> lane_value, lane_slope{};
        look_up(static_cast<double>(times[l]) - delays_[static_cast<std::size_t>(p)], p, lane_value, slope ? &lane_slope : nullptr);
        for (int c = 0; c < n; ++c) {
          values[c][l] = lane_value[c];
          if (slope) slopes[c][l] = lane_slope[c];
        }
      }
      for (int c = 0; c < n; ++c) {
        value[c] = load<U>(values[c]);
        if (slope) (*slope)[c] = load<U>(slopes[c]);
      }
    }
  }

  void look_up(double t, int p, Vector<T, n>& value, Vector<T, n>* slope) const {
    if (t < t0_ || pieces_.empty()) return from_history(std::clamp(t, t0_ - longest_, t0_), value, slope);
    const Piece& piece = pieces_[step_at(t, first_[p], last_[p])];
    value = piece(t);
    if (bounds_.any()) value = bounds_.projected(value);
    if (slope) {
      const T theta = static_cast<T>((t - piece.t) / piece.h), inverse_h = static_cast<T>(1 / piece.h);
      for (int c = 0; c < n; ++c)
        (*slope)[c] = inverse_h * (piece.c(0, c) +
                                   theta * (T(2) * piece.c(1, c) + theta * (T(3) * piece.c(2, c) + theta * T(4) * piece.c(3, c))));
    }
  }

  void from_history(double t, Vector<T, n>& value, Vector<T, n>* slope) const {
    using D = Dual<double, 1>;
    if constexpr (!requires { history_(t); }) {
      value = history_;
      if (slope) *slope = Vector<T, n>::filled(T(0));
    } else {
      try {
        value = history_(t);
        if (slope) {
          if constexpr (requires {
                          { history_(D{}) } -> std::convertible_to<Vector<Dual<T, 1>, n>>;
                        }) {
            const Vector<Dual<T, 1>, n> dual = history_(D::variable(t, 0));
            for (int c = 0; c < n; ++c) (*slope)[c] = dual[c].derivative[0];
          } else {
            const double step = 1e-5 * longest_, before = std::max(t - step, t0_ - longest_), after = std::min(t + step, t0_);
            const Vector<T, n> left = history_(before), right = history_(after);
            for (int c = 0; c < n; ++c) (*slope)[c] = (right[c] - left[c]) / static_cast<T>(after - before);
          }
        }
        for (int c = 0; c < n; ++c)
          if (!is_finite(value[c])) fail(t, "is not finite in component " + std::to_string(c));
      } catch (const std::exception& error) {  // no exception may leave a kernel
        fail(t, std::string("threw \"") + error.what() + '"');
        value = Vector<T, n>::filled(std::numeric_limits<T>::quiet_NaN());
        if (slope) *slope = value;
      }
    }
  }

  /// Remembers the first failure.
  void fail(double t, const std::string& reason) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (failed_) return;
    failed_at_ = t;
    failure_ = reason;
    failed_ = true;
  }

  H history_;
  std::vector<double> delays_;
  double longest_, t0_;
  Bounds<T, n> bounds_;
  std::vector<double> starts_;  // of pieces_
  std::vector<Piece> pieces_;
  std::size_t first_[count] = {}, last_[count] = {};  // the steps that the present stretch looks at
  mutable std::mutex mutex_;
  mutable std::atomic<bool> failed_ = false;
  mutable double failed_at_ = 0;
  mutable std::string failure_;
};

/// f(t, y, y(t - tau_1), ..., y(t - tau_P)) as the f(t, y) of an initial value problem.
template <class F, class H, class T, int n>
struct DelayedRightHandSide {
  using Past = DelayedStates<F, H, T, n>;
  static constexpr bool lanes = accepts_lanes<F>();

  F f;
  const Past* past;

  template <class U>
  Vector<U, n> operator()(const U& t, const Vector<U, n>& y) const {
    Vector<U, n> delayed[Past::count];
    for (int p = 0; p < Past::count; ++p) delayed[p] = past->at(t, p);
    return call_delayed(f, t, y, delayed, std::make_integer_sequence<int, Past::count>{});
  }
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
