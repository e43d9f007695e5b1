// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The collocation equations of a window of steps, all steps at once, with SIMD lanes over the steps.
///
/// One Newton iteration is two passes: review() carries the changes of the nodes through the window, d_next = A d + b, one step
/// after the other, and finds the blocks of steps that are not done; advance() applies them there, and computes residual and local
/// update at the new iterate, every block independently of the others. A block that is left out keeps its state, and the change
/// that it missed comes back in the next sweep, as the gap between the end of one step and the start of the next.

#include <algorithm>
#include <cmath>
#include <vector>

#include "antler/core/lane_rows.hpp"
#include "antler/core/parallel.hpp"
#include "antler/core/step_polynomial.hpp"
#include "antler/deer/weights.hpp"
#include "antler/discretization/collocation_step.hpp"
#include "antler/problem/initial_value_problem.hpp"

namespace antler::inline ANTLER_LANES {

/// @tparam F       the right-hand side
/// @tparam Method  `RadauIIA<s>` or `Gauss<s>`
template <class F, class T, int n, class Method>
class CollocationWindow {
 public:
  static constexpr int s = Method::stages;
  using U = std::conditional_t<accepts_lanes<F>(), Lanes<T>, T>;
  static constexpr int width = lane_count<U>;
  /// Of degree s; what is left of a cubic is zero.
  using Polynomial = StepPolynomial<T, n, 3>;
  static_assert(s <= 3, "antler::CollocationWindow: solutions keep cubics");

  /// Numbers that a step takes.
  static constexpr int real_rows = Method::has_real ? n * n : 0, pair_rows = Method::has_pair ? n * n : 0;
  static constexpr int rows_per_step = 6 + (2 * s + 4) * n + n * n + real_rows + 2 * pair_rows;

  /// @param capacity  largest number of steps; rounded up to full lanes
  CollocationWindow(const F& f, const Options& options, Index capacity)
      : f_(f),
        blocks_capacity_((capacity + width - 1) / width),
        rtol_(static_cast<T>(options.rtol)),
        arena_("antler::window", rows_per_step, blocks_capacity_),
        t_(arena_.template take<1>()),
        h_(arena_.template take<1>()),
        update_(arena_.template take<1>()),
        residual_(arena_.template take<1>()),
        pending_(arena_.template take<1>()),
        error_(arena_.template take<1>()),
        y_(arena_.template take<n>()),
        weight_(arena_.template take<n>()),
        end_(arena_.template take<n>()),
        d_(arena_.template take<n>()),
        w_(arena_.template take<s * n>()),
        p_(arena_.template take<s * n>()),
        a_(arena_.template take<n * n>()),
        real_(arena_.template take<real_rows>()),
        pair_re_(arena_.template take<pair_rows>()),
        pair_im_(arena_.template take<pair_rows>()) {
    for (int c = 0; c < n; ++c) atol_[c] = static_cast<T>(options.atol[c]);
    active_.reserve(static_cast<std::size_t>(blocks_capacity_));
    refactor_.reserve(static_cast<std::size_t>(blocks_capacity_));
  }

  [[nodiscard]] Index capacity() const { return blocks_capacity_ * width; }
  [[nodiscard]] Index steps() const { return blocks_ * width; }
  /// Square of the weighted norm of a step's error estimate.
  [[nodiscard]] double error_squared(Index step) const { return static_cast<double>(error_.at(step, 0)); }

  /// Lays the mesh, points[0] .. points[steps], and the guess from polynomials: step i takes pieces[piece_of[i]].
  /// @param count  number of steps, a multiple of `width`
  template <int degree>
  void guess(const std::vector<double>& points, const std::vector<StepPolynomial<T, n, degree>>& pieces,
             const std::vector<int>& piece_of, Index count) {
    blocks_ = count / width;
    first_changed_ = 0;
    for (Index block = 0; block < blocks_; ++block) {
      const double* point = &points[static_cast<std::size_t>(block * width)];
      const StepPolynomial<T, n, degree>* piece[width];
      for (int l = 0; l < width; ++l)
        piece[l] = &pieces[static_cast<std::size_t>(piece_of[static_cast<std::size_t>(block * width + l)])];
      const U h = from_lanes<U>([&](int l) { return static_cast<T>(point[l + 1] - point[l]); });
      const U inverse_length = U(1) / from_lanes<U>([&](int l) { return static_cast<T>(piece[l]->h); });
      const U start = from_lanes<U>([&](int l) { return static_cast<T>(point[l] - piece[l]->t); }) * inverse_length;
      const U scale = h * inverse_length;
      t_.set(block, 0, from_lanes<U>([&](int l) { return static_cast<T>(point[l]); }));
      h_.set(block, 0, h);
      Stages<U, n, Method> z;
      Vector<U, n> y;
      for (int c = 0; c < n; ++c) {
        U coefficient[degree + 1];
        coefficient[0] = from_lanes<U>([&](int l) { return piece[l]->y[c]; });
        for (int m = 0; m < degree; ++m) coefficient[m + 1] = from_lanes<U>([&](int l) { return piece[l]->c(m, c); });
        const auto increment = [&](const U& at) {
          U sum = coefficient[degree];
          for (int m = degree - 1; m > 0; --m) sum = multiply_add(sum, at, coefficient[m]);
          return sum * at;
        };
        const U first = increment(start);
        y[c] = coefficient[0] + first;
        for (int k = 0; k < s; ++k) z(k, c) = increment(multiply_add(scale, U(Method::c(k)), start)) - first;
      }
      y_.set_vector(block, y);
      w_.set_matrix(block, to_transformed<Method, U, n>(z));
      weight_.set_vector(block, weight_at(y));
    }
  }

  /// The first node is accepted: it is set to y exactly.
  void set_first(const Vector<T, n>& y) {
    for (int c = 0; c < n; ++c) y_.at(0, c) = y[c];
  }

  /// The start of an iteration: Jacobians, residuals and local updates of all steps at the guess.
  template <class ExecutionSpace>
  void start(const ExecutionSpace& space) {
    first_changed_ = 0;
    parallel_for("antler::window::start", space, blocks_, factor_flops + evaluate_flops, [this](Index block) ANTLER_FLATTEN {
      update_.set(block, 0, U(0));
      factor(block);
      evaluate(block);
    });
  }

  /// What the next update would be: the largest squares of the weighted norms of update and residual, infinite when one of them is
  /// not finite, and the steps that it concerns.
  struct Review {
    double update, residual;
    Index active, refactored;
  };

  /// Carries the changes of the nodes through the window and finds the steps that are not done.
  ///
  /// The update that a step awaits is known: the change d of its start from the sweep, the local update from its residual. A step
  /// is done when its own contraction lets expect that this update, applied without another evaluation, leaves behind less than
  /// the tolerance; it must itself be below the tolerance of the solution. Where the iteration contracts slowly and two more
  /// updates would not do, a new Jacobian is due.
  /// @param tolerance  square of what the update may leave behind
  Review review(double tolerance) {
    sweep();
    active_.clear();
    refactor_.clear();
    Review found{0, 0, 0, 0};
    U update(0), residual(0);
    bool finite = true;  // by the bits of every norm: a comparison would let a NaN pass under -ffast-math
    for (Index block = first_changed_; block < blocks_; ++block) {
      const U change = mean_square(d_.template get_vector<n>(block), weight_.template get_vector<n>(block));
      const U local = residual_.get(block, 0), pending = select(change > local, change, local + change * U(0));
      pending_.set(block, 0, pending);
      update = select(pending > update, pending, update);
      residual = select(local > residual, local, residual);
      for (int l = 0; l < width; ++l) finite = finite & is_finite(pending_.at(block, l, 0));
      const U applied = update_.get(block, 0);
      if (all(suffices(pending, applied, tolerance))) continue;
      active_.push_back(static_cast<int>(block));
      const U contraction = contraction_of(pending, applied);
      const auto slow = contraction > U(slow_contraction) && pending * contraction * contraction > U(static_cast<T>(tolerance));
      refactor_.push_back(any(slow) ? 1 : 0);
      found.refactored += refactor_.back() * width;
    }
    found.active = static_cast<Index>(active_.size()) * width;
    for (int l = 0; l < width; ++l) {
      found.update = std::max(found.update, static_cast<double>(lane(update, l)));
      found.residual = std::max(found.residual, static_cast<double>(lane(residual, l)));
    }
    if (!finite) found.update = found.residual = HUGE_VAL;
    if (!active_.empty()) first_changed_ = active_.front();
    return found;
  }

  /// The steps from the left that the last review() found done.
  [[nodiscard]] Index done(double tolerance) const {
    const auto is_done = [&](Index i) {
      return is_finite(pending_.at(i, 0)) && is_finite(update_.at(i, 0)) &&
             suffices(pending_.at(i, 0), update_.at(i, 0), static_cast<T>(tolerance));
    };
    Index front = 0;
    while (front < steps() && is_done(front)) ++front;
    return front;
  }

  /// Applies the update of the last review() to the steps that are not done, and evaluates residual and local update there, with
  /// new Jacobians where they are due.
  template <class ExecutionSpace>
  void advance(const ExecutionSpace& space) {
    const double flops = evaluate_flops + (refactor_.empty() ? 0 : factor_flops / 2);
    parallel_for("antler::window::advance", space, static_cast<Index>(active_.size()), flops, [this](Index i) ANTLER_FLATTEN {
      const auto k = static_cast<std::size_t>(i);
      update(active_[k]);
      if (refactor_[k] != 0) factor(active_[k]);
      evaluate(active_[k]);
    });
  }

  /// Applies the update of the last review() to the first steps, without another evaluation.
  template <class ExecutionSpace>
  void apply(const ExecutionSpace& space, Index steps) {
    parallel_for("antler::window::apply", space, (steps + width - 1) / width, width * 10.0 * n * n,
                 [this](Index block) ANTLER_FLATTEN { update(block); });
  }

  /// The error estimate of every step, E (f(t, y) - p'(t)) with E as filter() has it. It is not filtered a second time where it is
  /// large, as RADAU5 does in its first step: there the filter takes away errors that are real, of y' = lambda (y - g(t)) + g'(t)
  /// with a large -lambda.
  template <class ExecutionSpace>
  void estimate(const ExecutionSpace& space) {
    parallel_for("antler::window::estimate", space, blocks_, width * (30.0 * n + 2.0 * n * n), [this](Index block) ANTLER_FLATTEN {
      const U t = t_.get(block, 0), inverse_h = U(1) / h_.get(block, 0);
      const Stages<U, n, Method> z = from_transformed<Method, U, n>(w_.template get_matrix<s, n>(block));
      const Vector<U, n> y = y_.template get_vector<n>(block), weight = weight_at(y);
      const Matrix<U, n> e = filter(block);
      Vector<U, n> combination;
      for (int c = 0; c < n; ++c) {
        combination[c] = U(estimate_weight<Method>(0)) * z(0, c);
        for (int k = 1; k < s; ++k) combination[c] = multiply_add(U(estimate_weight<Method>(k)), z(k, c), combination[c]);
        combination[c] *= inverse_h;
      }
      const Vector<U, n> start = f_(t, y);
      error_.set(block, 0, mean_square(e * (start + combination), weight));
    });
  }

  /// Step i as a polynomial.
  [[nodiscard]] Polynomial polynomial(Index i) const {
    Polynomial piece{t_.at(i, 0), h_.at(i, 0), {}, {}};
    for (int c = 0; c < n; ++c) {
      piece.y[c] = y_.at(i, c);
      T z[s];
      for (int k = 0; k < s; ++k) {
        z[k] = 0;
        for (int l = 0; l < s; ++l) z[k] += static_cast<T>(Method::T(k, l)) * w_.at(i, l * n + c);
      }
      for (int m = 0; m < s; ++m) {
        T sum = 0;
        for (int k = 0; k < s; ++k) sum += static_cast<T>(Method::monomial(m, k)) * z[k];
        piece.c(m, c) = sum;
      }
    }
    return piece;
  }

  /// The value at the end of step i.
  [[nodiscard]] Vector<T, n> end_of(Index i) const {
    Vector<T, n> value;
    for (int c = 0; c < n; ++c) {
      T sum = y_.at(i, c);
      for (int k = 0; k < s; ++k) sum += static_cast<T>(detail::end_weight<Method>(k)) * w_.at(i, k * n + c);
      value[c] = sum;
    }
    return value;
  }

 private:
  static constexpr double factor_flops = width * (20.0 * n * n + 12.0 * n * n * n);
  static constexpr double evaluate_flops = width * s * (30.0 * n + 10.0 * n * n);
  /// The last update is at most the tolerance of the solution.
  static constexpr double largest_last_update = 1;
  /// Of squares.
  static constexpr double first_contraction = 0.01, slow_contraction = 0.04, jacobian_change = 1000;

  /// Before the first update it is guessed: Jacobians change by as much as the update changes y.
  template <class V>
  [[nodiscard]] V contraction_of(const V& pending, const V& applied) const {
    const V guessed = V(jacobian_change * rtol_ * rtol_) * pending;
    return select(applied > V(0), pending / applied, select(guessed > V(first_contraction), guessed, V(first_contraction)));
  }
  template <class V>
  [[nodiscard]] auto suffices(const V& pending, const V& applied, double tolerance) const {
    const V contraction = contraction_of(pending, applied), left = select(contraction < V(1), pending * contraction, pending);
    return pending <= V(std::max(largest_last_update, tolerance)) && left <= V(tolerance);
  }

  /// Jacobians in the middle of the steps, their Newton inverses and affine maps.
  KOKKOS_FORCEINLINE_FUNCTION void factor(Index block) {
    constexpr int middle = s / 2;
    const U h = h_.get(block, 0), inverse_h = U(1) / h;
    const Stages<U, n, Method> z = from_transformed<Method, U, n>(w_.template get_matrix<s, n>(block));
    Vector<U, n> y = y_.template get_vector<n>(block);
    for (int c = 0; c < n; ++c) y[c] += z(middle, c);
    const auto e = step_inverse<Method, U, n>(jacobian<U, n>(f_, t_.get(block, 0) + U(Method::c(middle)) * h, y), inverse_h);
    if constexpr (Method::has_real) real_.set_matrix(block, e.real);
    if constexpr (Method::has_pair)
      for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
          pair_re_.set(block, i * n + j, e.pair(i, j).re);
          pair_im_.set(block, i * n + j, e.pair(i, j).im);
        }
    a_.set_matrix(block, end_derivative<Method, U, n>(e, inverse_h));
  }

  /// Adds what the last sweep and the residual call for.
  KOKKOS_FORCEINLINE_FUNCTION void update(Index block) {
    const Vector<U, n> d = d_.template get_vector<n>(block), weight = weight_.template get_vector<n>(block);
    const Stages<U, n, Method> dw =
        p_.template get_matrix<s, n>(block) + start_update<Method, U, n>(inverse(block), U(1) / h_.get(block, 0), d);
    w_.set_matrix(block, w_.template get_matrix<s, n>(block) + dw);
    y_.set_vector(block, y_.template get_vector<n>(block) + d);
    const U stages = mean_square(from_transformed<Method, U, n>(dw), weight), node = mean_square(d, weight);
    update_.set(block, 0, select(node > stages, node, stages + node * U(0)));
  }

  /// Residual and local update.
  KOKKOS_FORCEINLINE_FUNCTION void evaluate(Index block) {
    const U t = t_.get(block, 0), h = h_.get(block, 0);
    const Stages<U, n, Method> w = w_.template get_matrix<s, n>(block), z = from_transformed<Method, U, n>(w);
    const Vector<U, n> y = y_.template get_vector<n>(block);
    Stages<U, n, Method> f;
    for (int k = 0; k < s; ++k) {
      Vector<U, n> stage = y;
      for (int c = 0; c < n; ++c) stage[c] += z(k, c);
      const Vector<U, n> value = f_(t + U(Method::c(k)) * h, stage);
      for (int c = 0; c < n; ++c) f(k, c) = value[c];
    }
    const Stages<U, n, Method> p = local_update<Method, U, n>(inverse(block), U(1) / h, w, f);
    p_.set_matrix(block, p);
    residual_.set(block, 0, mean_square(from_transformed<Method, U, n>(p), weight_.template get_vector<n>(block)));
    end_.set_vector(block, y + end_increment<Method, U, n>(w + p));
  }

  /// d_{i+1} = A_i d_i + (end of step i - y_{i+1}), d_0 = 0. What lies before the first block that has changed keeps its d.
  void sweep() {
    T d[n] = {};
    const auto pass = [&](Index before, int lane_before, Index block, int lane) {
      T next[n];
      for (int r = 0; r < n; ++r) {
        T sum = end_.at(before, lane_before, r) - y_.at(block, lane, r);
        for (int c = 0; c < n; ++c) sum += a_.at(before, lane_before, r * n + c) * d[c];
        next[r] = sum;
      }
      for (int c = 0; c < n; ++c) d[c] = d_.at(block, lane, c) = next[c];
    };
    if (first_changed_ > 0)
      for (int c = 0; c < n; ++c) d[c] = d_.at(first_changed_ - 1, width - 1, c);
    for (Index block = first_changed_; block < blocks_; ++block) {
      if (block > 0)
        pass(block - 1, width - 1, block, 0);
      else
        for (int c = 0; c < n; ++c) d_.at(0, 0, c) = 0;
      for (int l = 1; l < width; ++l) pass(block, l - 1, block, l);
    }
  }

  /// The inverses of a block where they lie: each entry is loaded when it is needed.
  struct StoredInverse {
    const LaneRows<U, real_rows>& real;
    const LaneRows<U, pair_rows>&pair_re, &pair_im;
    Index block;

    [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION U real_entry(int i, int j) const { return real.get(block, i * n + j); }
    [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Complex<U> pair_entry(int i, int j) const {
      return {pair_re.get(block, i * n + j), pair_im.get(block, i * n + j)};
    }
  };
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION StoredInverse inverse(Index block) const { return {real_, pair_re_, pair_im_, block}; }

  /// What damps stiff components in an estimate: (gamma / h - J)^{-1}, or the real part of ((alpha + i beta) / h - J)^{-1}, which
  /// has no zero and no pole in the left half plane either and falls like 1 / |J|, too.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Matrix<U, n> filter(Index block) const {
    if constexpr (Method::has_real)
      return real_.template get_matrix<n, n>(block);
    else
      return pair_re_.template get_matrix<n, n>(block);
  }

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> weight_at(const Vector<U, n>& y) const {
    Vector<U, n> weight;
    for (int c = 0; c < n; ++c) weight[c] = U(1) / (U(rtol_) * abs(y[c]) + U(atol_[c]));
    return weight;
  }

  KOKKOS_FORCEINLINE_FUNCTION static U mean_square(const Vector<U, n>& v, const Vector<U, n>& weight) {
    U sum(0);
    for (int c = 0; c < n; ++c) {
      const U scaled = v[c] * weight[c];
      sum = multiply_add(scaled, scaled, sum);
    }
    return sum * U(T(1) / n);
  }
  KOKKOS_FORCEINLINE_FUNCTION static U mean_square(const Stages<U, n, Method>& v, const Vector<U, n>& weight) {
    U sum(0);
    for (int k = 0; k < s; ++k)
      for (int c = 0; c < n; ++c) {
        const U scaled = v(k, c) * weight[c];
        sum = multiply_add(scaled, scaled, sum);
      }
    return sum * U(T(1) / (n * s));
  }

  F f_;
  Index blocks_capacity_, blocks_ = 0, first_changed_ = 0;
  T rtol_;
  Vector<T, n> atol_;
  LaneArena<U> arena_;
  LaneRows<U, 1> t_, h_, update_, residual_, pending_, error_;
  LaneRows<U, n> y_, weight_, end_, d_;
  LaneRows<U, s * n> w_, p_;
  LaneRows<U, n * n> a_;
  LaneRows<U, real_rows> real_;
  LaneRows<U, pair_rows> pair_re_, pair_im_;
  std::vector<int> active_;     // blocks that the last review() found not done
  std::vector<char> refactor_;  // whether a new Jacobian is due there
};

}  // namespace antler::inline ANTLER_LANES
