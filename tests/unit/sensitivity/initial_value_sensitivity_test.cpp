// SPDX-License-Identifier: BSD-3-Clause
#include "sensitivity_checks.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

const Options tight{.rtol = 1e-13, .atol = 1e-15};
using State = Vector<double, 2>;
using Method = RadauIIA<2>;

InitialValueProblem<Network<double>, double, 2> network(unsigned seed = 1) {
  return {Network<double>{Random(seed).vector<double, 10>(1.2)}, 0.5, 2.5, State{0.7, -0.4}};
}

template <class M = Method, class F, int n>
Solution<double, n> walked_evenly(const InitialValueProblem<F, double, n>& problem, Index steps, const ButcherTableau& tableau) {
  const Mesh mesh = Mesh::uniform(problem.t0, problem.t1, steps);
  return walked<M>(problem, tableau, {mesh.points().begin(), mesh.points().end()});
}
Solution<double, 2> solved(Index steps) { return walked_evenly(network(), steps, radau_iia(2)); }

void expect_near(const Sensitivity<double, 2>& a, const Sensitivity<double, 2>& b, double tolerance) {
  ASSERT_EQ(a.status, Status::converged);
  ASSERT_EQ(a.states.size(), b.states.size());
  for (std::size_t i = 0; i < a.states.size(); ++i)
    for (int c = 0; c < 2; ++c) EXPECT_NEAR(a.states[i][c], b.states[i][c], tolerance * (1 + std::abs(b.states[i][c]))) << i;
}

/// y' = r y by Radau's method of order 5 is y_N = R(h r)^N y_0 with the Pade approximation R of degrees 2 and 3.
TEST(InitialValueSensitivity, IsThatOfThePadeApproximationForALinearProblem) {
  const double r = -1.3, dr = 0.7, y0 = 1.5, dy0 = -0.4, t1 = 2;
  const InitialValueProblem problem{Rate<double>{r, false}, 0.0, t1, Vector<double, 1>{y0}};
  double before = 0;
  for (const Index steps : {4, 8}) {
    const auto solution = walked_evenly<RadauIIA<3>>(problem, steps, radau_iia(3));
    const auto found = sensitivity(problem, RadauIIA<3>{}, solution, Vector<double, 1>{dy0}, std::vector{dr}, tight);
    ASSERT_EQ(found.status, Status::converged);
    const double h = t1 / static_cast<double>(steps);
    const D z(h * r, h * dr), above = 1.0 + 0.4 * z + 0.05 * z * z, below = 1.0 - 0.6 * z + 0.15 * z * z - (1.0 / 60) * z * z * z,
                              factor = above / below;
    D y(y0, dy0);
    for (std::size_t i = 0; i < found.states.size(); ++i, y = factor * y)
      EXPECT_NEAR(found.states[i][0], y.derivative[0], 1e-13) << "step " << i;
    const double error = std::abs(found.states.back()[0] - std::exp(r * t1) * (dy0 + y0 * t1 * dr));
    if (before > 0) {
      EXPECT_NEAR(std::log2(before / error), 5, 0.15);
    }
    before = error;
  }
}

TEST(InitialValueSensitivity, AgreesWithDualNumbersStepByStep) {
  const auto step = [](const auto& f, double t, double h, const auto& y) { return plain_step<2>(radau_iia(2), f, t, h, y); };
  expect_dual_numbers(network(), Method{}, solved(33), step, tight);
}

TEST(InitialValueSensitivity, DoesNotDependOnTheWindowsOrTheScan) {
  const auto problem = network();
  const auto solution = solved(100);
  const State dy0{1.0, -0.5};
  const auto dtheta = random_numbers<double>(10, 6);
  const auto whole = sensitivity(problem, Method{}, solution, dy0, dtheta, tight);
  EXPECT_EQ(whole.statistics.windows, 1);
  EXPECT_EQ(whole.statistics.steps, 100);
  for (const Index window : {1, 7, 8, 99, 100})
    expect_near(
        sensitivity(problem, Collocation{Method{}, SimplifiedNewton{}, SequentialInverse{}, window}, solution, dy0, dtheta, tight),
        whole, 1e-12);
  expect_near(
      sensitivity(problem, Collocation{Method{}, SimplifiedNewton{}, ScanInverse{.workers = 3}}, solution, dy0, dtheta, tight),
      whole, 1e-12);
}

TEST(InitialValueSensitivity, StaysBelowTheMemoryCap) {
  const auto problem = network();
  const auto solution = solved(200);
  const State dy0{1.0, -0.5};
  const auto dtheta = random_numbers<double>(10, 6);
  const auto whole = sensitivity(problem, Method{}, solution, dy0, dtheta, tight);
  Options capped = tight;
  capped.memory_cap = whole.statistics.peak_bytes - 5000;
  const auto by = sensitivity(problem, Method{}, solution, dy0, dtheta, capped);
  EXPECT_GT(by.statistics.windows, 1);
  EXPECT_LE(by.statistics.peak_bytes, capped.memory_cap);
  expect_near(by, whole, 1e-12);
  capped.memory_cap = 1000;
  EXPECT_THROW((void)sensitivity(problem, Method{}, solution, dy0, dtheta, capped), InvalidArgument);
}

/// The derivatives of all states with respect to all that they depend on, column by column.
TEST(InitialValueSensitivity, ServesSeveralDirectionsAtOnce) {
  const auto problem = network();
  const auto solution = solved(30);
  std::vector<InitialValueVariation<double, 2>> directions(3, no_variation(problem));
  directions[0].initial[1] = 1;
  directions[1].parameters[4] = 1;
  directions[2] = {State{0.5, 0.25}, {}};
  const auto together = sensitivity(problem, Method{}, solution, directions, tight);
  ASSERT_EQ(together.size(), 3u);
  EXPECT_EQ(together[0].states, sensitivity(problem, Method{}, solution, State{0.0, 1.0}, {}, tight).states);
  EXPECT_EQ(together[1].states, sensitivity(problem, Method{}, solution, State{0.0, 0.0}, directions[1].parameters, tight).states);
  EXPECT_EQ(together[2].states[0], directions[2].initial);
  EXPECT_EQ(together[0].statistics.jacobian_evaluations, 60) << "two stages, once for all directions";
  directions.clear();
  EXPECT_TRUE(sensitivity(problem, Method{}, solution, directions, tight).empty());
}

TEST(InitialValueSensitivity, ReportsWhatIsNotFinite) {
  const Vector<double, 1> one{1.0};
  const Mesh mesh = Mesh::uniform(0, 20, 30);
  const InitialValueProblem root{Rate<double>{1.0, true}, 0.0, 20.0, Vector<double, 1>{0.0}};
  const auto steep = sensitivity(root, RadauIIA<1>{}, at_rest(mesh), one);
  EXPECT_EQ(steep.status, Status::non_finite);
  EXPECT_EQ(steep.statistics.first_failure, 1);
  EXPECT_TRUE(std::isnan(steep.states[30][0]));
  const InitialValueProblem growing{Rate<double>{1.5 - 1e-14, false}, 0.0, 20.0, Vector<double, 1>{0.0}};  // h rate is all but one
  EXPECT_EQ(sensitivity(growing, RadauIIA<1>{}, at_rest(mesh), one).status, Status::diverged);
  const InitialValueProblem singular{Rate<double>{2.0, false}, 0.0, 20.0, Vector<double, 1>{0.0}};  // h rate is one
  EXPECT_EQ(sensitivity(singular, RadauIIA<1>{}, at_rest(Mesh::uniform(0, 20, 40)), one).status, Status::singular);
}

TEST(InitialValueSensitivity, RejectsASolutionOfAnotherProblem) {
  const auto problem = network();
  const auto solution = solved(20);
  const State dy0{1.0, 0.0};
  EXPECT_THROW((void)sensitivity(network(2), Method{}, solution, dy0), InvalidArgument) << "other parameters";
  EXPECT_THROW((void)sensitivity(problem, RadauIIA<1>{}, solution, dy0, {}, tight), InvalidArgument) << "another method";
  auto failed = solution;
  failed.status = Status::maximum_iterations;
  EXPECT_THROW((void)sensitivity(problem, Method{}, failed, dy0), InvalidArgument);
  auto moved = problem;
  moved.y0[0] += 1e-6;
  EXPECT_THROW((void)sensitivity(moved, Method{}, solution, dy0), InvalidArgument);
  moved = problem;
  moved.t1 = 3;
  EXPECT_THROW((void)sensitivity(moved, Method{}, solution, dy0), InvalidArgument);
  Solution<double, 2> without_steps({0.5, 2.5}, {problem.y0, problem.y0});
  without_steps.status = Status::converged;
  EXPECT_THROW((void)sensitivity(problem, Method{}, without_steps, dy0), InvalidArgument);
  EXPECT_THROW((void)sensitivity(problem, Method{}, Solution<double, 2>{}, dy0), InvalidArgument) << "an empty solution";
}

/// Its parameters cannot be made anew with dual numbers.
struct Fixed : Network<double> {
  template <class Q>
  void with(const Q&) const = delete;
};

TEST(InitialValueSensitivity, RejectsADirectionThatDoesNotFit) {
  const auto problem = network();
  const auto solution = solved(20);
  const State dy0{1.0, 0.0};
  const auto rejects = [&](const State& initial, const std::vector<double>& parameters) {
    EXPECT_THROW((void)sensitivity(problem, Method{}, solution, initial, parameters), InvalidArgument);
  };
  rejects(dy0, std::vector<double>(9, 0.0));
  rejects(dy0, std::vector<double>(11, 0.0));
  auto dtheta = random_numbers<double>(10, 6);
  dtheta[3] = std::nan("");
  rejects(dy0, dtheta);
  rejects(State{0.0, HUGE_VAL}, {});
  const InitialValueProblem fixed{Fixed{{problem.f.theta}}, problem.t0, problem.t1, problem.y0};
  EXPECT_EQ(sensitivity(fixed, Method{}, solution, dy0).states, sensitivity(problem, Method{}, solution, dy0).states);
  EXPECT_THROW((void)sensitivity(fixed, Method{}, solution, dy0, std::vector<double>(10, 1.0)), InvalidArgument);
}

}  // namespace
