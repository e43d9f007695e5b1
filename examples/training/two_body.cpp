// SPDX-License-Identifier: BSD-3-Clause
#include "two_body.hpp"

#include <antler/core/random.hpp>
#include <antler/solve/collocation.hpp>
#include <antler/solve/exponential.hpp>
#include <antler/solve/radau.hpp>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace training {

namespace {

constexpr double end = 10;

void require_solved(const antler::Solution<double, 8>& solution) {
  if (!antler::succeeded(solution.status)) throw std::runtime_error(std::string(antler::remedy(solution.status)));
}

template <class Method>
GravityIterations iterations(const Method& method, const antler::InitialValueProblem<Gravity, double, 8>& problem,
                             const antler::Mesh& mesh) {
  const antler::Options options{.rtol = 1e-4, .atol = 1e-6, .newton_tolerance = 1};
  const auto cold = antler::solve(problem, method, mesh, options);
  require_solved(cold);
  std::vector<TwoBodies> near(cold.states().begin(), cold.states().end());
  std::uint64_t drawn = 0;
  for (auto& y : near)
    for (double& component : y) component *= 1 + 0.01 * (2 * antler::random_uniform(7, drawn++) - 1);
  const auto warm = antler::solve(problem, method, mesh, near, options);
  require_solved(warm);
  return {cold.statistics.iterations, warm.statistics.iterations};
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
  TwoBodyData data;
  const auto mesh = antler::Mesh::uniform(0, end, static_cast<antler::Index>(points) - 1);
  data.times.assign(mesh.points().begin(), mesh.points().end());
  const antler::Options tight{.rtol = 1e-11, .atol = 1e-11, .output_times = data.times};
  for (std::size_t k = 0; k < orbits; ++k) {
    const auto orbit = antler::solve(antler::InitialValueProblem{Gravity{}, 0.0, end, random_orbit(seed, k)}, tight);
    require_solved(orbit);
    data.orbits.emplace_back(orbit.states().begin(), orbit.states().end());
  }
  return data;
}

GravityFigure gravity_figure(std::size_t points, std::uint64_t seed) {
  const antler::InitialValueProblem problem{Gravity{}, 0.0, end, random_orbit(seed, 0)};
  const auto mesh = antler::Mesh::uniform(0, end, static_cast<antler::Index>(points) - 1);
  return {iterations(antler::Exponential<>{}, problem, mesh), iterations(antler::Collocation{antler::Gauss<2>{}}, problem, mesh)};
}

}  // namespace training
