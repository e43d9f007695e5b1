// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The training loop of both ways, and the checks before it.

#include <algorithm>
#include <antler/core/stopwatch.hpp>
#include <cmath>
#include <numbers>
#include <numeric>

#include "adam.hpp"
#include "two_body_losses.hpp"
#include "two_body_training.hpp"

namespace training {

/// first .. first + count - 1 in an order that depends on the seed alone.
inline std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return antler::random_bits(seed, a) < antler::random_bits(seed, b); });
  return order;
}

/// Points of the mesh that epoch e of 1, 2, ... sees: orbits are learnt from their beginnings.
inline std::size_t points_of(const TwoBodySettings& settings, std::size_t e) {
  return settings.growth <= e ? settings.points : std::max<std::size_t>(2, settings.points * e / settings.growth);
}

/// Steps of the optimiser become shorter along half a wave.
inline double rate_of(const TwoBodySettings& settings, std::size_t e) {
  const double done = static_cast<double>(e - 1) / static_cast<double>(settings.epochs);
  return settings.rate * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

/// The orbits that are not trained on.
inline std::vector<std::size_t> validation_orbits(const TwoBodySettings& settings) {
  std::vector<std::size_t> orbits(settings.validation);
  std::iota(orbits.begin(), orbits.end(), settings.orbits);
  return orbits;
}

/// Trains from the parameters of the seed. @param inspect  called with parameters and validation loss after every epoch
template <class Loss, class Inspect>
Run train(const std::string& name, Loss& loss, const TwoBodySettings& settings, const Inspect& inspect) {
  Run run{name, {}};
  auto theta = Loss::Network::random(settings.seed);
  Adam<double> adam(theta.size(), settings.rate);
  std::vector<double> gradient(theta.size());
  const auto validation = validation_orbits(settings);
  for (std::size_t e = 1; e <= settings.epochs; ++e) {
    Epoch epoch;
    const antler::Stopwatch clock;
    const std::size_t points = points_of(settings, e);
    adam.set_rate(rate_of(settings, e));
    const auto order = shuffled(settings.orbits, settings.seed + e);
    for (std::size_t first = 0; first < order.size(); first += settings.batch) {
      const auto batch = std::span(order).subspan(first, std::min(settings.batch, order.size() - first));
      std::fill(gradient.begin(), gradient.end(), 0.0);
      loss.set_parameters(theta);
      epoch.loss += loss.evaluate(batch, points, gradient);
      for (double& g : gradient) g /= static_cast<double>(batch.size());
      adam.step(theta, gradient);
      const auto seen = static_cast<double>(first + batch.size());
      show_progress(name, e, settings.epochs, seen / static_cast<double>(order.size()), epoch.loss / seen,
                    run.seconds() + clock.seconds());
    }
    epoch.loss /= static_cast<double>(settings.orbits);
    epoch.seconds = clock.seconds();
    epoch.work = loss.work_per_solve();
    loss.set_parameters(theta);
    epoch.validation = loss.evaluate(validation, settings.points, {}) / static_cast<double>(settings.validation);
    loss.work_per_solve();
    inspect(theta, epoch.validation);
    run.epochs.push_back(epoch);
  }
  return run;
}

/// The largest distance of some components of the gradient from central differences, relative to the largest component: the
/// largest, and one in every part of theta.
template <class Loss>
double gradient_error(Loss& loss, const TwoBodySettings& settings) {
  constexpr std::size_t checked = 6;
  const std::size_t orbits[] = {0}, points = std::min<std::size_t>(settings.points, 101);
  auto theta = Loss::Network::random(settings.seed);
  std::vector<double> gradient(theta.size());
  loss.set_parameters(theta);
  loss.evaluate(orbits, points, gradient);
  const auto larger = [](double a, double b) { return std::abs(a) < std::abs(b); };
  const auto largest = std::max_element(gradient.begin(), gradient.end(), larger);
  double error = 0;
  for (std::size_t part = 0; part <= checked; ++part) {
    const std::size_t k = part == checked
                              ? static_cast<std::size_t>(largest - gradient.begin())
                              : antler::random_bits(1, part) % (theta.size() / checked) + part * (theta.size() / checked);
    const double middle = theta[k], step = 1e-3;
    const auto loss_at = [&](double value) {
      theta[k] = value;
      loss.set_parameters(theta);
      return loss.evaluate(orbits, points, {});
    };
    const double difference = (loss_at(middle + step) - loss_at(middle - step)) / (2 * step);
    loss_at(middle);
    error = std::max(error, std::abs(difference - gradient[k]) / std::abs(*largest));
  }
  return error;
}

/// @copydoc train_small
template <int layers, int width>
TwoBodyRuns train_both(const TwoBodySettings& settings, const TwoBodyData& data) {
  TwoBodyRuns runs;
  LossAtOnce<layers, width> at_once(data, settings.tolerance);
  LossStepByStep<layers, width> step_by_step(data, settings.tolerance);
  runs.gradient_errors[0] = gradient_error(at_once, settings);
  runs.gradient_errors[1] = gradient_error(step_by_step, settings);

  at_once.forget();
  at_once.work_per_solve();
  step_by_step.work_per_solve();

  const auto validation = validation_orbits(settings);
  runs.at_once = train("DEER, Gauss<2>", at_once, settings, [&](const std::vector<double>& theta, double loss) {
    step_by_step.set_parameters(theta);
    const double other = step_by_step.evaluate(validation, settings.points, {}) / static_cast<double>(validation.size());
    runs.loss_distance = std::max(runs.loss_distance, std::abs(loss - other) / loss);
  });
  step_by_step.work_per_solve();
  runs.step_by_step = train("Dormand-Prince", step_by_step, settings, [](const std::vector<double>&, double) {});

  at_once.forget();
  at_once.evaluate(validation, settings.points, {});  // at its last parameters
  runs.cold_iterations = at_once.work_per_solve();
  return runs;
}

}  // namespace training
