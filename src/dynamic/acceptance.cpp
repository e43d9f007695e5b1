// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/acceptance.hpp"

#include <algorithm>

#include "dynamic/polynomials.hpp"

namespace antler::dynamic {

Acceptance::Acceptance(const CallbackProblem& problem, const Evaluator& evaluator, const Options& options,
                       const std::vector<DynamicEvent>& events)
    : evaluator_(evaluator),
      options_(options),
      bounds_(options, evaluator.components()),
      events_(events),
      search_(events),
      direction_(problem.t1 < problem.t0 ? -1 : 1),
      t_(problem.t0),
      y_(problem.y0),
      cubic_(4 * problem.y0.size()),
      value_(problem.y0.size()),
      solution_(evaluator.components()) {
  if (bounds_.any()) solution_.set_bounds(bounds_.lower(), bounds_.upper());
  take_outputs(t_, [&](double, std::span<double> y) { std::copy(y_.begin(), y_.end(), y.begin()); });
}

void Acceptance::take_outputs(double until, const std::function<void(double, std::span<double>)>& write) {
  const auto& times = options_.output_times;
  for (; next_output_ < times.size() && (until - times[next_output_]) * direction_ >= 0; ++next_output_)
    write(times[next_output_], solution_.append_output(times[next_output_]));
}

Status Acceptance::start() {
  return search_.start(t_, [this](std::size_t e, double t) { return events_[e].root(t, y_); });
}

Status Acceptance::step(double h, const double* cubic, double end, double share) {
  const std::size_t n = y_.size();
  for (std::size_t m = 0; m < 4; ++m) evaluator_.export_state(cubic + m * n, cubic_.data() + m * n);
  const double start = t_;  // behind a jump: the jump itself, a unit in the last place away
  const auto write = [&](double t, std::span<double> y) {
    evaluate_cubic(cubic_, (t - start) / h, y);
    bounds_.project(y);
  };
  Status status = Status::converged;
  if (search_.any()) {
    status = search_.search(start, end, [&](std::size_t e, double t) {
      write(t, value_);
      return events_[e].root(t, value_);
    });
    if (status == Status::non_finite) return status;
    for (const auto& root : search_.found()) {
      write(root.time, value_);
      solution_.append_event({root.time, value_, root.which, root.crossing});
    }
  }
  const double stop = status == Status::event ? search_.found().back().time : end;
  take_outputs(stop, write);
  if (options_.output == Output::trajectory) std::copy(cubic_.begin(), cubic_.end(), solution_.append(start, h, share).begin());
  t_ = stop;
  write(stop, y_);  // in case the march ends here; reached() knows the end better
  return status;
}

Status Acceptance::reached(double t, const double* y, const Statistics& statistics) {
  t_ = t;
  evaluator_.export_state(y, y_.data());
  if (!options_.progress || options_.progress({t_, statistics.steps, statistics.iterations})) return Status::converged;
  return Status::cancelled;
}

DynamicSolution Acceptance::finish(Status status, const Statistics& statistics) {
  using Points = DynamicSolution::Points;
  solution_.finish(t_, y_, options_.output_times.empty() ? Points::mesh : Points::output);
  solution_.status = status;
  solution_.statistics = statistics;
  solution_.statistics.root_evaluations = search_.evaluations();
  return std::move(solution_);
}

}  // namespace antler::dynamic
