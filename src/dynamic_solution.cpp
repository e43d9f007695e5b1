// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/dynamic_solution.hpp"

#include <algorithm>

#include "dynamic/polynomials.hpp"

namespace antler {

DynamicSolution::DynamicSolution(int components)
    : components_(components), steps_(polynomial_size() + 2), states_(static_cast<std::size_t>(components)) {}

std::span<double> DynamicSolution::append(double t, double h, double share) {
  mesh_.push_back(t);
  const auto row = steps_.append();
  row[polynomial_size()] = h;
  row[polynomial_size() + 1] = share;
  return row.first(polynomial_size());
}

std::span<double> DynamicSolution::append_output(double t) {
  times_.push_back(t);
  return states_.append();
}

void DynamicSolution::append_event(FoundDynamicEvent event) { events_.push_back(std::move(event)); }

void DynamicSolution::set_bounds(std::span<const double> lower, std::span<const double> upper) {
  lower_.assign(lower.begin(), lower.end());
  upper_.assign(upper.begin(), upper.end());
}

void DynamicSolution::project(std::span<double> y) const {
  for (std::size_t c = 0; c < lower_.size(); ++c) y[c] = std::min(std::max(y[c], lower_[c]), upper_[c]);
}

void DynamicSolution::finish(double t, std::span<const double> y, Points points) {
  points_ = points;
  mesh_.push_back(t);
  final_time_ = t;
  final_state_.assign(y.begin(), y.end());
  project(final_state_);
  if (points == Points::output || !bounded()) return;
  for (std::size_t i = 0; i < steps_.count(); ++i) {
    const auto start = steps_.row(i).first(y.size()), within = states_.append();
    std::copy(start.begin(), start.end(), within.begin());
    project(within);
  }
}

std::size_t DynamicSolution::stored_bytes() const {
  const std::size_t event = sizeof(FoundDynamicEvent) + sizeof(double) * static_cast<std::size_t>(components_);
  const bool to_come = bounded() && states_.count() == 0;  // in finish(), unless there is output
  const std::size_t points = to_come ? sizeof(double) * static_cast<std::size_t>(components_) * steps_.count() : 0;
  return points + sizeof(double) * (mesh_.capacity() + times_.capacity()) + steps_.bytes() + states_.bytes() +
         events_.size() * event;
}

std::span<const double> DynamicSolution::state(Index i, const SourceLocation& where) const {
  require(i >= 0 && static_cast<std::size_t>(i) < times().size(), "a solution has the states 0 .. times().size() - 1", where);
  const auto point = static_cast<std::size_t>(i);
  if (points_ == Points::output) return states_.row(point);
  if (point == steps_.count()) return final_state_;
  if (bounded()) return states_.row(point);
  return steps_.row(point).first(static_cast<std::size_t>(components_));
}

double DynamicSolution::final_time(const SourceLocation& where) const {
  require(ended(), "the solution is empty: it is not what solve() returned", where);
  return final_time_;
}

std::vector<double> DynamicSolution::operator()(double t, const SourceLocation& where) const {
  std::vector<double> y(static_cast<std::size_t>(components_));
  evaluate(t, y, where);
  return y;
}

void DynamicSolution::evaluate(double t, std::span<double> y, const SourceLocation& where) const {
  require(y.size() == static_cast<std::size_t>(components_), "dense output needs room for every component of the state", where);
  if (ended() && t == final_time_) {
    std::copy(final_state_.begin(), final_state_.end(), y.begin());
  } else if (steps_.count() > 0 || !ended()) {
    const std::size_t i = step_at(t, where);
    dynamic::evaluate_cubic(polynomial(i), (t - mesh_[i]) / step_length(i), y);
    project(y);
  } else {
    const auto stored = stored_at(t, where);
    std::copy(stored.begin(), stored.end(), y.begin());
  }
}

/// The step that holds t, the later one where two meet.
std::size_t DynamicSolution::step_at(double t, const SourceLocation& where) const {
  const bool any = ended() && steps_.count() > 0, forward = any && final_time_ >= mesh_.front();
  const bool inside = any && (forward ? t >= mesh_.front() && t <= final_time_ : t <= mesh_.front() && t >= final_time_);
  require(inside, "dense output was asked for outside of the interval of integration: extend the interval, or ask inside of it",
          where);
  const auto before = [forward](double a, double b) { return forward ? a < b : a > b; };
  const auto end = mesh_.begin() + static_cast<std::ptrdiff_t>(steps_.count());
  return static_cast<std::size_t>(std::upper_bound(mesh_.begin(), end, t, before) - mesh_.begin()) - 1;
}

std::span<const double> DynamicSolution::stored_at(double t, const SourceLocation& where) const {
  const auto found = std::find(times_.begin(), times_.end(), t);
  require(found != times_.end(),
          "this solve stored no dense output, or none at this time: use Output::trajectory, or add the time to "
          "Options::output_times",
          where);
  return states_.row(static_cast<std::size_t>(found - times_.begin()));
}

}  // namespace antler
