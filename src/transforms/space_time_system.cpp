// SPDX-License-Identifier: BSD-3-Clause
#include "space_time_system.hpp"

#include <algorithm>
#include <cmath>

#include "antler/core/stopwatch.hpp"

namespace antler::transforms {

namespace {

constexpr Index restart = 20, most_products = 60;  // a window that takes more is better cut
constexpr int fields = 10;

std::vector<double> lengths(std::span<const double> times) {
  std::vector<double> h;
  for (std::size_t i = 1; i < times.size(); ++i) h.push_back(times[i] - times[i - 1]);
  return h;
}

HostField field(Index values) { return allocate<HostField>("antler::space_time::field", values); }

}  // namespace

SpaceTimeSystem::SpaceTimeSystem(const SpaceTimeEquation& equation, int stages, std::span<const double> times,
                                 std::vector<double> initial, const Options& options, const SourceLocation& where)
    : equation_(equation),
      stages_(radau_stages(stages)),
      times_(times),
      steps_(static_cast<Index>(times.size()) - 1),
      unknowns_(static_cast<Index>(initial.size())),
      initial_(std::move(initial)),
      lengths_(lengths(times)),
      sigma_(lengths_.size()),
      inverse_(equation.axes, equation.kappa, stages, steps_, where),
      gmres_(values(), restart),
      weights_(options),
      tolerance_(options.newton_tolerance),
      u_(field(values())),
      best_(field(values())),
      before_(field(values())),
      trial_(field(values())),
      trial_f_u_(field(values())),
      d_(field(values())),
      r_(field(values())),
      f_(field(values())),
      f_u_(field(values())),
      side_terms_(field(values())) {
  parallel_for("antler::space_time::start", Space(), slices(), 4.0 * static_cast<double>(unknowns_), [&](const Index slice) {
    std::copy(initial_.begin(), initial_.end(), u_.data() + slice * unknowns_);
    const auto i = static_cast<std::size_t>(slice / stages_.count), k = static_cast<std::size_t>(slice % stages_.count);
    equation_.side_terms(times_[i] + stages_.c[k] * lengths_[i], side_terms_.data() + slice * unknowns_);
  });
}

std::size_t SpaceTimeSystem::bytes_per_step(Index unknowns, int stages) {
  const auto values = static_cast<std::size_t>(unknowns * stages);
  return fields * values * sizeof(double) + Gmres::required_bytes(unknowns * stages, restart);
}

void SpaceTimeSystem::evaluate(HostField& f_u) {
  parallel_for("antler::space_time::evaluate", Space(), slices(), 50.0 * static_cast<double>(unknowns_), [&](const Index slice) {
    const auto i = static_cast<std::size_t>(slice / stages_.count), k = static_cast<std::size_t>(slice % stages_.count);
    const Index first = slice * unknowns_;
    equation_.reaction(times_[i] + stages_.c[k] * lengths_[i], u_.data() + first, f_.data() + first, f_u.data() + first);
  });
}

/// sigma_i = mean of -f_u over step i; not so far below zero that a step of the preconditioner would be unstable.
void SpaceTimeSystem::choose_shifts() {
  const Index count = stages_.count * unknowns_;
  parallel_for("antler::space_time::shifts", Space(), steps_, static_cast<double>(count), [&](const Index i) {
    double sum = 0;
    for (Index k = i * count; k < (i + 1) * count; ++k) sum -= f_u_(k, 0);
    const auto at = static_cast<std::size_t>(i);
    sigma_[at] = std::max(sum / static_cast<double>(count), -0.5 / lengths_[at]);
    if (!is_finite(sigma_[at])) sigma_[at] = 0;  // the residual is not finite, either
  });
}

Status SpaceTimeSystem::residual(const HostField& out) {
  const Index count = stages_.count * unknowns_;
  parallel_for("antler::space_time::sources", Space(), steps_, 4.0 * static_cast<double>(count), [&](const Index i) {
    const double sigma = sigma_[static_cast<std::size_t>(i)];
    for (Index k = i * count; k < (i + 1) * count; ++k) out(k, 0) = f_(k, 0) + side_terms_(k, 0) + sigma * u_(k, 0);
  });
  const Status status = inverse_.apply(Space(), {lengths_, sigma_, out, initial_}, out);
  parallel_for("antler::space_time::residual", Space(), values(), 1, [&](const Index k) { out(k, 0) -= u_(k, 0); });
  return status;
}

double SpaceTimeSystem::linearize(Statistics& statistics) {
  const Stopwatch evaluation;
  evaluate(f_u_);
  statistics.evaluation_seconds += evaluation.seconds();
  statistics.function_evaluations += values();
  statistics.jacobian_evaluations += values();
  const Stopwatch inversion;
  choose_shifts();
  inverse_status_ = residual(r_);
  residual_norm_ = weights_.norm(Space(), r_, u_);
  statistics.inverse_seconds += inversion.seconds();
  return residual_norm_;
}

Status SpaceTimeSystem::solve(Statistics& statistics) {
  if (inverse_status_ != Status::converged) return inverse_status_;
  const Stopwatch clock;
  const Index count = stages_.count * unknowns_;
  const auto product = [&](const double* v, double* out) {
    parallel_for("antler::space_time::product", Space(), steps_, 2.0 * static_cast<double>(count), [&](const Index i) {
      const double sigma = sigma_[static_cast<std::size_t>(i)];
      for (Index k = i * count; k < (i + 1) * count; ++k) out[k] = (f_u_(k, 0) + sigma) * v[k];
    });
    const HostField rows(out, static_cast<std::size_t>(values()));
    static_cast<void>(inverse_.apply(Space(), {lengths_, sigma_, rows, {}}, rows));  // as it was in linearize()
    parallel_for("antler::space_time::difference", Space(), values(), 1, [&](const Index k) { out[k] = v[k] - out[k]; });
  };
  const GmresReport report = gmres_.solve(product, r_.data(), d_.data(), forcing_.next(residual_norm_, tolerance_), most_products);
  statistics.krylov_products += report.products;
  statistics.inverse_seconds += clock.seconds();
  constexpr double no_progress = 0.5;  // of the residual is left after all products
  return report.relative_residual < no_progress ? Status::converged : Status::singular;
}

double SpaceTimeSystem::update_norm() const { return weights_.norm(Space(), d_, u_); }

void SpaceTimeSystem::advance() {
  parallel_for("antler::space_time::advance", Space(), values(), 1, [&](const Index k) { u_(k, 0) += d_(k, 0); });
}

TrialNorms SpaceTimeSystem::trial(double lambda, Statistics& statistics) {
  parallel_for("antler::space_time::trial", Space(), values(), 2, [&](const Index k) {
    before_(k, 0) = u_(k, 0);
    u_(k, 0) += lambda * d_(k, 0);
  });
  const Stopwatch evaluation;
  evaluate(trial_f_u_);
  statistics.evaluation_seconds += evaluation.seconds();
  statistics.function_evaluations += values();
  const Stopwatch inversion;
  static_cast<void>(residual(trial_));
  statistics.inverse_seconds += inversion.seconds();
  const auto norm = [&](const auto& value) {
    return std::sqrt(parallel_sum("antler::space_time::norm", Space(), values(), 3, [&](const Index k) {
      const double v = value(k);
      return v * v;
    }));
  };
  return {norm([&](Index k) { return r_(k, 0); }), norm([&](Index k) { return trial_(k, 0); }),
          norm([&](Index k) { return trial_(k, 0) - (1 - lambda) * r_(k, 0); })};
}

}  // namespace antler::transforms
