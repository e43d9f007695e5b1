// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/collocation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "plain_collocation.hpp"

namespace {

using antler::Collocation;
using antler::ExactNewton;
using antler::Gauss;
using antler::Index;
using antler::InitialValueProblem;
using antler::Mesh;
using antler::Options;
using antler::RadauIIA;
using antler::ScanInverse;
using antler::SequentialInverse;
using antler::SimplifiedNewton;
using antler::Status;
using antler::Vector;

/// A forced Van der Pol oscillator: y_1' = y_2, y_2' = mu (1 - y_1^2) y_2 - y_1 + forcing sin(t).
struct Oscillator {
  double mu = 5, forcing = 1;

  template <class T>
  Vector<T, 2> operator()(const T& t, const Vector<T, 2>& y) const {
    return {y[1], mu * (1.0 - y[0] * y[0]) * y[1] - y[0] + forcing * sin(t)};
  }
};

using Problem = InitialValueProblem<Oscillator, double, 2>;
constexpr double rtol = 1e-10, iteration = 1e-10;  // newton_tolerance of a hundredth, steps that add up, a factor to spare
const Options tight{.rtol = rtol, .atol = rtol};

std::vector<Eigen::VectorXd> plain(const antler::tests::ButcherTableau& tableau, const Oscillator& f, const Mesh& mesh,
                                   const Vector<double, 2>& y0) {
  const auto value = [&](double t, const Eigen::VectorXd& y) {
    return Eigen::VectorXd(Eigen::Vector2d(y(1), f.mu * (1 - y(0) * y(0)) * y(1) - y(0) + f.forcing * std::sin(t)));
  };
  const auto jacobian = [&](double /*t*/, const Eigen::VectorXd& y) {
    Eigen::MatrixXd j(2, 2);
    j << 0, 1, -2 * f.mu * y(0) * y(1) - 1, f.mu * (1 - y(0) * y(0));
    return j;
  };
  return antler::tests::plain_collocation(tableau, value, jacobian, {mesh.points().begin(), mesh.points().end()},
                                          Eigen::Vector2d(y0[0], y0[1]));
}

template <class Solution>
void expect_states(const Solution& solution, const std::vector<Eigen::VectorXd>& expected, double tolerance) {
  ASSERT_EQ(solution.status, Status::converged);
  ASSERT_EQ(solution.states().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    for (int c = 0; c < 2; ++c)
      ASSERT_NEAR(solution.states()[i][c], expected[i](c), tolerance * (1 + std::abs(expected[i](c)))) << "point " << i;
}

TEST(CollocationOnAMesh, SolvesTheEquationsOfAPlainSequentialImplementation) {
  const Vector<double, 2> y0{2, 0};
  const auto expect = [&](const auto& method, const antler::tests::ButcherTableau& tableau) {
    const Mesh mesh = Mesh::uniform(0, 3, 30);
    expect_states(antler::solve(Problem{{}, 0, 3, y0}, method, mesh, tight), plain(tableau, {}, mesh, y0), iteration);
  };
  expect(RadauIIA<1>{}, antler::tests::radau_iia(1));
  expect(RadauIIA<2>{}, antler::tests::radau_iia(2));
  expect(RadauIIA<3>{}, antler::tests::radau_iia(3));
  expect(Gauss<1>{}, antler::tests::gauss(1));
  expect(Gauss<2>{}, antler::tests::gauss(2));
  expect(Gauss<3>{}, antler::tests::gauss(3));
  expect(Collocation{RadauIIA<3>{}, ExactNewton{}}, antler::tests::radau_iia(3));
  expect(Collocation{Gauss<2>{}, ExactNewton{}}, antler::tests::gauss(2));
}

TEST(CollocationOnAMesh, ServesAnyNumberOfSteps) {
  const Vector<double, 2> y0{1, 1};
  for (const Index steps : {1, 2, 3, 7, 8, 9, 15, 16, 17}) {
    const Mesh mesh = Mesh::geometric(1, 2, 0.2 / static_cast<double>(steps), steps);
    const auto solution = antler::solve(Problem{{}, 1, 2, y0}, RadauIIA<3>{}, mesh, tight);
    expect_states(solution, plain(antler::tests::radau_iia(3), {}, mesh, y0), iteration);
  }
  const auto none = antler::solve(Problem{{}, 1, 1, y0}, RadauIIA<3>{}, Mesh{1.0}, tight);
  EXPECT_EQ(none.status, Status::converged);
  EXPECT_EQ(none.final_state(), y0);
}

TEST(CollocationOnAMesh, IntegratesBackwards) {
  const Vector<double, 2> y0{0.5, 0.1};
  const Oscillator mild{.mu = 0.5, .forcing = 1};
  const Mesh mesh = Mesh::uniform(2, -1, 25);
  expect_states(antler::solve(Problem{mild, 2, -1, y0}, Gauss<3>{}, mesh, tight), plain(antler::tests::gauss(3), mild, mesh, y0),
                iteration);
}

TEST(CollocationOnAMesh, WindowsInverseAndNewtonDoNotChangeTheSolution) {
  const Problem problem{{}, 0, 20, {2, 0}};
  const Mesh mesh = Mesh::uniform(0, 20, 500);
  const auto expected = plain(antler::tests::radau_iia(3), {}, mesh, problem.y0);
  for (const Index window : {0, 1, 7, 64, 499}) {
    const auto solution =
        antler::solve(problem, Collocation{RadauIIA<3>{}, SimplifiedNewton{}, SequentialInverse{}, window}, mesh, tight);
    expect_states(solution, expected, 100 * iteration);  // 500 steps and two jumps amplify what the iteration leaves
    EXPECT_GE(solution.statistics.windows, window > 0 ? (500 + window - 1) / window : 1);
  }
  expect_states(antler::solve(problem, Collocation{RadauIIA<3>{}, SimplifiedNewton{}, ScanInverse{.workers = 3}, 100}, mesh, tight),
                expected, 100 * iteration);
  expect_states(antler::solve(problem, Collocation{RadauIIA<3>{}, ExactNewton{}}, mesh, tight), expected, 100 * iteration);
}

long allocations = 0;

TEST(CollocationOnAMesh, AllocatesNothingAfterTheFirstWindow) {
  const auto count = [](Index steps) {
    const double end = 0.04 * static_cast<double>(steps);
    allocations = 0;
    const Collocation method{RadauIIA<3>{}, SimplifiedNewton{}, SequentialInverse{}, Index{16}};
    const auto solution = antler::solve(Problem{{}, 0, end, {2, 0}}, method, Mesh::uniform(0, end, steps), tight);
    EXPECT_EQ(solution.status, Status::converged);
    EXPECT_GE(solution.statistics.windows, steps / 16);
    return allocations;
  };
  Kokkos::Tools::Experimental::set_allocate_data_callback(
      [](auto /*space*/, const char* /*label*/, const void* /*at*/, std::uint64_t /*size*/) { ++allocations; });
  const long few = count(16), many = count(160);
  Kokkos::Tools::Experimental::set_allocate_data_callback(nullptr);
  EXPECT_GT(few, 0);
  EXPECT_EQ(many, few);
}

TEST(CollocationOnAMesh, ShrinksWindowsThatDoNotConverge) {
  const Oscillator stiff{.mu = 100, .forcing = 0};
  const Problem problem{stiff, 0, 100, {2, 0}};
  // A jump at t = 81.2 within 800 of 1000 steps: nothing like the constant guess.
  std::vector<double> points;
  for (int i = 0; i <= 100; ++i) points.push_back(0.8 * i);
  for (int i = 1; i <= 800; ++i) points.push_back(80 + 0.0025 * i);
  for (int i = 1; i <= 100; ++i) points.push_back(82 + 0.18 * i);
  points.back() = 100;
  const Mesh mesh(points);
  const auto solution = antler::solve(problem, RadauIIA<3>{}, mesh, Options{.rtol = 1e-8, .atol = 1e-8});
  expect_states(solution, plain(antler::tests::radau_iia(3), stiff, mesh, problem.y0), 1e-5);
  EXPECT_GT(solution.statistics.windows, 1);
}

/// y_1' = lambda (y_1 - sin(t)) + cos(t), y_2' = lambda y_2; NaN where t > last.
struct Stiff {
  double lambda, last;

  template <class T>
  Vector<T, 2> operator()(const T& t, const Vector<T, 2>& y) const {
    return {lambda * (y[0] - sin(t)) + cos(t) + 0.0 * log(last * (1 + 1e-12) - t), lambda * y[1]};
  }
};

template <class Method>
antler::Solution<double, 2> stiff(const Method& method, double lambda, Index steps) {
  const InitialValueProblem problem{Stiff{lambda, 1.0}, 0.0, 1.0, Vector<double, 2>{0, 1}};
  return antler::solve(problem, method, Mesh::uniform(0, 1, steps), Options{.rtol = 1e-8, .atol = 1e-8});
}

TEST(RadauIIAOnAMesh, IsLStable) {
  for (const double lambda : {-1e3, -1e6, -1e10}) {
    // |R(z)| < 3 / |z|, 9 / |z| and 60 / |z| for 1, 2 and 3 stages.
    EXPECT_LT(std::abs(stiff(RadauIIA<1>{}, lambda, 1).final_state()[1]), 60 / -lambda);
    EXPECT_LT(std::abs(stiff(RadauIIA<2>{}, lambda, 1).final_state()[1]), 60 / -lambda);
    EXPECT_LT(std::abs(stiff(RadauIIA<3>{}, lambda, 1).final_state()[1]), 60 / -lambda);
  }
}

TEST(GaussOnAMesh, IsAStableButNotLStable) {
  for (const double lambda : {-1e3, -1e6}) {
    for (const double end : {stiff(Gauss<1>{}, lambda, 1).final_state()[1], stiff(Gauss<2>{}, lambda, 1).final_state()[1],
                             stiff(Gauss<3>{}, lambda, 1).final_state()[1]}) {
      EXPECT_LT(std::abs(end), 1);
      EXPECT_GT(std::abs(end), 0.95);
    }
  }
}

TEST(RadauIIAOnAMesh, FollowsTheSlowSolutionOfAStiffProblemAndAsksNothingBehindItsEnd) {
  for (const double lambda : {-1.0, -1e3, -1e6, -1e9})
    for (const Index steps : {5, 13}) {
      const auto solution = stiff(RadauIIA<3>{}, lambda, steps);
      ASSERT_EQ(solution.status, Status::converged) << lambda;
      EXPECT_NEAR(solution.final_state()[0], std::sin(1.0), 1e-6) << lambda;
      EXPECT_NEAR(solution(0.5)[0], std::sin(0.5), 1e-3) << "the polynomial has degree 3";
    }
}

TEST(GaussOnAMesh, KeepsAQuadraticInvariant) {
  const Oscillator circle{.mu = 0, .forcing = 0};
  const Problem problem{circle, 0, 50, {1, 0}};
  const auto kept = antler::solve(problem, Gauss<2>{}, Mesh::uniform(0, 50, 100), tight);
  const auto lost = antler::solve(problem, RadauIIA<2>{}, Mesh::uniform(0, 50, 100), tight);
  const auto energy = [](const auto& solution) {
    return solution.final_state()[0] * solution.final_state()[0] + solution.final_state()[1] * solution.final_state()[1];
  };
  EXPECT_NEAR(energy(kept), 1, 1e-9);
  EXPECT_LT(energy(lost), 0.99);
}

TEST(CollocationOnAMesh, StartsWarmFromASolution) {
  const Mesh mesh = Mesh::uniform(0, 20, 500);
  const Problem problem{{}, 0, 20, {2, 0}};
  const Options options{.rtol = 1e-6, .atol = 1e-6};
  const auto cold = antler::solve(problem, RadauIIA<3>{}, mesh, options);
  const auto same = antler::solve(problem, RadauIIA<3>{}, mesh, cold, options);
  EXPECT_EQ(same.statistics.iterations, 1);
  const Problem neighbour{{.mu = 5 * (1 + 1e-4), .forcing = 1}, 0, 20, {2, 0}};
  const auto warm = antler::solve(neighbour, RadauIIA<3>{}, mesh, cold, options);
  expect_states(warm, plain(antler::tests::radau_iia(3), neighbour.f, mesh, {2, 0}), 1e-5);
  EXPECT_LT(warm.statistics.iterations, cold.statistics.iterations / 2);
  EXPECT_EQ(warm.statistics.windows, 1);
}

TEST(CollocationOnAMesh, TakesAGuessOfStates) {
  const Mesh mesh = Mesh::uniform(0, 3, 30);
  const Problem problem{{}, 0, 3, {2, 0}};
  const Collocation method{RadauIIA<2>{}};
  const auto cold = antler::solve(problem, method, mesh, tight);
  const auto warm = antler::solve(problem, method, mesh, cold.states(), tight);
  ASSERT_EQ(warm.status, Status::converged);
  EXPECT_LT(warm.statistics.iterations, cold.statistics.iterations);
  EXPECT_NEAR(warm.final_state()[0], cold.final_state()[0], iteration);
}

TEST(CollocationOnAMesh, ReportsWhereTheRightHandSideIsNotFinite) {
  const InitialValueProblem problem{Stiff{-1, 0.5}, 0.0, 1.0, Vector<double, 2>{0, 1}};  // NaN from t = 0.5 on
  const auto solution = antler::solve(problem, RadauIIA<3>{}, Mesh::uniform(0, 1, 20));
  EXPECT_EQ(solution.status, Status::non_finite);
  EXPECT_EQ(solution.statistics.first_failure, 10);
  for (int i = 0; i <= 10; ++i) EXPECT_NEAR(solution.states()[static_cast<std::size_t>(i)][1], std::exp(-0.05 * i), 1e-6);
}

/// y_1' = y_1 + 1, y_2' = y_2: 1 - h J is zero for the implicit Euler method with h = 1.
struct Singular {
  template <class T>
  Vector<T, 2> operator()(const T& /*t*/, const Vector<T, 2>& y) const {
    return {y[0] + 1.0, y[1]};
  }
};

TEST(CollocationOnAMesh, ReportsASingularStep) {
  const InitialValueProblem problem{Singular{}, 0.0, 2.0, Vector<double, 2>{1, 1}};
  const auto solution = antler::solve(problem, RadauIIA<1>{}, Mesh{0.0, 1.0, 2.0});
  EXPECT_EQ(solution.status, Status::singular);
  EXPECT_EQ(antler::solve(problem, Collocation{RadauIIA<1>{}, ExactNewton{}}, Mesh{0.0, 1.0, 2.0}).status, Status::singular);
}

TEST(CollocationOnAMesh, KeepsOnlyTheEndWhenAsked) {
  const Problem problem{{}, 0, 3, {2, 0}};
  const Mesh mesh = Mesh::uniform(0, 3, 30);
  const auto all = antler::solve(problem, RadauIIA<3>{}, mesh, tight);
  const auto end =
      antler::solve(problem, RadauIIA<3>{}, mesh, Options{.rtol = rtol, .atol = rtol, .output = antler::Output::final_state});
  EXPECT_EQ(end.times().size(), 1u);
  EXPECT_EQ(end.times().back(), 3.0);
  EXPECT_EQ(end.final_state(), all.final_state());
  EXPECT_EQ(all.times().size(), 31u);
}

TEST(CollocationOnAMesh, RefusesWrongCalls) {
  const Problem problem{{}, 0, 3, {2, 0}};
  const Mesh mesh = Mesh::uniform(0, 3, 30), other = Mesh::uniform(0, 2, 20);
  EXPECT_THROW((void)antler::solve(problem, RadauIIA<3>{}, other), antler::InvalidArgument);
  EXPECT_THROW((void)antler::solve(problem, RadauIIA<3>{}, mesh, Options{.rtol = -1}), antler::InvalidArgument);
  EXPECT_THROW((void)antler::solve(problem, RadauIIA<3>{}, mesh, Options{.memory_cap = 1000}), antler::InvalidArgument);
  const Collocation windows{RadauIIA<3>{}, SimplifiedNewton{}, SequentialInverse{}, Index{-1}};
  EXPECT_THROW((void)antler::solve(problem, windows, mesh), antler::InvalidArgument);
  std::vector<Vector<double, 2>> guess(30, problem.y0);
  const Collocation method{RadauIIA<2>{}};
  EXPECT_THROW((void)antler::solve(problem, method, mesh, guess, Options{}), antler::InvalidArgument);
  guess.push_back({std::numeric_limits<double>::quiet_NaN(), 0});
  EXPECT_THROW((void)antler::solve(problem, method, mesh, guess, Options{}), antler::InvalidArgument);
  const auto half = antler::solve(Problem{{}, 0, 2, {2, 0}}, RadauIIA<3>{}, other);
  EXPECT_THROW((void)antler::solve(problem, RadauIIA<3>{}, mesh, half, Options{}), antler::InvalidArgument);
}

}  // namespace
