// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "problems.hpp"

namespace {

using namespace antler;
using namespace antler::testset;

const Options precise{.rtol = 1e-9, .atol = 1e-11, .output = Output::final_state};
constexpr double slope_tolerance = 0.15;

/// Observed order from grids of n and 2 n gaps.
double order(double coarse, double fine) { return std::log2(coarse / fine); }

struct Case {
  const char* name;
  Exact exact;
  int points;            // of the coarser grid, 1 + a power of two
  double error, error4;  // of the finer one at most, orders 2 and 4
};

TEST(Parabolic, FrontsFollowTheirClosedForms) {
  const Case cases[] = {{"burgers", burgers(), 129, 3e-4, 3e-6},
                        {"fisher", fisher(), 129, 3e-5, 3e-8},
                        {"allen_cahn_front", allen_cahn_front(), 129, 1e-3, 1e-5},
                        {"allen_cahn_kink", allen_cahn_kink(), 129, 2e-4, 2e-6}};
  for (const Case& c : cases) {
    for (const int p : {2, 4}) {
      const auto error = [&](int points) { return c.exact.error(c.exact.with_dirichlet(), UniformGrid{points, p}, precise); };
      const double coarse = error(c.points), fine = error(2 * c.points - 1);
      EXPECT_LE(fine, p == 2 ? c.error : c.error4) << c.name;
      EXPECT_NEAR(order(coarse, fine), p, slope_tolerance) << c.name;
    }
  }
}

TEST(Parabolic, PeriodicWavesHaveTheOrderOfTheGrid) {
  const Exact wave = travelling_wave();
  for (const int p : {2, 4})
    for (const int points : {64, 65}) {  // folded in two halves, and with a point left over
      const auto error = [&](int n) { return wave.error(wave.problem(Periodic{}, Periodic{}), UniformGrid{n, p}, precise); };
      const double coarse = error(points), fine = error(2 * points);
      EXPECT_NEAR(order(coarse, fine), p, slope_tolerance) << points;
      EXPECT_LE(fine, p == 2 ? 2e-2 : 2e-4);
    }
}

TEST(Parabolic, SidesOfEveryKindKeepTheOrder) {
  Exact wave = travelling_wave();  // steep at both ends
  wave.b = 2;
  wave.t1 = 0.5;
  for (const int p : {2, 4}) {
    for (const auto& problem : {wave.with_dirichlet(), wave.with_neumann(), wave.with_robin()}) {
      const double coarse = wave.error(problem, UniformGrid{65, p}, precise),
                   fine = wave.error(problem, UniformGrid{129, p}, precise);
      EXPECT_NEAR(order(coarse, fine), p, p == 2 ? slope_tolerance : 0.4);  // with ghosts of order 5, from 4 towards 5
    }
  }
}

TEST(Parabolic, SystemsWithDiffusionThatDependsOnX) {
  const auto error = [](const auto& grid, const ParabolicSide<2>& left, const ParabolicSide<2>& right) {
    const auto solution = solve(manufactured(left, right), grid, precise);
    EXPECT_EQ(solution.status, Status::converged);
    const std::vector<double> profile = solution.final_profile();
    double largest = 0;
    for (std::size_t i = 0; i < solution.x().size(); ++i) {
      const double x = solution.x()[i];
      largest = std::max(
          {largest, std::abs(profile[2 * i] - Manufactured::u(x, 0.5)), std::abs(profile[2 * i + 1] - Manufactured::v(x, 0.5))});
    }
    return largest;
  };
  using M = Manufactured;
  const ParabolicSide<2> left = Dirichlet{[](double t) { return Vector<double, 2>{M::u(0.2, t), M::v(0.2, t)}; }};
  const ParabolicSide<2> right =
      std::tuple{Robin{1.0, 2.0, [](double t) { return std::exp(-t) * (std::sin(1.7) + 2 * std::cos(1.7)); }},
                 Neumann{[](double t) { return -std::exp(-2 * t) * std::sin(1.7); }}};
  const ParabolicSide<2> mixed =
      std::tuple{Neumann{[](double t) { return -std::exp(-t) * std::cos(0.2); }}, Dirichlet{[](double t) { return M::v(0.2, t); }}};
  for (const int p : {2, 4})
    for (const auto& side : {left, mixed})
      EXPECT_NEAR(order(error(UniformGrid{21, p}, side, right), error(UniformGrid{41, p}, side, right)), p,
                  p == 2 ? slope_tolerance : 0.4);

  const auto graded = [](int n) {
    std::vector<double> x;
    for (int i = 0; i < n; ++i) {
      const double s = static_cast<double>(i) / (n - 1);
      x.push_back(0.2 + 1.5 * s * (0.4 + 0.6 * s));
    }
    x.back() = 1.7;
    return x;
  };
  EXPECT_NEAR(order(error(graded(41), left, right), error(graded(81), left, right)), 2, slope_tolerance);
}

/// The system of ordinary differential equations of the heat equation, u_i = sum_k a_k exp(-lambda_k t) sin(k pi x_i) with
/// lambda_k = (2 / h sin(k pi h / 2))^2, isolates the error in time.
double heat(int points, double t, const Options& options, Index* steps = nullptr) {
  const auto mode = [](double x, int k) { return std::sin(k * std::numbers::pi * x); };
  const ParabolicProblem<NoReaction> problem{{}, 1.0, 0.0, 1.0, Dirichlet{0.0}, Dirichlet{0.0}, 0.0, t, [&](double x) {
                                               return mode(x, 1) + 0.5 * mode(x, 2) - 0.25 * mode(x, 3);
                                             }};
  const auto solution = solve(problem, points, options);
  if (steps) *steps = solution.statistics.steps;
  const std::vector<double> profile = solution.final_profile();
  const double h = 1.0 / (points - 1);
  double largest = solution.status == Status::converged ? 0 : HUGE_VAL;
  for (std::size_t i = 0; i < profile.size(); ++i) {
    double exact = 0;
    for (const auto& [k, a] : {std::pair{1, 1.0}, {2, 0.5}, {3, -0.25}})
      exact += a * std::exp(-std::pow(2 / h * std::sin(k * std::numbers::pi * h / 2), 2) * t) * mode(solution.x()[i], k);
    largest = std::max(largest, std::abs(profile[i] - exact));
  }
  return largest;
}

TEST(Parabolic, HeatDecaysAsItsModesDoUpToTwoThousandPoints) {
  for (const int points : {3, 4, 40, 500, 2000})
    for (const double rtol : {1e-4, 1e-7, 1e-10}) EXPECT_LE(heat(points, 0.1, {.rtol = rtol, .atol = rtol}), 3 * rtol) << points;
}

TEST(Parabolic, FixedStepsHaveOrderFiveInTime) {
  const auto error = [](int steps) {
    const double h = 0.1 / (steps - 0.5);  // the last step is half as long, whatever the solver makes of the limit
    Index taken = 0;
    const double e =
        heat(33, 0.1, {.rtol = 1e-6, .atol = 1e6, .newton_tolerance = 1e-20, .initial_step = h, .maximum_step = h}, &taken);
    EXPECT_EQ(taken, steps);
    return e;
  };
  EXPECT_NEAR(order(error(8), error(16)) / std::log2(15.5 / 7.5), 5, slope_tolerance);
  EXPECT_NEAR(order(error(16), error(32)) / std::log2(31.5 / 15.5), 5, slope_tolerance);
}

TEST(Parabolic, OutputTimesAndDenseOutputAgree) {
  const Exact exact = fisher();
  Options options{.rtol = 1e-7, .atol = 1e-9};
  const auto dense = solve(exact.with_dirichlet(), 201, options);
  options.output_times = {0, 0.5, 1.25, 3};
  const auto listed = solve(exact.with_dirichlet(), 201, options);
  ASSERT_EQ(listed.times().size(), 4U);
  for (Index k = 0; k < 4; ++k) {
    const double t = options.output_times[static_cast<std::size_t>(k)];
    const std::vector<double> profile = listed.profile(k), at = dense(t);
    ASSERT_EQ(profile.size(), 201U);
    for (const int i : {0, 1, 77, 200}) {
      EXPECT_NEAR(profile[static_cast<std::size_t>(i)], at[static_cast<std::size_t>(i)], 1e-9) << t;
      EXPECT_EQ(listed.u(k, i), profile[static_cast<std::size_t>(i)]);
      EXPECT_NEAR(listed.u(k, i), exact.u(listed.x()[static_cast<std::size_t>(i)], t), 2e-4);
    }
  }
  EXPECT_EQ(listed.final_time(), 3);
  EXPECT_NEAR(listed.final_profile()[77], listed.u(3, 77), 1e-14);
}

}  // namespace
