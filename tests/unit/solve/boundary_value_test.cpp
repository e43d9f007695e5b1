// SPDX-License-Identifier: BSD-3-Clause
#include "antler/solve/boundary_value.hpp"

#include <gtest/gtest.h>

#include "boundary_problems.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

using Kind = SecondOrder::Kind;
using Conditions = TwoConditions::Kind;
const StraightLine line{Vector<double, 2>{0, 1}, Vector<double, 2>{1, 1}};
const Vector<double, 2> zero{0, 0};

void expect_all_below(std::span<const double> defects, double tolerance) {
  for (const double defect : defects) EXPECT_LE(defect, tolerance);
}

TEST(BoundaryValueProblem, FindsBothSolutionsOfBratusProblem) {
  for (const double rtol : {1e-4, 1e-7, 1e-10}) {
    const BratuSolution lower(1, 1.5), upper(1, 11);
    const BoundaryValueProblem from_zero{SecondOrder{Kind::bratu, 1}, TwoConditions{}, 0.0, 1.0, zero};
    const auto low = solve(from_zero, {.rtol = rtol});
    EXPECT_EQ(low.status, Status::converged);
    EXPECT_LE(largest_error(low, lower, 3), rtol);
    expect_all_below(low.defects(), rtol);
    const auto parabola = [](double t) { return Vector<double, 2>{16 * t * (1 - t), 16 - 32 * t}; };
    const BoundaryValueProblem from_above{SecondOrder{Kind::bratu, 1}, TwoConditions{}, 0.0, 1.0, parabola};
    const auto high = solve(from_above, {.rtol = rtol});
    EXPECT_EQ(high.status, Status::converged);
    EXPECT_LE(largest_error(high, upper, 3), 4 * rtol) << "of a solution of size 4";
  }
}

TEST(BoundaryValueProblem, SolvesTroeschsProblemWithParameter20FromAStraightLine) {
  const BoundaryValueProblem problem{SecondOrder{Kind::troesch, 20}, TwoConditions{0, 1}, 0.0, 1.0, line};
  for (const double rtol : {1e-6, 1e-10}) {
    const auto solution = solve(problem, {.rtol = rtol});
    ASSERT_EQ(solution.status, Status::converged);
    expect_all_below(solution.defects(), rtol);
    // y'^2 - 2 (cosh(20 y) - 1) is constant, y'(0)^2 = 3e-16; y'(1) = 2 sinh(10).
    const double steepest = 2 * std::sinh(10.0);
    for (const auto& y : solution.states()) EXPECT_NEAR(std::abs(y[1]), 2 * std::sinh(10 * std::abs(y[0])), 2 * rtol * steepest);
    EXPECT_NEAR(solution(1.0)[1], steepest, 2 * rtol * steepest);
    EXPECT_LT(solution.times().size(), 1000u);
  }
}

TEST(BoundaryValueProblem, ResolvesABoundaryLayerOfWidth1em4FromAStraightLine) {
  const BoundaryValueProblem problem{SecondOrder{Kind::layer, 1e-4}, TwoConditions{0, 1}, 0.0, 1.0, line};
  const auto solution = solve(problem);
  EXPECT_EQ(solution.status, Status::converged);
  EXPECT_LE(largest_error(
                solution,
                [](double t) {
                  return Vector<double, 2>{-std::expm1(-1e4 * t), 0.0};
                },
                4),
            1e-6);
  EXPECT_LT(solution.times().size(), 300u);
}

// SciPy 1.17.1, scipy.integrate.solve_bvp with tol = 1e-10 (Troesch) and 1e-9, max_nodes = 200000; the corner layers by
// continuation in c, since from the straight line it does not converge.
TEST(BoundaryValueProblem, AgreesWithSciPysSolveBvp) {
  const Options options{.rtol = 1e-9};
  const auto troesch = solve(BoundaryValueProblem{SecondOrder{Kind::troesch, 5}, TwoConditions{0, 1}, 0.0, 1.0, line}, options);
  ASSERT_EQ(troesch.status, Status::converged);
  EXPECT_NEAR(troesch(0.0)[1], 0.0457504614063, 1e-9);
  EXPECT_NEAR(troesch(0.5)[0], 0.0554373962329, 1e-9);
  EXPECT_NEAR(troesch(0.5)[1], 0.281813637939, 1e-8);
  EXPECT_NEAR(troesch(0.9)[0], 0.455060027299, 1e-9);
  EXPECT_NEAR(troesch(1.0)[1], 12.1004954508, 1e-8);

  const StraightLine rise{Vector<double, 2>{-1.0 / 3, 2.0 / 3}, Vector<double, 2>{1.0 / 3, 2.0 / 3}};
  struct {
    double c, y03, y0335, slope0335, y066;
  } const corners[] = {{1e-2, -0.0698907419069, -0.0516702448354, 0.470866658788, 0.0493498580193},
                       {1e-3, -0.0377266214046, -0.0164980915383, 0.435242971236, 0.0144363188072},
                       {1e-4, -0.0333372900558, -0.00474022244114, 0.402273583872, 0.00305871079289}};
  for (const auto& [c, y03, y0335, slope0335, y066] : corners) {
    const auto solution =
        solve(BoundaryValueProblem{SecondOrder{Kind::corner, c}, TwoConditions{-1.0 / 3, 1.0 / 3}, 0.0, 1.0, rise}, options);
    ASSERT_EQ(solution.status, Status::converged) << c;
    EXPECT_NEAR(solution(0.3)[0], y03, 1e-8);
    EXPECT_NEAR(solution(0.335)[0], y0335, 1e-8);
    EXPECT_NEAR(solution(0.335)[1], slope0335, 1e-7);
    EXPECT_NEAR(solution(0.66)[0], y066, 1e-8);
  }
}

TEST(BoundaryValueProblem, TakesEveryKindOfGuess) {
  const SecondOrder f{Kind::bratu, 1};
  const Options options{.rtol = 1e-8};
  const BratuSolution exact(1, 1.5);
  const auto constant = solve(BoundaryValueProblem{f, TwoConditions{}, 0.0, 1.0, zero}, options);
  const auto straight = solve(BoundaryValueProblem{f, TwoConditions{}, 0.0, 1.0, StraightLine{zero, zero}}, options);
  const auto given = solve(BoundaryValueProblem{f, TwoConditions{}, 0.0, 1.0, exact}, options);
  const PiecewiseLinear<double, 2> pieces{{0, 0.25, 1}, {zero, Vector<double, 2>{0.1, 0.3}, zero}};
  const auto piecewise = solve(BoundaryValueProblem{f, TwoConditions{}, 0.0, 1.0, pieces}, options);
  const auto warm = solve(BoundaryValueProblem{f, TwoConditions{}, 0.0, 1.0, constant}, options);
  for (const auto* solution : {&constant, &straight, &given, &piecewise, &warm}) {
    EXPECT_EQ(solution->status, Status::converged);
    EXPECT_LE(largest_error(*solution, exact, 1), 1e-8);
  }
  EXPECT_EQ(warm.times().size(), constant.times().size()) << "a solution brings its mesh";
  EXPECT_LT(warm.statistics.iterations, constant.statistics.iterations);
}

TEST(BoundaryValueProblem, ReportsConditionsThatRepeatOrContradictEachOther) {
  const SecondOrder f{Kind::bratu, 1};
  EXPECT_EQ(solve(BoundaryValueProblem{f, TwoConditions{0, 0, Conditions::repeated}, 0.0, 1.0, zero}).status, Status::singular);
  EXPECT_EQ(solve(BoundaryValueProblem{f, TwoConditions{0, 1, Conditions::contradictory}, 0.0, 1.0, zero}).status,
            Status::singular);
}

TEST(BoundaryValueProblem, ReportsAProblemWhoseSolutionsAreShifts) {
  const SecondOrder free{Kind::free, 1};
  EXPECT_EQ(solve(BoundaryValueProblem{free, TwoConditions{0, 1, Conditions::slopes}, 0.0, 1.0, zero}).status, Status::singular);
  EXPECT_EQ(solve(BoundaryValueProblem{free, TwoConditions{0, 2, Conditions::slopes}, 0.0, 1.0, zero}).status, Status::singular)
      << "and one without a solution";
  EXPECT_EQ(solve(BoundaryValueProblem{free, TwoConditions{0, 0, Conditions::periodic}, 0.0, 1.0, zero}).status, Status::singular);
}

TEST(BoundaryValueProblem, DoesNotConvergeWhereThereIsNoSolution) {
  const auto solution = solve(BoundaryValueProblem{SecondOrder{Kind::bratu, 4}, TwoConditions{}, 0.0, 1.0, zero});
  EXPECT_NE(solution.status, Status::converged);
  EXPECT_FALSE(succeeded(solution.status));
  EXPECT_GE(solution.times().size(), 2u) << "the best iterate all the same";
}

TEST(BoundaryValueProblem, ReportsAnFThatIsNotFinite) {
  const auto solution = solve(BoundaryValueProblem{SecondOrder{Kind::undefined, 5}, TwoConditions{0, 0}, 0.0, 1.0, zero});
  EXPECT_EQ(solution.status, Status::non_finite);
  EXPECT_GE(solution.statistics.first_failure, 0);
}

TEST(BoundaryValueProblem, ReportsThatTheMeshMayNotGrow) {
  const BoundaryValueProblem problem{SecondOrder{Kind::layer, 1e-4}, TwoConditions{0, 1}, 0.0, 1.0, line};
  EXPECT_EQ(solve(problem, {.maximum_steps = 40}).status, Status::maximum_steps);
  EXPECT_EQ(solve(problem, {.memory_cap = 40'000}).status, Status::memory_limit);
}

TEST(BoundaryValueProblem, GivesTheSameWithOneThreadOrMoreAndWithTheOracle) {
  const BoundaryValueProblem problem{SecondOrder{Kind::bratu, 1}, TwoConditions{}, 0.0, 1.0, zero};
  const Mesh mesh = Mesh::uniform(0, 1, 1000);  // enough for a team of threads
  const auto parallel = solve(problem, Gauss<3>{}, mesh);
  const auto oracle = solve(problem, BoundaryCollocation<Gauss<3>, SequentialCondensation>{}, mesh);
  ASSERT_EQ(parallel.status, Status::converged);
  ASSERT_EQ(oracle.status, Status::converged);
  for (std::size_t i = 0; i <= 1000; ++i) EXPECT_NEAR(parallel.states()[i][0], oracle.states()[i][0], 1e-13);
}

struct ThreeConditions {
  template <class T>
  Vector<T, 3> operator()(const Vector<T, 2>& ya, const Vector<T, 2>& yb) const {
    return {ya[0], ya[1], yb[0]};
  }
};
static_assert(BoundaryConditions<TwoConditions, double, 2, 0>);
static_assert(!BoundaryConditions<ThreeConditions, double, 2, 0>, "refused by the compiler, with a sentence");

TEST(BoundaryValueProblem, RefusesWhatMakesNoSense) {
  const SecondOrder f{Kind::bratu, 1};
  const TwoConditions g;
  const BoundaryValueProblem problem{f, g, 0.0, 1.0, zero};
  const auto refused = [](const auto& call, const char* remedy) {
    try {
      call();
      ADD_FAILURE() << "not refused: " << remedy;
    } catch (const InvalidArgument& error) {
      EXPECT_NE(std::string(error.what()).find(remedy), std::string::npos) << error.what();
    }
  };
  const auto made = [&](PiecewiseLinear<double, 2> guess) { static_cast<void>(BoundaryValueProblem{f, g, 0.0, 1.0, guess}); };
  refused([&] { made({{0, 0.5, 1}, {zero, zero}}); }, "one state per point");
  refused([&] { made({{0, 0.5}, {zero, zero}}); }, "end at b");
  refused([&] { made({{0, 0.7, 0.5, 1}, {zero, zero, zero, zero}}); }, "increase");
  refused([&] { (void)solve(BoundaryValueProblem{f, g, 1.0, 0.0, zero}); }, "a < b");
  refused([&] { (void)solve(BoundaryValueProblem{f, g, 0.0, HUGE_VAL, zero}); }, "finite");
  refused([&] { (void)solve(BoundaryValueProblem{f, g, 0.0, 1.0, Vector<double, 2>{NAN, 0}}); }, "guess is not finite");
  refused([&] { (void)solve(problem, Gauss<3>{}, Mesh{0, 1}); }, "three points");
  refused([&] { (void)solve(problem, Gauss<3>{}, Mesh{0, 0.5, 2}); }, "begin at a and end at b");
  refused([&] { (void)solve(problem, {.rtol = -1}); }, "rtol");
  refused([&] { (void)solve(problem, {.maximum_step = 0.1}); }, "BoundaryValueProblem");
  refused([&] { (void)solve(problem, {.memory_cap = 100}); }, "memory_cap");
  const auto solution = solve(problem);
  refused([&] { (void)solution(1.5); }, "inside");
  refused([&] { (void)solution(NAN); }, "inside");
}

}  // namespace
