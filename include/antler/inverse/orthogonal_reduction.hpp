// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Inverse operators of AlmostBlockDiagonal systems: the structured orthogonal factorisation of [Wright1992], and a sequential
/// elimination with row interchanges as its oracle.
///
///     neighbouring block rows become one by an elimination of the unknown between them, until one row is left
///     S d_0 + R d_N + C e = r and the q conditions at the ends: a dense system of n + q equations
///     back: every eliminated unknown from its two neighbours
///
/// No unknown is computed by a march from one end: modes that grow by e^50 over the interval and modes that decay by as much are
/// treated alike, which a scan of affine maps (single shooting) cannot do.

#include "antler/core/complete_pivoting.hpp"
#include "antler/core/status.hpp"
#include "antler/inverse/boundary_elimination.hpp"
#include "antler/inverse/elimination_schedule.hpp"

namespace antler::inline ANTLER_LANES {

/// Factors of an AlmostBlockDiagonal system of N >= 1 steps, and its solutions for any right-hand side.
///
/// @tparam Factors  of a 2 n x n matrix: Householder<T, 2 n, n> or PivotedTriangles<T, 2 n, n>
/// @note Allocates in its constructor only. Storage N (7 n^2 + 2 n m + 4 n) scalars.
template <class System, class Factors>
class BoundaryEliminationPlan {
 public:
  using T = typename System::Scalar;
  using Space = typename System::Space;
  using Parameters = typename System::Parameters;
  using Slice = typename System::Slice;
  static constexpr int n = System::size, m = System::parameters, q = System::conditions;
  using States = Trajectory<T, n, Space>;
  static_assert(is_host_space<Space>, "antler::BoundaryEliminationPlan: on a host; what is left of the system is solved there");

  BoundaryEliminationPlan(const Space& space, EliminationSchedule schedule)
      : space_(space),
        schedule_(std::move(schedule)),
        made_(allocate<Slices>("antler::boundary_elimination::slices", schedule_.eliminations.size())),
        unknowns_(allocate<Unknowns>("antler::boundary_elimination::unknowns", schedule_.eliminations.size())),
        reduced_(allocate<States>("antler::boundary_elimination::reduced",
                                  schedule_.steps + static_cast<Index>(schedule_.eliminations.size()))) {}

  static std::size_t required_bytes(Index steps) {
    return static_cast<std::size_t>(steps) *
           (sizeof(Slice) + sizeof(Unknown) + 2 * n * sizeof(T) + sizeof(EliminationSchedule::Elimination));
  }

  /// @return Status::singular when the equations contradict or repeat each other, to rounding; Status::unstable when the
  /// elimination grew so far that this cannot be told
  Status factor(const System& system) {
    double smallest = 1;
    for (std::size_t level = 0; level + 1 < schedule_.levels.size(); ++level) {
      const Index first = schedule_.levels[level], count = schedule_.levels[level + 1] - first;
      const auto* eliminations = schedule_.eliminations.data() + first;
      const Index steps = schedule_.steps;
      const Slices given = system.slices, made = made_;
      const Unknowns unknowns = unknowns_;
      const double loss =
          parallel_maximum("antler::boundary_elimination::factor", space_, count, 12.0 * n * n * n, [=](const Index k) {
            const auto& [a, b, before, middle, after] = eliminations[k];
            double least = 1;
            made(first + k) = unknowns(first + k).eliminate(a < steps ? given(a) : made(a - steps),
                                                            b < steps ? given(b) : made(b - steps), least);
            return 1 - least;
          });
      smallest = std::min(smallest, 1 - loss);
    }
    ends_ = CompletePivoting<T, n + q, 2 * n + m>(matrix_of_ends(system));
    const double rounding = static_cast<double>(rounding_of<T>);
    const bool sound = smallest > 4 * rounding && ends_.pivot_ratio() > 64 * (2 * n + m) * rounding;
    if (sound) return Status::converged;
    return largest_entry(left_over(system)) <= most_growth * largest_entry_of(system) ? Status::singular : Status::unstable;
  }

  /// d_0 .. d_N and e of the right-hand sides r and `right`.
  void solve(const States& r, const Vector<T, q>& right, const States& d, Parameters& e) const {
    const Index steps = schedule_.steps;
    const States reduced = reduced_;
    copy_rows<T, n>(space_, r, reduced);
    for (std::size_t level = 0; level + 1 < schedule_.levels.size(); ++level)
      reduce_level(schedule_.levels[level], schedule_.levels[level + 1]);
    Vector<T, n + q> b;
    for (int i = 0; i < n; ++i) b[i] = reduced(steps > 1 ? schedule_.last_row() : 0, i);
    for (int i = 0; i < q; ++i) b[n + i] = right[i];
    spread(ends_.solve(b), d, e);
    back_substitute(d, e);
  }

  /// d_0 .. d_N and e, not all zero, with right-hand sides zero: where there is a condition less than unknowns.
  void null_vector(const States& d, Parameters& e) const {
    const States reduced = reduced_;
    parallel_for("antler::boundary_elimination::zero", space_, static_cast<Index>(reduced.extent(0)), n, [=](const Index i) {
      for (int c = 0; c < n; ++c) reduced(i, c) = T(0);
    });
    spread(ends_.null_vector(), d, e);
    back_substitute(d, e);
  }

  /// factor() and solve(), and the solution put to the test: Status::unstable when the equations are not satisfied to rounding.
  Status apply(const System& system, const States& d, Parameters& e) {
    const Status status = factor(system);
    if (status != Status::converged) return status;
    solve(system.r, system.right, d, e);
    return backward_error(system, d, e) <= most_rounding * static_cast<double>(rounding_of<T>) ? Status::converged
                                                                                               : Status::unstable;
  }

  /// How well the equations are satisfied: |A x - b| / (|A| |x| + |b|) in maximum norms [GolubVanLoan2013, sec. 3.5], of the block
  /// rows and of the conditions, the larger of the two.
  [[nodiscard]] double backward_error(const System& system, const States& d, const Parameters& e) const {
    const Slices slices = system.slices;
    const States r = system.r;
    const auto largest = [&](const auto& figure) {
      return parallel_maximum(
          "antler::boundary_elimination::backward_error", space_, schedule_.steps, 8.0 * n * n, [=](const Index i) {
            const Slice& slice = slices(i);
            return figure(detail::row_residual<T, n, n, m>(slice.S, slice.R, slice.C, gather_row<T, n>(d, i),
                                                           gather_row<T, n>(d, i + 1), e, gather_row<T, n>(r, i)));
          });
    };
    const detail::RowResidual inner{largest([](const detail::RowResidual& row) { return row.residual; }),
                                    largest([](const detail::RowResidual& row) { return row.coefficient; }),
                                    largest([](const detail::RowResidual& row) { return row.right; })};
    const detail::RowResidual ends = detail::row_residual<T, q, n, m>(system.Ba, system.Bb, system.Bp, gather_row<T, n>(d, 0),
                                                                      gather_row<T, n>(d, schedule_.steps), e, system.right);
    const double unknowns = largest_unknown(d, e);
    const auto relative = [unknowns](const detail::RowResidual& rows) {
      const double scale = rows.coefficient * unknowns + rows.right;
      return scale > 0 ? rows.residual / scale : rows.residual;
    };
    const double inner_error = relative(inner), ends_error = relative(ends);
    return is_finite(inner_error) && is_finite(ends_error) ? std::max(inner_error, ends_error) : HUGE_VAL;
  }

 private:
  using Unknown = detail::EliminatedUnknown<T, n, m, Factors>;
  using Slices = Kokkos::View<Slice*, typename Space::memory_space>;
  using Unknowns = Kokkos::View<Unknown*, typename Space::memory_space>;
  static constexpr double most_growth = 1e6;     // orthogonal eliminations stay below the square root of N
  static constexpr double most_rounding = 4096;  // stable eliminations stay below some n; beyond it digits were lost

  [[nodiscard]] double largest_unknown(const States& d, const Parameters& e) const {
    double largest = parallel_maximum("antler::boundary_elimination::largest", space_, schedule_.steps + 1, n, [=](const Index i) {
      double size = 0;
      for (int c = 0; c < n; ++c) size = fmax(size, fabs(static_cast<double>(d(i, c))));
      return size;
    });
    for (int j = 0; j < m; ++j) largest = std::max(largest, std::abs(static_cast<double>(e[j])));
    return largest;
  }

  /// The block row that is left.
  const Slice& left_over(const System& system) const {
    return schedule_.steps > 1 ? made_(schedule_.last_row() - schedule_.steps) : system.slices(0);
  }

  KOKKOS_INLINE_FUNCTION static double largest_entry(const Slice& slice) {
    double largest = 0;
    const auto see = [&](const T& entry) {
      const double size = fabs(static_cast<double>(entry));
      largest = is_finite(size) ? fmax(largest, size) : HUGE_VAL;
    };
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) {
        see(slice.S(i, j));
        see(slice.R(i, j));
      }
      for (int j = 0; j < m; ++j) see(slice.C(i, j));
    }
    return largest;
  }
  double largest_entry_of(const System& system) const {
    const Slices slices = system.slices;
    return parallel_maximum("antler::boundary_elimination::largest_entry", space_, schedule_.steps, 2.0 * n * n,
                            [=](const Index i) { return largest_entry(slices(i)); });
  }

  /// Row `to` of a: row `from` of (first, last, of_parameters).
  template <int rows, int columns>
  static void set_row(Matrix<T, n + q, 2 * n + m>& a, int to, const Matrix<T, rows, n>& first, const Matrix<T, rows, n>& last,
                      const Matrix<T, rows, columns>& of_parameters, int from) {
    for (int j = 0; j < n; ++j) {
      a(to, j) = first(from, j);
      a(to, n + j) = last(from, j);
    }
    for (int j = 0; j < m; ++j) a(to, 2 * n + j) = of_parameters(from, j);
  }

  Matrix<T, n + q, 2 * n + m> matrix_of_ends(const System& system) const {
    const Slice& left = left_over(system);
    Matrix<T, n + q, 2 * n + m> a;
    // Row by row from one source or the other: of entries chosen one by one GCC 12 makes zeros where it vectorises for AVX2.
    for (int i = 0; i < n; ++i) set_row<n>(a, i, left.S, left.R, left.C, i);
    for (int i = 0; i < q; ++i) set_row<q>(a, n + i, system.Ba, system.Bb, system.Bp, i);
    return a;
  }

  void reduce_level(Index first, Index last) const {
    const auto* eliminations = schedule_.eliminations.data();
    const Index steps = schedule_.steps;
    const States reduced = reduced_;
    const Unknowns unknowns = unknowns_;
    parallel_for("antler::boundary_elimination::reduce", space_, last - first, 8.0 * n * n, [=](const Index k) {
      const auto& [a, b, before, middle, after] = eliminations[first + k];
      Vector<T, n> top = gather_row<T, n>(reduced, a), bottom = gather_row<T, n>(reduced, b);
      unknowns(first + k).reduce(top, bottom);
      scatter_row(top, reduced, a);  // what belongs to the eliminated unknown stays where its first row was
      scatter_row(bottom, reduced, steps + first + k);
    });
  }

  void spread(const Vector<T, 2 * n + m>& ends, const States& d, Parameters& e) const {
    e = {};
    for (int c = 0; c < n; ++c) {
      d(0, c) = ends[c];
      d(schedule_.steps, c) = ends[n + c];
    }
    for (int j = 0; j < m; ++j) e[j] = ends[2 * n + j];
  }

  void back_substitute(const States& d, const Parameters& e) const {
    const auto* eliminations = schedule_.eliminations.data();
    const States reduced = reduced_;
    const Unknowns unknowns = unknowns_;
    for (std::size_t level = schedule_.levels.size() - 1; level-- > 0;) {
      const Index first = schedule_.levels[level], count = schedule_.levels[level + 1] - first;
      parallel_for("antler::boundary_elimination::back", space_, count, 5.0 * n * n, [=](const Index k) {
        const auto& [a, b, before, middle, after] = eliminations[first + k];
        scatter_row(
            unknowns(first + k).unknown(gather_row<T, n>(reduced, a), gather_row<T, n>(d, before), gather_row<T, n>(d, after), e),
            d, middle);
      });
    }
  }

  Space space_;
  EliminationSchedule schedule_;
  Slices made_;
  Unknowns unknowns_;
  States reduced_;  // right-hand sides of all rows, given ones first
  CompletePivoting<T, n + q, 2 * n + m> ends_;
};

/// Wright's structured orthogonal factorisation: pairs of block rows, log2 N levels, each parallel over its pairs. Stable whatever
/// the modes of the problem.
/// @note 12 n^3 flops per step and factorisation, 13 n^2 per solution; depth O(n^3 log N).
struct OrthogonalReduction {
  template <class System>
  [[nodiscard]] auto plan(const typename System::Space& space, Index steps) const {
    using T = typename System::Scalar;
    return BoundaryEliminationPlan<System, Householder<T, 2 * System::size, System::size>>(space,
                                                                                           EliminationSchedule::by_halving(steps));
  }
};

/// Gaussian elimination with row interchanges from left to right: sequential, the oracle. Half the operations; row interchanges
/// alone do not bound the growth over many steps, which the test of the solution reports.
struct SequentialCondensation {
  template <class System>
  [[nodiscard]] auto plan(const typename System::Space& space, Index steps) const {
    using T = typename System::Scalar;
    return BoundaryEliminationPlan<System, PivotedTriangles<T, 2 * System::size, System::size>>(
        space, EliminationSchedule::from_left(steps));
  }
};

}  // namespace antler::inline ANTLER_LANES
