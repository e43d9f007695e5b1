// SPDX-License-Identifier: BSD-3-Clause
#include <antler/solve/space_time.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "peers/cvode_lines.hpp"

namespace {

using namespace antler;

constexpr double pi = std::numbers::pi;
const Options tight{.rtol = 1e-12, .atol = 1e-13};

/// f = growth u (1 - u^power) and a source, on an interval.
struct F {
  double growth = 0;
  int power = 1;
  double source = 0;  // of u = x^2 e^{-t} with kappa = source
  bool broken = false;

  template <class U>
  U reaction(const U& u) const {
    return growth * (u - (power == 1 ? u * u : u * u * u));
  }
  template <class T>
  T operator()(const T& x, const T& t, const T& u) const {
    using std::exp;
    T value = reaction(u);
    if (source != 0) value = value - exp(-1.0 * t) * (x * x + 2 * source);
    return broken ? value * std::nan("") : value;
  }
};

/// u_t = kappa u_xx + f on 0 < x < 1, 0 < t < 1 with u = 0 at both ends.
ParabolicProblem<F> clamped(const F& f, double kappa, const Coefficient<1>& initial) {
  return {.f = f,
          .kappa = kappa,
          .a = 0,
          .b = 1,
          .left = Dirichlet{0.0},
          .right = Dirichlet{0.0},
          .t0 = 0,
          .t1 = 1,
          .initial = initial};
}

/// f = growth u (1 - u) on a rectangle.
struct F2 {
  double growth = 0;
  template <class T>
  T operator()(double /*x*/, double /*y*/, double /*t*/, const T& u) const {
    return growth * (u - u * u);
  }
};

/// Eigenvalue of -T for sin(k pi x) or cos(k pi x) with n intervals on [0, 1].
double eigenvalue(double k, Index n) {
  return std::pow(2 * static_cast<double>(n) * std::sin(k * pi / (2 * static_cast<double>(n))), 2);
}

TEST(SpaceTime, HasOrdersOneThreeAndFiveInTime) {
  const int n = 32;
  const double kappa = 0.3, decay = kappa * eigenvalue(1, n);
  const auto problem = clamped({}, kappa, [](double x) { return std::sin(pi * x); });
  for (const int stages : {1, 2, 3}) {
    const auto error = [&](Index steps) {
      const auto solution = solve(problem, SpaceTime{.stages = stages}, Mesh::uniform(0, 1, steps), n + 1, tight);
      EXPECT_EQ(solution.status, Status::converged);
      EXPECT_EQ(solution.statistics.windows, 1);
      return std::abs(solution.final_profile()[n / 2] - std::exp(-decay));
    };
    EXPECT_NEAR(std::log2(error(20) / error(40)), 2 * stages - 1, 0.15);
  }
}

TEST(SpaceTime, SolvesTheDiscreteHeatEquationForEveryPairOfSides) {
  const int n = 24;
  struct Case {
    ParabolicSide<1> left, right;
    double k;  // the mode cos(k pi x) or sin(k pi x)
    bool sine;
  };
  const Case cases[] = {{Neumann{0.0}, Neumann{0.0}, 3, false},
                        {Dirichlet{0.0}, Neumann{0.0}, 2.5, true},
                        {Neumann{0.0}, Dirichlet{0.0}, 1.5, false},
                        {Periodic{}, Periodic{}, 4, true}};
  for (const Case& c : cases) {
    const auto mode = [&](double x) { return c.sine ? std::sin(c.k * pi * x) : std::cos(c.k * pi * x); };
    auto problem = clamped({}, 0.1, mode);
    problem.left = c.left;
    problem.right = c.right;
    problem.t1 = 0.5;
    const int points = static_cast<int>(c.left.is_periodic() ? n : n + 1);
    const auto solution = solve(problem, SpaceTime{}, Mesh::geometric(0, 0.5, 0.002, 40), points, tight);
    ASSERT_EQ(solution.status, Status::converged);
    const double decay = 0.1 * eigenvalue(c.k, n);
    for (int i = 0; i < points; ++i) {
      EXPECT_NEAR(solution.u(20, i), mode(solution.x()[static_cast<std::size_t>(i)]) * std::exp(-decay * solution.times()[20]),
                  1e-8);
      EXPECT_NEAR(solution.final_profile()[static_cast<std::size_t>(i)],
                  mode(solution.x()[static_cast<std::size_t>(i)]) * std::exp(-decay * 0.5), 1e-8);
    }
    const double between = solution.times()[7] + 0.3 * (solution.times()[8] - solution.times()[7]);
    EXPECT_NEAR(solution(between)[5], mode(solution.x()[5]) * std::exp(-decay * between), 1e-5);
  }
}

TEST(SpaceTime, FollowsSidesThatDependOnTime) {
  const double kappa = 0.7;  // u = x^2 e^{-t}: differences in space are exact
  auto problem = clamped({.source = kappa}, kappa, [](double x) { return x * x; });
  problem.left = Neumann{0.0};
  problem.right = Dirichlet{[](double t) { return std::exp(-t); }};
  const auto solution = solve(problem, SpaceTime{}, Mesh::uniform(0, 1, 40), 17, tight);
  ASSERT_EQ(solution.status, Status::converged);
  EXPECT_NEAR(solution.final_profile()[8], 0.25 * std::exp(-1.0), 1e-9);
  EXPECT_NEAR(solution.final_profile()[16], std::exp(-1.0), 1e-15);
}

/// Fisher's front, u = (1 + exp((x - 5 t / sqrt 6) / sqrt 6))^{-2}.
double front(double x, double t) { return std::pow(1 + std::exp((x - 5 * t / std::sqrt(6.0)) / std::sqrt(6.0)), -2); }

TEST(SpaceTime, FollowsFishersFrontWithTheErrorOfSpace) {
  const auto error = [](int points) {
    const ParabolicProblem<F> problem{.f = {.growth = 1},
                                      .kappa = 1.0,
                                      .a = -20,
                                      .b = 40,
                                      .left = Dirichlet{[](double t) { return front(-20, t); }},
                                      .right = Dirichlet{[](double t) { return front(40, t); }},
                                      .t0 = 0,
                                      .t1 = 5,
                                      .initial = [](double x) { return front(x, 0); }};
    const auto solution = solve(problem, SpaceTime{}, Mesh::uniform(0, 5, 50), points);
    EXPECT_EQ(solution.status, Status::converged);
    double largest = 0;
    for (int i = 0; i < points; ++i)
      largest = std::max(largest, std::abs(solution.u(50, i) - front(solution.x()[static_cast<std::size_t>(i)], 5)));
    return largest;
  };
  EXPECT_NEAR(std::log2(error(129) / error(257)), 2, 0.15);
}

/// Rates of kappa Laplace(u) + f on nx x ny inner points with u = 0 around, spacing 1 / (nx + 1); ny = 1: on an interval.
struct Rates {
  double kappa, growth;
  int power, nx, ny;
  void operator()(double, const double* u, double* rate) const {
    const double w = kappa * (nx + 1) * (nx + 1);
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) {
        const auto at = [&](int p, int q) { return p >= 0 && p < nx && q >= 0 && q < ny ? u[q * nx + p] : 0.0; };
        const double here = at(i, j), x = at(i - 1, j) - 2 * here + at(i + 1, j), y = at(i, j - 1) - 2 * here + at(i, j + 1);
        rate[j * nx + i] = w * (ny > 1 ? x + y : x) + growth * (here - std::pow(here, power + 1));
      }
  }
};

std::vector<double> cvode(const Rates& rates, std::vector<double> y0, double t1) {
  const std::vector<double> atol(y0.size(), 1e-14);
  return peers::cvode_bdf_lines(rates, rates.ny > 1 ? rates.nx : 1, {0, t1, std::move(y0), 1e-12, atol}).y;
}

TEST(SpaceTime, AgreesWithCvodeOnAllenCahnInOneDimension) {
  const int n = 40;
  const auto start = [](double x) { return 0.6 * std::sin(pi * x) + 0.5 * std::sin(3 * pi * x); };
  const auto problem = clamped({.growth = 10, .power = 2}, 0.05, start);
  const auto solution = solve(problem, SpaceTime{}, Mesh::geometric(0, 1, 1e-4, 250), n + 1, tight);
  ASSERT_EQ(solution.status, Status::converged);
  std::vector<double> y0;
  for (int i = 1; i < n; ++i) y0.push_back(start(i / static_cast<double>(n)));
  const auto reference = cvode({0.05, 10, 2, n - 1, 1}, y0, 1);
  for (int i = 1; i < n; ++i)
    EXPECT_NEAR(solution.final_profile()[static_cast<std::size_t>(i)], reference[static_cast<std::size_t>(i - 1)], 1e-10);
}

TEST(SpaceTime, SolvesTheDiscreteHeatEquationOnARectangle) {
  const Index nx = 12, ny = 20;
  const double kappa = 0.2;
  const RectangleSides sides{Dirichlet{0.0}, Neumann{0.0}, Periodic{}, Periodic{}};
  const auto mode = [](double x, double y) { return std::sin(1.5 * pi * x) * std::cos(4 * pi * y); };
  const ParabolicRectangleProblem<F2> problem{
      .f = {}, .kappa = kappa, .domain = {}, .sides = sides, .t0 = 0, .t1 = 0.2, .initial = mode};
  const auto error = [&](int stages, Index steps) {
    const auto solution = solve(problem, SpaceTime{.stages = stages}, Mesh::uniform(0, 0.2, steps), {nx, ny}, tight);
    EXPECT_EQ(solution.status, Status::converged);
    const auto end = solution(0.2);
    double largest = 0;
    const double decay = kappa * (eigenvalue(1.5, nx) + eigenvalue(4, ny));
    for (Index j = 0; j <= ny; ++j)
      for (Index i = 0; i <= nx; ++i)
        largest = std::max(
            largest, std::abs(end.value(i, j) - mode(end.x()[static_cast<std::size_t>(i)], end.y()[static_cast<std::size_t>(j)]) *
                                                    std::exp(-0.2 * decay)));
    return largest;
  };
  EXPECT_NEAR(std::log2(error(2, 40) / error(2, 80)), 3, 0.15);
  EXPECT_NEAR(std::log2(error(3, 20) / error(3, 40)), 5, 0.15);
}

TEST(SpaceTime, AgreesWithCvodeOnFishersEquationOnASquare) {
  const int n = 12;
  const auto start = [](double x, double y) { return 0.3 * std::sin(pi * x) * std::sin(pi * y) * (1 + x); };
  const ParabolicRectangleProblem<F2> problem{
      .f = {.growth = 8}, .kappa = 0.1, .domain = {}, .sides = {}, .t0 = 0, .t1 = 0.5, .initial = start};
  const auto solution = solve(problem, SpaceTime{}, Mesh::geometric(0, 0.5, 2e-4, 120), {n, n}, tight);
  ASSERT_EQ(solution.status, Status::converged);
  std::vector<double> y0;
  for (int j = 1; j < n; ++j)
    for (int i = 1; i < n; ++i) y0.push_back(start(i / static_cast<double>(n), j / static_cast<double>(n)));
  const auto reference = cvode({0.1, 8, 1, n - 1, n - 1}, y0, 0.5);
  const auto end = solution.profile(120);
  for (int j = 1; j < n; ++j)
    for (int i = 1; i < n; ++i) EXPECT_NEAR(end.value(i, j), reference[static_cast<std::size_t>((j - 1) * (n - 1) + i - 1)], 1e-10);
}

TEST(SpaceTime, CutsWindowsOverWhichTheIterationDoesNotConverge) {
  // Growth by e^{40}: too much for one window of 400 steps from a small start, and for more digits of the end than half of them.
  auto problem = clamped({.growth = 40, .power = 2}, 1e-3, [](double x) { return 1e-3 * std::cos(2 * pi * x); });
  problem.left = problem.right = Neumann{0.0};
  const auto whole = solve(problem, SpaceTime{.window = 400}, Mesh::uniform(0, 1, 400), 65);
  ASSERT_EQ(whole.status, Status::converged);
  EXPECT_GT(whole.statistics.windows, 1);
  EXPECT_GT(whole.statistics.rejected_steps, 0);
  const auto short_windows = solve(problem, SpaceTime{.window = 5}, Mesh::uniform(0, 1, 400), 65);
  ASSERT_EQ(short_windows.status, Status::converged);
  EXPECT_EQ(short_windows.statistics.windows, 80);
  for (std::size_t i = 0; i < 65; ++i) EXPECT_NEAR(whole.final_profile()[i], short_windows.final_profile()[i], 1e-4);
}

TEST(SpaceTime, KeepsTheFinalStateAloneWhenAsked) {
  const auto problem = clamped({}, 1.0, [](double x) { return x * (1 - x); });
  const auto solution = solve(problem, SpaceTime{}, Mesh::uniform(0, 1, 10), 9, {.output = Output::final_state});
  EXPECT_EQ(solution.times().size(), 1U);
  EXPECT_EQ(solution.final_time(), 1);
}

TEST(SpaceTime, ReportsAFunctionThatIsNotFinite) {
  const auto problem = clamped({.broken = true}, 1.0, 1.0);
  const auto solution = solve(problem, SpaceTime{}, Mesh::uniform(0, 1, 8), 9);
  EXPECT_EQ(solution.status, Status::non_finite);
  EXPECT_EQ(solution.final_time(), 0);
}

TEST(SpaceTime, RejectsWrongInput) {
  const auto good = clamped({}, 1.0, 0.0);
  const Mesh mesh = Mesh::uniform(0, 1, 4);
  const auto refused = [](const auto& problem, const SpaceTime& method, const Mesh& times, const UniformGrid& grid,
                          const Options& options = {}) {
    EXPECT_THROW(static_cast<void>(solve(problem, method, times, grid, options)), InvalidArgument);
  };
  refused(good, {}, mesh, {2});
  refused(good, {}, mesh, {17, 4});
  refused(good, {.stages = 4}, mesh, {9});
  refused(good, {.window = -1}, mesh, {9});
  refused(good, {}, Mesh::uniform(0, 2, 4), {9});
  refused(good, {}, mesh, {9}, {.rtol = -1});
  refused(good, {}, mesh, {9}, {.memory_cap = 100});
  refused(good, {}, mesh, {9}, {.output_times = {0.5}});
  auto wrong = good;
  wrong.kappa = -1.0;
  refused(wrong, {}, mesh, {9});
  wrong.kappa = [](double x) { return 1 + x; };
  refused(wrong, {}, mesh, {9});
  wrong = good;
  wrong.left = Robin{1.0, 1.0, 0.0};
  refused(wrong, {}, mesh, {9});
  wrong = good;
  wrong.right = Periodic{};
  refused(wrong, {}, mesh, {9});

  const ParabolicRectangleProblem<F2> square{
      .f = {}, .kappa = 1, .domain = {}, .sides = {}, .t0 = 0, .t1 = 1, .initial = [](double, double) { return 0.0; }};
  const auto refused_2d = [&](const auto& problem, const Grid& grid) {
    EXPECT_THROW(static_cast<void>(solve(problem, SpaceTime{}, mesh, grid)), InvalidArgument);
  };
  refused_2d(square, {1, 8});
  refused_2d(square, {8, 8, 4});
  auto wrong_2d = square;
  wrong_2d.kappa = 0;
  refused_2d(wrong_2d, {8, 8});
  wrong_2d = square;
  wrong_2d.sides.top = Periodic{};
  refused_2d(wrong_2d, {8, 8});
  wrong_2d.sides.top = Robin{1.0, 1.0, 0.0};
  refused_2d(wrong_2d, {8, 8});
  wrong_2d = square;
  wrong_2d.initial = [](double, double) { return std::nan(""); };
  refused_2d(wrong_2d, {8, 8});
  wrong_2d.initial = {};
  refused_2d(wrong_2d, {8, 8});
}

}  // namespace
