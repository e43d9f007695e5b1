// SPDX-License-Identifier: BSD-3-Clause
#include "antler/sensitivity/initial_value_gradient.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "cells.hpp"
#include "initial_values.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

const Options tight{.rtol = 1e-13, .atol = 1e-15};
using State = Vector<double, 2>;
using Method = RadauIIA<2>;

template <class F = Network<double>>
InitialValueProblem<F, double, 2> problem_of(unsigned seed = 1) {
  F network;
  network.theta = Random(seed).vector<double, 10>(1.2);
  return {network, 0.5, 2.5, State{0.7, -0.4}};
}

template <class A, class B>
void expect_near(const A& a, const B& b, double tolerance) {
  for (int c = 0; c < 2; ++c) EXPECT_NEAR(a.initial[c], b.initial[c], tolerance * (1 + std::abs(b.initial[c])));
  ASSERT_EQ(a.parameters.size(), b.parameters.size());
  for (std::size_t k = 0; k < a.parameters.size(); ++k)
    EXPECT_NEAR(a.parameters[k], b.parameters[k], tolerance * (1 + std::abs(b.parameters[k]))) << "parameter " << k;
}

/// From what Newton's method on the whole trajectory found, in whatever windows, with products of either kind.
TEST(InitialValueGradient, DoesNotDependOnHowTheSolutionWasFound) {
  const auto problem = problem_of();
  const auto hand_written = problem_of<HandWrittenNetwork>();
  const Mesh mesh = Mesh::uniform(0.5, 2.5, 50);
  const auto loss = Random(3).vectors<double, 2>(50);
  const auto oracle =
      gradient(problem, Method{}, walked<Method>(problem, radau_iia(2), {mesh.points().begin(), mesh.points().end()}), loss, tight);
  ASSERT_EQ(oracle.status, Status::converged);
  const auto simplified = solve(problem, Method{}, mesh, tight);
  ASSERT_EQ(simplified.status, Status::converged);
  expect_near(gradient(problem, Method{}, simplified, loss, tight), oracle, 1e-10);
  expect_near(gradient(hand_written, Method{}, simplified, loss, tight), oracle, 1e-10);
  for (const Index window : {1, 7, 8, 49, 50})
    expect_near(gradient(problem, Collocation{Method{}, SimplifiedNewton{}, SequentialInverse{}, window}, simplified, loss, tight),
                oracle, 1e-10);
  Options capped = tight;
  const auto whole = gradient(problem, Method{}, simplified, loss, tight);
  capped.memory_cap = whole.statistics.peak_bytes - 1000;
  const auto by = gradient(problem, Method{}, simplified, loss, capped);
  EXPECT_GT(by.statistics.windows, 1);
  expect_near(by, oracle, 1e-10);
  capped.memory_cap = 1000;
  EXPECT_THROW((void)gradient(problem, Method{}, simplified, loss, capped), InvalidArgument);
}

TEST(InitialValueGradient, TakesTheDerivativeOfTheLastStateAlone) {
  const auto problem = problem_of();
  const Mesh mesh = Mesh::uniform(0.5, 2.5, 20);
  const auto solution = walked<Method>(problem, radau_iia(2), {mesh.points().begin(), mesh.points().end()});
  std::vector<State> loss(20, State{0.0, 0.0});
  loss.back() = State{1.0, -2.0};
  expect_near(gradient(problem, Method{}, solution, loss), gradient(problem, Method{}, solution, loss.back()), 1e-14);
}

TEST(InitialValueGradient, ReportsWhatIsNotFinite) {
  const Mesh mesh = Mesh::uniform(0, 20, 30);
  const InitialValueProblem root{Rate<double>{1.0, true}, 0.0, 20.0, Vector<double, 1>{0.0}};
  const auto steep = gradient(root, RadauIIA<1>{}, at_rest(mesh), Vector<double, 1>{1.0});
  EXPECT_EQ(steep.status, Status::non_finite);
  EXPECT_EQ(steep.statistics.first_failure, 1);
  EXPECT_TRUE(std::isnan(steep.initial[0]));
  EXPECT_TRUE(std::isnan(steep.parameters[0]));
  const InitialValueProblem growing{Rate<double>{1.5 - 1e-14, false}, 0.0, 20.0, Vector<double, 1>{0.0}};  // h rate is all but one
  EXPECT_EQ(gradient(growing, RadauIIA<1>{}, at_rest(mesh), Vector<double, 1>{1.0}).status, Status::diverged);
  const InitialValueProblem singular{Rate<double>{2.0, false}, 0.0, 20.0, Vector<double, 1>{0.0}};  // h rate is one
  EXPECT_EQ(gradient(singular, RadauIIA<1>{}, at_rest(Mesh::uniform(0, 20, 40)), Vector<double, 1>{1.0}).status, Status::singular);
}

/// y_N = y_0 / (1 + h r)^N in single precision.
TEST(InitialValueGradient, ServesSinglePrecision) {
  const InitialValueProblem problem{Rate<float>{-0.5f, false}, 0.0, 2.0, Vector<float, 1>{1.5f}};
  const Mesh mesh = Mesh::uniform(0, 2, 10);
  Solution<float, 1> solution;
  float y = 1.5f;
  for (std::size_t i = 0; i < 10; ++i) {
    const float next = y / 1.1f;
    solution.append(StepPolynomial<float, 1, 1>{mesh.points()[i], mesh.points()[i + 1] - mesh.points()[i], {y}, {{{next - y}}}});
    y = next;
  }
  solution.finish(2, Vector<float, 1>{y});
  solution.status = Status::converged;
  const auto by = gradient(problem, RadauIIA<1>{}, solution, Vector<float, 1>{1.0f}, Options{.rtol = 1e-5, .atol = 1e-6});
  ASSERT_EQ(by.status, Status::converged);
  EXPECT_NEAR(by.initial[0], std::pow(1.1, -10), 1e-6);
  EXPECT_NEAR(by.parameters[0], 1.5 * 10 * 0.2 * std::pow(1.1, -11), 1e-5);
}

TEST(InitialValueGradient, RejectsWhatDoesNotBelongToTheProblem) {
  const auto problem = problem_of(), other = problem_of(2);
  const Mesh mesh = Mesh::uniform(0.5, 2.5, 20);
  const auto solution = walked<Method>(problem, radau_iia(2), {mesh.points().begin(), mesh.points().end()});
  const std::vector<State> loss(20, State{1.0, 0.0}), short_one(19, State{1.0, 0.0});
  EXPECT_THROW((void)gradient(other, Method{}, solution, loss), InvalidArgument) << "other parameters";
  EXPECT_THROW((void)gradient(problem, RadauIIA<3>{}, solution, loss, tight), InvalidArgument) << "another method";
  EXPECT_THROW((void)gradient(problem, Method{}, solution, short_one), InvalidArgument);
  auto nan = loss;
  nan[7][1] = std::nan("");
  EXPECT_THROW((void)gradient(problem, Method{}, solution, nan), InvalidArgument);
  auto failed = solution;
  failed.status = Status::maximum_iterations;
  EXPECT_THROW((void)gradient(problem, Method{}, failed, loss), InvalidArgument);
  auto moved = problem;
  moved.y0[0] += 1e-6;
  EXPECT_THROW((void)gradient(moved, Method{}, solution, loss), InvalidArgument);
  moved = problem;
  moved.t1 = 3;
  EXPECT_THROW((void)gradient(moved, Method{}, solution, loss), InvalidArgument);
  Solution<double, 2> without_steps({0.5, 2.5}, {problem.y0, problem.y0});
  without_steps.status = Status::converged;
  EXPECT_THROW((void)gradient(problem, Method{}, without_steps, loss.back()), InvalidArgument);
  EXPECT_THROW((void)gradient(problem, Method{}, Solution<double, 2>{}, loss.back()), InvalidArgument) << "an empty solution";
}

}  // namespace
