// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A recurrence y_i = f(y_{i-1}, ..., y_{i-P}, x_i) over a window of steps as a NewtonSystem, for any stand-in A_i of df/dy:
///
///     d_i = A_i d_{i-1} + r_i,   r_i = f_i - y_i,        y_i <- f_i + (d_i - r_i)
///
/// The last line is y_i + d_i, rounded so that y_i becomes f_i itself where the steps before did not move: iterate k repeats what
/// the loop computes on its first k steps, to the last bit.
///
/// A recurrence has one answer, that of the loop, and no error of discretisation behind which an iteration could stop early. Row i
/// has converged when its residual is below eight units in the last place of its terms, |r| <= 8 eps max(|f|, |A| |y|), *and* its
/// update is below the tolerance. Where A is df/dy itself the residual need only pass the tolerance as well: the update is then the
/// error up to its square, and it is applied. Either norm is the largest over rows and components, and 1 is what it must reach.

#include <algorithm>

#include "antler/core/lanes_math.hpp"
#include "antler/core/stopwatch.hpp"
#include "antler/deer/newton.hpp"
#include "antler/deer/shifters.hpp"
#include "antler/deer/step_jacobians.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Residuals of this size, relative to the terms of a row, are rounding: of f, and of the states before that f sees.
template <class T>
inline constexpr T residual_rounding = 8 * rounding_of<T>;

/// The largest of |v_c|.
template <class U, int n>
KOKKOS_FORCEINLINE_FUNCTION U largest_component(const Vector<U, n>& v) {
  U largest = fabs(v[0]);
  for (int c = 1; c < n; ++c) largest = antler::max(largest, U(fabs(v[c])));
  return largest;
}

/// max_c |r_c| / (relative max(|f|, terms_c, floor)).
template <class U, int n>
KOKKOS_FORCEINLINE_FUNCTION U residual_ratio(const Vector<U, n>& r, const Vector<U, n>& f, const Vector<U, n>& terms,
                                             scalar_of<U> relative, scalar_of<U> floor) {
  using T = scalar_of<U>;
  const U size = antler::max(largest_component(f), U(floor)), unit = U(relative);
  U largest = U(T(0));
  for (int c = 0; c < n; ++c)
    largest = antler::max(largest, U(fabs(r[c]) / (unit * antler::max(size, terms[c]) + U(smallest_normal<T>))));
  return largest;
}

/// max_c |d_c| / (rtol max(|y|, floor)).
template <class U, int n>
KOKKOS_FORCEINLINE_FUNCTION U update_ratio(const Vector<U, n>& d, const Vector<U, n>& y, scalar_of<U> rtol, scalar_of<U> floor) {
  return largest_component(d) / (U(rtol) * antler::max(largest_component(y), U(floor)) + U(smallest_normal<scalar_of<U>>));
}

/// The largest of the first `count` lanes of `ratio`, infinite where `sum` is not finite: then some term of it was not.
template <class U>
KOKKOS_FORCEINLINE_FUNCTION double largest_lane(const U& ratio, const U& sum, Index count) {
  scalar_of<U> ratios[lane_count<U>], sums[lane_count<U>];
  store(ratios, ratio);
  store(sums, sum);
  bool finite = true;
  scalar_of<U> largest = 0;
  for (int l = 0; l < lane_count<U>; ++l) {
    if (l >= count) break;
    finite = finite && is_finite(sums[l]) && is_finite(ratios[l]);
    largest = ratios[l] > largest ? ratios[l] : largest;
  }
  return finite ? static_cast<double>(largest) : HUGE_VAL;
}

/// Kernel: f, its stand-in for df/dy and the residual of rows i, i + 1, ..., one per lane; yields the ratio of the largest
/// residual.
template <class U, class T, int n, int lags, class Function, class Jacobian, class Maps, class ExecutionSpace>
struct LinearizeRows {
  Function f;
  Jacobian jacobian;
  Lags<T, n, lags> shifter;
  Maps maps;
  Trajectory<T, n, ExecutionSpace> y, value;
  Index first_step;
  T unit, floor;

  KOKKOS_INLINE_FUNCTION double operator()(Index block) const {
    const Index i = block * lane_count<U>;
    Vector<U, n> before[lags];
    for (int p = 0; p < lags; ++p) before[p] = shifter.template operator()<U>(p, i, y);
    const auto point = jacobian.at(f, i, before, first_step + i);
    const Vector<U, n> r = point.f - gather_row<U, n>(y, i);
    Vector<U, n> terms;
    if constexpr (lags == 1) {
      maps.set_linear(point.A, i);
      terms = term_sizes(point.A, before[0]);
    } else {
      terms = Vector<U, n>::filled(U(T(0)));
      for (int p = 0; p < lags; ++p) {
        scatter_matrix(point.jacobian[p], maps.A[static_cast<std::size_t>(p)], i);
        terms += term_sizes(point.jacobian[p], before[p]);
      }
    }
    scatter_row(r, maps.b, i);
    scatter_row(point.f, value, i);
    U sum = U(T(0));
    for (int c = 0; c < n; ++c) sum += fabs(r[c]) + terms[c];
    return largest_lane(residual_ratio(r, point.f, terms, unit, floor), sum, static_cast<Index>(y.extent(0)) - i);
  }
};

/// Kernel: the ratio of the largest update of rows i, i + 1, ....
template <class U, class T, int n, class ExecutionSpace>
struct UpdateRatio {
  Trajectory<T, n, ExecutionSpace> d, y;
  T rtol, floor;

  KOKKOS_INLINE_FUNCTION double operator()(Index block) const {
    const Index i = block * lane_count<U>;
    const Vector<U, n> update = gather_row<U, n>(d, i);
    U sum = U(T(0));
    for (int c = 0; c < n; ++c) sum += fabs(update[c]);
    return largest_lane(update_ratio(update, gather_row<U, n>(y, i), rtol, floor), sum, static_cast<Index>(y.extent(0)) - i);
  }
};

/// Kernel: 0 for a row whose residual and update pass, else how many rows there are from it to the end.
template <class T, int n, int lags, class Maps, class ExecutionSpace>
struct RowsLeftBehind {
  Lags<T, n, lags> shifter;
  Maps maps;
  Trajectory<T, n, ExecutionSpace> y, value, update;
  T rtol, unit, floor;

  KOKKOS_INLINE_FUNCTION double operator()(Index i) const {
    Vector<T, n> terms = Vector<T, n>::filled(T(0));
    for (int p = 0; p < lags; ++p) {
      const Vector<T, n> before = shifter.template operator()<T>(p, i, y);
      if constexpr (lags == 1) {
        terms += term_sizes(maps.template linear<T>(i), before);
      } else {
        terms += term_sizes(gather_matrix<T, n>(maps.A[static_cast<std::size_t>(p)], i), before);
      }
    }
    const T residual = residual_ratio(gather_row<T, n>(maps.b, i), gather_row<T, n>(value, i), terms, unit, floor);
    const T moved = update_ratio(gather_row<T, n>(update, i), gather_row<T, n>(y, i), rtol, floor);
    const bool passes = is_finite(residual) && is_finite(moved) && residual <= T(1) && moved <= T(1);
    return passes ? 0.0 : static_cast<double>(static_cast<Index>(y.extent(0)) - i);
  }
};

}  // namespace detail

/// The relative tolerance of an update: the caller's, and 1e-12 (1e-5 in single precision) where the caller's is larger; not below
/// 64 units of rounding, which updates of a converged iteration reach again and again.
template <class T>
double sequence_tolerance(const Options& options) {
  constexpr double least = 64 * static_cast<double>(rounding_of<T>), largest = sizeof(T) == 4 ? 1e-5 : 1e-12;
  return std::clamp(options.rtol, least, largest);
}

/// The NewtonSystem of a window of a recurrence. Allocates in its constructor only, for as many rows as a window will have.
///
/// @tparam Function  detail::AtSteps
/// @tparam Jacobian  one of deer/step_jacobians.hpp
/// @tparam Plan      what solves its maps
/// @note Memory per row: the map, f and d, that is n^2 + 3 n scalars for Newton's method and 4 n for quasi-Newton.
template <class T, int n, int lags, class Function, class Jacobian, class Plan, class ExecutionSpace>
class RecurrenceSystem {
 public:
  using States = Trajectory<T, n, ExecutionSpace>;
  using Maps = typename Jacobian::template Maps<T, n, lags, ExecutionSpace>;

  static constexpr std::size_t row_bytes = sizeof(T) * (Maps::numbers + 2 * n);

  RecurrenceSystem(const ExecutionSpace& space, const Function& f, Index rows, const Options& options)
      : space_(space),
        f_(f),
        all_maps_(Maps::allocated("antler::recurrence::maps", rows)),
        all_values_(allocate<States>("antler::recurrence::f", rows)),
        all_updates_(allocate<States>("antler::recurrence::update", rows)),
        rtol_(static_cast<T>(sequence_tolerance<T>(options))) {}

  /// Begins a window.
  /// @param f           of the window's rows
  /// @param shifter     what is before the window
  /// @param y           the rows of the window: guess, then iterates
  /// @param first_step  number of its first step in the whole sequence
  /// @param plan        solves maps of its length
  void begin(const Function& f, const Lags<T, n, lags>& shifter, const States& y, Index first_step, const Jacobian& jacobian,
             Plan& plan) {
    f_ = f;
    shifter_ = shifter;
    y_ = y;
    first_step_ = first_step;
    jacobian_ = jacobian;
    plan_ = &plan;
    maps_ = all_maps_.first(rows());
    value_ = leading_rows(all_values_, rows());
    update_ = leading_rows(all_updates_, rows());
    solved_ = false;
    floor_ = T(0);
  }

  double linearize(Statistics& statistics) {
    using Wide = KernelLanes<T, ExecutionSpace>;
    constexpr bool in_lanes = Function::lanes && Maps::numbers * sizeof(Wide) <= detail::most_block_bytes;
    using U = std::conditional_t<in_lanes, Wide, T>;
    const Stopwatch evaluation;
    const double flops = 10.0 * n * (n + 1);  // a few terms per component, and its derivatives
    const double ratio = parallel_maximum("antler::recurrence::linearize", space_, blocks<U>(), flops * lane_count<U>,
                                          detail::LinearizeRows<U, T, n, lags, Function, Jacobian, Maps, ExecutionSpace>{
                                              f_, jacobian_, shifter_, maps_, y_, value_, first_step_, residual_unit(), floor_});
    statistics.function_evaluations += rows();
    statistics.jacobian_evaluations += rows();
    statistics.evaluation_seconds += evaluation.seconds();
    return ratio;
  }

  Status solve(Statistics& statistics) {
    const Stopwatch inversion;
    const Status status = plan_->apply(space_, maps_, update_);
    solved_ = true;
    using U = KernelLanes<T, ExecutionSpace>;
    update_norm_ = parallel_maximum("antler::recurrence::update_norm", space_, blocks<U>(), 4.0 * n * lane_count<U>,
                                    detail::UpdateRatio<U, T, n, ExecutionSpace>{update_, y_, rtol_, floor_});
    statistics.inverse_seconds += inversion.seconds();
    return status;
  }

  [[nodiscard]] double update_norm() const { return update_norm_; }

  void advance() {
    const States y = y_, value = value_, update = update_, residual = maps_.b;
    const double largest = parallel_maximum(
        "antler::recurrence::advance", space_, rows(), 4.0 * n, KOKKOS_LAMBDA(const Index i) {
          double size = 0;
          for (int c = 0; c < n; ++c) {
            y(i, c) = value(i, c) + (update(i, c) - residual(i, c));
            const double component = fabs(static_cast<double>(y(i, c)));
            size = component > size ? component : size;
          }
          return size;
        });
    floor_ = is_finite(largest) ? static_cast<T>(smallest_share * largest) : T(0);
  }

  /// The last iterate stays: its converged prefix is what a window is good for, and the rest a guess.
  void keep() {}
  void restore() {}

  /// How many rows have converged, from the left without a gap: their residuals and updates pass. Known after an iteration that did
  /// not converge as a whole.
  [[nodiscard]] Index converged_prefix() const {
    if (!solved_) return 0;
    const Index count = rows();
    const double left = parallel_maximum(
        "antler::recurrence::prefix", space_, count, 4.0 * n * n,
        detail::RowsLeftBehind<T, n, lags, Maps, ExecutionSpace>{shifter_, maps_, y_, value_, update_, rtol_, prefix_unit(), T(0)});
    return count - static_cast<Index>(left);
  }

 private:
  /// A state that passes through zero is measured by the trajectory around it: by this share of the largest state of the window.
  static constexpr double smallest_share = 0.1;

  [[nodiscard]] T residual_unit() const { return jacobian_.exact() ? rtol_ : detail::residual_rounding<T>; }
  /// Rows of a prefix may have missed their last update. They are measured by themselves: what is behind them may be anything.
  [[nodiscard]] T prefix_unit() const { return T(jacobian_.exact() ? 8 : 1) * detail::residual_rounding<T>; }
  [[nodiscard]] Index rows() const { return static_cast<Index>(y_.extent(0)); }
  template <class U>
  [[nodiscard]] Index blocks() const {
    return (rows() + lane_count<U> - 1) / lane_count<U>;
  }

  ExecutionSpace space_;
  Function f_;
  Jacobian jacobian_{};
  Lags<T, n, lags> shifter_{};
  Plan* plan_ = nullptr;
  Maps all_maps_, maps_{};
  States all_values_, all_updates_, y_, value_, update_;
  Index first_step_ = 0;
  T rtol_, floor_ = 0;
  double update_norm_ = 0;
  bool solved_ = false;
};

}  // namespace antler::inline ANTLER_LANES
