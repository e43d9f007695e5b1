// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

#include "antler/core/options.hpp"
#include "antler/problem/callback_problem.hpp"
#include "dynamic/column_groups.hpp"

namespace antler::dynamic {

/// What one worker needs to evaluate and to factor: arrays of n numbers, and one real matrix.
struct Scratch {
  Scratch(int n, std::size_t matrix_size);

  std::vector<double> jacobian;                                     // of Evaluator::jacobian
  std::vector<double> stage, value, error, moved, base, increment;  // free to use between calls; Evaluator uses the last three
  std::vector<double> user_y, user_value;                           // the same in the order of the user
  Index function_evaluations = 0;

  static std::size_t numbers(int n, std::size_t matrix_size) { return 8 * static_cast<std::size_t>(n) + matrix_size; }
};

/// Calls the user's f and Jacobian; differences where there is none. Components are in the solver's order, in which a sparse
/// Jacobian has a small band.
class Evaluator {
 public:
  Evaluator(const CallbackProblem& problem, const Options& options);

  [[nodiscard]] int components() const { return n_; }
  [[nodiscard]] const ColumnGroups& groups() const { return groups_; }
  /// Absolute tolerances in the solver's order.
  [[nodiscard]] const std::vector<double>& atol() const { return atol_; }
  [[nodiscard]] double rtol() const { return rtol_; }

  /// From the user's order to the solver's, and back.
  void import_state(const double* user, double* y) const;
  void export_state(const double* y, double* user) const;

  /// f(t, y).
  void value(double t, const double* y, double* f, Scratch& scratch) const;

  /// df/dy at (t, y) into scratch.jacobian, in the storage of `structure`.
  /// @param h  length of the step for which it is meant: a difference must be larger than the rounding that h enlarges
  /// @return   false when f or an entry is not finite
  template <class Structure>
  [[nodiscard]] bool jacobian(const Structure& structure, double t, const double* y, double h, Scratch& scratch) const {
    return jacobian(structure.layout(), t, y, h, scratch);
  }

 private:
  [[nodiscard]] bool jacobian(JacobianEntries::Layout layout, double t, const double* y, double h, Scratch& scratch) const;
  [[nodiscard]] bool differences(const JacobianEntries::Layout& layout, double t, const double* y, double h,
                                 Scratch& scratch) const;
  /// f with the columns of a group moved by `sign` times their increments, into scratch.error; false when it is not finite.
  [[nodiscard]] bool moved_value(int group, double sign, double t, const double* y, Scratch& scratch) const;

  const CallbackProblem& problem_;
  int n_;
  double rtol_;
  std::vector<int> position_;  // empty: the user's order
  ColumnGroups groups_;
  std::vector<double> atol_;
};

/// True unless one of the numbers is infinite or NaN.
[[nodiscard]] bool all_finite(const double* x, std::size_t count);

/// (1/n sum_c (v_c / (rtol |y_c| + atol_c))^2), the square of SUNDIALS' weighted norm [Hindmarsh2005, sec. 2.1].
[[nodiscard]] double mean_square(int n, const double* v, const double* y, double rtol, const std::vector<double>& atol);

}  // namespace antler::dynamic
