// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "problems.hpp"

namespace {

using namespace antler;
using namespace antler::testset;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

ParabolicProblem<Front> good() { return {{.linear = 1}, 1.0, 0.0, 1.0, Dirichlet{0.0}, Dirichlet{0.0}, 0.0, 1.0, 1.0}; }

/// The message of the exception, which must be an InvalidArgument with all of `words`.
template <class Grid>
void expect_refusal(const ParabolicProblem<Front>& problem, const Grid& grid, std::initializer_list<const char*> words,
                    const Options& options = {}) {
  try {
    static_cast<void>(solve(problem, grid, options));
    FAIL() << "not refused: " << *words.begin();
  } catch (const InvalidArgument& error) {
    for (const char* word : words) EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
  }
}

TEST(ParabolicBadInput, GridsThatAreTooCoarseOrUnsorted) {
  expect_refusal(good(), 2, {"2 points", "too coarse"});
  expect_refusal(good(), 0, {"too coarse"});
  expect_refusal(good(), UniformGrid{7, 4}, {"7 points", "order 4"});
  expect_refusal(good(), UniformGrid{20, 3}, {"order is 2 or 4"});
  expect_refusal(good(), std::vector<double>{0, 1}, {"too coarse"});
  expect_refusal(good(), std::vector<double>{0, 0.5, 0.5, 1}, {"x[2]"});
  expect_refusal(good(), std::vector<double>{0, nan, 1}, {"x[1]"});
  expect_refusal(good(), std::vector<double>{0.1, 0.5, 1}, {"begin at a"});
  auto ring = good();
  ring.left = ring.right = Periodic{};
  expect_refusal(ring, std::vector<double>{0, 0.5, 1}, {"periodic"});
}

TEST(ParabolicBadInput, DiffusionThatIsNotPositiveNamesThePlace) {
  auto problem = good();
  problem.kappa = [](double x) { return x < 0.7 ? 1.0 : 0.0; };
  expect_refusal(problem, 11, {"kappa", "x = 0.7"});
  problem.kappa = -1.0;
  expect_refusal(problem, 11, {"kappa", "x = 0.0"});
  problem.kappa = nan;
  expect_refusal(problem, 11, {"kappa"});
  problem.kappa = [](double x) { return x == 0.25 ? 0.0 : 1.0; };  // between two points
  expect_refusal(problem, 3, {"kappa", "x = 0.25"});
}

TEST(ParabolicBadInput, SidesThatSayNothingOrContradict) {
  auto problem = good();
  problem.left = Periodic{};
  expect_refusal(problem, 11, {"one side only"});
  problem.left = Robin{0.0, 0.0, 1.0};
  expect_refusal(problem, 11, {"left", "Robin"});
  problem.left = Robin{nan, 1.0, 1.0};
  expect_refusal(problem, 11, {"left", "Robin"});
  problem = good();
  problem.right = Dirichlet{[](double t) { return 1 / t; }};
  expect_refusal(problem, 11, {"right", "t = 0"});
  problem.right = Neumann{nan};
  expect_refusal(problem, 11, {"right", "not finite"});
  EXPECT_THROW((ParabolicSide<2>(std::tuple{Periodic{}, Dirichlet{0.0}})), InvalidArgument);
}

TEST(ParabolicBadInput, ASideThatTurnsInfiniteOnTheWayIsReported) {
  auto problem = good();
  problem.left = Dirichlet{[](double t) { return t < 0.5 ? 0.0 : nan; }};
  const auto solution = solve(problem, 11);
  EXPECT_FALSE(succeeded(solution.status));
  EXPECT_LE(solution.final_time(), 0.5);
}

TEST(ParabolicBadInput, ProfilesIntervalsAndTimes) {
  auto problem = good();
  problem.initial = [](double x) { return 1 / (x - 0.5); };
  expect_refusal(problem, 11, {"initial", "x = 0.5"});
  problem = good();
  problem.b = 0;
  expect_refusal(problem, 11, {"a < b"});
  problem.b = HUGE_VAL;
  expect_refusal(problem, 11, {"a < b"});
  problem = good();
  problem.t1 = -1;
  expect_refusal(problem, 11, {"backwards"});
  problem.t1 = nan;
  expect_refusal(problem, 11, {"finite"});
}

TEST(ParabolicBadInput, TolerancesAreOnePerComponent) {
  expect_refusal(good(), 11, {"atol", "1 components"}, {.atol = {1e-6, 1e-6}});
  const auto solution = solve(diffusive_brusselator(), 22, {.rtol = 1e-4, .atol = {1e-6, 1e-5}, .lower_bounds = {0.0, 0.0}});
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_THROW(static_cast<void>(solution.u(0, 22)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(solution.u(0, 0, 2)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(solution(11.0)), InvalidArgument);
}

}  // namespace
