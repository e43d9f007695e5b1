// SPDX-License-Identifier: BSD-3-Clause
#include "two_body.hpp"

#include <antler/core/random.hpp>
#include <antler/solve/collocation.hpp>
#include <cmath>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>

namespace training {

namespace {

constexpr double end = 10;

/// All points at once.
auto solved(const TwoBodies& orbit, const antler::Mesh& mesh, std::span<const TwoBodies> guess, const antler::Options& options) {
  const antler::InitialValueProblem problem{Gravity{}, mesh.front(), mesh.back(), orbit};
  auto solution = antler::solve(problem, antler::Collocation{antler::Gauss<2>{}}, mesh, guess, options);
  if (!antler::succeeded(solution.status)) throw std::runtime_error(std::string(antler::remedy(solution.status)));
  return solution;
}
auto solved(const TwoBodies& orbit, const antler::Mesh& mesh, const antler::Options& options) {
  return solved(orbit, mesh, std::vector<TwoBodies>(mesh.points().size(), orbit), options);
}

}  // namespace

TwoBodies random_orbit(std::uint64_t seed, std::uint64_t orbit) {
  const double r = 0.5 + antler::random_uniform(seed, 3 * orbit);
  const double angle = 2 * std::numbers::pi * antler::random_uniform(seed, 3 * orbit + 1);
  const double v = (0.7 + 0.3 * antler::random_uniform(seed, 3 * orbit + 2)) * 0.5 / std::sqrt(r);
  const double x = r * std::cos(angle), y = r * std::sin(angle), u = -v * std::sin(angle), w = v * std::cos(angle);
  return {x, y, -x, -y, u, w, -u, -w};
}

TwoBodyData two_body_data(std::size_t points, std::size_t orbits, std::uint64_t seed) {
  constexpr std::size_t fine = 4000;
  const auto mesh = antler::Mesh::uniform(0, end, static_cast<antler::Index>(points) - 1);
  const std::size_t parts = (fine + points - 2) / (points - 1);
  TwoBodyData data{{mesh.points().begin(), mesh.points().end()}, {}};
  for (std::size_t k = 0; k < orbits; ++k) {
    const auto solution =
        solved(random_orbit(seed, k), mesh.refined(static_cast<antler::Index>(parts)), {.rtol = 1e-10, .atol = 1e-10});
    auto& states = data.orbits.emplace_back();
    for (std::size_t i = 0; i < points; ++i) states.push_back(solution.states()[i * parts]);
  }
  return data;
}

GravityIterations gravity_iterations(std::size_t points, std::uint64_t seed) {
  const TwoBodies orbit = random_orbit(seed, 0);
  const auto mesh = antler::Mesh::uniform(0, end, static_cast<antler::Index>(points) - 1);
  const antler::Options options{.rtol = 1e-4, .atol = 1e-6, .newton_tolerance = 1};
  const auto cold = solved(orbit, mesh, options);
  std::vector<TwoBodies> near(cold.states().begin(), cold.states().end());
  std::uint64_t drawn = 0;
  for (auto& y : near)
    for (double& component : y) component *= 1 + 0.01 * (2 * antler::random_uniform(7, drawn++) - 1);
  return {cold.statistics.iterations, solved(orbit, mesh, near, options).statistics.iterations};
}

}  // namespace training
