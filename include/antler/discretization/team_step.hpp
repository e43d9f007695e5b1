// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// One collocation step linearised by a team of threads on a device, which share its matrices: collocation_step.hpp with columns of
/// the Jacobian, entries of matrices and rows of products shared out.
///
/// A thread by itself keeps the s n^2 numbers of (lambda / h - J)^{-1} in registers, of which a processor of a device has 255 per
/// thread: for RadauIIA<3> four components fit, at six they overflow into memory, at twelve each thread moves 13 KiB there and back
/// (the compiler's figures for sm_90; not timed).

#include "antler/core/kokkos.hpp"
#include "antler/core/team_inverse.hpp"
#include "antler/discretization/collocation_step.hpp"
#include "antler/problem/initial_value_problem.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Components from which on a device a team shares a step. At 8 a matrix has two entries for each thread of a warp; below, most of
/// the warp would wait.
inline constexpr int smallest_shared_step = 8;

/// Whether a team shares the step where Jacobians of F are renewed. Hosts have vector registers for several steps instead. To be
/// specialised for an F whose steps are to be shared elsewhere.
template <class F, int n, class ExecutionSpace>
inline constexpr bool shares_steps = !is_host_space<ExecutionSpace> && n >= smallest_shared_step;

/// f can be asked for one column of df/dy at a time: it brings no df/dy, and takes dual numbers with one direction.
template <class F, class T, int n>
concept DifferentiatedByColumns = !BringsJacobian<F, T, n> && RightHandSide<F, Dual<T, 1>, n>;

/// f(t, y) with its derivative by component c; by none when there is no component c.
template <class T, int n, class F>
KOKKOS_INLINE_FUNCTION Vector<Dual<T, 1>, n> jacobian_column(const F& f, const T& t, const Vector<T, n>& y, int c) {
  using D = Dual<T, 1>;
  Vector<D, n> seeded;
  for (int i = 0; i < n; ++i) seeded[i] = D(y[i], T(i == c ? 1 : 0));
  return f(D(t), seeded);
}

}  // namespace detail

/// What the threads of a team share: E = (lambda / h - J)^{-1}, and the values of f at the stages, then T^{-1} F - Lambda W / h.
template <class T, int n, class Method>
struct SharedStep {
  static constexpr int s = Method::stages, pairs = Method::pairs, matrices = pairs + (Method::has_real ? 1 : 0);

  TeamInverse<T, Method::has_real ? n : 1> real;
  TeamInverse<Complex<T>, (pairs > 0 ? n : 1)> pair[pairs > 0 ? pairs : 1];
  Stages<T, n, Method> slopes;
  Stages<T, n, Method> squares;  // of the weighted change
  Vector<T, n> node_squares;     // of the weighted defect

  KOKKOS_FORCEINLINE_FUNCTION T real_entry(int i, int j) const { return real.entry(i, j); }
  KOKKOS_FORCEINLINE_FUNCTION Complex<T> pair_entry(int q, int i, int j) const { return pair[q].entry(i, j); }

  /// Calls body(matrix, its number) for the real and the complex ones.
  template <class Body>
  KOKKOS_FORCEINLINE_FUNCTION void each(const Body& body) {
    if constexpr (Method::has_real) body(real, 0);
    for (int q = 0; q < pairs; ++q) body(pair[q], q + matrices - pairs);
  }

  /// Entry (r, c) of lambda / h - J.
  KOKKOS_INLINE_FUNCTION void set_entry(int r, int c, const T& j, const T& inverse_h) {
    const T on_diagonal = r == c ? inverse_h : T(0);
    if constexpr (Method::has_real) real.a(r, c) = T(Method::gamma) * on_diagonal - j;
    for (int q = 0; q < pairs; ++q) pair[q].a(r, c) = {T(Method::alpha(q)) * on_diagonal - j, T(Method::beta(q)) * on_diagonal};
  }

  /// Column c of the right side, T^{-1} F - Lambda W / h, in the place of F.
  KOKKOS_INLINE_FUNCTION void form_right_side(int c, const Stages<T, 1, Method>& z, const T& inverse_h) {
    Stages<T, 1, Method> f;
    for (int k = 0; k < s; ++k) f(k, 0) = slopes(k, c);
    const Stages<T, 1, Method> g = to_transformed<Method, T, 1>(f), w = to_transformed<Method, T, 1>(z);
    if constexpr (Method::has_real) slopes(0, c) = g(0, 0) - T(Method::gamma) * inverse_h * w(0, 0);
    for (int q = 0; q < pairs; ++q) {
      const int p = detail::pair_stage<Method> + 2 * q;
      const T a = T(Method::alpha(q)) * inverse_h, b = T(Method::beta(q)) * inverse_h;
      slopes(p, c) = g(p, 0) - (a * w(p, 0) - b * w(p + 1, 0));
      slopes(p + 1, c) = g(p + 1, 0) - (b * w(p, 0) + a * w(p + 1, 0));
    }
  }

  /// Column i of P = T E (T^{-1} F - Lambda W / h): the change of component i at all stages.
  KOKKOS_INLINE_FUNCTION Stages<T, 1, Method> change(int i) const {
    Stages<T, 1, Method> w;
    if constexpr (Method::has_real) {
      T sum(0);
      for (int j = 0; j < n; ++j) sum = multiply_add(real.entry(i, j), slopes(0, j), sum);
      w(0, 0) = sum;
    }
    for (int q = 0; q < pairs; ++q) {
      const int p = detail::pair_stage<Method> + 2 * q;
      Complex<T> sum{T(0), T(0)};
      for (int j = 0; j < n; ++j) sum += pair[q].entry(i, j) * Complex<T>{slopes(p, j), slopes(p + 1, j)};
      w(p, 0) = sum.re;
      w(p + 1, 0) = sum.im;
    }
    return from_transformed<Method, T, 1>(w);
  }

  /// Entry (i, j) of A, the derivative of the step's end with respect to its start.
  KOKKOS_INLINE_FUNCTION T map_entry(int i, int j, const T& inverse_h) const {
    T a(i == j ? 1 : 0);
    if constexpr (Method::has_real) {
      a = multiply_add(T(detail::real_end<Method> * Method::gamma) * inverse_h, real.entry(i, j), a);
      if (i == j) a -= T(detail::real_end<Method>);
    }
    detail::unrolled<pairs>([&](auto q) {
      using P = detail::PairProducts<Method, q>;
      const Complex<T> e = pair[q].entry(i, j);
      a += T(P::end_re) * inverse_h * e.re + T(P::end_im) * inverse_h * e.im;
      if (i == j) a -= T(P::end_one);
    });
    return a;
  }

  /// E by all threads of a team, from what set_entry() has left. Begins and ends with a barrier.
  template <class Member>
  KOKKOS_INLINE_FUNCTION void invert(const Member& member) {
    const int rank = member.team_rank(), size = member.team_size();
    each([&](auto& e, int) { e.begin(rank, size); });
    member.team_barrier();
    for (int k = 0; k < n; ++k) {
      each([&](auto& e, int m) {
        if (k > 0) e.finish(k - 1, rank, size);
        if (rank == m * size / matrices) e.choose_pivot(k);  // one thread per matrix, in different warps
      });
      member.team_barrier();
      each([&](auto& e, int) { e.eliminate(k, rank, size); });
      member.team_barrier();
    }
    each([&](auto& e, int) { e.finish(n - 1, rank, size); });
    member.team_barrier();
  }
};

}  // namespace antler::inline ANTLER_LANES
