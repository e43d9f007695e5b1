// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <memory>

#include "peers/cvode_lines.hpp"
#include "problems.hpp"
#include "testset/method_of_lines.hpp"

namespace {

using namespace antler;
using namespace antler::testset;

template <class F>
struct System {
  ParabolicProblem<F> problem;
  std::shared_ptr<const MethodOfLines> lines;
  CallbackProblem ode;

  System(const ParabolicProblem<F>& p, const UniformGrid& grid)
      : problem(p),
        lines(std::make_shared<const MethodOfLines>(detail::describe(problem), grid, SourceLocation::current())),
        ode(detail::lines_problem(problem, lines)) {}
  System(const System&) = delete;
};

double largest_difference(std::span<const double> a, std::span<const double> b) {
  double largest = a.size() == b.size() ? 0 : HUGE_VAL;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

/// CVODE with a band, on the same system of ordinary differential equations.
template <class F>
std::vector<double> by_cvode(const System<F>& system, double rtol) {
  const auto& ode = system.ode;
  const peers::PeerRun run{
      .t0 = ode.t0, .t1 = ode.t1, .y0 = ode.y0, .rtol = rtol, .atol = std::vector<double>(ode.y0.size(), rtol)};
  const auto f = [&](double t, const double* y, double* rate) { ode.f(t, {y, ode.y0.size()}, {rate, ode.y0.size()}); };
  const auto result = peers::cvode_bdf_lines(f, system.lines->bandwidth(), run);
  EXPECT_EQ(result.outcome, peers::Outcome::finished);
  return result.y;
}

template <class F>
void expect_agreement_with_cvode(const ParabolicProblem<F>& problem, const UniformGrid& grid) {
  const System<F> system(problem, grid);
  const auto own = solve(system.ode, {.rtol = 1e-11, .atol = 1e-13, .output = Output::final_state});
  ASSERT_EQ(own.status, Status::converged);
  EXPECT_LE(largest_difference(own.final_state(), by_cvode(system, 1e-13)), 1e-10);
}

TEST(ParabolicAgreement, WithCvodeOnTheSystemInTime) {
  expect_agreement_with_cvode(fisher().with_dirichlet(), UniformGrid{101});
  expect_agreement_with_cvode(burgers().with_neumann(), UniformGrid{81, 4});
  expect_agreement_with_cvode(travelling_wave().problem(Periodic{}, Periodic{}), UniformGrid{60});
  auto brusselator = diffusive_brusselator();
  brusselator.t1 = 2;
  expect_agreement_with_cvode(brusselator, UniformGrid{52});
}

TEST(ParabolicAgreement, BrusselatorWithItsPublishedValues) {
  const LinesProblem published = bruss();
  for (const double rtol : {1e-5, 1e-8}) {
    const auto solution = solve(diffusive_brusselator(), 502, {.rtol = rtol, .atol = 1e-3 * rtol, .output = Output::final_state});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_LE(published.error(solution.system().final_state()), rtol);
  }
}

TEST(ParabolicAgreement, JacobiansAreThoseOfDifferences) {
  const auto worst = [](const auto& problem, const UniformGrid& grid) {
    const System system(problem, grid);
    std::vector<double> y = system.ode.y0;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += 0.1 * std::sin(3.0 * static_cast<double>(i));
    return jacobian_error(system.ode, 0.3, y);
  };
  using S = ParabolicSide<2>;
  const S sides[] = {Dirichlet{1.0}, Neumann{[](double t) { return t; }}, Robin{1.0, 2.0, 3.0},
                     std::tuple{Neumann{1.0}, Dirichlet{2.0}}};
  for (const int order : {2, 4})
    for (const int points : {8, 9, 21}) {
      for (const S& left : sides)
        for (const S& right : sides) EXPECT_LE(worst(manufactured(left, right), UniformGrid{points, order}), 1e-6);
      EXPECT_LE(worst(manufactured(Periodic{}, Periodic{}), UniformGrid{points, order}), 1e-6);
      EXPECT_LE(worst(diffusive_brusselator(), UniformGrid{points, order}), 1e-6);
    }
}

TEST(ParabolicAgreement, StrategiesAndThreadsGiveOneTrajectory) {
  const Options options{.rtol = 1e-7, .atol = 1e-10, .output = Output::final_state};
  const auto with = [&](Strategy strategy) {
    Options chosen = options;
    chosen.strategy = strategy;
    return chosen;
  };
  const auto compare = [&](const auto& problem, const UniformGrid& grid, double tolerance) {
    System system(problem, grid);
    const auto one = solve(system.ode, with(Strategy::sequential)), many = solve(system.ode, with(Strategy::windows));
    EXPECT_EQ(many.status, Status::converged);
    EXPECT_LE(largest_difference(one.final_state(), many.final_state()), tolerance);
    system.ode.calls = Calls::one_at_a_time;  // one thread
    EXPECT_EQ(largest_difference(solve(system.ode, with(Strategy::windows)).final_state(), many.final_state()), 0);
    EXPECT_EQ(largest_difference(solve(system.ode, with(Strategy::sequential)).final_state(), one.final_state()), 0);
  };
  compare(diffusive_brusselator(), UniformGrid{52}, 1e-6);   // eight steps in lanes
  compare(diffusive_brusselator(), UniformGrid{302}, 1e-6);  // eight chunks of each step
  compare(fisher().with_robin(), UniformGrid{301, 4}, 1e-6);
  auto ring = diffusive_brusselator();  // too wide for either
  ring.left = ring.right = Periodic{};
  compare(ring, UniformGrid{61}, 1e-6);
}

}  // namespace
