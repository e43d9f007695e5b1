// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/evaluator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "antler/core/finite.hpp"

namespace antler::dynamic {

namespace {

int count(const CallbackProblem& problem) { return static_cast<int>(problem.y0.size()); }

std::vector<int> order_of(const CallbackProblem& problem) {
  const auto* sparse = std::get_if<SparsePattern>(&problem.pattern);
  return sparse ? banded_order(count(problem), *sparse) : std::vector<int>{};
}

ColumnGroups groups_of(const CallbackProblem& problem, const std::vector<int>& position) {
  const int n = count(problem);
  if (const auto* band = std::get_if<BandedPattern>(&problem.pattern)) return {n, band->lower, band->upper};
  if (const auto* sparse = std::get_if<SparsePattern>(&problem.pattern)) return {n, *sparse, position};
  return {n, n - 1, n - 1};
}

}  // namespace

Scratch::Scratch(int n, std::size_t matrix_size) : jacobian(matrix_size) {
  for (auto* array : {&stage, &value, &error, &moved, &base, &increment, &user_y, &user_value})
    array->resize(static_cast<std::size_t>(n));
}

bool all_finite(const double* x, std::size_t size) {
  bool finite = true;
  for (std::size_t i = 0; i < size; ++i) finite = finite & is_finite(x[i]);
  return finite;
}

double mean_square(int n, const double* v, const double* y, double rtol, const std::vector<double>& atol) {
  double sum = 0;
  for (int c = 0; c < n; ++c) {
    const double scaled = v[c] / (rtol * std::abs(y[c]) + atol[static_cast<std::size_t>(c)]);
    sum += scaled * scaled;
  }
  return sum / n;
}

Evaluator::Evaluator(const CallbackProblem& problem, const Options& options)
    : problem_(problem),
      n_(count(problem)),
      rtol_(options.rtol),
      position_(order_of(problem)),
      groups_(groups_of(problem, position_)),
      atol_(static_cast<std::size_t>(n_)) {
  for (int c = 0; c < n_; ++c)
    atol_[static_cast<std::size_t>(position_.empty() ? c : position_[static_cast<std::size_t>(c)])] = options.atol[c];
}

void Evaluator::import_state(const double* user, double* y) const {
  for (int c = 0; c < n_; ++c) y[position_.empty() ? c : position_[static_cast<std::size_t>(c)]] = user[c];
}

void Evaluator::export_state(const double* y, double* user) const {
  for (int c = 0; c < n_; ++c) user[c] = y[position_.empty() ? c : position_[static_cast<std::size_t>(c)]];
}

void Evaluator::value(double t, const double* y, double* f, Scratch& scratch) const {
  const auto n = static_cast<std::size_t>(n_);
  ++scratch.function_evaluations;
  if (position_.empty()) {
    problem_.f(t, {y, n}, {f, n});
  } else {
    export_state(y, scratch.user_y.data());
    problem_.f(t, scratch.user_y, scratch.user_value);
    import_state(scratch.user_value.data(), f);
  }
}

const std::string Evaluator::label = "antler::dynamic::differences";

bool Evaluator::user_jacobian(JacobianEntries::Layout layout, double t, const double* y, Scratch& scratch) const {
  layout.lower = groups_.lower();  // of the pattern, where the storage has more
  layout.upper = groups_.upper();
  if (position_.empty()) {
    problem_.jacobian(t, {y, static_cast<std::size_t>(n_)}, JacobianEntries(scratch.jacobian.data(), layout));
  } else {
    layout.position = position_.data();
    export_state(y, scratch.user_y.data());
    problem_.jacobian(t, scratch.user_y, JacobianEntries(scratch.jacobian.data(), layout));
  }
  return all_finite(scratch.jacobian.data(), scratch.jacobian.size());
}

bool Evaluator::prepare_differences(double t, const double* y, double h, Scratch& scratch) const {
  // Relative to y_c, or to the size from which on atol_c counts where y_c is smaller; larger, up to a hundredth of it, where the
  // rounding of f, enlarged by h, would show, as CVODE has it [Hindmarsh2005]. Away from zero: what is positive stays so.
  constexpr double epsilon = std::numeric_limits<double>::epsilon(), noise = 1000, largest = 1e-2;
  value(t, y, scratch.base.data(), scratch);
  if (!all_finite(scratch.base.data(), scratch.base.size())) return false;
  const double speed = std::sqrt(mean_square(n_, scratch.base.data(), y, rtol_, atol_));
  const double smallest = noise * std::abs(h) * epsilon * n_ * speed;
  for (int c = 0; c < n_; ++c) {
    const auto i = static_cast<std::size_t>(c);
    const double unit = rtol_ * std::abs(y[c]) + atol_[i];
    const double size = std::clamp(smallest, std::sqrt(epsilon) / rtol_, largest / rtol_) * unit;
    scratch.increment[i] = y[c] < 0 ? -size : size;
  }
  return true;
}

bool Evaluator::difference(int group, const JacobianEntries::Layout& layout, double t, const double* y, Scratch& prepared,
                           Scratch& own) const {
  const auto moved_is_finite = [&](double sign) {
    std::copy(y, y + n_, own.moved.begin());
    for (const int c : groups_.columns(group))
      own.moved[static_cast<std::size_t>(c)] += sign * prepared.increment[static_cast<std::size_t>(c)];
    value(t, own.moved.data(), own.error.data(), own);
    return all_finite(own.error.data(), own.error.size());
  };
  if (!moved_is_finite(1) && !moved_is_finite(-1)) return false;  // f may end on one side of y
  for (const int c : groups_.columns(group)) {
    const double inverse = 1 / (own.moved[static_cast<std::size_t>(c)] - y[c]);
    groups_.for_each_row(c, [&](int r) {
      const auto i = static_cast<std::size_t>(r);
      prepared.jacobian[static_cast<std::size_t>(layout.first + r + layout.leading * c)] =
          (own.error[i] - prepared.base[i]) * inverse;
    });
  }
  return true;
}

}  // namespace antler::dynamic
