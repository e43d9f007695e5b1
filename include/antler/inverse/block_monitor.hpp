// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Whether what an elimination without exchanges of block rows returned is a solution. Three tests, the dear ones only where a
/// cheap one is in doubt:
///
///   1. growth. With G the largest entry of the multipliers (V and W of block_chunks.hpp, W of block Thomas) the backward error is
///      of the order eps (1 + G)^2 [DemmelHighamSchreiber1995]. Small G: done.
///   2. the root, the one block that is left when all others are eliminated, its rows and columns scaled by those of the system. A
///      pivot of the size of its rounding errors: Status::singular.
///   3. else the residual: omega = max_i |r - A x|_i / (|A| |x| + |r|)_i with norms over a block's columns [OettliPrager1964]. One
///      step of refinement where it is not small; Status::unstable when it is large even then. A residual that is no smaller than
///      r itself, in the scale of the rows, has solved nothing: Status::singular.

#include <limits>

#include "antler/core/block_elimination.hpp"
#include "antler/core/status.hpp"
#include "antler/deer/block_tridiagonal.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// What an elimination says of itself: the largest multiplier, and the largest reciprocal of a pivot of the scaled root.
struct EliminationReport {
  double growth, root;
};

template <class T>
struct EliminationLimits {
  static constexpr double epsilon = std::numeric_limits<T>::epsilon();
  /// (1 + G)^2 eps is then a hundredth of half the digits: eps^(-1/4) / 10, as numbers.
  static constexpr double harmless_growth = sizeof(T) == 4 ? 5.4 : 819;
  /// Half of the digits: beyond, the root is looked at more closely; as a backward error it is noise.
  static constexpr double half = sizeof(T) == 4 ? 3.5e-4 : 1.5e-8;
  /// A backward error that refinement would not make visibly smaller.
  static constexpr double small_error(int n) { return 64.0 * n * epsilon; }
  /// Reciprocal of a pivot that consists of rounding errors. They add up over the rows: Neumann's problem leaves 0.02 to 0.2 N eps.
  static double noise(int n, Index length) { return 1 / ((32 + 0.5 * static_cast<double>(length)) * n * epsilon); }
  /// A residual of so large a part of the right-hand side has solved nothing.
  static constexpr double unsolved = 1e-2;
};

/// The entries of row i, component c of the system, L_i, D_i, U_i one after the other, as far as they act.
template <class T, int n, class Space, class Visit>
KOKKOS_FORCEINLINE_FUNCTION void visit_row(const BlockTridiagonal<T, n, Space>& system, Index i, int c, const Visit& visit) {
  const Index last = system.length() - 1;
  for (int k = 0; k < n; ++k) {
    if (i > 0 || system.periodic()) visit(i > 0 ? i - 1 : last, k, static_cast<T>(system.L(i, c, k)));
    visit(i, k, static_cast<T>(system.D(i, c, k)));
    if (i < last || system.periodic()) visit(i < last ? i + 1 : 0, k, static_cast<T>(system.U(i, c, k)));
  }
}

template <class T>
KOKKOS_FORCEINLINE_FUNCTION T size_of(const T& x) {
  return x < 0 ? -x : x;
}

/// x <- A^{-1} b for what is left of row i of the system; returns the largest reciprocal of a pivot when A is scaled by row i.
template <class T, int n, class Space>
KOKKOS_INLINE_FUNCTION double solve_root(const BlockTridiagonal<T, n, Space>& system, Index i, Matrix<T, n> a, Matrix<T, n, 1> b,
                                         Vector<T, n>& x) {
  Vector<T, n> column{};
  for (int r = 0; r < n; ++r) {
    T scale = 0;
    visit_row(system, i, r, [&](Index, int, const T& entry) { scale = size_of(entry) > scale ? size_of(entry) : scale; });
    for (int k = 0; k < n; ++k) a(r, k) /= scale;
    b(r, 0) /= scale;
    visit_row(system, i, r, [&](Index, int k, const T& entry) {
      const T size = size_of(entry) / scale;
      column[k] = size > column[k] ? size : column[k];
    });
  }
  for (int r = 0; r < n; ++r)
    for (int k = 0; k < n; ++k) a(r, k) /= column[k];
  solve_columns(a, b);
  double largest = 0;
  for (int k = 0; k < n; ++k) {
    x[k] = b(k, 0) / column[k];
    const double reciprocal = static_cast<double>(size_of(a(k, k)));
    if (!is_finite(reciprocal)) return HUGE_VAL;
    largest = reciprocal > largest ? reciprocal : largest;
  }
  return largest;
}

/// Kernel: residual(i) <- (r - A x)_i; returns its share of (|A| |x| + |r|)_i, the largest of the block's rows.
template <class T, int n, class Space>
struct BlockResidual {
  BlockTridiagonal<T, n, Space> system;
  Trajectory<T, n, Space> x, residual;

  KOKKOS_INLINE_FUNCTION double operator()(Index i) const {
    double largest = 0;
    for (int c = 0; c < n; ++c) {
      T sum = system.r(i, c), state = 0, entries = 0;
      const T right = size_of(sum);
      visit_row(system, i, c, [&](Index row, int k, const T& entry) {
        const T value = x(row, k);
        sum -= entry * value;
        entries += size_of(entry * value);
        state = size_of(value) > state ? size_of(value) : state;
      });
      residual(i, c) = sum;
      const double size = static_cast<double>(size_of(sum)), scale = static_cast<double>(entries) + static_cast<double>(right);
      if (!is_finite(size) || !is_finite(scale)) return HUGE_VAL;
      if (size > largest * scale) largest = size / scale;
    }
    return largest;
  }
};

/// Kernel: the largest |v_ic| in units of the entries of its row.
template <class T, int n, class Space>
struct ScaledRows {
  BlockTridiagonal<T, n, Space> system;
  Trajectory<T, n, Space> v;

  KOKKOS_INLINE_FUNCTION double operator()(Index i) const {
    double largest = 0;
    for (int c = 0; c < n; ++c) {
      T scale = 0;
      visit_row(system, i, c, [&](Index, int, const T& entry) { scale = size_of(entry) > scale ? size_of(entry) : scale; });
      const double size = static_cast<double>(size_of(T(v(i, c))));
      if (size > largest * static_cast<double>(scale)) largest = size / static_cast<double>(scale);
    }
    return largest;
  }
};

/// The tests above, and the storage of a step of refinement.
template <class T, int n, class Space>
class BlockMonitor {
 public:
  using System = BlockTridiagonal<T, n, Space>;
  using States = Trajectory<T, n, Space>;
  using Limits = EliminationLimits<T>;

  explicit BlockMonitor(Index length)
      : residual_(allocate<States>("antler::blocks::residual", length)),
        correction_(allocate<States>("antler::blocks::correction", length)) {}
  static std::size_t required_bytes(Index length) { return static_cast<std::size_t>(length) * 2 * n * sizeof(T); }

  /// @param x          the solution, refined where that helps
  /// @param eliminate  `eliminate(system, x)` solves without any test and returns its EliminationReport
  template <class Eliminate>
  Status solve(const Space& space, const System& system, const States& x, const Eliminate& eliminate) const {
    const EliminationReport report = eliminate(system, x);
    if (!is_finite(report.growth)) return Status::unstable;  // a block on the way had no inverse
    if (!(report.root < Limits::noise(n, system.length()))) return Status::singular;
    if (report.growth <= Limits::harmless_growth && report.root <= 1 / Limits::half) return Status::converged;

    double error = residual_of(space, system, x);
    if (error > Limits::small_error(n) && is_finite(error)) {
      System refined = system;
      refined.r = residual_;
      eliminate(refined, correction_);
      add(space, x);
      error = residual_of(space, system, x);
    }
    if (!(error <= Limits::half)) return Status::unstable;
    const double residual = scaled(space, system, residual_), right = scaled(space, system, system.r);
    return residual <= Limits::unsolved * right ? Status::converged : Status::singular;
  }

 private:
  double residual_of(const Space& space, const System& system, const States& x) const {
    return parallel_maximum("antler::blocks::residual", space, system.length(), 12.0 * n * n,
                            BlockResidual<T, n, Space>{system, x, residual_});
  }
  static double scaled(const Space& space, const System& system, const States& v) {
    return parallel_maximum("antler::blocks::scaled", space, system.length(), 6.0 * n * n, ScaledRows<T, n, Space>{system, v});
  }
  void add(const Space& space, const States& x) const {
    const States correction = correction_;
    parallel_for(
        "antler::blocks::refine", space, static_cast<Index>(x.extent(0)), n, KOKKOS_LAMBDA(const Index i) {
          for (int c = 0; c < n; ++c) x(i, c) += correction(i, c);
        });
  }

  States residual_, correction_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
