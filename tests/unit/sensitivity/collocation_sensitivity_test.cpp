// SPDX-License-Identifier: BSD-3-Clause
#include "sensitivity_checks.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

const Options tight{.rtol = 1e-13, .atol = 1e-15};

std::vector<double> uneven(double from, double to, std::size_t steps) {
  std::vector<double> points;
  for (std::size_t i = 0; i <= steps; ++i)
    points.push_back(from + (to - from) * std::pow(static_cast<double>(i) / static_cast<double>(steps), 1.5));
  points.back() = to;
  return points;
}

InitialValueProblem<Network<double>, double, 2> network() {
  return {Network<double>{Random(1).vector<double, 10>(1.2)}, 0.5, 2.5, Vector<double, 2>{0.7, -0.4}};
}

using Method = Gauss<2>;

TEST(CollocationSensitivity, AgreesWithDualNumbersStepByStep) {
  const auto step = [](const auto& f, double t, double h, const auto& y) { return plain_step<2>(gauss(2), f, t, h, y); };
  for (const std::size_t steps : {1, 2, 7, 8, 9, 20})
    expect_dual_numbers(network(), Method{}, walked<Method>(network(), gauss(2), uneven(0.5, 2.5, steps)), step, tight);
}

TEST(CollocationSensitivity, IsTheDualOfTheGradient) {
  expect_dual_of_gradient(network(), Method{}, walked<Method>(network(), gauss(2), uneven(0.5, 2.5, 50)), tight, 1e-10);
  const auto solution = walked<Method>(lorenz(), gauss(2), uneven(0, 0.5, 60));
  expect_dual_of_gradient(lorenz(), Method{}, solution, tight, 1e-10);
  expect_dual_of_gradient(single_lorenz(), Method{}, rounded(solution), Options{.rtol = 1e-5, .atol = 1e-6}, 1e-4);
}

}  // namespace
