// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// One window of the adaptive solver for implicit equations: all its steps at once, in SIMD lanes. Stations as in window_march.hpp:
///
///   1. predictor   the sequential walk itself at a loose tolerance: steps of the same method with their error estimates
///   2. mesh        step density (error / target)^(1/(s+1)), full SIMD lanes; the guess moves over through the polynomials
///   3. Newton      newton() on all nodes and stages, the affine maps solved by a sweep
///   4. errors      of every step, the larger of the two estimates of implicit_step.hpp
///
/// What is accepted is for ImplicitMarch to decide. The predictor's steps are collocation steps, so that the second station of
/// initial value problems (a coarse iteration on RODAS' mesh) falls away.

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "antler/deer/newton.hpp"
#include "antler/discretization/collocation_system.hpp"
#include "antler/discretization/implicit_stage_newton.hpp"
#include "antler/inverse/sequential.hpp"
#include "antler/mesh/redistribution.hpp"
#include "antler/solve/collocation.hpp"
#include "antler/solve/implicit_walk.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Kernel: the square of the weighted norm of the error estimate of steps block W .. block W + W - 1.
template <class U, class T, int n, class Method, class G, class Plan, class ExecutionSpace>
struct EstimateImplicitSteps {
  G g;
  Plan plan;
  CollocationRows<T, n, Method, ExecutionSpace> rows;
  LaneWeights<T, n> weights;

  KOKKOS_INLINE_FUNCTION ANTLER_FLATTEN void operator()(Index block) const {
    const Index i = block * lane_count<U>;
    U t, h;
    rows.template step<U>(i, t, h);
    const Vector<U, n> y = rows.template nodes<U>(i, 0);
    const Matrix<U, n> filter = error_filter<Method, U, n>(plan.inverses.template kept<U>(i));
    const auto errors = implicit_errors<Method, G, U, n>(g, filter, t, h, y, rows.template stages<U>(rows.z, i));
    const U start = weights.mean_square(errors.at_start, y), inside = weights.mean_square(errors.inside, y);
    scatter(select(inside > start, inside, start + inside * U(0)), rows.norm_square, i);
  }
};

/// A window of up to `capacity` steps; allocates in its constructor.
template <class G, class T, int n, class Method>
class ImplicitWindow {
  using Space = Kokkos::DefaultHostExecutionSpace;
  using Newton = SimplifiedImplicitNewton;
  using Plan = typename Newton::template Plan<T, n, Method, Space>;
  using System = CollocationSystem<G, T, n, Method, Newton, const SequentialInverse, Space>;
  using Walk = ImplicitWalk<G, T, n, Method>;
  using U = std::conditional_t<G::lanes, KernelLanes<T, Space>, T>;

 public:
  using Piece = StepPolynomial<T, n, Method::stages>;
  static constexpr int width = lane_count<U>, most_predicted = 64;

  static std::size_t required_bytes(Index capacity) { return System::required_bytes(capacity); }

  /// @param limit  the largest error estimate of a step, weighted
  ImplicitWindow(const G& g, const Options& options, double direction, double limit, Index capacity)
      : g_(g),
        options_(options),
        weights_(options),
        direction_(direction),
        limit_(limit),
        system_(space_, g, inverse_, capacity, options),
        redistribution_({capacity - width, width, direction, options.maximum_step > 0 ? options.maximum_step : HUGE_VAL, target,
                         estimate_order<Method>}) {
    // newton() ends with an update below its tolerance: what is left behind that is smaller by another contraction.
    newton_options_.rtol = options.rtol;
    newton_options_.newton_tolerance = 10 * newton_tolerance<T>(options, limit);
    newton_options_.maximum_iterations = std::min<Index>(options.maximum_iterations, most_iterations);
    mesh_.reserve(static_cast<std::size_t>(capacity) + 1);
    piece_of_.reserve(static_cast<std::size_t>(capacity));
  }

  /// 1. Some steps of the walk from consistent values; false when not even one succeeded.
  /// @param loosened  by which the tolerances are multiplied
  bool predict(double t, const Vector<T, n>& y, const Vector<T, n>& slope, bool algebraic, double end, double longest, int steps,
               double loosened, double first, Statistics& statistics) {
    pieces_.clear();
    errors_.clear();
    Walk walk(g_, options_, loosened, direction_);
    if (walk.start(t, y, slope, algebraic, first, std::abs(end - t), statistics) != Status::converged) return false;
    while (static_cast<int>(pieces_.size()) < steps && (end - walk.time()) * direction_ > 0) {
      if (walk.advance(
              end, longest, [](const auto&) { return true; }, statistics) != Status::converged)
        break;
      ++statistics.predictor_steps;
      pieces_.push_back(walk.piece());
      errors_.push_back(square(walk.share() * walk.limit() * loosened));
    }
    pieces_end_ = walk.time();
    next_prediction_ = walk.next_step();
    return !pieces_.empty();
  }

  /// 2. to 4. from (t, y).
  /// @return the steps from the left that have converged and pass the error test
  Index solve(double t, const Vector<T, n>& y, Statistics& statistics) {
    if (!lay(t)) return 0;
    guess(y);
    const Index steps = this->steps();
    const Index iterations = statistics.iterations;
    statistics.residual_history.clear();  // of the last window only
    statistics.update_history.clear();
    const Status status = newton(system_, newton_options_, statistics);
    statistics.newton_steps += (statistics.iterations - iterations) * steps;
    if (status != Status::converged) return 0;
    parallel_for("antler::implicit::estimate", space_, (steps + width - 1) / width, width * (60.0 * n + 4.0 * n * n),
                 EstimateImplicitSteps<U, T, n, Method, G, Plan, Space>{g_, system_.plan(), system_.rows(), weights_});
    statistics.function_evaluations += 2 * steps;
    Index front = 0;
    while (front < steps && is_finite(error_squared(front)) && error_squared(front) <= limit_ * limit_) ++front;
    return front;
  }

  /// What has converged behind the front becomes the pieces of another round. @return false when there is nothing
  bool keep_behind(Index front, Statistics& statistics) {
    statistics.rejected_steps += steps() - front;
    pieces_.clear();
    errors_.clear();
    for (Index i = front; i < steps(); ++i) {
      pieces_.push_back(piece(i));
      errors_.push_back(error_squared(i));
    }
    pieces_end_ = mesh_.back();
    return !pieces_.empty();
  }

  [[nodiscard]] Index steps() const { return static_cast<Index>(mesh_.size()) - 1; }
  [[nodiscard]] const std::vector<double>& mesh() const { return mesh_; }
  [[nodiscard]] double share(Index i) const { return std::sqrt(error_squared(i)) / limit_; }
  /// The length that the predictor's next step would have had.
  [[nodiscard]] double next_prediction() const { return next_prediction_; }
  [[nodiscard]] int predicted() const { return static_cast<int>(pieces_.size()); }

  /// Step i as its polynomial; the state and the slope at its end.
  [[nodiscard]] Piece piece(Index i) const {
    const auto at = static_cast<std::size_t>(i);
    return collocation_polynomial<Method>(mesh_[at], mesh_[at + 1] - mesh_[at], gather_row<T, n>(system_.nodes(), i), stages(i));
  }
  [[nodiscard]] Vector<T, n> end_of(Index i) const {
    return gather_row<T, n>(system_.nodes(), i) + row_of(stages(i), Method::stages - 1);
  }
  [[nodiscard]] Vector<T, n> slope_at_end_of(Index i) const {
    const auto at = static_cast<std::size_t>(i);
    return row_of(stage_derivatives<Method, T, n>(stages(i), static_cast<T>(1 / (mesh_[at + 1] - mesh_[at]))), Method::stages - 1);
  }

 private:
  static constexpr double target = 0.2;  // as in WindowSolver
  static constexpr Index most_iterations = 10;

  [[nodiscard]] double error_squared(Index i) const { return static_cast<double>(system_.rows().norm_square(i)); }
  [[nodiscard]] Stages<T, n, Method> stages(Index i) const { return system_.rows().template stages<T>(system_.increments(), i); }

  bool lay(double t) {
    old_mesh_.assign(1, t);
    for (std::size_t i = 1; i < pieces_.size(); ++i) old_mesh_.push_back(pieces_[i].t);
    old_mesh_.push_back(pieces_end_);
    return redistribution_.lay(old_mesh_, errors_, limit_, mesh_, piece_of_);
  }

  void guess(const Vector<T, n>& first) {
    system_.begin(visible_to(space_, std::span<const double>(mesh_)));
    const auto nodes = system_.nodes();
    const auto increments = system_.increments();
    for (Index i = 0; i < steps(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const Piece& from = pieces_[static_cast<std::size_t>(piece_of_[at])];
      const double h = mesh_[at + 1] - mesh_[at];
      const Vector<T, n> y = from(mesh_[at]);
      scatter_row(i == 0 ? first : y, nodes, i);
      for (int k = 0; k < Method::stages; ++k) {
        const Vector<T, n> z = from(mesh_[at] + Method::c(k) * h) - y;
        for (int c = 0; c < n; ++c) increments(i, k * n + c) = z[c];
      }
    }
    scatter_row(pieces_[static_cast<std::size_t>(piece_of_.back())](mesh_.back()), nodes, steps());
  }

  Space space_;
  const SequentialInverse inverse_{};
  G g_;
  const Options& options_;
  Options newton_options_;
  LaneWeights<T, n> weights_;
  double direction_, limit_;
  System system_;
  Redistribution redistribution_;
  double pieces_end_ = 0, next_prediction_ = 0;
  std::vector<double> mesh_, old_mesh_, errors_;
  std::vector<int> piece_of_;
  std::vector<Piece> pieces_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
