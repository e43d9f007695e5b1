// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// One window of the adaptive solver: from a predictor to steps that have converged, with their errors. What is accepted, and where
/// the next window begins, is for WindowMarch to decide.

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "antler/discretization/collocation_window.hpp"
#include "antler/mesh/redistribution.hpp"
#include "antler/mesh/rodas.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// How the predictor goes about a window.
struct PredictorPlan {
  int steps;    ///< at most
  double rtol;  ///< its tolerance
  double step;  ///< length of its first step, 0: of its own choice
};

/// Stations 1. to 4. of solve/window_march.hpp.
template <class F, class T, int n, class Method, class ExecutionSpace>
class WindowSolver {
 public:
  using Window = CollocationWindow<F, T, n, Method>;
  using Piece = typename Window::Polynomial;
  using Cubic = StepPolynomial<T, n, 3>;
  static constexpr int width = Window::width, degree = Method::stages > 3 ? Method::stages : 3;
  static constexpr std::size_t bytes_per_step = sizeof(T) * Window::rows_per_step + sizeof(Piece);
  static constexpr double nearly_all = 0.999;  // of maximum_step: the predictor stretches its last step by as much
  static constexpr double target =
      0.2;  // of the error limit: a lower one costs steps, a higher one rejected steps, both take the same time from 0.15 to 0.35

  /// @param limit      the largest error estimate of a step, weighted
  /// @param predicted  steps of the longest prediction
  WindowSolver(const ExecutionSpace& space, const F& f, const Options& options, double direction, double limit, Index capacity,
               int predicted)
      : space_(space),
        f_(f),
        options_(options),
        direction_(direction),
        limit_(limit),
        window_(f, options, capacity),
        redistribution_({window_.capacity() - width - room_to_refine(window_.capacity()), width, direction,
                         options.maximum_step > 0 ? nearly_all * options.maximum_step : HUGE_VAL, target, estimate_order<Method>}),
        newton_tolerance_(newton_tolerance(options, limit)) {
    const auto steps = static_cast<std::size_t>(window_.capacity());
    mesh_.reserve(steps + 1);
    old_mesh_.reserve(steps + 1);
    piece_of_.reserve(steps);
    refinements_.reserve(steps / width);
    points_.reserve(steps + steps / width);
    parts_.reserve(steps);
    pieces_.reserve(steps);
    errors_.reserve(steps);
    cubics_.reserve(static_cast<std::size_t>(predicted));
    reserve_history(statistics_);
  }

  /// From now on steps must be right between their nodes as well, or need not.
  void watch_between(bool between) { between_ = between; }

  [[nodiscard]] const Window& window() const { return window_; }
  [[nodiscard]] const std::vector<double>& mesh() const { return mesh_; }

  /// So that no window allocates, however many iterations it takes.
  static void reserve_history(Statistics& statistics) {
    statistics.residual_history.reserve(most_fine_iterations + 1);
    statistics.update_history.reserve(most_fine_iterations + 1);
  }
  /// What was done since the last call; its vectors keep their memory.
  void add_to(Statistics& total) {
    total.residual_history.clear();  // of the last window only: memory must not grow with the number of steps
    total.update_history.clear();
    const Index steps = total.steps, first_failure = total.first_failure;
    total += statistics_;
    total.steps = steps;
    total.first_failure = first_failure;
    auto residuals = std::move(statistics_.residual_history), updates = std::move(statistics_.update_history);
    residuals.clear();
    updates.clear();
    statistics_ = {};
    statistics_.residual_history = std::move(residuals);
    statistics_.update_history = std::move(updates);
  }

  /// 1. and 2. from (t, y): cubics of the predictor, and what Newton's iteration makes of them. False when not even the first step
  /// converged; then status() says what the predictor ended with.
  bool prepare(double t, const Vector<T, n>& y, double end, double longest, const PredictorPlan& plan) {
    pieces_.clear();
    goes_on_ = false;
    predict(t, y, end, longest, plan);
    return !cubics_.empty() && coarse(y);
  }
  [[nodiscard]] Status predictor_status() const { return predictor_status_; }
  [[nodiscard]] const std::vector<Cubic>& cubics() const { return cubics_; }

  /// In place of prepare(): steps and polynomials from elsewhere, and the squares of their errors in parts of the limit, to be
  /// filled in; then take_pieces() with where they end.
  std::vector<Piece>& pieces() { return pieces_; }
  std::vector<double>& errors() { return errors_; }
  void take_pieces(double end) {
    old_end_ = end;
    for (double& squared : errors_) squared *= limit_ * limit_;
  }
  [[nodiscard]] bool has_pieces() const { return !pieces_.empty(); }

  /// 3. A mesh of full lanes from t on, on which every step is expected to pass; false when no step of it would be representable.
  bool lay(double t, const Vector<T, n>& y) {
    if (goes_on_) return true;
    old_mesh_.assign(1, t);
    for (std::size_t i = 1; i < pieces_.size(); ++i) old_mesh_.push_back(pieces_[i].t);
    old_mesh_.push_back(old_end_);
    if (!redistribution_.lay(old_mesh_, errors_, limit_, mesh_, piece_of_)) return false;
    window_.guess(mesh_, pieces_, piece_of_, static_cast<Index>(piece_of_.size()));
    window_.set_first(y);
    return true;
  }

  /// 4. Newton's iteration and the error estimates.
  /// @return the steps from the left that have converged and pass the error test
  Index fine() {
    const int most_iterations = static_cast<int>(std::min<Index>(most_fine_iterations, options_.maximum_iterations));
    if (std::exchange(goes_on_, false)) {
      window_.reopen(refine());
      resume();
    } else {
      start();
    }
    converged_ = iterate(newton_tolerance_ * newton_tolerance_, most_iterations);
    estimate();
    for (int round = 0; round < most_refinements && converged_ == window_.steps() && refine(); ++round) {
      statistics_.rejected_steps += window_.fresh();
      resume();
      converged_ = iterate(newton_tolerance_ * newton_tolerance_, most_iterations);
      estimate();
    }
    Index front = 0;
    while (front < converged_ && is_finite(window_.error_squared(front)) && window_.error_squared(front) <= limit_ * limit_)
      ++front;
    return front;
  }

  /// After fine(): pieces become what has converged behind the front.
  /// @param first_shares  parts that the first step behind the front is to be cut into at least, or 0
  void keep_behind(Index front, double first_shares) {
    statistics_.rejected_steps += window_.steps() - front;
    export_pieces(front, converged_);
    if (first_shares > 0)
      errors_.front() = std::max(errors_.front(), limit_ * limit_ * redistribution_.squared_error_of(first_shares));
  }

  /// The error estimate of a step in parts of the limit.
  [[nodiscard]] double error_share(Index i) const { return std::sqrt(window_.error_squared(i)) / limit_; }

 private:
  /// Where errors are held far below the tolerance, what the iteration leaves behind has to be below them, but not below rounding.
  static double newton_tolerance(const Options& options, double limit) {
    const double rounding = 8 * static_cast<double>(std::numeric_limits<T>::epsilon()) / options.rtol;
    return std::max(options.newton_tolerance * std::min(1.0, 10 * limit), std::min(options.newton_tolerance, rounding));
  }

  void predict(double t, const Vector<T, n>& y, double end, double longest, const PredictorPlan& plan) {
    cubics_.clear();
    ++statistics_.function_evaluations;  // at the start
    ++statistics_.jacobian_evaluations;
    Rodas<F, T, n> rodas(f_, Weights<T, n>(options_, std::max(plan.rtol / options_.rtol, 1.0)), direction_);
    predictor_status_ = rodas.start(t, y, plan.step, longest);
    while (predictor_status_ == Status::converged && static_cast<int>(cubics_.size()) < plan.steps &&
           (end - rodas.time()) * direction_ > 0) {
      cubics_.emplace_back();
      predictor_status_ = rodas.advance(end, &cubics_.back(), statistics_);
      if (predictor_status_ != Status::converged)
        cubics_.pop_back();
      else
        ++statistics_.predictor_steps;
    }
    predicted_end_ = rodas.time();
  }

  bool coarse(const Vector<T, n>& y) {
    const auto count = static_cast<Index>(cubics_.size());
    const Index steps = (count + width - 1) / width * width;
    mesh_.clear();
    piece_of_.clear();
    for (Index i = 0; i < count; ++i) {  // full lanes: the first steps are halved, or cut further, as needed
      const Index parts = steps / count + (i < steps % count ? 1 : 0);
      const Cubic& cubic = cubics_[static_cast<std::size_t>(i)];
      for (Index k = 0; k < parts; ++k) {
        mesh_.push_back(cubic.t + cubic.h * (static_cast<double>(k) / static_cast<double>(parts)));
        piece_of_.push_back(static_cast<int>(i));
      }
    }
    mesh_.push_back(predicted_end_);  // not t + h of the last cubic: that may miss the end by its rounding
    window_.guess(mesh_, cubics_, piece_of_, steps);
    window_.set_first(y);
    const double goal = std::max(1.0, coarse_accuracy / options_.rtol);
    start();
    const Index good = iterate(goal * goal, most_coarse_iterations);
    if (good == 0) return false;
    estimate();
    export_pieces(0, good);
    goes_on_ = good == steps && serves();
    if constexpr (Method::stages < 3)  // the predictor's shape is the better guess; the method's long steps give the errors only
      for (std::size_t i = 0; i < pieces_.size(); ++i)
        pieces_[i] = of_degree<degree>(restricted(cubics_[static_cast<std::size_t>(piece_of_[i])], mesh_[i], mesh_[i + 1]));
    return true;
  }

  /// Steps of a window that are left free for refine().
  static Index room_to_refine(Index capacity) { return capacity / (8 * width) * width; }

  void start() {
    window_.start(space_);
    count_iteration(window_.steps(), window_.steps());
  }

  /// Whether the coarse mesh is about as fine as it has to be, so that the iteration may go on with it: then a new one would only
  /// lose factors and digits.
  [[nodiscard]] bool serves() const {
    Index failing = 0;
    const Index blocks = window_.steps() / width;
    for (Index block = 0; block < blocks; ++block) failing += passes(block) ? 0 : 1;
    return 4 * failing <= blocks && 2 * redistribution_.expected_steps(errors_, limit_) >= static_cast<double>(window_.steps());
  }
  void resume() {
    window_.resume(space_);
    count_iteration(window_.unsettled(), window_.fresh());
  }

  /// Lays the steps of those blocks anew in which one has failed its error test; false when there is none, or so many that the
  /// window had better be laid anew as a whole.
  bool refine() {
    refinements_.clear();
    points_.clear();
    parts_.clear();
    pieces_.clear();
    Index removed = 0, added = 0;
    const Index blocks = window_.steps() / width;
    for (Index block = 0; block < blocks; ++block) {
      if (passes(block)) continue;
      Index end = block;
      do {
        ++end;
        if (!lay_blocks(block, end)) return false;
      } while (end < blocks &&
               (!passes(end) || length(mesh_, end * width) > Redistribution::neighbour_ratio * length(old_mesh_, -2)));
      refinements_.push_back({block, end - block, static_cast<Index>(piece_of_.size()) / width});
      removed += end - block;
      added += refinements_.back().added;
      if (4 * removed > blocks || (blocks - removed + added) * width > window_.capacity()) return false;
      points_.insert(points_.end(), old_mesh_.begin(), old_mesh_.end());
      for (const int part : piece_of_) parts_.push_back(static_cast<int>(pieces_.size()) + part);
      for (Index i = block * width; i < end * width; ++i) pieces_.push_back(window_.polynomial(i));
      block = end;  // it passes
    }
    if (refinements_.empty()) return false;
    window_.refine(refinements_, points_, pieces_, parts_);
    refine_mesh();
    return true;
  }

  [[nodiscard]] bool passes(Index block) const {
    bool all = true;
    for (Index i = block * width; i < (block + 1) * width; ++i)
      all = all && is_finite(window_.error_squared(i)) && window_.error_squared(i) <= limit_ * limit_;
    return all;
  }
  /// Of step i, from the end when i is negative.
  [[nodiscard]] static double length(const std::vector<double>& mesh, Index i) {
    const auto at = static_cast<std::size_t>(i < 0 ? static_cast<Index>(mesh.size()) + i : i);
    return std::abs(mesh[at + 1] - mesh[at]);
  }

  /// New steps for the blocks first .. last - 1, none longer than those it stands for, to old_mesh_ and piece_of_; false when they
  /// cannot be had. Longer ones could pass over what the old ones have seen.
  bool lay_blocks(Index first, Index last) {
    errors_.clear();
    const double least = limit_ * limit_ * redistribution_.squared_error_of(1);
    for (Index i = first * width; i < last * width; ++i) errors_.push_back(std::max(window_.error_squared(i), least));
    const std::span<const double> old(&mesh_[static_cast<std::size_t>(first * width)], errors_.size() + 1);
    return redistribution_.lay(old, errors_, limit_, old_mesh_, piece_of_) && old_mesh_.back() == old.back();
  }

  /// The points of the refined steps in the place of the old ones.
  void refine_mesh() {
    old_mesh_.swap(mesh_);
    mesh_.clear();
    auto old = old_mesh_.cbegin();
    auto refined = points_.cbegin();
    for (const auto& refinement : refinements_) {
      const auto first = old_mesh_.cbegin() + refinement.first * width;
      mesh_.insert(mesh_.end(), old, first);
      mesh_.insert(mesh_.end(), refined, refined + refinement.added * width);
      old = first + refinement.removed * width;
      refined += refinement.added * width + 1;
    }
    mesh_.insert(mesh_.end(), old, old_mesh_.cend());
  }

  /// Simplified Newton, after start(), until residual and update are below the tolerance, a square, in every step; its last update
  /// is applied without another evaluation.
  /// @return the steps from the left that have converged
  Index iterate(double tolerance, int most_iterations) {
    statistics_.residual_history.clear();
    statistics_.update_history.clear();
    bool converged = false;
    double last = HUGE_VAL;
    for (int iteration = 0;; ++iteration) {
      const auto review = window_.review(tolerance);
      statistics_.residual_history.push_back(std::sqrt(review.residual));
      statistics_.update_history.push_back(std::sqrt(review.update));
      converged = is_finite(review.update) && review.active == 0;
      const bool diverges = !is_finite(review.update) || (iteration >= 2 && review.update > last);
      if (converged || diverges || iteration == most_iterations) break;
      window_.advance(space_);
      ++statistics_.iterations;
      statistics_.newton_steps += review.active;
      count_iteration(review.active, review.refactored);
      last = review.update;
    }
    const Index front = converged ? window_.steps() : window_.done(tolerance);
    window_.apply(space_, front);
    return front;
  }

  /// Steps first .. last - 1 of the window as polynomials with their errors.
  void export_pieces(Index first, Index last) {
    pieces_.clear();
    errors_.clear();
    for (Index i = first; i < last; ++i) {
      pieces_.push_back(window_.polynomial(i));
      errors_.push_back(window_.error_squared(i));
    }
    old_end_ = mesh_[static_cast<std::size_t>(last)];
  }
  void estimate() {
    window_.estimate(space_, between_);
    statistics_.function_evaluations += window_.steps();
  }
  void count_iteration(Index evaluated, Index factored) {
    statistics_.function_evaluations += evaluated * Method::stages;
    statistics_.jacobian_evaluations += factored;
    statistics_.factorisations += factored;
  }

  static constexpr int most_fine_iterations = 10, most_coarse_iterations = 5, most_refinements = 3;
  /// Relative, of the coarse trajectory: one or two fine iterations from six digits.
  static constexpr double coarse_accuracy = 1e-5;
  ExecutionSpace space_;
  F f_;
  const Options& options_;
  double direction_, limit_;
  Window window_;
  Redistribution redistribution_;
  double newton_tolerance_;
  Statistics statistics_;
  Status predictor_status_ = Status::converged;
  double old_end_ = 0, predicted_end_ = 0;
  Index converged_ = 0;
  bool goes_on_ = false;  // fine() takes the coarse mesh
  bool between_ = false;
  std::vector<double> mesh_, old_mesh_, errors_;
  std::vector<int> piece_of_;
  std::vector<typename Window::Refinement> refinements_;
  std::vector<double> points_;  // of the refined steps
  std::vector<int> parts_;      // piece_of_ of the refined steps
  std::vector<Cubic> cubics_;
  std::vector<Piece> pieces_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
