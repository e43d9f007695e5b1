// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The collocation equations of a boundary value problem on a mesh of N steps, all unknowns at once, as a TrialNewtonSystem.

#include <algorithm>
#include <span>
#include <utility>

#include "antler/core/options.hpp"
#include "antler/core/stopwatch.hpp"
#include "antler/deer/newton.hpp"
#include "antler/discretization/boundary_step.hpp"
#include "antler/discretization/boundary_unknowns.hpp"

namespace antler::inline ANTLER_LANES {

/// F = 0 on a mesh.
///
/// @tparam Inverse  OrthogonalReduction or SequentialCondensation: `inverse.plan<System>(space, steps)`
/// @note Allocates in its constructor. Per step and iteration the method's stages evaluations of f and its Jacobian, about
/// (q n)^2 (2 n q + 4 n + 2 m) flops for the elimination of u, 12 n^3 for the inverse; every trial of a damped step one evaluation
/// and one solution with kept factors.
template <class Problem, class Method, class Inverse>
class BoundaryValueSystem {
 public:
  using T = typename Problem::Scalar;
  using Space = Kokkos::DefaultHostExecutionSpace;
  using Tableau = BoundaryTableau<Method>;
  static constexpr int n = Problem::size, m = Problem::parameters, conditions = Problem::conditions, q = Tableau::q;
  using F = decltype(Problem::f);
  using U = std::conditional_t<accepts_lanes<F>(), KernelLanes<T, Space>, T>;
  using LinearSystem = AlmostBlockDiagonal<T, n, m, conditions, Space>;
  using Plan = decltype(std::declval<const Inverse&>().template plan<LinearSystem>(Space{}, Index{}));
  using Unknowns = BoundaryUnknowns<T, n, m, q, Space>;
  using Parameters = typename Problem::Parameters;

  static std::size_t required_bytes(Index steps) {
    return Plan::required_bytes(steps) +
           static_cast<std::size_t>(steps) * (sizeof(typename LinearSystem::Slice) +
                                              sizeof(Elimination) / static_cast<std::size_t>(width) + (7 * q + 9) * n * sizeof(T));
  }

  BoundaryValueSystem(const Problem& problem, const Inverse& inverse, std::span<const double> points, const Options& options)
      : problem_(problem),
        options_(options),
        points_(points.begin(), points.end()),
        steps_(static_cast<Index>(points.size()) - 1),
        plan_(inverse.template plan<LinearSystem>(space_, steps_)),
        linear_(LinearSystem::allocated("antler::boundary_value::system", steps_)),
        eliminations_(allocate<Eliminations>("antler::boundary_value::eliminations", (steps_ + width - 1) / width)),
        norms_(allocate<Kokkos::View<double*, Kokkos::HostSpace>>("antler::boundary_value::norms", steps_)),
        top_(allocate<Inner>("antler::boundary_value::top", steps_)),
        trial_r_(allocate<States>("antler::boundary_value::trial", steps_)),
        iterate_(Unknowns::allocated("antler::boundary_value::iterate", steps_)),
        base_(Unknowns::allocated("antler::boundary_value::base", steps_)),
        best_(Unknowns::allocated("antler::boundary_value::best", steps_)),
        update_(Unknowns::allocated("antler::boundary_value::update", steps_)),
        other_(Unknowns::allocated("antler::boundary_value::other", steps_)) {}

  /// The same parameters in every lane.
  [[nodiscard]] static detail::ParametersOf<U, m> in_lanes(const Parameters& parameters) {
    detail::ParametersOf<U, m> p;
    for (int j = 0; j < detail::at_least_one(m); ++j) p[j] = U(parameters[j]);
    return p;
  }

  /// The iterate, to be set before and read after an iteration.
  [[nodiscard]] Unknowns& iterate() { return iterate_; }
  [[nodiscard]] const Unknowns& iterate() const { return iterate_; }
  /// The last Newton update, and on a branch the last null vector.
  [[nodiscard]] const Unknowns& update() const { return update_; }
  [[nodiscard]] const Unknowns& null_vector() const { return other_; }
  [[nodiscard]] const std::vector<double>& points() const { return points_; }
  [[nodiscard]] const BoundaryWeights<T, n, m>& weights() const { return weights_; }

  double linearize(Statistics& statistics) {
    const Stopwatch time;
    set_weights();
    const double ends = linearise_conditions();
    const Index blocks = (steps_ + width - 1) / width;
    parallel_for("antler::boundary_value::linearise", space_, blocks, width * flops_per_step,
                 [this](Index block) { linearise_block(block * width); });
    count(statistics);
    statistics.jacobian_evaluations += steps_ * stages;
    statistics.factorisations += steps_;
    const double residual = largest_norm(statistics);
    statistics.assembly_seconds += time.seconds();
    return std::max(residual, ends);
  }

  Status solve(Statistics& statistics) {
    const Stopwatch time;
    const Status status = plan_.apply(linear_, update_.states, update_.parameters);
    if (status == Status::converged) expand(update_, std::as_const(top_));
    iterate_.copy_to(space_, base_);
    statistics.inverse_seconds += time.seconds();
    return status;
  }

  /// Any solution of the linearised equations in update(), a direction in which they say nothing in null_vector().
  Status solve_branch(Statistics& statistics) requires(conditions == n + m - 1) {
    const Status status = solve(statistics);
    if (status != Status::converged) return status;
    plan_.null_vector(other_.states, other_.parameters);
    const Inner top = top_;
    parallel_for("antler::boundary_value::zero", space_, steps_, q * n, [=](const Index i) {
      for (int c = 0; c < q * n; ++c) top(i, c) = T(0);
    });
    expand(other_, top_);
    return status;
  }

  [[nodiscard]] double update_norm() const { return norm(update_); }
  /// The weighted norm of an update: the largest of states, u and parameters.
  [[nodiscard]] double norm(const Unknowns& v) const {
    const auto weights = weights_;
    const double states = parallel_maximum("antler::boundary_value::norm", space_, steps_ + 1, 4.0 * n,
                                           [=](const Index i) { return sqrt(weights.template squared_norm<1>(v.states, i)); });
    const double inner = parallel_maximum("antler::boundary_value::norm", space_, steps_, 4.0 * q * n,
                                          [=](const Index i) { return sqrt(weights.template squared_norm<q>(v.inner, i)); });
    double largest = std::max(states, inner);
    for (int j = 0; j < m; ++j) {
      const double scaled = std::abs(static_cast<double>(v.parameters[j])) / weights.parameters[j];
      largest = is_finite(scaled) ? std::max(largest, scaled) : HUGE_VAL;
    }
    return largest;
  }

  void advance() { iterate_.set_sum(space_, base_, T(1), update_); }
  void keep() { iterate_.copy_to(space_, best_); }
  void restore() { best_.copy_to(space_, iterate_); }

  TrialNorms trial(double lambda, Statistics& statistics) requires(conditions == n + m) {
    const Stopwatch time;
    iterate_.set_sum(space_, base_, static_cast<T>(lambda), update_);
    const Vector<T, conditions> g = detail::conditions_at<m>(problem_.g, first_state(), last_state(), iterate_.parameters);
    const Index blocks = (steps_ + width - 1) / width;
    parallel_for("antler::boundary_value::trial", space_, blocks, width * flops_per_step / 4,
                 [this](Index block) { evaluate_block(block * width); });
    count(statistics);
    Statistics ignored;
    if (!is_finite(largest_norm(ignored)) || !is_finite(max_abs(g))) return {smooth_norm(update_), HUGE_VAL, HUGE_VAL};
    plan_.solve(trial_r_, -g, other_.states, other_.parameters);
    expand(other_, top_);
    const TrialNorms norms{smooth_norm(update_), smooth_norm(other_), smooth_norm(other_, -(1 - lambda), update_)};
    statistics.inverse_seconds += time.seconds();
    return norms;
  }
  void reject() { base_.copy_to(space_, iterate_); }

 private:
  static constexpr int width = lane_count<U>, stages = q + (Tableau::ends ? 2 : 0), inner = q * n;
  static constexpr double flops_per_step = 2.0 * inner * inner * (inner + 3 * n);
  using Step = detail::BoundaryStep<U, n, q>;
  using Elimination = detail::StepElimination<U, n, m, q>;
  using Eliminations = Kokkos::View<Elimination*, Kokkos::HostSpace>;
  using States = Trajectory<T, n, Space>;
  using Inner = Trajectory<T, inner, Space>;

  static double max_abs(const auto& v) {
    double largest = 0;
    for (const auto& x : v) {
      const double size = std::abs(static_cast<double>(x));
      largest = is_finite(size) ? std::max(largest, size) : HUGE_VAL;
    }
    return largest;
  }
  [[nodiscard]] Vector<T, n> first_state() const { return gather_row<T, n>(iterate_.states, 0); }
  [[nodiscard]] Vector<T, n> last_state() const { return gather_row<T, n>(iterate_.states, steps_); }
  void count(Statistics& statistics) const { statistics.function_evaluations += steps_ * stages; }

  void set_weights() {
    // Digits below this many units of rounding are not to be had from f at large h |J|, whatever rtol asks for.
    const double least = 64 * static_cast<double>(rounding_of<T>) / std::min(1.0, options_.newton_tolerance);
    const double rtol = std::max(options_.rtol, least);
    double largest_atol = 0;
    for (int c = 0; c < n; ++c) {
      const States states = iterate_.states;
      const double size = parallel_maximum("antler::boundary_value::size", space_, steps_ + 1, 1,
                                           [=](const Index i) { return fabs(static_cast<double>(states(i, c))); });
      weights_.size[c] = size;
      weights_.states[c] = rtol * size + options_.atol[c];
      largest_atol = std::max(largest_atol, options_.atol[c]);
    }
    for (int j = 0; j < m; ++j)
      weights_.parameters[j] = rtol * std::abs(static_cast<double>(iterate_.parameters[j])) + largest_atol;
  }

  /// B_a, B_b, B_p and -g; returns the largest |g_j| in units of what the weights of its unknowns let it be.
  double linearise_conditions() {
    using D = Dual<T, 2 * n + m>;
    const Vector<T, n> left = first_state(), right = last_state();
    Vector<D, n> ya, yb;
    detail::ParametersOf<D, m> p{};
    for (int c = 0; c < n; ++c) {
      ya[c] = D::variable(left[c], c);
      yb[c] = D::variable(right[c], n + c);
    }
    for (int j = 0; j < m; ++j) p[j] = D::variable(iterate_.parameters[j], 2 * n + j);
    const Vector<D, conditions> g = detail::conditions_at<m>(problem_.g, ya, yb, p);
    double largest = 0;
    for (int i = 0; i < conditions; ++i) {
      double scale = 0;
      for (int c = 0; c < n; ++c) {
        linear_.Ba(i, c) = g[i].derivative[c];
        linear_.Bb(i, c) = g[i].derivative[n + c];
        scale += (std::abs(static_cast<double>(g[i].derivative[c])) + std::abs(static_cast<double>(g[i].derivative[n + c]))) *
                 weights_.states[c];
      }
      for (int j = 0; j < m; ++j) {
        linear_.Bp(i, j) = g[i].derivative[2 * n + j];
        scale += std::abs(static_cast<double>(g[i].derivative[2 * n + j])) * weights_.parameters[j];
      }
      linear_.right[i] = -g[i].value;
      const double residual = std::abs(static_cast<double>(g[i].value));
      if (!is_finite(residual) || !is_finite(scale)) return HUGE_VAL;
      // A condition that depends on nothing: singular, as the inverse will say.
      largest = std::max(largest, scale > 0 ? residual / scale : residual > 0 ? 1e300 : 0.0);
    }
    return largest;
  }

  /// Steps i, i + 1, ... one per lane; those past the last have length zero.
  [[nodiscard]] Step step_at(Index i) const {
    Step step;
    const auto time = [&](Index k) { return static_cast<T>(points_[static_cast<std::size_t>(std::min(k, steps_))]); };
    const auto length = [&](Index k) {
      const auto at = static_cast<std::size_t>(std::min(k, steps_ - 1));
      return k < steps_ ? static_cast<T>(points_[at + 1] - points_[at]) : T(0);
    };
    if constexpr (width == 1) {
      step.t = time(i);
      step.h = length(i);
    } else {
      step.t = from_lanes<U>([&](int l) { return time(i + l); });
      step.h = from_lanes<U>([&](int l) { return length(i + l); });
    }
    step.y = gather_row<U, n>(iterate_.states, i);
    step.z = gather_row<U, n>(iterate_.states, i + 1);
    step.u = gather_row<U, inner>(iterate_.inner, i);
    return step;
  }
  void linearise_block(Index i) {
    const auto linear = detail::linearised_step<Tableau, m>(problem_.f, step_at(i), in_lanes(iterate_.parameters));
    eliminations_(i / width) = linear.elimination;
    store_rhs(i, linear.rhs, linear.elimination, linear_.r);
    for (int l = 0; l < width && i + l < steps_; ++l) {
      auto& slice = linear_.slices(i + l);
      for (int r = 0; r < n; ++r) {
        for (int c = 0; c < n; ++c) {
          slice.S(r, c) = lane(linear.slice.S(r, c), l);
          slice.R(r, c) = lane(linear.slice.R(r, c), l);
        }
        for (int j = 0; j < m; ++j) slice.C(r, j) = lane(linear.slice.C(r, j), l);
      }
    }
  }
  void evaluate_block(Index i) {
    const auto rhs = detail::step_residual<Tableau, m>(problem_.f, step_at(i), in_lanes(iterate_.parameters));
    store_rhs(i, rhs, eliminations_(i / width), trial_r_);
  }

  /// The norm of the right-hand side, and what is left of it behind the elimination of u.
  void store_rhs(Index i, Vector<U, inner + n> rhs, const Elimination& elimination, const States& r) {
    for (int l = 0; l < width && i + l < steps_; ++l) {
      double sum = 0;
      for (int k = 0; k < inner + n; ++k) {
        const double scaled = static_cast<double>(lane(rhs[k], l)) / weights_.states[k % n];
        sum += scaled * scaled;
      }
      norms_(i + l) = std::sqrt(sum / (inner + n));
    }
    elimination.factors.apply(rhs);
    Vector<U, inner> above;
    Vector<U, n> below;
    for (int k = 0; k < inner; ++k) above[k] = rhs[k];
    for (int k = 0; k < n; ++k) below[k] = rhs[inner + k];
    scatter_row(above, top_, i);
    scatter_row(below, r, i);
  }

  double largest_norm(Statistics& statistics) const {
    double largest = 0;
    for (Index i = 0; i < steps_; ++i) {
      if (!is_finite(norms_(i))) {
        statistics.first_failure = i;
        return HUGE_VAL;
      }
      largest = std::max(largest, norms_(i));
    }
    return largest;
  }

  /// The updates of u from those of the states.
  void expand(const Unknowns& v, const Inner& top) const {
    const auto e = in_lanes(v.parameters);
    parallel_for("antler::boundary_value::expand", space_, (steps_ + width - 1) / width, 6.0 * width * inner * n, [&](Index block) {
      const Index i = block * width;
      scatter_row(eliminations_(block).update(gather_row<U, inner>(top, i), gather_row<U, n>(v.states, i),
                                              gather_row<U, n>(v.states, i + 1), e),
                  v.inner, i);
    });
  }

  /// The root mean square over all unknowns of v + factor w.
  [[nodiscard]] double smooth_norm(const Unknowns& v, double factor, const Unknowns& w) const {
    const auto weights = weights_;
    const auto mean = [&](const auto& a, const auto& b, int width) {
      const double sum = parallel_sum(
          "antler::boundary_value::smooth_norm", space_, static_cast<Index>(a.extent(0)), 6.0 * width, [=](const Index i) {
            double squares = 0;
            for (int k = 0; k < width; ++k)
              squares += square((static_cast<double>(a(i, k)) + factor * static_cast<double>(b(i, k))) / weights.states[k % n]);
            return squares / width;
          });
      return sum / static_cast<double>(a.extent(0));
    };
    double sum = mean(v.states, w.states, n) + mean(v.inner, w.inner, inner);
    for (int j = 0; j < m; ++j)
      sum += square((static_cast<double>(v.parameters[j]) + factor * static_cast<double>(w.parameters[j])) / weights.parameters[j]);
    return std::sqrt(sum);
  }
  [[nodiscard]] double smooth_norm(const Unknowns& v) const { return smooth_norm(v, 0, v); }

  Space space_;
  const Problem& problem_;
  const Options& options_;
  std::vector<double> points_;
  Index steps_;
  Plan plan_;
  LinearSystem linear_;
  Eliminations eliminations_;
  Kokkos::View<double*, Kokkos::HostSpace> norms_;
  Inner top_;
  States trial_r_;
  Unknowns iterate_, base_, best_, update_, other_;
  BoundaryWeights<T, n, m> weights_;
};

}  // namespace antler::inline ANTLER_LANES
