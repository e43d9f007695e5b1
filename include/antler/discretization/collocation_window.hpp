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

#include "antler/core/parallel.hpp"
#include "antler/deer/weights.hpp"
#include "antler/discretization/collocation_blocks.hpp"
#include "antler/discretization/collocation_error.hpp"
#include "antler/problem/initial_value_problem.hpp"

namespace antler::inline ANTLER_LANES {

/// @tparam F       the right-hand side
/// @tparam Method  a CollocationTableau
template <class F, class T, int n, class Method>
class CollocationWindow {
 public:
  using U = std::conditional_t<accepts_lanes<F>(), Lanes<T>, T>;
  using Blocks = CollocationBlocks<U, n, Method>;
  using Polynomial = typename Blocks::Polynomial;
  static constexpr int s = Method::stages, width = Blocks::width, rows_per_step = Blocks::rows_per_step;

  /// @param capacity  largest number of steps; rounded up to full lanes
  CollocationWindow(const F& f, const Options& options, Index capacity)
      : f_(f), blocks_capacity_((capacity + width - 1) / width), rtol_(static_cast<T>(options.rtol)), rows_(blocks_capacity_) {
    for (int c = 0; c < n; ++c) atol_[c] = static_cast<T>(options.atol[c]);
    active_.reserve(static_cast<std::size_t>(blocks_capacity_));
    refactor_.reserve(static_cast<std::size_t>(blocks_capacity_));
    fresh_.reserve(static_cast<std::size_t>(blocks_capacity_));
  }

  [[nodiscard]] Index capacity() const { return blocks_capacity_ * width; }
  [[nodiscard]] Index steps() const { return blocks_ * width; }
  /// Square of the weighted norm of a step's error estimate.
  [[nodiscard]] double error_squared(Index step) const { return static_cast<double>(rows_.error.at(step, 0)); }

  /// Lays the mesh, points[0] .. points[steps], and the guess from polynomials: step i takes pieces[piece_of[i]].
  /// @param count  number of steps, a multiple of `width`
  template <int degree>
  void guess(const std::vector<double>& points, const std::vector<StepPolynomial<T, n, degree>>& pieces,
             const std::vector<int>& piece_of, Index count) {
    blocks_ = count / width;
    first_block_ = first_changed_ = 0;
    for (Index block = 0; block < blocks_; ++block) {
      const auto first = static_cast<std::size_t>(block * width);
      guess_block(block, &points[first], pieces.data(), &piece_of[first]);
    }
  }

  /// `added` blocks of new steps in the place of `removed` ones from `first` on.
  struct Refinement {
    Index first, removed, added;
  };

  /// Puts new steps in the place of some blocks of a window that has converged, to go on with resume(). The other blocks keep their
  /// state and their factors; what lies before the first refined one is settled.
  ///
  /// @param refinements  in the order of blocks, at least one
  /// @param points       of the new steps, one refinement's after the other's, each with its end
  /// @param pieces       polynomials to guess from: new step i takes pieces[piece_of[i]]
  void refine(const std::vector<Refinement>& refinements, const std::vector<double>& points, const std::vector<Polynomial>& pieces,
              const std::vector<int>& piece_of) {
    Index from = blocks_;
    for (const Refinement& refinement : refinements) blocks_ += refinement.added - refinement.removed;
    Index to = blocks_;
    first_block_ = refinements.front().first;
    fresh_.assign(static_cast<std::size_t>(blocks_), 0);
    std::size_t point = points.size(), piece = piece_of.size();
    for (auto refinement = refinements.rbegin(); refinement != refinements.rend(); ++refinement) {
      while (from > refinement->first + refinement->removed) rows_.copy(--from, --to);
      from = refinement->first;
      to -= refinement->added;
      piece -= static_cast<std::size_t>(refinement->added * width);
      point -= static_cast<std::size_t>(refinement->added * width + 1);
      for (Index k = 0; k < refinement->added; ++k) {
        const auto first = static_cast<std::size_t>(k * width);
        guess_block(to + k, &points[point + first], pieces.data(), &piece_of[piece + first]);
        fresh_[static_cast<std::size_t>(to + k)] = 1;
      }
    }
  }

  /// The first node is accepted: it is set to y exactly.
  void set_first(const Vector<T, n>& y) {
    for (int c = 0; c < n; ++c) rows_.y.at(0, c) = y[c];
  }

  /// The start of an iteration: Jacobians, residuals and local updates of all steps at the guess.
  template <class ExecutionSpace>
  void start(const ExecutionSpace& space) {
    first_changed_ = 0;
    parallel_for("antler::window::start", space, blocks_, factor_flops + evaluate_flops, [this](Index block) ANTLER_FLATTEN {
      rows_.update.set(block, 0, U(0));
      factor(block);
      evaluate(block);
    });
  }

  /// A window that has converged goes on to a tighter tolerance with resume(): all of it is to be evaluated again, after refine()
  /// or as it is.
  void reopen(bool refined) {
    first_block_ = 0;
    if (!refined) fresh_.assign(static_cast<std::size_t>(blocks_), 0);
  }

  /// The start of an iteration after refine() or reopen(): residuals and local updates from the first refined block on, Jacobians
  /// of the new ones.
  template <class ExecutionSpace>
  void resume(const ExecutionSpace& space) {
    first_changed_ = first_block_;
    parallel_for("antler::window::resume", space, blocks_ - first_block_, evaluate_flops, [this](Index i) ANTLER_FLATTEN {
      const Index block = first_block_ + i;
      rows_.update.set(block, 0, U(0));
      if (fresh_[static_cast<std::size_t>(block)] != 0) factor(block);
      evaluate(block);
    });
  }
  /// Steps that resume() evaluates, and those of them that it factors.
  [[nodiscard]] Index unsettled() const { return (blocks_ - first_block_) * width; }
  [[nodiscard]] Index fresh() const { return static_cast<Index>(std::count(fresh_.begin(), fresh_.end(), 1)) * width; }

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
      const U change = mean_square(rows_.d.template get_vector<n>(block), rows_.weight.template get_vector<n>(block));
      const U local = rows_.residual.get(block, 0), pending = select(change > local, change, local + change * U(0));
      rows_.pending.set(block, 0, pending);
      update = select(pending > update, pending, update);
      residual = select(local > residual, local, residual);
      for (int l = 0; l < width; ++l) finite = finite & is_finite(rows_.pending.at(block, l, 0));
      const U applied = rows_.update.get(block, 0);
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
      return is_finite(rows_.pending.at(i, 0)) && is_finite(rows_.update.at(i, 0)) &&
             suffices(rows_.pending.at(i, 0), rows_.update.at(i, 0), static_cast<T>(tolerance));
    };
    Index front = first_block_ * width;
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
    parallel_for("antler::window::apply", space, (steps + width - 1) / width - first_block_, width * 10.0 * n * n,
                 [this](Index i) ANTLER_FLATTEN { update(first_block_ + i); });
  }

  /// The error estimate of every step that is not settled, E (f(t, y) - p'(t)) with E as CollocationBlocks::filter() has it. It is
  /// not filtered a second time where it is large, as RADAU5 does in its first step: there the filter takes away errors that are
  /// real, of y' = lambda (y - g(t)) + g'(t) with a large -lambda.
  ///
  /// @param between  whether the polynomial matters inside of steps as well: then the larger of this and collocation_error.hpp's
  template <class ExecutionSpace>
  void estimate(const ExecutionSpace& space, bool between) {
    const double flops = width * (30.0 * n + 2.0 * n * n);
    parallel_for("antler::window::estimate", space, blocks_ - first_block_, flops, [this, between](Index i) ANTLER_FLATTEN {
      const Index block = first_block_ + i;
      const U t = rows_.t.get(block, 0), inverse_h = U(1) / rows_.h.get(block, 0);
      const Vector<U, n> y = rows_.y.template get_vector<n>(block), weight = weight_at(y);
      const Matrix<U, n> e = rows_.filter(block);
      const Vector<U, n> start = f_(t, y);
      const Stages<U, n, Method> w = rows_.w.template get_matrix<s, n>(block);
      const Vector<U, n> inside = inverse_h * estimate_of_transformed<Method, U, n>(w);
      U error = mean_square(e * (start + inside), weight);
      if constexpr (s >= 3) {
        if (between) {
          const U there = error_between<Method>(w, weight);
          error = select(there > error, there, error);
        }
      }
      rows_.error.set(block, 0, error);
    });
  }

  /// Step i as a polynomial.
  [[nodiscard]] Polynomial polynomial(Index i) const { return rows_.polynomial(i); }
  /// The value at the end of step i.
  [[nodiscard]] Vector<T, n> end_of(Index i) const { return rows_.end_of(i); }

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

  template <int degree>
  void guess_block(Index block, const double* point, const StepPolynomial<T, n, degree>* pieces, const int* piece_of) {
    rows_.guess(block, point, pieces, piece_of);
    rows_.weight.set_vector(block, weight_at(rows_.y.template get_vector<n>(block)));
  }

  /// Jacobians in the middle of the steps, their Newton inverses and affine maps.
  KOKKOS_FORCEINLINE_FUNCTION void factor(Index block) {
    constexpr int middle = s / 2;
    const U h = rows_.h.get(block, 0), inverse_h = U(1) / h;
    const Vector<U, n> y =
        stage_of_transformed<Method, middle, U, n>(rows_.y.template get_vector<n>(block), rows_.w.template get_matrix<s, n>(block));
    const auto e = step_inverse<Method, U, n>(jacobian<U, n>(f_, rows_.t.get(block, 0) + U(Method::c(middle)) * h, y), inverse_h);
    if constexpr (Method::has_real) rows_.real.set_matrix(block, e.real);
    detail::unrolled<Method::pairs>([&](auto q) ANTLER_INLINED {
      for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
          rows_.pair_re.set(block, (q * n + i) * n + j, e.pair[q](i, j).re);
          rows_.pair_im.set(block, (q * n + i) * n + j, e.pair[q](i, j).im);
        }
    });
    rows_.a.set_matrix(block, end_derivative<Method, U, n>(e, inverse_h));
  }

  /// Adds what the last sweep and the residual call for.
  KOKKOS_FORCEINLINE_FUNCTION void update(Index block) {
    const Vector<U, n> d = rows_.d.template get_vector<n>(block);
    const Stages<U, n, Method> dw = rows_.p.template get_matrix<s, n>(block) +
                                    start_update<Method, U, n>(rows_.inverse(block), U(1) / rows_.h.get(block, 0), d);
    rows_.w.set_matrix(block, rows_.w.template get_matrix<s, n>(block) + dw);
    rows_.y.set_vector(block, rows_.y.template get_vector<n>(block) + d);
    rows_.update.set(block, 0, rows_.pending.get(block, 0));
  }

  /// Residual and local update.
  KOKKOS_FORCEINLINE_FUNCTION void evaluate(Index block) {
    const U t = rows_.t.get(block, 0), h = rows_.h.get(block, 0);
    const Stages<U, n, Method> w = rows_.w.template get_matrix<s, n>(block);
    const Vector<U, n> y = rows_.y.template get_vector<n>(block);
    Stages<U, n, Method> g{};
    detail::unrolled<s>([&](auto k) ANTLER_INLINED {
      const Vector<U, n> value = f_(t + U(Method::c(k)) * h, stage_of_transformed<Method, k, U, n>(y, w));
      detail::unrolled<s>([&](auto l) ANTLER_INLINED {
        constexpr double coefficient = Method::inverse_T(l, k);
        for (int c = 0; c < n; ++c) g(l, c) = multiply_add(U(coefficient), value[c], g(l, c));
      });
    });
    const Stages<U, n, Method> p = update_of_transformed<Method, U, n>(rows_.inverse(block), U(1) / h, w, g);
    rows_.p.set_matrix(block, p);
    rows_.residual.set(block, 0, mean_square(from_transformed<Method, U, n>(p), rows_.weight.template get_vector<n>(block)));
    rows_.end.set_vector(block, y + end_increment<Method, U, n>(w + p));
  }

  /// rows_.d{i+1} = A_i d_i + (end of step i - rows_.y{i+1}), d_0 = 0. What lies before the first block that has changed keeps its
  /// d.
  void sweep() {
    T d[n] = {};
    const auto pass = [&](Index before, int lane_before, Index block, int lane) {
      T next[n];
      for (int r = 0; r < n; ++r) {
        T sum = rows_.end.at(before, lane_before, r) - rows_.y.at(block, lane, r);
        for (int c = 0; c < n; ++c) sum += rows_.a.at(before, lane_before, r * n + c) * d[c];
        next[r] = sum;
      }
      for (int c = 0; c < n; ++c) d[c] = rows_.d.at(block, lane, c) = next[c];
    };
    if (first_changed_ > first_block_)
      for (int c = 0; c < n; ++c) d[c] = rows_.d.at(first_changed_ - 1, width - 1, c);
    for (Index block = first_changed_; block < blocks_; ++block) {
      if (block > first_block_)
        pass(block - 1, width - 1, block, 0);
      else
        for (int c = 0; c < n; ++c) rows_.d.at(block, 0, c) = 0;
      for (int l = 1; l < width; ++l) pass(block, l - 1, block, l);
    }
  }

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> weight_at(const Vector<U, n>& y) const {
    Vector<U, n> weight;
    for (int c = 0; c < n; ++c) weight[c] = U(1) / (U(rtol_) * abs(y[c]) + U(atol_[c]));
    return weight;
  }

  F f_;
  Index blocks_capacity_, blocks_ = 0, first_changed_ = 0;
  Index first_block_ = 0;  // that is not settled
  T rtol_;
  Vector<T, n> atol_;
  Blocks rows_;
  std::vector<int> active_;     // blocks that the last review() found not done
  std::vector<char> refactor_;  // whether a new Jacobian is due there
  std::vector<char> fresh_;     // blocks that refine() put in
};

}  // namespace antler::inline ANTLER_LANES
