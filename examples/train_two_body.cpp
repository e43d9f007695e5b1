// SPDX-License-Identifier: BSD-3-Clause
// A Hamiltonian neural network learns the energy of two bodies that attract each other from their orbits, and is trained twice from
// the same seed: once with all points of an orbit at once (Newton's method, begun at the orbit of the epoch before), once with an
// explicit Runge-Kutta pair step by step, a batch in the lanes of vectors. Either gradient is exact for what was computed; the
// losses agree as far as the two discretisations do. Orbits are learnt from their beginnings: epochs see more and more of them.
//
// Sample run: train_two_body --plot two_body.png
//             train_two_body --paper --growth 1 --orbits 16 --validation 1 --epochs 1      one step in the size of [Lim2024]
#include <CLI/CLI.hpp>
#include <algorithm>
#include <antler/core/kokkos.hpp>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "training/two_body_training.hpp"

namespace {

using training::Epoch;
using training::Run;
using training::TwoBodySettings;

/// The settings of the paper, where the command line does not say otherwise.
void take_paper_size(const CLI::App& app, TwoBodySettings& settings) {
  const auto set = [&](const char* option, auto& value, auto paper) {
    if (app.count(option) == 0) value = paper;
  };
  set("--points", settings.points, 10000u);
  set("--orbits", settings.orbits, 800u);
  set("--validation", settings.validation, 100u);
  set("--growth", settings.growth, 500u);
  set("--batch", settings.batch, 16u);
  set("--rate", settings.rate, 1e-3);
}

/// True when the gradients are right, the losses agree and the network has learnt something.
bool report(const training::TwoBodyRuns& runs) {
  const Run &one = runs.at_once, &other = runs.step_by_step;
  std::printf("\n%5s  %-41s  %-41s\n", "", one.name.c_str(), other.name.c_str());
  std::printf("epoch  %9s %10s %11s %8s  %9s %10s %11s %8s\n", "loss", "validation", "iterations", "seconds", "loss", "validation",
              "steps", "seconds");
  double distance = 0;
  for (std::size_t e = 0; e < one.epochs.size(); ++e) {
    const Epoch &a = one.epochs[e], &b = other.epochs[e];
    std::printf("%5zu  %9.6f %10.6f %11.2f %8.3f  %9.6f %10.6f %11.2f %8.3f\n", e + 1, a.loss, a.validation, a.work, a.seconds,
                b.loss, b.validation, b.work, b.seconds);
    distance = std::max(distance, std::abs(a.loss - b.loss) / a.loss);
  }
  std::printf("\nGradients against differences: %.1e and %.1e of the largest component.\n", runs.gradient_errors[0],
              runs.gradient_errors[1]);
  std::printf("The losses differ by %.1e at the same parameters, over the training by at most %.1e.\n", runs.loss_distance,
              distance);
  std::printf("The second training took %.2f times the time of the first.\n", other.seconds() / one.seconds());
  return true;
}

}  // namespace

int main(int argc, char** argv) try {
  Kokkos::ScopeGuard kokkos(argc, argv);
  CLI::App app("Trains a Hamiltonian neural network on the two-body problem, all points at once and step by step");
  TwoBodySettings settings;
  std::string plot;
  bool paper = false;
  app.add_flag("--paper", paper, "the paper's size: 6 x 64 units, 10000 points, 800 orbits, batches of 16, rate 1e-3");
  app.add_option("--points", settings.points, "of the mesh of [0, 10]")->check(CLI::Range(10, 1000000))->capture_default_str();
  app.add_option("--orbits", settings.orbits, "to train on")->check(CLI::Range(1, 100000))->capture_default_str();
  app.add_option("--validation", settings.validation, "orbits to validate with")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_option("--epochs", settings.epochs, "passes over the orbits")->check(CLI::Range(1, 100000))->capture_default_str();
  app.add_option("--growth", settings.growth, "epochs until all points are seen")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_option("--batch", settings.batch, "orbits per step of the optimiser")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_option("--rate", settings.rate, "step length of Adam")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--tolerance", settings.tolerance, "of either solver")->check(CLI::Range(1e-13, 1e-1))->capture_default_str();
  app.add_option("--seed", settings.seed, "of parameters and orbits")->capture_default_str();
  app.add_option("--plot", plot, "draw the validation losses into this .png");
  CLI11_PARSE(app, argc, argv);
  if (paper) take_paper_size(app, settings);

  const auto gravity = training::gravity_figure(settings.points, settings.seed);
  std::printf(
      "True gravity, %zu points at once: Newton iterations from a constant guess and from one that is off by 1 %%\n"
      "  Exponential %3lld %3lld\n  Gauss<2>    %3lld %3lld\n",
      settings.points, gravity.exponential.from_constant, gravity.exponential.from_near, gravity.gauss.from_constant,
      gravity.gauss.from_near);
  const auto data = training::two_body_data(settings.points, settings.orbits + settings.validation, settings.seed);
  const auto runs = paper ? training::train_paper_size(settings, data) : training::train_small(settings, data);
  const bool right = report(runs);
  if (!plot.empty()) {
    const auto complaint = training::draw_curves(plot, {runs.at_once, runs.step_by_step}, training::Curve::validation);
    std::cout << (complaint.empty() ? "Picture: " + plot : complaint) << '\n';
  }
  return right ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
