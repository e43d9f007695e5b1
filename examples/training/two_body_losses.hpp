// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The mean squared distance of a network's orbits from true ones, with its gradient: by two ways of solving.

#include <algorithm>
#include <antler/sensitivity/initial_value_gradient.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "dormand_prince.hpp"
#include "hamiltonian_network.hpp"
#include "two_body.hpp"

namespace training {

/// The mean of the squared differences of all numbers but the first state's.
/// @param by_states  out: its derivatives with respect to y_1, y_2, ...
inline double squared_distance(std::span<const TwoBodies> states, std::span<const TwoBodies> truth,
                               std::span<TwoBodies> by_states) {
  double sum = 0;
  const double scale = 1.0 / (8.0 * static_cast<double>(by_states.size()));
  for (std::size_t i = 0; i < by_states.size(); ++i)
    for (int c = 0; c < 8; ++c) {
      const double difference = states[i + 1][c] - truth[i + 1][c];
      sum += difference * difference;
      by_states[i][c] = 2 * scale * difference;
    }
  return scale * sum;
}

/// All points at once: collocation of order 4, which keeps the symplectic form, by Newton's method, from the last solution for the
/// same orbit. What was not solved before is guessed to stand still.
template <int layers, int width>
class LossAtOnce {
 public:
  using Network = HamiltonianNetwork<double, layers, width>;

  LossAtOnce(const TwoBodyData& data, double tolerance)
      : data_(data), options_{.rtol = tolerance, .atol = tolerance}, guesses_(data.orbits.size()) {}

  void set_parameters(std::span<const double> theta) {
    const Kokkos::View<const double*, Kokkos::HostSpace> host(theta.data(), theta.size());
    Kokkos::deep_copy(theta_, host);
  }

  /// The sum of the losses of some orbits on the first points of the mesh. @param gradient  is added to, unless it is empty
  double evaluate(std::span<const std::size_t> orbits, std::size_t points, std::span<double> gradient) {
    const antler::Mesh mesh({data_.times.begin(), data_.times.begin() + static_cast<std::ptrdiff_t>(points)});
    std::vector<TwoBodies> by_states(points - 1);
    double loss = 0;
    for (const std::size_t orbit : orbits) {
      const auto& truth = data_.orbits[orbit];
      const antler::InitialValueProblem problem{Network(theta_), mesh.front(), mesh.back(), truth.front()};
      auto& guess = guesses_[orbit];
      if (!guess.times().empty()) extend(guess, mesh);
      auto solution = guess.times().empty() ? antler::solve(problem, method_, mesh, options_)
                                            : antler::solve(problem, method_, mesh, guess, options_);
      require_solved(solution.status);
      ++solves_;
      iterations_ += solution.statistics.iterations;
      loss += squared_distance(solution.states(), truth, by_states);
      if (!gradient.empty()) {
        const auto by_theta = antler::gradient(problem, method_, solution, by_states, options_);
        require_solved(by_theta.status);
        for (std::size_t k = 0; k < gradient.size(); ++k) gradient[k] += by_theta.parameters[k];
      }
      guess = std::move(solution);
    }
    return loss;
  }

  /// The next solves begin at constant guesses.
  void forget() { std::fill(guesses_.begin(), guesses_.end(), Solution{}); }

  /// Newton iterations per solve since the last call.
  double work_per_solve() {
    return static_cast<double>(std::exchange(iterations_, 0)) / static_cast<double>(std::exchange(solves_, 0));
  }

 private:
  using Solution = antler::Solution<double, 8>;

  static void require_solved(antler::Status status) {
    if (!antler::succeeded(status)) throw std::runtime_error(std::string(antler::remedy(status)));
  }

  /// A guess that ends within the mesh goes on to its end with constant steps.
  static void extend(Solution& guess, const antler::Mesh& mesh) {
    if (guess.final_time() >= mesh.back()) return;
    Solution longer;
    const TwoBodies last = guess.final_state();
    for (const auto& piece : guess.pieces()) longer.append(piece);
    for (std::size_t i = guess.pieces().size(); i + 1 < mesh.points().size(); ++i)
      longer.append(antler::StepPolynomial<double, 8, 1>{mesh.points()[i], mesh.points()[i + 1] - mesh.points()[i], last, {}});
    longer.finish(mesh.back(), last);
    guess = std::move(longer);
  }

  const TwoBodyData& data_;
  const antler::Collocation<antler::Gauss<2>, antler::ExactNewton> method_{};
  antler::Options options_;
  typename Network::Parameters theta_{"training::theta", Network::parameter_count};
  std::vector<Solution> guesses_;
  antler::Index iterations_ = 0, solves_ = 0;
};

/// Step by step: Dormand and Prince, as many orbits at once as there are lanes, and as many such groups as there are threads.
template <int layers, int width>
class LossStepByStep {
 public:
  using Network = HamiltonianNetwork<double, layers, width, Kokkos::HostSpace>;

  LossStepByStep(const TwoBodyData& data, double tolerance) : data_(data), tolerance_(tolerance) {}

  void set_parameters(std::span<const double> theta) { std::copy(theta.begin(), theta.end(), theta_.data()); }

  /// @copydoc LossAtOnce::evaluate
  double evaluate(std::span<const std::size_t> orbits, std::size_t points, std::span<double> gradient) {
    const auto groups = (orbits.size() + lanes - 1) / lanes;
    std::vector<double> losses(groups);
    std::vector<std::vector<double>> gradients(groups, std::vector<double>(gradient.size()));
    std::vector<std::size_t> steps(groups);
    const Kokkos::DefaultHostExecutionSpace space;
    antler::parallel_for("training::orbits", space, static_cast<antler::Index>(groups), 1e9, [&](antler::Index index) {
      const auto g = static_cast<std::size_t>(index);
      const auto group = orbits.subspan(g * lanes, std::min<std::size_t>(lanes, orbits.size() - g * lanes));
      losses[g] = evaluate_group(group, points, gradients[g], steps[g]);
    });
    double loss = 0;
    for (std::size_t g = 0; g < groups; ++g) {
      loss += losses[g];
      steps_ += steps[g];
      for (std::size_t k = 0; k < gradient.size(); ++k) gradient[k] += gradients[g][k];
    }
    solves_ += groups;
    return loss;
  }

  /// Steps per solve since the last call.
  double work_per_solve() { return static_cast<double>(std::exchange(steps_, 0)) / static_cast<double>(std::exchange(solves_, 0)); }

 private:
  using U = antler::KernelLanes<double, Kokkos::DefaultHostExecutionSpace>;
  using State = antler::Vector<U, 8>;
  static constexpr std::size_t lanes = static_cast<std::size_t>(antler::lane_count<U>);

  double evaluate_group(std::span<const std::size_t> orbits, std::size_t points, std::span<double> gradient,
                        std::size_t& steps) const {
    const auto orbit_of = [&](std::size_t lane) -> const auto& { return data_.orbits[orbits[std::min(lane, orbits.size() - 1)]]; };
    DormandPrince<Network, U, 8> solver(Network(theta_), tolerance_);
    if (!solver.solve(pack([&](std::size_t lane) -> const auto& { return orbit_of(lane).front(); }),
                      std::span(data_.times).first(points)))
      throw std::runtime_error("the steps of the explicit method have become too short");
    steps = solver.steps();

    double loss = 0;
    std::vector<std::vector<TwoBodies>> by_states(lanes, std::vector<TwoBodies>(points - 1));
    for (std::size_t lane = 0; lane < orbits.size(); ++lane) {
      std::vector<TwoBodies> states;
      for (const State& y : solver.states()) states.push_back(unpack(y, static_cast<int>(lane)));
      loss += squared_distance(states, orbit_of(lane), by_states[lane]);
    }
    if (gradient.empty()) return loss;
    std::vector<State> rows;
    for (std::size_t i = 0; i + 1 < points; ++i)
      rows.push_back(pack([&](std::size_t lane) -> const auto& { return by_states[lane][i]; }));
    std::vector<U> sums(Network::parameter_count, U(0));
    solver.pull_back(rows, antler::ParameterSums<U>{sums.data()});
    for (std::size_t k = 0; k < gradient.size(); ++k)
      for (int lane = 0; lane < antler::lane_count<U>; ++lane) gradient[k] += antler::lane(sums[k], lane);
    return loss;
  }

  template <class OfLane>
  static State pack(const OfLane& of_lane) {
    State y;
    double buffer[lanes];
    for (int c = 0; c < 8; ++c) {
      for (std::size_t lane = 0; lane < lanes; ++lane) buffer[lane] = of_lane(lane)[c];
      y[c] = antler::load<U>(buffer);
    }
    return y;
  }
  static TwoBodies unpack(const State& y, int lane) {
    TwoBodies out;
    for (int c = 0; c < 8; ++c) out[c] = antler::lane(y[c], lane);
    return out;
  }

  const TwoBodyData& data_;
  double tolerance_;
  typename Network::Parameters theta_{"training::theta", Network::parameter_count};
  std::size_t steps_ = 0, solves_ = 0;
};

}  // namespace training
