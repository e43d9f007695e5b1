// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "antler/core/block_elimination.hpp"
#include "antler/deer/block_tridiagonal.hpp"
#include "antler/deer/concepts.hpp"
#include "antler/discretization/elliptic_stencil.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The rows of elliptic_stencil.hpp where kernels run: shape (N, 7 n).
template <class T, int n, class Space>
struct EllipticTable {
  Trajectory<T, EllipticRow::numbers * n, Space> numbers;
  bool periodic;

  KOKKOS_FORCEINLINE_FUNCTION T g_left(Index i, int c) const { return numbers(i, EllipticRow::numbers * c); }
  KOKKOS_FORCEINLINE_FUNCTION T g_right(Index i, int c) const { return numbers(i, EllipticRow::numbers * c + 1); }
  KOKKOS_FORCEINLINE_FUNCTION T own(Index i, int c) const { return numbers(i, EllipticRow::numbers * c + 2); }
  KOKKOS_FORCEINLINE_FUNCTION T known(Index i, int c) const { return numbers(i, EllipticRow::numbers * c + 3); }
  KOKKOS_FORCEINLINE_FUNCTION T weight(Index i, int c, int k) const { return numbers(i, EllipticRow::numbers * c + 4 + k); }

  /// The point that weight k of row i belongs to.
  KOKKOS_FORCEINLINE_FUNCTION Index point(Index i, int k) const {
    const Index last = static_cast<Index>(numbers.extent(0)) - 1;
    if (k == 1) return i;
    if (k == 0) return i > 0 ? i - 1 : periodic ? last : 2;
    return i < last ? i + 1 : periodic ? 0 : last - 2;
  }
};

/// Kernel: sum_k weight_k g_k of row i, into `out`.
template <class T, int n, class Space>
struct EllipticSource {
  EllipticTable<T, n, Space> table;
  Trajectory<T, n, Space> g, out;

  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    for (int c = 0; c < n; ++c) {
      T sum = 0;
      for (int k = 0; k < 3; ++k) sum += table.weight(i, c, k) * g(table.point(i, k), c);
      out(i, c) = sum;
    }
  }
};

/// Kernel: row i of the system for the update.
template <class T, int n, class Space>
struct EllipticRows {
  EllipticTable<T, n, Space> table;
  Trajectory<T, n, Space> u, f;
  Matrices<T, n, Space> jacobian;
  BlockTridiagonal<T, n, Space> system;

  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    const Index last = system.length() - 1;
    const bool outside[3] = {i == 0 && !table.periodic, false, i == last && !table.periodic};
    const Index left = table.point(i, 0), right = table.point(i, 2);
    for (int c = 0; c < n; ++c) {
      const T g_left = table.g_left(i, c), g_right = table.g_right(i, c), own = table.own(i, c);
      T residual = table.known(i, c) - g_left * (u(i, c) - u(left, c)) - g_right * (u(i, c) - u(right, c)) - own * u(i, c);
      for (int k = 0; k < 3; ++k) residual += table.weight(i, c, k) * f(table.point(i, k), c);
      system.r(i, c) = residual;
      for (int d = 0; d < n; ++d) {
        const T one = c == d ? T(1) : T(0);
        const T lower = -table.weight(i, c, 0) * jacobian(left, c, d), upper = -table.weight(i, c, 2) * jacobian(right, c, d);
        system.L(i, c, d) = outside[0] ? T(0) : lower - g_left * one;
        system.D(i, c, d) = (g_left + g_right + own) * one - table.weight(i, c, 1) * jacobian(i, c, d);
        system.U(i, c, d) = outside[2] ? T(0) : upper - g_right * one;
      }
    }
  }
};

/// Kernel: the third point from a side leaves the side's row, which gets a multiple of its neighbour's row: factor(side).
/// call 0: the left side, call 1: the right one.
template <class T, int n, class Space>
struct FoldSides {
  EllipticTable<T, n, Space> table;
  Matrices<T, n, Space> jacobian;
  BlockTridiagonal<T, n, Space> system;
  Matrices<T, n, Space> factor;

  KOKKOS_INLINE_FUNCTION void operator()(Index side) const {
    const Index last = system.length() - 1, row = side == 0 ? 0 : last, beside = side == 0 ? 1 : last - 1;
    const int k = side == 0 ? 0 : 2;
    const Index third = table.point(row, k);
    // G (outer block of the neighbour's row) = entry of the third point: transposed, as columns.
    Matrix<T, n> outer, entry;
    for (int c = 0; c < n; ++c)
      for (int d = 0; d < n; ++d) {
        outer(d, c) = side == 0 ? system.U(beside, c, d) : system.L(beside, c, d);
        entry(d, c) = -table.weight(row, c, k) * jacobian(third, c, d);
      }
    solve_columns(outer, entry);
    for (int c = 0; c < n; ++c)
      for (int d = 0; d < n; ++d) factor(side, c, d) = entry(d, c);
    for (int c = 0; c < n; ++c)
      for (int e = 0; e < n; ++e) {
        const T g = factor(side, c, e);
        system.r(row, c) -= g * system.r(beside, e);
        for (int d = 0; d < n; ++d) {
          system.D(row, c, d) -= g * (side == 0 ? system.L(beside, e, d) : system.U(beside, e, d));
          (side == 0 ? system.U(row, c, d) : system.L(row, c, d)) -= g * system.D(beside, e, d);
        }
      }
  }
};

/// Kernel: the same multiples of the neighbours' rows, for another right-hand side.
template <class T, int n, class Space>
struct FoldSource {
  Matrices<T, n, Space> factor;
  Trajectory<T, n, Space> out;

  KOKKOS_INLINE_FUNCTION void operator()(Index side) const {
    const Index last = static_cast<Index>(out.extent(0)) - 1, row = side == 0 ? 0 : last, beside = side == 0 ? 1 : last - 1;
    for (int c = 0; c < n; ++c)
      for (int e = 0; e < n; ++e) out(row, c) -= factor(side, c, e) * out(beside, e);
  }
};

}  // namespace detail

/// L u = -(kappa u')' with its sides, on the points of a uniform grid: a ResidualLinearOperator whose system is block tridiagonal.
template <class T, int n, class ExecutionSpace>
class EllipticOperator {
 public:
  using System = BlockTridiagonal<T, n, ExecutionSpace>;
  using States = Trajectory<T, n, ExecutionSpace>;

  /// @param rows  of elliptic_rows(), N n of them
  EllipticOperator(std::span<const EllipticRow> rows, Ends ends)
      : system_(System::allocated("antler::elliptic", static_cast<Index>(rows.size()) / n, ends)),
        factor_("antler::elliptic::factor", 2) {
    table_.numbers = allocate<Trajectory<T, numbers * n, ExecutionSpace>>("antler::elliptic::table", system_.length());
    table_.periodic = ends == Ends::periodic;
    const auto mirror = Kokkos::create_mirror_view(table_.numbers);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const EllipticRow& row = rows[k];
      const double values[numbers] = {row.g_left, row.g_right, row.own, row.known, row.weight[0], row.weight[1], row.weight[2]};
      for (int q = 0; q < numbers; ++q) mirror(k / n, static_cast<int>(k % n) * numbers + q) = static_cast<T>(values[q]);
      folds_ = folds_ ||
               (ends == Ends::open && ((k / n == 0 && row.weight[0] != 0) || (k / n + 1 == rows.size() / n && row.weight[2] != 0)));
    }
    if constexpr (!is_host_space<ExecutionSpace>) Kokkos::deep_copy(table_.numbers, mirror);
  }

  static std::size_t required_bytes(Index points) {
    return System::required_bytes(points) + static_cast<std::size_t>(points) * numbers * n * sizeof(T);
  }

  const System& linearize(const ExecutionSpace& space, const States& u, const States& f,
                          const Jacobians<T, n, 1, ExecutionSpace>& jacobians) {
    parallel_for("antler::elliptic::rows", space, system_.length(), 12.0 * n * n,
                 detail::EllipticRows<T, n, ExecutionSpace>{table_, u, f, jacobians[0], system_});
    if (folds_)
      parallel_for("antler::elliptic::fold", space, 2, 0,
                   detail::FoldSides<T, n, ExecutionSpace>{table_, jacobians[0], system_, factor_});
    return system_;
  }
  [[nodiscard]] const States& residual() const { return system_.r; }

  /// out <- the right-hand side that g in place of f, without L u, has: for derivatives by parameters.
  void source(const ExecutionSpace& space, const States& g, const States& out) const {
    parallel_for("antler::elliptic::source", space, system_.length(), 6.0 * n,
                 detail::EllipticSource<T, n, ExecutionSpace>{table_, g, out});
    if (folds_) parallel_for("antler::elliptic::fold", space, 2, 0, detail::FoldSource<T, n, ExecutionSpace>{factor_, out});
  }

 private:
  static constexpr int numbers = EllipticRow::numbers;

  detail::EllipticTable<T, n, ExecutionSpace> table_;
  System system_;
  Matrices<T, n, ExecutionSpace> factor_;
  bool folds_ = false;
};

}  // namespace antler::inline ANTLER_LANES
