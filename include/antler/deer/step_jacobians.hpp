// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What an iteration over a recurrence takes for df/dy. Each of these is a small type with
///
///   Maps<T, n, lags, Space>                  the maps that hold it
///   at<U, n>(f, i, y, step)                  f and the matrix at point i (with lanes: at one point per lane); y is an array of the
///                                            shifted states, step the number of the step in the whole sequence
///   exact()                                  whether that is df/dy itself: then the iteration is Newton's
///
/// An iteration whose matrices are not df/dy is exact on its first k steps after k iterations all the same: the error of a step is
/// multiplied by df/dy - A of the errors before it, which are zero.

#include <cstdint>
#include <limits>

#include "antler/core/lanes_math.hpp"
#include "antler/core/random.hpp"
#include "antler/deer/affine_maps.hpp"
#include "antler/deer/evaluate.hpp"
#include "antler/deer/evaluate_diagonal.hpp"

namespace antler::inline ANTLER_LANES {

/// f and what stands for df/dy at one point.
template <class U, int n, class Linear>
struct StepLinearization {
  Vector<U, n> f;
  Linear A;
};

/// A <- keep A, then rows whose absolute sum is above `bound` are scaled down to it, so that |A| <= bound in the maximum norm: a
/// product of many is bounded by a power of the bound. On a diagonal that is clipping.
struct Damping {
  double keep = 1;
  double bound = unbounded;

  static constexpr double unbounded = std::numeric_limits<double>::infinity();
  static constexpr double largest_bound = std::numeric_limits<double>::max();

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION bool active() const { return keep != 1 || bound <= largest_bound; }

  template <class U>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION U factor(const U& row_sum) const {
    using T = scalar_of<U>;
    const U kept = U(static_cast<T>(keep)), size = fabs(kept) * row_sum;
    if (!(bound <= largest_bound)) return kept;
    const U limit = U(static_cast<T>(bound));
    return select(size > limit, U(kept * (limit / size)), kept);
  }

  template <class U, int n>
  KOKKOS_FORCEINLINE_FUNCTION void operator()(Matrix<U, n>& a) const {
    for (int r = 0; r < n; ++r) {
      U sum = fabs(a(r, 0));
      for (int c = 1; c < n; ++c) sum += fabs(a(r, c));
      const U scale = factor(sum);
      for (int c = 0; c < n; ++c) a(r, c) *= scale;
    }
  }
  template <class U, int n>
  KOKKOS_FORCEINLINE_FUNCTION void operator()(Diagonal<U, n>& a) const {
    for (int c = 0; c < n; ++c) a.values[c] *= factor(U(fabs(a.values[c])));
  }
};

/// df/dy itself, dense, possibly damped: Newton's method.
struct DenseJacobian {
  Damping damping = {};

  template <class T, int n, int lags, class Space>
  using Maps = std::conditional_t<lags == 1, AffineMaps<T, n, Space>, LaggedMaps<T, n, lags, Space>>;
  [[nodiscard]] bool exact() const { return !damping.active(); }

  template <class U, int n, int lags, class F>
  KOKKOS_INLINE_FUNCTION auto at(const F& f, Index i, const Vector<U, n> (&y)[lags], Index /*step*/) const {
    auto point = linearize_point<U, n, lags>(f, i, y);
    if (damping.active())
      for (int p = 0; p < lags; ++p) damping(point.jacobian[p]);
    if constexpr (lags == 1) {
      return StepLinearization<U, n, Matrix<U, n>>{point.f, point.jacobian[0]};
    } else {
      return point;
    }
  }
};

/// The diagonal of df/dy, possibly damped: quasi-Newton [Gonzalez2024].
struct DiagonalJacobian {
  Damping damping = {};

  template <class T, int n, int lags, class Space>
  using Maps = DiagonalMaps<T, n, Space>;
  [[nodiscard]] bool exact() const { return false; }

  template <class U, int n, class F>
  KOKKOS_INLINE_FUNCTION auto at(const F& f, Index i, const Vector<U, n> (&y)[1], Index /*step*/) const {
    const auto point = linearize_diagonal_point<U, n>(f, i, y[0]);
    StepLinearization<U, n, Diagonal<U, n>> out{point.f, {point.diagonal}};
    if (damping.active()) damping(out.A);
    return out;
  }
};

/// 2 x 2 blocks of diagonals of df/dy, for states of positions and momenta.
struct PairBlockJacobian {
  template <class T, int n, int lags, class Space>
  using Maps = PairBlockMaps<T, n, Space>;
  [[nodiscard]] bool exact() const { return false; }

  template <class U, int n, class F>
  KOKKOS_INLINE_FUNCTION auto at(const F& f, Index i, const Vector<U, n> (&y)[1], Index /*step*/) const {
    StepLinearization<U, n, PairBlocks<U, n>> out;
    out.A = pair_blocks_at<U, n>(f, i, y[0], out.f);
    return out;
  }
};

/// An estimate of the diagonal of df/dy from one Jacobian-vector product, (J v) * v with v of random signs: its mean over v is the
/// diagonal. The signs are a function of seed, step and component, the same in every iteration and on every machine.
struct SampledDiagonalJacobian {
  std::uint64_t seed = 0;

  template <class T, int n, int lags, class Space>
  using Maps = DiagonalMaps<T, n, Space>;
  [[nodiscard]] bool exact() const { return false; }

  template <class U, int n, class F>
  KOKKOS_INLINE_FUNCTION auto at(const F& f, Index i, const Vector<U, n> (&y)[1], Index step) const {
    Vector<U, n> v;
    for (int c = 0; c < n; ++c) v[c] = signs<U>(step, c);
    StepLinearization<U, n, Diagonal<U, n>> out;
    out.A.values = jacobian_times(f, i, y[0], v, out.f);
    for (int c = 0; c < n; ++c) out.A.values[c] *= v[c];
    return out;
  }

  /// The sign of component c at a step (with lanes: at steps step, step + 1, ...).
  template <class U>
  [[nodiscard]] KOKKOS_INLINE_FUNCTION U signs(Index step, int c) const {
    constexpr std::uint64_t most_components = 1 << 20;
    scalar_of<U> buffer[lane_count<U>];
    for (int l = 0; l < lane_count<U>; ++l) {
      const std::uint64_t number = static_cast<std::uint64_t>(step + l) * most_components + static_cast<std::uint64_t>(c);
      buffer[l] = (random_bits(seed, number) & 1) != 0 ? scalar_of<U>(1) : scalar_of<U>(-1);
    }
    return load<U>(buffer);
  }
};

/// The identity in place of df/dy: Picard's iteration, a sum over the steps.
struct UnitJacobian {
  template <class T, int n, int lags, class Space>
  using Maps = SummationMaps<T, n, Space>;
  [[nodiscard]] bool exact() const { return false; }

  template <class U, int n, class F>
  KOKKOS_INLINE_FUNCTION auto at(const F& f, Index i, const Vector<U, n> (&y)[1], Index /*step*/) const {
    return StepLinearization<U, n, UnitMatrix<U, n>>{f(i, y[0]), {}};
  }
};

/// Zero in its place: Jacobi's iteration y_i <- f(y_{i-1}), of all steps at once.
struct ZeroJacobian {
  template <class T, int n, int lags, class Space>
  using Maps = ZeroMaps<T, n, Space>;
  [[nodiscard]] bool exact() const { return false; }

  template <class U, int n, class F>
  KOKKOS_INLINE_FUNCTION auto at(const F& f, Index i, const Vector<U, n> (&y)[1], Index /*step*/) const {
    return StepLinearization<U, n, ZeroMatrix<U, n>>{f(i, y[0]), {}};
  }
};

namespace detail {

/// |A| |y|, the size of the terms of A y and so of their rounding.
template <class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> term_sizes(const Matrix<U, n>& a, const Vector<U, n>& y) {
  Vector<U, n> sizes;
  for (int r = 0; r < n; ++r) {
    sizes[r] = fabs(a(r, 0) * y[0]);
    for (int c = 1; c < n; ++c) sizes[r] += fabs(a(r, c) * y[c]);
  }
  return sizes;
}
template <class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> term_sizes(const Diagonal<U, n>& a, const Vector<U, n>& y) {
  Vector<U, n> sizes = a * y;
  for (int c = 0; c < n; ++c) sizes[c] = fabs(sizes[c]);
  return sizes;
}
template <class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> term_sizes(const PairBlocks<U, n>& a, const Vector<U, n>& y) {
  Vector<U, n> sizes;
  for (int c = 0; c < n / 2; ++c)
    for (int r = 0; r < 2; ++r) sizes[c + r * (n / 2)] = fabs(a.blocks[c](r, 0) * y[c]) + fabs(a.blocks[c](r, 1) * y[n / 2 + c]);
  return sizes;
}
template <class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> term_sizes(const UnitMatrix<U, n>&, const Vector<U, n>& y) {
  Vector<U, n> sizes;
  for (int c = 0; c < n; ++c) sizes[c] = fabs(y[c]);
  return sizes;
}
template <class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<U, n> term_sizes(const ZeroMatrix<U, n>&, const Vector<U, n>&) {
  return Vector<U, n>::filled(U(0));
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
