// SPDX-License-Identifier: BSD-3-Clause
// The adaptive solver with the other methods than its default: their orders, and what a user of an integrator expects of each.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "antler/solve/radau.hpp"
#include "turning.hpp"

using namespace antler;

namespace {

constexpr double pi = std::numbers::pi;

/// Least squares of log error against log steps, over half decades of rtol, so that the rounding to full lanes averages out.
template <class Method>
void expect_order(const Method& method, double coarse, double fine) {
  const auto problem = Turning{0.05}.between(0, 10);
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (double rtol = coarse; rtol > 0.9 * fine; rtol /= std::sqrt(10.0)) {
    const auto solution = solve(problem, method, Options{.rtol = rtol, .atol = rtol, .output = Output::final_state});
    ASSERT_EQ(solution.status, Status::converged) << rtol;
    EXPECT_EQ(solution.statistics.sequential_steps, 0) << "not the method that was named";
    const double error = distance(solution.final_state(), problem.f.exact(problem.t1));
    EXPECT_LT(error, 100 * rtol);
    EXPECT_GT(error, 1e-3 * rtol) << "accuracy that nobody asked for";
    const double x = std::log(static_cast<double>(solution.statistics.steps)), y = std::log(error);
    n += 1, sx += x, sy += y, sxx += x * x, sxy += x * y;
  }
  EXPECT_NEAR((n * sxy - sx * sy) / (n * sxx - sx * sx), -Method::order, 0.1 * Method::order) << Method::stages << " stages";
}

TEST(AdaptiveCollocation, FollowsTheToleranceWithTheOrderOfItsMethod) {
  expect_order(RadauIIA<2>{}, 1e-3, 1e-8);
  expect_order(Gauss<1>{}, 1e-2, 1e-5);
  expect_order(Gauss<2>{}, 1e-3, 1e-8);
  expect_order(Gauss<3>{}, 1e-4, 1e-9);
}

TEST(AdaptiveCollocation, IntegratesBackwardsOverAJump) {
  // f is the same on both sides of the jump: what is asked is that steps end there.
  for (const double jump : {0.5, 1.25}) {
    const auto problem = Turning{0.1}.between(2.5, -3);
    const auto solution = solve(problem, Gauss<2>{}, Options{.rtol = 1e-6, .atol = 1e-6, .jump_times = {jump}});
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_EQ(solution.final_time(), -3);
    EXPECT_LT(distance(solution.final_state(), problem.f.exact(-3)), 1e-4);
    bool ends_there = false;
    for (const double t : solution.times()) ends_there = ends_there || t == jump;
    EXPECT_TRUE(ends_there);
  }
}

TEST(AdaptiveCollocation, FindsEventsAndHandsOutStatesAtGivenTimes) {
  const auto problem = Turning{}.between(0, 20);
  const std::vector<double> asked = {0.0, 0.1, 3.0, 19.99};
  const Options options{.rtol = 1e-6, .atol = 1e-6, .output_times = asked};
  const Event<double, 2> upper{.root = [](double, const Vector<double, 2>& y) { return y[1]; }, .crossing = Crossing::falling};
  const auto noted = solve(problem, RadauIIA<2>{}, options, {upper});
  ASSERT_EQ(noted.status, Status::converged);
  EXPECT_EQ(std::vector<double>(noted.times().begin(), noted.times().end()), asked);
  for (std::size_t i = 0; i < asked.size(); ++i)
    EXPECT_LT(distance(noted.states()[i], problem.f.exact(asked[i])), 1e-4) << asked[i];
  ASSERT_EQ(noted.events().size(), 3u);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(noted.events()[k].time, (2.0 * static_cast<double>(k) + 1) * pi, 1e-4);

  Event<double, 2> last = upper;
  last.action = AtEvent::stop;
  const auto stopped = solve(problem, RadauIIA<2>{}, Options{.rtol = 1e-6, .atol = 1e-6}, {last});
  EXPECT_EQ(stopped.status, Status::event);
  EXPECT_NEAR(stopped.final_time(), pi, 1e-4);
}

TEST(AdaptiveCollocation, DenseOutputIsThePolynomialOfTheMethod) {
  const auto problem = Turning{}.between(0, 6);
  const auto linear = solve(problem, Gauss<1>{}, Options{.rtol = 1e-3, .atol = 1e-3});
  ASSERT_EQ(linear.status, Status::converged);
  for (std::size_t i = 0; i + 1 < linear.times().size(); ++i) {
    const double a = linear.times()[i], b = linear.times()[i + 1];
    const Vector<double, 2> middle = 0.5 * (linear.states()[i] + linear.states()[i + 1]);
    EXPECT_LT(distance(linear(a + 0.5 * (b - a)), middle), 1e-4);  // a few hundredths of the tolerance: Newton's
  }
  const auto quadratic = solve(problem, Gauss<2>{}, Options{.rtol = 1e-6, .atol = 1e-6});
  for (const auto& piece : quadratic.pieces()) {
    EXPECT_EQ(piece.c(2, 0), 0) << "degree two";
    const double h = piece.h;  // the stages lie on it: p' = f there
    for (const double c : {Gauss<2>::c(0), Gauss<2>::c(1)}) {
      const Vector<double, 2> y = piece(piece.t + c * h), slope = problem.f(piece.t + c * h, y);
      for (int k = 0; k < 2; ++k) EXPECT_NEAR((piece.c(0, k) + 2 * c * piece.c(1, k)) / h, slope[k], 1e-6);
    }
  }
}

TEST(AdaptiveCollocation, StartsFromAGuessOfTheSameMethod) {
  const auto cold = solve(Turning{}.between(0, 10), RadauIIA<2>{}, Options{.rtol = 1e-6, .atol = 1e-6});
  const auto near = Turning{0.001}.between(0, 10);
  const auto warm = solve(near, RadauIIA<2>{}, Options{.rtol = 1e-6, .atol = 1e-6}, cold);
  ASSERT_EQ(warm.status, Status::converged);
  EXPECT_LT(warm.statistics.predictor_steps, cold.statistics.predictor_steps / 4);  // where the faster solution leaves the guess
  EXPECT_LT(warm.statistics.steps, 1.3 * static_cast<double>(cold.statistics.steps));
  EXPECT_LT(distance(warm.final_state(), near.f.exact(10)), 1e-4);
}

TEST(AdaptiveCollocation, StartsFromAGuessOfAnotherMethod) {
  const auto problem = Turning{}.between(0, 10);
  const Options options{.rtol = 1e-5, .atol = 1e-5};
  const auto from_long_steps = solve(problem, RadauIIA<2>{}, options, solve(problem, Gauss<3>{}, options));
  const auto from_short_steps = solve(problem, Gauss<3>{}, options, solve(problem, Gauss<1>{}, options));
  for (const auto& solution : {from_long_steps, from_short_steps}) {
    ASSERT_EQ(solution.status, Status::converged);
    EXPECT_LT(distance(solution.final_state(), problem.f.exact(10)), 1e-3);
  }
}

TEST(AdaptiveCollocation, WalksWhenAskedTo) {
  const auto problem = Turning{}.between(0, 10);
  const auto walked = solve(problem, Gauss<2>{}, Options{.rtol = 1e-5, .atol = 1e-5, .strategy = Strategy::sequential});
  ASSERT_EQ(walked.status, Status::converged);
  EXPECT_EQ(walked.statistics.sequential_steps, walked.statistics.steps);
  EXPECT_EQ(walked.statistics.windows, 0);
}

TEST(AdaptiveCollocation, RejectsWhatTheDefaultMethodRejects) {
  const auto problem = Turning{}.between(0, 10);
  EXPECT_THROW((void)solve(problem, Gauss<2>{}, Options{.rtol = 1e-17}), InvalidArgument);
  EXPECT_THROW((void)solve(problem, RadauIIA<2>{}, Options{.initial_step = -0.1}), InvalidArgument);
  EXPECT_THROW((void)solve(problem, RadauIIA<2>{}, Options{}, {Event<double, 2>{}}), InvalidArgument);
  EXPECT_THROW((void)solve(problem, Gauss<1>{}, Options{.memory_cap = 1000}), InvalidArgument);
}

TEST(AdaptiveCollocation, EndsWhereAToleranceAsksForTooManySteps) {
  const auto solution = solve(Turning{}.between(0, 10), Gauss<1>{}, Options{.rtol = 1e-12, .atol = 1e-12, .maximum_steps = 3000});
  EXPECT_EQ(solution.status, Status::maximum_steps);
  EXPECT_LT(distance(solution.final_state(), Turning{}.exact(solution.final_time())), 1e-9);
}

}  // namespace
