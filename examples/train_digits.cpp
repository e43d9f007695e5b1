// SPDX-License-Identifier: BSD-3-Clause
// A GRU reads handwritten digits through a slit of eight pixels that moves on pixel by pixel, and says which digit it was: trained
// twice from the same seed, once with every sequence evaluated step by step and once with all its steps at once (Newton's method).
// Losses are the same to rounding, which training magnifies, since both find the same states and the gradient is that of the
// recurrence, whatever found them. Times stand side by side: sequences of 57 steps are what a loop is for.
//
// Sample run: train_digits --epochs 20 --plot digits.png
#include <CLI/CLI.hpp>
#include <algorithm>
#include <antler/antler.hpp>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <numeric>

#include "training/adam.hpp"
#include "training/curves.hpp"
#include "training/digits.hpp"
#include "training/readout.hpp"

namespace {

using training::classes;
using training::Digit;
using training::Epoch;
using training::Run;

constexpr int units = 12, slit = 8;
using Gru = antler::Gru<double, units, slit>;
using Readout = training::Readout<double, units, classes>;
const antler::Options tight{.rtol = 1e-12, .atol = 1e-12};

struct Settings {
  std::string data = TRAIN_DIGITS_DATA, plot;
  std::size_t images = 1797, epochs = 12, batch = 16;
  double rate = 0.004;
  std::uint64_t seed = 1;
};

/// The network's parameters in one array: the cell's, then the readout's.
struct Network {
  Gru cell;
  std::vector<double> theta;

  explicit Network(std::uint64_t seed) : cell(Gru::random(seed)), theta(Gru::parameter_count + Readout::parameter_count) {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), cell.parameters());
    std::copy(host.data(), host.data() + Gru::parameter_count, theta.begin());
    for (int k = 0; k < Readout::parameter_count; ++k)
      theta[static_cast<std::size_t>(Gru::parameter_count + k)] =
          (2 * antler::random_uniform(seed + 1, static_cast<std::uint64_t>(k)) - 1) / std::sqrt(double{units});
  }

  [[nodiscard]] std::span<const double> readout() const { return std::span(theta).subspan(Gru::parameter_count); }

  /// What the optimiser wrote becomes the cell's.
  void update_cell() const {
    const auto host = Kokkos::create_mirror_view(cell.parameters());
    std::copy(theta.begin(), theta.begin() + Gru::parameter_count, host.data());
    Kokkos::deep_copy(cell.parameters(), host);
  }
};

/// The states of one sequence by the method; throws when there are none.
template <class Method, class Equation>
auto states_of(const Equation& equation, const Method& method) {
  auto solution = antler::solve(equation, method, tight);
  if (!antler::succeeded(solution.status)) throw std::runtime_error(std::string(antler::remedy(solution.status)));
  return solution;
}

auto sequence(const Network& network, const Digit& digit) {
  std::vector<antler::Vector<double, slit>> views(digit.pixels.size() - slit + 1);
  for (std::size_t i = 0; i < views.size(); ++i)
    for (std::size_t c = 0; c < slit; ++c) views[i][static_cast<int>(c)] = digit.pixels[i + c];
  return antler::DifferenceEquation{network.cell, antler::Vector<double, units>{}, std::move(views)};
}

/// Share of the digits that the network reads rightly.
double accuracy(const Network& network, std::span<const Digit> digits) {
  std::vector<double> unused(Readout::parameter_count);
  std::size_t right = 0;
  for (const Digit& digit : digits) {
    const auto h = states_of(sequence(network, digit), antler::Sequential{}).final_state();
    if (Readout::apply(network.readout(), h, digit.label, unused).answer == digit.label) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(digits.size());
}

/// How a network is trained: what finds the states, and what solves the linear recurrence of the gradient.
template <class Method, class Inverse>
struct Evaluation {
  std::string name;
  Method method;
  antler::Adjoint<Inverse> adjoint;
};
template <class Method, class Inverse>
Evaluation(const char*, Method, antler::Adjoint<Inverse>) -> Evaluation<Method, Inverse>;

/// Adds one digit's gradient; returns its loss.
double add_gradient(const Network& network, const auto& evaluation, const Digit& digit, std::span<double> gradient) {
  const auto equation = sequence(network, digit);
  const auto solution = states_of(equation, evaluation.method);
  const auto result =
      Readout::apply(network.readout(), solution.final_state(), digit.label, gradient.subspan(Gru::parameter_count));
  const auto by_cell = antler::gradient(equation, evaluation.adjoint, solution, result.h_bar, tight);
  for (std::size_t k = 0; k < by_cell.parameters.size(); ++k) gradient[k] += by_cell.parameters[k];
  return result.loss;
}

/// 0 .. count - 1 in an order that depends on the seed alone.
std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return antler::random_bits(seed, a) < antler::random_bits(seed, b); });
  return order;
}

/// Trains a new network; the order of the images is the same for every method.
Run train(const auto& evaluation, const Settings& settings, std::span<const Digit> images, std::span<const Digit> tests) {
  Run run{evaluation.name, {}};
  Network network(settings.seed);
  training::Adam<double> adam(network.theta.size(), settings.rate);
  std::vector<double> gradient(network.theta.size());
  for (std::size_t e = 1; e <= settings.epochs; ++e) {
    Epoch epoch;
    const antler::Stopwatch clock;
    const auto order = shuffled(images.size(), settings.seed + e);
    for (std::size_t first = 0; first < images.size(); first += settings.batch) {
      const std::size_t count = std::min(settings.batch, images.size() - first);
      std::fill(gradient.begin(), gradient.end(), 0.0);
      for (std::size_t i = first; i < first + count; ++i)
        epoch.loss += add_gradient(network, evaluation, images[order[i]], gradient);
      for (double& g : gradient) g /= static_cast<double>(count);
      adam.step(network.theta, gradient);
      network.update_cell();
      const auto seen = static_cast<double>(first + count);
      training::show_progress(run.name, e, settings.epochs, seen / static_cast<double>(images.size()), epoch.loss / seen,
                              run.seconds() + clock.seconds());
    }
    epoch.loss /= static_cast<double>(images.size());
    epoch.seconds = clock.seconds();
    epoch.accuracy = accuracy(network, tests);
    run.epochs.push_back(epoch);
  }
  return run;
}

/// The two runs side by side; returns the largest relative distance of their losses.
double report(const Run& one, const Run& other) {
  std::printf("\n%5s  %-29s  %-29s\n", "", one.name.c_str(), other.name.c_str());
  std::printf("epoch  %9s %9s %9s  %9s %9s %9s\n", "loss", "accuracy", "seconds", "loss", "accuracy", "seconds");
  double largest = 0;
  for (std::size_t e = 0; e < one.epochs.size(); ++e) {
    const Epoch &a = one.epochs[e], &b = other.epochs[e];
    std::printf("%5zu  %9.5f %9.3f %9.2f  %9.5f %9.3f %9.2f\n", e + 1, a.loss, a.accuracy, a.seconds, b.loss, b.accuracy,
                b.seconds);
    largest = std::max(largest, std::abs(a.loss - b.loss) / a.loss);
  }
  std::printf("\nThe losses agree to %.1e. The second run took %.2f times the time of the first.\n", largest,
              other.seconds() / one.seconds());
  return largest;
}

}  // namespace

int main(int argc, char** argv) try {
  Kokkos::ScopeGuard kokkos(argc, argv);
  CLI::App app("Trains a GRU on handwritten digits, step by step and in parallel in time");
  Settings settings;
  app.add_option("--data", settings.data, "the digits.txt of examples/data")->capture_default_str();
  app.add_option("--images", settings.images, "use so many of the 1797 images")->check(CLI::Range(10, 1797))->capture_default_str();
  app.add_option("--epochs", settings.epochs, "passes over the training images")->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--batch", settings.batch, "images per step of the optimiser")->check(CLI::Range(1, 1797))->capture_default_str();
  app.add_option("--rate", settings.rate, "step length of Adam")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--seed", settings.seed, "of the first parameters")->capture_default_str();
  app.add_option("--plot", settings.plot, "draw the losses into this .png");
  CLI11_PARSE(app, argc, argv);

  auto digits = training::read_digits(settings.data);
  digits.resize(std::min(settings.images, digits.size()));
  std::vector<Digit> images, tests;  // every fifth: all hands that wrote them are in both
  for (std::size_t k = 0; k < digits.size(); ++k) (k % 5 == 4 ? tests : images).push_back(digits[k]);
  const Evaluation by_steps{"step by step", antler::Sequential{}, antler::Adjoint{antler::SequentialInverse{}}};
  const Evaluation at_once{"parallel in time", antler::Newton<>{}, antler::Adjoint<>{}};
  const Run sequential = train(by_steps, settings, images, tests), parallel = train(at_once, settings, images, tests);
  const double distance = report(sequential, parallel);
  if (!settings.plot.empty()) {
    const std::string complaint = training::draw_curves(settings.plot, {sequential, parallel});
    std::cout << (complaint.empty() ? "Picture: " + settings.plot : complaint) << '\n';
  }
  if (distance < 1e-4) return 0;
  std::cerr << "The losses differ by more than 1e-4.\n";
  return 1;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
