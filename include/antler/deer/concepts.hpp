// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The three parts of DEER that a user may replace [Lim2024, alg. 1]:
///
///     L[y](r) = f(y(r - s_1), ..., y(r - s_P), x(r))
///
/// The Shifter yields y(r - s_p) and knows the boundary values. The LinearOperator discretises L_G = L + sum_p G_p y(r - s_p), with
/// G_p = -df/dy_p, into a linear system. The InverseOperator solves that system. Points r are rows 0 .. N - 1 of a trajectory; T is
/// the scalar, n the size of a state. J_p = df/dy_p = -G_p is what is stored, because the affine maps of a recurrence are J_1
/// itself.

#include <concepts>

#include "antler/core/parallel.hpp"
#include "antler/core/status.hpp"

namespace antler::inline ANTLER_LANES {

/// The Jacobians of f at all points with respect to each of its P shifted arguments: jacobians[p] has shape (N, n, n).
template <class T, int n, int shifts, class ExecutionSpace>
using Jacobians = Kokkos::Array<Matrices<T, n, ExecutionSpace>, shifts>;

/// Yields the shifted values: `shifter(p, i, y)` is y(r_i - s_p), boundary values included.
///
/// `Shifter::count` is P. Called inside kernels (KOKKOS_FUNCTION), for p = 0 .. P - 1. The element type U is a scalar, or lanes:
/// then the value of points i, i + 1, ... is asked for at once; a shifter that declares `lanes = false` is only asked for scalars.
template <class S, class T, int n, class ExecutionSpace>
concept Shifter = requires(const S shifter, int p, Index i, const Trajectory<T, n, ExecutionSpace> y) {
  { S::count } -> std::convertible_to<int>;
  { shifter.template operator()<T>(p, i, y) } -> std::convertible_to<Vector<T, n>>;
};

/// L in residual form: `linearize` writes the system whose solution is the update d,
///
///     L_G d = f(y) - L[y],   d = 0 on the boundary.
///
/// The right-hand side goes to zero with the update, so that the last digits of y are not lost to cancellation. Rows are to be
/// scaled so that the coefficient of a point's own unknown is of order one: then the norm of the right-hand side, `residual(i)` per
/// row, is in units of y and compares with the tolerances.
template <class L, class T, int n, int shifts, class ExecutionSpace>
concept ResidualLinearOperator = requires(L l, const L constant, const ExecutionSpace space,
                                          const Trajectory<T, n, ExecutionSpace> y, const Trajectory<T, n, ExecutionSpace> f,
                                          const Jacobians<T, n, shifts, ExecutionSpace> jacobians) {
  typename L::System;
  { l.linearize(space, y, f, jacobians) } -> std::convertible_to<const typename L::System&>;
  { constant.residual() } -> std::convertible_to<Trajectory<T, n, ExecutionSpace>>;
};

/// L in the form of the paper: `assemble` writes the system whose solution is the next iterate, boundary values included,
///
///     L_G y+ = z,   z = f(y) + sum_p G_p y(r - s_p).
///
/// Use it where L[y] has no discrete form of its own. The residual is then not known and the update alone decides about
/// convergence; updates below rounding of y are noise.
template <class L, class T, int n, int shifts, class ExecutionSpace>
concept IterateLinearOperator = requires(L l, const ExecutionSpace space, const Trajectory<T, n, ExecutionSpace> z,
                                         const Jacobians<T, n, shifts, ExecutionSpace> jacobians) {
  typename L::System;
  { l.assemble(space, z, jacobians) } -> std::convertible_to<const typename L::System&>;
};

/// The linear operator L of the equation, in either form.
template <class L, class T, int n, int shifts, class ExecutionSpace>
concept LinearOperator =
    ResidualLinearOperator<L, T, n, shifts, ExecutionSpace> || IterateLinearOperator<L, T, n, shifts, ExecutionSpace>;

/// Solves the system that a LinearOperator wrote: `apply(space, system, solution)` fills `solution`, shape (N, n).
///
/// Returns Status::converged when it did, Status::singular when the system has no unique solution. May allocate in its constructor,
/// not in apply.
template <class I, class System, class T, int n, class ExecutionSpace>
concept InverseOperator = requires(I inverse, const ExecutionSpace space, const System system,
                                   const Trajectory<T, n, ExecutionSpace> solution) {
  { inverse.apply(space, system, solution) } -> std::same_as<Status>;
};

}  // namespace antler::inline ANTLER_LANES
