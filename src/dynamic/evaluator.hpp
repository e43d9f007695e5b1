// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <string>
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
  /// About what a Jacobian costs, in evaluations of f.
  [[nodiscard]] int jacobian_cost() const { return problem_.jacobian ? 1 : groups_.groups(); }

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
    return jacobian(structure.layout(), t, y, h, scratch, [&](int groups, const auto& body) {
      for (int group = 0; group < groups; ++group) body(group, scratch);
    });
  }

  /// The same into workers.first().jacobian, with the differences shared out to the workers; the same bits.
  template <class Structure, class Workers>
  [[nodiscard]] bool jacobian_by(Workers& workers, const Structure& structure, double t, const double* y, double h) const {
    return jacobian(structure.layout(), t, y, h, workers.first(), [&](int groups, const auto& body) {
      workers.for_each(label, groups, workers.call_flops, [&](Index group, Scratch& own) { body(static_cast<int>(group), own); });
    });
  }

 private:
  /// @param for_each_group  calls body(group, scratch) for each
  template <class ForEachGroup>
  [[nodiscard]] bool jacobian(const JacobianEntries::Layout& layout, double t, const double* y, double h, Scratch& scratch,
                              const ForEachGroup& for_each_group) const {
    std::fill(scratch.jacobian.begin(), scratch.jacobian.end(), 0.0);
    if (problem_.jacobian) return user_jacobian(layout, t, y, scratch);
    if (!prepare_differences(t, y, h, scratch)) return false;
    std::atomic<bool> finite = true;
    for_each_group(groups_.groups(), [&](int group, Scratch& own) {
      if (finite && !difference(group, layout, t, y, scratch, own)) finite = false;
    });
    return finite;
  }

  [[nodiscard]] bool user_jacobian(JacobianEntries::Layout layout, double t, const double* y, Scratch& scratch) const;
  /// f into scratch.base and the lengths of the differences into scratch.increment; false when f is not finite.
  [[nodiscard]] bool prepare_differences(double t, const double* y, double h, Scratch& scratch) const;
  /// The columns of a group into prepared.jacobian, by way of own.moved and own.error; false when f is not finite.
  [[nodiscard]] bool difference(int group, const JacobianEntries::Layout& layout, double t, const double* y, Scratch& prepared,
                                Scratch& own) const;

  static const std::string label;
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
