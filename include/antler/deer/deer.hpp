// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// DEER, the general framework [Lim2024, alg. 1]: solves
///
///     L[y](r) = f(y(r - s_1), ..., y(r - s_P), x(r))
///
/// with all points at once. One iteration, in the order of the paper:
///
///   1. y_p = y(r - s_p)                     Shifter
///   2. f and G_p = -df/dy_p at the y_p      evaluate()
///   3. right-hand side                      LinearOperator
///   4. L_G d = f - L[y],  y <- y + d        InverseOperator
///   5. test                                 newton()
///
/// What differs from the paper: step 3 forms the residual where L has a discrete form, not z = f + sum G_p y_p, so that step 4
/// yields the update and not the next iterate. Both are Newton's method; the residual form does not subtract two trajectories to
/// get a small update. An operator in the paper's form is served too (IterateLinearOperator).

#include <algorithm>

#include "antler/core/require.hpp"
#include "antler/core/stopwatch.hpp"
#include "antler/deer/evaluate.hpp"
#include "antler/deer/newton.hpp"
#include "antler/deer/weights.hpp"

namespace antler::inline ANTLER_LANES {

/// What deer() returns: status, statistics and the trajectory, shape (N, n): the solution, or the best iterate found.
template <class T, int n, class ExecutionSpace>
struct DeerResult {
  Status status;
  Statistics statistics;
  Trajectory<T, n, ExecutionSpace> states;
};

/// The NewtonSystem of L, f, the shifter and the inverse operator. Allocates in its constructor only.
template <class T, int n, class L, class F, class S, class Inverse, class ExecutionSpace>
class DeerSystem {
 public:
  static constexpr bool residual_form = ResidualLinearOperator<L, T, n, S::count, ExecutionSpace>;
  using States = Trajectory<T, n, ExecutionSpace>;

  /// Bytes that the constructor allocates for `points` points; the linear operator and its inverse come on top.
  static std::size_t required_bytes(Index points) {
    const std::size_t trajectories = 3 + (residual_form ? 0 : 1);
    return static_cast<std::size_t>(points) * n * sizeof(T) * (trajectories + static_cast<std::size_t>(n) * S::count);
  }

  DeerSystem(const ExecutionSpace& space, L& linear_operator, const F& f, const S& shifter, Inverse& inverse, States y,
             const Options& options)
      : space_(space), linear_operator_(linear_operator), f_(f), shifter_(shifter), inverse_(inverse), weights_(options), y_(y) {
    const auto points = y.extent(0);
    value_ = allocate<States>("antler::deer::f", points);
    update_ = allocate<States>("antler::deer::update", points);
    best_ = allocate<States>("antler::deer::best", points);
    if constexpr (!residual_form) z_ = allocate<States>("antler::deer::z", points);
    for (int p = 0; p < S::count; ++p)
      jacobian_[static_cast<size_t>(p)] = allocate<Matrices<T, n, ExecutionSpace>>("antler::deer::jacobian", points);
  }

  double linearize(Statistics& statistics) {
    const auto points = static_cast<Index>(y_.extent(0));
    const Stopwatch evaluation;
    evaluate<T, n>(space_, f_, shifter_, y_, value_, jacobian_);
    statistics.function_evaluations += points;
    statistics.jacobian_evaluations += points;
    const double finite = largest_evaluation(statistics);
    statistics.evaluation_seconds += evaluation.seconds();
    if (!is_finite(finite)) return finite;

    const Stopwatch assembly;
    double residual = last_update_;
    if constexpr (residual_form) {
      system_ = &linear_operator_.linearize(space_, y_, value_, jacobian_);
      residual = weights_.norm(space_, linear_operator_.residual(), y_);
      if (!is_finite(residual)) residual = overflow;  // f was finite: its exponential overflowed, the solve will say so
    } else {
      form_right_hand_side();
      system_ = &linear_operator_.assemble(space_, z_, jacobian_);
    }
    if constexpr (requires { linear_operator_.factorisations(); }) statistics.factorisations += linear_operator_.factorisations();
    statistics.assembly_seconds += assembly.seconds();
    return residual;
  }

  Status solve(Statistics& statistics) {
    const Stopwatch inversion;
    const Status status = inverse_.apply(space_, *system_, update_);
    if constexpr (!residual_form) {
      const States next = update_, y = y_;
      for_each_entry(
          "antler::deer::update", KOKKOS_LAMBDA(const Index i) {
            for (int c = 0; c < n; ++c) next(i, c) -= y(i, c);
          });
    }
    last_update_ = weights_.norm(space_, update_, y_);
    statistics.inverse_seconds += inversion.seconds();
    return status;
  }

  double update_norm() const { return last_update_; }

  void advance() {
    const States update = update_, y = y_;
    for_each_entry(
        "antler::deer::advance", KOKKOS_LAMBDA(const Index i) {
          for (int c = 0; c < n; ++c) y(i, c) += update(i, c);
        });
  }

  void keep() { copy_rows<T, n>(space_, y_, best_); }
  void restore() { copy_rows<T, n>(space_, best_, y_); }

  /// Infinite, and statistics.first_failure set, when f or a Jacobian is not finite somewhere; else some finite number.
  double largest_evaluation(Statistics& statistics) const {
    const States value = value_;
    const auto jacobian = jacobian_;
    const auto magnitude = KOKKOS_LAMBDA(const Index i) {
      bool finite = true;
      for (int r = 0; r < n; ++r) {
        finite = finite && is_finite(value(i, r));
        for (int p = 0; p < S::count; ++p)
          for (int c = 0; c < n; ++c) finite = finite && is_finite(jacobian[static_cast<size_t>(p)](i, r, c));
      }
      return finite ? 0.0 : HUGE_VAL;
    };
    const auto points = static_cast<Index>(y_.extent(0));
    const double largest = parallel_maximum("antler::deer::finite", space_, points, n * n, magnitude);
    if (!is_finite(largest)) {
      const double points_left = parallel_maximum(
          "antler::deer::first_failure", space_, points, n * n,
          KOKKOS_LAMBDA(const Index i) { return is_finite(magnitude(i)) ? 0.0 : static_cast<double>(points - i); });
      statistics.first_failure = points - static_cast<Index>(points_left);
    }
    return largest;
  }

  /// z = f + sum_p G_p y_p, in place of the residual for operators in the paper's form.
  void form_right_hand_side() {
    const States z = z_, value = value_, y = y_;
    const auto jacobian = jacobian_;
    const S shifter = shifter_;
    for_each_entry(
        "antler::deer::z", KOKKOS_LAMBDA(const Index i) {
          Vector<T, n> sum = gather_row<T, n>(value, i);
          for (int p = 0; p < S::count; ++p)
            sum -= gather_matrix<T, n>(jacobian[static_cast<size_t>(p)], i) * shifter.template operator()<T>(p, i, y);
          scatter_row(sum, z, i);
        });
  }

 private:
  static constexpr double overflow = 1e300;

  template <class Body>
  void for_each_entry(const char* label, const Body& body) const {
    parallel_for(label, space_, static_cast<Index>(y_.extent(0)), 2.0 * n, body);
  }

  ExecutionSpace space_;
  L& linear_operator_;
  F f_;
  S shifter_;
  Inverse& inverse_;
  Weights<T, n> weights_;
  States y_, value_, update_, best_, z_;
  Jacobians<T, n, S::count, ExecutionSpace> jacobian_;
  const typename L::System* system_ = nullptr;
  double last_update_ = overflow;
};

/// Bytes that a Newton solve on `points` points will hold: the states, what deer_in_place allocates, L, and an inverse that grows
/// with them. For drivers, which ask the memory cap before they allocate any of it.
template <class T, int n, class L, class F, class S, class Inverse, class ExecutionSpace>
std::size_t required_bytes(Index points) {
  std::size_t needed = DeerSystem<T, n, L, F, S, Inverse, ExecutionSpace>::required_bytes(points) + L::required_bytes(points) +
                       static_cast<std::size_t>(points) * n * sizeof(T);
  if constexpr (requires { Inverse::required_bytes(points); }) needed += Inverse::required_bytes(points);
  return needed;
}

/// Solves L[y](r) = f(y(r - s_1), ..., y(r - s_P), x(r)) by Newton's method on the whole trajectory.
///
/// @param linear_operator   L, a LinearOperator; keeps the storage of its system
/// @param f                 `f(i, y_1, ..., y_P)` at point i, a template over the element type (dual numbers give the Jacobians)
/// @param shifter           y(r - s_p), a Shifter
/// @param inverse_operator  solves the system that L writes, an InverseOperator
/// @param states            in: the guess; out: the solution or the best iterate; shape (N, n)
/// @param options           tolerances (weights of the norm), newton_tolerance, maximum_iterations, memory_cap
/// @throws InvalidArgument  unusable options, Kokkos not running, the memory cap would be exceeded
/// @note Per iteration N (n P + 1) evaluations of f's operations, the system of L, one application of the inverse operator. Memory
/// beyond
///       L and its inverse: N n (3 + n P) scalars.
template <class T, int n, class L, class F, class S, class Inverse, class ExecutionSpace>
  requires LinearOperator<L, T, n, S::count, ExecutionSpace> && Shifter<S, T, n, ExecutionSpace> &&
      InverseOperator<Inverse, typename L::System, T, n, ExecutionSpace>
          Status deer_in_place(const ExecutionSpace& space, L& linear_operator, const F& f, const S& shifter,
                               Inverse& inverse_operator, const Trajectory<T, n, ExecutionSpace>& states, const Options& options,
                               Statistics& statistics, const SourceLocation& where = SourceLocation::current()) {
    using System = DeerSystem<T, n, L, F, S, Inverse, ExecutionSpace>;
    require_kokkos(where);
    require_valid(options, n, where);
    const Index points = static_cast<Index>(states.extent(0));
    statistics.steps = points;
    if (points == 0) return Status::converged;
    std::size_t needed = System::required_bytes(points) + bytes(states);
    if constexpr (requires { linear_operator.required_bytes(); }) needed += linear_operator.required_bytes();
    if constexpr (requires { inverse_operator.required_bytes(); }) needed += inverse_operator.required_bytes();
    require_memory(options, needed, where);
    statistics.peak_bytes = std::max(statistics.peak_bytes, needed);
    System system(space, linear_operator, f, shifter, inverse_operator, states, options);
    return newton(system, options, statistics);
  }

/// As deer_in_place, for a guess that is to be kept; runs where the guess lives and returns status, statistics and trajectory.
///
/// @param guess  shape (N, n) with n known at compile time: Kokkos::View<T* [n]>
template <class T, int n, class L, class F, class S, class Inverse, class... Properties>
DeerResult<T, n, typename Kokkos::View<T* [n], Properties...>::execution_space> deer(
    L& linear_operator, const F& f, const S& shifter, Inverse& inverse_operator, const Kokkos::View<T* [n], Properties...>& guess,
    const Options& options = {}, const SourceLocation& where = SourceLocation::current()) {
  using ExecutionSpace = typename Kokkos::View<T* [n], Properties...>::execution_space;
  require_kokkos(where);
  const Stopwatch total;
  DeerResult<T, n, ExecutionSpace> result;
  const ExecutionSpace space;
  result.states = allocate<Trajectory<T, n, ExecutionSpace>>("antler::deer::states", guess.extent(0));
  copy_rows<T, n>(space, guess, result.states);
  result.status =
      deer_in_place<T, n>(space, linear_operator, f, shifter, inverse_operator, result.states, options, result.statistics, where);
  result.statistics.total_seconds = total.seconds();
  return result;
}

}  // namespace antler::inline ANTLER_LANES
