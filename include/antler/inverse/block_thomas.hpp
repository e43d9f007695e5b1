// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Block tridiagonal systems by Gaussian elimination, one block row after the other [Thomas1949; GolubVanLoan2013, sec. 4.5.1]:
///
///     D'_i = D_i - L_i W_{i-1},   W_i = D'_i^{-1} U_i,   y_i = D'_i^{-1} (r_i - L_i y_{i-1}),   x_i = y_i - W_i x_{i+1}.
///
/// Rows are exchanged inside blocks, not between them. With periodic ends row 0 is a separator (block_chunks.hpp), to which all
/// others are reduced; then the others are eliminated between x_0 and x_0.

#include "antler/inverse/block_cyclic_reduction.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Kernel, one call: W and y of the rows begin .. end - 1; y goes to x. Row begin - 1 is known where begin > 0. Returns the growth.
template <class T, int n, class Space>
struct ThomasForward {
  BlockTridiagonal<T, n, Space> system;
  Matrices<T, n, Space> W;
  Trajectory<T, n, Space> x;
  Index begin, end;

  KOKKOS_INLINE_FUNCTION ANTLER_FLATTEN double operator()(Index /*one*/) const {
    Matrix<T, n, n + 1> row{};  // [W y]
    if (begin > 0)
      for (int c = 0; c < n; ++c) row(c, n) = x(begin - 1, c);
    Matrix<T, n> growth{};
    for (Index i = begin; i < end; ++i) {
      eliminate(i, row);
      for (int r = 0; r < n; ++r) {
        for (int c = 0; c < n; ++c) {
          W(i, r, c) = row(r, c);
          const T size = size_of(row(r, c));
          growth(r, c) = size > growth(r, c) ? size : growth(r, c);
        }
        x(i, r) = row(r, n);
      }
    }
    T largest = 0;
    for (int r = 0; r < n; ++r)
      for (int c = 0; c < n; ++c) {
        if (!is_finite(static_cast<double>(row(r, c)))) return HUGE_VAL;  // of any row: the next ones inherit it
        largest = growth(r, c) > largest ? growth(r, c) : largest;
      }
    return static_cast<double>(largest);
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION void eliminate(Index i, Matrix<T, n, n + 1>& row) const {
    Matrix<T, n> diagonal = gather_matrix<T, n>(system.D, i);
    Matrix<T, n, n + 1> next;
    for (int r = 0; r < n; ++r) {
      for (int c = 0; c < n; ++c) next(r, c) = system.U(i, r, c);
      next(r, n) = system.r(i, r);
    }
    if (i > 0) {
      const Matrix<T, n, n + 1> product = gather_matrix<T, n>(system.L, i) * row;
      for (int r = 0; r < n; ++r) {
        for (int c = 0; c < n; ++c) diagonal(r, c) -= product(r, c);
        next(r, n) -= product(r, n);
      }
    }
    solve_columns(diagonal, next);
    row = next;
  }
};

/// Kernel, one call: what is left of the last row, when all others are eliminated.
template <class T, int n, class Space>
struct ThomasRoot {
  BlockTridiagonal<T, n, Space> system;
  Matrices<T, n, Space> W;
  Trajectory<T, n, Space> x;

  KOKKOS_INLINE_FUNCTION double operator()(Index /*one*/) const {
    const Index last = system.length() - 1;
    Matrix<T, n> a = gather_matrix<T, n>(system.D, last);
    Matrix<T, n, 1> b;
    for (int c = 0; c < n; ++c) b(c, 0) = system.r(last, c);
    if (last > 0) {
      const Matrix<T, n> lower = gather_matrix<T, n>(system.L, last);
      a -= lower * gather_matrix<T, n>(W, last - 1);
      const Vector<T, n> y = lower * gather_row<T, n>(x, last - 1);
      for (int c = 0; c < n; ++c) b(c, 0) -= y[c];
    }
    Vector<T, n> state;
    const double root = solve_root(system, last, a, b, state);
    scatter_row(state, x, last);
    return root;
  }
};

/// Kernel, one call: x_i = y_i - W_i x_{i+1} for i = end - 1 .. begin; x_end is row `end` of x, or row 0 behind the last.
template <class T, int n, class Space>
struct ThomasBackward {
  Matrices<T, n, Space> W;
  Trajectory<T, n, Space> x;
  Index begin, end;

  KOKKOS_INLINE_FUNCTION ANTLER_FLATTEN void operator()(Index /*one*/) const {
    Vector<T, n> state = gather_row<T, n>(x, end < static_cast<Index>(x.extent(0)) ? end : 0);
    for (Index i = end - 1; i >= begin; --i) {
      state = gather_row<T, n>(x, i) - gather_matrix<T, n>(W, i) * state;
      scatter_row(state, x, i);
    }
  }
};

}  // namespace detail

/// The storage of a block Thomas elimination of N rows: W, and what a step of refinement needs.
template <class T, int n, class ExecutionSpace>
class BlockThomasPlan {
 public:
  using System = BlockTridiagonal<T, n, ExecutionSpace>;
  using States = Trajectory<T, n, ExecutionSpace>;

  explicit BlockThomasPlan(Index length, Ends ends = Ends::open)
      : length_(length),
        ends_(ends),
        W_(allocate<Matrices<T, n, ExecutionSpace>>("antler::blocks::W", length)),
        monitor_(length),
        root_(Separators::allocated(ends == Ends::periodic ? 1 : 0)) {
    root_.system.ends = ends;
  }

  /// Bytes that a plan for `length` rows allocates.
  static std::size_t required_bytes(Index length) {
    return detail::BlockMonitor<T, n, ExecutionSpace>::required_bytes(length) +
           static_cast<std::size_t>(length) * n * n * sizeof(T) + Separators::required_bytes(1);
  }
  [[nodiscard]] std::size_t required_bytes() const { return required_bytes(length_); }

  /// Solves L_i x_{i-1} + D_i x_i + U_i x_{i+1} = r_i; parameters, status and errors as BlockCyclicReductionPlan::apply.
  /// @note Work 14/3 n^3 N, depth O(N): sequential. With periodic ends 32/3 n^3 N more.
  Status apply(const ExecutionSpace& space, const System& system, const States& x,
               const SourceLocation& where = SourceLocation::current()) const {
    detail::require_blocks(system, x, length_, ends_, where);
    if (length_ == 0) return Status::converged;
    return monitor_.solve(space, system, x, [&](const System& rows, const States& states) {
      return rows.periodic() ? eliminate_periodic(space, rows, states) : eliminate(space, rows, states);
    });
  }

 private:
  using Separators = detail::SeparatorSystem<T, n, ExecutionSpace>;

  detail::EliminationReport eliminate(const ExecutionSpace& space, const System& system, const States& x) const {
    const double growth = forward(space, system, x, 0, length_ - 1);
    const double root =
        parallel_maximum("antler::blocks::root", space, 1, 0, detail::ThomasRoot<T, n, ExecutionSpace>{system, W_, x});
    backward(space, x, 0, length_ - 1);
    return {growth, root};
  }

  detail::EliminationReport eliminate_periodic(const ExecutionSpace& space, const System& system, const States& x) const {
    double growth = parallel_maximum("antler::blocks::reduce", space, 1, 0,
                                     detail::ReduceChunks<T, T, n, ExecutionSpace>{system, root_, length_});
    parallel_for("antler::blocks::merge", space, 1, 0, detail::MergeSeparators<T, n, ExecutionSpace>{root_});
    const double root =
        parallel_maximum("antler::blocks::root", space, 1, 0, detail::ReductionRoot<T, n, ExecutionSpace>{system, root_.system, x});
    growth = std::max(growth, forward(space, system, x, 1, length_));
    backward(space, x, 1, length_);
    return {growth, root};
  }

  double forward(const ExecutionSpace& space, const System& system, const States& x, Index begin, Index end) const {
    return parallel_maximum("antler::blocks::forward", space, 1, 0,
                            detail::ThomasForward<T, n, ExecutionSpace>{system, W_, x, begin, end});
  }
  void backward(const ExecutionSpace& space, const States& x, Index begin, Index end) const {
    parallel_for("antler::blocks::backward", space, 1, 0, detail::ThomasBackward<T, n, ExecutionSpace>{W_, x, begin, end});
  }

  Index length_;
  Ends ends_;
  Matrices<T, n, ExecutionSpace> W_;
  detail::BlockMonitor<T, n, ExecutionSpace> monitor_;
  Separators root_;
};

/// Solves block tridiagonal systems one row after the other: the oracle in tests, and the cheapest way on one core for large
/// blocks. An InverseOperator.
struct BlockThomas {
  template <class T, int n, class ExecutionSpace>
  [[nodiscard]] BlockThomasPlan<T, n, ExecutionSpace> plan(const ExecutionSpace& /*space*/, Index length,
                                                           Ends ends = Ends::open) const {
    return BlockThomasPlan<T, n, ExecutionSpace>(length, ends);
  }
};

}  // namespace antler::inline ANTLER_LANES
