// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Consistent initial values of an implicit equation F(t, y, y') = 0 of index 1 at most: y in the null space of N = dF/dy' and y'
/// in the directions that N determines, by a damped Newton iteration
///
///     [K V | N P] (a, b) = -F,     y <- y + damping V a,     y' <- y' + damping P b       (matrix_pencil.hpp).
///
/// What N sees of y stays as it was given, as with IDACalcIC's IDA_YA_YDP_INIT [Hindmarsh2005]; but N need not be diagonal. Damping
/// is by the natural monotonicity test: the next update with the present matrix must be shorter [Deuflhard2011, sec. 3.3].
///
/// The rank of N and the index are decided at the guess and at two points beside it, since a Jacobian may lose its rank at a single
/// point (0 = z^2 - y at z = 0): the iteration begins where the rank is largest.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "antler/core/all_finite.hpp"
#include "antler/core/options.hpp"
#include "antler/core/require.hpp"
#include "antler/core/statistics.hpp"
#include "antler/core/status.hpp"
#include "antler/deer/matrix_pencil.hpp"
#include "antler/problem/implicit_problem.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Finds consistent (y, y') at a time.
/// @tparam G  MassResidual or ImplicitResidual
template <class G, class T, int n>
class ConsistentValues {
 public:
  Vector<T, n> y, slope;  ///< guess, then what was found

  /// @param length  of the interval of integration: a slope of atol / length is small
  ConsistentValues(const G& g, const Options& options, double length) : g_(g), rtol_(options.rtol), length_(length) {
    for (int c = 0; c < n; ++c) atol_[c] = options.atol[c];
  }

  /// @return converged; inconsistent, non_finite, higher_index, or singular: no unique solution near the guess
  Status compute(double t, Statistics& statistics) {
    t_ = static_cast<T>(t);
    Status status = begin(statistics);
    if (status != Status::converged) return status;
    weigh();
    double damping = 1;
    Update update = newton_update(pencil(), residual());
    for (int iteration = 0;; ++iteration) {
      statistics.update_history.push_back(update.norm);
      if (iteration == 0) first_ = update;
      if (!is_finite(update.norm)) return Status::diverged;
      if (update.norm <= accuracy()) {
        move(update, 1);
        return settled(statistics);
      }
      status = iteration < most_iterations ? damped_step(update, damping, statistics) : Status::inconsistent;
      // Rounding of large components may keep small ones from the accuracy that is aimed at: the tolerance will do.
      if (status != Status::converged) return update.norm <= 1 ? settled(statistics) : status;
      if (!evaluate(statistics)) return Status::non_finite;
      ++statistics.iterations;
      const MatrixPencil present = pencil();
      if (present.rank() != rank_ || present.kind() != PencilKind::index_one) return status_of(present, Status::inconsistent);
      update = newton_update(present, residual());
    }
  }

  /// After compute(): dF/dy' has not full rank, so that there are algebraic equations.
  [[nodiscard]] bool has_algebraic_part() const { return rank_ < n; }
  /// Throws InvalidArgument when the first update was larger than the tolerance: for values that are said to be consistent.
  void require_given(const SourceLocation& where) const {
    int worst = 0;
    bool in_slope = false;
    double largest = 0;
    for (int c = 0; c < n; ++c) {
      if (first_.dy[c] != 0 && std::abs(first_.dy[c]) / weight_[c] > largest) {
        largest = std::abs(first_.dy[c]) / weight_[c];
        worst = c;
        in_slope = false;
      }
      // y' matters as the start of the iteration over the first step: to some digits only.
      const double moved = slope_is_given_ ? std::abs(first_.ds[c]) / slope_weight_[c] * std::sqrt(rtol_) : 0;
      if (moved > largest) {
        largest = moved;
        worst = c;
        in_slope = true;
      }
    }
    if (largest <= 1) return;
    const double by = in_slope ? first_.ds[worst] : first_.dy[worst];
    require(false,
            std::string("the initial values are not consistent: component ") + std::to_string(worst) + " of " +
                (in_slope ? "yp0" : "y0") + " misses the equations by " + std::to_string(std::abs(by)) + ", " +
                std::to_string(largest) + " tolerances; change it by about " + std::to_string(by) +
                ", or let it be found with InitialValues::computed",
            where);
  }
  /// y' was given, too, and is to be checked.
  void check_slope() { slope_is_given_ = true; }

 private:
  static constexpr double epsilon = std::numeric_limits<T>::epsilon();
  static constexpr double rank_tolerance = 256 * n * epsilon;
  static constexpr int most_iterations = 50;
  static constexpr double least_damping =
      1e-8;  // from beside a point where the Jacobian is singular updates are a million times too long

  struct Update {
    Vector<double, n> dy{}, ds{};
    double norm = 0;
  };

  /// What the iteration must reach: far below the tolerance, but not below rounding.
  [[nodiscard]] double accuracy() const { return std::max(1e-3, 16 * epsilon / rtol_); }

  /// K and N at (y, slope). @return false when a number is not finite
  bool evaluate(Statistics& statistics) {
    ++statistics.function_evaluations;
    ++statistics.jacobian_evaluations;
    const Linearization<T, n, 2> point = g_.template linearize<T>(t_, y, slope);
    value_ = point.f;
    by_y_.resize(n * n);
    by_slope_.resize(n * n);
    for (int r = 0; r < n; ++r)
      for (int c = 0; c < n; ++c) {
        by_y_[static_cast<std::size_t>(r * n + c)] = static_cast<double>(point.jacobian[0](r, c));
        by_slope_[static_cast<std::size_t>(r * n + c)] = static_cast<double>(point.jacobian[1](r, c));
      }
    return all_finite(point.f) && all_finite(point.jacobian[0]) && all_finite(point.jacobian[1]);
  }
  [[nodiscard]] MatrixPencil pencil() const { return {n, by_y_, by_slope_, rank_tolerance}; }
  [[nodiscard]] Vector<double, n> residual() const {
    Vector<double, n> r;
    for (int c = 0; c < n; ++c) r[c] = static_cast<double>(value_[c]);
    return r;
  }

  static Status status_of(const MatrixPencil& pencil, Status otherwise) {
    if (pencil.kind() == PencilKind::higher_index) return Status::higher_index;
    return pencil.kind() == PencilKind::singular ? Status::singular : otherwise;
  }

  /// Leaves (y, slope) at the guess, or beside it, whichever is the first of index 1 with the largest rank of N.
  Status begin(Statistics& statistics) {
    const Vector<T, n> y_given = y, slope_given = slope;
    Status status = Status::non_finite;
    Vector<T, n> best_y = y, best_slope = slope;
    int best = -1;
    for (int attempt = 0; attempt < 3; ++attempt) {
      if (attempt > 0) move_beside(y_given, slope_given, attempt);
      if (!evaluate(statistics)) {
        if (attempt == 0) return Status::non_finite;
        continue;
      }
      const MatrixPencil here = pencil();
      if (attempt == 0) status = status_of(here, Status::converged);
      const bool sound = here.kind() == PencilKind::index_one;
      if (here.rank() > rank_ || (sound && best < 0)) best = -1;
      rank_ = std::max(rank_, here.rank());
      if (sound && best < 0 && here.rank() == rank_) {
        best = attempt;
        best_y = y;
        best_slope = slope;
      }
    }
    y = best_y;
    slope = best_slope;
    if (best < 0) return status == Status::converged ? Status::singular : status;
    return evaluate(statistics) ? Status::converged : Status::non_finite;
  }

  /// Moves every component by about 1e-6 of its size, and of that of the others where it is zero.
  void move_beside(const Vector<T, n>& y_given, const Vector<T, n>& slope_given, int attempt) {
    const T by = static_cast<T>(std::max(1e-6, 16 * epsilon));
    T size = 0, speed = 0;
    for (int c = 0; c < n; ++c) {
      size = std::max(size, abs(y_given[c]));
      speed = std::max(speed, abs(slope_given[c]));
    }
    if (size == T(0)) size = T(1);
    if (speed == T(0)) speed = size;
    for (int c = 0; c < n; ++c) {
      // Numbers without any pattern, of either sign in the second attempt.
      const T shift = T(1) + static_cast<T>(0.618 * c - std::floor(0.618 * c)), sign = attempt == 2 ? T(-1) : T(1);
      const T y_size = y_given[c] != T(0) ? abs(y_given[c]) : size,
              slope_size = slope_given[c] != T(0) ? abs(slope_given[c]) : speed;
      y[c] = y_given[c] + sign * by * shift * y_size;
      slope[c] = slope_given[c] + sign * by * (T(3) - shift) * slope_size;
    }
  }

  void weigh() {
    double speed = 0;
    for (int c = 0; c < n; ++c) speed = std::max(speed, std::abs(static_cast<double>(slope[c])));
    for (int c = 0; c < n; ++c) {
      weight_[c] = rtol_ * std::abs(static_cast<double>(y[c])) + atol_[c];
      slope_weight_[c] = rtol_ * speed + weight_[c] / (length_ > 0 ? length_ : 1);
    }
  }

  Update newton_update(const MatrixPencil& pencil, const Vector<double, n>& at) const {
    Update update;
    pencil.solve({at.begin(), n}, {update.dy.begin(), n}, {update.ds.begin(), n});
    double sum = 0;
    for (int c = 0; c < n; ++c) {
      const double by_y = update.dy[c] / weight_[c], by_slope = update.ds[c] / slope_weight_[c];
      sum += by_y * by_y + by_slope * by_slope;
    }
    update.norm = std::sqrt(sum / n);
    return update;
  }

  void move(const Update& update, double damping) {
    for (int c = 0; c < n; ++c) {
      y[c] += static_cast<T>(damping * update.dy[c]);
      slope[c] += static_cast<T>(damping * update.ds[c]);
    }
  }

  /// Moves by a part of the update after which the same matrix gives a shorter one.
  Status damped_step(const Update& update, double& damping, Statistics& statistics) {
    const Vector<T, n> y_before = y, slope_before = slope;
    const MatrixPencil present = pencil();
    damping = std::min(1.0, 4 * damping);
    for (bool finite = false; damping >= least_damping; damping /= 2) {
      move(update, damping);
      ++statistics.function_evaluations;
      const Vector<T, n> value = g_(t_, y, slope);
      finite = all_finite(value);
      if (finite) {
        Vector<double, n> r;
        for (int c = 0; c < n; ++c) r[c] = static_cast<double>(value[c]);
        const double next = newton_update(present, r).norm;
        if (next <= (1 - damping / 4) * update.norm || next <= accuracy()) return Status::converged;
      }
      y = y_before;
      slope = slope_before;
    }
    return Status::inconsistent;
  }

  /// The values were found: is the index what it was taken for?
  Status settled(Statistics& statistics) {
    if (!evaluate(statistics)) return Status::non_finite;
    const MatrixPencil here = pencil();
    return here.rank() == rank_ ? status_of(here, Status::converged) : Status::singular;
  }

  G g_;
  double rtol_, length_;
  Vector<double, n> atol_, weight_{}, slope_weight_{};
  T t_ = 0;
  int rank_ = -1;
  bool slope_is_given_ = false;
  Vector<T, n> value_{};
  std::vector<double> by_y_, by_slope_;
  Update first_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
