// SPDX-License-Identifier: BSD-3-Clause
#include <antler/solve/rectangle.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "rectangle_oracle.hpp"

namespace {

using antler::Dirichlet;
using antler::Grid;
using antler::GridSide;
using antler::Index;
using antler::Neumann;
using antler::Options;
using antler::Periodic;
using antler::Rectangle;
using antler::RectangleProblem;
using antler::RectangleSides;
using antler::Robin;
using antler::Status;

constexpr double pi = std::numbers::pi;

/// U = sin(2 x + 0.3) exp(y) + x y^2 and its derivatives.
struct Manufactured {
  static double u(double x, double y) { return std::sin(2 * x + 0.3) * std::exp(y) + x * y * y; }
  static double u_x(double x, double y) { return 2 * std::cos(2 * x + 0.3) * std::exp(y) + y * y; }
  static double u_y(double x, double y) { return std::sin(2 * x + 0.3) * std::exp(y) + 2 * x * y; }
  static double laplace(double x, double y) { return -3 * std::sin(2 * x + 0.3) * std::exp(y) + 2 * x; }
};

/// One f for all tests: f = linear u + lambda exp(u) - k2 sinh(u) + source(x, y).
struct F {
  enum class Source { none, manufactured, wave, constant } source = Source::none;
  double linear = 0, lambda = 0, k2 = 0;

  template <class T>
  T nonlinear(double x, double y, const T& u) const {
    using std::exp, std::sinh;
    T value = (linear * (1 + x * y)) * u;
    if (lambda != 0) value = value + lambda * exp(u);
    if (k2 != 0) value = value - k2 * sinh(u);
    return value;
  }
  template <class T>
  T operator()(double x, double y, const T& u) const {
    const T value = nonlinear(x, y, u);
    switch (source) {
      case Source::manufactured:
        return value - (Manufactured::laplace(x, y) + nonlinear(x, y, Manufactured::u(x, y)));
      case Source::wave:
        return value + std::cos(2 * pi * x) * std::cos(pi * y) * 5 * pi * pi;
      case Source::constant:
        return value + 1.0;
      case Source::none:
        break;
    }
    return value;
  }
};

enum class Kind { dirichlet, neumann, robin };

/// A side of [0, 1] x [0, 1.5] with the manufactured solution's values; `sign` is that of its outward normal.
GridSide side(Kind kind, bool across_x, double at, double sign) {
  const auto value = [=](double s) { return across_x ? Manufactured::u(at, s) : Manufactured::u(s, at); };
  const auto flux = [=](double s) { return sign * (across_x ? Manufactured::u_x(at, s) : Manufactured::u_y(s, at)); };
  switch (kind) {
    case Kind::dirichlet:
      return Dirichlet{value};
    case Kind::neumann:
      return Neumann{flux};
    case Kind::robin:
      break;
  }
  return Robin{2.0, 0.5, [=](double s) { return 2 * value(s) + 0.5 * flux(s); }};
}

RectangleSides sides(Kind left, Kind right, Kind bottom, Kind top) {
  return {side(left, true, 0, -1), side(right, true, 1, 1), side(bottom, false, 0, -1), side(top, false, 1.5, 1)};
}

double manufactured_error(const F& f, const RectangleSides& all, Index n, int order) {
  const RectangleProblem problem{f, Rectangle{0, 1, 0, 1.5}, all};
  const auto solution = solve(problem, {n, n, order}, {.rtol = 1e-11, .atol = 1e-12}, Manufactured::u_y);
  EXPECT_EQ(solution.status, Status::converged);
  double error = 0;
  for (Index j = 0; j <= n; ++j)
    for (Index i = 0; i <= n; ++i)
      error = std::max(error, std::abs(solution.value(i, j) - Manufactured::u(solution.x()[i], solution.y()[j])));
  return error;
}

TEST(RectangleProblem, HasOrdersTwoAndFourWithSidesOfEveryKind) {
  const F f{.source = F::Source::manufactured, .k2 = 4};
  const Kind d = Kind::dirichlet, n = Kind::neumann, r = Kind::robin;
  const auto slope = [&](const RectangleSides& all, int order) {
    return std::log2(manufactured_error(f, all, 24, order) / manufactured_error(f, all, 48, order));
  };
  for (const int order : {2, 4}) {
    for (const auto& all : {sides(d, d, d, d), sides(n, n, d, d), sides(d, d, r, r), sides(r, d, d, d)})
      EXPECT_NEAR(slope(all, order), order, 0.15);
    for (const auto& all : {sides(n, d, d, n), sides(n, n, n, n)}) EXPECT_GT(slope(all, order), order - 0.15);  // and not yet there
  }
}

TEST(RectangleProblem, RobinSidesAllAroundConvergeThroughThePreconditioner) {
  const F f{.source = F::Source::manufactured, .k2 = 4};
  const Kind r = Kind::robin;
  const auto all = sides(r, r, r, r);
  EXPECT_NEAR(std::log2(manufactured_error(f, all, 24, 2) / manufactured_error(f, all, 48, 2)), 2, 0.15);
  // Order 4 up to a logarithm, from the corners.
  EXPECT_GT(std::log2(manufactured_error(f, all, 24, 4) / manufactured_error(f, all, 48, 4)), 3.3);
}

/// Compares with the oracle at every point; sides' values are constants and functions.
double distance_from_oracle(const F& f, const RectangleSides& all, int nx, int ny, double guess) {
  const Rectangle domain{-1, 1, 0, 1.5};
  const auto solution =
      solve(RectangleProblem{f, domain, all}, {nx, ny}, {.rtol = 1e-12, .atol = 1e-13}, [=](double, double) { return guess; });
  EXPECT_EQ(solution.status, Status::converged);
  const oracle::Line x{-1, 2.0 / nx, nx, all.left, all.right}, y{0, 1.5 / ny, ny, all.bottom, all.top};
  const Eigen::VectorXd u = oracle::solve_order_2(f, x, y, Eigen::VectorXd::Constant(x.points() * y.points(), guess));
  double distance = 0;
  for (int j = 0; j < y.points(); ++j)
    for (int i = 0; i < x.points(); ++i) {
      const bool corner = (i == 0 || i == nx) && (j == 0 || j == ny);  // of two Dirichlet sides the mean, of no importance
      if (!corner) distance = std::max(distance, std::abs(solution.value(i, j) - u[j * x.points() + i]));
    }
  return distance;
}

TEST(RectangleProblem, AgreesWithSparseLUForEveryPairOfSides) {
  const F f{.source = F::Source::manufactured, .linear = -1, .k2 = 2};
  const GridSide d = Dirichlet{[](double s) { return 0.3 * s; }}, n = Neumann{[](double s) { return std::cos(s); }},
                 r = Robin{1.5, 0.7, 0.4}, p = Periodic{};
  const RectangleSides cases[] = {{d, d, d, d}, {n, n, n, n}, {n, d, d, n}, {r, n, d, n}, {d, d, r, n}, {r, r, r, r},
                                  {p, p, d, n}, {p, p, r, r}, {n, d, p, p}, {r, r, p, p}, {p, p, p, p}};
  for (const auto& all : cases) EXPECT_LT(distance_from_oracle(f, all, 13, 10, 0.1), 1e-10);
}

TEST(RectangleProblem, AgreesWithSparseLUAtOrderFour) {
  const F f{.source = F::Source::manufactured, .linear = -1, .k2 = 2};
  const int n = 12;
  const auto g = [](double x, double y) { return Manufactured::u(x, y); };
  const RectangleSides all{Dirichlet{[=](double y) { return g(0, y); }}, Dirichlet{[=](double y) { return g(1, y); }},
                           Dirichlet{[=](double x) { return g(x, 0); }}, Dirichlet{[=](double x) { return g(x, 1); }}};
  const auto solution = solve(RectangleProblem{f, Rectangle{}, all}, {n, n, 4}, {.rtol = 1e-12, .atol = 1e-13});
  const Eigen::VectorXd u = oracle::solve_order_4(f, g, 1.0 / n, n, Eigen::VectorXd::Zero((n - 1) * (n - 1)));
  for (int j = 1; j < n; ++j)
    for (int i = 1; i < n; ++i) EXPECT_NEAR(solution.value(i, j), u[(j - 1) * (n - 1) + i - 1], 1e-10);
}

TEST(RectangleProblem, SolvesBratuUpToThePublishedFoldAndReportsTheOtherSide) {
  // The fold of the continuous problem on the unit square is at 6.808124; of order 4 on 32 x 32 it is there to five digits.
  const auto before = solve(RectangleProblem{F{.lambda = 6.8}, Rectangle{}}, {32, 32, 4}, {.maximum_iterations = 50});
  EXPECT_EQ(before.status, Status::converged);
  EXPECT_LT(before.value(16, 16), 1.392);  // 1.39166 at the fold
  const auto beyond = solve(RectangleProblem{F{.lambda = 6.82}, Rectangle{}}, {32, 32, 4}, {.maximum_iterations = 50});
  EXPECT_FALSE(succeeded(beyond.status));
}

TEST(RectangleProblem, FindsTheUpperSolutionOfBratuFromAHighGuess) {
  const F f{.lambda = 2};
  const auto hill = [](double x, double y) { return 5 * std::sin(pi * x) * std::sin(pi * y); };
  const auto upper = solve(RectangleProblem{f, Rectangle{}}, {24, 24}, {.rtol = 1e-11}, hill);
  ASSERT_EQ(upper.status, Status::converged);
  EXPECT_GT(upper.value(12, 12), 3);
  const oracle::Line line{0, 1.0 / 24, 24, Dirichlet{0.0}, Dirichlet{0.0}};
  Eigen::VectorXd guess(25 * 25);  // the oracle does not damp its steps
  for (int k = 0; k < 25 * 25; ++k) guess[k] = 1.01 * upper.values()[static_cast<std::size_t>(k)];
  EXPECT_NEAR(upper.value(12, 12), oracle::solve_order_2(f, line, line, guess)[12 * 25 + 12], 1e-9);
}

TEST(RectangleProblem, ReportsWhetherAPureNeumannProblemHasASolution) {
  const RectangleSides closed{Neumann{0.0}, Neumann{0.0}, Neumann{0.0}, Neumann{0.0}};
  const auto wave = solve(RectangleProblem{F{F::Source::wave}, Rectangle{}, closed}, {32, 32, 4}, {.rtol = 1e-10},
                          [](double, double) { return 3.0; });
  EXPECT_EQ(wave.status, Status::converged);
  EXPECT_NEAR(wave.compatibility_defect, 0, 1e-12);
  for (Index i = 0; i <= 32; i += 4)  // u = cos cos, plus the mean of the guess
    EXPECT_NEAR(wave.value(i, 4), 3 + std::cos(2 * pi * wave.x()[i]) * std::cos(pi / 8), 3e-5);

  const auto source = solve(RectangleProblem{F{F::Source::constant}, Rectangle{}, closed}, {32, 32});
  EXPECT_EQ(source.status, Status::singular);
  EXPECT_NEAR(source.compatibility_defect, 1, 1e-12);
  // The same source leaves through a side: compatible.
  RectangleSides open = closed;
  open.top = Neumann{-1.0};
  EXPECT_EQ(solve(RectangleProblem{F{F::Source::constant}, Rectangle{}, open}, {32, 32}).status, Status::converged);
}

TEST(RectangleProblem, InterpolatesBetweenThePointsAndStartsFromASolution) {
  const F f{.source = F::Source::manufactured, .k2 = 4};
  const Kind d = Kind::dirichlet;
  const RectangleProblem problem{f, Rectangle{0, 1, 0, 1.5}, sides(d, d, d, d)};
  const auto coarse = solve(problem, {24, 24, 4}), fine = solve(problem, {48, 48, 4}, {}, coarse);
  EXPECT_EQ(fine.status, Status::converged);
  EXPECT_LT(fine.statistics.iterations, 4);
  EXPECT_NEAR(coarse(0.313, 0.777), Manufactured::u(0.313, 0.777), 1e-5);
  EXPECT_EQ(coarse(coarse.x()[7], coarse.y()[9]), coarse.value(7, 9));
  EXPECT_THROW(static_cast<void>(coarse(2, 0)), antler::InvalidArgument);
}

TEST(RectangleProblem, ReportsAFunctionThatIsNotFinite) {
  const F f{.lambda = std::nan("")};
  EXPECT_EQ(solve(RectangleProblem{f, Rectangle{}}, {8, 8}).status, Status::non_finite);
}

TEST(RectangleProblem, RejectsWrongInput) {
  const F f;
  const RectangleProblem problem{f, Rectangle{}};
  const auto refused = [](const auto& wrong, const Grid& grid, const Options& options = {}) {
    EXPECT_THROW(static_cast<void>(solve(wrong, grid, options)), antler::InvalidArgument);
  };
  refused(problem, {1, 8});
  refused(problem, {8, 0});
  refused(problem, {3, 8, 4});
  refused(problem, {8, 8, 3});
  refused(RectangleProblem{f, Rectangle{1, 1, 0, 1}}, {8, 8});
  refused(RectangleProblem{f, Rectangle{0, std::nan(""), 0, 1}}, {8, 8});
  refused(RectangleProblem{f, Rectangle{}, {Periodic{}, Dirichlet{0.0}, Dirichlet{0.0}, Dirichlet{0.0}}}, {8, 8});
  refused(RectangleProblem{f, Rectangle{}, {Robin{1.0, 0.0, 0.0}, Dirichlet{0.0}, Dirichlet{0.0}, Dirichlet{0.0}}}, {8, 8});
  refused(problem, {8, 8}, {.rtol = -1});
  refused(problem, {64, 64}, {.memory_cap = 1000});
  refused(problem, {8, 8}, {.output_times = {0.5}});
}

}  // namespace
