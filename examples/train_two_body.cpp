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

/// Some twenty epochs side by side. @return  the largest relative distance of the two training losses, of all epochs
double print_epochs(const Run& one, const Run& other) {
  std::printf("\n%5s  %-41s  %-41s\n", "", one.name.c_str(), other.name.c_str());
  std::printf("epoch  %9s %10s %11s %8s  %9s %10s %11s %8s\n", "loss", "validation", "iterations", "seconds", "loss", "validation",
              "steps", "seconds");
  double distance = 0;
  const std::size_t epochs = one.epochs.size(), stride = std::max<std::size_t>(1, epochs / 20);
  for (std::size_t e = 0; e < epochs; ++e) {
    const Epoch &a = one.epochs[e], &b = other.epochs[e];
    distance = std::max(distance, std::abs(a.loss - b.loss) / a.loss);
    if (e % stride == 0 || e + 1 == epochs)
      std::printf("%5zu  %9.6f %10.6f %11.2f %8.3f  %9.6f %10.6f %11.2f %8.3f\n", e + 1, a.loss, a.validation, a.work, a.seconds,
                  b.loss, b.validation, b.work, b.seconds);
  }
  return distance;
}

/// True when `right`; else says what is wrong.
bool check(bool right, const char* wrong) {
  if (!right) std::cerr << wrong << '\n';
  return right;
}

/// True when the gradients are right, the losses agree as far as the discretisations do, and the network has learnt something.
bool report(const training::TwoBodyRuns& runs, const TwoBodySettings& settings) {
  const Run &one = runs.at_once, &other = runs.step_by_step;
  const double distance = print_epochs(one, other), h = 10.0 / static_cast<double>(settings.points - 1);
  const double explained = 100 * settings.tolerance + 10 * h * h * h * h;  // steps of one; the order of the other
  std::printf("\nNewton's method takes %.2f iterations from constant guesses in the end, %.2f from the epoch before.\n",
              runs.cold_iterations, one.epochs.back().work);
  std::printf("Gradients against differences: %.1e and %.1e of the largest component.\n", runs.gradient_errors[0],
              runs.gradient_errors[1]);
  std::printf("At the same parameters the losses of the two differ by %.1e at most; the runs, in which that grows, by %.1e.\n",
              runs.loss_distance, distance);
  std::printf("The second training took %.3f times the time of the first.\n", other.seconds() / one.seconds());
  const auto learnt = [](const Run& run) {
    return run.epochs.size() == 1 || run.epochs.back().validation < run.epochs.front().validation;
  };
  const bool right[] = {
      check(runs.gradient_errors[0] < 1e-4 && runs.gradient_errors[1] < 1e-4, "A gradient is not that of its loss."),
      check(runs.loss_distance < explained, "The losses differ by more than the discretisations explain."),
      check(learnt(one) && learnt(other), "The loss of orbits that were not trained on did not fall.")};
  return right[0] && right[1] && right[2];
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

  const auto gravity = training::gravity_iterations(settings.points, settings.seed);
  std::printf("True gravity, %zu points at once: %lld Newton iterations from a constant guess, %lld from one that is off by 1 %%\n",
              settings.points, gravity.from_constant, gravity.from_near);
  const auto data = training::two_body_data(settings.points, settings.orbits + settings.validation, settings.seed);
  const auto runs = paper ? training::train_paper_size(settings, data) : training::train_small(settings, data);
  const bool right = report(runs, settings);
  if (!plot.empty()) {
    const auto complaint = training::draw_curves(plot, {runs.at_once, runs.step_by_step}, training::Curve::validation);
    std::cout << (complaint.empty() ? "Picture: " + plot : complaint) << '\n';
  }
  return right ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
