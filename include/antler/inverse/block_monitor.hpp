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

#include <cmath>
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

/// Where the tests have their limits, for N rows of blocks of n in numbers that are `epsilon` apart.
struct EliminationLimits {
  double epsilon;
  int n;
  Index length;

  /// (1 + G)^2 eps is then a hundredth of half the digits.
  [[nodiscard]] double harmless_growth() const { return 0.1 / std::sqrt(half()); }
  /// Half of the digits: beyond, the root is looked at more closely; as a backward error it is noise.
  [[nodiscard]] double half() const { return std::sqrt(epsilon); }
  /// A backward error that refinement would not make visibly smaller.
  [[nodiscard]] double small_error() const { return 64 * n * epsilon; }
  /// Reciprocal of a pivot that consists of rounding errors. They add up over the rows: Neumann's problem leaves 0.02 to 0.2 N eps.
  [[nodiscard]] double noise() const { return 1 / ((32 + 0.5 * static_cast<double>(length)) * n * epsilon); }
  /// A residual of so large a part of the right-hand side has solved nothing.
  static constexpr double unsolved = 1e-2;
};

/// The tests of one solve.
/// @param solver  eliminate() solves and returns its EliminationReport; backward_error() is omega, infinite when a value is not
///                finite; refine() eliminates once more, for the residual; unsolved_share() is the size of the residual over that
///                of r in the scale of the rows
template <class Solver>
Status monitored(Solver&& solver, const EliminationLimits& limits) {
  const EliminationReport report = solver.eliminate();
  if (!is_finite(report.growth)) return Status::unstable;  // a block on the way had no inverse
  if (!(report.root < limits.noise())) return Status::singular;
  if (report.growth <= limits.harmless_growth() && report.root <= 1 / limits.half()) return Status::converged;

  double error = solver.backward_error();
  if (error > limits.small_error() && is_finite(error)) {
    solver.refine();
    error = solver.backward_error();
  }
  if (!(error <= limits.half())) return Status::unstable;
  return solver.unsolved_share() <= EliminationLimits::unsolved ? Status::converged : Status::singular;
}

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

/// Kernel: to <- to + added.
template <class T, int n, class Space>
struct AddRows {
  Trajectory<T, n, Space> added, to;
  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    for (int c = 0; c < n; ++c) to(i, c) += added(i, c);
  }
};

/// The tests above, and the storage of a step of refinement.
template <class T, int n, class Space>
class BlockMonitor {
 public:
  using System = BlockTridiagonal<T, n, Space>;
  using States = Trajectory<T, n, Space>;

  explicit BlockMonitor(Index length)
      : residual_(allocate<States>("antler::blocks::residual", length)),
        correction_(allocate<States>("antler::blocks::correction", length)) {}
  static std::size_t required_bytes(Index length) { return static_cast<std::size_t>(length) * 2 * n * sizeof(T); }

  /// @param x          the solution, refined where that helps
  /// @param eliminate  `eliminate(system, x)` solves without any test and returns its EliminationReport
  template <class Eliminate>
  Status solve(const Space& space, const System& system, const States& x, const Eliminate& eliminate) const {
    return monitored(Solve<Eliminate>{space, system, x, residual_, correction_, eliminate},
                     {std::numeric_limits<T>::epsilon(), n, system.length()});
  }

 private:
  template <class Eliminate>
  struct Solve {
    const Space& space;
    const System& system;
    States x, residual, correction;
    const Eliminate& run;

    [[nodiscard]] EliminationReport eliminate() const { return run(system, x); }
    [[nodiscard]] double backward_error() const {
      return parallel_maximum("antler::blocks::residual", space, system.length(), 12.0 * n * n,
                              BlockResidual<T, n, Space>{system, x, residual});
    }
    void refine() const {
      System again = system;
      again.r = residual;
      run(again, correction);
      parallel_for("antler::blocks::refine", space, system.length(), n, AddRows<T, n, Space>{correction, x});
    }
    [[nodiscard]] double unsolved_share() const {
      const double left = scaled(residual), right = scaled(system.r);
      return left > 0 ? left / right : 0;
    }
    [[nodiscard]] double scaled(const States& v) const {
      return parallel_maximum("antler::blocks::scaled", space, system.length(), 6.0 * n * n, ScaledRows<T, n, Space>{system, v});
    }
  };

  States residual_, correction_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
