// SPDX-License-Identifier: BSD-3-Clause
#include "sensitivity_checks.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

const Options tight{.rtol = 1e-13, .atol = 1e-15};
using Method = Exponential<>;

std::vector<double> even(double from, double to, std::size_t steps) {
  const Mesh mesh = Mesh::uniform(from, to, static_cast<Index>(steps));
  return {mesh.points().begin(), mesh.points().end()};
}

TEST(ExponentialSensitivity, AgreesWithDualNumbersStepByStep) {
  const InitialValueProblem problem{Network<double>{Random(1).vector<double, 10>(1.2)}, 0.5, 2.5, Vector<double, 2>{0.7, -0.4}};
  const auto step = [](const auto& f, double t, double h, const auto& y) { return plain_exponential_step<2>(f, t, h, y); };
  for (const std::size_t steps : {9, 16, 40})
    expect_dual_numbers(problem, Method{}, walked_exponentially(problem, even(0.5, 2.5, steps)), step, tight);
}

TEST(ExponentialSensitivity, IsTheDualOfTheGradient) {
  const auto solution = walked_exponentially(lorenz(), even(0, 0.5, 100));
  expect_dual_of_gradient(lorenz(), Method{}, solution, tight, 1e-10);
  expect_dual_of_gradient(single_lorenz(), Method{}, rounded(solution), Options{.rtol = 1e-5, .atol = 1e-6}, 1e-4);
}

}  // namespace
