// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// SEULEX [HairerWanner1996, sec. IV.9], all columns at once: Euler's linearly implicit method with n_j = 2, 3, ..., 9 steps of
/// length h_j = h / n_j, each column in a SIMD lane of its own,
///
///     (1 - h_j J) (y_{i+1} - y_i) = h_j f(t + (i + 1) h_j, y_i),    i = 0 .. n_j - 1,    J = df/dy(t, y_0),
///
/// and their ends extrapolated to h_j = 0: order 8. The estimate of the error is the distance to the result without the coarsest
/// column, of order 7. The columns know nothing of each other: 44 evaluations and 8 matrices a step take in lanes the time of nine
/// evaluations and one matrix. A code that forms one column after the other stops at the first that suffices; here all of them
/// cost what the longest costs.
///
/// Dense output after [HairerOstermann1990]: differences at the ends of the columns, extrapolated as well, are derivatives of y
/// there.

#include <array>
#include <cmath>

#include "antler/core/all_finite.hpp"
#include "antler/core/finite.hpp"
#include "antler/core/inverse_matrix.hpp"
#include "antler/core/small_inverse.hpp"
#include "antler/core/step_polynomial.hpp"
#include "antler/core/unrolled.hpp"
#include "antler/mesh/linearly_implicit_walk.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// The columns of SEULEX and their weights.
struct SeulexColumns {
  static constexpr int count = 8, fewest = 2, most = fewest + count - 1;
  using Row = std::array<double, count>;

  static constexpr int steps(int column) { return fewest + column; }
  static constexpr Row numbers() {
    Row row{};
    for (int j = 0; j < count; ++j) row[j] = steps(j);
    return row;
  }
  /// Of the value at h = 0 of the polynomial in h through the columns from `first` on [HairerNorsettWanner1993, sec. II.9]:
  /// prod_{i != j} n_j / (n_j - n_i).
  static constexpr Row weights(int first) {
    Row row{};
    for (int j = first; j < count; ++j) {
      row[j] = 1;
      for (int i = first; i < count; ++i)
        if (i != j) row[j] *= static_cast<double>(steps(j)) / (steps(j) - steps(i));
    }
    return row;
  }
  static constexpr Row times_steps(Row row) {
    for (int j = 0; j < count; ++j) row[j] *= steps(j);
    return row;
  }
  /// What column `first` changes in it, of those from there on.
  static constexpr Row error_weights(int first) {
    Row row = weights(first);
    const Row without = weights(first + 1);
    for (int j = 0; j < count; ++j) row[j] -= without[j];
    return row;
  }
};

/// Where the columns of one step lead, extrapolated: y and the scaled derivatives h y', h^2 y'' there, relative to y_0.
template <class T, int n>
struct SeulexEnd {
  Vector<T, n> moved, first, second;
};

/// One step: the columns, one per lane, in as many vectors as it takes. Its polynomial takes them through half of the step as well,
/// beside the others: both wait for their own latencies most of the time.
template <class T, int n>
class SeulexStep {
  using C = SeulexColumns;
  using Wide = Lanes<T>;
  using State = Vector<Wide, n>;
  static constexpr int width = lane_count<Wide>, vectors = C::count / width;
  static_assert(vectors * width == C::count, "antler::detail::SeulexStep: columns must fill their vectors");

 public:
  using Polynomial = StepPolynomial<T, n, 7>;
  static constexpr double smallest_remembered_root = 0.4;  // of an error of 1e-3
  /// The columns look at f in 28 places of a step: what a short first one let pass, a much longer one sees.
  static constexpr double largest_first_factor = 36;
  static constexpr bool begins_by_curvature = true, may_miss_jumps = true, magnifies_rounding = true;
  static constexpr double shortest_part = 1.0 / C::most;  // of a step, over which f is asked for once

  /// @param h      with its sign
  /// @param end    the time at its end, which t + h may miss by rounding
  /// @param dense  whether polynomial() will be asked for
  template <class F>
  Vector<T, n> take(const F& f, const StepStart<T, n>& start, double h, double end, bool dense, Statistics& statistics) {
    return dense ? columns<2>(f, start, h, end, statistics) : columns<1>(f, start, h, end, statistics);
  }

  [[nodiscard]] const Vector<T, n>& error() const { return error_; }
  static double root(float squared_error) { return std::sqrt(std::sqrt(std::sqrt(std::sqrt(squared_error)))); }

  /// Whether rounding, and not h, decides about the estimate of the error: then that of order 7 is smaller than that of order 6 by
  /// as little as their weights are. Of smooth steps it is much smaller, and of stiff ones, whose ends are right anyway, it is not.
  /// The estimates of steps that something else keeps short are rounding, too, but far below the tolerance.
  [[nodiscard]] bool loses_order(const Weights<T, n>& weights, const Vector<T, n>& y) const {
    const double six = weights.sum_of_squares(coarser_error_, y), seven = weights.sum_of_squares(error_, y);
    return 0.25 * six < seven && seven < six && seven > least_error * n;
  }
  /// Before a step: whether it will be asked.
  void compare_orders(bool wanted) { compares_ = wanted; }

  /// Squared norm of what jumps of f in time did that error() could not see: f knows the time, and jumps where it likes. Before the
  /// end of its first step, or behind the start of its last one, no column looks: all would agree on a wrong end. What f is h_j
  /// away from an end of the step, extrapolated to h_j = 0, tells by how much it jumped, and a step of the finest column what that
  /// did.
  /// @param end_matters, dense  whether the end of the step and what lies between are asked for by anybody: if not, what the
  ///                            end of the step, or of the next one, has forgotten does not count
  template <class F>
  double jumps(const F& f, const StepStart<T, n>& start, const StepStart<T, n>& next, double h, bool end_matters, bool dense,
               const Weights<T, n>& weights, Statistics& statistics) const {
    double squared = 0;
    if (unlike_at_start_) [[unlikely]]
      squared = jump_norm(start, start, first_, h, dense ? 1 : C::most, next.y, weights);
    statistics.function_evaluations += width;
    const State finest = at_columns(f, next, h, vectors - 1);
    if (!alike(next.value, &finest, 1)) [[unlikely]] {
      statistics.function_evaluations += C::count - width;
      State found[vectors];
      for (int vector = 0; vector + 1 < vectors; ++vector) found[vector] = at_columns(f, next, h, vector);
      found[vectors - 1] = finest;
      squared = std::max(squared, jump_norm(start, next, found, h, end_matters ? 1 : C::most, next.y, weights));
    }
    return squared;
  }

  /// A hundredth of what the last of the conditions changes in the polynomial, max |theta^2 (theta - 1/2)^3 (theta - 1)^2| times
  /// its leading coefficient: of a stiff problem the ends of steps may be right to the last digit, and the solution between them
  /// pass through many waves. The polynomial that has all conditions is closer by about as much.
  static Vector<T, n> error_between(const Polynomial& dense) {
    constexpr double largest = 7.3e-4, share = 0.01;
    Vector<T, n> error;
    for (int c = 0; c < n; ++c) error[c] = share * largest * dense.c(6, c);
    return error;
  }
  /// y' at the end of the step.
  [[nodiscard]] Vector<T, n> end_slope(double h) const { return static_cast<T>(1 / h) * end_.first; }

  /// y and y' at the start, y, y' and y'' in the middle and at the end: degree 7, by divided differences.
  [[nodiscard]] Polynomial polynomial(const StepStart<T, n>& start, double h, const Vector<T, n>& /*next*/) const {
    constexpr int degree = 7;
    constexpr double node[] = {0, 0, 0.5, 0.5, 0.5, 1, 1, 1};
    Polynomial dense{start.t, h, start.y, {}};
    for (int c = 0; c < n; ++c) {
      const double first = static_cast<T>(h) * start.slope[c];
      const double middle[] = {middle_.moved[c], 2 * middle_.first[c], 2 * middle_.second[c]};  // p^(k) / k!
      const double last[] = {end_.moved[c], end_.first[c], end_.second[c] / 2};
      double d[] = {0, 0, middle[0], middle[0], middle[0], last[0], last[0], last[0]};
      unrolled_on_host<degree>([&](auto k) ANTLER_INLINED {
        unrolled_on_host<degree - k>([&](auto i) ANTLER_INLINED {
          constexpr int at = degree - i, from = at - k - 1;
          if constexpr (node[at] == node[from])
            d[at] = at == 1 ? first : at <= 4 ? middle[k + 1] : last[k + 1];
          else
            d[at] = (d[at] - d[at - 1]) / (node[at] - node[from]);
        });
      });
      unrolled_on_host<degree>([&](auto k) ANTLER_INLINED {  // Newton's form into powers of theta
        constexpr int from = degree - 1 - k;
        unrolled_on_host<k + 1>([&](auto i) ANTLER_INLINED { d[from + i] -= node[from] * d[from + i + 1]; });
      });
      for (int m = 0; m < degree; ++m) dense.c(m, c) = d[m + 1];
    }
    return dense;
  }

 private:
  static constexpr typename C::Row counts = C::numbers(), end_weights = C::weights(0), error_weights = C::error_weights(0);
  static constexpr typename C::Row coarser_error_weights = C::error_weights(1);  // of order 6
  /// For increments and second differences. The first increments of a column are not yet smooth where the problem is stiff: second
  /// differences are of columns that have forgotten them.
  static constexpr typename C::Row first_weights = C::times_steps(C::weights(0));
  static constexpr typename C::Row second_weights = C::times_steps(C::times_steps(C::weights(2)));

  static constexpr double least_error = 1e-3;          // squared: steps aim at 0.2
  static constexpr double magnified_rounding = 5e-12;  // by extrapolation: sum |w_j| epsilon

  static Wide part_of(const typename C::Row& row, int vector) { return load<Wide>(row.data() + vector * width); }

  /// h_j (1 - h_j J)^{-1} of one vector of columns.
  static Matrix<Wide, n> solver(const StepStart<T, n>& start, const Wide& step) {
    const auto form = [&](Matrix<Wide, n>& a) ANTLER_INLINED {
      for (int r = 0; r < n; ++r)
        for (int c = 0; c < n; ++c) a(r, c) = Wide(r == c ? 1.0 : 0.0) - step * Wide(start.by_y(r, c));
    };
    Matrix<Wide, n> a;
    form(a);
    if constexpr (n <= 3) {
      a = SmallInverse<Wide, n>(a).matrix();
    } else if (!all(invert_unpivoted<Wide>(a, Wide(1.0)))) [[unlikely]] {
      form(a);
      invert_pivoted<Wide>(a, Wide(1.0));
    }
    a *= step;
    return a;
  }

  /// The columns through the step, and with two runs also through half of it.
  template <int runs, class F>
  Vector<T, n> columns(const F& f, const StepStart<T, n>& start, double h, double end, Statistics& statistics) {
    constexpr int parts = runs * vectors;
    Wide step[parts], stop[parts];
    Matrix<Wide, n> inverse[parts];
    State argument[parts], moved[parts] = {}, increment[parts] = {}, before[parts] = {}, first[vectors] = {};
    unrolled_on_host<parts>([&](auto part) ANTLER_INLINED {
      constexpr int run = part / vectors, vector = part % vectors;
      stop[part] = Wide(run == 0 ? end : start.t + h / 2);
      step[part] = Wide(run == 0 ? h : h / 2) / part_of(counts, vector);
      inverse[part] = solver(start, step[part]);
      for (int c = 0; c < n; ++c) argument[part][c] = Wide(start.y[c]);
    });
    for (int i = 0; i < C::most; ++i) {
      const Wide number(static_cast<double>(i + 1));
      unrolled_on_host<parts>([&](auto part) ANTLER_INLINED {
        constexpr int vector = part % vectors;
        if (i >= C::steps(vector * width + width - 1)) return;
        const Wide count = part_of(counts, vector);
        const auto going = count >= number;
        const Wide time = select(count <= number, stop[part], Wide(start.t) + number * step[part]);
        const State value = f(time, argument[part]);
        if constexpr (part < vectors)
          if (i == 0) first[part] = value;
        const State next = product(inverse[part], value);
        for (int c = 0; c < n; ++c) {
          // Not y_0 + moved, for which the next evaluation would wait longer. A column that is done stays where f is asked for.
          argument[part][c] = select(going, argument[part][c] + next[c], argument[part][c]);
          moved[part][c] = select(going, moved[part][c] + next[c], moved[part][c]);
          if constexpr (runs > 1) {
            before[part][c] = select(going, increment[part][c], before[part][c]);
            increment[part][c] = select(going, next[c], increment[part][c]);
          }
        }
      });
    }
    for (int vector = 0; vector < vectors; ++vector)  // those of columns that wait for the others included
      statistics.function_evaluations += runs * C::steps(vector * width + width - 1) * width;
    statistics.factorisations += runs * C::count;
    if constexpr (runs > 1) {
      unrolled_on_host<runs>([&](auto run) ANTLER_INLINED {
        SeulexEnd<T, n>& there = run == 0 ? end_ : middle_;
        for (int c = 0; c < n; ++c) {
          there.moved[c] = weighted_sum(end_weights, moved + run * vectors, c);
          there.first[c] = weighted_sum(first_weights, increment + run * vectors, c);
          there.second[c] =
              weighted_sum(second_weights, increment + run * vectors, c) - weighted_sum(second_weights, before + run * vectors, c);
        }
      });
    }
    Vector<T, n> next;
    for (int c = 0; c < n; ++c) {
      next[c] = start.y[c] + weighted_sum(end_weights, moved, c);
      error_[c] = weighted_sum(error_weights, moved, c);
    }
    if (compares_) [[unlikely]] {
      for (int c = 0; c < n; ++c) coarser_error_[c] = weighted_sum(coarser_error_weights, moved, c);
    }
    unlike_at_start_ = !alike(start.value, first);
    if (unlike_at_start_) [[unlikely]] {
      for (int vector = 0; vector < vectors; ++vector) first_[vector] = first[vector];
    }
    return next;
  }

  /// f at the end of the step, but for the time: that is h_j earlier.
  template <class F>
  static State at_columns(const F& f, const StepStart<T, n>& next, double h, int vector) {
    State y;
    for (int c = 0; c < n; ++c) y[c] = Wide(next.y[c]);
    return f(Wide(next.t) - Wide(h) / part_of(counts, vector), y);
  }

  /// @param side   the end of the step at which f is unlike what was found
  /// @param times  steps of the finest column that damp the jump
  static double jump_norm(const StepStart<T, n>& start, const StepStart<T, n>& side, const State* found, double h, int times,
                          const Vector<T, n>& y, const Weights<T, n>& weights) {
    constexpr double too_small = 0.01, enormous = 1e12;
    Vector<T, n> jump, moved;
    for (int c = 0; c < n; ++c) {
      jump[c] = jump_between(found, c, side.t, side.value[c], side.by_t[c]);
      moved[c] = static_cast<T>(h / C::most) * jump[c];
    }
    if (!all_finite(jump)) return 0;  // where f ends, not where it jumps
    const double undamped = weights.sum_of_squares(moved, y) * (1.0 / n);
    if (undamped <= too_small) return undamped;
    const Wide step = Wide(h) / part_of(counts, vectors - 1);
    const Matrix<Wide, n> damping = solver(start, step);
    State wide;
    for (int c = 0; c < n; ++c) wide[c] = Wide(moved[c]);
    for (int i = 0; i < times; ++i) {
      wide = product(damping, wide);
      for (int c = 0; c < n; ++c) wide[c] = wide[c] / step;
    }
    for (int c = 0; c < n; ++c) moved[c] = lane(wide[c], width - 1);
    const double squared = weights.sum_of_squares(moved, y) * (1.0 / n);
    return is_finite(squared) ? squared : enormous;
  }

  /// The sum of weights[j] times the value of column j.
  static T weighted_sum(const typename C::Row& weights, const State* values, int c) {
    Wide total(0.0);
    unrolled_on_host<vectors>([&](auto vector)
                                  ANTLER_INLINED { total = multiply_add(values[vector][c], part_of(weights, vector), total); });
    return sum_of_lanes(total);
  }

  /// Whether columns found the f that there is at an end of the step.
  /// @param found  `count` vectors of columns
  static bool alike(const Vector<T, n>& value, const State* found, int count = vectors) {
    constexpr T rounding = 1e-12;
    auto same = Wide(0.0) == Wide(0.0);
    for (int vector = 0; vector < count; ++vector)
      for (int c = 0; c < n; ++c) same = same && abs(found[vector][c] - Wide(value[c])) <= Wide(rounding * std::abs(value[c]));
    return all(same);
  }

  /// What f found h_j away from t, extrapolated to t, less what it is there; zero where rounding explains it.
  static T jump_between(const State* found, int c, double t, T value, T by_t) {
    const T apart = weighted_sum(end_weights, found, c) - value;
    const T noise = magnified_rounding * (std::abs(static_cast<T>(t) * by_t) + std::abs(value));
    return std::abs(apart) > noise ? apart : T(0);
  }

  /// A x, four rows at a time: the sums of four wait for each other less than one does for itself.
  static State product(const Matrix<Wide, n>& a, const State& x) {
    State result;
    constexpr int together = n < 4 ? n : 4;
    for (int r = 0; r < n; r += together) {
      const int first = r + together <= n ? r : n - together;  // the last ones overlap
      Wide sum[together];
      unrolled_on_host<together>([&](auto q) ANTLER_INLINED { sum[q] = a(first + q, 0) * x[0]; });
      for (int c = 1; c < n; ++c)
        unrolled_on_host<together>([&](auto q) ANTLER_INLINED { sum[q] = multiply_add(a(first + q, c), x[c], sum[q]); });
      unrolled_on_host<together>([&](auto q) ANTLER_INLINED { result[first + q] = sum[q]; });
    }
    return result;
  }

  Vector<T, n> error_, coarser_error_{};  // the second where compare_orders() asks for it
  bool compares_ = false, unlike_at_start_ = false;
  State first_[vectors];              // where it is
  SeulexEnd<T, n> middle_{}, end_{};  // where polynomial() will be asked for
};

}  // namespace detail

/// A sequential walk with SEULEX: but for the tightest tolerances the shortest way through a problem for one thread.
/// @note Per step in lanes 10 evaluations of f, one more where f knows the time, and n^3 + 18 n^2 operations, beside one evaluation
/// with n + 1 directions of dual numbers; with a polynomial up to twice that. Extrapolation multiplies rounding by up to 1e4: for
/// double precision, and tolerances above 1e-11.
template <class F, class T, int n>
using Seulex = LinearlyImplicitWalk<F, T, n, detail::SeulexStep<T, n>>;

}  // namespace antler::inline ANTLER_LANES
