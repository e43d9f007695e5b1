// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Kernels of collocation on a fixed mesh on a device, for more components than a thread has registers for. Where Jacobians are
/// renewed, a team shares a step. With the inverses at hand one thread per step is right for any n: it reads each entry once, next
/// to those that its neighbours read for their steps, and keeps vectors only.

#include "antler/core/teams.hpp"
#include "antler/discretization/collocation_kernels.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Kernel: step i, linearised anew by the threads of a team; leaves what LinearizeSteps leaves, to rounding.
///
/// The sums of norms are formed by one thread, in the order of the components: any size of the team gives the same numbers.
template <class T, int n, class Method, class F, class Plan, class ExecutionSpace>
struct LinearizeSharedStep {
  static constexpr int s = Method::stages, middle = s / 2;
  using Shared = SharedStep<T, n, Method>;

  F f;
  Plan plan;
  CollocationRows<T, n, Method, ExecutionSpace> rows;
  LaneWeights<T, n> weights;

  template <class Member>
  KOKKOS_INLINE_FUNCTION void operator()(const Member& member, Index i, Shared& shared) const {
    const int rank = member.team_rank(), size = member.team_size();
    T t, h;
    rows.template step<T>(i, t, h);
    const T inverse_h = T(1) / h;
    evaluate(rank, size, i, t, h, shared);
    member.team_barrier();
    for (int c = rank; c < n; c += size) shared.form_right_side(c, stages_of(i, c), inverse_h);
    shared.invert(member);
    for (int entry = rank; entry < n * n; entry += size) keep(i, entry / n, entry % n, inverse_h, shared);
    for (int c = rank; c < n; c += size) change(i, c, shared);
    member.team_barrier();
    if (rank == 0) rows.norm_square(i) = norm_square(shared);  // the others may be at the next step: it writes squares last
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION Vector<T, n> stage(Index i, int k) const {
    Vector<T, n> y;
    for (int c = 0; c < n; ++c) y[c] = rows.y(i, c) + rows.z(i, k * n + c);
    return y;
  }
  /// Component c of Z.
  KOKKOS_FORCEINLINE_FUNCTION Stages<T, 1, Method> stages_of(Index i, int c) const {
    Stages<T, 1, Method> z;
    for (int k = 0; k < s; ++k) z(k, 0) = rows.z(i, k * n + c);
    return z;
  }

  /// lambda / h - J and F: columns of J and stages of F shared out, or one thread for a df/dy that f brings.
  KOKKOS_INLINE_FUNCTION void evaluate(int rank, int size, Index i, const T& t, const T& h, Shared& shared) const {
    const T inverse_h = T(1) / h, at = t + T(Method::c(middle)) * h;
    if constexpr (DifferentiatedByColumns<F, T, n>) {
      // Stages as columns of no component: the threads of a warp then go through f once, side by side.
      for (int task = rank; task < n + s; task += size) {
        const int k = task < n ? middle : task - n;
        const Vector<Dual<T, 1>, n> value = jacobian_column(f, t + T(Method::c(k)) * h, stage(i, k), task);
        for (int r = 0; r < n; ++r) {
          if (task < n)
            shared.set_entry(r, task, value[r].derivative[0], inverse_h);
          else
            shared.slopes(k, r) = value[r].value;
        }
      }
    } else {
      for (int k = rank; k < s; k += size) {
        Vector<T, n> value;
        if (k == middle) {
          const Matrix<T, n> j = jacobian<T, n>(f, at, stage(i, k), &value);
          for (int r = 0; r < n; ++r)
            for (int c = 0; c < n; ++c) shared.set_entry(r, c, j(r, c), inverse_h);
        } else {
          value = f(t + T(Method::c(k)) * h, stage(i, k));
        }
        for (int r = 0; r < n; ++r) shared.slopes(k, r) = value[r];
      }
    }
  }

  /// Entry (r, c) of E and of A into their arrays.
  KOKKOS_INLINE_FUNCTION void keep(Index i, int r, int c, const T& inverse_h, const Shared& shared) const {
    if constexpr (Method::has_real) plan.inverses.real(i, r, c) = shared.real.entry(r, c);
    for (int q = 0; q < Method::pairs; ++q) {
      const Complex<T> e = shared.pair[q].entry(r, c);
      plan.inverses.pair_re[q](i, r, c) = e.re;
      plan.inverses.pair_im[q](i, r, c) = e.im;
    }
    rows.maps.A(i, r, c) = shared.map_entry(r, c, inverse_h);
  }

  /// Component c of P and of the defect b, and their weighted squares.
  KOKKOS_INLINE_FUNCTION void change(Index i, int c, Shared& shared) const {
    const Stages<T, 1, Method> p = shared.change(c), z = stages_of(i, c);
    const T y = rows.y(i, c), end = rows.y(i + 1, c);
    for (int k = 0; k < s; ++k) {
      rows.change(i, k * n + c) = p(k, 0);
      shared.squares(k, c) = weights.square_of(p(k, 0), y + z(k, 0), c);
    }
    const T defect = y + end_of_stages<Method, T, 1>(z + p)[0] - end;
    rows.maps.b(i, c) = defect;
    shared.node_squares[c] = weights.square_of(defect, end, c);
  }

  KOKKOS_INLINE_FUNCTION T norm_square(const Shared& shared) const {
    T local(0), node(0);
    for (int k = 0; k < s; ++k)
      for (int c = 0; c < n; ++c) local += shared.squares(k, c);
    for (int c = 0; c < n; ++c) node += shared.node_squares[c];
    local *= T(1) / (n * s);
    node *= T(1) / n;
    return node > local ? node : local + node * T(0);
  }
};

/// Kernel: step i with the inverses at hand; leaves what LinearizeSteps leaves then.
template <class T, int n, class Method, class F, class Plan, class ExecutionSpace>
struct RepeatStep {
  F f;
  Plan plan;
  CollocationRows<T, n, Method, ExecutionSpace> rows;
  LaneWeights<T, n> weights;

  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    T t, h;
    rows.template step<T>(i, t, h);
    const Vector<T, n> y = rows.template nodes<T>(i, 0);
    const Stages<T, n, Method> z = rows.template stages<T>(rows.z, i);
    const Stages<T, n, Method> w = local_update<Method, T, n>(plan.inverses.at_hand(i), T(1) / h, to_transformed<Method, T, n>(z),
                                                              stage_slopes<Method>(f, t, h, y, z));
    leave_change<T>(rows, weights, i, y, z, from_transformed<Method, T, n>(w));
  }
};

/// Threads of a team: about four entries of a matrix each, in whole warps.
template <int n>
inline constexpr int team_threads = n* n <= 4 * 32 ? 32 : (n* n <= 4 * 64 ? 64 : (n * n <= 4 * 128 ? 128 : 256));

/// All steps, linearised anew or with the inverses at hand: what parallel_for with LinearizeSteps does.
template <class T, int n, class Method, class F, class Plan, class ExecutionSpace>
void linearize_shared_steps(const ExecutionSpace& space, const F& f, const Plan& plan,
                            const CollocationRows<T, n, Method, ExecutionSpace>& rows, const LaneWeights<T, n>& weights,
                            bool anew) {
  const auto steps = static_cast<Index>(rows.z.extent(0));
  if (anew) {
    parallel_for_teams<SharedStep<T, n, Method>>(
        "antler::collocation::linearize", space, steps, team_threads<n>,
        LinearizeSharedStep<T, n, Method, F, Plan, ExecutionSpace>{f, plan, rows, weights});
  } else {
    parallel_for("antler::collocation::repeat", space, steps, 30.0 * Method::stages * n + 10.0 * n * n,
                 RepeatStep<T, n, Method, F, Plan, ExecutionSpace>{f, plan, rows, weights});
  }
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
