// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The collocation equations of a window of steps, all steps at once, with SIMD lanes over the steps.
///
/// One Newton iteration is two passes: sweep() carries the changes of the nodes through the window, d_next = A d + b, one step
/// after the other; evaluate() applies them, and computes residual and local update of all steps at the new iterate, independently
/// of each other.

#include <algorithm>
#include <atomic>
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
  using Polynomial = StepPolynomial<T, n, s>;

  /// Numbers that a step takes.
  static constexpr int rows_per_step = 5 + (2 * s + 4) * n + 4 * n * n;

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
        error_(arena_.template take<1>()),
        y_(arena_.template take<n>()),
        weight_(arena_.template take<n>()),
        end_(arena_.template take<n>()),
        d_(arena_.template take<n>()),
        w_(arena_.template take<s * n>()),
        p_(arena_.template take<s * n>()),
        a_(arena_.template take<n * n>()),
        real_(arena_.template take<n * n>()),
        pair_re_(arena_.template take<n * n>()),
        pair_im_(arena_.template take<n * n>()) {
    for (int c = 0; c < n; ++c) atol_[c] = static_cast<T>(options.atol[c]);
  }

  [[nodiscard]] Index capacity() const { return blocks_capacity_ * width; }
  [[nodiscard]] Index steps() const { return blocks_ * width; }
  /// Squares of the weighted norms of a step: its last update, its residual (as the local update it calls for), its error estimate.
  [[nodiscard]] double update_squared(Index step) const { return static_cast<double>(update_.at(step, 0)); }
  [[nodiscard]] double residual_squared(Index step) const { return static_cast<double>(residual_.at(step, 0)); }
  [[nodiscard]] double error_squared(Index step) const { return static_cast<double>(error_.at(step, 0)); }

  /// The largest of update_squared() and of residual_squared(); infinite when one of them is not finite.
  [[nodiscard]] double largest_update_squared() const { return largest(update_); }
  [[nodiscard]] double largest_residual_squared() const { return largest(residual_); }

  /// Lays the mesh, points[0] .. points[steps], and the guess from polynomials: step i takes pieces[piece_of[i]].
  /// @param count  number of steps, a multiple of `width`
  template <int degree>
  void guess(const std::vector<double>& points, const std::vector<StepPolynomial<T, n, degree>>& pieces,
             const std::vector<int>& piece_of, Index count) {
    blocks_ = count / width;
    for (Index block = 0; block < blocks_; ++block) {
      T t[width], h[width], theta[width], ratio[width];
      const StepPolynomial<T, n, degree>* piece[width];
      for (int l = 0; l < width; ++l) {
        const auto i = static_cast<std::size_t>(block * width + l);
        piece[l] = &pieces[static_cast<std::size_t>(piece_of[i])];
        t[l] = static_cast<T>(points[i]);
        h[l] = static_cast<T>(points[i + 1] - points[i]);
        theta[l] = static_cast<T>((points[i] - piece[l]->t) / piece[l]->h);
        ratio[l] = static_cast<T>((points[i + 1] - points[i]) / piece[l]->h);
      }
      const U start = load<U>(theta), scale = load<U>(ratio);
      t_.set(block, 0, load<U>(t));
      h_.set(block, 0, load<U>(h));
      Stages<U, n, Method> z;
      Vector<U, n> y;
      for (int c = 0; c < n; ++c) {
        U coefficient[degree + 1];
        T gathered[width];
        for (int l = 0; l < width; ++l) gathered[l] = piece[l]->y[c];
        coefficient[0] = load<U>(gathered);
        for (int m = 0; m < degree; ++m) {
          for (int l = 0; l < width; ++l) gathered[l] = piece[l]->c(m, c);
          coefficient[m + 1] = load<U>(gathered);
        }
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

  /// Jacobians in the middle of the steps, their Newton inverses and affine maps.
  template <class ExecutionSpace>
  void factor(const ExecutionSpace& space) {
    parallel_for(
        "antler::window::factor", space, blocks_, width * (20.0 * n * n + 12.0 * n * n * n), [this](Index block) ANTLER_FLATTEN {
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
        });
  }

  enum class Pending { none, update };

  /// Applies the update of the last sweep (Pending::update), then evaluates residual and local update of every step.
  template <class ExecutionSpace>
  void evaluate(const ExecutionSpace& space, Pending pending) {
    parallel_for("antler::window::evaluate", space, blocks_, width * s * (30.0 * n + 10.0 * n * n),
                 [this, pending](Index block) ANTLER_FLATTEN {
                   const U h = h_.get(block, 0), inverse_h = U(1) / h;
                   const StoredInverse e = inverse(block);
                   const Vector<U, n> weight = weight_.template get_vector<n>(block);
                   Stages<U, n, Method> w = w_.template get_matrix<s, n>(block);
                   Vector<U, n> y = y_.template get_vector<n>(block);
                   if (pending == Pending::update) {
                     const Vector<U, n> d = d_.template get_vector<n>(block);
                     const Stages<U, n, Method> dw =
                         p_.template get_matrix<s, n>(block) + start_update<Method, U, n>(e, inverse_h, d);
                     w += dw;
                     y += d;
                     y_.set_vector(block, y);
                     w_.set_matrix(block, w);
                     U sum = mean_square(from_transformed<Method, U, n>(dw), weight);
                     const U node = mean_square(d, weight);
                     update_.set(block, 0, select(node > sum, node, sum + node * U(0)));
                   }
                   const U t = t_.get(block, 0);
                   const Stages<U, n, Method> z = from_transformed<Method, U, n>(w);
                   Stages<U, n, Method> f;
                   for (int k = 0; k < s; ++k) {
                     Vector<U, n> stage = y;
                     for (int c = 0; c < n; ++c) stage[c] += z(k, c);
                     const Vector<U, n> value = f_(t + U(Method::c(k)) * h, stage);
                     for (int c = 0; c < n; ++c) f(k, c) = value[c];
                   }
                   const Stages<U, n, Method> p = local_update<Method, U, n>(e, inverse_h, w, f);
                   p_.set_matrix(block, p);
                   residual_.set(block, 0, mean_square(from_transformed<Method, U, n>(p), weight));
                   end_.set_vector(block, y + end_increment<Method, U, n>(w + p));
                 });
  }

  /// Carries the changes of the nodes through the window: d_{i+1} = A_i d_i + (end of step i - y_{i+1}), d_0 = 0.
  void sweep() {
    T d[n] = {};
    const Index count = steps();
    for (Index i = 0; i < count; ++i) {
      for (int c = 0; c < n; ++c) d_.at(i, c) = d[c];
      if (i + 1 == count) break;
      T next[n];
      for (int r = 0; r < n; ++r) {
        T sum = end_.at(i, r) - y_.at(i + 1, r);
        for (int c = 0; c < n; ++c) sum += a_.at(i, r * n + c) * d[c];
        next[r] = sum;
      }
      for (int c = 0; c < n; ++c) d[c] = next[c];
    }
  }

  /// The largest square of the weighted norms of the nodes' changes by the last sweep.
  [[nodiscard]] double largest_change_squared() const {
    double value = 0;
    for (Index block = 0; block < blocks_; ++block) {
      const U norm = mean_square(d_.template get_vector<n>(block), weight_.template get_vector<n>(block));
      for (int l = 0; l < width; ++l) {
        if (!is_finite(lane(norm, l))) return HUGE_VAL;
        value = std::max(value, static_cast<double>(lane(norm, l)));
      }
    }
    return value;
  }

  /// The update of the last sweep without another evaluation: after convergence one more contraction for free.
  template <class ExecutionSpace>
  void apply(const ExecutionSpace& space) {
    parallel_for("antler::window::apply", space, blocks_, width * 10.0 * n * n, [this](Index block) ANTLER_FLATTEN {
      const Vector<U, n> d = d_.template get_vector<n>(block);
      w_.set_matrix(block, w_.template get_matrix<s, n>(block) + p_.template get_matrix<s, n>(block) +
                               start_update<Method, U, n>(inverse(block), U(1) / h_.get(block, 0), d));
      y_.set_vector(block, y_.template get_vector<n>(block) + d);
    });
  }

  /// The method's embedded error estimate of every step, filtered once more where it exceeds `limit`.
  template <class ExecutionSpace>
  void estimate(const ExecutionSpace& space, double limit) {
    filtered_ = 0;
    parallel_for("antler::window::estimate", space, blocks_, width * (30.0 * n + 2.0 * n * n),
                 [this, limit](Index block) ANTLER_FLATTEN {
                   const U t = t_.get(block, 0), inverse_h = U(1) / h_.get(block, 0);
                   const Stages<U, n, Method> z = from_transformed<Method, U, n>(w_.template get_matrix<s, n>(block));
                   const Vector<U, n> y = y_.template get_vector<n>(block), weight = weight_at(y);
                   const Matrix<U, n> e = real_.template get_matrix<n, n>(block);
                   Vector<U, n> combination;
                   for (int c = 0; c < n; ++c) {
                     combination[c] = U(Method::estimate(0)) * z(0, c);
                     for (int k = 1; k < s; ++k) combination[c] = multiply_add(U(Method::estimate(k)), z(k, c), combination[c]);
                     combination[c] *= inverse_h;
                   }
                   const Vector<U, n> start = f_(t, y);
                   Vector<U, n> error = e * (start + combination);
                   U norm = mean_square(error, weight);
                   if (!all(norm <= U(limit * limit))) {
                     filtered_.fetch_add(width, std::memory_order_relaxed);
                     const Vector<U, n> moved = f_(t, y + error);
                     const U filtered = mean_square(e * (moved + combination), weight);
                     norm = select(norm > U(limit * limit), filtered, norm);  // a NaN stays
                   }
                   error_.set(block, 0, norm);
                 });
  }

  /// Evaluations of f that the last estimate() took.
  [[nodiscard]] Index estimate_evaluations() const { return steps() + filtered_; }

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
  /// The inverses of a block where they lie: each entry is loaded when it is needed.
  struct StoredInverse {
    const LaneRows<U, n * n>&real, &pair_re, &pair_im;
    Index block;

    [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION U real_entry(int i, int j) const { return real.get(block, i * n + j); }
    [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Complex<U> pair_entry(int i, int j) const {
      return {pair_re.get(block, i * n + j), pair_im.get(block, i * n + j)};
    }
  };
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION StoredInverse inverse(Index block) const { return {real_, pair_re_, pair_im_, block}; }

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> weight_at(const Vector<U, n>& y) const {
    Vector<U, n> weight;
    for (int c = 0; c < n; ++c) weight[c] = U(1) / (U(rtol_) * abs(y[c]) + U(atol_[c]));
    return weight;
  }

  [[nodiscard]] double largest(const LaneRows<U, 1>& norms) const {
    U maximum(0);
    bool finite = true;  // by the bits of every norm: a comparison would let a NaN pass under -ffast-math
    for (Index block = 0; block < blocks_; ++block) {
      const U norm = norms.get(block, 0);
      maximum = select(norm > maximum, norm, maximum);
      for (int l = 0; l < width; ++l) finite = finite & is_finite(norms.at(block * width + l, 0));
    }
    if (!finite) return HUGE_VAL;
    double value = 0;
    for (int l = 0; l < width; ++l) value = std::max(value, static_cast<double>(lane(maximum, l)));
    return value;
  }

  static U mean_square(const Vector<U, n>& v, const Vector<U, n>& weight) {
    U sum(0);
    for (int c = 0; c < n; ++c) {
      const U scaled = v[c] * weight[c];
      sum = multiply_add(scaled, scaled, sum);
    }
    return sum * U(T(1) / n);
  }
  static U mean_square(const Stages<U, n, Method>& v, const Vector<U, n>& weight) {
    U sum(0);
    for (int k = 0; k < s; ++k)
      for (int c = 0; c < n; ++c) {
        const U scaled = v(k, c) * weight[c];
        sum = multiply_add(scaled, scaled, sum);
      }
    return sum * U(T(1) / (n * s));
  }

  F f_;
  Index blocks_capacity_, blocks_ = 0;
  std::atomic<Index> filtered_{0};
  T rtol_;
  Vector<T, n> atol_;
  LaneArena<U> arena_;
  LaneRows<U, 1> t_, h_, update_, residual_, error_;
  LaneRows<U, n> y_, weight_, end_, d_;
  LaneRows<U, s * n> w_, p_;
  LaneRows<U, n * n> a_, real_, pair_re_, pair_im_;
};

}  // namespace antler::inline ANTLER_LANES
