// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What a stretch of the trajectory says about its two ends: the associative element of the parallel Kalman filter
/// [Sarkka2021]. Given the state x before the stretch, the state after it, filtered by what the stretch observed, is
/// normal with mean A x + b and covariance C; and the observations give x the likelihood exp(eta^T x - 1/2 x^T J x).
///
/// For one step s_t = A_t s_{t-1} + b_t + N(0, I) with the observation 0 = s_t + N(0, I / lambda). Without observations (lambda =
/// 0) eta and J vanish, and what remains is the composition of affine maps.

#include "antler/inverse/smoother_blocks.hpp"

namespace antler::inline ANTLER_LANES {

/// The state at one point as the steps before it and its own observation know it: mean m, covariance P, filtered.
template <class Blocks>
struct Belief {
  Vector<typename Blocks::T, Blocks::n> m;
  typename Blocks::Block P;

  /// A state that is zero for certain.
  KOKKOS_FORCEINLINE_FUNCTION static Belief certain() { return {}; }
};

/// (A, b, C, eta, J) of a stretch of steps.
template <class Blocks>
struct FilterElement {
  using T = typename Blocks::T;
  using Block = typename Blocks::Block;
  using State = Vector<T, Blocks::n>;

  Block A;
  State b;
  Block C;
  State eta;
  Block J;

  /// The stretch without a step.
  KOKKOS_FORCEINLINE_FUNCTION static FilterElement empty() { return {Block::identity(), {}, {}, {}, {}}; }

  /// Adds the step (a, bias) behind the stretch: the step of the sequential filter, from a state x that is known for certain, and
  /// what its observation says about x.
  KOKKOS_INLINE_FUNCTION void append(const Block& a, const State& bias, const T& lambda) {
    const Block gain = a * A;
    const State mean = a * b + bias;
    Block predicted = detail::symmetric_product(a * C, detail::transposed(a));
    predicted += Block::identity();
    const Block S = detail::shifted_inverse(lambda, predicted);
    A = S * gain;
    b = S * mean;
    C = detail::symmetric_product(S, predicted);
    Block informed = detail::symmetric_product(detail::transposed(gain), A);
    informed *= lambda;
    J += informed;
    eta -= lambda * detail::transposed_product(gain, b);
  }

  /// The state after the stretch, from that before it. O(n^3).
  KOKKOS_INLINE_FUNCTION Belief<Blocks> operator()(const Belief<Blocks>& before) const {
    const Block X = detail::resolvent(before.P, J);
    Belief<Blocks> after{A * (X * (before.m + before.P * eta)) + b,
                         detail::symmetric_product(A * detail::symmetric_product(X, before.P), detail::transposed(A))};
    after.P += C;
    return after;
  }

  /// The smoother's adjoint u (see kalman_smoother.hpp) before the stretch, from that after it. O(n^3).
  KOKKOS_INLINE_FUNCTION State adjoint(const Belief<Blocks>& before, const State& u) const {
    const Block X = detail::resolvent(before.P, J);
    return detail::transposed_product(X, detail::transposed_product(A, u) + eta - J * before.m);
  }
};

/// The stretch `earlier` and then the stretch `later`. Associative, not commutative; the order of the arguments is the order in
/// time.
///
///     X = (I + C_1 J_2)^{-1},   A = A_2 X A_1,   b = A_2 X (b_1 + C_1 eta_2) + b_2,   C = A_2 X C_1 A_2^T + C_2,
///     eta = A_1^T X^T (eta_2 - J_2 b_1) + eta_1,   J = A_1^T J_2 X A_1 + J_1.
template <class Blocks>
KOKKOS_INLINE_FUNCTION FilterElement<Blocks> compose(const FilterElement<Blocks>& earlier, const FilterElement<Blocks>& later) {
  using detail::symmetric_product, detail::transposed, detail::transposed_product;
  const auto X = detail::resolvent(earlier.C, later.J);
  const auto carried = X * earlier.A;
  FilterElement<Blocks> both{later.A * carried, later.A * (X * (earlier.b + earlier.C * later.eta)) + later.b,
                             symmetric_product(later.A * symmetric_product(X, earlier.C), transposed(later.A)),
                             transposed_product(carried, later.eta - later.J * earlier.b) + earlier.eta,
                             symmetric_product(transposed(earlier.A), later.J * carried)};
  both.C += later.C;
  both.J += earlier.J;
  return both;
}

}  // namespace antler::inline ANTLER_LANES
